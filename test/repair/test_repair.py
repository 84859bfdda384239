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

from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
import json
import os
from pathlib import Path
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from rfsn_ros.bandit import DecisionRecord, read_log
from rfsn_ros.errors import CheckpointError, ConfigError, TaskError
from rfsn_ros.repair.bench import prepare
from rfsn_ros.repair.cli import main
from rfsn_ros.repair.episode import Episode, run_episode
from rfsn_ros.repair.flow import Flow
from rfsn_ros.repair.forms import normal_form
from rfsn_ros.repair.functions import corpus_folder, corpus_functions
from rfsn_ros.repair.inject import inject, MIXES
from rfsn_ros.repair.policies import (
    OraclePolicy,
    RankingPolicy,
    UniformOverCandidates,
    UniformOverOperators,
)
from rfsn_ros.repair.ranker import fit, Matrix, Ranker
from rfsn_ros.repair.repairs import rank, Repair
from rfsn_ros.repair.sandbox import Sandbox
from rfsn_ros.repair.service import repair_folder, serve
from rfsn_ros.repair.slips import SLIPS
from rfsn_ros.repair.source import Edit, Source
from rfsn_ros.repair.state import RepairState, TRAINED
from rfsn_ros.repair.task import load_task
from rfsn_ros.repair.training import known_repairs, make_tasks, split
from rfsn_ros.repair.written import written_bugs

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / 'examples' / 'repair' / 'moving_average'


@pytest.fixture(scope='module')
def sandbox():
    with Sandbox() as box:
        yield box


@pytest.fixture(scope='module')
def bench(sandbox):
    return prepare(load_task(EXAMPLE), sandbox, RepairState().load)


def summary(capsys):
    return json.loads(capsys.readouterr().out.strip().splitlines()[-1])


def test_the_example_is_repaired_with_the_smallest_change(tmp_path, capsys):
    out = tmp_path / 'repaired.py'
    assert main(['--task', str(EXAMPLE), '--out', str(out), '--budget', '100']) == 0
    found = summary(capsys)
    assert found['plausible'] is True
    assert found['executions'] <= 100
    assert found['diff'].count('\n-') == 1
    assert '# the window is full' in out.read_text()
    assert {'operator', 'seconds', 'tried', 'candidates', 'validated'} <= set(found)


def test_further_repairs_are_ranked_and_the_smallest_is_written(tmp_path, capsys):
    task, out = tmp_path / 'task', tmp_path / 'repaired.py'
    task.mkdir()
    (task / 'buggy.py').write_text(
        'def largest(values):\n    best = values[0]\n    for value in values:\n'
        '        if value < best:\n            best = value\n    return best\n')
    (task / 'test_largest.py').write_text(
        'from buggy import largest\n\n\ndef test_largest():\n'
        '    assert largest([2, 5, 3]) == 5\n    assert largest([1, 2]) == 2\n')
    assert main(['--task', str(task), '--out', str(out), '--alternatives', '2']) == 0
    found = summary(capsys)
    assert len(found['alternatives']) == 2
    sizes = [one['size'] for one in (found, *found['alternatives'])]
    assert sizes == sorted(sizes)
    assert len({one['diff'] for one in (found, *found['alternatives'])}) == 3
    assert '+' + out.read_text().splitlines()[found['line'] - 1] in found['diff']
    assert found['executions'] <= 300


def test_a_further_repair_that_is_not_found_costs_no_success(tmp_path, capsys):
    out = tmp_path / 'repaired.py'
    assert main(['--task', str(EXAMPLE), '--out', str(out), '--alternatives', '1000',
                 '--budget', '60']) == 0
    found = summary(capsys)
    assert found['plausible'] is True
    assert found['executions'] == 60
    assert out.exists()


def test_repairs_are_ranked_by_size_then_by_literals():
    source = Source('def f(a, b):\n    return a + b\n')
    edits = [Edit(24, 29, text, 'expression', '', source.sites[0])
             for text in ('a + b + 1', 'a + 3', 'a + a', 'a')]
    ranked = rank(Repair.of(source, number, edit, '', number)
                  for number, edit in enumerate(edits))
    assert [one.choice for one in ranked] == [2, 3, 0, 1]
    assert [one.size for one in ranked] == [2, 2, 2, 2]


AREAS = '''\
known = {}


def area(width, height):
    key = width
    if key not in known:
        known[key] = width * height
    return known[key]


def border(width, height):
    return 2 * (width + height)
'''


