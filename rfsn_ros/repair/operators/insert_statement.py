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

"""Insert: an update, a copy of a statement with another name, `break` or `continue`."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import (
    chains,
    Change,
    collections_of,
    in_block,
    insert_after,
    insert_before,
    loops_around,
    near_copies,
    scalars_of,
    simple_conditions,
    subscripts,
    variables,
)
from rfsn_ros.repair.sites import Function, Site
from rfsn_ros.repair.source import Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the lines that could be missing before a statement or after a block's last."""
    parent = site.parent
    if not in_block(site) or parent is None:
        return
    last = parent.filling('body')[-1] is site
    leaves = site.kind == 'SimpleStatementLine' and site.children and site.children[0].kind in (
        'Return', 'Break', 'Continue', 'Raise')
    lines = list(_lines(source, site))
    if parent.filling('body')[0] is site and parent.parent is not None and isinstance(
            parent.parent.node, cst.FunctionDef):
        lines += _conversions(site.function)
    for text, detail in lines:
        yield insert_before(source, site, text, detail)
        if last and not leaves:
            yield insert_after(source, site, text, f'{detail} at end')
    if site.kind == 'SimpleStatementLine' and '\n' not in site.text:
        for text in _near_copies(site):
            yield insert_before(source, site, text, 'near copy before')
            if not leaves:
                yield insert_after(source, site, text, 'near copy after')


def _lines(source: Source, site: Site) -> Iterator[tuple[str, str]]:
    function = site.function
    assert function is not None
    if any(True for _ in loops_around(site)):
        yield 'break', 'break'
        yield 'continue', 'continue'
    names = variables(site)
    for container in collections_of(function):
        for method in _growing(function, container):
            for name in names:
                if name != container:
                    yield f'{container}.{method}({name})', f'grow by {method}'
            for value in (*subscripts(function)[:8], *chains(function)[:6]):
                if method != 'remove' and not value.startswith(f'{container}['):
                    yield f'{container}.{method}({value})', f'grow by {method} of a part'
    for name in _flags(function):
        yield f'{name} = True', 'set flag'
        yield f'{name} = False', 'set flag'
        for test, kind in simple_conditions(function):
            if kind == 'names' and ' == ' in test:
                for value in ('True', 'False'):
                    yield f'if {test}:\n    {name} = {value}', 'set flag if'
    for name in _counters(function):
        yield f'{name} += 1', 'count up'
        yield f'{name} -= 1', 'count down'
        for other in names:
            if other != name:
                yield f'{name} += {other}', 'add name'
                yield f'{name} -= {other}', 'subtract name'
    for name in _numbers(function):
        for change in ('+= 1', '-= 1', '//= 2', '//= 10', '*= 2'):
            yield f'{name} {change}', 'step of a number'
    for chain in chains(function):
        yield f'{chain.partition(".")[0]} = {chain}', 'step along'
        for name in scalars_of(function):
            if not chain.startswith(f'{name}.'):
                yield f'{chain} = {name}', 'assign attribute'
                yield f'{name} = {chain}', 'assign from attribute'
    for container in collections_of(function):
        for key in scalars_of(function):
            yield f'{container} = {container}[{key}]', 'step into'
            for value in (*scalars_of(function), 'True', '0', '1', '[]'):
                if value != key:
                    yield f'{container}[{key}] = {value}', 'set element'
            yield f'{container}[{key}] += 1', 'count element'
            for value in _computed(function):
                yield f'{container}[{key}] = {value}', 'set element to computed'
            for value in scalars_of(function):
                if value != key:
                    yield f'{container}[{key}] += {value}', 'add to element'
                    yield f'{container}[{key}].append({value})', 'grow element'
    if any(isinstance(other.node, cst.Yield) for other in function.sites):
        for value in (*names, '[]', *(f'[{name}]' for name in names)):
            yield f'yield {value}', 'yield'
    elif any(True for _ in loops_around(site)) or site.parent is None or not isinstance(
            getattr(site.parent.parent, 'node', None), cst.FunctionDef):
        for value in (*names, 'True', 'False', 'None'):
            yield f'return {value}', 'return'
    for name in names:
        for other in names:
            if name != other and name not in function.params[:1]:
                yield f'{name} = {other}', 'assign name'
    for written in _written(function):
        yield written, 'written line'
    for written in _fields_set(source, function):
        yield written, 'field set elsewhere'


def _conversions(function: Function | None) -> list[tuple[str, str]]:
    """Return the changes of form that parameters get before all else."""
    assert function is not None
    return [(f'{name} = {call}({name})', f'convert by {call}') for name in function.params
            for call in ('list', 'sorted', 'set', 'abs', 'str', 'int', 'dict', 'tuple')]


def _fields_set(source: Source, function: Function) -> list[str]:
    """Return how other methods set fields, for a method."""
    if 'self' not in function.params:
        return []
    found = [site.text for other in source.functions if other is not function
             for site in other.statements if site.text.startswith('self.') and ' = ' in site.text
             and '\n' not in site.text]
    return list(dict.fromkeys(found))[:8]


def _near_copies(site: Site) -> list[str]:
    """Return a line with one name, field, sign or bound exchanged."""
    function = site.function
    assert function is not None
    if site.children[0].kind not in ('Assign', 'AugAssign', 'Expr'):
        return []
    return near_copies(function, site.text)


def _numbers(function: Function) -> list[str]:
    """Return the names that count: used as an index, in arithmetic or beside a number."""
    found = [site.text for site in function.sites
             if isinstance(site.node, cst.Name) and site.parent is not None
             and site.parent.kind in ('Index', 'BinaryOperation', 'Comparison', 'AugAssign')]
    return [name for name in dict.fromkeys(found) if name in function.names][:6]


def _growing(function: Function, container: str) -> list[str]:
    methods = [method for method in ('append', 'add', 'remove', 'extend', 'appendleft')
               if any(f'{container}.{method}(' in site.text for site in function.expressions)]
    if methods:
        return methods
    text = ' '.join(site.text for site in function.statements)
    if any(form in text for form in (f'{container} = set(', f'{container} = {{')):
        return ['add']
    return ['add', 'append'] if f'in {container}' in text else ['append']


def _flags(function: Function) -> list[str]:
    """Return the names that are set to `True` or `False`."""
    return [name for name in function.names if any(
        site.text in (f'{name} = True', f'{name} = False') for site in function.statements)]


def _computed(function: Function) -> list[str]:
    return list(dict.fromkeys(
        site.text for site in function.expressions
        if isinstance(site.node, cst.BinaryOperation) and len(site.text) <= 20))[:4]


def _counters(function: Function) -> list[str]:
    return [name for name in function.names if any(
        site.text.startswith((f'{name} += ', f'{name} -= ', f'{name} = 0', f'{name} = 1'))
        for site in function.statements)]


def _written(function: Function) -> list[str]:
    lines = [site.text for site in function.statements
             if site.kind == 'SimpleStatementLine' and '\n' not in site.text]
    for site in function.statements:
        if site.kind == 'SimpleStatementLine' and site.children[0].kind == 'Assign':
            targets = site.children[0].filling('targets')
            value = site.children[0].child('value')
            if value.kind == 'Call' and '.pop' not in value.text:
                lines.append(value.text)
            if len(targets) == 1 and value.kind == 'Name' and targets[0].text != value.text:
                lines.append(f'{value.text} = {targets[0].text}')
    return list(dict.fromkeys(lines))[:16]
