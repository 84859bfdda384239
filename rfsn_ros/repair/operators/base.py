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

"""What the operator families share: changes and the ingredients of a function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
import re
from typing import NamedTuple

import libcst as cst
from rfsn_ros.repair.sites import Function, Site
from rfsn_ros.repair.source import Source

__all__ = [
    'Change', 'callables', 'chains', 'collections_of', 'conditions', 'constants',
    'in_block', 'insert_after', 'insert_before', 'is_condition', 'loops_around', 'names_for',
    'near_copies',
    'numbers_like', 'scalars_of', 'simple_conditions', 'subscripts', 'swap', 'terms', 'used_names',
    'variables',
]

_NAME = re.compile(r'[A-Za-z_]\w*')
_WORD = re.compile(r'(?<![.\w])[A-Za-z_]\w*')
_ORDER = ('<', '<=', '>', '>=', '==', '!=')
_COLLECTING = ('append', 'add', 'pop', 'extend', 'insert', 'remove', 'discard', 'update', 'keys',
               'values', 'items', 'get', 'setdefault', 'popleft', 'appendleft', 'sort', 'reverse')
_CONTAINERS = ('list(', 'dict(', 'set(', 'deque(', 'defaultdict(', 'Counter(', 'collections.')
_TEXT_TESTS = ('isalpha', 'isdigit', 'isalnum', 'isspace', 'isupper', 'islower')


class Change(NamedTuple):
    """The replacement of a span by a text; `guard` as in `Edit`."""

    start: int
    end: int
    text: str
    detail: str
    guard: str = ''


def swap(site: Site, text: str, detail: str) -> Change:
    """Replace an expression site, adding the parentheses that its place needs."""
    return Change(site.start, site.end, site.fit(text), detail)


def insert_before(source: Source, statement: Site, text: str, detail: str,
                  guard: str = '') -> Change:
    """Insert lines (their first at the statement's indentation) before a statement."""
    start, _ = source.line_span(statement)
    return Change(start, start, _indented(source.indent(statement), text), detail, guard)


def insert_after(source: Source, statement: Site, text: str, detail: str) -> Change:
    """Insert lines (their first at the statement's indentation) after a statement."""
    _, end = source.line_span(statement)
    return Change(end, end, _indented(source.indent(statement), text), detail)


def _indented(indent: str, text: str) -> str:
    return ''.join(f'{indent}{line}\n' for line in text.split('\n'))


def variables(site: Site) -> list[str]:
    """Return the local names in scope at a site."""
    return site.function.names if site.function else []


def callables(source: Source, site: Site) -> list[str]:
    """Return the functions that the module defines or imports, outer ones' included."""
    names = [function.name for function in source.functions]
    return list(dict.fromkeys(names + source.globals))


@lru_cache(maxsize=256)
def conditions(function: Function) -> tuple[str, ...]:
    """Return the conditions written in a function and those its names suggest."""
    texts = [site.text for site in function.expressions if is_condition(site)]
    plain = [text for text in texts if not text.startswith('not ')]
    return tuple(dict.fromkeys(plain))[:24]


def is_condition(site: Site) -> bool:
    """Whether a site is a truth value by its place or kind."""
    node = site.node
    if not site.is_expression:
        return False
    if isinstance(node, (cst.Comparison, cst.BooleanOperation)):
        return True
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
        return True
    parent = site.parent
    if parent is None:
        return False
    if site.role == 'test' and isinstance(parent.node, (cst.If, cst.While, cst.IfExp, cst.CompIf,
                                                        cst.Assert)):
        return True
    if isinstance(parent.node, cst.UnaryOperation):
        return isinstance(parent.node.operator, cst.Not)
    return isinstance(parent.node, cst.BooleanOperation) and is_condition(parent)


def numbers_like(site: Site) -> bool:
    """Whether a site can, by its kind and place, be a number."""
    node = site.node
    if isinstance(node, (cst.Name, cst.Integer, cst.Subscript, cst.Attribute)):
        return True
    if isinstance(node, cst.Call):
        return not isinstance(node.func, cst.Name) or node.func.value not in (
            'range', 'list', 'set', 'sorted', 'dict', 'enumerate', 'zip', 'str', 'tuple',
            'reversed', 'map', 'filter', 'print', 'isinstance')
    return isinstance(node, cst.BinaryOperation)


@lru_cache(maxsize=256)
def collections_of(function: Function) -> tuple[str, ...]:
    """Return names that are used as containers: indexed, iterated, measured or grown."""
    found = []
    for site in function.sites:
        node, parent = site.node, site.parent
        if not isinstance(node, cst.Name) or parent is None:
            continue
        if (
            (isinstance(parent.node, cst.Subscript) and site.role == 'value')
            or (isinstance(parent.node, cst.Attribute) and site.role == 'value'
                and parent.child('attr').text in _COLLECTING)
            or (isinstance(parent.node, (cst.For, cst.CompFor)) and site.role == 'iter')
            or (parent.kind == 'Arg' and parent.parent is not None
                and (parent.parent.text.startswith(('len(', 'sorted(', 'sum(', 'set(', 'list('))
                     or '.join(' in parent.parent.text))
            or (site.role == 'target' and parent.kind == 'AssignTarget'
                and parent.parent is not None and _holds(parent.parent.child('value')))
            or (parent.kind == 'ComparisonTarget' and ' in ' in f' {parent.text} ')
        ):
            found.append(node.value)
    return tuple(name for name in dict.fromkeys(found) if name in function.names)


def _holds(value: Site) -> bool:
    """Whether an assigned value is, by its text, a container."""
    if isinstance(value.node, cst.BinaryOperation):
        return value.child('left').kind == 'List'
    return isinstance(value.node, (cst.List, cst.Dict, cst.Set, cst.ListComp, cst.DictComp,
                                   cst.SetComp)) or value.text.startswith(_CONTAINERS)


@lru_cache(maxsize=256)
def scalars_of(function: Function) -> tuple[str, ...]:
    """Return the names that are not used as containers."""
    containers = collections_of(function)
    return tuple(name for name in function.names if name not in containers and name != 'self')


@lru_cache(maxsize=256)
def chains(function: Function) -> tuple[str, ...]:
    """
    Return the attribute chains read in a function, and those with other attributes.

    Where it reads none, but the module has attributes, every name may have them.
    """
    written = [site for site in function.expressions
               if isinstance(site.node, cst.Attribute) and site.role != 'func']
    found = [site.text for site in written]
    owners = [site.child('value').text for site in written] or list(scalars_of(function))
    found += [f'{owner}.{field}' for owner in dict.fromkeys(owners) for field in function.fields]
    return tuple(text for text in dict.fromkeys(found) if len(text) <= 24)[:12]


@lru_cache(maxsize=256)
def subscripts(function: Function) -> tuple[str, ...]:
    """Return the elements that a function reads, and those that its indices suggest."""
    found = [site.text for site in function.expressions if isinstance(site.node, cst.Subscript)
             and not isinstance(site.node.slice[0].slice, cst.Slice)]
    found += [f'{container}[{name}]' for container in collections_of(function)
              for name in _indices(function)]
    return tuple(text for text in dict.fromkeys(found) if len(text) <= 24)[:16]


@lru_cache(maxsize=256)
def _indices(function: Function) -> tuple[str, ...]:
    """Return the names that a function uses in an index, and those that its loops give out."""
    found = [site.text for site in function.sites if isinstance(site.node, cst.Name) and (
        any(isinstance(above.node, (cst.Index, cst.Slice)) for above in site.ancestors())
        or (site.role == 'target' and site.parent is not None and isinstance(
            site.parent.node, (cst.For, cst.CompFor))))]
    return tuple(name for name in dict.fromkeys(found) if name in scalars_of(function))


def near_copies(function: Function, text: str) -> list[str]:
    """Return a text with one name, field, sign or bound exchanged."""
    found: dict[str, None] = {}
    for old in dict.fromkeys(_WORD.findall(text)):
        if old in function.names:
            for new in function.names:
                if new != old:
                    found[re.sub(rf'(?<![.\w]){old}\b', new, text)] = None
    for one, other in (('left', 'right'), ('first', 'last'), ('next', 'prev'), ('+ 1', '- 1'),
                       ('low', 'high'), ('row', 'column'), ('- 2', '- 1'), ('+ 2', '+ 1')):
        for old, new in ((one, other), (other, one)):
            if old in text:
                found[text.replace(old, new)] = None
    return list(found)[:40]


@lru_cache(maxsize=256)
def terms(function: Function) -> tuple[str, ...]:
    """Return what can be added, compared or passed on: names, elements, attributes, lengths."""
    found = [*function.names]
    found += [site.text for site in function.expressions if len(site.text) <= 20 and isinstance(
        site.node, (cst.Subscript, cst.Attribute)) and site.role != 'func']
    found += [f'len({container})' for container in collections_of(function)]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=256)
