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

import dataclasses
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
from rfsn_ros.bandit import make_bandit, read_rounds
from rfsn_ros.bandit.opening import open_bandit
from rfsn_ros.errors import InputError
from rfsn_ros.navigation import registry
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.registry import bandit_config, default_checkpoint
from rfsn_ros.navigation.robots import settings_of
from rfsn_ros.sim import parse_worlds, SimConfig
from rfsn_ros.sim.config import DISTURBANCES
from rfsn_ros.training import train_command
from rfsn_ros.training.evaluate import Candidate, evaluate
from rfsn_ros.training.evaluate_command import main as evaluate_main
from rfsn_ros.training.results import EpisodeResult, read_results, summarise, write_results
from rfsn_ros.training.train import schedule, Trainer, TrainingPlan
from rfsn_ros.training.train_command import main
from rfsn_ros.training.worker import Setting

ROOT = Path(__file__).resolve().parents[2]
WORLDS = tuple(
    dataclasses.replace(world, timeout=20.0) for world in parse_worlds('generated:0-5'))


def plan(**changes):
    return TrainingPlan(**{
        'navigation': NavigationConfig(), 'sim': SimConfig(), 'worlds': WORLDS, 'episodes': 4,
        'seed': 3, **changes})


def trained(folder, *, workers=1, resume=False, **changes):
    trainer = Trainer(plan(**changes), folder)
    try:
        return [
            dataclasses.replace(result, wall_time=0.0)
            for result in trainer.run(workers=workers, resume=resume)]
    finally:
        trainer.close()


def test_results_do_not_depend_on_the_number_of_processes(tmp_path):
    one = trained(tmp_path / 'one', batch=2)
    two = trained(tmp_path / 'two', batch=2, workers=2)
    assert one == two
    name = 'checkpoints/episode-000004.rfsn'
    assert (tmp_path / 'one' / name).read_bytes() == (tmp_path / 'two' / name).read_bytes()


def test_a_resumed_run_comes_to_the_same_result(tmp_path):
    whole = trained(tmp_path / 'whole', episodes=4, save_every=2)
    trained(tmp_path / 'parts', episodes=2, save_every=2)
    parts = trained(tmp_path / 'parts', episodes=4, save_every=2, resume=True)
    assert parts == whole
    name = 'checkpoints/episode-000004.rfsn'
    assert ((tmp_path / 'parts' / name).read_bytes()
            == (tmp_path / 'whole' / name).read_bytes())


@pytest.mark.parametrize(('changes', 'words'), [
    ({'seed': 9}, 'seed is 3 there and 9 here'), ({'batch': 2}, 'batch is 1 there and 2 here'),
    ({'worlds': WORLDS[1:]}, 'worlds is'), ({'sim': SimConfig(disturbances=DISTURBANCES['ideal'])},
                                            'sim is'),
    ({'policy': 'greedy', 'seed': 4}, 'seed is 3 there and 4 here, policy is bandit there and'),
    ({'checkpoint': 'default'}, 'checkpoint is None there'),
    ({'navigation': NavigationConfig().reactive()}, 'navigation is'),
    ({'episodes': 1}, 'episodes = 1: .* has driven 2 already'),
])
def test_a_run_is_not_resumed_under_other_settings(tmp_path, changes, words):
    _progress(tmp_path, plan(episodes=2))
    with pytest.raises(InputError, match=words):
        trained(tmp_path, **{'episodes': 4, 'resume': True, **changes})


def test_a_model_that_was_trained_on_is_another_whatever_its_name(tmp_path):
    model = tmp_path / 'model.rfsn'
    before = []
    for seed in (1, 2):
        with make_bandit(bandit_config(NavigationConfig(), seed=seed)) as bandit:
            bandit.save(model)
        before.append(plan(checkpoint=str(model)).fingerprints())
    assert before[0] != before[1]
    assert before[1] == plan(checkpoint=str(model), episodes=9, save_every=5).fingerprints()


def _progress(folder, begun):
    """Write what a run of two episodes leaves behind."""
    episode = EpisodeResult(
        number=0, world='a', seed=1, outcome='success', time=6.0, optimal_time=5.0,
        straight_time=5.0, path_length=9.0, score=0.4, min_clearance=0.1, mean_reward=0.5,
        decisions=30)
    write_results(folder / 'episodes.jsonl', [episode] * 2)
    (folder / 'progress.json').write_text(json.dumps({
        'settings': begun.fingerprints(), 'episodes': 2, 'identification': None}))


