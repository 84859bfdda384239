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

"""Variable: another name in scope."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import callables, Change, names_for, swap
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the other names for one use of a name, or one target of an assignment."""
    node = site.node
    if not isinstance(node, cst.Name) or site.function is None:
        return
    if site.is_target:
        if site.parent is not None and site.parent.kind in ('AssignTarget', 'AugAssign'):
            for name in names_for(site):
                yield swap(site, name, 'target')
        return
    if not site.is_expression or node.value in ('True', 'False', 'None'):
        return
    if site.role == 'func':
        for name in callables(source, site):
            if name != site.text and name.islower():
                yield swap(site, name, 'function')
        return
    for name in names_for(site):
        yield swap(site, name, f'in {site.parent.kind if site.parent else ""}')
