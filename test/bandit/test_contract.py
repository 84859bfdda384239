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

"""One battery for every backend, explorer and form."""

import copy
import pickle

import numpy as np
import pytest
from rfsn_ros.bandit import (
    BACKENDS,
    BanditConfig,
    ContextualBandit,
    invert_cdf,
    LinearConfig,
    make_bandit,
    VWConfig,
)
from rfsn_ros.bandit.explorers import EXPLORERS
from rfsn_ros.errors import ConfigError, InputError

K, D, A = 4, 6, 3

FIXED = {'n_actions': K, 'context_dim': D}
FEATURES = {'context_dim': D, 'action_dim': A}
KINDS = {
    **{name: (config, {}) for name, (config, _) in BACKENDS.items()},
    **{f'vw-{name}': (VWConfig, {'exploration': name}) for name in EXPLORERS
       if name != VWConfig().exploration},
    'vw-regcb': (VWConfig, {'exploration': 'regcb', 'mellowness': 1.0}),
    'vw-dr': (VWConfig, {'exploration': 'epsilon_greedy', 'cb_type': 'dr'}),
    'vw-standardised': (VWConfig, {'normalized': False, 'learning_rate': 0.1}),
    'vw-scaled': (VWConfig, VWConfig.standardised().to_dict()),
    'vw-scaled-dr': (VWConfig, {
        'standardise': True, 'exploration': 'epsilon_greedy', 'cb_type': 'dr'}),
    'vw-regularised': (VWConfig, {'l1': 1e-5, 'l2': 1e-5, 'context_linear': True}),
    'linear-ucb': (LinearConfig, {'epsilon': 0.1}),
    'linear-ts': (LinearConfig, {'policy': 'ts'}),
}
CASES = [pytest.param(kind, form, id=f'{kind}-{name}')
         for kind in KINDS for name, form in (('fixed', FIXED), ('features', FEATURES))]


def settings(kind, form, **changes):
    config, own = KINDS[kind]
    return config(**{**own, **form, **changes})


class Task:
    """Random rounds in which the sign of the first feature says which of two actions is good."""

    def __init__(self, form, seed=0):
        self.generator = np.random.default_rng(seed)
        self.with_features = 'action_dim' in form
        self.table = np.vstack([np.eye(A), np.ones((1, A)) / 2])

    def next(self):
        context = self.generator.normal(size=D)
        return context, {'actions': self.table} if self.with_features else {}

    @staticmethod
    def reward(context, action):
        return float(action == (1 if context[0] > 0 else 2))


def play(bandit, task, rounds, masked=False):
    """Return everything the bandit said during some rounds."""
    said = []
    for _ in range(rounds):
        context, offer = task.next()
        if masked:
            mask = task.generator.random(K) < 0.6
            mask[task.generator.integers(K)] = True
            offer = {**offer, 'mask': mask}
        action, choice = bandit.select_action(context, **offer)
        bandit.update(context, action, task.reward(context, action),
                      probability=choice.probability, **offer)
        said.append((action, choice.probability, choice.draw, choice.example_count,
                     *choice.pmf.tolist()))
    return said