@pytest.mark.parametrize('text', ['', '{"episodes": 2', '{}', '[]', '\xff', None])
def test_damaged_progress_is_refused(tmp_path, text):
    _progress(tmp_path, plan(episodes=2))
    path = tmp_path / 'progress.json'
    whole = json.loads(path.read_text())
    path.write_text(json.dumps({**whole, 'identification': {'errors': [1.0]}})
                    if text is None else text, encoding='latin-1')
    with pytest.raises(InputError, match=r'progress\.json: not the progress of a run'):
        trained(tmp_path, resume=True)


def test_a_killed_run_goes_on(tmp_path):
    arguments = [
        '--episodes', '4', '--worlds', 'generated:0-3', '--save-every', '1', '--workers', '1',
        '--compare', '', '--out', str(tmp_path / 'run')]
    process = subprocess.Popen(
        [sys.executable, '-m', 'rfsn_ros', 'train', *arguments], cwd=ROOT,
        stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 300.0  # kernels may have to be compiled first
    while not any((tmp_path / 'run').glob('checkpoints/*.rfsn')):
        assert time.monotonic() < deadline
        assert process.poll() is None
        os.sched_yield()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert main([*arguments, '--resume']) == 0
    assert [result.number for result in read_results(tmp_path / 'run' / 'episodes.jsonl')] == [
        *range(4)]
    assert (tmp_path / 'run' / 'learning_curve.png').exists()


def test_a_folder_with_a_run_is_not_overwritten(tmp_path):
    trained(tmp_path, episodes=1)
    with pytest.raises(InputError, match='holds a run already'):
        trained(tmp_path, episodes=1)


def test_what_was_driven_before_the_first_checkpoint_belongs_to_its_settings(tmp_path):
    trainer, driven = Trainer(plan(), tmp_path), []

    def end(result):
        driven.append(result)
        if len(driven) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trainer.run(on_result=end)
    trainer.close()
    assert (tmp_path / 'decisions.jsonl').stat().st_size
    with pytest.raises(InputError, match='holds a run already'):
        trained(tmp_path)
    with pytest.raises(InputError, match='begun under other settings: seed is 3 there and 4'):
        trained(tmp_path, seed=4, resume=True)
    assert len(trained(tmp_path, resume=True)) == 4


def test_a_run_that_could_not_begin_is_in_nobodys_way(tmp_path):
    with pytest.raises(InputError, match='duration'):
        trained(tmp_path, navigation=NavigationConfig(control_rate=30.0))
    assert len(trained(tmp_path, episodes=1)) == 1


def test_every_decision_is_logged_with_its_propensity(tmp_path):
    results = trained(tmp_path, episodes=2)
    rounds = list(read_rounds(tmp_path / 'decisions.jsonl'))
    assert len(rounds) == sum(result.decisions for result in results)
    for logged in rounds:
        decision = logged.decision
        assert decision.pmf.sum() == pytest.approx(1.0)
        assert decision.probability == decision.pmf[decision.action] > 0.0
        assert decision.mask[decision.action]
        assert np.searchsorted(np.cumsum(decision.pmf), decision.draw, 'right') \
            == decision.action


def test_learning_beats_random_on_the_same_episodes(tmp_path):
    learned = trained(tmp_path / 'bandit', episodes=10)
    random = trained(tmp_path / 'random', episodes=10, policy='random', learn=False)
    assert [r.seed for r in learned] == [r.seed for r in random]
    assert summarise(learned[-5:]).score.value > summarise(random[-5:]).score.value + 0.1


def test_after_a_freeze_nothing_is_learned_and_a_shift_disturbs(tmp_path):
    shift = DISTURBANCES['shift']
    trained(tmp_path / 'a', episodes=3, save_every=1, shift=shift, shift_after=2, freeze_after=2)
    plain = trained(tmp_path / 'b', episodes=3, save_every=1)
    with open_bandit(tmp_path / 'a/checkpoints/episode-000002.rfsn') as before, \
            open_bandit(tmp_path / 'a/checkpoints/episode-000003.rfsn') as after:
        assert before.example_count == after.example_count > 0
    shifted = read_results(tmp_path / 'a' / 'episodes.jsonl')
    assert [r.path_length for r in shifted[:2]] == [r.path_length for r in plain[:2]]
    assert shifted[2].path_length != plain[2].path_length


@pytest.mark.parametrize('freeze', [0, 2])
def test_a_freeze_holds_for_what_is_known_of_the_robot(tmp_path, freeze):
    def known(episodes):
        trained(tmp_path, episodes=episodes, save_every=1, freeze_after=freeze, resume=True,
                shift=DISTURBANCES['shift'])
        return json.loads((tmp_path / 'progress.json').read_text())['identification']

    before = known(max(freeze, 1))
    assert np.any(before['errors']) == (freeze > 0)
    assert known(freeze + 2) == before


def test_the_decision_log_gives_the_model_that_was_learned(tmp_path):
    results = trained(tmp_path / 'run', episodes=2)
    assert main([
        '--from-log', str(tmp_path / 'run' / 'decisions.jsonl'), '--seed', '3', '--out',
        str(tmp_path / 'again')]) == 0
    entry = next(iter(read_rounds(tmp_path / 'run' / 'decisions.jsonl'))).decision
    with open_bandit(tmp_path / 'run/checkpoints/episode-000002.rfsn') as one, \
            open_bandit(tmp_path / 'again/checkpoint.rfsn') as two:
        assert 0 < one.example_count == two.example_count <= sum(r.decisions for r in results)
        pmfs = [
            bandit.predict(entry.context, actions=entry.actions, mask=entry.mask)
            for bandit in (one, two)]
        np.testing.assert_array_equal(*pmfs)


def test_schedule_shows_every_world_equally_often():
    worlds = [world for world, _ in schedule(5, 15, seed=1)]
    assert sorted(worlds) == sorted([*range(5)] * 3)
    assert schedule(5, 15, seed=1) == schedule(5, 15, seed=1) != schedule(5, 15, seed=2)


@pytest.mark.parametrize(('changes', 'words'), [
    ({'episodes': 0}, 'episodes = 0'), ({'batch': 0}, 'batch = 0'), ({'seed': -1}, 'seed = -1'),
    ({'worlds': ()}, 'worlds'),
])
def test_bad_plans_are_refused(changes, words):
    with pytest.raises(InputError, match=words):
        plan(**changes)


@pytest.mark.parametrize(('arguments', 'words'), [
    (['--shift', 'shift', '--shift-after', '4'], '--shift-after 4: must be < --episodes 4'),
    (['--shift', 'shift'], '--shift-after 20: must be < --episodes 4'),
    (['--shift-after', '2'], '--shift-after 2: needs --shift'),
    (['--compare', 'frozen'], '--compare frozen: needs --shift'),
])
def test_a_shift_that_would_never_come_is_refused_before_the_drives(tmp_path, arguments, words):
    with pytest.raises(InputError, match=words):
        main(['--episodes', '4', '--out', str(tmp_path / 'run'), *arguments])
    assert not (tmp_path / 'run').exists()


def test_options_of_driving_that_a_log_does_not_read_are_said(tmp_path, capsys):
    log = tmp_path / 'log.jsonl'
    log.write_text('')
    main(['--from-log', str(log), '--out', str(tmp_path / 'one')])
    assert capsys.readouterr().err == ''
    main(['--from-log', str(log), '--out', str(tmp_path / 'two'),
          '--episodes', '4', '--save-every', '3'])
    assert capsys.readouterr().err == (
        '--episodes, --save-every have no effect: with --from-log nothing is driven\n')


def test_evaluation_is_repeatable_and_goes_on_from_its_store(tmp_path):
    setting = Setting(NavigationConfig(), SimConfig(), None, WORLDS[:2])
    candidates = [Candidate.parse('greedy'), Candidate.parse('random')]
    store = tmp_path / 'store.jsonl'

    def drive(**options):
        found = evaluate(setting, candidates, seeds=(1,), **options)
        return {
            label: [dataclasses.replace(result, wall_time=0.0) for result in results]
            for label, results in found.items()}

    first = drive(store=store)
    assert {len(results) for results in first.values()} == {2}
    store.write_text(store.read_text()[:-30])
    seen = []
    assert drive(store=store, on_result=lambda label, _: seen.append(label)) == first
    assert len(seen) == 4
    assert len(store.read_text().splitlines()) == 4


def test_what_is_done_is_stored_though_a_drive_before_it_goes_on(tmp_path):
    store = tmp_path / 'store.jsonl'
    world = dataclasses.replace(WORLDS[0], timeout=300.0)  # twice that for who never moves
    setting = Setting(NavigationConfig(), SimConfig(), None, (world,))

    def interrupt(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(setting, [Candidate('fixed:stop'), Candidate('greedy')], seeds=(1,), workers=2,
                 store=store, on_result=interrupt)
    assert [json.loads(line)['label'] for line in store.read_text().splitlines()] == ['greedy']


def test_results_are_in_the_order_of_the_drives_whatever_was_stored_before(tmp_path):
    store = tmp_path / 'store.jsonl'
    setting = Setting(NavigationConfig(), SimConfig(), None, WORLDS[:2])
    candidates = [Candidate('greedy')]
    evaluate(dataclasses.replace(setting, worlds=WORLDS[1:2]), candidates, seeds=(2,), store=store)
    found = evaluate(setting, candidates, seeds=(1, 2), store=store)['greedy']
    assert [(one.seed, one.world) for one in found] == [
        (seed, world.name) for seed in (1, 2) for world in WORLDS[:2]]


@pytest.mark.parametrize('changed', ['robot', 'disturbances', 'world', 'model'])
def test_a_store_of_other_settings_is_refused(tmp_path, changed):
    store, model = tmp_path / 'store.jsonl', tmp_path / 'model.rfsn'
    shutil.copy(default_checkpoint(), model)
    setting = Setting(NavigationConfig(), SimConfig(), None, WORLDS[:1])
    candidates = [Candidate.parse(str(model))]
    evaluate(setting, candidates, seeds=(1,), store=store)
    if changed == 'robot':
        setting = dataclasses.replace(setting, navigation=settings_of('turtlebot3'))
    elif changed == 'disturbances':
        setting = dataclasses.replace(
            setting, sim=SimConfig(disturbances=DISTURBANCES['ideal']))
    elif changed == 'world':
        setting = dataclasses.replace(
            setting, worlds=(dataclasses.replace(WORLDS[0], timeout=30.0),))
    else:
        with make_bandit(bandit_config(NavigationConfig())) as bandit:
            bandit.save(model)
    with pytest.raises(InputError, match='model drove generated:0 with seed 1 under other'):
        evaluate(setting, candidates, seeds=(1,), store=store)
    assert evaluate(setting, [Candidate('greedy')], seeds=(1,), store=store)


def test_a_drive_starts_from_what_the_model_was_whatever_was_driven_before():
    learner = Candidate('bandit')

    def drive(worlds, *, workers=1):
        setting = Setting(NavigationConfig(), SimConfig(), None, worlds)
        found = evaluate(setting, [learner], seeds=(1,), workers=workers)[learner.label]
        return {(r.world, r.seed): (r.time, r.path_length, r.mean_reward) for r in found}

    together = drive(WORLDS[:2])
    assert together == drive(WORLDS[:2], workers=2)
    assert together == {**drive(WORLDS[1:2]), **drive(WORLDS[:1])}


@pytest.mark.parametrize('workers', [1, 2])
def test_a_model_is_driven_as_it_was_opened_whatever_became_of_its_file(tmp_path, workers):
    model = tmp_path / 'model.rfsn'
    shutil.copy(default_checkpoint(), model)
    setting = Setting(NavigationConfig(), SimConfig(), None, WORLDS[:2])

    def drive(on_result=None):
        learner = Candidate.parse(str(model))
        found = evaluate(setting, [Candidate('greedy'), learner], seeds=(1,), workers=workers,
                         on_result=on_result)
        return [dataclasses.replace(result, wall_time=0.0) for result in found[learner.label]]

    before = drive()
    assert drive(on_result=lambda *_: model.write_bytes(b'written anew')) == before


def test_a_model_is_opened_once_for_all_drives(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(registry, 'open_bandit', lambda path: (
        opened.append(path), open_bandit(path))[1])
    setting = Setting(NavigationConfig(), SimConfig(), None, WORLDS[:2])
    evaluate(setting, [Candidate.parse('default')], seeds=(1, 2))
    assert len(opened) == 1


def test_a_fresh_learner_has_the_seed_of_the_settings_whatever_is_driven_first():
    navigation = NavigationConfig()
    bag = bandit_config(navigation).replace(exploration='bag', seed=7)
    for settings, seed in ((None, 1), (bag, 7)):
        setting = Setting(navigation, SimConfig(), settings, WORLDS)
        for drawn in (3, 4):
            with setting.policy('bandit', None, seed=drawn).bandit as bandit:
                assert bandit.config.seed == seed
@pytest.mark.parametrize(('text', 'policy', 'checkpoint'), [
    ('random', 'random', None), ('greedy:told', 'greedy:told', None),
    ('fixed:stop', 'fixed:stop', None), ('dwa:0.5', 'dwa:0.5', None),
    ('default', 'frozen', 'default'), ('a/b.rfsn', 'frozen', 'a/b.rfsn'),
    ('bandit=default', 'bandit', 'default'), ('bandit=a/b', 'bandit', 'a/b'),
])
def test_forms_of_policies(text, policy, checkpoint):
    assert Candidate.parse(text) == Candidate(policy, checkpoint)


@pytest.mark.parametrize('text', ['', 'defualt', 'fixed:', 'random=a.rfsn', 'a/b'])
def test_a_policy_that_is_none_is_told_all_forms(text, capsys):
    with pytest.raises(InputError) as caught:
        Candidate.parse(text)
    assert repr(text) in str(caught.value)
    with pytest.raises(SystemExit):
        evaluate_main(['--help'])
    shown = ''.join(capsys.readouterr().out.split())
    for form in str(caught.value).partition('one of ')[2].split(', '):
        assert f'{form}(' in shown


@pytest.mark.parametrize('form', ['{}', 'bandit={}'])
def test_a_run_folder_is_no_policy(tmp_path, form):
    with pytest.raises(InputError, match='is a folder; the file of a model is wanted'):
        Candidate.parse(form.format(tmp_path))


def test_two_policies_of_one_name_are_refused():
    setting = Setting(NavigationConfig(), SimConfig(), None, WORLDS[:1])
    with pytest.raises(InputError, match='one name'):
        evaluate(setting, [Candidate('greedy'), Candidate('greedy')], seeds=(1,))


def test_several_seeds_are_separate_runs_pooled_in_one_table(tmp_path, capsys):
    arguments = [
        '--episodes', '2', '--seed', '4', '--worlds', 'generated:0-3', '--workers', '1',
        '--window', '1', '--compare', 'greedy']
    main([*arguments, '--seeds', '2', '--out', f'{tmp_path}/both'])
    assert 'seeds 4 to 5' in capsys.readouterr().out
    main([*arguments, '--seed', '5', '--compare', '', '--out', f'{tmp_path}/second'])
    summary = json.loads((tmp_path / 'both' / 'summary.json').read_text())
    rows = summary['rows']
    assert summary['batch'] == 1
    assert {name: row['episodes'] for name, row in rows.items()} == {
        'bandit, first 1': 2, 'bandit, last 1': 2, 'greedy, first 1': 2, 'greedy, last 1': 2}
    runs = [read_results(tmp_path / place / 'episodes.jsonl') for place in ('both', 'second')]
    assert [r.time for r in runs[0][2:]] == [r.time for r in runs[1]]


@pytest.mark.parametrize(('episodes', 'given', 'batch'), [
    (2, (), 1), (100, (), 2), (2, ('--batch', '2'), 2)])
def test_long_runs_drive_several_episodes_at_once(tmp_path, monkeypatch, episodes, given, batch):
    plans = []

    def planned(plan, folder):
        plans.append(plan)
        raise InputError('it need not drive')

    monkeypatch.setattr(train_command, 'Trainer', planned)
    with pytest.raises(InputError, match='need not drive'):
        main(['--episodes', f'{episodes}', '--worlds', 'generated:0', '--compare', '', *given,
              '--out', f'{tmp_path}/run'])
    assert [plan.batch for plan in plans] == [batch]


def test_without_a_shift_no_batch_is_cut_where_one_would_come(tmp_path):
    run = ['--worlds', 'generated:0-2', '--episodes', '22', '--batch', '11', '--compare', '']
    main([*run, '--seed', '3', '--workers', '1', '--out', f'{tmp_path}/run'])
    entries = map(json.loads, (tmp_path / 'run' / 'decisions.jsonl').read_text().splitlines())
    learned = {
        entry['examples'] for entry in entries
        if entry['kind'] == 'decision' and entry['id'].endswith('-1')}
    assert len(learned) == 2
