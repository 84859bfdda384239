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

from PIL import Image
import pytest
from rfsn_ros.cli import main
from rfsn_ros.errors import InputError
from rfsn_ros.training.pictures import PictureOptions


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


def test_a_name_that_is_no_video_is_refused_before_the_drives(tmp_path):
    with pytest.raises(InputError, match=r'\.gif or \.mp4'):
        PictureOptions(tmp_path / 'a.avi', None, 1)
    with pytest.raises(InputError, match='must be >= 1'):
        PictureOptions(None, None, 0)
    assert not PictureOptions(None, None, 1)
