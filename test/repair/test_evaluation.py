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

"""Policies compared on injected bugs."""

import json
import shutil

import pytest
from rfsn_ros.cli import main as rfsn
from rfsn_ros.repair import evaluation
from rfsn_ros.repair.cli import main
from rfsn_ros.repair.functions import corpus_folder


@pytest.fixture
def corpus(tmp_path):
    """One module of the own corpus: bugs are put into all functions before tasks are chosen."""
    folder = tmp_path / 'corpus'
    folder.mkdir()
    for name in ('strings.py', 'test_strings.py'):
        shutil.copy(corpus_folder('rfsn_ros.repair.corpus') / name, folder)
    return folder


def evaluated(corpus, out, *extra):
    """Return what a comparison on three tasks wrote."""
    assert main(['evaluate', '--corpus', str(corpus), '--tasks', '3', '--seed', '5', '--budget',
                 '20', '--policies', 'bandit,operators', '--out', str(out), *extra]) == 0
    return json.loads(out.read_text())


def test_the_bandit_needs_fewer_executions_on_any_number_of_processes(
        corpus, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(evaluation, '_PART', 1)  # so that each process has some of them
    one = evaluated(corpus, tmp_path / 'one.json')
    assert 'bandit' in capsys.readouterr().out
    assert len(one['bandit']) == len(one['operators']) == len(one['kinds']) == 3
    assert one == evaluated(corpus, tmp_path / 'two.json', '--jobs', '2')
    spent = {name: sum(count or 20 for count in one[name]) for name in ('bandit', 'operators')}
    assert spent['bandit'] < spent['operators']


def test_a_corpus_of_which_no_task_comes_is_refused(tmp_path, capsys):
    (tmp_path / 'same.py').write_text('def same(x):\n    return x\n')
    (tmp_path / 'test_same.py').write_text(
        'from same import same\n\n\ndef test_same():\n    assert same(1) == 1\n')
    assert main(['evaluate', '--corpus', str(tmp_path), '--mix', 'written', '--policies',
                 'ranking']) == 2
    assert str(tmp_path) in capsys.readouterr().err


@pytest.mark.parametrize(('option', 'value'), [
    ('--policies', 'oracular'), ('--mix', 'wild'), ('--out', '/dev/null/out.json'),
    ('--plot', '/dev/null/plot.png'), ('--plot', 'plot.txt'), ('--state', '/dev/null/state'),
])
def test_what_cannot_be_is_refused_before_the_work(option, value, capsys):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, 'Sandbox', None)  # without one no task is made
        assert rfsn(['repair', 'evaluate', '--tasks', '1', option, value]) == 2
    assert value in capsys.readouterr().err


@pytest.mark.parametrize(('option', 'value'), [
    ('--tasks', '0'), ('--budget', '0'), ('--seed', '-1'), ('--jobs', '0')])
def test_numbers_out_of_bounds_are_refused(option, value, capsys):
    with pytest.raises(SystemExit, match='2'):
        rfsn(['repair', 'evaluate', option, value])
    assert f'{option}: {value}: must be >= ' in capsys.readouterr().err
