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

"""`rfsn repair train` from end to end, on a corpus of three functions."""

import json

import numpy as np
import pytest
from rfsn_ros.bandit import read_log, RewardRecord
from rfsn_ros.repair.bench import prepare
from rfsn_ros.repair.cli import main
from rfsn_ros.repair.sandbox import Sandbox
from rfsn_ros.repair.state import RepairState, TRAINED
from rfsn_ros.repair.task import load_task

BUGGY = '''def smallest(numbers):
    least = numbers[0]
    for number in numbers:
        if number > least:
            least = number
    return least
'''


@pytest.fixture(scope='module')
def trained(corpus, tmp_path_factory):
    """Return a state learned from the corpus."""
    state = tmp_path_factory.mktemp('train') / 'state'
    assert main(['train', '--corpus', str(corpus), '--state', str(state), '--all',
                 '--each', '3', '--episodes', '1', '--budget', '25']) == 0
    return state


def test_training_writes_ranking_prior_and_model(trained):
    state = RepairState(trained)
    shipped = RepairState()
    assert {path.name for path in trained.iterdir()} == {
        'ranking.json.gz', 'prior.json.gz', 'bandit.rfsn', 'log.jsonl'}
    assert 0 < len(state.ranker) < len(shipped.ranker)
    assert 0 < len(state.prior()) < len(state.ranker)
    assert np.isfinite(state.ranker.weights).all()
    assert state.bandit.example_count != shipped.bandit.example_count
    rewards = [one for one in read_log(trained / 'log.jsonl') if isinstance(one, RewardRecord)]
    assert rewards
    assert all(0.0 <= one.reward <= 1.0 for one in rewards)
    state.close()
    shipped.close()


def test_a_repair_uses_the_trained_state_and_goes_on_learning(trained, tmp_path, capsys):
    task = tmp_path / 'task'
    task.mkdir()
    (task / 'buggy.py').write_text(BUGGY)
    (task / 'test_smallest.py').write_text(
        'from buggy import smallest\n\n\ndef test_smallest():\n'
        '    assert smallest([3, 1, 2]) == 1\n    assert smallest([4, 5]) == 4\n')
    with Sandbox() as sandbox:
        bench = prepare(load_task(task), sandbox, lambda: RepairState(trained).ranker)
    repair = next(number for number, edit in enumerate(bench.edits) if edit.detail == '> -> <')
    # an untrained ranking holds all edits equal, which would put every one of them here
    assert np.sum(bench.scores >= bench.scores[repair]) < len(bench.edits) / 10
    before = (trained / 'ranking.json.gz').read_bytes()
    assert before != (TRAINED / 'ranking.json.gz').read_bytes()
    assert main(['--task', str(task), '--out', str(tmp_path / 'out.py'),
                 '--state', str(trained), '--quiet']) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found['plausible'] is True
    assert (trained / 'ranking.json.gz').read_bytes() != before
