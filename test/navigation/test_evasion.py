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

"""The look ahead against moving obstacles."""

import dataclasses

import numpy as np
import pytest
from rfsn_ros.navigation import NavigationConfig, Pose2D
from rfsn_ros.navigation.evasion import disc_paths, EVASIONS
from rfsn_ros.navigation.identification import Dynamics
from rfsn_ros.navigation.pacing import paced, TURNING
from rfsn_ros.navigation.perception import Perception
from rfsn_ros.navigation.planner import look_ahead
from rfsn_ros.navigation.primitives import PrimitiveLibrary


def test_discs_slow_down_turn_round_at_both_ends_and_come_back():
    ahead, behind, dt = 1.5, 1.0, 0.05
    disc = np.array([[0.0, 1.0, 1.0, 0.0, 0.2, ahead, behind]])
    paths = disc_paths(disc, 200, dt)
    assert paths.shape == (201, 1, 3)
    x = paths[:, 0, 0]
    np.testing.assert_allclose([x[0], x.max(), x.min()], [0.0, ahead, -behind], atol=2e-3)
    speed = np.abs(np.diff(x)) / dt
    assert speed.max() < 1.0 + 1e-9
    assert np.abs(np.diff(np.diff(x) / dt)).max() / dt < TURNING + 1e-6
    np.testing.assert_allclose(x[:26], dt * np.arange(26), atol=1e-9)
    # a crossing takes its length over the speed, and what slowing down and speeding up cost
    assert abs(np.argmin(x) - np.argmax(x)) * dt == pytest.approx(2.5 + 1.0 / TURNING, abs=dt)
    np.testing.assert_allclose(paths[:, 0, 1], 1.0)
    assert (np.diff(paths[:, 0, 2]) >= 0.0).all()


def test_how_fast_a_disc_is_follows_from_where_it_is():
    way, speed, sense = paced(1.0, 0.04, 2.0, 0.0)
    assert (way, sense) == (pytest.approx(0.0), 1.0)
    assert speed == pytest.approx(np.sqrt(2 * TURNING * 0.04))
    way, speed, sense = paced(1.0, 0.0, 2.0, 0.25)
    assert (way, sense) == (pytest.approx(-0.5 * TURNING * 0.25**2), -1.0)
    assert speed == pytest.approx(TURNING * 0.25)


def test_a_disc_that_stands_stays():
    paths = disc_paths(np.array([[1.0, 2.0, 0.0, 0.0, 0.2, 1000.0, 1000.0]]), 20, 0.05)
    np.testing.assert_allclose(paths[:, 0, :2], [[1.0, 2.0]] * 21)


def evasions(observe, discs, allowed=None):
    config = NavigationConfig()
    perception = Perception(config)
    percept = perception.update(observe([], pose=Pose2D()))
    percept = dataclasses.replace(percept, discs=np.array(discs))
    library = PrimitiveLibrary(config.primitives, config.robot)
    allowed = np.ones(len(library), dtype=bool) if allowed is None else allowed
    table = look_ahead(
        percept, np.zeros((2, 2)), Dynamics.nominal(config.robot), library.steered(0.0, 0.0),
        allowed, library.follow_ups, library.steer_gain, config)
    return {name: table[:, i] for i, name in enumerate(EVASIONS)}, library


FREE = (1000.0, 1000.0)


def test_nothing_near_is_no_danger_and_driving_on_has_the_best_prospect(observe):
    found, library = evasions(observe, [(20.0, 20.0, 0.0, 0.0, 0.2, *FREE)])
    assert not found['danger'].any()
    assert found['prospect'][library.index('arc_2.00')] > found['prospect'][0] > 0.0


def test_stopping_in_the_way_of_a_disc_is_survived_by_what_can_follow(observe):
    # it arrives in about two seconds: standing now is fine as long as the robot leaves then
    found, _ = evasions(observe, [(0.0, -2.2, 0.0, 1.0, 0.2, *FREE)])
    assert found['danger'][0] == 0.0
    assert found['moving_clearance'][0] > 0.04


def test_what_drives_into_a_disc_is_in_danger(observe):
    found, library = evasions(observe, [(1.1, 0.0, -1.0, 0.0, 0.2, *FREE)])
    assert found['danger'][library.index('arc_2.00')] > 0.5
    assert found['prospect'][library.index('arc_2.00')] == -1.0
    assert found['danger'].min() < found['danger'][library.index('arc_2.00')]


def test_what_is_not_allowed_says_the_worst(observe):
    config = NavigationConfig()
    allowed = np.zeros(len(PrimitiveLibrary(config.primitives, config.robot)), dtype=bool)
    allowed[0] = True
    found, _ = evasions(observe, [(20.0, 20.0, 0.0, 0.0, 0.2, *FREE)], allowed)
    assert (found['danger'][1:] == 1.0).all()
    assert (found['prospect'][1:] == -1.0).all()
    assert found['danger'][0] == 0.0
