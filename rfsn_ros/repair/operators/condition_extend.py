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

"""Extend: a condition gets one more part, joined by `and` or `or`; a comprehension a filter."""

from __future__ import annotations

from collections.abc import Iterator
import re

import libcst as cst
from rfsn_ros.repair.operators.base import (
    Change,
    conditions,
    is_condition,
    scalars_of,
    simple_conditions,
    swap,
    used_names,
    variables,
)
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source

_FAR = ('truth', 'none', 'zero', 'one', 'bound', 'lengths', 'attribute', 'kind', 'number')


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield a condition with each part that the function's own names suggest."""
    if site.function is None:
        return
    if isinstance(site.node, cst.CompFor) and not site.filling('ifs'):
        targets = used_names(site.child('target').text)
        for part, detail in (*_simple(site), *_written(site)):
            if used_names(part) & targets:
                yield Change(site.end, site.end, f' if {part}', f'filter {detail}')
    if not is_condition(site) or isinstance(site.node, cst.UnaryOperation):
        return
    if isinstance(site.node, cst.Comparison) and len(site.node.comparisons) == 1:
        start, end = source.span(site.node.comparisons[0].operator)
        sign = source.slice(start, end)
        for name in scalars_of(site.function) if sign in ('<', '<=', '>', '>=') else ():
            if name not in used_names(site.text):
                yield swap(site, f'{name} {sign} {site.text}', 'chain before')
                yield swap(site, f'{site.text} {sign} {name}', 'chain after')
    words: tuple[str, ...] = ('and', 'or')
    parent = site.parent
    if parent is not None and isinstance(parent.node, cst.UnaryOperation):
        return
    if parent is not None and isinstance(parent.node, cst.BooleanOperation):
        words = ('or',) if isinstance(parent.node.operator, cst.And) else ('and',)
        if isinstance(site.node, cst.BooleanOperation):
            return
    present = used_names(site.text)
    for part, detail in (*_written(site), *_simple(site)):
        if part == site.text:
            continue
        near = 'near' if used_names(part) & present else 'far'
        if near == 'far' and detail not in _FAR and detail != 'written condition':
            continue
        for word in words:
            operand = part
            if ' or ' in part or (word == 'or' and ' and ' in part):
                operand = f'({part})'
            text = f'({site.text})' if ' or ' in site.text and word == 'and' else site.text
            if not detail.startswith(('element', 'neighbours')):
                yield swap(site, f'{operand} {word} {text}', f'{word} {detail} {near} before')
            if '.' in part or '[' in part or ' in ' in part or 'written' in detail:
                yield swap(site, f'{text} {word} {operand}', f'{word} {detail} {near} after')


def _simple(site: Site) -> Iterator[tuple[str, str]]:
    assert site.function is not None
    yield from simple_conditions(site.function)


def _written(site: Site) -> Iterator[tuple[str, str]]:
    assert site.function is not None
    for text in conditions(site.function):
        yield text, 'written condition'
        yield f'not {text}' if not any(
            word in text for word in (' and ', ' or ')) else f'not ({text})', 'its opposite'
        if ' and ' not in text and ' or ' not in text:
            for name in variables(site):
                if re.search(rf'\b{name}\b', text):
                    for other in variables(site):
                        if other != name:
                            yield re.sub(rf'\b{name}\b', other, text), 'written, other name'
    mine = [name for name in variables(site) if name in used_names(site.text)]
    for index, one in enumerate(mine):
        for other in mine[index + 1:]:
            yield _exchanged(site.text, one, other), 'names exchanged'


def _exchanged(text: str, one: str, other: str) -> str:
    table = {one: other, other: one}
    return re.sub(r'\b[A-Za-z_]\w*\b', lambda match: table.get(match[0], match[0]), text)
