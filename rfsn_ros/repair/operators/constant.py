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

"""Constant: another number, string, truth value or empty container."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change, constants, swap, variables
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the constants and names that could stand in a constant's place."""
    if not site.is_expression:
        return
    node, text = site.node, site.text
    if isinstance(node, cst.UnaryOperation) and isinstance(node.expression, cst.Integer) \
            and isinstance(node.operator, cst.Minus):
        for new in ('0', '1', '2', f'{text} + 1', f'{text} - 1', 'None', "float('inf')"):
            yield swap(site, new, 'negative integer')
        return
    others: list[tuple[str, str]] = []
    if isinstance(node, cst.Integer):
        value = int(text.replace('_', ''), 0)
        others += [(str(value + 1), 'integer + 1'), (str(value - 1), 'integer - 1')]
        others += [(new, f'integer to {new}') for new in ('0', '1', '2', '-1', '10')]
        others += [("float('inf')", 'to inf'), ("-float('inf')", 'to -inf'), ('None', 'to None')]
        others += [(f'-{text}', 'integer negated'), (str(2 * value), 'integer doubled')]
    elif isinstance(node, cst.Float):
        others += [('0.0', 'float to 0'), ('1.0', 'float to 1'), (f'-{text}', 'float negated')]
    elif isinstance(node, cst.SimpleString):
        others += [("''", 'string to empty'), ("' '", 'string to blank')]
    elif text in ('True', 'False'):
        others += [('False' if text == 'True' else 'True', 'truth'), ('None', 'to None')]
    elif text == 'None':
        others += [(new, 'from None') for new in ('0', '[]', "''", 'False', 'True', '{}', '-1')]
    elif text.replace('-', '') in ("float('inf')", 'float("inf")', 'math.inf'):
        flipped = text[1:] if text.startswith('-') else f'-{text}'
        others += [(flipped, 'other infinity'), ('0', 'from inf')]
    elif text in ('[]', '{}', 'set()', '()', "''", 'dict()', 'list()', '[[]]', '[0]', '[None]'):
        others += [(new, f'container {text}') for new in (
            '[]', '{}', 'set()', "''", '0', '[[]]', 'None')]
        others += [(f'[{name}]', 'container holding name') for name in variables(site)]
        others += [(f'{{{name}}}', 'set holding name') for name in variables(site)]
    if isinstance(node, (cst.Integer, cst.SimpleString, cst.Float)) and site.function:
        others += [(new, 'written constant') for new in constants(site.function)]
        others += [(f'{name} {sign} 1', f'name {sign} 1') for name in variables(site)
                   for sign in '+-' if isinstance(node, cst.Integer)]
    elif isinstance(node, (cst.Name, cst.Call, cst.Subscript)) and not others and site.role in (
            'value', 'right', 'comparator') and site.function and site.parent is not None \
            and site.parent.kind in ('Assign', 'Arg', 'Index', 'BinaryOperation',
                                     'ComparisonTarget', 'Element', 'AugAssign'):
        for new in dict.fromkeys(('0', '1', *constants(site.function)[:8])):
            yield swap(site, new, f'{site.kind} to constant')
        if site.parent.kind == 'Assign':
            for new in ('[]', 'set()', '{}', "''", 'None', 'True', 'False'):
                yield swap(site, new, f'{site.kind} to {new}')
    if others:
        parent = site.parent.kind if site.parent else ''
        others += [(name, f'name in {parent}') for name in variables(site)]
        others += [(f'len({name})', 'length') for name in variables(site)
                   if isinstance(node, cst.Integer)]
    for new, detail in dict(others).items():
        if new != text:
            yield swap(site, new, detail)