@pytest.mark.parametrize(('kind', 'form'), CASES)
class TestContract:
    def test_is_a_contextual_bandit(self, kind, form):
        with make_bandit(settings(kind, form)) as bandit:
            assert isinstance(bandit, ContextualBandit)

    def test_choice_is_complete_and_consistent(self, kind, form):
        task = Task(form)
        with make_bandit(settings(kind, form)) as bandit:
            for said in play(bandit, task, 60):
                action, probability, draw, _, *pmf = said
                assert min(pmf) >= 0.0
                assert sum(pmf) == pytest.approx(1.0, abs=1e-9)
                assert 0.0 <= draw < 1.0
                assert probability == pmf[action] > 0.0
                assert action == invert_cdf(pmf, draw)
            assert bandit.example_count == 60

    def test_masked_actions_have_no_probability(self, kind, form):
        task = Task(form)
        with make_bandit(settings(kind, form)) as bandit:
            play(bandit, task, 40, masked=True)
            context, offer = task.next()
            pmf = bandit.predict(context, mask=np.array([False, True, False, True]), **offer)
            assert pmf[0] == pmf[2] == 0.0
            assert pmf.sum() == pytest.approx(1.0, abs=1e-9)
            alone = bandit.predict(context, mask=np.array([False, False, True, False]), **offer)
            assert alone.tolist() == [0.0, 0.0, 1.0, 0.0]

    def test_predict_has_no_side_effect(self, kind, form):
        context, offer = Task(form).next()
        one, other = (make_bandit(settings(kind, form)) for _ in range(2))
        for _ in range(20):
            one.predict(context, **offer)
        assert play(one, Task(form), 30) == play(other, Task(form), 30)

    def test_inputs_are_not_changed(self, kind, form):
        task = Task(form)
        context, offer = task.next()
        mask = np.array([True, True, False, True])
        copies = context.copy(), task.table.copy(), mask.copy()
        for array in (context, task.table, mask):
            array.flags.writeable = False
        with make_bandit(settings(kind, form)) as bandit:
            action, _ = bandit.select_action(context, mask=mask, **offer)
            bandit.update(context, action, 0.5, mask=mask, **offer)
        for array, before in zip((context, task.table, mask), copies, strict=True):
            assert (array == before).all()

    def test_arrays_may_be_reused_by_the_caller(self, kind, form):
        config = settings(kind, form)
        task = Task(form)
        rounds = [task.next() for _ in range(30)]
        shared = np.empty(D)
        said = []
        for reuse in (False, True):
            bandit = make_bandit(config)
            pmfs = []
            for number, (context, offer) in enumerate(rounds):
                if reuse:
                    shared[:] = context
                    context = shared
                bandit.update(context, number % K, float(number % 2), probability=0.5, **offer)
                pmfs.append(bandit.predict(context, **offer).tolist())
            said.append(pmfs)
        assert said[0] == said[1]

    def test_same_seed_same_calls_same_decisions(self, kind, form):
        said = [play(make_bandit(settings(kind, form, seed=5)), Task(form), 60, masked=True)
                for _ in range(2)]
        assert said[0] == said[1]

    def test_the_seed_matters(self, kind, form):
        draws = [[said[2] for said in play(make_bandit(settings(kind, form, seed=seed)),
                                           Task(form), 5)] for seed in (1, 2)]
        assert draws[0] != draws[1]

    def test_load_goes_on_as_if_never_stopped(self, kind, form, tmp_path):
        config = settings(kind, form)
        live = make_bandit(config)
        task, other_task = Task(form), Task(form)
        play(live, task, 80, masked=True)
        live.save(tmp_path / 'a model')
        loaded = make_bandit(config)
        play(loaded, Task(form, seed=9), 10)
        loaded.load(tmp_path / 'a model')
        other_task.generator.bit_generator.state = task.generator.bit_generator.state
        assert loaded.example_count == 80
        assert play(loaded, other_task, 1000) == play(live, task, 1000)
        assert loaded.state_bytes() == live.state_bytes()

    def test_learns_a_trivial_task(self, kind, form):
        if kind == 'vw-cover':
            pytest.skip('explores too long for a short test; see test_explorers.py')
        task = Task(form)
        with make_bandit(settings(kind, form)) as bandit:
            play(bandit, task, 1500)
            right = []
            for _ in range(200):
                context, offer = task.next()
                pmf = bandit.predict(context, **offer)
                right.append(task.reward(context, int(pmf.argmax())))
        assert np.mean(right) > 0.8

    def test_unknown_propensity_is_that_of_the_newest_choice(self, kind, form):
        one, other = (make_bandit(settings(kind, form)) for _ in range(2))
        task = Task(form)
        first, offer = task.next()
        second, _ = task.next()
        for bandit in (one, other):
            action, choice = bandit.select_action(first, **offer)
            bandit.select_action(second, **offer)
            bandit.update(second, 0, 1.0, probability=0.5, **offer)
            known = {'probability': choice.probability} if bandit is other else {}
            bandit.update(first, action, 1.0, **known, **offer)
        assert one.predict(first, **offer).tolist() == other.predict(first, **offer).tolist()

    @pytest.mark.parametrize('copied', [
        copy.copy, copy.deepcopy, lambda bandit: pickle.loads(pickle.dumps(bandit))],
        ids=['copy', 'deepcopy', 'pickle'])
    def test_copies_go_on_alike_and_apart(self, kind, form, copied):
        with make_bandit(settings(kind, form)) as bandit:
            task, other_task = Task(form), Task(form)
            play(bandit, task, 20)
            other = copied(bandit)
            other_task.generator.bit_generator.state = task.generator.bit_generator.state
            said = play(other, other_task, 20)
            assert (bandit.example_count, other.example_count) == (20, 40)
            other.close()
            assert play(bandit, task, 20) == said

    def test_refused_input_changes_nothing(self, kind, form):
        bandit = make_bandit(settings(kind, form))
        task = Task(form)
        play(bandit, task, 10)
        context, offer = task.next()
        before = bandit.state_bytes()
        for call in bad_calls(context, offer):
            with pytest.raises(InputError):
                call(bandit)
        assert bandit.state_bytes() == before


