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

import numpy as np
import pytest
from rfsn_ros.errors import ConfigError, InputError
from rfsn_ros.evaluation import (
    ClippedIPS,
    cross_fit,
    DirectMethod,
    DoublyRobust,
    DRos,
    ESTIMATORS,
    IPS,
    LoggedData,
    make_estimator,
    OnPolicy,
    pad,
    REWARD_MODELS,
    Rounds,
    SNDR,
    SNIPS,
    StreamingValue,
    SwitchDR,
)

CURVED = {'features': 4, 'actions': 12, 'curved': True}


@pytest.mark.parametrize(('case', 'options', 'skew', 'strength', 'model', 'replications'), [
    ('per action, even log', {}, 0.0, 6.0, 'ridge', 100),
    ('curved, even log', CURVED, 0.0, 4.0, 'ridge', 100),
    ('curved, even log, trees', CURVED, 0.0, 4.0, 'boosted', 20),
    ('varying sets, skewed log', {'features': 4, 'actions': 6, 'varying': True}, 0.3, 4.0,
     'ridge', 100),
])
def test_intervals_cover_the_known_value(
    synthetic_world, candidate, case, options, skew, strength, model, replications,
):
    world = synthetic_world(**options)
    value, covered, errors = world.value(strength), {}, {}
    for seed in range(replications):
        data = world.log(600, seed, skew=skew)
        rounds = Rounds.of(data, candidate(world, data, strength),
                           cross_fit(data, seed=seed, model=model))
        for name in ESTIMATORS:
            estimate = make_estimator(name).estimate(rounds, resamples=300, seed=seed)
            covered.setdefault(name, []).append(value in estimate.bootstrap)
            errors.setdefault(name, []).append(estimate.value - value)
            if name != 'clipped-ips' and estimate.bernstein is not None:
                assert value in estimate.bernstein
    # replications of a true 95 % coverage lie within three standard deviations
    scatter = 3.0 * np.sqrt(0.95 * 0.05 / replications)
    for name in ('ips', 'snips', 'dr', 'sndr'):
        assert abs(np.mean(covered[name]) - 0.95) <= scatter, (case, name)
        error = np.array(errors[name])
        assert abs(error.mean()) < 4.0 * error.std() / np.sqrt(replications), (case, name)
    for name in ('clipped-ips', 'switch-dr', 'dros', 'dm'):
        assert np.mean(covered[name]) >= 0.95 - scatter, (case, name)
    spread = {name: np.sqrt(np.mean(np.square(error))) for name, error in errors.items()}
    assert spread['sndr'] < 1.05 * spread['snips'] < 1.1 * spread['ips']


@pytest.fixture
def rounds(synthetic_world, candidate):
    world = synthetic_world(features=3, varying=True)
    data = world.log(400, 1, skew=0.5)
    return Rounds.of(data, candidate(world, data, 4.0), cross_fit(data))


def test_the_logging_policy_is_worth_what_was_earned(synthetic_world):
    data = synthetic_world().log(300, 0, skew=0.5)
    rounds = Rounds.of(data, data.pmf, cross_fit(data))
    earned = data.reward.mean()
    for estimator in (IPS(), SNIPS(), OnPolicy()):
        assert estimator.terms(rounds).value == pytest.approx(earned)
    assert rounds.effective_size == pytest.approx(300)
    assert rounds.unsupported == 0.0


def test_limits_meet(rounds):
    value = {name: make_estimator(name).terms(rounds).value for name in ESTIMATORS}
    assert ClippedIPS(clip=1e9).terms(rounds).value == pytest.approx(value['ips'])
    assert SwitchDR(threshold=1e9).terms(rounds).value == pytest.approx(value['dr'])
    assert SwitchDR(threshold=0.0).terms(rounds).value == pytest.approx(value['dm'])
    assert DRos(strength=1e12).terms(rounds).value == pytest.approx(value['dr'])
    assert DRos(strength=0.0).terms(rounds).value == pytest.approx(value['dm'])


