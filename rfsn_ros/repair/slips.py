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
Slips as programmers make them: one place, few words, the rest of the line still makes sense.

Each kind yields spans ``(start, end, text)``. The kinds are made from the syntax tree alone and
know nothing of the operators that repair.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
import re

import libcst as cst
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import dedent_lines, Source

__all__ = ['SLIPS', 'Span', 'Spans']

Span = tuple[int, int, str]
Spans = Callable[[Source, Sequence[Site]], Iterator[Span]]

_WORD = re.compile(r'\b[A-Za-z_]\w*\b|\b\d+\b')
_COMPARISONS = {'<': ('<=', '>'), '<=': ('<', '>='), '>': ('>=', '<'), '>=': ('>', '<='),
                '==': ('!=',), '!=': ('==',), 'in': ('not in',), 'not in': ('in',),
                'is': ('is not',), 'is not': ('is',)}
_ARITHMETIC = {'+': ('-', '*'), '-': ('+',), '*': ('+', '**'), '/': ('//',), '//': ('/', '%'),
               '%': ('//',), '**': ('*',), '<<': ('>>',), '>>': ('<<',), '&': ('|', '^'),
               '|': ('&',), '^': ('&', '|')}
_RELATIVES = (('min', 'max'), ('any', 'all'), ('append', 'extend'), ('pop', 'popleft'),
              ('append', 'appendleft'), ('lower', 'upper'), ('find', 'rfind'), ('add', 'remove'),
              ('startswith', 'endswith'), ('keys', 'values'), ('keys', 'items'),
              ('bisect_left', 'bisect_right'), ('sorted', 'list'), ('floor', 'ceil'),
              ('union', 'intersection'), ('lstrip', 'rstrip'), ('isalpha', 'isalnum'))
_STARTS = {'0': ('1', '-1'), '1': ('0',), '[]': ('None',), '{}': ('set()', '[]'),
           'set()': ('[]', '{}'), 'True': ('False',), 'False': ('True',), "''": ('None',),
           "float('inf')": ("-float('inf')", '0'), "-float('inf')": ("float('inf')", '0')}
_FEW = 3


def _few(text: str) -> bool:
    return '\n' not in text and len(_WORD.findall(text)) <= _FEW


