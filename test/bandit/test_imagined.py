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

"""What a reward teaches about the actions that were not taken, by what they promised."""

import numpy as np
import pytest
from rfsn_ros.bandit import LinearConfig, make_bandit, VWConfig
from rfsn_ros.errors import InputError

K = 5
SHAPE = {'context_dim': 2, 'action_dim': K + 1, 'reward_min': -1.0, 'reward_max': 2.0}
CONTEXT = np.array([1.0, 0.5])
PROMISED = np.array([0.0, 0.1, -0.2, 0.3, -0.1])  # shares of the largest reward, 2
OFFERED = np.column_stack([np.eye(K), PROMISED])
CONFIGS = [VWConfig, LinearConfig]


def learned(config, rounds=1, *, taken=0, reward=0.5, **options):
    with make_bandit(config) as bandit:
        for _ in range(rounds):
            bandit.update(CONTEXT, taken, reward, probability=1.0, actions=OFFERED, **options)
        assert bandit.example_count == rounds
        return bandit.predict(CONTEXT, actions=OFFERED)


@pytest.mark.parametrize('config', CONFIGS)
def test_one_reward_teaches_all_as_if_each_had_earned_what_it_promised_more(config):
    found = learned(config(**SHAPE, imagined=K - 1))
    with make_bandit(config(**SHAPE)) as told:
        for action in range(K):
            told.update(CONTEXT, action, 0.5 + 2.0 * (PROMISED[action] - PROMISED[0]),
                        probability=1.0, actions=OFFERED)
        np.testing.assert_allclose(
            found, told.predict(CONTEXT, actions=OFFERED), rtol=0, atol=1e-12)


@pytest.mark.parametrize('config', CONFIGS)
def test_all_get_their_turn_though_one_is_taught_at_a_time(config):
    alone = learned(config(**SHAPE), 40, reward=0.0)
    taught = learned(config(**SHAPE, imagined=1), 40, reward=0.0)
    assert np.argmax(alone) != 3
    assert np.argmax(taught) == np.argmax(PROMISED)


def test_masked_actions_are_not_taught():
    mask = np.array([True, True, False, False, False])
    found = learned(VWConfig(**SHAPE, imagined=K), mask=mask)
    with make_bandit(VWConfig(**SHAPE)) as told:
        for action in (0, 1):
            told.update(CONTEXT, action, 0.5 + 2.0 * PROMISED[action], probability=1.0,
                        actions=OFFERED, mask=mask)
        np.testing.assert_allclose(
            found, told.predict(CONTEXT, actions=OFFERED), rtol=0, atol=1e-12)


def test_promises_beyond_the_bounds_of_rewards_count_as_those():
    boundless = OFFERED.copy()
    boundless[:, -1] = [0.0, 1e5, -1e5, 0.0, 0.0]
    with make_bandit(VWConfig(**SHAPE, imagined=K)) as bandit:
        bandit.update(CONTEXT, 0, 0.5, probability=1.0, actions=boundless)
        assert np.isfinite(bandit.predict(CONTEXT, actions=boundless)).all()
        with pytest.raises(InputError, match=r'reward = 2\.5'):
            bandit.update(CONTEXT, 0, 2.5, probability=1.0, actions=boundless)


def test_a_restored_learner_goes_on_as_the_one_that_was_saved():
    with make_bandit(VWConfig(**SHAPE, imagined=2)) as one, \
            make_bandit(VWConfig(**SHAPE, imagined=2)) as two:
        for number in range(7):
            one.update(CONTEXT, number % K, 0.1 * number, probability=0.5, actions=OFFERED)
        two.load_bytes(one.state_bytes())
        for bandit in (one, two):
            bandit.update(CONTEXT, 1, 0.3, probability=0.5, actions=OFFERED)
        np.testing.assert_array_equal(
            one.predict(CONTEXT, actions=OFFERED), two.predict(CONTEXT, actions=OFFERED))


def test_without_action_features_nothing_is_promised():
    found = []
    for imagined in (0, 3):
        with make_bandit(VWConfig(n_actions=4, context_dim=2, imagined=imagined)) as bandit:
            bandit.update(CONTEXT, 1, 0.5, probability=1.0)
            found.append(bandit.predict(CONTEXT))
    np.testing.assert_array_equal(*found)
