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

"""Boolean operators: `and` for `or` and back."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change, swap
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the other operator."""
    if isinstance(site.node, cst.BooleanOperation):
        start, end = source.span(site.node.operator)
        new = 'or' if isinstance(site.node.operator, cst.And) else 'and'
        yield Change(start, end, new, f'to {new}')
        left, right = site.child('left'), site.child('right')
        if isinstance(left.node, cst.BooleanOperation) and not left.node.lpar and isinstance(
                left.node.operator, cst.And) and new == 'or':
            yield swap(site, f'{left.child("left").text} and '
                       f'({left.child("right").text} or {right.text})', 'to or, grouped')
