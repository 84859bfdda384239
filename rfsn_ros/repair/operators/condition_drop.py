"""Drop: a condition loses one of its parts, or stops mattering."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from rfsn_ros.repair.operators.base import Change, swap
from rfsn_ros.repair.source import Site, Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield each way to leave out a part."""
    node, parent = site.node, site.parent
    if isinstance(node, cst.BooleanOperation):
        yield swap(site, site.child('left').text, 'keep left')
        yield swap(site, site.child('right').text, 'keep right')
    if isinstance(node, cst.CompIf):
        start = len(source.data[:site.start].rstrip())
        yield Change(start, site.end, '', 'drop filter')
    if isinstance(node, cst.IfExp):
        yield swap(site, site.child('body').text, 'always body')
        yield swap(site, site.child('orelse').text, 'always else')
    if site.role == 'test' and parent is not None and isinstance(parent.node, (cst.If, cst.While)):
        yield swap(site, 'True', f'always in {parent.kind}')
        if isinstance(parent.node, cst.If):
            yield swap(site, 'False', 'never')
    if isinstance(node, cst.Comparison) and len(node.comparisons) == 2:
        middle = source.span(node.comparisons[0].comparator)
        yield Change(middle[1], site.end, '', 'open above')
        yield Change(site.start, middle[0], '', 'open below')