def test_tests_that_depend_on_their_order_are_run_in_it(tmp_path, capsys):
    (tmp_path / 'buggy.py').write_text(AREAS)
    (tmp_path / 'test_area.py').write_text(
        'from buggy import area\n\n\ndef test_a():\n    assert area(2, 3) > 0\n\n\n'
        'def test_b():\n    assert area(2, 5) == 10\n')
    out = tmp_path / 'out.py'
    assert main(['--task', str(tmp_path), '--out', str(out)]) == 0
    assert summary(capsys)['line'] in range(4, 9)
    repaired = {}
    exec(out.read_text(), repaired)
    assert [repaired['area'](2, 3), repaired['area'](2, 5)] == [6, 10]


def test_a_test_that_fails_by_chance_is_no_task(tmp_path, capsys):
    (tmp_path / 'buggy.py').write_text(AREAS)
    (tmp_path / 'test_area.py').write_text(  # each run has a folder of its own: run1, run2, ...
        'import os\nfrom buggy import area\n\n\ndef test_late():\n'
        '    assert area(1, 2) == 2 and not os.getcwd().endswith("run1")\n')
    assert main(['--task', str(tmp_path), '--out', str(tmp_path / 'out.py')]) == 2
    assert 'test_late: fails in one run and passes in the next' in capsys.readouterr().err


def test_the_same_seed_makes_the_same_attempts(tmp_path, capsys):
    runs = []
    for name in ('a', 'b'):
        main(['--task', str(EXAMPLE), '--out', str(tmp_path / name), '--seed', '7',
              '--budget', '15'])
        runs.append([line for line in capsys.readouterr().out.splitlines()
                     if line.startswith('   ') and 'line' in line])
    assert runs[0] == runs[1]


def test_no_repair_within_the_budget_is_exit_code_1(tmp_path, capsys):
    shutil.copytree(EXAMPLE, tmp_path / 'task')
    (tmp_path / 'task' / 'test_more.py').write_text(
        'from buggy import moving_average\n\n\ndef test_impossible():\n'
        '    assert moving_average([1], 1) == "no"\n')
    out = tmp_path / 'out.py'
    assert main(['--task', str(tmp_path / 'task'), '--out', str(out), '--budget', '12']) == 1
    found = summary(capsys)
    assert found['plausible'] is False
    assert found['executions'] == 12
    assert not out.exists()


@pytest.mark.parametrize(('change', 'word'), [
    (lambda task: (task / 'buggy.py').unlink(), 'buggy.py'),
    (lambda task: (task / 'test_moving_average.py').unlink(), 'test_'),
    (lambda task: (task / 'buggy.py').write_text('def f(:\n'), 'parse'),
    (lambda task: (task / 'buggy.py').write_bytes(b'x = "\xff"\n'), 'utf-8'),
    (lambda task: (task / 'test_moving_average.py').write_text('assert ('), 'test_moving'),
    (lambda task: (task / 'big.bin').write_bytes(b'0' * (2 << 20)), 'big.bin'),
    (lambda task: (task / 'buggy.py').write_bytes(b'#' * (2 << 20)), '2097152'),
    (lambda task: (task / 'data').symlink_to('/proc/self/mem'), 'error'),
    (lambda task: (task / 'buggy.py').write_text('x = ' + '-' * 5000 + '1\n'), 'nested'),
    (lambda task: (task / 'test_moving_average.py').write_text('x = 1\n'), 'none'),
    (shutil.rmtree, 'folder'),
])
def test_a_bad_task_is_exit_code_2_and_named(tmp_path, capsys, change, word):
    task = tmp_path / 'task'
    shutil.copytree(EXAMPLE, task)
    change(task)
    assert main(['--task', str(task), '--out', str(tmp_path / 'out.py')]) == 2
    error = capsys.readouterr().err
    assert word in error
    assert 'task' in error


