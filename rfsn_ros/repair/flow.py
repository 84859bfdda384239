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

"""Which names of a function are read, where they change, and what its loops wait for."""

from __future__ import annotations

from collections import Counter
import re

import libcst as cst
from rfsn_ros.repair.sites import Function, Site

__all__ = ['Flow']

_GROW = ('append', 'add', 'extend', 'appendleft', 'insert', 'update', 'setdefault')
_SHRINK = ('pop', 'popleft', 'remove', 'discard', 'popitem')
_NAME = re.compile(r'(?<![.\w])[A-Za-z_]\w*')


class Flow:
    """
    `reads` counts per local name how often it is read, `bindings` where it is bound.

    `grown` and `shrunk` say where its elements come and go, `asked` how often it is searched.
    """

    def __init__(self, function: Function | None) -> None:
        self.reads: Counter[str] = Counter()
        self.bindings: dict[str, list[Site]] = {}
        self.grown: dict[str, list[Site]] = {}
        self.shrunk: dict[str, list[Site]] = {}
        self.asked: Counter[str] = Counter()
        if function is None:
            return
        self.bindings = {name: [] for name in function.names}
        for site in function.sites:
            if isinstance(site.node, cst.Name) and site.text in self.bindings:
                if site.is_target:
                    self.bindings[site.text].append(site)
                elif site.is_expression:
                    self.reads[site.text] += 1
                self._note_use(site)

    def _note_use(self, site: Site) -> None:
        parent = site.parent
        if parent is None:
            return
        if parent.kind == 'Attribute' and site.role == 'value':
            method = parent.child('attr').text
            if method in _GROW:
                self.grown.setdefault(site.text, []).append(site)
            elif method in _SHRINK:
                self.shrunk.setdefault(site.text, []).append(site)
        elif parent.kind == 'Subscript' and site.role == 'value' and parent.is_target:
            self.grown.setdefault(site.text, []).append(site)
        elif parent.kind == 'ComparisonTarget' and ' in ' in f' {parent.text} ':
            self.asked[site.text] += 1

    def use(self, name: str, loop: Site | None) -> str:
        """Say what becomes of the elements of a name, seen from a loop."""
        grown, shrunk = self.grown.get(name, []), self.shrunk.get(name, [])
        if loop is not None:
            grown = [site for site in grown if loop.start <= site.start < loop.end]
            shrunk = [site for site in shrunk if loop.start <= site.start < loop.end]
        words = [word for word, known in (
            ('grown', grown), ('shrunk', shrunk), ('asked', self.asked[name]),
            ('bound', self.bindings[name])) if known]
        return ' '.join(words)

    def names_in(self, text: str) -> set[str]:
        """Return the local names that occur in a text."""
        return {word for word in _NAME.findall(text) if word in self.bindings}

    def loop_around(self, site: Site) -> Site | None:
        """Return the innermost loop around a site."""
        for ancestor in site.ancestors():
            if isinstance(ancestor.node, cst.FunctionDef):
                return None
            if isinstance(ancestor.node, (cst.For, cst.While)):
                return ancestor
        return None

    def resets(self, line: str, loop: Site | None) -> bool:
        """Whether a line is one that gives a name its first value, before a loop."""
        return loop is not None and any(
            site.statement.text == line and site.start < loop.start
            for sites in self.bindings.values() for site in sites)

    def changes(self, name: str, loop: Site | None) -> str:
        """Say where a name is bound, seen from a loop."""
        bound = self.bindings[name]
        if loop is None:
            return 'bound' if bound else 'parameter'
        inside = [site for site in bound if loop.start <= site.start < loop.end]
        if inside:
            header = any(site.start < loop.child('body').start for site in inside)
            return 'by the loop' if header else 'in the loop'
        return 'before the loop only' if bound else 'parameter, in a loop'

    def waits_for(self, loop: Site | None) -> set[str]:
        """Return the names in the condition of a `while` that nothing in it changes."""
        if loop is None or not isinstance(loop.node, cst.While):
            return set()
        return {name for name in self.names_in(loop.child('test').text)
                if not any(loop.start <= site.start < loop.end for site in self.bindings[name])}