def _comparison(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        if isinstance(site.node, cst.Comparison):
            for target in site.node.comparisons:
                start, end = source.span(target.operator)
                for other in _COMPARISONS[' '.join(source.slice(start, end).split())]:
                    yield start, end, other


def _boolean(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        node = site.node
        if isinstance(node, cst.BooleanOperation):
            yield (*source.span(node.operator), 'or' if isinstance(node.operator, cst.And) else
                   'and')
        elif isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Not):
            yield site.start, site.end, site.child('expression').text
        elif site.role == 'test' and isinstance(node, (cst.Name, cst.Call)):
            yield site.start, site.end, f'not {site.text}'


def _arithmetic(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        node = site.node
        if isinstance(node, cst.BinaryOperation):
            start, end = source.span(node.operator)
            for other in _ARITHMETIC.get(source.slice(start, end), ()):
                yield start, end, other
        elif isinstance(node, cst.AugAssign):
            start, end = source.span(node.operator)
            for other in (*_ARITHMETIC.get(source.slice(start, end)[:-1], ()), ''):
                yield start, end, f'{other}='


def _off_by_one(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        node, parent = site.node, site.parent
        if not site.is_expression or parent is None:
            continue
        if isinstance(node, cst.Integer) and site.role != 'right':
            yield site.start, site.end, str(int(site.text, 0) + 1)
            yield site.start, site.end, site.fit(str(int(site.text, 0) - 1))
        elif isinstance(node, cst.BinaryOperation) and isinstance(
                node.operator, (cst.Add, cst.Subtract)) and site.child('right').text == '1':
            left = site.child('left')
            yield left.end, site.end, ''
            other = '-' if isinstance(node.operator, cst.Add) else '+'
            yield (*source.span(node.operator), other)
        elif isinstance(node, (cst.Name, cst.Call)) and (
                site.role in ('upper', 'lower') or parent.kind in ('Index', 'Return')
                or _is_range(parent)):
            for end in (' + 1', ' - 1'):
                yield site.end, site.end, end


def _is_range(arg: Site) -> bool:
    return arg.kind == 'Arg' and arg.parent is not None and arg.parent.text.startswith('range(')


def _name(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        if isinstance(site.node, cst.Name) and site.function is not None \
                and site.text in site.function.names and (
                site.is_expression or (site.is_target and site.parent is not None
                                       and site.parent.kind == 'AugAssign')):
            for other in site.function.names:
                if other != site.text:
                    yield site.start, site.end, other


def _condition_part(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        if isinstance(site.node, cst.BooleanOperation):
            yield site.start, site.end, site.fit(site.child('left').text)
            yield site.start, site.end, site.fit(site.child('right').text)
        elif isinstance(site.node, cst.CompIf):
            yield len(source.data[:site.start].rstrip()), site.end, ''


def _exchanged(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        node, parts = site.node, []
        if isinstance(node, cst.Call):
            parts = [arg.child('value') for arg in site.filling('args')]
        elif isinstance(node, cst.Tuple) and site.is_expression:
            parts = [element.child('value') for element in site.filling('elements')]
        elif isinstance(node, cst.BinaryOperation) and not isinstance(
                node.operator, (cst.Add, cst.Multiply)):
            parts = [site.child('left'), site.child('right')]
        elif isinstance(node, cst.IfExp):
            parts = [site.child('body'), site.child('orelse')]
        for one, other in pairwise(parts):
            if one.text != other.text and not getattr(one.node, 'lpar', ()) and not getattr(
                    other.node, 'lpar', ()):
                yield (one.start, other.end,
                       other.text + source.slice(one.end, other.start) + one.text)


def _call_lost(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        node = site.node
        if not isinstance(node, cst.Call) or site.parent is None or site.parent.kind == 'Expr':
            continue
        func, args = site.child('func'), site.filling('args')
        values = [arg.child('value').text for arg in args]
        if isinstance(func.node, cst.Name) and values:
            for index, value in enumerate(values):
                if all(_few(other) for other in values[:index] + values[index + 1:]):
                    yield site.start, site.end, site.fit(value)
        elif isinstance(func.node, cst.Attribute) and all(map(_few, values)):
            yield site.start, site.end, site.fit(func.child('value').text)


def _call_added(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        if site.is_expression and isinstance(site.node, (cst.Name, cst.Call)) and site.role in (
                'value', 'iter') and site.parent is not None and site.parent.kind in (
                'Return', 'Assign', 'For', 'CompFor', 'Arg'):
            for name in ('len', 'sorted', 'list', 'set', 'sum', 'abs', 'str'):
                yield site.start, site.end, f'{name}({site.text})'


def _part_lost(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    """Lose a term, an index, an attribute or a bound."""
    for site in sites:
        node = site.node
        if isinstance(node, cst.BinaryOperation):
            left, right = site.child('left'), site.child('right')
            for kept, lost in ((left, right), (right, left)):
                if _few(lost.text):
                    yield site.start, site.end, site.fit(kept.text)
        elif isinstance(node, (cst.Subscript, cst.Attribute)) and site.is_expression \
                and site.role != 'func':
            value = site.child('value')
            if isinstance(value.node, (cst.Name, cst.Attribute, cst.Subscript)) \
                    and value.text != 'self' and _few(source.slice(value.end, site.end)):
                yield site.start, site.end, value.text
        elif isinstance(node, cst.Slice):
            low, high = site.filling('lower'), site.filling('upper')
            if low and high:
                yield low[0].start, low[0].end, ''
                yield high[0].start, high[0].end, ''
            elif low:
                yield site.start, site.end, f':{low[0].text}'
            elif high and not site.filling('step'):
                yield site.start, site.end, f'{high[0].text}:'
        elif isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
            yield site.start, site.end, site.child('expression').text
        elif isinstance(node, cst.Call) and len(site.filling('args')) > 1:
            args = site.filling('args')
            for index in (0, -1):
                if _few(args[index].text):
                    rest = args[1:] if index == 0 else args[:-1]
                    yield (args[0].start, args[-1].end,
                           source.slice(rest[0].start, rest[-1].child('value').end))


def _start_value(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        parent = site.parent
        if site.is_expression and parent is not None and (
                parent.kind == 'Assign' or (parent.kind == 'Element' and parent.parent is not None
                                            and parent.parent.parent is not None
                                            and parent.parent.parent.kind == 'Assign')):
            for other in _STARTS.get(site.text, ()):
                yield site.start, site.end, other
            if isinstance(site.node, (cst.List, cst.Set)) and len(site.children) == 1:
                yield site.start, site.end, '[]' if site.kind == 'List' else 'set()'


def _returned(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        if not isinstance(site.node, cst.Return) or site.function is None:
            continue
        value = site.filling('value')
        if value and _few(value[0].text):
            for other in (*site.function.names[:6], 'None', 'True', 'False', '0', '[]'):
                if other != value[0].text:
                    yield value[0].start, value[0].end, other


def _guard_lost(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        if not isinstance(site.node, cst.If) or site.role != 'body' or site.filling('orelse') \
                or not isinstance(site.child('body').node, cst.IndentedBlock):
            continue
        lines = site.child('body').filling('body')
        if len(lines) != 1 or len(_WORD.findall(site.child('test').text)) > 2 * _FEW:
            continue
        if lines[0].kind == 'SimpleStatementLine' and lines[0].text.startswith(
                ('return', 'continue', 'break', 'raise')):
            if site.parent is not None and len(site.parent.filling('body')) > 1:
                yield (*source.line_span(site), '')
        elif lines[0].kind == 'SimpleStatementLine':
            start, end = source.line_span(site)
            first = source.line_span(lines[0])[0]
            yield start, end, dedent_lines(
                source.slice(first, end), source.indent(lines[0]), source.indent(site))


def _statement_lost(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        if site.kind == 'SimpleStatementLine' and site.parent is not None and site.function \
                and len(_WORD.findall(site.text)) <= _FEW + 1 \
                and len(site.parent.filling('body')) > 1 and site.children[0].kind in (
                    'Assign', 'AugAssign', 'Expr', 'Break', 'Continue') \
                and not _first_binding(site):
            yield (*source.line_span(site), '')


def _first_binding(site: Site) -> bool:
    """Whether a line binds a name that no line before it does: it is hardly ever forgotten."""
    function = site.function
    assert function is not None
    if site.children[0].kind != 'Assign':
        return False
    targets = {one.text for one in function.sites if one.is_target and isinstance(
        one.node, cst.Name) and site.start <= one.start < site.end}
    before = {one.text for one in function.sites if one.is_target and one.start < site.start}
    return bool(targets - before - set(function.params))


def _misplaced(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        if not isinstance(site.node, cst.IndentedBlock):
            continue
        body = site.filling('body')
        for one, other in pairwise(body):
            if one.kind == other.kind == 'SimpleStatementLine':
                start, middle = source.line_span(one)
                following, end = source.line_span(other)
                yield start, end, (source.slice(following, end) + source.slice(middle, following)
                                   + source.slice(start, middle))
        owner = site.parent
        if owner is None or not isinstance(owner.node, (cst.If, cst.For, cst.While)) \
                or owner.filling('orelse') or owner.role != 'body' or owner.parent is None:
            continue
        inner, outer = source.indent(body[0]), source.indent(owner)
        if len(body) > 1:
            start, end = source.line_span(body[-1])
            yield start, end, dedent_lines(source.slice(start, end), inner, outer)
        siblings = owner.parent.filling('body')
        index = siblings.index(owner) + 1
        if index < len(siblings):
            start, end = source.line_span(siblings[index])
            yield start, end, dedent_lines(source.slice(start, end), outer, inner)


def _relative(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        if isinstance(site.node, cst.Call):
            func = site.child('func')
            target = func.child('attr') if isinstance(func.node, cst.Attribute) else func
            for pair in _RELATIVES:
                if target.text in pair:
                    yield target.start, target.end, pair[1 - pair.index(target.text)]
        elif isinstance(site.node, cst.Attribute) and site.role != 'func':
            attr = site.child('attr')
            for other in source.attributes:
                if other != attr.text and f'.{other}(' not in source.text:
                    yield attr.start, attr.end, other


def _jump(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    for site in sites:
        if isinstance(site.node, cst.Break):
            yield site.start, site.end, 'continue'
        elif isinstance(site.node, cst.Continue):
            yield site.start, site.end, 'break'
        elif isinstance(site.node, cst.If):
            if site.role == 'orelse':
                yield site.start, site.start + 4, 'if'
            elif not site.filling('orelse'):
                yield site.start, site.start + 2, 'while'
        elif isinstance(site.node, cst.While):
            yield site.start, site.start + 5, 'if'


def _two_words(source: Source, sites: Sequence[Site]) -> Iterator[Span]:
    """Exchange two names of one line, or replace one throughout it."""
    for site in sites:
        if site.function is None or '\n' in site.text or not (
                site.kind == 'SimpleStatementLine' or (
                    site.is_expression and site.role in ('test', 'iter'))):
            continue
        found = _WORD.findall(site.text)
        names = [word for word in dict.fromkeys(found) if word in site.function.names]
        for index, one in enumerate(names):
            for other in names[index + 1:]:
                yield site.start, site.end, _renamed(site.text, {one: other, other: one})
            if found.count(one) == 2:
                for other in site.function.names:
                    if other not in names:
                        yield site.start, site.end, _renamed(site.text, {one: other})


def _renamed(text: str, table: dict[str, str]) -> str:
    return _WORD.sub(lambda match: table.get(match[0], match[0]), text)


SLIPS: dict[str, tuple[float, Spans]] = {
    'comparison': (9, _comparison), 'boolean': (5, _boolean), 'arithmetic': (7, _arithmetic),
    'off by one': (13, _off_by_one), 'name': (12, _name), 'condition part': (9, _condition_part),
    'exchanged': (6, _exchanged), 'call lost': (9, _call_lost), 'call added': (2, _call_added),
    'part lost': (9, _part_lost), 'start value': (4, _start_value), 'returned': (4, _returned),
    'guard lost': (9, _guard_lost), 'statement lost': (12, _statement_lost),
    'misplaced': (5, _misplaced), 'relative': (4, _relative), 'jump': (3, _jump),
    'two words': (4, _two_words),
}
