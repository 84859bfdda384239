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
What the assertions of a test compare: the sides that differed, and what is expected of a call.

``assert f(x) == y`` tells what `y` is before it calls `f`, where evaluating `y` twice changes
nothing; the comparison itself stays as the test has it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rfsn_ros.repair.jail.relation import describe

__all__ = ['NAME', 'Assertions', 'Expectation', 'compile_tests']

NAME = '__rfsn_assert__'
_MAKERS = ('set', 'frozenset', 'tuple', 'list', 'dict', 'float', 'range', 'approx', 'sorted')
_ATOMS = 300


@dataclass(slots=False)
class Expectation:
    """
    What a test expects of a call of the function `name`.

    `form`: ``value`` (of what it returns), ``truth`` (whether that is true) or ``elements`` (what
    a generator yields).
    """

    name: str
    form: str
    value: Any

    def allows(self, value: Any, given: int) -> bool:
        """Whether a value is right: as the result, or as what comes after `given` elements."""
        try:
            if self.form == 'truth':
                return bool(value) is self.value
            if self.form == 'elements':
                return given < len(self.value) and bool(self.value[given] == value)
            return bool(self.value == value)
        except Exception:  # the comparison is the tested code's own and may raise anything
            return False

    def ends_after(self, given: int) -> bool:
        """Whether a generator is right to end after so many elements."""
        try:
            return self.form == 'elements' and given == len(self.value)
        except TypeError:
            return False

    @cached_property
    def plain(self) -> Any:
        """Return the value, without the tolerance of ``pytest.approx``."""
        return getattr(self.value, 'expected', self.value)

    @cached_property
    def atoms(self) -> set[str]:
        """Return texts of the value, its elements and theirs."""
        found, pending = {describe(self.plain)}, [(self.plain, 0)]
        while pending and len(found) < _ATOMS:
            value, depth = pending.pop()
            if isinstance(value, (list, tuple, set, frozenset, dict)) and depth < 2:
                inner = [*value, *(value.values() if isinstance(value, dict) else ())][:_ATOMS]
                found.update(map(describe, inner))
                pending += [(one, depth + 1) for one in inner]
        return found


class Assertions:
    """`sides`: of the last comparison that was false; `expected`: of the call to come."""

    def __init__(self) -> None:
        self.sides: tuple[Any, Any] | None = None
        self.expected: Expectation | None = None

    def reset(self) -> None:
        """Forget everything, before a test."""
        self.sides = self.expected = None

    def announce(self, value: Callable[[], Any], name: str, form: str) -> None:
        """Note what is expected of the next call of a function."""
        try:
            self.expected = Expectation(name, form, value())
        except Exception:  # if it still raises after the call, the test fails by itself
            self.expected = None

    def equal(self, announced: None, got: Any, expected: Any, identical: bool) -> Any:
        """Return whether the sides are equal (or identical), as the test would."""
        self.expected = None
        result = got is expected if identical else got == expected
        if not result:
            self.sides = (got, expected)
        return result

    def truth(self, announced: None, got: Any, wanted: bool) -> bool:
        """Return whether a value is as true as wanted."""
        self.expected = None
        result = bool(got) is wanted
        if not result and isinstance(got, bool):
            self.sides = (got, wanted)
        return result


class _Assert(ast.NodeTransformer):
    """Make assertions tell what they compare."""

    def visit_Assert(self, node: ast.Assert) -> ast.Assert:
        test = node.test
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(
                test.ops[0], (ast.Eq, ast.Is)):
            sides = [test.left, test.comparators[0]]
            if isinstance(sides[0], (ast.Constant, ast.List, ast.Dict, ast.Tuple)):
                sides.reverse()
            identical = ast.Constant(isinstance(test.ops[0], ast.Is))
            node.test = _method('equal', [_announcement(*sides), *sides, identical])
        elif isinstance(test, ast.Call) or (isinstance(test, ast.UnaryOp) and isinstance(
                test.op, ast.Not) and isinstance(test.operand, ast.Call)):
            wanted = isinstance(test, ast.Call)
            got = test if isinstance(test, ast.Call) else test.operand
            name = _called(got)
            told: ast.expr = ast.Constant(None) if name is None else _method(
                'announce', [_later(ast.Constant(wanted)), ast.Constant(name),
                             ast.Constant('truth')])
            node.test = _method('truth', [told, got, ast.Constant(wanted)])
        ast.fix_missing_locations(ast.copy_location(node.test, test))
        return node


def compile_tests(name: str, text: str | bytes) -> Any:
    """Compile a test module whose assertions remember what differed; `NAME` must be in it."""
    return compile(_Assert().visit(ast.parse(text, name)), name, 'exec', dont_inherit=True)


def _method(name: str, arguments: list[ast.expr]) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name(NAME, ast.Load()), name, ast.Load()), arguments, [])


def _later(value: ast.expr) -> ast.Lambda:
    empty = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.Lambda(empty, value)


def _announcement(got: ast.expr, expected: ast.expr) -> ast.expr:
    """Return the call that announces what is expected, None where that cannot be told before."""
    form, inner = 'value', got
    if isinstance(got, ast.Call) and isinstance(got.func, ast.Name) and got.func.id in (
            'list', 'tuple') and len(got.args) == 1 and not got.keywords:
        form, inner = 'elements', got.args[0]
    name = _called(inner)
    fixed = isinstance(expected, ast.Name) or (
        _still(expected) and not _words(expected) & _words(got))
    if name is None or not fixed:
        return ast.Constant(None)
    return _method('announce', [_later(expected), ast.Constant(name), ast.Constant(form)])


def _called(node: ast.expr) -> str | None:
    """Return the name of the function called, None where it is called within itself too."""
    if not isinstance(node, ast.Call):
        return None
    names = [one.func.id if isinstance(one.func, ast.Name) else one.func.attr
             for one in ast.walk(node)
             if isinstance(one, ast.Call) and isinstance(one.func, (ast.Name, ast.Attribute))]
    mine = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(
        node.func, ast.Attribute) else None
    return mine if mine is not None and names.count(mine) == 1 else None


def _still(node: ast.expr) -> bool:
    """Whether an expression can be evaluated twice, and before a call, without a difference."""
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            name = one.func.id if isinstance(one.func, ast.Name) else getattr(
                one.func, 'attr', '')
            if name not in _MAKERS:
                return False
        elif isinstance(one, (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr, ast.Lambda,
                              ast.GeneratorExp)):
            return False
    return True


def _words(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
