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

import math
from pathlib import Path

import numpy as np
import pytest
from rfsn_ros.bandit import invert_cdf, make_bandit, read_log, read_rounds, RewardRecord
from rfsn_ros.config import Mode, RFSNConfig
from rfsn_ros.errors import InputError
from rfsn_ros.navigation import LaserScan, Odometry, Pose2D, Twist2D
from rfsn_ros.nodes.inputs import Pair
from rfsn_ros.nodes.join import Verdict
from rfsn_ros.nodes.pilot import Pilot

SECOND = 1_000_000_000


def pair(stamp):
    rng = np.random.default_rng(round(10 * stamp))
    scan = LaserScan(
        stamp=stamp, ranges=rng.uniform(1.0, 6.0, 90), angle_min=-2.0, angle_increment=0.045,
        range_min=0.1, range_max=30.0)
    odometry = Odometry(stamp, Pose2D(0.1 * stamp, 0.0, 0.0), Twist2D(0.2, 0.0))
    return Pair(scan, odometry, round(stamp * SECOND), round(stamp * SECOND), 0.0)


def made(tmp_path=None, **changes):
    if tmp_path is not None:
        changes['driving.decision_log'] = str(tmp_path / 'decisions.jsonl')
    pilot = Pilot(RFSNConfig().updated(changes))
    pilot.begin('episode-1', (8.0, 0.0))
    return pilot


def decide(pilot, seen):
    decided = pilot.decide(seen, seen.odometry.stamp)
    pilot.record(decided)
    return decided


def drive(pilot, count, *, first=0):
    """Decide `count` times, each rewarded at once; return the decisions."""
    decisions = []
    for n in range(first, first + count):
        decided = decide(pilot, pair(0.2 * n))
        decisions.append(decided)
        name = decided.navigation.id
        assert pilot.reward(name, 0.2 * n + 0.2, 0.1 * (n % 5), {'x': 1.0}, valid=True) in Verdict
    return decisions


def test_online_learns_and_says_what_it_learned():
    pilot = made()
    decisions = drive(pilot, 5)
    assert pilot.bandit.example_count == 5
    assert decisions[0].learned == ()
    assert [d.learned for d in decisions[1:]] == [
        (d.navigation.id,) for d in decisions[:-1]]
    assert [d.requested.example_count for d in decisions] == [0, 1, 2, 3, 4]
    pilot.close()


def test_every_probability_follows_from_the_model_and_what_was_learned_since():
    """What Decision, Reward and ModelInfo carry is enough to recompute every choice."""
    pilot = made()
    drive(pilot, 10)
    pilot.refresh_model()
    model = pilot.model_bytes
    decisions = drive(pilot, 30, first=10)
    again = make_bandit(pilot.config.bandit)
    again.load_bytes(model)
    known = {}
    for n, decided in enumerate(decisions, start=10):
        for name in decided.learned:
            earlier, reward = known[name]
            nav = earlier.navigation
            again.update(nav.context, earlier.driven, reward, actions=nav.actions, mask=nav.mask,
                         probability=earlier.driven_probability)
        nav = decided.navigation
        pmf = again.predict(nav.context, actions=nav.actions, mask=nav.mask)
        np.testing.assert_allclose(pmf, decided.requested.pmf, rtol=0, atol=1e-12)
        assert invert_cdf(pmf, decided.requested.draw) == decided.requested.action
        known[nav.id] = (decided, 0.1 * (n % 5))
    again.close()
    pilot.close()


@pytest.mark.parametrize('mode', ['frozen', 'shadow'])
def test_frozen_and_shadow_learn_nothing(mode):
    pilot = made(**{'driving.mode': mode})
    decisions = drive(pilot, 4)
    assert pilot.bandit.example_count == 0
    assert all((d.driven == -1) == (mode == 'shadow') for d in decisions)
    pilot.close()


def test_an_apprentice_learns_what_the_baseline_did_with_its_propensity():
    pilot = made(**{'driving.mode': 'apprentice', 'driving.baseline': 'random'})
    decisions = drive(pilot, 8)
    assert pilot.bandit.example_count == 8
    for decided in decisions:
        feasible = int(decided.navigation.mask.sum())
        assert decided.driven_probability == pytest.approx(1.0 / feasible)
        assert decided.requested.pmf[decided.requested.action] == decided.requested.probability
    assert any(d.driven != d.requested.action for d in decisions)
    pilot.close()


def test_the_mode_can_change_on_the_way():
    pilot = made()
    drive(pilot, 2)
    pilot.mode = Mode.FROZEN
    drive(pilot, 2, first=2)
    assert pilot.bandit.example_count == 2
    pilot.close()


