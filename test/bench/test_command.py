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

"""`rfsn bench` end to end on tiny runs; no figure is judged."""

import json

import pytest
from rfsn_ros.bench import command
from rfsn_ros.bench.datasets import DATASETS
from rfsn_ros.bench.decision import PARTS
from rfsn_ros.bench.quality import LEARNERS
from rfsn_ros.bench.speed import measure_leak, measure_memory, measure_speed


def test_speed_shows_all_candidates_side_by_side():
    timings = measure_speed(20)
    shown = {timing.operation: set() for timing in timings}
    for timing in timings:
        assert timing.median_us > 0.0
        shown[timing.operation].add(timing.candidate)
    assert {'VW (default)', 'LinUCB, NumPy', 'VW, plain public API', 'floor: prebuilt example',
            'epsilon-greedy AdaGrad, NumPy'} <= shown['choose']
    assert 'VW (default)' in shown['batch_update of 1000']
    assert len(shown) == 6


def test_memory_is_measured_in_an_own_process():
    early, late = measure_memory(18)
    assert 10.0 < early <= late + 1.0
    sizes = measure_leak(100)
    assert [rounds for rounds, _ in sizes] == [10 * part for part in range(11)]


def test_speed_command_writes_json(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, 'measure_memory', lambda bits: (50.0, 50.0))
    path = tmp_path / 'speed.json'
    assert command.main(['--calls', '10', '--json', str(path)]) == 0
    assert 'VW (default)' in capsys.readouterr().out
    figures = json.loads(path.read_text())
    assert {row['operation'] for row in figures['speed']} >= {'choose', 'update'}
    assert figures['memory_mb'] == {'18': [50.0, 50.0], '20': [50.0, 50.0]}


def test_decision_command_times_every_part(tmp_path, capsys):
    path = tmp_path / 'decision.json'
    assert command.main(['--decision', '1', '--json', str(path)]) == 0
    assert 'situation' in capsys.readouterr().out
    rows = json.loads(path.read_text())['decision']
    assert [(row['disturbances'], row['part']) for row in rows] == [
        (name, part) for name in ('default', 'moving') for part in PARTS]
    for name in ('default', 'moving'):
        count = {row['part']: row['count'] for row in rows if row['disturbances'] == name}
        assert count['situation'] == count['choose'] == count['decision'] >= count['learn'] > 0
        assert count['rest'] == 1
    assert all(0.0 < row['median_us'] <= row['p99_us'] for row in rows)


def test_mask_command_drives_at_random_in_both_simulators(tmp_path, capsys):
    pytest.importorskip('pybullet')
    path = tmp_path / 'mask.json'
    assert command.main(['--mask', '1', '--json', str(path)]) == 0
    assert 'contacts' in capsys.readouterr().out
    rows = json.loads(path.read_text())['mask']
    assert [(row['simulator'], row['drives']) for row in rows] == [('kinematic', 1), ('bullet', 1)]
    assert all(row['broken'] <= row['short'] < row['decisions'] for row in rows)
    assert all(row['decisions'] > 20 for row in rows)


def test_leak_command(monkeypatch, capsys):
    monkeypatch.setattr(command, 'measure_leak', lambda: [(0, 51.25), (1_000_000, 51.5)])
    assert command.main(['--leak']) == 0
    assert '1,000,000' in capsys.readouterr().out


def test_quality_command_writes_json_and_picture(tmp_path, capsys):
    pytest.importorskip('sklearn')
    figures, picture = tmp_path / 'quality.json', tmp_path / 'regret.png'
    assert command.main(['--quality', '--selection', '--seeds', '1', '--rounds', '80',
                         '--json', str(figures), '--plot', str(picture)]) == 0
    assert 'supervised ceiling' in capsys.readouterr().out
    written = json.loads(figures.read_text())
    assert written['seeds'] == [100]
    assert set(written['quality']) == {learner.name for learner in LEARNERS}
    assert all(set(row) == {'mean', *DATASETS} for row in written['quality'].values())
    assert picture.read_bytes().startswith(b'\x89PNG')
    assert command.main(['--quality', '--moved', '--only', 'LinUCB, alpha', '--seeds', '1',
                         '--rounds', '50', '--json', str(figures)]) == 0
    written = json.loads(figures.read_text())
    assert written['moved']
    assert set(written['quality']) == {'supervised ceiling', 'LinUCB, alpha .25'}


def test_misuse_is_refused(capsys):
    for arguments in (['--calls', '0'], ['--rounds', '-1'], ['--nonsense']):
        with pytest.raises(SystemExit) as caught:
            command.main(arguments)
        assert caught.value.code == 2
