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
from rfsn_ros.repair.jail.relation import relation
from rfsn_ros.repair.sandbox import Sandbox

BUGGY = '''
def double(x):
    return 2 * x


def boom():
    raise KeyError('no')
'''
CONFTEST = b'''
import pytest


@pytest.fixture
def base():
    return 10


@pytest.fixture(autouse=True)
def clean():
    yield
'''
TESTS = b'''
import unittest

import pytest
from buggy import boom, double
from helper import CONSTANT

pytestmark = pytest.mark.filterwarnings('ignore')


@pytest.mark.parametrize('x', [1, 2, pytest.param(3, marks=pytest.mark.skip)])
@pytest.mark.parametrize(('y', 'z'), [(1, 2), (3, 4)])
def test_product(x, y, z):
    assert double(x) + y < 100 and z


@pytest.fixture(params=[1, 2])
def number(request, base):
    yield base + request.param


def test_fixture(number):
    assert double(number) in (22, 24)


class TestGroup:
    @pytest.fixture
    def own(self):
        return 5

    def setup_method(self):
        self.ready = True

    def test_method(self, own, tmp_path):
        (tmp_path / 'x').write_text('y')
        assert self.ready and double(own) == CONSTANT

    @pytest.mark.xfail
    def test_expected(self):
        assert False


class TestOld(unittest.TestCase):
    def setUp(self):
        self.value = 4

    def test_old(self):
        self.assertEqual(double(self.value), 8)

    def test_wrong(self):
        self.assertEqual(double(self.value), 9)


def test_raises():
    with pytest.raises(KeyError):
        boom()


def test_error():
    boom()


def test_monkeypatch(monkeypatch):
    monkeypatch.setenv('A', 'b')
    import os
    assert os.environ['A'] == 'b'


def test_capsys(capsys):
    print('hello')
    assert capsys.readouterr().out == 'hello\\n'


def test_approx():
    assert double(0.1) == pytest.approx(0.2)


def test_unknown(recwarn):
    pass


@pytest.mark.skipif(True, reason='no')
def test_skipped():
    assert False


def test_is():
    assert (double(1) > 5) is True
'''


@pytest.fixture(scope='module')
def run():
    with Sandbox() as box:
        files = {'conftest.py': CONFTEST, 'test_all.py': TESTS, 'helper.py': b'CONSTANT = 10\n'}
        box.load(files, ['conftest.py', 'test_all.py'])
        yield box.run(BUGGY)


def named(run, part):
    return [one for one in run.outcomes if part in one.name]


def test_failures_are_exactly_those_that_pytest_would_report(run):
    assert not run.failure
    failed = {one.name.split('::', 1)[1] for one in run.outcomes if not one.passed}
    assert failed == {'TestOld::test_wrong', 'test_error', 'test_unknown', 'test_is'}


def test_parametrised_tests_are_counted_one_by_one(run):
    assert len(named(run, 'test_product')) == 6
    assert len(named(run, 'test_fixture')) == 2


def test_the_line_of_an_exception_is_the_modules(run):
    failed = named(run, 'test_error')[0]
    assert (failed.error, failed.line) == ('KeyError', 7)


def test_an_unknown_fixture_is_named(run):
    assert 'recwarn' in named(run, 'test_unknown')[0].message


def test_identity_assertions_tell_the_value(run):
    assert named(run, 'test_is')[0].words == ('got false',)


@pytest.mark.parametrize(('got', 'expected', 'word'), [
    (3, 4, 'off by one'), (3, -3, 'negated'), (None, 1, 'got none'), ([], [1], 'got empty'),
    ([1, 2], [2, 1], 'wrong order'), ([1], [1, 2], 'by one element'), ('ab', 'abc', 'at the end'),
    (True, False, 'got true'), ({1}, {1, 2}, 'shorter'), ([1], (1,), 'other type'),
    (float('inf'), 3, 'got infinity'), ([1, 5, 3], [1, 2, 3], 'one element'),
])
def test_relation_names_the_difference(got, expected, word):
    assert word in relation(got, expected)


def test_relation_survives_hostile_values():
    class Hostile:
        def __eq__(self, other):
            raise RuntimeError

        __hash__ = None

    assert relation(Hostile(), Hostile())
