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

"""Exchange: two arguments, two elements, two branches, two targets or values."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield every exchange of two neighbours in a list of parts."""
    node = site.node
    parts: list[Site] = []
    if isinstance(node, cst.Call):
        parts = [arg.child('value') for arg in site.filling('args')]
    elif isinstance(node, (cst.Tuple, cst.List)):
        parts = [element.child('value') for element in site.filling('elements')]
    elif isinstance(node, cst.IfExp):
        parts = [site.child('body'), site.child('orelse')]
    elif isinstance(node, cst.Subscript) and isinstance(node.value, cst.Subscript):
        parts = [site.child('value').child('slice'), site.child('slice')]
    elif isinstance(node, (cst.DictElement, cst.DictComp)):
        parts = [site.child('key'), site.child('value')]
    elif isinstance(node, cst.Comparison) and len(node.comparisons) == 1 and isinstance(
            node.comparisons[0].operator, (cst.In, cst.NotIn)):
        parts = [site.child('left'), site.child('comparisons').child('comparator')]
    kind = site.kind
    for index, first in enumerate(parts[:6]):
        for second in parts[index + 1:6]:
            if first.text != second.text:
                middle = source.slice(first.end, second.start)
                yield Change(first.start, second.end, second.text + middle + first.text,
                             f'exchange in {kind}')
