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
to be. One that never differs during a failing test, or raises where it first differs, cannot be
the repair. The run counts as a test execution.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
import re

import libcst as cst
from rfsn_ros.repair.evidence import cheapest, Evidence
from rfsn_ros.repair.sandbox import Sandbox
from rfsn_ros.repair.source import Edit, Site, Source
from rfsn_ros.repair.task import RepairTask

__all__ = ['probe_edits']

_PURE_FUNCTIONS = frozenset((
    'len', 'abs', 'min', 'max', 'sum', 'sorted', 'list', 'set', 'tuple', 'str', 'int', 'range',
    'reversed', 'enumerate', 'any', 'all', 'dict', 'zip', 'bool', 'float', 'ord', 'chr', 'round',
    'isinstance', 'divmod', 'frozenset', 'repr', 'type'))
_PURE_METHODS = frozenset((
    'get', 'keys', 'values', 'items', 'copy', 'upper', 'lower', 'strip', 'lstrip', 'rstrip',
    'count', 'index', 'find', 'rfind', 'startswith', 'endswith', 'isdigit', 'isalpha', 'isalnum',
    'isspace', 'isupper', 'islower', 'join', 'split', 'rsplit', 'replace', 'union',
    'intersection', 'difference', 'issubset', 'issuperset', 'isdisjoint', 'title', 'capitalize',
    'swapcase', 'zfill', 'ljust', 'rjust', 'center', 'bit_length'))
_BEFORE_PARENTHESIS = frozenset(('in', 'not', 'and', 'or', 'if', 'else', 'is', 'for', 'return'))
_IMPURE = re.compile(r'\b(yield|await|lambda)\b|:=|\*\*|<<|[\])\'"]\s*\(')
_CALL = re.compile(r'(\.?)\b([A-Za-z_]\w*)\s*\(')
_TESTS_PROBED = 8


def probe_edits(task: RepairTask, sandbox: Sandbox, edits: Sequence[Edit],
                evidence: Evidence) -> None:
    """Evaluate the replacements in one run of some tests and note which edits are dead."""
    _leave_out_unreached(task.source, edits, evidence)
    roots: dict[tuple[int, bool, str], dict[str, list[int]]] = {}
    blocked = set(task.source.globals)
    for number, edit in enumerate(edits):
        found = None if number in evidence.dead else _root(task.source, edit, blocked)
        if found is not None:
            line, once, original, replacement = found
            same = roots.setdefault((line, once, original), {})
            same.setdefault(replacement, []).append(number)
    if not roots:
        return
    failing = [one for one in cheapest(evidence.failing) if one.error != 'Timeout']
    failing = (failing or cheapest(evidence.failing))[:_TESTS_PROBED]
    order = [one.name for one in failing]
    order += [one.name for one in cheapest(evidence.passing)[:_TESTS_PROBED]]
    request = [[*root, [(numbers[0], text) for text, numbers in replacements.items()]]
               for root, replacements in roots.items()]
    run = sandbox.run(task.source.text, order=order, cpu=6.0 * evidence.limit, wall=60.0,
                      probe=request)
    evidence.executions += 1
    if run.probe is None:
        return
    expects_error = any(one.error == 'Failed' for one in failing)
    raising_fails = 'except' not in task.source.text and not expects_error
    for numbers in (group for same in roots.values() for group in same.values()):
        key = numbers[0]
        for verdicts in run.probe.judged:
            verdict = verdicts.get(key, 'same')
            if verdict == 'same' or (verdict == 'raises' and raising_fails):
                evidence.dead.update(numbers)
        if key in run.probe.first:
            evidence.signatures.update(dict.fromkeys(numbers, run.probe.first[key]))
        for sums, into in ((run.probe.failing, evidence.failing_change),
                           (run.probe.passing, evidence.passing_change)):
            if key in sums:
                changed, seen = sums[key]
                into.update(dict.fromkeys(numbers, changed / max(1, seen)))


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


def _root(source: Source, edit: Edit, blocked: set[str]) -> tuple[int, bool, str, str] | None:
    """Return the largest expression around an edit that can be evaluated beside the original."""
    statement = edit.site.statement
    if edit.guard:
        if not _pure(edit.guard, blocked):
            return None
        line = source.line_of(statement.start)
        return line, False, 'False', f'bool({edit.guard})'
    if edit.site.function is None or edit.site.is_statement:
        return None
    best: Site | None = None
    site: Site | None = edit.site
    if site is not None and not (site.start <= edit.start and edit.end <= site.end):
        site = site.parent
    while site is not None and not site.is_statement:
        parent = site.parent
        if site.is_expression and site.start <= edit.start and edit.end <= site.end \
                and _pure(site.text, blocked):
            best = site
        if parent is None or isinstance(parent.node, (cst.Param, cst.Decorator)):
            return None
        conditional = (
            (isinstance(parent.node, cst.BooleanOperation) and site.role == 'right')
            or (isinstance(parent.node, cst.IfExp) and site.role != 'test')
            or isinstance(parent.node, (cst.BaseComp, cst.CompFor, cst.CompIf, cst.Lambda,
                                        cst.Comparison)))
        if conditional:
            best = None
        site = parent
    if best is None or site is None:
        return None
    text = best.text
    replaced = (source.slice(best.start, edit.start) + edit.text
                + source.slice(edit.end, best.end))
    if '\n' in text or not _pure(replaced, blocked):
        return None
    line = source.line_of(best.start)
    simple = isinstance(site.node, cst.SimpleStatementLine)
    if line != source.line_of(site.start) or (simple and len(site.children) > 1):
        return None
    once = isinstance(site.node, cst.For)
    if isinstance(site.node, cst.If) and site.role == 'orelse':
        line = source.line_of(best.start)
    return line, once, text, replaced


@lru_cache(maxsize=65536)
def _called(text: str) -> frozenset[str] | None:
    """Return the functions that an expression calls; None where a part may have side effects."""
    if _IMPURE.search(text):
        return None
    names = set()
    for dot, name in _CALL.findall(text):
        if dot and name in _PURE_METHODS:
            continue
        if name in _PURE_FUNCTIONS and not dot:
            names.add(name)
        elif dot or name not in _BEFORE_PARENTHESIS:
            return None
    return frozenset(names)


def _pure(text: str, blocked: set[str]) -> bool:
    called = _called(text)
    return called is not None and not called & blocked
