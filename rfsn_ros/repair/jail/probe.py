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
Evaluates, where a line is about to run, what could stand there in place of what does.

A replacement whose value never differs during a failing test cannot repair it. Where the value
would be given back by a call whose result a test compares, it is right or wrong by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
import inspect
import sys
from types import CodeType, FrameType
from typing import Any

from rfsn_ros.repair.jail.assertions import Assertions, Expectation
from rfsn_ros.repair.jail.effects import EFFECTS, RETURNED
from rfsn_ros.repair.jail.relation import describe
from rfsn_ros.repair.jail.testrun import run_out
from rfsn_ros.repair.jail.tracing import MODULE, Tracer

__all__ = ['ALL_KEYS', 'Probe']

_SCALARS = (int, float, str, bool, bytes, type(None), complex, range)
_EVENTS = 40
_WORK = 8_000_000  # for all tests together, in tenths of what an evaluation takes
_LEAST_WORK = 250_000  # for each of them
_EVALUATION = 10
_CALLS = 400
_LONG = 64
ALL_KEYS = -1


@dataclass(frozen=True, slots=True, eq=False)
class _Root:
    start: int
    end: int
    once: bool
    original: CodeType
    kind: str
    into: str
    taken: CodeType | None
    left: CodeType | None
    codes: tuple[tuple[int, CodeType, tuple[tuple[int, CodeType | None], ...]], ...]


