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

"""What goes wrong around the work of a command is one line, before the work where it can be."""

import json
import multiprocessing
import sys
from threading import Thread
import time

import pytest
from rfsn_ros.bench import command as bench
from rfsn_ros.cli import main
from rfsn_ros.replay import command as replay
from rfsn_ros.training import evaluate_command, train_command

DRIVE = ('--worlds', 'generated:0-1', '--sim', 'kinematic', '--workers', '1')
EVALUATE = ('evaluate', '--policies', 'greedy', *DRIVE)
TRAIN = ('train', '--episodes', '2', '--worlds', 'generated:0-1', '--workers', '1')


@pytest.fixture
def refused(tmp_path, monkeypatch, capsys):
    """Return how a command is refused that must not come to its work, in a folder of its own."""
    def work(*_, **__):
        raise AssertionError('the work has begun')

    monkeypatch.setattr(evaluate_command, '_drive', work)
    monkeypatch.setattr(train_command, '_drive', work)
    monkeypatch.setattr(bench, '_speed', work)
    monkeypatch.setattr(bench, '_quality', work)
    monkeypatch.setattr(replay, '_replay', work)
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'file').write_text('')
    (tmp_path / 'folder').mkdir()

    def ask(*arguments):
        assert main([*arguments]) == 2
        error = capsys.readouterr().err
        assert error.startswith(f'rfsn {arguments[0]}: ')
        assert error.count('\n') == 1
        return error

    return ask


@pytest.mark.parametrize('option', ['--json', '--store', '--plot', '--video'])
@pytest.mark.parametrize('place', ['file/x', 'file/y/x', 'folder/.'])
def test_results_that_could_not_be_written_are_not_driven_for(refused, option, place):
    suffix = {'--plot': '.png', '--video': '.gif'}.get(option, '') if place[-1] == 'x' else ''
    assert place.partition('/')[0] in refused(*EVALUATE, option, place + suffix)


def test_a_plot_of_an_unknown_format_is_not_driven_for(refused):
    assert 'x.foo: must be named .png or .pdf or .svg' in refused(*EVALUATE, '--plot', 'x.foo')


@pytest.mark.parametrize('arguments', [('--json', 'file/x'), ('--plot', 'x.foo')])
def test_figures_that_could_not_be_written_are_not_measured_for(refused, arguments):
    assert arguments[1] in refused('bench', *arguments)


@pytest.mark.parametrize('arguments', [
    ('--out', 'file'), ('--out', 'file/x'), ('--warm-start', 'folder'),
    ('--warm-start', 'file/x.rfsn')])
def test_reports_that_could_not_be_written_are_not_replayed_for(refused, arguments):
    assert 'file' in refused('replay', 'file', *arguments) or arguments[1] == 'folder'


@pytest.mark.parametrize(('arguments', 'words'), [
    (('--policy', 'train:foo=1'), 'foo = 1: unknown key'),
    (('--policy', 'train:epsilon'), "'epsilon' is not of the form"),
    (('--policy', 'train:epsilon=['), 'is no value of YAML'),
    (('--policy', 'random', '--baseline', 'greedy'), '--baseline greedy: is neither logged')])
def test_what_cannot_be_judged_is_not_replayed_for(refused, arguments, words):
    assert words in refused('replay', 'file', *arguments)


@pytest.mark.parametrize('option', [('--level', '1.5'), ('--level', 'nan'), ('--jobs', '0')])
def test_options_out_of_bounds_are_named(option, capsys):
    with pytest.raises(SystemExit, match='2'):
        main(['replay', 'bag', *option])
    assert f'{option[1]}: must be ' in capsys.readouterr().err


@pytest.mark.parametrize('command', [
    TRAIN, (*EVALUATE, '--plot', 'x.png'), ('bench', '--quality', '--plot', 'x.png'),
    ('replay', 'file', '--out', 'report'),
    ('repair', 'evaluate', '--tasks', '1', '--plot', 'x.png')])
def test_charts_that_could_not_be_drawn_are_not_worked_for(refused, monkeypatch, command):
    monkeypatch.setitem(sys.modules, 'matplotlib', None)
    assert 'charts need matplotlib: pip install' in refused(*command)


@pytest.mark.parametrize(('name', 'lacking'), [('x.gif', 'PIL'), ('x.mp4', 'imageio_ffmpeg')])
def test_videos_that_could_not_be_drawn_are_not_driven_for(
        refused, monkeypatch, tmp_path, name, lacking):
    monkeypatch.setitem(sys.modules, lacking, None)
    monkeypatch.setenv('PATH', str(tmp_path))
    assert 'pip install' in refused(*EVALUATE, '--video', name)


@pytest.mark.parametrize('out', ['file/x', './file', '/dev/null/x'])
def test_a_run_needs_a_folder(tmp_path, monkeypatch, capsys, out):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'file').write_text('')
    assert main([*TRAIN, '--out', out]) == 2
    assert capsys.readouterr().err.count('\n') == 1
    (tmp_path / 'log.jsonl').write_text('')
    assert main(['train', '--from-log', 'log.jsonl', '--out', out]) == 2
    assert capsys.readouterr().err.count('\n') == 1


@pytest.mark.parametrize(('compare', 'words'), [
    ('nonsense', "policy = 'nonsense'"), ('random,random', 'random: it would drive twice'),
    ('bandit', 'bandit: it would drive twice'), ('fixed:up', 'known primitives are')])
def test_names_are_checked_before_the_learner_drives(refused, compare, words):
    assert words in refused(*TRAIN, '--compare', compare, '--out', 'folder/run')


def test_names_are_checked_before_any_policy_drives(tmp_path, capsys):
    store = tmp_path / 'store.jsonl'
    assert main(['evaluate', '--policies', 'greedy,nonsense', *DRIVE, '--store', str(store)]) == 2
    assert "policy 'nonsense'" in capsys.readouterr().err
    assert not store.exists()


def test_folders_of_results_are_made(tmp_path):
    path = tmp_path / 'a' / 'b' / 'figures.json'
    assert main([*EVALUATE, '--json', str(path), '--store', str(tmp_path / 'c' / 'store')]) == 0
    assert json.loads(path.read_text())['policies']['greedy']


def test_a_store_that_is_no_text_is_refused(tmp_path, capsys):
    store = tmp_path / 'store'
    store.write_bytes(b'\xff\n')
    assert main([*EVALUATE, '--store', str(store)]) == 2
    error = capsys.readouterr().err
    assert 'not a store of drives' in error
    assert error.count('\n') == 1


def test_a_killed_worker_is_said_in_a_line(capsys):
    def kill():
        # once both are there: while they are begun nobody else may look after them
        while len(workers := multiprocessing.active_children()) < 2:
            time.sleep(0.01)
        workers[0].kill()

    killer = Thread(target=kill, daemon=True)
    killer.start()
    assert main([*EVALUATE, '--workers', '2']) == 1
    killer.join()
    error = capsys.readouterr().err
    assert 'a worker process died' in error
    assert error.count('\n') == 1