def test_a_bad_budget_or_place_is_exit_code_2(tmp_path, capsys):
    with pytest.raises(SystemExit, match='2'):
        main(['--task', str(EXAMPLE), '--out', str(tmp_path / 'o'), '--budget', '0'])
    assert main(['--task', str(EXAMPLE), '--out', str(tmp_path / 'no' / 'o')]) == 2
    capsys.readouterr()
    assert main(['--task', str(EXAMPLE), '--out', str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert (said.out, str(tmp_path) in said.err) == ('', True)  # before the first attempt


def test_what_is_no_file_and_what_is_a_link_stay_so(tmp_path, capsys):
    pipe, link, place = tmp_path / 'pipe', tmp_path / 'link', tmp_path / 'place.py'
    os.mkfifo(pipe)
    place.touch(mode=0o600)
    link.symlink_to(place)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    for out in (pipe, link):
        assert main(['--task', str(EXAMPLE), '--out', str(out), '--quiet']) == 0
    assert pipe.is_fifo()
    assert link.is_symlink()
    assert place.read_bytes() == os.read(reader, 1 << 16)
    assert place.stat().st_mode & 0o777 == 0o600
    os.close(reader)


def test_state_is_carried_and_every_decision_is_logged(tmp_path, capsys):
    state = tmp_path / 'state'
    for number in range(2):
        main(['--task', str(EXAMPLE), '--out', str(tmp_path / 'o'), '--state', str(state)])
        attempts = summary(capsys)['tried']
        records = list(read_log(state / 'log.jsonl'))
        decisions = [one for one in records if isinstance(one, DecisionRecord)]
        assert len(decisions) >= attempts
        assert len(records) == 2 * len(decisions)
        assert len({one.id for one in decisions}) == len(decisions)
        for one in decisions:
            assert one.pmf.sum() == pytest.approx(1.0)
            assert one.probability == one.pmf[one.action]
        loaded = RepairState(state)
        assert loaded.bandit.example_count >= len(decisions) * (number + 1) // 2
        loaded.close()


def test_damaged_state_is_refused(tmp_path, capsys):
    (tmp_path / 'ranking.json.gz').write_bytes(b'nonsense')
    assert main(['--task', str(EXAMPLE), '--out', str(tmp_path / 'o'),
                 '--state', str(tmp_path)]) == 2
    with pytest.raises(CheckpointError, match='ranking'):
        RepairState(tmp_path).load()


def test_a_ranking_with_any_byte_changed_is_refused_or_read(tmp_path):
    data = (TRAINED / 'ranking.json.gz').read_bytes()
    for place in (*range(0, 200, 10), *range(200, len(data), len(data) // 20)):
        (tmp_path / 'r').write_bytes(data[:place] + bytes([data[place] ^ 0x55]) + data[place + 1:])
        with suppress(CheckpointError):
            Ranker.load(tmp_path / 'r')


def test_a_sandbox_that_ends_is_laid_to_the_task(tmp_path):
    with Sandbox() as box, pytest.raises(TaskError, match=r'moving_average.*ended'):
        repair_folder(EXAMPLE, tmp_path / 'out.py', RepairState(), 100, sandbox=box,
                      report=lambda number, edit: box._process.kill())


def test_an_interrupt_does_not_wait_for_tests_that_hang(tmp_path, sandbox):
    sandbox.run('')  # so that it has started
    generations = 3 if 'pid' in sandbox.isolation else 2  # server, first process, run
    (tmp_path / 'buggy.py').write_text('import time\n\n\ndef f(x):\n    time.sleep(600)\n')
    (tmp_path / 'test_f.py').write_text('from buggy import f\n\n\ndef test_f():\n'
                                        '    assert f(1) == 2\n')
    temporary = tmp_path / 'temporary'
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, '-m', 'rfsn_ros', 'repair', '--task', str(tmp_path), '--out',
         str(tmp_path / 'out.py')], stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, 'TMPDIR': str(temporary)})
    deadline = time.monotonic() + 60.0
    while _generations_below(process.pid) < generations:
        assert time.monotonic() < deadline
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30.0)
    assert told == 'rfsn repair: interrupted\n'
    assert process.returncode in (130, -signal.SIGINT)  # that where it was within an exec'd text
    assert not list(temporary.iterdir())


def _generations_below(pid):
    below, generations = {pid}, 0
    parents = {}
    for path in Path('/proc').glob('[0-9]*/stat'):
        with suppress(OSError):
            number, _, rest = path.read_text().partition(' (')
            parents[int(number)] = int(rest.rpartition(')')[2].split()[1])
    while below := {one for one, parent in parents.items() if parent in below}:
        generations += 1
    return generations