def test_hand_computed_values():
    data = LoggedData(
        context=np.zeros((4, 1)), action=[0, 1, 0, 1], reward=[1.0, 0.0, 0.5, 1.0],
        probability=[0.5, 0.5, 0.5, 0.25], available=np.ones((4, 2), dtype=bool))
    policy = [[1.0, 0.0], [0.5, 0.5], [0.5, 0.5], [0.0, 1.0]]
    rounds = Rounds.of(data, policy)
    assert rounds.weight.tolist() == [2.0, 1.0, 1.0, 4.0]
    assert IPS().terms(rounds).value == pytest.approx((2.0 + 0.0 + 0.5 + 4.0) / 4)
    assert SNIPS().terms(rounds).value == pytest.approx(6.5 / 8.0)
    assert ClippedIPS(clip=2.0).terms(rounds).value == pytest.approx((2.0 + 0.5 + 2.0) / 4)
    assert rounds.effective_size == pytest.approx(64.0 / 22.0)
    assert rounds.largest_share == pytest.approx(0.5)


def test_self_normalised_values_stay_within_the_rewards(rounds):
    low, high = rounds.reward_range
    assert low <= SNIPS().terms(rounds).value <= high


def test_never_tried_actions_are_counted(synthetic_world):
    data = synthetic_world(actions=2).log(200, 0)
    pmf = np.tile([1.0, 0.0], (200, 1))
    known = LoggedData(
        context=data.context, action=np.zeros(200), reward=data.reward,
        probability=np.ones(200), available=data.available, pmf=pmf)
    rounds = Rounds.of(known, np.tile([0.25, 0.75], (200, 1)))
    assert rounds.unsupported == pytest.approx(0.75)


def test_no_overlap_is_undefined_not_a_crash(synthetic_world):
    data = synthetic_world(actions=2).log(50, 0)
    never = np.eye(2)[1 - data.action]
    rounds = Rounds.of(data, never, cross_fit(data))
    for name in ESTIMATORS:
        make_estimator(name).estimate(rounds)
    assert not SNIPS().terms(rounds).defined
    interval = SNDR().estimate(rounds).bootstrap
    assert np.isnan(interval.value)
    assert (interval.low, interval.high) == rounds.reward_range
    assert rounds.effective_size == 0.0


@pytest.mark.parametrize(('curved', 'best'), [(True, 'boosted'), (False, 'ridge')])
def test_the_model_that_foretells_best_is_taken(synthetic_world, candidate, curved, best):
    world = synthetic_world(features=2, curved=curved)
    data = world.log(2000, 3)
    policy, truth = candidate(world, data, 4.0), world.value(4.0)
    off = {}
    for model in REWARD_MODELS:
        predictions = cross_fit(data, model=model)
        assert predictions.model == model
        rounds = Rounds.of(data, policy, predictions)
        off[model] = abs(DirectMethod().terms(rounds).value - truth)
        assert DoublyRobust().estimate(rounds).value == pytest.approx(truth, abs=0.05)
    assert cross_fit(data).model == best
    assert off[best] == min(off.values())


@pytest.mark.parametrize('model', REWARD_MODELS.values())
@pytest.mark.parametrize('features', [0, 3])
def test_influence_says_how_predictions_hang_on_rewards(
    synthetic_world, candidate, model, features,
):
    """With its shape kept a model is linear in the rewards, so influences add up to its mean."""
    world = synthetic_world(features=features, curved=features > 0)
    data, other = world.log(300, 1), world.log(120, 2)
    share = candidate(world, other, 4.0)
    share[:7] = 0.0
    fitted = model()
    fitted.fit(data)
    influence = fitted.influence(other, share)
    assert influence.shape == (300,)
    assert influence @ data.reward == pytest.approx(
        float((fitted.predict(other) * share).sum(axis=1).mean()), rel=1e-9)


@pytest.mark.parametrize('model', REWARD_MODELS)
def test_cross_fitting_never_sees_its_own_round(synthetic_world, model):
    data = synthetic_world().log(100, 0)
    changed = data.reward.copy()
    changed[7] += 100.0
    other = LoggedData(
        context=data.context, action=data.action, reward=changed, probability=data.probability,
        available=data.available, reward_range=(-1000.0, 1000.0))
    same = LoggedData(
        context=data.context, action=data.action, reward=data.reward,
        probability=data.probability, available=data.available, reward_range=(-1000.0, 1000.0))
    first, second = cross_fit(same, model=model), cross_fit(other, model=model)
    np.testing.assert_allclose(first.q[7], second.q[7])
    assert not np.allclose(first.q, second.q)


