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

"""Attribute: another attribute, one more, one less."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change, swap, variables
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the changes of attribute access at one site."""
    node = site.node
    if not site.is_expression and not (isinstance(node, cst.Attribute) and site.is_target):
        return
    fields = [name for name in source.attributes if f'.{name}(' not in source.text]
    if isinstance(node, cst.Attribute) and site.role != 'func':
        value, old = site.child('value'), site.child('attr').text
        for name in fields:
            if name != old:
                yield swap(site, f'{value.text}.{name}', 'other attribute')
        if not site.is_target:
            yield swap(site, value.text, 'drop attribute')
        if isinstance(value.node, cst.Name):
            for name in variables(site):
                if name != value.text:
                    for other in fields:
                        yield swap(site, f'{name}.{other}', 'other object')
    elif isinstance(node, cst.Name) and (
            site.role not in ('func', 'value') or (site.parent is not None and (
                site.parent.role == 'func'
                or site.parent.kind in ('Arg', 'Index', 'Return', 'Assign')))):
        for name in fields:
            yield swap(site, f'{site.text}.{name}', 'add attribute')
    if isinstance(node, cst.Attribute) and site.role != 'func' and not site.is_target:
        for name in fields:
            yield swap(site, f'{site.text}.{name}', 'longer chain')
