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

"""Guard: an early way out for a special case, or a condition around a statement."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import (
    Change,
    conditions,
    in_block,
    insert_before,
    loops_around,
    simple_conditions,
    used_names,
)
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import dedent_lines, Source

_GUARDING = ('truth', 'none', 'zero', 'one', 'member', 'names', 'short', 'attribute', 'lengths')
_SPECIAL = ('== 0', '== 1', '<= 0', '<= 1', '< 0', 'not ', 'is None')


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield guards before a statement and conditions around it."""
    parent = site.parent
    if not in_block(site) or parent is None:
        return
    function = site.function
    assert function is not None
    top = parent.parent is not None and isinstance(parent.parent.node, cst.FunctionDef)
    first = top and parent.filling('body')[0] is site
    loop = any(True for _ in loops_around(site))
    values = _values(site)
    for test, detail in _tests(site, first):
        special = any(mark in test for mark in _SPECIAL)
        if detail in _GUARDING or detail == 'written condition':
            few = values if first and (special or detail == 'names') else values[:5] if first or (
                top and special) else values[:3] if special else ()
            for value in few:
                yield insert_before(source, site, f'if {test}:\n    return {value}'.rstrip(),
                                    f'return if {detail}', test)
            for word in ('continue', 'break') if loop else ():
                yield insert_before(source, site, f'if {test}:\n    {word}',
                                    f'{word} if {detail}', test)
        if site.kind == 'SimpleStatementLine' and not first:
            indent = source.indent(site)
            start, end = source.line_span(site)
            body = dedent_lines(source.slice(start, end), indent, f'{indent}    ')
            yield Change(start, end, f'{indent}if {test}:\n{body}', f'only if {detail}',
                         f'not ({test})')


def _tests(site: Site, first: bool) -> Iterator[tuple[str, str]]:
    """Yield the conditions over names that are bound before a statement and used in it."""
    function = site.function
    assert function is not None
    bound = {one.text for one in function.sites
             if one.is_target and isinstance(one.node, cst.Name) and one.start < site.start}
    unbound = set(function.own) - bound - set(function.params)
    used = set(function.params) if first else used_names(site.text)
    known = set()
    for test, detail in simple_conditions(function):
        names = used_names(test)
        known.add(test)
        if detail in ('elements', 'element and name') and ('<=' in test or '>=' in test):
            continue
        if (names & used or detail in ('truth', 'zero', 'one')) and not names & unbound:
            yield test, detail
    for test in conditions(function):
        if test not in known and not used_names(test) & unbound:
            yield test, 'written condition'


def _values(site: Site) -> list[str]:
    function = site.function
    assert function is not None
    if any(isinstance(other.node, cst.Yield) for other in function.sites):
        return ['']
    written = [other.child('value').text for other in function.sites
               if isinstance(other.node, cst.Return) and other.filling('value')]
    plain = [text for text in written if len(text) <= 12 and '\n' not in text]
    common = ['0', 'None', 'False', 'True', '[]', '1', '-1', "''"]
    wrapped = [text for name in function.params[:3] for text in (f'[{name}]', f'[[{name}]]')]
    return list(dict.fromkeys([*plain, *function.params[:3], *common, *wrapped, '[[]]']))[:18]
