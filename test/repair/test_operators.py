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

import ast
from functools import lru_cache
import io
import tokenize

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest
from rfsn_ros.errors import TaskError
from rfsn_ros.repair.forms import normal_form, same_sides_form
from rfsn_ros.repair.functions import corpus_folder, corpus_functions
from rfsn_ros.repair.operators import families, propose
from rfsn_ros.repair.source import Source

MODULE = '''\
"""A module with a bit of everything."""
import math  # kept

LIMIT = 10


def collect(items, start=0):
    """Collect."""
    found, seen = [], set()
    total = start  # a running total
    for index, item in enumerate(items):
        if item is None or item in seen:
            continue
        seen.add(item)
        if index > 0 and not item < LIMIT:
            total += item * 2 - items[index - 1]
        else:
            total -= abs(item)
        found.append((index, total))
    while total > LIMIT and found:
        total = max(total // 2, len(found))
        break
    return found[1:] if total == 0 else sorted(found, key=lambda pair: -pair[1])


def walk(node, depth=0):
    if node.left is not None:
        yield from walk(node.left, depth + 1)
    yield node.value, (depth,
                       -math.inf)
'''


@lru_cache(maxsize=1)
def functions():
    return corpus_functions(corpus_folder('rfsn_ros.repair.corpus'))


@pytest.fixture(scope='module')
def proposed():
    source = Source(MODULE)
    return source, propose(source)


def words(text):
    kept = (tokenize.NAME, tokenize.OP, tokenize.NUMBER, tokenize.STRING)
    return [token.string for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type in kept]


def of(proposed, family):
    source, edits = proposed
    return [(edit, source.apply(edit)) for edit in edits if edit.family == family]


def test_there_are_about_twenty_families_and_each_finds_a_place(proposed):
    assert len(families()) >= 20
    assert {edit.family for edit in proposed[1]} == set(families())


def test_an_edit_leaves_the_rest_of_the_text_alone(proposed):
    source, edits = proposed
    for edit in edits:
        after = source.apply(edit).encode()
        assert after.startswith(source.data[:edit.start])
        assert after.endswith(source.data[edit.end:])


def test_comments_survive_outside_of_what_changes(proposed):
    for edit, text in of(proposed, 'comparison'):
        assert '# kept' in text, edit
        assert '# a running total' in text, edit


def test_nearly_every_edit_compiles_and_changes_the_program(proposed):
    source, edits = proposed
    original = normal_form(source.text)
    forms = [normal_form(source.apply(edit)) for edit in edits[::29]]
    assert sum(form is None for form in forms) < 0.01 * len(forms)
    assert sum(form == original for form in forms) < 0.01 * len(forms)


def test_hardly_any_text_is_proposed_twice(proposed):
    source, edits = proposed
    results = [source.apply(edit) for edit in edits]
    assert len(set(results)) > 0.998 * len(results)


def test_comparison_changes_one_operator_or_exchanges_its_sides(proposed):
    for edit, text in of(proposed, 'comparison'):
        before, after = words(MODULE), words(text)
        if edit.detail == 'exchange sides':
            assert sorted(before) == sorted(after)
        else:
            old, new = edit.detail.split(' -> ')
            for word in old.split():
                before.remove(word)
            for word in new.split():
                after.remove(word)
            assert sorted(before) == sorted(after)


def test_boolean_operator_changes_one_word(proposed):
    for _, text in of(proposed, 'boolean_operator'):
        changed = [pair for pair in zip(words(MODULE), words(text), strict=True)
                   if pair[0] != pair[1]]
        assert changed in ([('and', 'or')], [('or', 'and')])


def test_variable_replaces_one_name(proposed):
    for edit, text in of(proposed, 'variable'):
        changed = [pair for pair in zip(words(MODULE), words(text), strict=True)
                   if pair[0] != pair[1]]
        assert len(changed) == 1, edit
        assert changed[0][1].isidentifier()


def test_delete_statement_only_takes_away(proposed):
    for edit, text in of(proposed, 'delete_statement'):
        if 'only' not in edit.detail:
            assert len(text.splitlines()) < len(MODULE.splitlines())
            left = iter(MODULE.splitlines())
            assert all(line in left for line in text.splitlines())


def test_move_statement_keeps_every_line(proposed):
    for edit, text in of(proposed, 'move_statement'):
        if edit.detail != 'assign together':
            assert sorted(text.splitlines()) == sorted(MODULE.splitlines())


def test_argument_swap_keeps_every_word(proposed):
    for _, text in of(proposed, 'argument_swap'):
        assert sorted(words(text)) == sorted(words(MODULE))


@pytest.mark.parametrize(('text', 'other'), [
    ('a + b * c', '(a + b) * c'),
    ('(a + b) * c', 'a + (b * c)'),
    ('a - b - c', 'a - (b - c)'),
    ('a and b or c', 'a and (b or c)'),
])
def test_grouping_moves_the_parentheses_only(text, other):
    source = Source(f'def f(a, b, c):\n    return {text}\n')
    found = [source.apply(edit) for edit in propose(source) if edit.family == 'grouping']
    assert [normal_form(one) for one in found] == [
        normal_form(f'def f(a, b, c):\n    return {other}\n')]