def bad_calls(context, offer):
    """Yield calls with input that cannot be used."""
    for value in (np.nan, np.inf, -np.inf, 1e7):
        broken = context.copy()
        broken[2] = value
        yield lambda b, x=broken: b.select_action(x, **offer)
        yield lambda b, x=broken: b.update(x, 0, 1.0, **offer)
    for broken in (context[:-1], np.zeros((1, D)), np.float64(1.0), [], ['a'] * D, None,
                   context + 1j):
        yield lambda b, x=broken: b.predict(x, **offer)
    for action in (-1, K, 1.0, True, '1', None):
        yield lambda b, a=action: b.update(context, a, 1.0, **offer)
    for reward in (np.nan, np.inf, 10**400, 1.001, -0.001, 'much', '0.5', None):
        yield lambda b, r=reward: b.update(context, 0, r, **offer)
    for probability in (0.0, -0.1, 1.0001, np.nan, np.inf, 10**400, 'likely', '0.5'):
        yield lambda b, p=probability: b.update(context, 0, 1.0, probability=p, **offer)
    for mask in (np.zeros(K, bool), np.ones(K + 1, bool), np.ones(K), [[True] * K]):
        yield lambda b, m=mask: b.select_action(context, mask=m, **offer)
    masked = np.array([False, True, True, True])
    yield lambda b: b.update(context, 0, 1.0, mask=masked, **offer)
    if offer:
        yield lambda b: b.predict(context)
        for table in (np.zeros((0, A)), np.zeros((K, A + 1)), np.full((K, A), np.nan),
                      np.zeros(A)):
            yield lambda b, t=table: b.predict(context, actions=t)
    else:
        yield lambda b: b.predict(context, actions=np.zeros((K, A)))


@pytest.mark.parametrize('kind', KINDS)
def test_action_sets_may_vary_in_size(kind):
    with make_bandit(settings(kind, FEATURES)) as bandit:
        generator = np.random.default_rng(3)
        for count in (1, 7, 2, 12, 3):
            context, table = generator.normal(size=D), generator.normal(size=(count, A))
            action, choice = bandit.select_action(context, actions=table)
            assert choice.pmf.shape == (count,)
            bandit.update(context, action, 1.0, actions=table)


@pytest.mark.parametrize('kind', KINDS)
def test_batch_update_is_the_same_as_single_ones(kind):
    generator = np.random.default_rng(4)
    contexts = generator.normal(size=(50, D))
    actions = generator.integers(K, size=50)
    rewards = generator.random(50)
    chances = generator.uniform(0.05, 1.0, 50)
    one, other = (make_bandit(settings(kind, FIXED)) for _ in range(2))
    one.batch_update(contexts, actions, rewards, chances)
    for row in zip(contexts, actions, rewards, chances, strict=True):
        other.update(row[0], row[1], row[2], probability=row[3])
    assert one.example_count == 50
    assert one.predict(contexts[0]).tolist() == other.predict(contexts[0]).tolist()


def test_what_is_given_may_be_any_kind_of_numbers():
    context = np.arange(D)
    said = []
    for given in (context, context.tolist(), range(D), context.astype(np.float32),
                  np.repeat(context.astype(float), 2)[::2], context.astype('>f8')):
        bandit = make_bandit(VWConfig(**FIXED))
        bandit.update(given, np.uint8(1), np.float32(0.5), probability=1)
        bandit.batch_update((given for _ in range(2)), iter([0, 1]), (0, 1), [0.5, 1])
        said.append(bandit.predict(given, mask=[True, True, False, True]).tolist())
    assert all(pmf == said[0] for pmf in said)


def test_batch_update_refuses_as_a_whole():
    bandit = make_bandit(VWConfig(**FIXED))
    before = bandit.state_bytes()
    good = (np.zeros((2, D)), [0, 1], [0.0, 1.0], [0.5, 0.5])
    for position, bad in ((0, np.full((2, D), np.nan)), (0, np.zeros((2, D + 1))), (1, [0, K]),
                          (1, [0, 0.5]), (1, [0]), (2, [0.0, 2.0]), (2, [0.0, np.nan]),
                          (3, [0.5, 0.0]), (3, [0.5, np.nan]), (3, [[0.5, 0.5]])):
        arguments = list(good)
        arguments[position] = bad
        with pytest.raises(InputError):
            bandit.batch_update(*arguments)
    assert bandit.state_bytes() == before
    with pytest.raises(InputError, match='fixed form'):
        make_bandit(VWConfig(**FEATURES)).batch_update(*good)


def test_low_propensities_are_raised_to_the_floor_and_counted():
    context = np.ones(D)
    bandits = [make_bandit(VWConfig(**FIXED, propensity_floor=0.1)) for _ in range(2)]
    bandits[0].update(context, 1, 1.0, probability=1e-4)
    bandits[1].update(context, 1, 1.0, probability=0.1)
    assert [bandit.floored_count for bandit in bandits] == [1, 0]
    assert bandits[0].predict(context).tolist() == bandits[1].predict(context).tolist()


def test_make_bandit_refuses_strange_settings():
    with pytest.raises(ConfigError, match='belongs to no backend'):
        make_bandit(object())


@pytest.mark.parametrize(('config', 'backend'), BACKENDS.values(), ids=BACKENDS)
def test_a_backend_refuses_settings_of_another_kind(config, backend):
    for strange in (None, {'n_actions': 2}, BanditConfig()):
        with pytest.raises(ConfigError, match=f'needs a {config.__name__}, not a '):
            backend(strange)