def test_watch_serves_the_inbox_and_goes_on_after_a_stop(tmp_path):
    for name in ('b', 'a', 'bad'):
        shutil.copytree(EXAMPLE, tmp_path / name)
    (tmp_path / 'bad' / 'buggy.py').write_text('def f(:\n')
    (tmp_path / 'half').mkdir()
    (tmp_path / 'a.json').write_text('{"plausible": true}')  # done before
    said = []
    serve(tmp_path, RepairState(), 100, once=True, say=said.append)
    assert [line.split(':')[0] for line in said] == ['b', 'bad']
    assert json.loads((tmp_path / 'b.json').read_text())['plausible'] is True
    assert 'if index >= width:  # the' not in (tmp_path / 'b.repaired.py').read_text()
    assert 'parse' in json.loads((tmp_path / 'bad.json').read_text())['error']
    assert not (tmp_path / 'half.json').exists()
    with pytest.raises(TaskError):
        serve(tmp_path / 'none', RepairState(), 100, once=True)


def test_what_is_around_the_text_of_a_module_stays(tmp_path, capsys):
    (tmp_path / 'buggy.py').write_bytes(
        b'\xef\xbb\xbfdef more(x):\r\n    """\xc3\xa9"""\r\n    return x - 1\r\n')
    (tmp_path / 'test_more.py').write_bytes(
        b'# coding: latin-1\nfrom buggy import more\n\n\ndef test_more():\n'
        b'    assert more(1) == 2\n    assert more(len("\xe9")) == 2\n')
    (tmp_path / 'test_mark.py').write_bytes(b'\xef\xbb\xbffrom buggy import more\n\n\n'
                                            b'def test_mark():\n    assert more(4) == 5\n')
    assert main(['--task', str(tmp_path), '--out', str(tmp_path / 'out.py')]) == 0
    assert summary(capsys)['failing_tests'] == 2
    assert (tmp_path / 'out.py').read_bytes() == (
        tmp_path / 'buggy.py').read_bytes().replace(b'x - 1', b'x + 1')


NODE = 'class Node:\n    def __init__(self, value, after=None):\n' \
    '        self.value, self.after = value, after\n'
SHAPES = {
    'linked list, helper module, cases in a file': ({
        'node.py': NODE,
        'cases.json': '[[[1, 2, 3], 6], [[], 0], [[5], 5]]',
        'test_total.py': (
            'import json\nfrom pathlib import Path\n\nimport pytest\nfrom node import Node\n\n'
            'from buggy import total\n\n'
            "CASES = json.loads(Path(__file__).with_name('cases.json').read_text())\n\n\n"
            "@pytest.mark.parametrize(('values', 'expected'), CASES)\n"
            'def test_total(values, expected):\n    head = None\n'
            '    for value in reversed(values):\n        head = Node(value, head)\n'
            '    assert total(head) == expected\n'),
    }, 'def total(head):\n    found = 0\n    while head:  # to the end\n'
       '        found += head.value\n        head = head\n    return found\n',
       'head = head.after'),
    'generator, unittest': ({
        'test_walk.py': (
            'import unittest\n\nimport buggy\n\n\nclass TestWalk(unittest.TestCase):\n'
            '    def test_flat(self):\n'
            '        self.assertEqual(list(buggy.walk([1, 2])), [1, 2])\n'
            '    def test_deep(self):\n'
            '        for deep in ([1, [2]], [[1], 2], [[[1]], [2]]):\n'
            '            with self.subTest(deep):\n'
            '                self.assertEqual(list(buggy.walk(deep)), [1, 2])\n'),
    }, 'def walk(items):\n    for item in items:\n        if isinstance(item, list):\n'
       '            yield from walk(items)\n        else:\n            yield item\n',
       'walk(item)'),
}


@pytest.mark.parametrize('shape', SHAPES)
def test_tasks_of_many_shapes_are_repaired(tmp_path, shape):
    files, text, repaired = SHAPES[shape]
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    (tmp_path / 'buggy.py').write_text(text)
    summary = repair_folder(tmp_path, tmp_path / 'out.py', RepairState(), 300)
    assert summary['plausible']
    assert repaired in (tmp_path / 'out.py').read_text()


def test_what_a_function_reads_and_its_loops_wait_for():
    source = Source('def f(a, spare):\n    n = len(a)\n    i = 0\n    while i < n:\n'
                    '        seen = a[i]\n    return i\n')
    flow = Flow(source.functions[0])
    loop = next(site for site in source.sites if site.kind == 'While')
    line = next(site for site in source.sites if site.text == 'seen = a[i]' and site.is_statement)
    assert flow.reads['spare'] == flow.reads['seen'] == 0 < flow.reads['a']
    assert flow.loop_around(line) is loop
    assert flow.waits_for(loop) == {'i', 'n'}
    assert flow.changes('seen', loop) == 'in the loop'
    assert flow.changes('i', loop) == 'before the loop only'