def test_no_edit_reads_a_name_before_it_is_bound():
    source = Source('def f(a):\n    first = a\n    for item in a:\n        if item:\n'
                    '            late = item\n    final = [one for one in a]\n    return final\n')
    read = {name: [edit for edit in propose(source) if edit.site.is_expression and name in words(
        edit.text) and name not in words(edit.site.text) and ' for ' not in edit.text]
        for name in ('late', 'final', 'one')}
    assert read['late']
    assert min(edit.site.line for edit in read['late']) >= 3
    assert min(edit.site.line for edit in read['final']) >= 6
    assert all('one' in words(edit.site.statement.text) for edit in read['one'])


def test_a_statement_can_go_into_a_new_else():
    source = Source('def f(x):\n    if x:\n        y = 1\n    y = 2\n    return y\n')
    assert 'def f(x):\n    if x:\n        y = 1\n    else:\n        y = 2\n    return y\n' in {
        source.apply(edit) for edit in propose(source) if edit.family == 'hoist'}


@pytest.mark.parametrize(('one', 'other', 'same'), [
    ('a > b', 'b < a', True),
    ('a >= b', 'b < a', False),
    ('a and b and c', 'a and (c and b)', True),
    ('a - 1 - b', 'a - b - 1', True),
    ('a - b', 'b - a', False),
    ('a + b', 'b + a', False),
    ('max(a, b)', 'max(b, a)', True),
    ('a * (b + 1)', '(1 + b) * a', True),
])
def test_forms_are_equal_where_only_sides_are_exchanged(one, other, same):
    assert (same_sides_form(one) == same_sides_form(other)) is same


def test_insertions_only_add(proposed):
    for family in ('insert_statement',):
        for _, text in of(proposed, family):
            rest = iter(text.splitlines())
            assert all(line in rest for line in MODULE.splitlines())


def texts(source, family):
    return [(source.data[:change.start] + change.text.encode() + source.data[change.end:]).decode()
            for site in source.sites for change in families()[family](source, site)]


@pytest.mark.parametrize('family', ['comparison', 'boolean_operator', 'argument_swap',
                                    'condition_negate', 'variable', 'renaming'])
def test_some_families_can_take_their_own_edits_back(family):
    source = Source('def f(a, b):\n    x = g(a, b)\n    if a < x and not b:\n'
                    '        return x\n    return b\n')
    original = normal_form(source.text)
    edits = texts(source, family)
    assert edits
    for text in edits:
        if 'x = g' not in text:
            continue  # the name is gone; nothing in scope brings it back
        assert original in {normal_form(back) for back in texts(Source(text), family)}, text


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_edits_of_the_corpus_parse(seed):
    every = functions()
    source = Source(every[seed % len(every)].text)
    for edit in propose(source)[seed % 97::97]:
        text = source.apply(edit)
        try:
            ast.parse(text)
        except SyntaxError:
            pytest.fail(f'{edit.family} {edit.detail}: {text}')


@pytest.mark.parametrize(('text', 'old', 'new', 'expected'), [
    ('y = x * 2\n', 'x', 'x + 1', 'y = (x + 1) * 2\n'),
    ('y = f(x)\n', 'x', 'x + 1', 'y = f(x + 1)\n'),
    ('y = -x\n', 'x', 'a + b', 'y = -(a + b)\n'),
    ('y = x.real\n', 'x', 'a or b', 'y = (a or b).real\n'),
    ('y = a - x\n', 'x', 'b - c', 'y = a - (b - c)\n'),
    ('y = x - a\n', 'x', 'b - c', 'y = b - c - a\n'),
    ('y = not x\n', 'x', 'a and b', 'y = not (a and b)\n'),
    ('y = x and a\n', 'x', 'b or c', 'y = (b or c) and a\n'),
    ('y = (x) * 2\n', 'x', 'x + 1', 'y = (x + 1) * 2\n'),
    ('y = x < a\n', 'x', 'b < c', 'y = (b < c) < a\n'),
    ('y = x ** 2\n', 'x', '-a', 'y = (-a) ** 2\n'),
])
def test_parentheses_are_added_where_they_are_needed(text, old, new, expected):
    source = Source(text)
    site = next(one for one in source.sites if one.text == old and one.is_expression)
    assert source.slice(0, site.start) + site.fit(new) + source.slice(
        site.end, len(source.data)) == expected


def test_text_outside_ascii_keeps_its_place():
    source = Source('s = "ä€𝄞"  # ü\n\n\ndef f(x):\n    return x < 1\n')
    texts = [source.apply(edit) for edit in propose(source) if edit.family == 'comparison']
    assert any('return x <= 1' in text and '"ä€𝄞"  # ü' in text for text in texts)


@pytest.mark.parametrize('text', ['def f(:\n', 'x = (\n', 'return\x00\n'])
def test_a_module_that_is_not_python_is_refused(text):
    with pytest.raises(TaskError, match='does not parse'):
        Source(text)
