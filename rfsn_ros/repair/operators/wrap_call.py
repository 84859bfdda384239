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

"""Wrap: a call put around an expression or taken away."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import (
    callables,
    Change,
    constants,
    near_copies,
    scalars_of,
    subscripts,
    swap,
    terms,
)
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source

_WRAPPERS = ('len', 'abs', 'int', 'list', 'sorted', 'set', 'str', 'tuple', 'sum', 'max', 'min',
             'reversed', 'enumerate', 'range', 'bool', 'dict', 'any', 'all', 'float', 'next',
             'iter')


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the expression in and out of calls."""
    if not site.is_expression or site.function is None or '\n' in site.text:
        return
    node, parent = site.node, site.parent
    if isinstance(node, cst.Call):
        args = site.filling('args')
        for arg in args:
            value = arg.child('value')
            yield swap(site, value.text, f'unwrap {_name(site)}')
        func = site.child('func')
        if isinstance(func.node, cst.Attribute):
            yield swap(site, func.child('value').text, f'drop method {_name(site)}')
    if parent is None or site.role == 'func' or parent.kind in ('Expr', 'Attribute'):
        return
    if isinstance(node, cst.SimpleString):
        for name in ('float', 'int', 'len', 'list', 'set'):
            yield swap(site, f'{name}({site.text})', f'wrap {name} around text')
    if not isinstance(node, (cst.Name, cst.Attribute, cst.Subscript, cst.Call,
                             cst.BinaryOperation, cst.GeneratorExp)):
        return
    for name in _WRAPPERS:
        if not site.text.startswith(f'{name}('):
            yield swap(site, f'{name}({site.text})', f'wrap {name} in {site.role}')
    if site.role == 'iter':
        for start in ('0', '1'):
            yield swap(site, f'range({start}, {site.text})', f'wrap range from {start}')
        yield swap(site, f'range(len({site.text}))', 'wrap range(len())')
        yield swap(site, f'{site.text}.items()', 'wrap .items()')
    if isinstance(node, (cst.Name, cst.Attribute, cst.Subscript)):
        yield swap(site, f'{site.text}.copy()', 'copy')
        for method in ('strip()', 'lower()', 'keys()', 'values()'):
            yield swap(site, f'{site.text}.{method}', f'method {method}')
        for key in scalars_of(site.function) if isinstance(node, cst.Name) else ():
            if key != site.text:
                yield swap(site, f'{site.text}.get({key})', 'get by name')
                yield swap(site, f'{site.text}.get({key}, 0)', 'get by name, 0 where missing')
    yield from _own_with_parameters(source, site)
    yield from _like_its_sibling(site)
    for name in callables(source, site):
        if name.islower() and (name != site.function.name or site.kind != 'Call'):
            own = 'itself' if name == site.function.name else 'other'
            yield swap(site, f'{name}({site.text})', f'wrap function {own}')
    if site.role == 'value' and parent.kind == 'Return' and isinstance(node, cst.Name):
        for text in dict.fromkeys((*constants(site.function), "''", "' '")):
            if text.startswith(("'", '"')):
                yield swap(site, f'{text}.join({site.text})', 'join')
    if site.role in ('value', 'body', 'orelse', 'right', 'left') and parent.kind in (
            'Assign', 'Return', 'IfExp', 'Arg', 'BinaryOperation'):
        for other in dict.fromkeys((*_assigned(site), *terms(site.function),
                                    *subscripts(site.function))):
            if other != site.text:
                kind = 'the target' if other in _assigned(site) else (
                    'name' if other.isidentifier() else 'an expression')
                for name in ('max', 'min'):
                    yield swap(site, f'{name}({other}, {site.text})', f'wrap {name} with {kind}')
        for name in ('max', 'min'):
            yield swap(site, f'{name}({site.text}, 0)', f'wrap {name} with 0')


def _assigned(site: Site) -> list[str]:
    """Return what the expression is assigned to, where it is."""
    parent = site.parent
    if parent is None or parent.kind != 'Assign':
        return []
    return [target.text for target in parent.filling('targets') if '\n' not in target.text]


def _like_its_sibling(site: Site) -> Iterator[Change]:
    """Yield the call on the other side of an operation with a name, field or number exchanged."""
    parent, function = site.parent, site.function
    if parent is None or function is None or not isinstance(
            parent.node, (cst.BinaryOperation, cst.BooleanOperation)):
        return
    other = parent.child('right' if site.role == 'left' else 'left')
    if other.kind != 'Call' or len(other.text) > 60:
        return
    for text in near_copies(function, other.text):
        if text != site.text:
            yield swap(site, text, 'call like the other side')


def _own_with_parameters(source: Source, site: Site) -> Iterator[Change]:
    """Yield the expression as one argument of the function itself, its parameters the others."""
    function = site.function
    assert function is not None
    if not 2 <= len(function.params) <= 4 or function.params[0] == 'self' or (
            site.kind == 'Call' and site.text.startswith(f'{function.name}(')
            and site.role != 'value'):
        return
    for index in range(len(function.params)):
        others = list(function.params)
        if others[index] != site.text:
            others[index] = site.text
            yield swap(site, f'{function.name}({", ".join(others)})', 'wrap itself, parameters')


def _name(site: Site) -> str:
    return site.child('func').text.rpartition('.')[2]
