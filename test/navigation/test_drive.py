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

"""Whole drives in the kinematic simulator."""

import numpy as np
import pytest
from rfsn_ros.navigation import make_policy, NavigationConfig, Navigator, Pose2D
from rfsn_ros.navigation.features import ACTION_FEATURES
from rfsn_ros.navigation.perception import Perception
from rfsn_ros.sim import make_simulator, parse_worlds, SimConfig
from rfsn_ros.training.episode import run_episode


def drive(name, seed=3, reactive=False):
    config = NavigationConfig()
    config = config.reactive() if reactive else config
    sim = make_simulator(SimConfig())
    navigator = Navigator(config, make_policy(name, config, seed=seed))
    (world,) = parse_worlds(f'generated:{seed}')
    seen = []
    result = run_episode(
        sim, navigator, world, seed=seed, number=0,
        on_experience=lambda e: seen.append((e.decision, e.reward)))
    return result, seen


def test_the_greedy_rule_reaches_the_goal():
    result, seen = drive('greedy')
    assert result.success
    assert result.score > 0.45
    assert len(seen) == result.decisions


def test_the_same_seed_gives_the_same_drive():
    first, second = drive('bandit', seed=5), drive('bandit', seed=5)
    assert first[0].time == second[0].time
    assert [d.action for d, _ in first[1]] == [d.action for d, _ in second[1]]
    assert [r.total for _, r in first[1]] == [r.total for _, r in second[1]]


def test_between_two_decisions_the_robot_looks_once_more():
    _, seen = drive('greedy')
    first, *later = (decision.percept.observation for decision, _ in seen)
    assert first.midway is None
    stamps = np.array([one.scan.stamp for one in (first, *later)])
    between = np.array([[one.midway[0].stamp, one.midway[1].stamp] for one in later])
    tick = 1.0 / NavigationConfig().control_rate
    middle = 0.5 * (stamps[1:] + stamps[:-1])
    assert np.abs(between - middle[:, None]).max() < 0.51 * tick + 1e-6


def test_the_reactive_mode_plans_nothing():
    _, seen = drive('greedy', reactive=True)
    assert not seen[0][0].percept.field.planned


def test_the_reactive_mode_aims_at_the_gap_beside_a_wall(observe):
    perception = Perception(NavigationConfig().reactive())
    clear = perception.update(observe([])).field
    assert clear.goal_y == pytest.approx(0.0, abs=1e-9)
    assert clear.goal_x > 2.0
    wall = [(1.5, y, 0.1) for y in np.arange(-3.0, 0.6, 0.15)]
    aside = perception.update(observe(wall)).field
    assert aside.goal_x > 1.5
    # where its line crosses the wall the robot fits through
    assert 1.5 * aside.goal_y / aside.goal_x > 0.55 + 0.215


def test_moving_obstacles_are_tracked(observe):
    config = NavigationConfig()
    perception = Perception(config)
    for k in range(10):
        percept = perception.update(
            observe([(2.5, -1.0 + 0.16 * k, 0.2)], pose=Pose2D(), stamp=0.2 * k))
    (disc,) = percept.discs
    np.testing.assert_allclose(disc[:2], (2.5, 0.44), atol=0.2)
    np.testing.assert_allclose(disc[2:4], (0.0, 0.8), atol=0.25)


def test_a_moving_obstacle_leaves_no_trace_in_the_memory(observe):
    perception = Perception(NavigationConfig())
    for k in range(12):
        percept = perception.update(
            observe([(2.5, -1.0 + 0.16 * k, 0.2)], pose=Pose2D(), stamp=0.2 * k))
    assert len(percept.discs) == 1
    assert not len(perception.memory.points())
    # nor does the robot believe the disc is nowhere
    near = perception.update(observe([(0.6, 0.8, 0.2)], pose=Pose2D(), stamp=2.4))
    assert near.clearance < 0.8


def test_a_moving_obstacle_turns_round_before_a_wall(observe):
    perception = Perception(NavigationConfig())
    wall = [(2.3 + 0.1 * i, 1.2, 0.05) for i in range(5)]
    for k in range(6):
        percept = perception.update(
            observe([(2.5, -0.6 + 0.16 * k, 0.2), *wall], pose=Pose2D(), stamp=0.2 * k))
    disc = percept.discs[0]
    np.testing.assert_allclose(disc[5], 1.2 - 0.05 - 0.2 - disc[1], atol=0.15)


def test_features_of_moving_obstacles_say_nothing_where_nothing_moves(observe):
    config = NavigationConfig()
    names = ('danger', 'squeeze', 'prospect', 'haste', 'advance')
    columns = [ACTION_FEATURES.index(name) for name in names]
    navigator = Navigator(config, make_policy('random', config))
    for k in range(6):
        still = navigator.decide(observe([(2.0, 0.5, 0.2)], pose=Pose2D(), stamp=0.2 * k))
    assert not still.actions[:, columns].any()
    navigator.reset()
    for k in range(6):
        moving = navigator.decide(
            observe([(2.0, -1.2 + 0.16 * k, 0.2)], pose=Pose2D(), stamp=0.2 * k))
    assert len(moving.percept.discs)
    assert moving.actions[:, columns[2:]].any(axis=0).all()


@pytest.mark.parametrize('pace', [0.0, 0.8])
def test_hurry_counts_only_where_nothing_moves(observe, pace):
    config = NavigationConfig()
    navigator = Navigator(config, make_policy('random', config))
    for k in range(6):
        seen = navigator.decide(
            observe([(1.5, 2.5 + 0.2 * k * pace, 0.2)], pose=Pose2D(), stamp=0.2 * k))
    assert (len(seen.percept.discs) > 0) == (pace > 0.0)
    progress = seen.actions[:, ACTION_FEATURES.index('progress')]
    slow, brisk, fast = (
        progress[navigator.library.index(name)] for name in ('arc_0.50', 'arc_1.50', 'arc_2.00'))
    assert slow < brisk
    assert (brisk < fast) == (pace == 0.0)


def test_still_obstacles_are_not_tracked(observe):
    perception = Perception(NavigationConfig())
    for k in range(10):
        percept = perception.update(observe(
            [(2.5, 0.5, 0.2), (1.5, -0.6, 0.1)], pose=Pose2D(0.1 * k, 0.0, 0.02 * k),
            stamp=0.2 * k))
        assert not len(percept.discs)


@pytest.mark.parametrize('blind', [True, False])
def test_nothing_unseen_is_entered(observe, blind):
    config = NavigationConfig()
    navigator = Navigator(config, make_policy('random', config))
    observation = observe([])
    if blind:
        ahead = np.abs(observation.scan.angles) < 0.5
        observation.scan.ranges[ahead] = np.nan
    decision = navigator.decide(observation)
    full = navigator.library.index('arc_2.00')
    assert decision.mask[full] or blind
    assert decision.actions[:, navigator.action_names.index('sight')].any() == blind
