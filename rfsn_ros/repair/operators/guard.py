"""Guard: an early way out for a special case, or a condition around a statement."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from rfsn_ros.repair.operators.base import (
    Change,
    collections_of,
    conditions,
    in_block,
    insert_before,
    loops_around,
    variables,
)
from rfsn_ros.repair.source import Site, Source, dedent_lines


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield guards before a statement and conditions around it."""
    parent = site.parent
    if not in_block(site) or parent is None:
        return
    top = parent.parent is not None and isinstance(parent.parent.node, cst.FunctionDef)
    tests = list(_tests(site))
    loop = any(True for _ in loops_around(site))
    for test, detail in tests:
        if top:
            for value in _values(site):
                yield insert_before(source, site, f'if {test}:\n    return {value}'.rstrip(),
                                    f'return if {detail}', test)
        if loop:
            for word in ('continue', 'break'):
                yield insert_before(source, site, f'if {test}:\n    {word}',
                                    f'{word} if {detail}', test)
        if site.kind == 'SimpleStatementLine':
            indent = source.indent(site)
            start, end = source.line_span(site)
            body = dedent_lines(source.slice(start, end), indent, f'{indent}    ')
            yield Change(start, end, f'{indent}if {test}:\n{body}', f'only if {detail}')


def _tests(site: Site) -> Iterator[tuple[str, str]]:
    function = site.function
    assert function is not None
    containers = collections_of(function)
    for name in variables(site):
        yield f'not {name}', 'empty'
        yield f'{name} is None', 'None'
        if name not in containers:
            yield f'{name} == 0', 'zero'
            yield f'{name} < 0', 'negative'
            yield f'{name} <= 1', 'at most one'
            for container in containers:
                if name != container:
                    yield f'{name} in {container}', 'member'
                    yield f'{name} not in {container}', 'no member'
        else:
            yield name, 'not empty'
            yield f'len({name}) <= 1', 'short'
    for text in conditions(function):
        yield text, 'written condition'


def _values(site: Site) -> list[str]:
    function = site.function
    assert function is not None
    written = [other.child('value').text for other in function.sites
               if isinstance(other.node, cst.Return) and other.filling('value')]
    plain = [text for text in written if len(text) <= 12 and '\n' not in text]
    yields = any(isinstance(other.node, cst.Yield) for other in function.sites)
    if yields:
        return ['']
    common = ['0', 'None', 'False', 'True', '[]', '1', '-1', "''"]
    return list(dict.fromkeys([*plain, *function.params[:3], *common]))[:12]
