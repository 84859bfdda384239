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

"""Rewards: deterministic, complete, and reaching back."""

import math

import pytest
from rfsn_ros.navigation import NavigationConfig, Pose2D, REWARD_TERMS, RewardTracker, Twist2D
from rfsn_ros.navigation.perception import Perception

WALL = [(4.0, y / 10, 0.1) for y in range(-20, 21)]


def drive(observe, speed, steps=8):
    return [
        observe(WALL, pose=Pose2D(0.2 * speed * k, 0.0, 0.0), twist=Twist2D(speed, 0.0),
                stamp=0.2 * k)
        for k in range(steps)]


def collect(tracker, observations, perception=None, **finish):
    rewards = []
    for k, observation in enumerate(observations[:-1]):
        percept = None if perception is None else perception.update(observation)
        rewards += tracker.decision(f's-{k}', observation, percept=percept)
    last = observations[-1]
    if perception is None:
        return rewards + tracker.finish(last, **finish)
    return rewards + tracker.finish(percept=perception.update(last), **finish)


def test_alone_or_beside_the_navigator_the_rewards_are_the_same(observe, config):
    observations = drive(observe, 1.0)
    alone = collect(RewardTracker(config), observations)
    shared = collect(RewardTracker(config), observations, Perception(config))
    assert [r.decision_id for r in alone] == [f's-{k}' for k in range(7)]
    for one, other in zip(alone, shared, strict=True):
        assert one.terms == pytest.approx(other.terms, abs=1e-9)
    assert [r.final for r in alone] == [False] * 6 + [True]


def test_terms_sum_to_the_total_and_are_complete(observe, config):
    for reward in collect(RewardTracker(config), drive(observe, 1.0)):
        assert set(reward.terms) == set(REWARD_TERMS)
        total = math.fsum(reward.terms.values())
        assert reward.total == pytest.approx(
            min(max(total, config.reward.lowest), config.reward.highest))


def test_driving_beats_creeping_beats_standing(observe, config):
    means = []
    for speed in (0.0, 0.5, 1.5):
        rewards = collect(RewardTracker(config), drive(observe, speed))
        means.append(sum(r.total for r in rewards) / len(rewards))
    assert means[0] < means[1] < means[2]


@pytest.mark.parametrize('pace', [0.0, 0.8])
def test_hurry_pays_only_where_nothing_moves(observe, config, pace):
    gains = []
    for speed in (0.5, 1.4, 2.0):
        seen = [
            observe([(2.0, 2.5 + 0.2 * k * pace, 0.2)], pose=Pose2D(0.2 * speed * k, 0.0, 0.0),
                    twist=Twist2D(speed, 0.0), stamp=0.2 * k)
            for k in range(12)]
        gains.append(collect(RewardTracker(config), seen)[6].terms['progress'])
    assert gains[0] < gains[1]
    assert gains[1] < gains[2] if pace == 0.0 else gains[1] == gains[2] == 1.5


def test_contact_is_shared_with_the_decisions_before(observe, config):
    rewards = collect(RewardTracker(config), drive(observe, 1.0), contact=True)
    blame = [r.terms['contact'] for r in rewards]
    reach = config.reward.reach_back
    assert blame[-1] == -config.reward.contact
    assert blame[-1] < blame[-2] < 0.0
    assert all(value == 0.0 for value in blame[:-reach - 1])


def test_a_decision_without_outcome_is_not_valid(observe, config):
    tracker = RewardTracker(config)
    tracker.decision('s-0', drive(observe, 1.0)[0])
    (reward,) = tracker.finish()
    assert not reward.valid
    assert reward.reason


def test_reset_drops_what_is_open(observe, config):
    tracker = RewardTracker(NavigationConfig())
    tracker.decision('s-0', drive(observe, 1.0)[0])
    tracker.reset()
    assert tracker.finish() == []
