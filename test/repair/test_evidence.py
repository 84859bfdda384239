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


@pytest.fixture(scope='module')
def known(sandbox):
    evidence = gather(task(), sandbox)
    edits = propose(task().source)
    probe_edits(task(), sandbox, edits, evidence)
    return evidence, edits


ENDLESS = '''\
def collapse(text, keep):
    parts = []
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and text[end] == text[start]:
            end += 1
        length = min(end - start, keep)
        if length > 1:
            parts.append(text[start] + str(length))
        else:
            parts.append(text[start] * length)
    return ''.join(parts)
'''
ENDLESS_TESTS = b'''
import pytest
from buggy import collapse


@pytest.mark.parametrize(('text', 'keep', 'expected'), [
    ('', 3, ''), ('aab', 3, 'a2b'), ('abc', 1, 'abc'), ('zzzz', 2, 'z2'), ('aaaabbb', 9, 'a4b3'),
])
def test_collapse(text, keep, expected):
    assert collapse(text, keep) == expected
'''


def test_what_is_found_does_not_depend_on_how_much_time_endless_tests_get(sandbox):
    endless = task(ENDLESS, ENDLESS_TESTS)
    edits = propose(endless.source)
    found = []
    for limit in (0.15, 0.4):
        evidence = gather(endless, sandbox)
        assert [one.error for one in evidence.failing] == ['Timeout'] * 4
        evidence.limit = limit
        probe_edits(endless, sandbox, edits, evidence)
        found.append((evidence.failing_change, evidence.passing_change, evidence.signatures,
                      evidence.claims, evidence.dead))
    assert len(found[0][0]) > 500
    assert found[0] == found[1]


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
    source = Source(text)
    good = [number for number, edit in enumerate(edits) if 'x[0] >= 1' in source.apply(edit)]
    assert good
    assert not evidence.dead & set(good)


def test_iterators_are_not_consumed_by_probing(sandbox):
    text = ('def f(xs):\n    it = iter(xs)\n    first = next(it)\n    rest = sum(it)\n'
            '    return first - rest\n')
    tests = b'from buggy import f\n\n\ndef test_a():\n    assert f([1, 2, 3]) == 6\n'
    evidence = gather(task(text, tests), sandbox)
    edits = propose(Source(text))
    probe_edits(task(text, tests), sandbox, edits, evidence)
    source = Source(text)
    good = [number for number, edit in enumerate(edits)
            if 'return first + rest\n' in source.apply(edit)]
    assert good
    assert not evidence.dead & set(good)


def test_a_task_without_failing_tests_is_refused(sandbox):
    with pytest.raises(TaskError, match='every test passes'):
        gather(task(BUGGY.replace('>= values', '> values')), sandbox)


def test_tests_that_cannot_be_imported_are_named(sandbox):
    with pytest.raises(TaskError, match='no_such_module'):
        gather(task(tests=b'import no_such_module\n'), sandbox)


def probed(text, tests, sandbox):
    evidence, source = gather(task(text, tests), sandbox), Source(text)
    edits = propose(source)
    probe_edits(task(text, tests), sandbox, edits, evidence)
    return evidence, edits, {source.apply(edit): number for number, edit in enumerate(edits)}


LOST_BASE = 'def last(items):\n    return items[-1]\n'
LOST_BASE_TESTS = b'''
from buggy import last


def test_none():
    assert last([]) is None


def test_two():
    assert last([1, 2]) == 2
'''


def test_a_guard_is_right_or_wrong_by_what_it_returns(sandbox):
    evidence, edits, numbers = probed(LOST_BASE, LOST_BASE_TESTS, sandbox)
    right = numbers[LOST_BASE.replace('    ', '    if not items:\n        return None\n    ', 1)]
    wrong = numbers[LOST_BASE.replace('    ', '    if not items:\n        return 0\n    ', 1)]
    always = numbers[LOST_BASE.replace('-1', '0')]
    assert evidence.claims[right] == (1, 0, 0, 0)
    assert evidence.claims[wrong] == (0, 1, 0, 0)
    assert right not in evidence.dead
    assert always in evidence.dead
    for number, claims in evidence.claims.items():
        run = sandbox.run(Source(LOST_BASE).apply(edits[number]))
        assert run.passed == (claims[0] == 1 and not claims[1] and not claims[3])


COUNT = '''\
def odd(values):
    found = []
    for value in values:
        if value % 2:
            count = 0
    return found
'''
COUNT_TESTS = b'''
from buggy import odd


def test_odd():
    assert odd([1, 2, 3]) == [1, 3]


def test_none():
    assert odd([2]) == []
'''


def test_lines_put_in_are_dropped_where_they_change_nothing_or_raise(sandbox):
    evidence, edits, numbers = probed(COUNT, COUNT_TESTS, sandbox)
    line = '            count = 0\n'
    good = numbers[COUNT.replace(line, f'            found.append(value)\n{line}')]
    other = numbers[COUNT.replace(line, f'            found.append(values)\n{line}')]
    raises = numbers[COUNT.replace(line, f'            found[value] = True\n{line}')]
    same = numbers[COUNT.replace(line, f'{line}            count = 0\n')]
    assert evidence.hints[good] == 'next'
    assert evidence.hints[other] == 'not next'
    assert {raises, same} <= evidence.dead
    assert not {good, other} & evidence.dead
    lines = [number for number in sorted(evidence.dead) if edits[number].site.is_statement]
    assert len(lines) > 100
    for number in lines[::40]:
        run = sandbox.run(Source(COUNT).apply(edits[number]), order=evidence.order, stop=True)
        assert not run.passed, edits[number]


SIZE = '''\
def fib(n):
    if n == 0:
        return n
    return fib(n - 1) + fib(n - 2)
'''
SIZE_TESTS = b'''
from buggy import fib


def test_zero():
    assert fib(0) == 0


def test_one():
    assert fib(1) == 1


def test_four():
    assert fib(4) == 3
'''


def test_a_condition_is_judged_by_what_its_branch_returns(sandbox):
    evidence, _, numbers = probed(SIZE, SIZE_TESTS, sandbox)
    good = numbers[SIZE.replace('n == 0', 'n < 2')]
    assert evidence.claims[good][:2] == (2, 0)
    assert evidence.claims[numbers[SIZE.replace('n == 0', 'n != 0')]] == (1, 1, 0, 0)
