"""Boolean operators: `and` for `or` and back."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from rfsn_ros.repair.operators.base import Change
from rfsn_ros.repair.source import Site, Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the other operator."""
    if isinstance(site.node, cst.BooleanOperation):
        start, end = source.span(site.node.operator)
        new = 'or' if isinstance(site.node.operator, cst.And) else 'and'
        yield Change(start, end, new, f'to {new}')
