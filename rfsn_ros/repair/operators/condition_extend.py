"""Extend: a condition gets one more part, joined by `and` or `or`."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from rfsn_ros.repair.operators.base import (
    Change,
    collections_of,
    conditions,
    is_condition,
    swap,
    used_names,
    variables,
)
from rfsn_ros.repair.source import Site, Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield a condition with each part that the function's own text suggests."""
    if site.function is None or not is_condition(site):
        return
    parent = site.parent
    if parent is not None and isinstance(parent.node, (cst.BooleanOperation, cst.UnaryOperation)):
        return
    present = used_names(site.text)
    for part, detail in _parts(site):
        if part in site.text:
            continue
        for word in ('and', 'or'):
            operand = part
            if ' or ' in part or (word == 'or' and ' and ' in part):
                operand = f'({part})'
            near = 'near' if used_names(part) & present else 'far'
            text = f'({site.text})' if ' or ' in site.text and word == 'and' else site.text
            yield swap(site, f'{text} {word} {operand}', f'{word} {detail} {near} after')
            yield swap(site, f'{operand} {word} {text}', f'{word} {detail} {near} before')


def _parts(site: Site) -> Iterator[tuple[str, str]]:
    assert site.function is not None
    for text in conditions(site.function):
        yield text, 'written condition'
        yield f'not {text}' if not any(
            word in text for word in (' and ', ' or ')) else f'not ({text})', 'its opposite'
    names = variables(site)
    mine = [name for name in names if name in used_names(site.text)]
    for index, one in enumerate(mine):
        for other in mine[index + 1:]:
            yield _exchanged(site.text, one, other), 'names exchanged'
    for name in names:
        yield name, 'name'
        yield f'not {name}', 'not name'
        yield f'{name} is None', 'is None'
        yield f'{name} is not None', 'is not None'
    present = used_names(site.text)
    near = [name for name in names if name in present]
    for name in near:
        for other in names:
            if other != name:
                for sign in ('<', '<=', '!=', '=='):
                    yield f'{name} {sign} {other}', f'names {sign}'
        yield f'{name} > 0', 'positive'
        yield f'{name} == 0', 'zero'
    containers = collections_of(site.function)
    for name in names:
        for container in containers:
            if name != container:
                yield f'{name} in {container}', 'membership'
                yield f'{name} not in {container}', 'no membership'
            if name in near or container in present:
                yield f'{name} < len({container})', 'below length'
    chains = {other.text for other in site.function.expressions
              if isinstance(other.node, cst.Attribute) and other.role != 'func'}
    for chain in sorted(chains):
        yield chain, 'attribute'
        yield f'{chain} is None', 'attribute is None'
        yield f'not {chain}', 'not attribute'


def _exchanged(text: str, one: str, other: str) -> str:
    table = {one: other, other: one}
    return re.sub(r'\b[A-Za-z_]\w*\b', lambda match: table.get(match[0], match[0]), text)
