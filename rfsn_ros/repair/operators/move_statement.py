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

"""Move: a statement changes places with its neighbour, or goes to an end of its block."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the moves of the statements of one block."""
    if not isinstance(site.node, cst.IndentedBlock) or site.function is None:
        return
    body = site.filling('body')
    spans = [source.line_span(statement) for statement in body]
    texts = [source.slice(*span) for span in spans]
    if any(not text.endswith('\n') for text in texts):
        return
    for index in range(len(body) - 1):
        between = source.slice(spans[index][1], spans[index + 1][0])
        yield Change(spans[index][0], spans[index + 1][1],
                     texts[index + 1] + between + texts[index], 'exchange neighbours')
    for index in range(len(body)):
        if index + 2 < len(body):
            after = source.slice(spans[index][1], spans[-1][1])
            yield Change(spans[index][0], spans[-1][1], after + texts[index], 'to the end')
        if index >= 2:
            before = source.slice(spans[0][0], spans[index][0])
            yield Change(spans[0][0], spans[index][1], texts[index] + before, 'to the start')
    for index, statement in enumerate(body[:-1]):
        lines = statement.children
        if len(lines) == 1 and isinstance(lines[0].node, cst.Assign):
            following = body[index + 1].children
            if len(following) == 1 and isinstance(following[0].node, cst.Assign):
                yield from _together(source, lines[0], following[0])


def _together(source: Source, first: Site, second: Site) -> Iterator[Change]:
    """Make one simultaneous assignment of two."""
    if len(first.filling('targets')) == 1 and len(second.filling('targets')) == 1:
        targets = [first.child('targets').text, second.child('targets').text]
        values = [first.child('value').text, second.child('value').text]
        if not any('\n' in text for text in values):
            yield Change(first.start, second.end,
                         f'{targets[0]}, {targets[1]} = {values[0]}, {values[1]}',
                         'assign together')
