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

"""Loops and branches: `while` for `if`, `break` for `continue`, `else` for the next line."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import callables, Change, collections_of, swap
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield other kinds of the loop, branch or jump at one site."""
    node = site.node
    if isinstance(node, cst.If):
        keyword = source.slice(site.start, site.start + 4)
        if site.role != 'orelse':
            yield Change(site.start, site.start + 2, 'while', 'if -> while')
            yield from _as_elif(source, site)
        elif keyword == 'elif':
            yield Change(site.start, site.start + 4, 'if', 'elif -> if')
    elif isinstance(node, cst.While):
        yield Change(site.start, site.start + 5, 'if', 'while -> if')
    elif isinstance(node, cst.Break):
        yield Change(site.start, site.end, 'continue', 'break -> continue')
        yield Change(site.start, site.end, 'pass', 'drop break')
        yield Change(site.start, site.end, 'return', 'break -> return')
    elif isinstance(node, cst.Continue):
        yield Change(site.start, site.end, 'break', 'continue -> break')
        yield Change(site.start, site.end, 'pass', 'drop continue')
    elif isinstance(node, cst.Pass):
        yield Change(site.start, site.end, 'break', 'pass -> break')
        yield Change(site.start, site.end, 'continue', 'pass -> continue')
    if site.role == 'iter' and site.function is not None:
        for name in (*collections_of(site.function),
                     *(name for name in callables(source, site) if name.isupper())):
            if name != site.text:
                yield swap(site, name, 'other iterable')
                yield swap(site, f'{name}.items()' if '.items(' in site.text
                           else f'range(len({name}))', 'other range')


def _as_elif(source: Source, site: Site) -> Iterator[Change]:
    """Join an `if` to the `if` before it."""
    block = site.parent
    if block is None or not isinstance(block.node, cst.IndentedBlock):
        return
    body = block.filling('body')
    index = body.index(site)
    before = body[index - 1] if index else None
    if before and isinstance(before.node, cst.If) and not before.filling('orelse'):
        yield Change(site.start, site.start + 2, 'elif', 'if -> elif')
