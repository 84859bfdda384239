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

"""
What the tests tell about a buggy module before the first attempt.

Two runs, each counted as a test execution: a plain one (which tests fail and how) and a traced one
(which lines each test runs, which types names hold), with the failing tests first. Where a test
does not do in it what it did, a third one, in the order of the first, tells why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
import math

from rfsn_ros.errors import TaskError
from rfsn_ros.repair.sandbox import Outcome, Run, Sandbox
from rfsn_ros.repair.task import RepairTask

__all__ = ['Evidence', 'cheapest', 'gather']

_WALL = 120.0
_LINES_FOLLOWED = 6000  # the trace ends after 20000 events; a line makes three at most


@dataclass(slots=True)
class Evidence:
    """
    The failing and passing tests and what is known about lines, names and edits.

    `suspicion` maps a line to its Ochiai score; `always` holds the lines that every failing test
    runs, `reached` those that all do which were followed to their end (None where none was);
    `limit` is the processor time, in seconds, that one test may use. `dead` holds the numbers of
    edits that cannot change a failing test for the better; `failing_change` and `passing_change`
    give per probed edit how often its value differed; `signatures` group edits of one place by
    the value they would have given first. `claims` counts, for edits of which a traced call shows
    what it would give back, how often that would be right and wrong in failing tests and in
    passing ones; `hints` says how the first other value is found in what a failing test expects.
    `sequence` names all tests in their own order where their results depend on it, and is empty
    where they do not.
    """

    failing: list[Outcome]
    passing: list[Outcome]
    executions: int
    limit: float
    suspicion: dict[int, float] = field(default_factory=dict)
    always: set[int] = field(default_factory=set)
    reached: set[int] | None = None
    types: dict[str, tuple[str, ...]] = field(default_factory=dict)
    dead: set[int] = field(default_factory=set)
    failing_change: dict[int, float] = field(default_factory=dict)
    passing_change: dict[int, float] = field(default_factory=dict)
    signatures: dict[int, str] = field(default_factory=dict)
    claims: dict[int, tuple[int, ...]] = field(default_factory=dict)
    hints: dict[int, str] = field(default_factory=dict)
    sequence: tuple[str, ...] = ()

    @property
    def order(self) -> list[str]:
        """
        Return the tests in the order of running.

        Their own where they depend on it, otherwise failing ones first, cheap ones first.
        """
        return list(self.sequence) or [*(one.name for one in cheapest(self.failing)),
                *(one.name for one in cheapest(self.passing))]


def gather(task: RepairTask, sandbox: Sandbox) -> Evidence:
    """
    Run the tests plainly and traced.

    :raises TaskError: the tests cannot be run, none of them fails, or one does so by chance.
    """
    sandbox.load(task.files, task.tests)
    plain = sandbox.run(task.text, cpu=1.0, wall=_WALL)
    if plain.failure == 'stopped':
        raise TaskError(f'{task.name}: the tests do not end within {_WALL:.0f} s')
    if plain.failure or not plain.outcomes:
        raise TaskError(f'{task.name}: the tests cannot be run: '
                        f'{plain.failure or "there are none"}')
    failing = [one for one in plain.outcomes if not one.passed]
    passing = [one for one in plain.outcomes if one.passed]
    if not failing:
        raise TaskError(f'{task.name}: every test passes; there is nothing to repair')
    unsupported = [one for one in failing if one.error == 'Unsupported']
    if unsupported:
        raise TaskError(f'{unsupported[0].name}: {unsupported[0].message}')
    slowest = max((one.seconds for one in passing), default=0.0)
    evidence = Evidence(failing, passing, 1, min(5.0, max(0.15, 10.0 * slowest)))
    order = [one.name for one in failing[:30]] + [one.name for one in passing[:30]]
    traced = sandbox.run(task.text, order=order, cpu=4.0 * evidence.limit, wall=_WALL,
                         trace=True)
    evidence.executions += 1
    changed = _otherwise(traced, failing, passing)
    if changed:
        traced = _in_sequence(task, sandbox, evidence, plain, traced, changed)
    _spectrum(evidence, traced)
    return evidence


def _otherwise(run: Run, failing: Sequence[Outcome], passing: Sequence[Outcome]) -> set[str]:
    """Return the tests that passed and now fail, or the reverse; those out of time not counted."""
    before = {one.name: one.passed for one in (*failing, *passing) if one.error != 'Timeout'}
    return {one.name for one in run.outcomes
            if one.error != 'Timeout' and before.get(one.name, one.passed) != one.passed}


def _in_sequence(task: RepairTask, sandbox: Sandbox, evidence: Evidence, plain: Run, traced: Run,
                 changed: set[str]) -> Run:
    """
    Trace the tests in their own order, as some did not do the same in another.

    Returns the trace to go by.

    :raises TaskError: a test that failed passes in the same order: it fails by chance.
    """
    names = tuple(one.name for one in plain.outcomes)
    again = sandbox.run(task.text, order=names, cpu=4.0 * evidence.limit, wall=_WALL, trace=True)
    evidence.executions += 1
    still = _otherwise(again, evidence.failing, evidence.passing)
    for one in evidence.failing:
        if one.name in still:
            raise TaskError(f'{one.name}: fails in one run and passes in the next; what repairs '
                            'it could not be told from chance')
    if changed <= still:  # they fail because they are traced, whatever the order
        return traced
    evidence.sequence = names
    return again


def cheapest(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """
    Return outcomes in the order of their processor time, those that ran out of it last.

    To tenths of a second: what is finer differs from run to run, and with it what is found.
    """
    def cost(one: Outcome) -> float:
        return math.inf if one.error == 'Timeout' else round(one.seconds, 1)

    return sorted(outcomes, key=cost)


def _spectrum(evidence: Evidence, traced: Run) -> None:
    """Score lines by Ochiai: runs by failing tests over the geometric mean of all."""
    hits: Counter[int] = Counter()
    touched: Counter[int] = Counter()
    types: dict[str, set[str]] = {}
    failed = 0
    complete: list[set[int]] = []
    for outcome, (lines, kinds) in zip(traced.outcomes, traced.trace, strict=False):
        failed += not outcome.passed
        touched.update(lines.keys())
        if not outcome.passed:
            hits.update(lines.keys())
            if outcome.error != 'Timeout' and sum(lines.values()) < _LINES_FOLLOWED:
                complete.append(set(lines))
        for name, found in kinds.items():
            types.setdefault(name, set()).update(found)
    for line, count in hits.items():
        evidence.suspicion[line] = count / math.sqrt(max(1, failed) * touched[line])
        if count == failed:
            evidence.always.add(line)
    if complete:
        evidence.reached = set.intersection(*complete)
    evidence.types = {name: tuple(sorted(found)) for name, found in types.items()}
