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
What a test run touches: executed lines, and the types that names held.

`Probe` also evaluates, where a line is about to run, expressions that could stand in place of the
one that is there. A replacement whose value never differs during a failing test cannot repair it.
"""

from __future__ import annotations

import sys
from types import CodeType, FrameType
from typing import Any

__all__ = ['MODULE', 'Probe', 'Tracer']

MODULE = 'buggy.py'
_SCALARS = (int, float, str, bool, bytes, type(None), complex, range)


class Tracer:
    """Record the lines of the module that run and the types of local names."""

    def __init__(self, limit: int = 20000) -> None:
        self.lines: dict[int, int] = {}
        self.types: dict[str, set[str]] = {}
        self._left = limit

    def __enter__(self) -> Tracer:
        sys.settrace(self._enter)
        return self

    def __exit__(self, *error: object) -> None:
        sys.settrace(None)

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        return self._local if frame.f_code.co_filename == MODULE else None

    def _local(self, frame: FrameType, event: str, argument: Any) -> Any:
        self._left -= 1
        if self._left <= 0:
            sys.settrace(None)
            return None
        if event == 'line':
            count = self.lines.get(frame.f_lineno, 0)
            self.lines[frame.f_lineno] = count + 1
            if count < 8:
                self._note(frame)
            self.visit(frame)
        elif event == 'return':
            self._note(frame)
        return self._local

    def _note(self, frame: FrameType) -> None:
        for name, value in frame.f_locals.items():
            self.types.setdefault(name, set()).add(type(value).__name__)

    def visit(self, frame: FrameType) -> None:
        """Act before a line of the module runs."""


class Probe(Tracer):
    """
    Compare replacements of expressions with the originals, line by line.

    `roots` are ``(line, once, original, [(key, replacement)])``; `once` says that the expression
    is evaluated only when its line is entered from above (the iterable of a loop). The verdicts
    per key are ``same`` (not listed), ``raises`` (at the first difference), ``differs`` or
    ``unknown``. `judged` collects the verdicts of failing tests, `failing` and `passing` how
    often a value differed and how often it was compared, `first` the first other value.
    """

    def __init__(self, roots: list[tuple[int, bool, str, list[tuple[int, str]]]],
                 events: int = 40) -> None:
        super().__init__()
        self._roots: dict[int, list[tuple[bool, CodeType, list[tuple[int, CodeType]]]]] = {}
        self._events = events
        self.hopeless: list[int] = []
        self.judged: list[dict[int, str]] = []
        self.failing: dict[int, list[int]] = {}
        self.passing: dict[int, list[int]] = {}
        self.first: dict[int, str] = {}
        self._seen: dict[int, int] = {}
        self.verdicts: dict[int, str] = {}
        self.counts: dict[int, list[int]] = {}
        self.signatures: dict[int, str] = {}
        self._entry: dict[tuple[CodeType, int], int] = {}
        for line, once, original, replacements in roots:
            code = _compiled(original)
            if code is None:
                continue
            codes = []
            for key, text in replacements:
                replacement = _compiled(text)
                if replacement is None:
                    self.hopeless.append(key)
                else:
                    codes.append((key, replacement))
            self._roots.setdefault(line, []).append((once, code, codes))

    def take_in(self, passed: bool, *, judged: bool) -> None:
        """Add what the last test showed; its verdicts count where it failed and is `judged`."""
        sums = self.passing if passed else self.failing
        for key, (changed, seen) in self.counts.items():
            total = sums.setdefault(key, [0, 0])
            total[0] += changed
            total[1] += seen
        if not passed and judged:
            self.judged.append(self.verdicts)
            for key, signature in self.signatures.items():
                self.first.setdefault(key, signature)

    def reset(self) -> None:
        """Forget the verdicts, for the next test."""
        self._seen, self.counts, self.signatures = {}, {}, {}
        self.verdicts = dict.fromkeys(self.hopeless, 'unknown')

    def visit(self, frame: FrameType) -> None:
        """Evaluate what could stand in the line that is about to run."""
        line = frame.f_lineno
        roots = self._roots.get(line)
        if roots is None:
            return
        seen = self._seen[line] = self._seen.get(line, 0) + 1
        sys.settrace(None)
        scope = {**frame.f_globals, **frame.f_locals}
        known = {id(value) for value in frame.f_locals.values()}
        for once, original, replacements in roots:
            if once and not self._from_above(frame):
                continue
            if _consumes(original, scope):
                for key, _ in replacements:
                    self.verdicts[key] = 'unknown'
                continue
            try:
                value: Any = eval(original, scope)
                raised = False
            except Exception as error:
                value, raised = type(error), True
            for key, code in replacements:
                self._judge(key, code, scope, value, raised, known, seen)
        sys.settrace(self._enter)

    def _judge(self, key: int, code: CodeType, scope: dict[str, Any], value: Any, raised: bool,
               known: set[int], seen: int) -> None:
        verdict = self.verdicts.get(key, 'same')
        count = self.counts.setdefault(key, [0, 0])
        if verdict in ('raises', 'unknown'):
            return
        if seen > self._events:
            if verdict == 'same':
                self.verdicts[key] = 'unknown'
            return
        if _consumes(code, scope):
            self.verdicts[key] = 'unknown'
            return
        count[1] += 1
        try:
            other = eval(code, scope)
        except Exception as error:
            if not (raised and value is type(error)):
                count[0] += 1
                if verdict == 'same':
                    self.verdicts[key] = 'raises'
            return
        if not raised and _same(value, other, known):
            return
        count[0] += 1
        if verdict == 'same':
            self.verdicts[key] = 'differs'
            self.signatures[key] = _signature(seen, other)

    def _from_above(self, frame: FrameType) -> bool:
        """Whether a loop's line is entered for the first time, not from its end."""
        place = (frame.f_code, frame.f_lineno)
        if place not in self._entry:
            self._entry[place] = min(
                start for start, _, line in frame.f_code.co_lines() if line == frame.f_lineno)
        return frame.f_lasti <= self._entry[place]


def _compiled(text: str) -> CodeType | None:
    try:
        return compile(f'({text}\n)', '<probe>', 'eval')
    except (SyntaxError, ValueError):
        return None


def _consumes(code: CodeType, scope: dict[str, Any]) -> bool:
    return any(hasattr(scope.get(name), '__next__') for name in code.co_names)


def _same(one: Any, other: Any, known: set[int]) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if not isinstance(one, _SCALARS) and (id(one) in known or id(other) in known):
        return False
    try:
        return bool(one == other)
    except Exception:  # the comparison is the tested code's own and may raise anything
        return False


def _signature(seen: int, value: Any) -> str:
    try:
        return f'{seen}:{value!r}'[:120]
    except Exception:  # so is the representation
        return f'{seen}:?'
