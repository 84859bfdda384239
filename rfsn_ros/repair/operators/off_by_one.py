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

"""Off by one: one more, one less, or without the one that is there."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change, numbers_like, scalars_of, swap
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source

_BOUNDS = ('Index', 'Slice', 'Arg', 'Return', 'Assign', 'ComparisonTarget', 'Comparison',
           'Element')


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the changes of one number."""
    node, parent = site.node, site.parent
    if isinstance(node, cst.BinaryOperation) and isinstance(
            node.operator, (cst.Add, cst.Subtract)):
        left, right = site.child('left'), site.child('right')
        minus = isinstance(node.operator, cst.Subtract)
        if right.text == '1':
            yield swap(site, left.text, 'drop - 1' if minus else 'drop + 1')
            yield swap(site, f'{left.text} {"+" if minus else "-"} 1',
                       '- 1 -> + 1' if minus else '+ 1 -> - 1')
        elif left.text == '1' and not minus:
            yield swap(site, right.text, 'drop + 1')
    if not site.is_expression or not numbers_like(site) or isinstance(node, cst.Integer):
        return
    if parent is None or (site.role in ('func', 'value') and isinstance(
            parent.node, (cst.Call, cst.Attribute, cst.Subscript, cst.Expr))):
        return
    if isinstance(parent.node, cst.BinaryOperation) and site.role == 'left' and isinstance(
            parent.node.operator, (cst.Add, cst.Subtract)):
        return
    if site.role == 'iter':
        return
    if isinstance(node, (cst.Name, cst.Subscript)) and site.function is not None \
            and parent.kind in _BOUNDS:
        for name in scalars_of(site.function):
            if name != site.text:
                yield swap(site, f'{name} + 1', f'other name + 1 in {parent.kind}')
                yield swap(site, f'{name} - 1', f'other name - 1 in {parent.kind}')
    yield swap(site, f'{site.text} + 1', f'+ 1 in {parent.kind}')
    yield swap(site, f'{site.text} - 1', f'- 1 in {parent.kind}')
    if isinstance(parent.node, (cst.Return, cst.Arg)) and isinstance(node, cst.Call):
        yield swap(site, f'1 + {site.text}', f'+ 1 in {parent.kind}')
