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

"""How tightly expressions bind, and how tightly they have to at a place without parentheses."""

from __future__ import annotations

import ast
from functools import lru_cache
import keyword

import libcst as cst

__all__ = ['binding', 'required']

_BINARY = {
    'Power': 15, 'Multiply': 13, 'Divide': 13, 'FloorDivide': 13, 'Modulo': 13,
    'MatrixMultiply': 13, 'Add': 12, 'Subtract': 12, 'LeftShift': 11, 'RightShift': 11,
    'BitAnd': 10, 'BitXor': 9, 'BitOr': 8,
}
_AST_BINARY = {
    ast.Pow: 15, ast.Mult: 13, ast.Div: 13, ast.FloorDiv: 13, ast.Mod: 13, ast.MatMult: 13,
    ast.Add: 12, ast.Sub: 12, ast.LShift: 11, ast.RShift: 11, ast.BitAnd: 10, ast.BitXor: 9,
    ast.BitOr: 8,
}
_ATOM = 16


@lru_cache(maxsize=65536)
def binding(text: str) -> int:
    """Return how tightly the outermost operation of an expression binds."""
    if text.isidentifier() and not keyword.iskeyword(text):
        return _ATOM
    try:
        node = ast.parse(text, mode='eval').body
    except SyntaxError:
        return -1
    match node:
        case ast.BinOp():
            return _AST_BINARY[type(node.op)]
        case ast.UnaryOp():
            return 6 if isinstance(node.op, ast.Not) else 14
        case ast.Compare():
            return 7
        case ast.BoolOp():
            return 5 if isinstance(node.op, ast.And) else 4
        case ast.IfExp():
            return 3
        case ast.Lambda():
            return 2
        case ast.NamedExpr():
            return 1
        case ast.Tuple():
            return _ATOM if text.startswith('(') and text.endswith(')') else 0
        case ast.Constant() if isinstance(node.value, int) and not isinstance(node.value, bool):
            return _ATOM - 1
        case ast.Starred() | ast.Yield() | ast.YieldFrom():
            return -1
        case _:
            return _ATOM


def required(parent: cst.CSTNode | None, role: str) -> int:
    """Return how tightly an expression must bind to fill `role` of a node without parentheses."""
    if parent is None:
        return 0
    if isinstance(parent, cst.BinaryOperation):
        level = _BINARY[type(parent.operator).__name__]
        right = role == 'right'
        return level + (right != isinstance(parent.operator, cst.Power))
    if isinstance(parent, cst.BooleanOperation):
        return 5 if isinstance(parent.operator, cst.And) else 4
    if isinstance(parent, cst.UnaryOperation):
        return 6 if isinstance(parent.operator, cst.Not) else 14
    if isinstance(parent, (cst.Comparison, cst.ComparisonTarget)):
        return 8
    if isinstance(parent, (cst.Attribute, cst.Subscript, cst.Call)):
        return _ATOM
    if isinstance(parent, (cst.IfExp, cst.CompFor, cst.CompIf)):
        return 4
    if isinstance(parent, (cst.Return, cst.Assign, cst.Index, cst.Expr, cst.AugAssign)):
        return -1
    return 1
