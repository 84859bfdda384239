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

"""Negate: a condition becomes its opposite."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change, is_condition, swap
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the opposite of one condition."""
    if not site.is_expression:
        return
    if isinstance(site.node, cst.UnaryOperation) and isinstance(site.node.operator, cst.Not):
        yield swap(site, site.child('expression').text, 'drop not')
    elif is_condition(site) and not isinstance(site.node, cst.Comparison):
        operand = site.text
        if isinstance(site.node, cst.BooleanOperation):
            operand = f'({operand})'
        yield swap(site, f'not {operand}', 'add not')