class Probe(Tracer):
    """
    Compare replacements of expressions, and lines put in, with what is there.

    What is done is bounded by its amount, not by time, so that it is the same in every run:
    `_WORK` for all tests together. A test that is known to be `failing` ends there, for it may
    never end by itself.

    `roots` are ``(line, end, once, original, kind, into, taken, left, texts)`` with `texts`
    ``[(key, text, [(key, value)])]``. An `end` says that the place is after the lines `line` to
    `end`, otherwise it is before `line`; `once` that it is reached only when the line is entered
    from above. Kinds: ``return``, ``yield`` (the value is given back), ``returned`` (the same,
    told as a function of what the line returned), ``guard`` (where it is true, the values are
    returned), ``test`` (where it is true `taken` is returned, else `left`), ``put in`` (a line
    more) and ``''``. `into` names what the value is appended to.

    The verdicts per key are ``same`` (not listed), ``raises`` (at the first difference),
    ``differs`` or ``unknown``; that of `ALL_KEYS` stands for all. `judged` collects the verdicts
    of failing tests, `failing` and `passing` how often a value differed and how often it was
    compared, `first` the first other value, `claims` how often a result would have been right
    and wrong in failing, right and wrong in passing tests, `refuted` the keys of which a test
    would have seen a wrong result, `hints` how the first other value of a failing test is found
    in what the test expects.
    """

    def __init__(
        self, roots: list[list[Any]], failing: list[str], assertions: Assertions,
    ) -> None:
        super().__init__()
        self._fail = frozenset(failing)
        self._before: dict[int, list[_Root]] = {}
        self._after: dict[int, list[_Root]] = {}
        self._returned: dict[int, list[_Root]] = {}
        self._assertions = assertions
        self.hopeless: list[int] = []
        self.judged: list[dict[int, str]] = []
        self.failing: dict[int, list[int]] = {}
        self.passing: dict[int, list[int]] = {}
        self.first: dict[int, str] = {}
        self.claims: dict[int, list[int]] = {}
        self.hints: dict[int, str] = {}
        self.refuted: dict[int, str] = {}
        self._examples: dict[tuple[str, str], str] = {}
        self._open: list[tuple[bool, int, tuple[str, str], str]] = []
        self._entry: dict[tuple[CodeType, int], int] = {}
        self._work = _WORK
        for root in roots:
            self._add(root)
        self.reset('')

    def _add(self, told: list[Any]) -> None:
        start, end, once, original, kind, into, taken, left, texts = told
        code = _compiled(original)
        if code is None:
            return
        codes = []
        for key, text, values in texts:
            replacement = _compiled(text)
            if replacement is None:
                self.hopeless += [key, *(number for number, _ in values)]
            else:
                codes.append((key, replacement, tuple(
                    (number, _compiled(value)) for number, value in values)))
        root = _Root(start, end, once, code, kind, into, _compiled(taken) if taken else None,
                     _compiled(left) if left else None, tuple(codes))
        if kind == 'returned':
            self._returned.setdefault(start, []).append(root)
        elif end:
            for line in range(start, end + 1):
                self._after.setdefault(line, []).append(root)
        else:
            self._before.setdefault(start, []).append(root)

    def reset(self, test: str) -> None:
        """Forget the verdicts, for the next test."""
        self.cut, self._left = False, self._limit
        self._fails = test in self._fail
        self._done, self._most = 0, max(_LEAST_WORK, self._work // 3)
        self._seen: dict[tuple[int, str], int] = {}
        self._counts: dict[int, list[int]] = {}
        self._signatures: dict[int, str] = {}
        self._verdicts: dict[int, str] = dict.fromkeys(self.hopeless, 'unknown')
        self._right: dict[int, bool] = {}
        self._hinted: dict[int, str] = {}
        self._waiting: list[tuple[int, tuple[str, str], str]] = []
        self._expected: dict[FrameType, Expectation] = {}
        self._given: dict[FrameType, int] = {}
        self._calls: dict[FrameType, tuple[str, str]] = {}
        self._latest: Expectation | None = None
        self._last: dict[FrameType, int] = {}
        self._raising: set[FrameType] = set()

    def take_in(self, passed: bool, *, judged: bool) -> None:
        """Add what the last test showed; its verdicts count where it failed and is `judged`."""
        self._work -= self._done
        sums = self.passing if passed else self.failing
        for key, (changed, seen) in self._counts.items():
            total = sums.setdefault(key, [0, 0])
            total[0] += changed
            total[1] += seen
        failed_yet_passed = passed and self._assertions.sides is not None  # as it is marked to
        for key, right in self._right.items():
            self._claim(passed, key, right)
            if not right and not failed_yet_passed:
                self.refuted[key] = 'wrong'
        self._open += [(passed, *one) for one in self._waiting]
        if not passed and judged:
            if self.cut:
                self._verdicts[ALL_KEYS] = 'unknown'
            self.judged.append(self._verdicts)
            for key, signature in self._signatures.items():
                self.first.setdefault(key, signature)
            for key, word in self._hinted.items():
                self.hints.setdefault(key, word)

    def finish(self) -> None:
        """Judge results of inner calls by what the tests expect of the same calls."""
        for passed, key, call, text in self._open:
            if call in self._examples:
                self._claim(passed, key, self._examples[call] == text)
        self._open = []

    def _claim(self, passed: bool, key: int, right: bool) -> None:
        counts = self.claims.setdefault(key, [0, 0, 0, 0])
        counts[2 * passed + (not right)] += 1

    def enter(self, frame: FrameType) -> None:
        """Note what is expected of the call, or else with what it was made."""
        code = frame.f_code
        if code.co_name.startswith('<') or frame in self._calls or frame in self._expected:
            return
        generates = bool(code.co_flags & inspect.CO_GENERATOR)
        call = None if generates or len(self._calls) >= _CALLS else _call_text(frame)
        expected = self._assertions.expected
        if expected is not None and expected.name == code.co_name and (
                generates == (expected.form == 'elements')) and not _from_module(frame):
            self._assertions.expected = None
            self._expected[frame] = self._latest = expected
            if call is not None and expected.form == 'value':
                self._examples[call] = describe(expected.plain)
        elif call is not None:
            self._calls[frame] = call

    def stop(self) -> None:
        """End the trace early, and a failing test with it: what comes of that is known."""
        super().stop()
        if self._fails:
            run_out()

    def visit(self, frame: FrameType) -> None:
        """Evaluate what could stand in the line that is about to run."""
        if frame.f_code.co_name.startswith('<'):
            return
        line = frame.f_lineno
        before = self._last.get(frame, 0)
        self._last[frame] = line
        self._raising.discard(frame)
        roots = [root for root in self._after.get(before, ())
                 if not root.start <= line <= root.end]
        roots += self._before.get(line, ())
        if roots:
            self._evaluate(frame, roots, {})

    def leave(self, frame: FrameType, value: Any) -> None:
        """Evaluate what could stand after the last line, or be done to what it returns."""
        line = self._last.get(frame, 0)
        generates = bool(frame.f_code.co_flags & inspect.CO_GENERATOR)
        if generates and value is not None:
            self._given[frame] = self._given.get(frame, 0) + 1
            return
        if not generates:
            self._last.pop(frame, None)
        if frame in self._raising or not line:
            return
        roots = list(self._after.get(line, ())) if value is None else []
        roots += self._returned.get(line, ())
        if roots:
            self._evaluate(frame, roots, {RETURNED: value})

    def fail(self, frame: FrameType) -> None:
        """Note that the frame ends, unless another line of it runs."""
        self._raising.add(frame)

    def _evaluate(self, frame: FrameType, roots: list[_Root], more: dict[str, Any]) -> None:
        if self._done >= self._most:
            self.stop()
            return
        sys.settrace(None)
        scope = {**frame.f_globals, **EFFECTS, **frame.f_locals, **more}
        known = {id(value) for value in frame.f_locals.values()}
        for root in roots:
            if root.once and not self._from_above(frame):
                continue
            place = root.start, 'after' if root.end else root.kind
            seen = self._seen[place] = self._seen.get(place, 0) + 1
            if _consumes(root.original, scope):
                for key, *_ in root.codes:
                    self._verdicts[key] = 'unknown'
                continue
            try:
                value: Any = eval(root.original, scope)
                raised = False
            except Exception as error:
                value, raised = type(error), True
            self._done += len(root.codes)
            for key, code, values in root.codes:
                self._judge(frame, root, key, code, values, scope, value, raised, known, seen)
        sys.settrace(self._enter)

    def _judge(self, frame: FrameType, root: _Root, key: int, code: CodeType,
               values: tuple[tuple[int, CodeType | None], ...], scope: dict[str, Any],
               value: Any, raised: bool, known: set[int], seen: int) -> None:
        verdict = self._verdicts.get(key, 'same')
        if verdict in ('raises', 'unknown'):
            return
        if seen > _EVENTS:
            if verdict == 'same':
                self._verdicts[key] = 'unknown'
            return
        count = self._counts.setdefault(key, [0, 0])
        if _consumes(code, scope):
            self._verdicts[key] = 'unknown'
            return
        count[1] += 1
        self._done += _EVALUATION
        try:
            other = eval(code, scope)
        except Exception as error:
            if root.kind == 'put in' or not (raised and value is type(error)):
                count[0] += 1
                if verdict == 'same':
                    self._verdicts[key] = 'raises'
            return
        if not raised and _same(value, other, known):
            return
        count[0] += 1
        if verdict != 'same':
            return
        self._verdicts[key] = 'differs'
        if root.kind == 'guard':
            for number, given in values:
                self._give_back(frame, number, given, scope, seen)
            return
        self._sign(key, seen, other)
        if root.kind in ('return', 'yield', 'returned'):
            self._judge_result(frame, key, other, ends=False)
        elif root.kind == 'test':
            self._give_back(frame, key, root.taken if other else root.left, scope, seen)
        elif self._latest is not None:
            grown = root.kind == 'put in' and isinstance(other, tuple) and root.into
            self._hint(root, key, other[-1] if grown else other, None if raised else value,
                       scope)

    def _give_back(self, frame: FrameType, key: int, code: CodeType | None,
                   scope: dict[str, Any], seen: int) -> None:
        """Judge the early return of a value."""
        generates = bool(frame.f_code.co_flags & inspect.CO_GENERATOR)
        if code is None or _consumes(code, scope):
            return
        try:
            value = eval(code, scope)
        except Exception:  # the tested code's own expression; what it would raise says nothing
            return
        self._sign(key, seen, value)
        self._judge_result(frame, key, value, ends=generates)

    def _sign(self, key: int, seen: int, value: Any) -> None:
        """Note which value came first; one told by its address is like no other."""
        text = describe(value)
        if ' at 0x' not in text:
            self._signatures[key] = f'{seen}:{text}'[:120]

    def _judge_result(self, frame: FrameType, key: int, value: Any, *, ends: bool) -> None:
        expected = self._expected.get(frame)
        if expected is not None:
            given = self._given.get(frame, 0)
            self._right[key] = expected.ends_after(given) if ends else expected.allows(
                value, given)
        elif frame in self._calls:
            self._waiting.append((key, self._calls[frame], describe(value)))

    def _hint(self, root: _Root, key: int, value: Any, original: Any,
              scope: dict[str, Any]) -> None:
        """Say how a value is found in what the test expects of the call under way."""
        assert self._latest is not None
        wanted = self._latest.plain
        built = scope.get(root.into) if root.into else None
        if isinstance(built, list) and isinstance(wanted, (list, tuple)):
            right = len(built) < len(wanted) and _equal(wanted[len(built)], value)
            self._hinted[key] = 'next' if right else 'not next'
        elif isinstance(built, str) and isinstance(wanted, str) and isinstance(value, str):
            self._hinted[key] = 'next' if wanted.startswith(built + value) else 'not next'
        elif self._latest.form != 'truth':
            atoms = self._latest.atoms
            now, before = describe(value) in atoms, describe(original) in atoms
            if now != before:
                self._hinted[key] = 'in' if now else 'out'

    def _from_above(self, frame: FrameType) -> bool:
        """Whether a loop's line is entered for the first time, not from its end."""
        place = (frame.f_code, frame.f_lineno)
        if place not in self._entry:
            self._entry[place] = min(
                start for start, _, line in frame.f_code.co_lines() if line == frame.f_lineno)
        return frame.f_lasti <= self._entry[place]


def _call_text(frame: FrameType) -> tuple[str, str] | None:
    """Return name and arguments of a call as texts; None where they are long or not plain."""
    code = frame.f_code
    if code.co_flags & (inspect.CO_VARARGS | inspect.CO_VARKEYWORDS) or code.co_freevars:
        return None
    count = code.co_argcount + code.co_kwonlyargcount
    values: list[Any] = [frame.f_locals.get(name) for name in code.co_varnames[:count]]
    if any(hasattr(value, '__len__') and len(value) > _LONG for value in values):
        return None
    text = ', '.join(map(describe, values))
    return None if ' at 0x' in text or len(text) > 2 * _LONG else (code.co_name, text)


def _from_module(frame: FrameType) -> bool:
    return frame.f_back is not None and frame.f_back.f_code.co_filename == MODULE


def _compiled(text: str) -> CodeType | None:
    try:
        return compile(f'({text}\n)', '<probe>', 'eval')
    except (SyntaxError, ValueError):
        return None


def _consumes(code: CodeType, scope: dict[str, Any]) -> bool:
    return any(hasattr(scope.get(name), '__next__') for name in code.co_names)


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other)
    except Exception:  # the comparison is the tested code's own and may raise anything
        return False


def _same(one: Any, other: Any, known: set[int]) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if not isinstance(one, _SCALARS) and (id(one) in known or id(other) in known):
        return False
    return _equal(one, other)
