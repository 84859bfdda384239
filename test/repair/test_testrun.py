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

import re
import subprocess
import sys

import pytest
from rfsn_ros.errors import TaskError
from rfsn_ros.repair.evidence import gather
from rfsn_ros.repair.jail.relation import relation
from rfsn_ros.repair.sandbox import Sandbox
from rfsn_ros.repair.task import load_task

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

SURROUNDED = '''
import sys
import unittest

import pytest
from buggy import double

ready = []


def setup_module(module):
    module.ready.append('module')


def setup_function():
    ready.append('function')


def teardown_function():
    ready.remove('function')


def test_surrounded():
    assert ready == ['module', 'function']


@pytest.fixture
def started():
    ready.append('started')
    yield
    ready.remove('started')


@pytest.mark.usefixtures('started')
def test_used():
    assert ready[-1] == 'started'


@pytest.fixture(params=[1, 2, 3])
def doubled(request):
    return double(request.param)


@pytest.mark.parametrize('doubled', [4, 5], indirect=True)
def test_indirect(doubled):
    assert doubled in (8, 10)


@pytest.mark.parametrize(('x', 'doubled'), [(4, 4), (5, 6)], indirect=['doubled'])
def test_partly_indirect(x, doubled):
    assert doubled == 2 * x


@pytest.mark.parametrize('doubled', [7])
def test_direct(doubled):
    assert doubled == 7


@pytest.mark.xfail(sys.platform == 'none', reason='there is none')
def test_not_expected_here():
    assert double(1) == 3


@pytest.mark.skipif('sys.platform != "none"', reason='there is none')
def test_skipped_by_text():
    assert double(1) == 3


class Base:
    factor = 2

    @classmethod
    def setup_class(cls):
        cls.made = cls.factor

    def setup_method(self, method):
        ready.append(method.__name__)

    def teardown_method(self):
        ready.pop()

    def test_inherited(self):
        assert double(1) == self.made and ready[-1] == 'test_inherited'


class TestTwo(Base):
    pass


class TestThree(Base):
    factor = 3


class TestOuter:
    class TestInner:
        def test_inner(self):
            assert double(1) == 3


class TestNot:
    __test__ = False

    def test_not(self):
        assert double(1) == 3


class TestOld(unittest.TestCase):
    @unittest.expectedFailure
    def test_known(self):
        self.assertEqual(double(1), 3)

    def test_left(self):
        ready.append('left')
        self.addCleanup(ready.remove, 'left')
        self.assertEqual(double(1), 3)


@unittest.skip('not now')
class TestLater(unittest.TestCase):
    def test_later(self):
        self.assertEqual(double(1), 3)
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


def test_what_surrounds_tests_is_as_in_pytest(tmp_path):
    (tmp_path / 'buggy.py').write_text(BUGGY)
    (tmp_path / 'test_more.py').write_text(SURROUNDED)
    done = subprocess.run(
        [sys.executable, '-m', 'pytest', '-q', '-rA', '-p', 'no:cacheprovider', 'test_more.py'],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    told = re.findall(r'^(PASSED|FAILED|XFAIL) (test_more\.py::[\w:]+)', done.stdout, re.M)
    failed = sorted(name for word, name in told if word == 'FAILED')
    assert len(failed) == 5, done.stdout
    with Sandbox() as box:
        box.load({'test_more.py': SURROUNDED.encode()}, ['test_more.py'])
        outcomes = box.run(BUGGY).outcomes
    assert sorted(one.name.split('[')[0] for one in outcomes if not one.passed) == failed
    assert sum(word != 'FAILED' for word, _ in told) + 2 == sum(
        one.passed for one in outcomes)  # the skipped ones stand in the report by their lines


@pytest.mark.parametrize(('text', 'word'), [
    ('async def test_a():\n    assert double(1) == 3\n', 'async'),
    ('import unittest\n\n\nclass T(unittest.IsolatedAsyncioTestCase):\n'
     '    async def test_a(self):\n        assert double(1) == 3\n', 'async'),
    ('def test_a(recwarn):\n    pass\n', 'recwarn'),
    ('import pytest\n\n\n@pytest.fixture\ndef a(request):\n    return request.node.name\n\n\n'
     'def test_a(a):\n    pass\n', 'node'),
])
def test_what_the_runner_lacks_makes_a_bad_task_named(text, word, tmp_path):
    (tmp_path / 'buggy.py').write_text(BUGGY)
    (tmp_path / 'test_a.py').write_text(f'from buggy import double\n\n\n{text}')
    with Sandbox() as box, pytest.raises(TaskError, match=rf'test_a.*{word}.* not supported'):
        gather(load_task(tmp_path), box)


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
