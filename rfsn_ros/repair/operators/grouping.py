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

"""Grouping: parentheses around another part of an operation."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source

_BOTH = (cst.BinaryOperation, cst.BooleanOperation)


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield, for an operation with an operation inside, the other grouping of the three."""
    if not isinstance(site.node, _BOTH) or not site.is_expression or '\n' in site.text:
        return
    left, right = site.child('left'), site.child('right')
    outer = source.slice(*source.span(site.node.operator))
    if isinstance(left.node, _BOTH):
        inner = source.slice(*source.span(left.node.operator))
        first, second = _atom(left.child('left')), _atom(left.child('right'))
        yield _whole(site, f'{first} {inner} ({second} {outer} {_atom(right)})', 'to the right')
    if isinstance(right.node, _BOTH):
        inner = source.slice(*source.span(right.node.operator))
        first, second = _atom(right.child('left')), _atom(right.child('right'))
        yield _whole(site, f'({_atom(left)} {outer} {first}) {inner} {second}', 'to the left')


def _atom(site: Site) -> str:
    return f'({site.text})' if isinstance(site.node, _BOTH) else site.text


def _whole(site: Site, text: str, detail: str) -> Change:
    """Replace the operation; parentheses that it has already stay around it."""
    return Change(site.start, site.end, site.fit(text), detail)