@pytest.mark.parametrize('make', [
    UniformOverCandidates, UniformOverOperators, lambda rng: RankingPolicy(),
    lambda rng: OraclePolicy(rng, lambda episode: 'off_by_one'),
])
def test_every_policy_chooses_each_edit_once(bench, make):
    episode = Episode(bench)
    policy = make(np.random.default_rng(1))
    policy.start(episode)
    chosen = set()
    for _ in range(40):
        choice = policy.choose(episode)
        assert episode.remains[choice]
        episode.remains[choice] = False
        chosen.add(choice)
        episode.note(choice, 0.0, True)
        policy.learn(episode, choice, 0.0)
    assert len(chosen) == 40


class _Rewarded(RankingPolicy):
    """Takes the edits in order and keeps the rewards."""

    def start(self, episode):
        super().start(episode)
        self.rewards = []

    def learn(self, episode, choice, reward):
        self.rewards.append(reward)


def test_edits_that_make_the_same_text_have_the_same_reward(bench, sandbox):
    repair = run_episode(bench, sandbox, RankingPolicy(), 100).repairs[0].choice
    twice = replace(bench, edits=[bench.edits[repair]] * 2, numbers=[bench.numbers[repair]] * 2,
                    scores=np.zeros(2))
    policy = _Rewarded()
    assert run_episode(twice, sandbox, policy, 100, alternatives=1).tried == 1
    assert policy.rewards == [1.0, 1.0]


def test_the_budget_is_kept_to_the_last_execution(bench, sandbox):
    rng = np.random.default_rng(3)
    result = run_episode(bench, sandbox, UniformOverCandidates(rng), 9)
    assert result.executions <= 9
    assert result.executions == bench.evidence.executions + result.tried
    with pytest.raises(ConfigError):
        run_episode(bench, sandbox, RankingPolicy(), 0)


def test_knowing_the_operator_needs_fewer_executions(bench, sandbox):
    def mean(make):
        found = [run_episode(bench, sandbox, make(np.random.default_rng(seed)), 60)
                 for seed in range(3)]
        return np.mean([one.executions for one in found])

    oracle = mean(lambda rng: OraclePolicy(rng, lambda episode: 'off_by_one'))
    assert oracle < mean(UniformOverCandidates)


def test_held_back_tests_judge_the_repair(tmp_path, sandbox):
    shutil.copytree(EXAMPLE, tmp_path / 'task')
    cases = ''.join(f'    ([1] * {n}, 2, [1] * {n - 1}),\n' for n in range(2, 14))
    (tmp_path / 'task' / 'test_many.py').write_text(
        'import pytest\nfrom buggy import moving_average\n\n\n'
        f"@pytest.mark.parametrize(('values', 'width', 'expected'), [\n{cases}])\n"
        'def test_many(values, width, expected):\n'
        '    assert moving_average(values, width) == expected\n')
    bench = prepare(load_task(tmp_path / 'task'), sandbox, RepairState().load)
    assert bench.held
    known = {one.name for one in [*bench.evidence.failing, *bench.evidence.passing]}
    assert not known & set(bench.held)
    result = run_episode(bench, sandbox, RankingPolicy(), 200)
    assert result.plausible
    assert result.validated == len(bench.held)


MANY = (('slips', 20, 6), ('broad', 20, 6), ('lost', 3, 2))


@lru_cache(maxsize=1)
def every_function():
    return corpus_functions(corpus_folder('rfsn_ros.repair.corpus'))


def test_every_mix_is_tried():
    assert {mix for mix, _, _ in MANY} == set(MIXES)


@pytest.mark.parametrize(('mix', 'count', 'kinds'), MANY)
def test_injected_bugs_differ_and_are_of_several_kinds(mix, count, kinds):
    functions = every_function()
    source = Source(next(one.text for one in functions if one.name.endswith('.two_sum')))
    mutants = inject(source, ['two_sum'], np.random.default_rng(2), count, mix)
    forms = {normal_form(mutant.text) for mutant in mutants}
    assert len(forms) == len(mutants) == count
    assert normal_form(source.text) not in forms
    assert len({mutant.kind for mutant in mutants}) >= kinds


