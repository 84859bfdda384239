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

"""Hoist: a statement leaves its block, or the next one enters it; a block loses its header."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import dedent_lines, Source

_OWNERS = (cst.If, cst.For, cst.While, cst.Else)


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the changes of indentation around one statement."""
    if not isinstance(site.node, _OWNERS) or site.function is None:
        return
    block = site.child('body')
    if not isinstance(block.node, cst.IndentedBlock):
        return
    body = block.filling('body')
    inner = source.indent(body[0])
    outer = inner[:-4] if inner.endswith('    ') else inner[:-1]
    kind = site.kind
    if len(body) > 1:
        for count in (1, 2):
            if count < len(body) and not site.filling('orelse'):
                start, end = source.line_span(body[-count])[0], source.line_span(body[-1])[1]
                lines = source.slice(start, end)
                yield Change(start, end, dedent_lines(lines, inner, outer), f'last out of {kind}')
        if site.is_statement and site.role == 'body':
            start = source.line_span(site)[0]
            first, end = source.line_span(body[0])
            text = dedent_lines(source.slice(first, end), inner, outer)
            yield Change(start, end, text + source.slice(start, first), f'first out of {kind}')
    parent = site.parent
    if site.is_statement and site.role == 'body' and parent is not None and isinstance(
            parent.node, cst.IndentedBlock):
        siblings = parent.filling('body')
        index = siblings.index(site)
        for count in (1, 2):
            if index + count < len(siblings) and not site.filling('orelse'):
                start = source.line_span(siblings[index + 1])[0]
                end = source.line_span(siblings[index + count])[1]
                lines = source.slice(start, end)
                yield Change(start, end, dedent_lines(lines, outer, inner), f'next into {kind}')
                if isinstance(site.node, cst.If):
                    yield Change(start, end, f'{outer}else:\n'
                                 + dedent_lines(lines, outer, inner), 'next into a new else')
    if isinstance(site.node, cst.If) and site.role == 'body' and not site.filling('orelse'):
        start, end = source.line_span(site)
        first, last = source.line_span(body[0])[0], source.line_span(body[-1])[1]
        yield Change(start, end, dedent_lines(source.slice(first, last), inner, outer),
                     'drop the condition')
    if isinstance(site.node, cst.Else) and parent is not None and not isinstance(
            parent.node, (cst.For, cst.While)):
        start = source.line_span(site)[0]
        first, last = source.line_span(body[0])[0], source.line_span(body[-1])[1]
        yield Change(start, last, dedent_lines(source.slice(first, last), inner, outer),
                     'drop else')
    if isinstance(site.node, (cst.For, cst.While)) and site.is_statement:
        yield from _else_of_loop(source, site, inner, outer)


def _else_of_loop(source: Source, site: Site, inner: str, outer: str) -> Iterator[Change]:
    """Move the `else` branch of the loop's last `if` behind the loop."""
    last = site.child('body').filling('body')[-1]
    if isinstance(last.node, cst.If) and last.filling('orelse'):
        branch = last.child('orelse')
        if isinstance(branch.node, cst.Else) and isinstance(branch.node.body, cst.IndentedBlock):
            statements = branch.child('body').filling('body')
            start = source.line_span(branch)[0]
            first, end = source.line_span(statements[0])[0], source.line_span(statements[-1])[1]
            deeper = source.indent(statements[0])
            yield Change(start, end, dedent_lines(source.slice(first, end), deeper, outer),
                         'else behind the loop')
