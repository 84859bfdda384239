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

"""Drop: a condition loses one of its parts, or stops mattering."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change, swap
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield each way to leave out a part."""
    node, parent = site.node, site.parent
    if isinstance(node, cst.BooleanOperation):
        yield swap(site, site.child('left').text, 'keep left')
        yield swap(site, site.child('right').text, 'keep right')
    if isinstance(node, cst.CompIf):
        start = len(source.data[:site.start].rstrip())
        yield Change(start, site.end, '', 'drop filter')
    if isinstance(node, cst.IfExp):
        yield swap(site, site.child('body').text, 'always body')
        yield swap(site, site.child('orelse').text, 'always else')
    if site.role == 'test' and parent is not None and isinstance(parent.node, (cst.If, cst.While)):
        yield swap(site, 'True', f'always in {parent.kind}')
        if isinstance(parent.node, cst.If):
            yield swap(site, 'False', 'never')
    if isinstance(node, cst.Comparison) and len(node.comparisons) == 2:
        middle = source.span(node.comparisons[0].comparator)
        yield Change(middle[1], site.end, '', 'open above')
        yield Change(site.start, middle[0], '', 'open below')