def test_every_kind_of_slip_finds_a_place_in_the_corpus():
    found = set()
    for function in every_function()[::12]:
        source = Source(function.text)
        for kind, (_, spans) in SLIPS.items():
            for start, end, text in spans(source, source.sites):
                assert 0 <= start <= end <= len(source.data)
                assert source.slice(start, end) != text
                found.add(kind)
    assert found == set(SLIPS)


def test_bugs_written_by_hand_are_in_functions_that_are_not_learned_from():
    learn, unseen = split(every_function())
    assert not any(list(written_bugs(one)) for one in learn)
    texts = [(one.text, text) for one in unseen for text in written_bugs(one)]
    assert len(texts) > 100
    assert all(normal_form(text) not in (None, normal_form(right)) for right, text in texts)


def test_bugs_go_into_what_is_a_functions_own():
    functions = {one.name: one for one in every_function()}
    assert all(one.name.rpartition('.')[2] in one.own for one in functions.values())
    assert 'make_list' not in functions['structures.list_length'].own
    assert 'push' in functions['structures.use_min_stack'].own


def test_the_corpus_is_large_and_its_halves_do_not_meet():
    functions = every_function()
    learn, unseen = split(functions)
    assert len(functions) > 200
    assert not {one.name for one in learn} & {one.name for one in unseen}


def test_made_tasks_fail_and_their_repair_is_known(sandbox):
    functions = every_function()[:3]
    rng = np.random.default_rng(4)
    for known in make_tasks(functions, 1, sandbox, rng):
        run = sandbox.run(known.task.source.text, cpu=0.3)
        assert not run.passed
        assert sandbox.run(known.original).passed
        if known.kind == 'edit comparison':
            from rfsn_ros.repair.operators import propose
            assert known_repairs(known.task.source, propose(known.task.source), known.original)


def test_a_corpus_that_is_none_is_named(tmp_path):
    with pytest.raises(TaskError, match='nowhere'):
        corpus_folder('nowhere.at.all')
    with pytest.raises(TaskError, match=r'test_m\.py'):
        corpus_functions(tmp_path)


def test_the_ranking_learns_what_repairs_have_in_common(tmp_path):
    rng = np.random.default_rng(1)
    ranker = Ranker()
    tasks = []
    for _ in range(40):
        rows = [[('noise', str(rng.integers(5))), ('good', 'no')] for _ in range(20)]
        good = int(rng.integers(20))
        rows[good] = [('noise', str(rng.integers(5))), ('good', 'yes')]
        tasks.append((ranker.matrix(rows, grow=True), [good], 0.0))
    losses = fit(ranker, tasks, rng=rng)
    assert losses[-1] < 0.5 < losses[0]
    scores = ranker.scores(ranker.matrix([[('good', 'no')], [('good', 'yes')], [('new',)]]))
    assert scores[1] > scores[2] > scores[0]
    ranker.save(tmp_path / 'r.json.gz')
    again = Ranker.load(tmp_path / 'r.json.gz')
    np.testing.assert_allclose(
        again.scores(again.matrix([[('good', 'no')], [('good', 'yes')]])), scores[:2], atol=1e-3)


def test_a_found_repair_moves_the_ranking():
    ranker = Ranker({'a': 0.0, 'b': 0.0})
    matrix = ranker.matrix([[('a',)], [('b',)]])
    ranker.step(matrix, 1)
    assert ranker.scores(matrix)[1] > ranker.scores(matrix)[0]


def test_the_gradient_is_that_of_the_scores():
    matrix = Matrix([[1, 2], [2], [3, 1, 1]])
    weights = np.array([0.0, 0.5, -1.0, 2.0])
    coefficients = np.array([1.0, -2.0, 0.5])
    by_hand = [(matrix.scores(weights + 1e-6 * np.eye(4)[i]) - matrix.scores(weights)).dot(
        coefficients) / 1e-6 for i in range(4)]
    np.testing.assert_allclose(matrix.gradient(coefficients, 4), by_hand, atol=1e-6)


def test_importing_repair_brings_no_robot():
    code = ('import sys, rfsn_ros.repair.cli, rfsn_ros.repair.service, rfsn_ros.repair.sandbox\n'
            'bad = {"rclpy", "pybullet", "scipy", "matplotlib", "numba"} & set(sys.modules)\n'
            'assert not bad, bad\n')
    subprocess.run([sys.executable, '-c', code], check=True, cwd=ROOT)