def test_groups_stay_in_one_fold(synthetic_world):
    data = synthetic_world().log(120, 0)
    grouped = LoggedData(
        context=data.context, action=data.action, reward=data.reward,
        probability=data.probability, available=data.available, groups=np.repeat(range(12), 10))
    folds = cross_fit(grouped, folds=4).folds.reshape(12, 10)
    assert np.all(folds == folds[:, :1])


def test_streaming_agrees_and_merges(rounds):
    logged = np.full(len(rounds), 0.05)
    candidate = np.clip(rounds.weight * logged, 0.0, 1.0)
    parts = [StreamingValue(), StreamingValue()]
    for index, (reward, probability) in enumerate(zip(rounds.reward, candidate, strict=True)):
        parts[index % 2].add(reward, probability, 0.05)
    whole = parts[0] + parts[1]
    weight = candidate / logged
    assert whole.ips == pytest.approx(np.mean(weight * rounds.reward))
    assert whole.snips == pytest.approx(np.sum(weight * rounds.reward) / weight.sum())
    assert whole.effective_size == pytest.approx(weight.sum() ** 2 / np.sum(weight**2))
    assert whole.snips in whole.interval()
    assert StreamingValue().ips is None
    assert StreamingValue().interval() is None


def test_pad_stacks_ragged_rows():
    table, real = pad([[0.5, 0.5], [1.0], [0.2, 0.3, 0.5]])
    assert table.shape == (3, 3)
    assert real.sum(axis=1).tolist() == [2, 1, 3]
    features, _ = pad([np.ones((2, 4)), np.ones((3, 4))])
    assert features.shape == (2, 3, 4)
    with pytest.raises(InputError, match='agree'):
        pad([np.ones((2, 4)), np.ones((3, 5))])


GOOD = {
    'context': [[0.0], [1.0]], 'action': [0, 1], 'reward': [0.0, 1.0],
    'probability': [0.5, 0.5], 'available': [[True, True], [True, True]],
}


@pytest.mark.parametrize(('change', 'words'), [
    ({'context': [[0.0]]}, 'context: expected shape'),
    ({'context': [[0.0], [np.nan]]}, 'not finite'),
    ({'action': [0, 2]}, r'must be in \[0, 2\)'),
    ({'action': []}, 'n >= 1'),
    ({'probability': [0.5, 0.0]}, 'round 1 has 0'),
    ({'probability': [0.5, 1.5]}, 'round 1 has 1.5'),
    ({'available': [[True, True], [True, False]]}, 'round 1 executed 1'),
    ({'pmf': [[0.5, 0.5], [0.5, 0.4]]}, 'sums to 0.9'),
    ({'pmf': [[0.5, 0.5], [1.5, -0.5]]}, '>= 0'),
    ({'features': [[[1.0]], [[1.0]]]}, 'features: expected shape'),
    ({'groups': [1]}, 'groups: expected shape'),
    ({'reward_range': (0.0, 0.5)}, 'leaves the range'),
])
def test_bad_logs_are_refused(change, words):
    LoggedData(**GOOD)
    with pytest.raises(InputError, match=words):
        LoggedData(**{**GOOD, **change})


@pytest.mark.parametrize(('policy', 'words'), [
    ([[1.0, 0.0]], 'shape'),
    ([[0.5, 0.5], [0.5, 0.6]], 'sums to'),
    ([[0.5, 0.5], [np.inf, 0.0]], 'finite'),
])
def test_bad_policies_are_refused(policy, words):
    with pytest.raises(InputError, match=words):
        Rounds.of(LoggedData(**GOOD), policy)


@pytest.mark.parametrize('call', [
    lambda: make_estimator('magic'), lambda: ClippedIPS(clip=0.0),
    lambda: SwitchDR(threshold=-1.0), lambda: DRos(strength=-1.0),
    lambda: cross_fit(LoggedData(**GOOD), folds=1),
])
def test_bad_settings_are_refused(call):
    with pytest.raises(ConfigError):
        call()


def test_logs_cannot_be_changed():
    data = LoggedData(**GOOD)
    with pytest.raises(ValueError, match='read-only'):
        data.reward[0] = 3.0
