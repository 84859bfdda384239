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

"""Return: another value returned, a missing `return`, `yield` for `return` and back."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change, constants, insert_after, swap, variables
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source

_CONSTANTS = ('True', 'False', 'None', '[]', '0', '1', '-1', '{}', "''", '[[]]')


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the changes of what one statement gives back."""
    node, function = site.node, site.function
    if function is None:
        return
    if isinstance(node, cst.Return) and site.filling('value'):
        value = site.child('value')
        for name in (*variables(site), *_CONSTANTS):
            if name != value.text:
                yield swap(value, name, 'constant' if name in _CONSTANTS else 'name')
        for other in function.expressions:
            compound = isinstance(other.node, (cst.Comparison, cst.Call, cst.BinaryOperation))
            if compound and other.text != value.text:
                yield swap(value, other.text, f'expression {other.kind}')
        for one in variables(site):
            for two in variables(site):
                if one != two:
                    yield swap(value, f'{one} + {two}', 'sum of names')
        for text in constants(function):
            if text.startswith(("'", '"')) and len(text) <= 4:
                for name in variables(site):
                    yield swap(value, f'{text}.join({name})', 'join of a name')
        yield Change(site.start, site.end, value.text, 'drop return')
        yield Change(site.start, site.end, f'yield {value.text}', 'to yield')
    elif isinstance(node, cst.Return):
        for name in (*variables(site), *_CONSTANTS):
            yield Change(site.start, site.end, f'return {name}', 'add value')
    elif isinstance(node, cst.Expr):
        value = site.child('value')
        if isinstance(value.node, cst.Call):
            yield Change(site.start, site.end, f'return {value.text}', 'return the call')
            yield Change(site.start, site.end, f'yield from {value.text}', 'yield from the call')
            for name in variables(site):
                yield Change(site.start, site.end, f'{name} = {value.text}', 'assign the call')
                yield Change(site.start, site.end, f'{name} += {value.text}', 'add the call')
        if isinstance(value.node, cst.Yield) and value.filling('value'):
            inner = value.child('value')
            text = inner.text
            if isinstance(inner.node, cst.From):
                yield Change(value.start, value.end, f'yield {inner.child("item").text}',
                             'yield from -> yield')
            else:
                yield Change(value.start, value.end, f'yield from {text}', 'yield -> yield from')
                yield Change(value.start, value.end, f'return {text}', 'yield -> return')
    elif isinstance(node, cst.Assign) and isinstance(node.value, cst.List) and len(
            node.value.elements) == 1 and isinstance(node.targets[0].target, cst.Subscript):
        target, value = site.filling('targets')[0].child('target'), site.child('value')
        owner, key = target.child('value').text, target.filling('slice')[0].text
        yield Change(site.start, site.end, f'{owner}.setdefault({key}, []).append('
                     f'{value.text[1:-1]})', 'append to the element')
    elif isinstance(node, cst.Assign) and isinstance(node.value, cst.Call):
        yield Change(site.start, site.end, f'return {site.child("value").text}',
                     'return the assigned')
    elif site.is_statement and site.role == 'body' and site.parent is not None and isinstance(
            site.parent.node, cst.IndentedBlock):
        yield from _missing(source, site)


def _missing(source: Source, site: Site) -> Iterator[Change]:
    """Yield a `return` after the last statement of a block."""
    block = site.parent
    assert block is not None
    assert site.function is not None
    if block.filling('body')[-1] is not site:
        return
    if site.children and site.children[0].kind in ('Return', 'Raise', 'Break', 'Continue'):
        return
    owner = block.parent.kind if block.parent else ''
    for name in (*variables(site), *_CONSTANTS):
        kind = 'constant' if name in _CONSTANTS else 'name'
        yield insert_after(source, site, f'return {name}', f'missing {kind} in {owner}')
