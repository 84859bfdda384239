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

import pytest
from rfsn_ros.repair.jail.assertions import Assertions, compile_tests, Expectation, NAME


def run(text, **names):
    """Run an assertion; return what it remembers, and what was expected at each call of `f`."""
    assertions, told = Assertions(), []

    def f(*arguments):
        told.append(assertions.expected)
        return names['result'](*arguments) if callable(names.get('result')) else names['result']

    scope = {NAME: assertions, 'f': f, 'pytest': pytest, **names}
    try:
        exec(compile_tests('test_t.py', text), scope)
    except AssertionError:
        return assertions, told, False
    return assertions, told, True


@pytest.mark.parametrize(('text', 'form', 'value'), [
    ('assert f(1) == 3', 'value', 3),
    ('assert 3 == f(1)', 'value', 3),
    ('assert f(1) == [1, (2, -x)]', 'value', [1, (2, -5)]),
    ('assert f(y) == x', 'value', 5),
    ('assert f(1) is None', 'value', None),
    ('assert f(1) == {1, x}', 'value', {1, 5}),
    ('assert list(f(1)) == [x]', 'elements', [5]),
    ('assert f(1)', 'truth', True),
    ('assert not f(1)', 'truth', False),
])
def test_what_is_expected_is_told_before_the_call(text, form, value):
    _, told, _ = run(text, x=5, y=6, result=[])
    assert (told[0].form, told[0].value) == (form, value)


@pytest.mark.parametrize('text', [
    'assert f(f(1)) == 3',
    'assert f(1) + 1 == 3',
    'assert f(1) == g(3)',
    'assert f(x) == x[0:1] + [2]',
    'assert f(1) != 3',
    'assert sum(f(1) for _ in x) == 3',
])
def test_nothing_is_told_where_it_could_be_wrong(text):
    _, told, _ = run(text, x=[5], g=lambda x: x, result=2)
    assert told
    assert told[-1] is None or told[-1].name != 'f'


def test_the_verdict_is_that_of_the_test_as_written():
    def sort(values):
        values.sort()
        return values

    x = [3, 1, 2]
    assert run('assert f(x) == x', x=x, result=sort)[2]
    assert run('assert f(x) == [x[0], 2, 3]', x=[3, 1, 2], result=sort)[2]
    assertions, _, passed = run('assert f(1) == [1]', result=[2])
    assert not passed
    assert assertions.sides == ([2], [1])
    assert assertions.expected is None
    assertions, _, passed = run('assert not f(1)', result=True)
    assert not passed
    assert assertions.sides == (True, False)
    assert run('assert f(1)', result=[0])[2]
    assert not run('assert f(1)', result=[])[2]


def test_an_expectation_judges_results_elements_and_ends():
    value = Expectation('f', 'value', pytest.approx(1.0))
    assert value.allows(1.0 + 1e-9, 0)
    assert not value.allows(1.1, 0)
    assert value.plain == 1.0
    elements = Expectation('f', 'elements', [4, 5])
    assert elements.allows(5, 1)
    assert not elements.allows(5, 0)
    assert not elements.allows(5, 2)
    assert elements.ends_after(2)
    assert not elements.ends_after(1)
    assert not value.ends_after(0)
    assert Expectation('f', 'truth', False).allows([], 0)
    assert Expectation('f', 'value', [[1, 'a'], 2]).atoms == {"[[1, 'a'], 2]", "[1, 'a']", '1',
                                                              "'a'", '2'}