def simple_conditions(function: Function) -> tuple[tuple[str, str], ...]:
    """Return short conditions over the names of a function, each with what kind it is."""
    containers, scalars = collections_of(function), scalars_of(function)
    found: dict[str, str] = {}

    def add(kind: str, *texts: str) -> None:
        for text in texts:
            found.setdefault(text, kind)

    for name in function.names:
        if name != 'self':
            add('truth', name, f'not {name}')
            add('none', f'{name} is None', f'{name} is not None')
    written = [text for text in constants(function) if text.isdigit() and int(text) > 1][:3]
    for name in scalars:
        add('zero', *(f'{name} {sign} 0' for sign in _ORDER))
        add('one', *(f'{name} {sign} 1' for sign in _ORDER))
        add('number', *(f'{name} {sign} {number}' for number in written for sign in _ORDER))
        for container in containers:
            add('member', f'{name} in {container}', f'{name} not in {container}')
            add('bound', *(f'{name} {sign} len({container})' for sign in ('<', '>=', '==')))
            add('bound', f'{name} + 1 < len({container})')
    for index, one in enumerate(scalars):
        for other in scalars[index + 1:]:
            add('names', *(f'{one} {sign} {other}' for sign in _ORDER))
    for index, one in enumerate(containers):
        add('short', *(f'len({one}) {sign} 1' for sign in ('<=', '==', '>')))
        for other in containers[index + 1:]:
            add('lengths', *(f'len({one}) {sign} len({other})' for sign in _ORDER))
    for container in containers:
        for name in _indices(function):
            add('neighbours', *(f'{container}[{name} {step} 1] {sign} {container}[{name}]'
                                for step in '+-' for sign in _ORDER))
    for index, one in enumerate(function.params[:3]):
        for other in function.params[index + 1:3]:
            add('lengths', f'len({one}) == len({other})', f'len({one}) != len({other})')
    for chain in chains(function):
        add('attribute', chain, f'not {chain}', f'{chain} is None', f'{chain} is not None')
        for name in scalars:
            if not chain.startswith(f'{name}.'):
                add('attribute and name', *(f'{name} {sign} {chain}' for sign in _ORDER))
    for element in subscripts(function):
        add('element', element, f'not {element}', f'{element} == 0', f'{element} > 0')
        for name in scalars:
            if f'[{name}]' not in element:
                add('element and name', *(f'{name} {sign} {element}' for sign in _ORDER))
    for index, one in enumerate(subscripts(function)[:8]):
        for other in subscripts(function)[index + 1:8]:
            add('elements', *(f'{one} {sign} {other}' for sign in _ORDER))
    texts = any(isinstance(site.node, cst.SimpleString) or site.text in ('lower', 'upper')
                for site in function.sites)
    for name in scalars:
        if texts:
            add('text', *(f'{name}.{test}()' for test in _TEXT_TESTS))
    for name in function.names:
        for kind in ('list', 'dict', 'str', 'int'):
            add('kind', f'isinstance({name}, {kind})', f'not isinstance({name}, {kind})')
    return tuple(found.items())


def in_block(site: Site) -> bool:
    """Whether a site is a statement of an indented block within a function, no definition."""
    return (site.is_statement and site.function is not None and site.role == 'body'
            and site.parent is not None and isinstance(site.parent.node, cst.IndentedBlock)
            and not isinstance(site.node, (cst.FunctionDef, cst.ClassDef)))


@lru_cache(maxsize=256)
def constants(function: Function) -> tuple[str, ...]:
    """Return the constants written in a function."""
    kinds = (cst.Integer, cst.Float, cst.SimpleString)
    return tuple(dict.fromkeys(
        site.text for site in function.expressions if isinstance(site.node, kinds)))


def names_for(site: Site) -> Iterable[str]:
    """Return the names that could stand in a site's place, its own left out."""
    return (name for name in variables(site) if name != site.text)


def used_names(text: str) -> set[str]:
    """Return every word of a text that has the form of a name."""
    return set(_NAME.findall(text))


def loops_around(site: Site) -> Iterator[Site]:
    """Yield the loops around a site within its function, innermost first."""
    for ancestor in site.ancestors():
        if isinstance(ancestor.node, cst.FunctionDef):
            return
        if isinstance(ancestor.node, (cst.For, cst.While)):
            yield ancestor
