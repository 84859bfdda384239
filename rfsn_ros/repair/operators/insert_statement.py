"""Insert: an update, a copy of a statement with another name, `break` or `continue`."""

from __future__ import annotations

from collections.abc import Iterator

from rfsn_ros.repair.operators.base import (
    Change,
    collections_of,
    in_block,
    insert_after,
    insert_before,
    loops_around,
    variables,
)
from rfsn_ros.repair.source import Function, Site, Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the lines that could be missing before a statement or after a block's last."""
    parent = site.parent
    if not in_block(site) or parent is None:
        return
    last = parent.filling('body')[-1] is site
    leaves = site.kind == 'SimpleStatementLine' and site.children and site.children[0].kind in (
        'Return', 'Break', 'Continue', 'Raise')
    for text, detail in _lines(source, site):
        yield insert_before(source, site, text, detail)
        if last and not leaves:
            yield insert_after(source, site, text, f'{detail} at end')


def _lines(source: Source, site: Site) -> Iterator[tuple[str, str]]:
    function = site.function
    assert function is not None
    if any(True for _ in loops_around(site)):
        yield 'break', 'break'
        yield 'continue', 'continue'
    names = variables(site)
    for container in collections_of(function):
        for method in _growing(function, container):
            for name in names:
                if name != container:
                    yield f'{container}.{method}({name})', f'grow by {method}'
    for name in _counters(function):
        yield f'{name} += 1', 'count up'
        yield f'{name} -= 1', 'count down'
        for other in names:
            if other != name:
                yield f'{name} += {other}', 'add name'
    for name in names:
        for other in names:
            if name != other and name not in function.params[:1]:
                yield f'{name} = {other}', 'assign name'
    for written in _written(function):
        yield written, 'written line'


def _growing(function: Function, container: str) -> list[str]:
    methods = [method for method in ('append', 'add', 'remove', 'extend', 'appendleft')
               if any(f'{container}.{method}(' in site.text for site in function.expressions)]
    if methods:
        return methods
    text = ' '.join(site.text for site in function.statements)
    if any(form in text for form in (f'{container} = set(', f'{container} = {{')):
        return ['add']
    return ['add', 'append'] if f'in {container}' in text else ['append']


def _counters(function: Function) -> list[str]:
    return [name for name in function.names if any(
        site.text.startswith((f'{name} += ', f'{name} -= ', f'{name} = 0', f'{name} = 1'))
        for site in function.statements)]


def _written(function: Function) -> list[str]:
    lines = [site.text for site in function.statements
             if site.kind == 'SimpleStatementLine' and '\n' not in site.text]
    for site in function.statements:
        if site.kind == 'SimpleStatementLine' and site.children[0].kind == 'Assign':
            targets = site.children[0].filling('targets')
            value = site.children[0].child('value')
            if value.kind == 'Call' and '.pop' not in value.text:
                lines.append(value.text)
            if len(targets) == 1 and value.kind == 'Name' and targets[0].text != value.text:
                lines.append(f'{value.text} = {targets[0].text}')
    return list(dict.fromkeys(lines))[:16]
