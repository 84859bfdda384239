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

"""Comparison: another comparison operator, or its sides exchanged."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source

_ORDER = ('<', '<=', '>', '>=', '==', '!=')
_GROUPS = (_ORDER, ('in', 'not in'), ('is', 'is not'))


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the changes of one comparison."""
    if not isinstance(site.node, cst.Comparison):
        return
    for target in site.node.comparisons:
        start, end = source.span(target.operator)
        old = ' '.join(source.slice(start, end).split())
        others = next(group for group in _GROUPS if old in group)
        more = {'is': ('==',), '==': ('is', 'in'), 'in': ('==',), '!=': ('is not', 'not in')}
        for new in (*others, *more.get(old, ())):
            if new != old:
                yield Change(start, end, new, f'{old} -> {new}')
    if len(site.node.comparisons) == 1:
        target = site.node.comparisons[0]
        (left, left_end), (right, right_end) = (
            source.span(site.node.left), source.span(target.comparator))
        if source.slice(*source.span(target.operator)) in _ORDER[:4] and not (
                site.node.left.lpar or target.comparator.lpar):
            middle = source.slice(left_end, right)
            text = source.slice(right, right_end) + middle + source.slice(left, left_end)
            yield Change(left, right_end, text, 'exchange sides')