def test_a_baseline_as_policy_never_teaches_the_bandit():
    pilot = made(**{'driving.policy': 'random'})
    drive(pilot, 3)
    assert pilot.bandit.example_count == 0
    pilot.close()


def test_the_log_holds_every_decision_and_reward(tmp_path):
    pilot = made(tmp_path)
    decisions = drive(pilot, 6)
    pilot.close()
    rounds = list(read_rounds(tmp_path / 'decisions.jsonl'))
    assert [r.decision.id for r in rounds] == [d.navigation.id for d in decisions]
    for entry, decided in zip(rounds, decisions, strict=True):
        np.testing.assert_array_equal(entry.decision.pmf, decided.requested.pmf)
        assert entry.decision.extra['episode'] == 'episode-1'
        assert entry.decision.model == pilot.model_checksum


@pytest.mark.parametrize('changes', [
    {'driving.mode': 'shadow'}, {'driving.policy': 'dwa'}], ids=['shadow', 'own velocity'])
def test_what_was_not_driven_is_logged_as_not_to_be_learned(tmp_path, changes):
    pilot = made(tmp_path, **changes)
    decisions = drive(pilot, 3)
    pilot.close()
    assert [d.driven for d in decisions] == [-1] * 3
    rewards = [r for r in read_log(tmp_path / 'decisions.jsonl') if isinstance(r, RewardRecord)]
    assert [r.valid for r in rewards] == [False] * 3


@pytest.mark.skipif(not Path('/dev/full').exists(), reason='needs /dev/full')
def test_a_full_disk_does_not_stop_the_robot(tmp_path):
    (tmp_path / 'decisions.jsonl').symlink_to('/dev/full')
    pilot = made(tmp_path)
    drive(pilot, 2)
    assert pilot.bandit.example_count == 2
    assert 'No space left' in pilot.log_problem
    assert pilot.unlogged == 4
    pilot.close()


@pytest.mark.parametrize(('after', 'moved', 'jumped'), [
    (0.2, 0.4, False), (0.2, 3.0, True), (0.9, 2.5, False),
    (5.0, 2.5, False), (5.0, 7.0, True), (3600.0, 7.0, True)])
def test_odometry_that_comes_back_elsewhere_has_jumped_however_long_it_was_gone(
        after, moved, jumped):
    pilot = made()
    seen = pair(0.0)
    decide(pilot, seen)
    x = seen.odometry.pose.x + moved
    assert pilot.teleported(Odometry(after, Pose2D(x, 0.0, 0.0), Twist2D())) is jumped
    pilot.close()


def test_ids_of_two_pilots_never_repeat(tmp_path):
    names = set()
    for _ in range(2):
        pilot = made(tmp_path)
        names.update(d.navigation.id for d in drive(pilot, 3))
        pilot.close()
    assert len(names) == 6
    assert len([r for r in read_log(tmp_path / 'decisions.jsonl')]) == 12


def test_lockstep_waits_exactly_for_the_rewards_that_are_due():
    pilot = made()
    lag = pilot.config.navigation.reward.lag
    names = [decide(pilot, pair(0.2 * n)).navigation.id for n in range(lag)]
    assert not pilot.waits
    names.append(decide(pilot, pair(0.2 * lag)).navigation.id)
    assert pilot.waits
    pilot.reward(names[0], 9.0, 0.0, {}, valid=False)
    assert not pilot.waits
    pilot.begin('episode-2', (8.0, 0.0))
    assert pilot.waits, 'a new episode waits for all rewards of the one before'
    for name in names[1:]:
        pilot.reward(name, 9.0, 0.0, {}, valid=True)
    assert not pilot.waits
    pilot.close()


@pytest.mark.parametrize(('total', 'terms', 'words'), [
    (1e9, {}, 'reward = 1000000000.0: must be in'), (math.nan, {}, 'reward = nan'),
    (0.1, {'progress': math.inf}, 'reward term progress = inf')])
def test_an_unusable_reward_changes_nothing(tmp_path, total, terms, words):
    pilot = made(tmp_path)
    name = decide(pilot, pair(0.0)).navigation.id
    with pytest.raises(InputError, match=words):
        pilot.reward(name, 0.2, total, terms, valid=True)
    assert pilot.bandit.example_count == 0
    assert pilot.reward(name, 0.2, 0.1, {}, valid=True) is Verdict.JOINED, 'the true one'
    assert pilot.bandit.example_count == 1
    pilot.close()
    (entry,) = read_rounds(tmp_path / 'decisions.jsonl')
    assert entry.reward.reward == 0.1
