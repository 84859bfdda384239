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

"""Forms of a module's text that are equal where two texts say the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
import warnings

__all__ = ['normal_form', 'same_sides_form']


def normal_form(text: str) -> str | None:
    """Return a form equal for texts that differ in layout only; None if it does not compile."""
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', SyntaxWarning)
        try:
            tree = ast.parse(text)
            compile(tree, 'buggy.py', 'exec')
        except (SyntaxError, ValueError):
            return None
    return ast.dump(tree)


def same_sides_form(text: str) -> str | None:
    """
    Return a form equal also for texts that differ in the order of sides only.

    `a > b` and `b < a`, the operands of `and`, `or` and `*`, the arguments of `min` and `max` and
    the terms of a sum that holds a number or a difference count as exchangeable, although they
    are not where evaluating one of them raises an exception. None if the text does not compile.
    """
    if normal_form(text) is None:
        return None
    return ast.dump(_Sides().visit(ast.parse(text)))


class _Sides(ast.NodeTransformer):
    """Brings exchangeable sides into the order of their texts."""

    def visit_Compare(self, node: ast.Compare) -> ast.Compare:
        self.generic_visit(node)
        if len(node.ops) == 1:
            opposite = {ast.Gt: ast.Lt, ast.GtE: ast.LtE}.get(type(node.ops[0]))
            sides = [node.left, node.comparators[0]]
            if opposite is not None:
                node.ops = [opposite()]
                sides.reverse()
            elif isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
                sides.sort(key=ast.dump)
            node.left, node.comparators = sides[0], [sides[1]]
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.BoolOp:
        self.generic_visit(node)
        values: list[ast.expr] = []
        for value in node.values:
            if isinstance(value, ast.BoolOp) and type(value.op) is type(node.op):
                values += value.values
            else:
                values.append(value)
        node.values = sorted(values, key=ast.dump)
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in ('min', 'max'):
            node.args.sort(key=ast.dump)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if isinstance(node.op, (ast.Add, ast.Sub)):
            terms = list(_sum(node))
            if any(sign == '-' or (isinstance(term, ast.Constant) and isinstance(term.value, int))
                   for sign, term in terms):
                texts = sorted((sign, ast.dump(self.visit(term))) for sign, term in terms)
                return ast.Constant(f'sum {texts}')
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult):
            node.left, node.right = sorted((node.left, node.right), key=ast.dump)
        return node


def _sum(node: ast.expr, sign: str = '+') -> Iterator[tuple[str, ast.expr]]:
    """Yield the terms of a sum with their signs."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)):
        yield from _sum(node.left, sign)
        other = '-' if sign == '+' else '+'
        yield from _sum(node.right, other if isinstance(node.op, ast.Sub) else sign)
    else:
        yield sign, node
