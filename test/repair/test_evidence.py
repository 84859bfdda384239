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

import pytest
from rfsn_ros.errors import TaskError
from rfsn_ros.repair.evidence import gather
from rfsn_ros.repair.operators import propose
from rfsn_ros.repair.probing import probe_edits
from rfsn_ros.repair.sandbox import Sandbox
from rfsn_ros.repair.source import Source
from rfsn_ros.repair.task import RepairTask

BUGGY = '''\
def longest(values):
    best = 0
    length = 0
    for index, value in enumerate(values):
        if index > 0 and value >= values[index - 1]:
            length += 1
        else:
            length = 1
        best = max(best, length)
    if best < 0:
        return None
    return best
'''
TESTS = b'''
import pytest
from buggy import longest


@pytest.mark.parametrize(('values', 'expected'), [
    ([], 0), ([1], 1), ([1, 2], 2), ([2, 2], 1), ([3, 1, 2, 2, 5], 2), ([5, 4], 1),
])
def test_longest(values, expected):
    assert longest(values) == expected
'''


def task(text=BUGGY, tests=TESTS):
    return RepairTask('t', text, ('test_t.py',), {'test_t.py': tests})


@pytest.fixture(scope='module')
def sandbox():
    with Sandbox() as box:
        yield box


@pytest.fixture
def known(sandbox):
    evidence = gather(task(), sandbox)
    edits = propose(task().source)
    probe_edits(task(), sandbox, edits, evidence)
    return evidence, edits


def test_failing_tests_and_suspicious_lines(known):
    evidence, _ = known
    assert len(evidence.failing) == 2
    assert len(evidence.passing) == 4
    assert evidence.suspicion[6] > evidence.suspicion[2]
    assert 11 not in evidence.suspicion
    assert evidence.types['values'] == ('list',)


def test_dead_edits_are_dead_and_the_repair_is_alive(known, sandbox):
    evidence, edits = known
    source = task().source
    assert len(evidence.dead) > len(edits) // 4
    for number in sorted(evidence.dead)[::60]:
        run = sandbox.run(source.apply(edits[number]), order=evidence.order, stop=True, cpu=0.2)
        assert not run.passed, edits[number]
    repairs = [number for number, edit in enumerate(edits)
               if source.apply(edit) == BUGGY.replace('>= values', '> values')]
    assert repairs
    assert not evidence.dead & set(repairs)


def test_executions_are_counted(known):
    assert known[0].executions == 3


def test_edits_within_short_circuits_are_judged_by_the_whole(sandbox):
    text = 'def f(x):\n    return x is not None and x[0] > 1\n'
    tests = (b'from buggy import f\n\n\ndef test_a():\n    assert f([1]) is True\n\n\n'
             b'def test_b():\n    assert f(None) is False\n')
    evidence = gather(task(text, tests), sandbox)
    edits = propose(Source(text))
    probe_edits(task(text, tests), sandbox, edits, evidence)
    good = [number for number, edit in enumerate(edits)
            if 'x[0] >= 1' in task(text).source.apply(edit)]
    assert good
    assert not evidence.dead & set(good)


def test_iterators_are_not_consumed_by_probing(sandbox):
    text = ('def f(xs):\n    it = iter(xs)\n    first = next(it)\n    rest = sum(it)\n'
            '    return first - rest\n')
    tests = b'from buggy import f\n\n\ndef test_a():\n    assert f([1, 2, 3]) == 6\n'
    evidence = gather(task(text, tests), sandbox)
    edits = propose(Source(text))
    probe_edits(task(text, tests), sandbox, edits, evidence)
    good = [number for number, edit in enumerate(edits)
            if 'return first + rest\n' in task(text).source.apply(edit)]
    assert good
    assert not evidence.dead & set(good)


def test_a_task_without_failing_tests_is_refused(sandbox):
    with pytest.raises(TaskError, match='every test passes'):
        gather(task(BUGGY.replace('>= values', '> values')), sandbox)


def test_tests_that_cannot_be_imported_are_named(sandbox):
    with pytest.raises(TaskError, match='no_such_module'):
        gather(task(tests=b'import no_such_module\n'), sandbox)
