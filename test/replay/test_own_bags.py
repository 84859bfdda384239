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

import dataclasses
import json

import numpy as np
import pytest
from rfsn_ros.bandit import invert_cdf
from rfsn_ros.cli import main
from rfsn_ros.errors import BagError
from rfsn_ros.replay.jobs import BagJob, run_job
from rfsn_ros.replay.reader import read_bag
from rfsn_ros.replay.verify import verify


def test_everything_is_recomputed(own_bag):
    recording = read_bag(own_bag)
    result = verify(recording)
    assert result.lines == []
    assert result.ok
    assert result.probabilities == result.generator == len(recording.decisions) > 40
    assert result.rewards == len(recording.rewards)
    assert result.rewards_without_data == 0
    assert result.largest_difference == 0.0


@pytest.mark.parametrize(('topic', 'change', 'words'), [
    ('/decision', {'draw': None}, 'does not give primitive'),
    ('/decision', {'probability': 0.123}, 'is not that of'),
    ('/decision', {'example_count': 999}, '999 rewards learned'),
    ('/decision', {'executed': 99}, 'primitive 99 was driven'),
    ('/decision', {'executed': -1}, 'primitive -1 was driven'),
    ('/decision', {'executed_probability': 0.5}, 'with probability 0.5'),
    ('/decision', {'mode': 3}, 'requested in mode 3'),
    ('/reward', {'total': 0.77}, 'recomputed from its scans'),
    ('/model_info', {'checksum': 'f' * 64}, 'checksum'),
])
def test_one_changed_number_is_found(own_rows, write_bag, tmp_path, topic, change, words):
    rows, changed = [], False
    for row in own_rows.rows:
        late = topic == '/model_info' or row[2] > 12.0
        if row[0] == topic and late and not changed:
            message = row[3]
            if 'draw' in change:
                drawn = [draw for draw in (0.0, 0.5, 0.999999)
                         if invert_cdf(message.pmf.tolist(), draw) != message.requested]
                change = {'draw': drawn[0]} if drawn else {}
            changed = bool(change)
            row = (*row[:3], dataclasses.replace(message, **change))
            change = change or {'draw': None}
        rows.append(row)
    bag = write_bag(tmp_path / 'changed', rows)
    result = verify(read_bag(bag))
    assert not result.ok
    assert any(words in line for line in result.lines), result.lines
    assert main(['replay', str(bag), '--verify']) == 1


def test_verify_against_another_model_fails(own_bag, own_rows, tmp_path, capsys):
    right, wrong = tmp_path / 'first.rfsn', tmp_path / 'last.rfsn'
    right.write_bytes(own_rows.initial)
    wrong.write_bytes(own_rows.final)
    assert main(['replay', str(own_bag), '--verify', '--checkpoint', str(right)]) == 0
    assert main(['replay', str(own_bag), '--verify', '--checkpoint', str(wrong)]) == 1
    assert 'NOT VERIFIED' in capsys.readouterr().out


def test_trace_holds_what_was_decided(own_bag, own_rows):
    trace = run_job(BagJob(path=str(own_bag), policies=('recorded', 'random', 'greedy')))
    data = trace.logged_data()
    decisions = [row[3] for row in own_rows.rows if row[0] == '/decision']
    assert len(data) == len(decisions)
    np.testing.assert_array_equal(trace.pmf, [decision.pmf for decision in decisions])
    np.testing.assert_allclose(
        np.clip(trace.terms.sum(axis=1), *trace.reward_range), trace.reward, atol=1e-9)
    for pmf in trace.candidates.values():
        np.testing.assert_allclose(pmf.sum(axis=1), 1.0, atol=1e-6)
    # Before anything was learned the recorded model is the driver itself.
    np.testing.assert_allclose(trace.candidates['recorded'][0], trace.pmf[0])


def test_command_judges_reports_and_resumes(own_bag, own_rows, tmp_path, capsys):
    checkpoint = tmp_path / 'my model.rfsn'
    checkpoint.write_bytes(own_rows.final)
    out = tmp_path / 'out'
    arguments = ['replay', str(own_bag), '--policy', str(checkpoint), 'random',
                 'train:epsilon=0.2', '--out', str(out), '--verify']
    assert main(arguments) == 0
    facts = json.loads((out / 'report.json').read_text())
    assert {one['name'] for one in facts['comparison']['candidates']} == {
        str(checkpoint), 'random', 'train:epsilon=0.2'}
    page = (out / 'report.html').read_text()
    assert 'src=' not in page
    assert 'verified' in page
    assert page.count('<svg') >= 5
    cached = list((out / 'cache').glob('*.npz'))
    before = cached[0].stat().st_mtime_ns
    assert main(arguments) == 0
    assert cached[0].stat().st_mtime_ns == before
    assert json.loads((out / 'report.json').read_text())['comparison'] == facts['comparison']
    assert 'verified' in capsys.readouterr().out


def test_promotion_marks_or_says_why_not(own_bag, own_rows, tmp_path, capsys):
    checkpoint = tmp_path / 'model.rfsn'
    checkpoint.write_bytes(own_rows.final)
    base = ['replay', str(own_bag), '--policy', str(checkpoint)]
    assert main([*base, '--promote-if', 'lower_bound > 10']) == 1
    assert 'not promoted: lower_bound > 10 does not hold' in capsys.readouterr().out
    assert not list(tmp_path.glob('*.promoted.json'))
    assert main([*base, '--promote-if', 'decisions >= 20 and upper_bound > -5']) == 0
    mark = json.loads((tmp_path / 'model.rfsn.promoted.json').read_text())
    assert mark['rule'].startswith('decisions')
    assert len(mark['checksum']) == 64
    assert main(['replay', str(own_bag), '--promote-if', 'value > 0']) == 2
    assert main([*base, '--promote-if', 'wisdom > 0']) == 2


def test_dwa_needs_the_scans_and_says_so(own_bag):
    with pytest.raises(BagError, match='--rebuild'):
        run_job(BagJob(path=str(own_bag), policies=('dwa',)))
    rebuilt = run_job(BagJob(path=str(own_bag), policies=('dwa',), rebuilt=True))
    assert rebuilt.candidates['dwa'].shape == rebuilt.mask.shape
