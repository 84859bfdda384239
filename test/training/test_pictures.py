# Copyright 2026 rfsn_ros maintainers
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""`rfsn evaluate --video --plot`: files that show the drives of the table."""

from dataclasses import replace
import math

from PIL import Image
import pytest
from rfsn_ros.bandit.opening import open_bandit
from rfsn_ros.cli import main
from rfsn_ros.errors import InputError
from rfsn_ros.navigation import registry
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.sim import parse_worlds, SimConfig
from rfsn_ros.training import pictures
from rfsn_ros.training.evaluate import Candidate, evaluate
from rfsn_ros.training.pictures import make_pictures, PictureOptions
from rfsn_ros.training.worker import Setting


def test_evaluate_writes_video_and_plot(tmp_path, capsys):
    status = main([
        'evaluate', '--policies', 'greedy', '--worlds', 'generated:0-1', '--workers', '1',
        '--video', str(tmp_path / 'a.gif'), '--plot', str(tmp_path / 'a.png'),
        '--picture-worlds', '1'])
    assert status == 0
    assert 'greedy' in capsys.readouterr().out
    with Image.open(tmp_path / 'a.gif') as video, Image.open(tmp_path / 'a.png') as plot:
        assert video.n_frames > 20
        assert plot.width > 100


def test_worlds_of_no_picture_are_refused(capsys):
    assert main(['evaluate', '--policies', 'greedy', '--picture-worlds', '2']) == 2
    assert '--picture-worlds 2: needs --video or --plot' in capsys.readouterr().err


def test_the_drives_in_the_picture_are_those_of_the_table(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(pictures, 'plot_trajectories', lambda _, drives: drawn.extend(drives))
    worlds = tuple(replace(world, timeout=10.0) for world in parse_worlds('generated:90-91'))
    setting = Setting(NavigationConfig(), SimConfig(), None, worlds)
    learner = Candidate('bandit')
    driven = evaluate(setting, [learner], seeds=(1,))[learner.label]
    make_pictures(PictureOptions(None, tmp_path / 'a.png', 2), setting, [learner], seed=1)
    for result, drive in zip(driven, drawn, strict=True):
        length = sum(map(math.dist, drive.points, drive.points[1:]))
        assert length == pytest.approx(result.path_length, abs=0.2)


def test_a_model_is_opened_once_for_all_pictures(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(pictures, 'plot_trajectories', lambda *_: None)
    monkeypatch.setattr(registry, 'open_bandit', lambda path: (
        opened.append(path), open_bandit(path))[1])
    worlds = tuple(replace(world, timeout=2.0) for world in parse_worlds('generated:90-91'))
    setting = Setting(NavigationConfig(), SimConfig(), None, worlds)
    make_pictures(PictureOptions(None, tmp_path / 'a.png', 2), setting,
                  [Candidate.parse('default')], seed=1)
    assert len(opened) == 1


def test_a_name_that_is_no_video_is_refused_before_the_drives(tmp_path):
    with pytest.raises(InputError, match=r'\.gif or \.mp4'):
        PictureOptions(tmp_path / 'a.avi', None, 1)
    with pytest.raises(InputError, match='must be >= 1'):
        PictureOptions(None, None, 0)
    assert not PictureOptions(None, None, 1)
