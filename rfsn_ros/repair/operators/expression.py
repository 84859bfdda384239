"""Expression: another expression of the same function, a part, or one more term."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from rfsn_ros.repair.operators.base import Change, swap, variables
from rfsn_ros.repair.source import Site, Source

_REPLACED = (cst.Subscript, cst.Call, cst.BinaryOperation, cst.Attribute, cst.Comparison,
             cst.UnaryOperation, cst.List, cst.Tuple, cst.IfExp, cst.ListComp, cst.Set)
_ROLES = ('test', 'iter', 'value', 'left', 'right', 'comparator', 'body', 'orelse', 'elt',
          'elements')


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the replacements of one expression by ingredients."""
    function, parent = site.function, site.parent
    if function is None or parent is None or not site.is_expression or '\n' in site.text:
        return
    if site.role not in _ROLES or parent.kind in ('Attribute', 'Expr'):
        return
    compound = isinstance(site.node, _REPLACED)
    if compound or isinstance(site.node, cst.Name):
        for other in function.expressions:
            if other.role == 'func' or other.text == site.text or len(other.text) > 40:
                continue
            if isinstance(other.node, _REPLACED) and not other.text.startswith(f'{site.text}('):
                same = 'same kind' if other.kind == site.kind else f'{site.kind} -> {other.kind}'
                yield swap(site, other.text, same)
    if compound:
        for name in variables(site):
            yield swap(site, name, f'{site.kind} -> name')
        if isinstance(site.node, (cst.BinaryOperation, cst.IfExp)):
            for part in site.children:
                if part.is_expression:
                    yield swap(site, part.text, f'part of {site.kind}')
        if isinstance(site.node, cst.Subscript):
            yield swap(site, site.child('value').text, 'drop subscript')
    if isinstance(site.node, (cst.Name, cst.Subscript, cst.Call, cst.Attribute)):
        terms = [*variables(site), *(other.text for other in function.expressions if isinstance(
            other.node, (cst.Subscript, cst.Attribute)) and other.role != 'func')]
        for term in dict.fromkeys(terms):
            if term != site.text and len(term) <= 20:
                for sign in ('+', '-', '*'):
                    yield swap(site, f'{site.text} {sign} {term}', f'term {sign}')
                yield swap(site, f'{term} + {site.text}', 'term before')
                yield swap(site, f'{term} - {site.text}', 'subtracted from')
    if isinstance(site.node, cst.List) or (site.role == 'value' and site.kind == 'Name'):
        yield swap(site, f'[{site.text}]', 'in a list')
        for name in variables(site) if isinstance(site.node, cst.List) else ():
            yield swap(site, f'{site.text} * {name}', 'list times name')
        for name in variables(site):
            yield swap(site, f'[{name}] + {site.text}', 'list before')
            yield swap(site, f'{site.text} + [{name}]', 'list after')
