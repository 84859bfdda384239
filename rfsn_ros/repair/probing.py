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
Which edits cannot be the repair: one run that evaluates replacements beside the originals.

Every replacement of an expression without side effects is evaluated where the original is about
to be. One that never differs during a failing test, raises where it first differs, or gives back
what a test does not expect, cannot be the repair. The run counts as a test execution.
"""

from __future__ import annotations

from collections.abc import Sequence

import libcst as cst
from rfsn_ros.repair.evidence import cheapest, Evidence
from rfsn_ros.repair.jail.probe import ALL_KEYS
from rfsn_ros.repair.roots import Root, rooted
from rfsn_ros.repair.sandbox import Probed, Sandbox
from rfsn_ros.repair.source import Edit, Source
from rfsn_ros.repair.task import RepairTask

__all__ = ['probe_edits']

_TESTS_PROBED = 8


def probe_edits(task: RepairTask, sandbox: Sandbox, edits: Sequence[Edit],
                evidence: Evidence) -> None:
    """
    Evaluate the replacements in one run of some tests and note which edits are dead.

    Not where the tests depend on their order: there an edit can do its good in an earlier test.
    """
    if evidence.sequence:
        return
    _leave_out_unreached(task.source, edits, evidence)
    roots: dict[Root, dict[str, dict[str, list[int]]]] = {}
    blocked = set(task.source.globals)
    for number, edit in enumerate(edits):
        found = None if number in evidence.dead else rooted(task.source, edit, blocked)
        if found is not None:
            same = roots.setdefault(found.root, {}).setdefault(found.text, {})
            same.setdefault(found.value, []).append(number)
    if not roots:
        return
    failing = [one for one in cheapest(evidence.failing) if one.error != 'Timeout']
    failing = (failing or cheapest(evidence.failing))[:_TESTS_PROBED]
    order = [one.name for one in failing]
    order += [one.name for one in cheapest(evidence.passing)[:_TESTS_PROBED]]
    groups = [list(values.values()) for same in roots.values() for values in same.values()]
    request = [[*root, [
        (next(iter(values.values()))[0], text,
         [(numbers[0], value) for value, numbers in values.items() if value])
        for text, values in same.items()]] for root, same in roots.items()]
    run = sandbox.run(task.source.text, order=order, cpu=6.0 * evidence.limit, wall=60.0,
                      probe=request, failing=[one.name for one in failing])
    evidence.executions += 1
    if run.probe is None:
        return
    expects_error = any(one.error == 'Failed' for one in failing)
    raising_fails = 'except' not in task.source.text and not expects_error
    for group in groups:
        _take_in(run.probe, group, evidence, raising_fails=raising_fails)


def _take_in(probe: Probed, group: Sequence[Sequence[int]], evidence: Evidence, *,
             raising_fails: bool) -> None:
    """Note what was found of one text; `group` holds the edits by the value they give back."""
    key = group[0][0]
    every = [number for numbers in group for number in numbers]
    for verdicts in probe.judged:
        verdict = verdicts.get(key, verdicts.get(ALL_KEYS, 'same'))
        if verdict == 'same' or (verdict == 'raises' and raising_fails):
            evidence.dead.update(every)
    for sums, into in ((probe.failing, evidence.failing_change),
                       (probe.passing, evidence.passing_change)):
        if key in sums:
            changed, seen = sums[key]
            into.update(dict.fromkeys(every, changed / max(1, seen)))
    for numbers in group:
        for found, known in ((probe.first, evidence.signatures), (probe.hints, evidence.hints)):
            if numbers[0] in found:
                known.update(dict.fromkeys(numbers, found[numbers[0]]))
        if numbers[0] in probe.refuted:
            evidence.dead.update(numbers)
        if numbers[0] in probe.claims:
            evidence.claims.update(dict.fromkeys(numbers, tuple(probe.claims[numbers[0]])))


def _leave_out_unreached(source: Source, edits: Sequence[Edit], evidence: Evidence) -> None:
    """Note the edits within lines and conditions that some failing test never reaches."""
    if evidence.reached is None:
        return
    for number, edit in enumerate(edits):
        statement = edit.site.statement
        if edit.site.function is None or edit.guard or edit.site.is_statement \
                or not statement.is_statement or isinstance(
                    statement.node, (cst.FunctionDef, cst.ClassDef, cst.Try)):
            continue
        end = statement.end if statement.kind == 'SimpleStatementLine' else edit.site.end
        if statement.line == source.line_of(end) and statement.line not in evidence.reached:
            evidence.dead.add(number)
