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

"""
Bugs put into functions whose tests pass, to make tasks whose repair is known.

There are three mixes. ``slips`` are those of `slips`: small ones of the kinds that programmers
make; ``lost`` are those of them that leave something out. In the ``broad`` mix about six in ten
bugs are single edits of the operator families, whatever they make of the line. The others are
made in ways of their own: statements and guards lost, expressions reduced to a part of
themselves, names exchanged or replaced throughout a line, lines copied and half adapted,
statements in the wrong block, and two changes in one line (which no single edit repairs).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
import re

import libcst as cst
import numpy as np
from rfsn_ros.repair.forms import normal_form
from rfsn_ros.repair.operators import propose
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.slips import SLIPS, Spans
from rfsn_ros.repair.source import dedent_lines, Edit, Source

__all__ = ['BROAD', 'MIXES', 'Mutant', 'inject']

MIXES = ('slips', 'broad', 'lost')
LOST = {'statement lost': 5, 'guard lost': 4, 'call lost': 2, 'condition part': 2, 'part lost': 1}
BROAD = {
    'edit': 0.62, 'lost statement': 0.05, 'lost guard': 0.05, 'reduced': 0.08,
    'name throughout': 0.05, 'names exchanged': 0.05, 'half adapted': 0.03, 'two slips': 0.02,
    'indentation': 0.05,
}
_FAMILIES = {
    'comparison': 12, 'off_by_one': 12, 'variable': 14, 'constant': 10, 'arithmetic': 7,
    'condition_negate': 3, 'condition_drop': 8, 'boolean_operator': 4, 'call': 6, 'argument': 5,
    'argument_swap': 7, 'wrap_call': 7, 'expression': 10, 'slicing': 6, 'attribute': 6,
    'returning': 6, 'delete_statement': 3, 'move_statement': 5, 'loop_kind': 4, 'hoist': 3,
    'condition_extend': 2, 'insert_statement': 1, 'guard': 1,
}
_WORD = re.compile(r'\b[A-Za-z_]\w*\b')


@dataclass(frozen=True, slots=True)
class Mutant:
    """A module with a bug, and the kind of bug."""

    text: str
    kind: str


def inject(source: Source, names: Sequence[str], rng: np.random.Generator, count: int,
           mix: str = 'slips') -> list[Mutant]:
    """
    Return up to `count` different mutants with bugs of a mix in the named functions.

    Whether tests notice a bug is for the caller to see.
    """
    functions = [function for function in source.functions if function.name in names]
    sites = [site for function in functions for site in function.sites]
    if mix == 'slips':
        makers = _from_spans(source, sites, {kind: spans for kind, (_, spans) in SLIPS.items()})
        shares = np.array([SLIPS[kind][0] for kind in makers])
    elif mix == 'lost':
        makers = _from_spans(source, sites, {kind: SLIPS[kind][1] for kind in LOST})
        shares = np.array([LOST[kind] for kind in makers])
    else:
        makers = _broad(source, sites)
        shares = np.array([BROAD[kind] for kind in makers])
    kinds = list(makers)
    original = normal_form(source.text)
    found: dict[str, Mutant] = {}
    for _ in range(count * 8):
        if len(found) >= count:
            break
        kind = kinds[int(rng.choice(len(kinds), p=shares / shares.sum()))]
        made = makers[kind](rng)
        if made is None:
            continue
        form = normal_form(made[0])
        if form is not None and form != original and form not in found:
            found[form] = Mutant(made[0], made[1])
    return list(found.values())


Maker = Callable[[np.random.Generator], tuple[str, str] | None]


def _from_spans(source: Source, sites: Sequence[Site], kinds: dict[str, Spans]
                ) -> dict[str, Maker]:
    def maker(kind: str, spans: Spans) -> Maker:
        pool = list(spans(source, sites))

        def make(rng: np.random.Generator) -> tuple[str, str] | None:
            if not pool:
                return None
            start, end, text = pool[int(rng.integers(len(pool)))]
            return _replaced(source, start, end, text), kind
        return make
    return {kind: maker(kind, spans) for kind, spans in kinds.items()}


def _broad(source: Source, sites: Sequence[Site]) -> dict[str, Maker]:
    by_family: dict[str, list[Edit]] = {}
    wanted = {id(site) for site in sites}
    for one in propose(source):
        if id(one.site) in wanted:
            by_family.setdefault(one.family, []).append(one)
    families = [family for family in _FAMILIES if family in by_family]
    weights = np.array([_FAMILIES[family] for family in families], dtype=float)

    def edit(rng: np.random.Generator) -> tuple[str, str] | None:
        if not families:
            return None
        family = families[int(rng.choice(len(families), p=weights / weights.sum()))]
        details: dict[str, list[Edit]] = {}
        for one in by_family[family]:
            details.setdefault(one.detail, []).append(one)
        pool = list(details.values())
        chosen = pool[int(rng.integers(len(pool)))]
        one = chosen[int(rng.integers(len(chosen)))]
        return source.apply(one), f'edit {family}'

    def two_slips(rng: np.random.Generator) -> tuple[str, str] | None:
        small = [one for family in ('comparison', 'off_by_one', 'variable', 'constant')
                 for one in by_family.get(family, ())]
        if not small:
            return None
        first = small[int(rng.integers(len(small)))]
        rest = [one for one in small if one.site.line == first.site.line
                and (one.start >= first.end or one.end <= first.start)]
        if not rest:
            return None
        second = rest[int(rng.integers(len(rest)))]
        low, high = sorted((first, second), key=lambda one: one.start)
        text = _replaced(source, high.start, high.end, high.text)
        data = text.encode()
        return (data[:low.start] + low.text.encode() + data[low.end:]).decode(), 'two slips'

    return {'edit': edit, 'two slips': two_slips, **_from_spans(source, sites, _SPANS)}


def _replaced(source: Source, start: int, end: int, text: str) -> str:
    return (source.data[:start] + text.encode() + source.data[end:]).decode()


def _lost_statement(source: Source, sites: Sequence[Site]) -> Iterator[tuple[int, int, str]]:
    for site in sites:
        if site.kind == 'SimpleStatementLine' and site.parent is not None and len(
                site.parent.filling('body')) > 1 and site.children[0].kind != 'Return':
            yield (*source.line_span(site), '')


def _lost_guard(source: Source, sites: Sequence[Site]) -> Iterator[tuple[int, int, str]]:
    for site in sites:
        if isinstance(site.node, cst.If) and site.role == 'body' and not site.filling('orelse'):
            lines = site.child('body').filling('body')
            if site.parent is not None and len(site.parent.filling('body')) > 1:
                if lines and lines[-1].text.startswith(('return', 'continue', 'break', 'raise')):
                    yield (*source.line_span(site), '')
                elif lines:
                    start, end = source.line_span(site)
                    first = source.line_span(lines[0])[0]
                    yield start, end, dedent_lines(
                        source.slice(first, end), source.indent(lines[0]), source.indent(site))


def _reduced(source: Source, sites: Sequence[Site]) -> Iterator[tuple[int, int, str]]:
    for site in sites:
        if not site.is_expression or not isinstance(site.node, (
                cst.BinaryOperation, cst.BooleanOperation, cst.Call, cst.IfExp, cst.Subscript,
                cst.UnaryOperation, cst.Attribute)) or site.role == 'func':
            continue
        for inner in site.children:
            parts = [inner] if inner.is_expression else inner.filling('value')
            for part in parts:
                if part.is_expression and part.role != 'func':
                    yield site.start, site.end, site.fit(part.text)


def _name_throughout(source: Source, sites: Sequence[Site]) -> Iterator[tuple[int, int, str]]:
    for site in sites:
        if site.kind != 'SimpleStatementLine' or site.function is None:
            continue
        words = _WORD.findall(site.text)
        for name in dict.fromkeys(words):
            if words.count(name) > 1 and name in site.function.names:
                for other in site.function.names:
                    if other != name:
                        yield (site.start, site.end,
                               re.sub(rf'\b{name}\b', other, site.text))


def _names_exchanged(source: Source, sites: Sequence[Site]) -> Iterator[tuple[int, int, str]]:
    for site in sites:
        if site.function is None or not (site.kind == 'SimpleStatementLine' or (
                site.is_expression and site.role in ('test', 'iter'))):
            continue
        words = [word for word in dict.fromkeys(_WORD.findall(site.text))
                 if word in site.function.names]
        for index, one in enumerate(words):
            for other in words[index + 1:]:
                table = {one: other, other: one}
                yield site.start, site.end, _WORD.sub(
                    lambda match, table=table: table.get(match[0], match[0]),  # type: ignore[misc]
                    site.text)


def _half_adapted(source: Source, sites: Sequence[Site]) -> Iterator[tuple[int, int, str]]:
    lines = [site for site in sites if site.kind == 'SimpleStatementLine']
    for one in lines:
        for other in lines:
            if one is not other and one.children[0].kind == other.children[0].kind \
                    and abs(len(one.text) - len(other.text)) < 12:
                _left, equals, right = other.text.partition(' = ')
                if equals and ' = ' in one.text:
                    yield one.start, one.end, one.text.partition(' = ')[0] + equals + right
                else:
                    yield one.start, one.end, other.text


def _indentation(source: Source, sites: Sequence[Site]) -> Iterator[tuple[int, int, str]]:
    for site in sites:
        if not isinstance(site.node, (cst.If, cst.For, cst.While)) or site.role != 'body' \
                or site.filling('orelse') or site.parent is None:
            continue
        block = site.child('body')
        if not isinstance(block.node, cst.IndentedBlock):
            continue
        body = block.filling('body')
        inner, outer = source.indent(body[0]), source.indent(site)
        if len(body) > 1:
            start, end = source.line_span(body[-1])
            yield start, end, dedent_lines(source.slice(start, end), inner, outer)
        siblings = site.parent.filling('body')
        index = siblings.index(site)
        if index + 1 < len(siblings):
            start, end = source.line_span(siblings[index + 1])
            yield start, end, dedent_lines(source.slice(start, end), outer, inner)


_SPANS: dict[str, Spans] = {
    'lost statement': _lost_statement, 'lost guard': _lost_guard, 'reduced': _reduced,
    'name throughout': _name_throughout, 'names exchanged': _names_exchanged,
    'half adapted': _half_adapted, 'indentation': _indentation,
}
