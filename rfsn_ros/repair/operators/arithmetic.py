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

"""Arithmetic: another operator, the operands exchanged, the sign changed."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change, swap
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source

_OTHERS = {
    '+': ('-', '*', '//', '%', '|'), '-': ('+', '*', '//', '%', '^'), '*': ('+', '-', '//', '**'),
    '/': ('//', '*', '%', '-'), '//': ('/', '%', '*', '-'), '%': ('//', '/', '-', '*'),
    '**': ('*', '//', '<<'), '<<': ('>>', '*'), '>>': ('<<', '//'),
    '&': ('|', '^', '-', '%'), '|': ('&', '^', '+', '-'), '^': ('&', '|', '+', '-'), '@': ('*',),
}


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the changes of one operation."""
    node = site.node
    if isinstance(node, cst.BinaryOperation):
        start, end = source.span(node.operator)
        left, right = site.child('left'), site.child('right')
        old = source.slice(start, end)
        for new in _OTHERS.get(old, ()):
            text = f'{_part(left)} {new} {_part(right)}'
            yield swap(site, text, f'{old} -> {new}')
        if old in ('-', '/', '//', '%', '**', '<<', '>>') or (
                old in ('+', '*') and 'Integer' not in (left.kind, right.kind)):
            yield swap(site, f'{_part(right)} {old} {_part(left)}', f'exchange around {old}')
    elif isinstance(node, cst.AugAssign):
        start, end = source.span(node.operator)
        old = source.slice(start, end)
        for new in _OTHERS.get(old[:-1], ()):
            yield Change(start, end, new + '=', f'{old} -> {new}=')
        yield Change(start, end, '=', f'{old} -> =')
    elif isinstance(node, cst.Assign) and len(node.targets) == 1 and not isinstance(
            node.targets[0].target, cst.Tuple):
        target, value = node.targets[0].target, node.value
        start, end = source.span(target)[1], source.span(value)[0]
        if not value.lpar if isinstance(value, cst.BaseExpression) else True:
            for new in ('+=', '-=', '*=', '//=', '|='):
                yield Change(start, end, f' {new} ', f'= -> {new}')
    elif isinstance(node, cst.UnaryOperation):
        if isinstance(node.operator, (cst.Minus, cst.BitInvert)):
            yield swap(site, site.child('expression').text, 'drop sign')
    elif site.is_expression and isinstance(node, (cst.Name, cst.Call, cst.Subscript)) and (
            site.role in ('left', 'right', 'comparator', 'elt', 'body', 'orelse')
            or (site.parent is not None and site.parent.kind in ('Return', 'Arg', 'Assign'))):
        yield swap(site, f'-{site.text}', 'add sign')


def _part(site: Site) -> str:
    simple = isinstance(site.node, (cst.Name, cst.Integer, cst.Float, cst.Call, cst.Subscript,
                                    cst.Attribute, cst.SimpleString, cst.List, cst.Set))
    return site.text if simple else f'({site.text})'
