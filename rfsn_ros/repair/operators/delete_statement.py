"""Delete: a statement goes."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from rfsn_ros.repair.operators.base import Change
from rfsn_ros.repair.source import Site, Source


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
