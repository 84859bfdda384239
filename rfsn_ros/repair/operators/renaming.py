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

"""Rename: a name replaced throughout one line, or two names exchanged in it."""

from __future__ import annotations

from collections.abc import Iterator
import re

import libcst as cst
from rfsn_ros.repair.operators.base import Change, names_for
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source

_WORD = re.compile(r'(?<![.\w])[A-Za-z_]\w*\b')


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the renamings within one simple statement, condition or iterable."""
    function = site.function
    line = site.kind == 'SimpleStatementLine' or (
        site.is_expression and site.role in ('test', 'iter')
        and not isinstance(site.node, cst.Name))
    if function is None or not line or '\n' in site.text:
        return
    words = _WORD.findall(site.text)
    names = [name for name in dict.fromkeys(words) if name in function.names]
    for name in names:
        if words.count(name) > 1:
            for other in names_for(site):
                if other != name:
                    yield _renamed(site, {name: other}, 'throughout')
    for index, name in enumerate(names):
        for other in names[index + 1:]:
            yield _renamed(site, {name: other, other: name}, 'exchange')


def _renamed(site: Site, table: dict[str, str], detail: str) -> Change:
    text = _WORD.sub(lambda match: table.get(match[0], match[0]), site.text)
    return Change(site.start, site.end, text, detail)
