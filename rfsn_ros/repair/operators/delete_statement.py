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

"""Delete: a statement goes."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the text without one statement (with `pass` where nothing else would be left)."""
    parent = site.parent
    if not site.is_statement or site.function is None or parent is None or isinstance(
            site.node, (cst.FunctionDef, cst.ClassDef)):
        return
    start, end = source.line_span(site)
    simple = site.children and site.kind == 'SimpleStatementLine'
    kind = site.children[0].kind if simple else site.kind
    if isinstance(site.node, cst.If) and site.role == 'orelse':
        return
    if len(parent.filling('body')) == 1:
        if site.text != 'pass':
            yield Change(site.start, site.end, 'pass', f'only {kind}')
    else:
        yield Change(start, end, '', kind)
