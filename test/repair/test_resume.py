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

"""`rfsn repair train` that was interrupted goes on, and ends with the same model to the byte."""

import os
from pathlib import Path
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from rfsn_ros.repair.cli import main
from rfsn_ros.repair.progress import Progress
from rfsn_ros.repair.state import RepairState

ROOT = Path(__file__).parents[2]
LEARNED = ('ranking.json.gz', 'prior.json.gz', 'bandit.rfsn')


def arguments(corpus, state, *more):
    return ['train', '--corpus', str(corpus), '--state', str(state), '--all', '--each', '2',
            '--episodes', '2', '--budget', '25', *more]


def learned(state):
    return {name: (state / name).read_bytes() for name in LEARNED}


@pytest.fixture(scope='module')
def course(corpus, tmp_path_factory):
    """Return the state of a training that nothing interrupted, and its folder on the way."""
    folder = tmp_path_factory.mktemp('course')
    state, stops = folder / 'state', []

    def copying(kind, name):
        write = getattr(kind, name)

        def written(*arguments):
            write(*arguments)
            stops.append((name, shutil.copytree(state, folder / f'stop-{len(stops)}')))

        patch.setattr(kind, name, written)

    with pytest.MonkeyPatch.context() as patch:
        for name in ('save', 'keep_part', 'keep_tasks'):
            copying(Progress, name)
        copying(RepairState, 'save')
        assert main(arguments(corpus, state)) == 0
    return state, stops


def test_what_is_kept_of_a_finished_training_is_what_it_learned(course):
    state, stops = course
    assert [name for name, _ in stops] == [
        'save', 'keep_part', 'keep_part', 'save', 'keep_tasks', 'save', 'save', 'save']
    assert {path.name for path in state.iterdir()} == {*LEARNED, 'log.jsonl'}


@pytest.mark.parametrize('stop', [0, 1, 3, 4, 5, 7], ids=[
    'begun', 'one-part', 'bandit-started', 'tasks-drawn', 'one-episode', 'model-written'])
def test_a_resumed_training_ends_with_the_same_bytes(corpus, course, tmp_path, monkeypatch, stop):
    state, stops = course
    made = []
    keep = Progress.keep_part
    monkeypatch.setattr(Progress, 'keep_part', lambda progress, number, *rest: (
        made.append(number), keep(progress, number, *rest)))
    folder = shutil.copytree(stops[stop][1], tmp_path / 'state')
    assert main(arguments(corpus, folder, '--resume')) == 0
    assert len(made) == max(0, 2 - stop)  # nothing that was finished is made again
    assert learned(folder) == learned(state)
    assert not (folder / 'training').exists()


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_one_line_and_what_is_finished_stays(corpus, course, tmp_path,
                                                                   number):
    state, temporary = tmp_path / 'state', tmp_path / 'temporary'
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, '-m', 'rfsn_ros', 'repair', *arguments(corpus, state)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, 'TMPDIR': str(temporary)})
    assert 'functions to learn from' in process.stdout.readline()
    assert 'tasks' in process.stdout.readline()
    process.send_signal(number)
    _, told = process.communicate(timeout=30.0)
    assert told == (f'rfsn repair: interrupted; what is finished is in {state}, '
                    'rfsn repair train --resume goes on\n')
    assert process.returncode == 130
    assert not list(temporary.iterdir())
    assert (state / 'training' / 'part-0000.json.gz').is_file()
    assert main(arguments(corpus, state, '--resume')) == 0
    assert learned(state) == learned(course[0])


def test_resume_where_there_is_nothing_begins(corpus, course, tmp_path):
    assert main(arguments(corpus, tmp_path / 'state', '--resume')) == 0
    assert learned(tmp_path / 'state') == learned(course[0])


@pytest.mark.parametrize(('more', 'said'), [
    ((), 'holds a training that was interrupted: go on with --resume'),
    (('--resume', '--budget', '26'), 'other settings: budget is 25 there and 26 here'),
    (('--resume', '--seed', '2'), 'other settings: seed is 1 there and 2 here'),
])
def test_an_interrupted_training_is_neither_overwritten_nor_mixed(corpus, course, tmp_path,
                                                                  capsys, more, said):
    folder = shutil.copytree(course[1][1][1], tmp_path / 'state')
    assert main(arguments(corpus, folder, *more)) == 2
    assert said in capsys.readouterr().err
    assert (folder / 'training' / 'part-0000.json.gz').is_file()


def test_resume_of_a_finished_training_is_refused(corpus, course, tmp_path, capsys):
    folder = shutil.copytree(course[0], tmp_path / 'state')
    assert main(arguments(corpus, folder, '--resume')) == 2
    assert 'holds no training that was interrupted' in capsys.readouterr().err
    assert learned(folder) == learned(course[0])


@pytest.mark.parametrize('name', ['progress.json.gz', 'part-0000.json.gz', 'tasks.json.gz'])
def test_a_damaged_file_is_named(corpus, course, tmp_path, capsys, name):
    folder = shutil.copytree(course[1][4][1], tmp_path / 'state')
    path = folder / 'training' / name
    path.write_bytes(path.read_bytes()[:-20])
    assert main(arguments(corpus, folder, '--resume')) == 2
    assert f'{path}: not of a training' in capsys.readouterr().err


def test_tasks_and_features_come_back_as_they_were(course, tmp_path):
    progress = Progress(course[1][4][1] / 'training', {})
    rng = np.random.default_rng(1)
    tasks = progress.tasks(rng)
    again = Progress(tmp_path / 'training', {})
    again.keep_tasks(tasks, rng)
    again.keep_part(0, *progress.part(0))
    assert again.tasks(np.random.default_rng(2)) == tasks
    assert again.part(0) == progress.part(0)
    assert again.part(1) is None
