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

"""Expression: another expression of the same function, a part, or one more term."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import (
    chains,
    Change,
    collections_of,
    constants,
    simple_conditions,
    subscripts,
    swap,
    terms,
    variables,
)
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source

_REPLACED = (cst.Subscript, cst.Call, cst.BinaryOperation, cst.Attribute, cst.Comparison,
             cst.UnaryOperation, cst.List, cst.Tuple, cst.IfExp, cst.ListComp, cst.Set)
_TERMED = (cst.Name, cst.Subscript, cst.Call, cst.Attribute, cst.Integer)
_ROLES = ('test', 'iter', 'value', 'left', 'right', 'comparator', 'body', 'orelse', 'elt',
          'elements', 'lower', 'upper')


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the replacements of one expression by ingredients."""
    function, parent = site.function, site.parent
    if function is None or parent is None or not site.is_expression or '\n' in site.text:
        return
    if site.role not in _ROLES or parent.kind in ('Attribute', 'Expr'):
        return
    yield from _ingredients(site)
    yield from _terms(site)
    yield from _lists(site)
    if site.role == 'test' and isinstance(site.node, (cst.Comparison, cst.Name, cst.Call)):
        for text, kind in simple_conditions(function):
            if text != site.text:
                yield swap(site, text, f'condition {kind}')
    if site.role == 'value' and parent.kind in ('Return', 'Assign') and len(site.text) <= 30:
        for test, kind in simple_conditions(function):
            if kind in ('truth', 'none', 'zero', 'names', 'attribute', 'short'):
                for other in ('-1', 'None', '0', '[]', "''"):
                    yield swap(site, f'{site.text} if {test} else {other}', f'only if {kind}')


def _ingredients(site: Site) -> Iterator[Change]:
    """Yield expressions of the same function, and parts of the site's own."""
    function = site.function
    assert function is not None
    compound = isinstance(site.node, _REPLACED)
    if compound or isinstance(site.node, (cst.Name, cst.Integer)):
        for other in function.expressions:
            if other.role == 'func' or other.text == site.text or len(other.text) > 40:
                continue
            if isinstance(other.node, _REPLACED) and not other.text.startswith(f'{site.text}('):
                same = 'same kind' if other.kind == site.kind else f'{site.kind} -> {other.kind}'
                yield swap(site, other.text, same)
        for chain in chains(function):
            if chain != site.text:
                yield swap(site, chain, f'{site.kind} -> attribute')
        if not isinstance(site.node, cst.Integer):
            for element in subscripts(function):
                if element != site.text:
                    yield swap(site, element, f'{site.kind} -> element')
        for container in collections_of(function):
            for text in (f'len({container})', f'len({container}) - 1', f'{container}[-1]',
                         f'{container}[0]'):
                if text != site.text:
                    yield swap(site, text, f'{site.kind} -> of container')
    if compound:
        for name in variables(site):
            yield swap(site, name, f'{site.kind} -> name')
        if isinstance(site.node, (cst.BinaryOperation, cst.IfExp)):
            for part in site.children:
                if part.is_expression:
                    yield swap(site, part.text, f'part of {site.kind}')
        if isinstance(site.node, cst.Subscript):
            value = site.child('value').text
            yield swap(site, value, 'drop subscript')
            index = site.filling('slice')[0].text
            if ':' not in index and len(site.filling('slice')) == 1:
                yield swap(site, f'{value}.get({index}, 0)', 'get, 0 where missing')
                yield swap(site, f'{value}.get({index})', 'get, None where missing')


def _terms(site: Site) -> Iterator[Change]:
    """Yield the expression with one more term or factor."""
    function = site.function
    assert function is not None
    whole = isinstance(site.node, cst.BinaryOperation) and site.role not in ('left', 'right')
    if not whole and not isinstance(site.node, _TERMED):
        return
    text = site.text
    inner = text if not whole or not isinstance(
        site.node.operator, (cst.Add, cst.Subtract)) else f'({text})'  # type: ignore[attr-defined]
    kind = 'of an operation' if whole else 'of a number' if isinstance(
        site.node, cst.Integer) else ''
    for term in terms(function):
        if term != text:
            yield swap(site, f'{text} + {term}', f'term + {kind}')
            yield swap(site, f'{text} - {term}', f'term - {kind}')
            yield swap(site, f'{term} + {text}', f'term before {kind}')
            yield swap(site, f'{term} - {inner}', f'subtracted from {kind}')
            if term in function.names and not isinstance(site.node, cst.Integer):
                for sign in ('*', '//', '%'):
                    yield swap(site, f'{term} {sign} {inner}', f'name {sign} before {kind}')
                yield swap(site, f'{text} - {term} + 1', f'window {kind}')
            if site.role in ('value', 'left', 'right') and isinstance(site.node, cst.Name):
                yield swap(site, f'{term} - 1 - {text}', 'counted from the end')
            for sign in ('*', '//', '%') if not whole or term in function.names else ():
                yield swap(site, f'{inner} {sign} {term}', f'term {sign} {kind}')
    if isinstance(site.node, cst.Integer):
        return
    numbers = [number for number in constants(function) if number.isdigit() and int(number) > 1]
    for number in dict.fromkeys((*numbers[:3], '2')):
        for sign in ('+', '-', '*', '//', '%'):
            yield swap(site, f'{text if sign in "+-" else inner} {sign} {number}',
                       f'number {sign} {kind}')
        yield swap(site, f'{number} * {inner}', f'number * {kind}')
    yield swap(site, f'1 - {inner}', f'one minus {kind}')
    yield swap(site, f'{inner} ** 2', f'square {kind}')
    for written in constants(function)[:6]:
        if written.startswith(("'", '"')):
            yield swap(site, f'{text} + {written}', 'text after')
            yield swap(site, f'{written} + {text}', 'text before')


def _lists(site: Site) -> Iterator[Change]:
    """Yield the expression as an element of a list, or a list with one more element."""
    listed = isinstance(site.node, cst.List)
    simple = isinstance(site.node, (cst.Name, cst.Subscript, cst.Attribute, cst.Call))
    if listed or (simple and site.role in ('value', 'elt', 'left', 'right')):
        yield swap(site, f'[{site.text}]', 'in a list')
    if listed:
        for name in variables(site):
            yield swap(site, f'{site.text} * {name}', 'list times name')
            if not site.children:
                yield swap(site, f'[list({name})]', 'copy in a list')
    if isinstance(site.node, cst.Name) and site.role in ('value', 'elt'):
        for one in ('0', 'None', 'False', 'True'):
            yield swap(site, f'[{one}] * {site.text}', f'list of {one}')
    if listed or (simple and site.role in ('value', 'elt')):
        for name in variables(site):
            if name != site.text:
                yield swap(site, f'[{name}] + {site.text}', 'list before')
                yield swap(site, f'{site.text} + [{name}]', 'list after')
        for one in ('0', 'None'):
            yield swap(site, f'[{one}] + {site.text}', 'constant before')
            yield swap(site, f'{site.text} + [{one}]', 'constant after')
