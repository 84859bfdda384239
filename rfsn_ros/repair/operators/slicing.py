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

"""Slice: bounds added, dropped or moved; an index added or turned."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change, collections_of, swap, variables
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the changes of slices and subscripts at one site."""
    node, parent = site.node, site.parent
    if isinstance(node, cst.Slice):
        lower = site.filling('lower')[0].text if site.filling('lower') else ''
        upper = site.filling('upper')[0].text if site.filling('upper') else ''
        step = f':{site.child("step").text}' if site.filling('step') else ''
        for low, detail in ((lower, ''), ('', 'open start'), ('1', 'from 1'), ('0', 'from 0'),
                            *((name, 'from name') for name in variables(site))):
            if low != lower:
                yield Change(site.start, site.end, f'{low}:{upper}{step}', detail)
        for high, detail in (('', 'open end'), ('-1', 'to -1'), ('1', 'to 1'),
                             *((name, 'to name') for name in variables(site))):
            if high != upper:
                yield Change(site.start, site.end, f'{lower}:{high}{step}', detail)
        for new in (':-1', ':2', ''):
            if new != step:
                yield Change(site.start, site.end, f'{lower}:{upper}{new}', 'step')
        if lower and upper:
            yield Change(site.start, site.end, f'{upper}:{lower}{step}', 'exchange bounds')
        if lower and not upper:
            yield Change(site.start, site.end, f':{lower}{step}', 'start to end')
        if upper and not lower:
            yield Change(site.start, site.end, f'{upper}:{step}', 'end to start')
        return
    if not site.is_expression or parent is None or site.function is None:
        return
    if isinstance(node, (cst.Name, cst.Attribute)) and site.role == 'value' \
            and isinstance(parent.node, cst.Attribute) and parent.role == 'func':
        for name in (*variables(site), '-1', '0'):
            if name != site.text:
                yield swap(site, f'{site.text}[{name}]', 'element before its method')
    if site.role == 'func' or parent.kind in ('Expr', 'Attribute') or '\n' in site.text:
        return
    indexed = isinstance(node, (cst.Subscript, cst.Attribute)) or (
        isinstance(node, cst.Name) and node.value in collections_of(site.function))
    called = isinstance(node, cst.Call)
    if indexed or called:
        for text in ('[1:]', '[:-1]', '[::-1]', '[:]'):
            yield swap(site, f'{site.text}{text}', f'slice {text}')
        for text in ('[0]', '[-1]', '[1]'):
            yield swap(site, f'{site.text}{text}', f'element {text}')
    whole = site.role != 'value' or parent.kind in ('Arg', 'Return', 'Assign')
    if indexed and whole:
        for name in variables(site):
            if name != site.text:
                yield swap(site, f'{site.text}[{name}]', 'index by name')
                yield swap(site, f'{site.text}[{name}:]', 'slice from name')
                yield swap(site, f'{site.text}[:{name}]', 'slice to name')
                yield swap(site, f'{site.text}[{name} + 1:]', 'slice after name')
                yield swap(site, f'{site.text}[:{name} + 1]', 'slice through name')
                for step in ('+', '-'):
                    yield swap(site, f'{site.text}[{name} {step} 1]', f'index by name {step} 1')
    if isinstance(node, cst.Name) and not indexed:
        for container in collections_of(site.function):
            if container != site.text:
                yield swap(site, f'{container}[{site.text}]', 'look up in container')
                for step in ('+', '-'):
                    yield swap(site, f'{container}[{site.text} {step} 1]',
                               f'look up {step} 1 in container')
