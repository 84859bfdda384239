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

"""What counts as a moving obstacle and what does not."""

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from rfsn_ros.navigation import NavigationConfig, Observation, Odometry, Pose2D, Twist2D
from rfsn_ros.navigation.clusters import grouped, RADIUS, seen_through
from rfsn_ros.navigation.pacing import paced
from rfsn_ros.navigation.perception import Perception
from rfsn_ros.sim.config import LidarConfig
from rfsn_ros.sim.lidar import Lidar

PERIOD = 0.2
WALL = [(4.0, y, 0.1) for y in np.arange(-3.0, 3.0, 0.15)]


@pytest.mark.parametrize('speed', [0.4, 1.0])
def test_what_crosses_is_found_with_its_velocity(observe, speed):
    perception = Perception(NavigationConfig())
    for number in range(8):
        time = number * PERIOD
        disc = (2.5, -1.0 + speed * time, 0.2)
        percept = perception.update(observe([*WALL, disc], stamp=time))
    (found,) = percept.discs
    assert np.hypot(found[0] - disc[0], found[1] - disc[1]) < 0.1
    assert np.hypot(found[2], found[3] - speed) < 0.15


@pytest.mark.parametrize(('beams', 'distance', 'within'), [(360, 3.0, 3), (240, 2.0, 4)])
def test_what_crosses_is_found_by_a_coarse_laser(beams, distance, within):
    lidar, perception = Lidar(LidarConfig(beams=beams)), Perception(NavigationConfig())
    for number in range(within):
        time = number * PERIOD
        disc = (distance, -0.8 + 0.4 * time, 0.2)
        ranges = lidar.cast(Pose2D(), np.array([*WALL, disc]), np.zeros((0, 4)))
        percept = perception.update(Observation(
            lidar.scan(time, np.where(ranges > 30.0, np.inf, ranges)),
            Odometry(time, Pose2D(), Twist2D()), (8.0, 0.0)))
    assert len(percept.discs) == 1


def test_what_turns_round_is_followed_through_the_turn(observe):
    perception = Perception(NavigationConfig())
    off = []
    for number in range(16):
        time = number * PERIOD
        # it turns after 0.9 s, before anything has shown that it keeps its line
        way, speed, sense = paced(0.8, 0.55, 0.4, time)
        percept = perception.update(observe([*WALL, (2.5, way, 0.2)], stamp=time))
        if number >= 3:
            (found,) = percept.discs[:1]
            off.append(np.hypot(found[0] - 2.5, found[1] - way))
            if speed > 0.6:
                assert found[3] * sense > 0.0
    assert np.max(off) < 0.12


def test_a_room_seen_from_poses_that_are_off_does_not_move(observe):
    rng = np.random.default_rng(3)
    legs = [(*rng.uniform((1.0, -2.5), (3.5, 2.5)), 0.03) for _ in range(25)]
    perception = Perception(NavigationConfig())
    discs = []
    for number in range(60):
        true = Pose2D(0.0, 0.0, 0.3 * np.sin(0.25 * number))
        seen = observe([*WALL, *legs], pose=true, stamp=number * PERIOD)
        off = Pose2D(*rng.normal(0.0, 0.03, 2), true.yaw + rng.normal(0.0, 0.04))
        percept = perception.update(dataclasses.replace(
            seen, odometry=Odometry(seen.odometry.stamp, off, seen.odometry.twist)))
        discs.append(len(percept.discs))
    assert np.mean(discs) < 1.0


def test_a_room_that_turns_steadily_in_wrong_poses_does_not_move(observe):
    """Each wall keeps its line and pace here; that most of a scan appears says what it is."""
    rng = np.random.default_rng(5)
    legs = [(*rng.uniform((1.0, -2.5), (3.5, 2.5)), 0.1) for _ in range(8)]
    perception = Perception(NavigationConfig())
    for number in range(20):
        seen = observe([*WALL, *legs], stamp=number * PERIOD)
        percept = perception.update(dataclasses.replace(
            seen, odometry=Odometry(number * PERIOD, Pose2D(0.0, 0.0, 0.1 * number), Twist2D())))
        assert not len(percept.discs)


def test_what_stopped_is_an_obstacle_again(observe):
    perception = Perception(NavigationConfig())
    discs = []
    for number in range(16):
        y = min(-1.0 + 0.8 * number * PERIOD, 0.0)
        percept = perception.update(observe([*WALL, (2.5, y, 0.2)], stamp=number * PERIOD))
        discs.append(len(percept.discs))
    assert max(discs) >= 1
    assert discs[-1] == 0
    ends = perception.memory.points()
    assert np.hypot(ends[:, 0] - 2.5, ends[:, 1]).min() < 0.25


def test_a_jump_too_far_for_what_was_seen_once_is_another_thing(observe):
    perception = Perception(NavigationConfig())
    perception.update(observe(WALL, stamp=0.0))
    for number, y in enumerate((-0.6, -0.1)):
        percept = perception.update(
            observe([*WALL, (2.5, y, 0.2)], stamp=(number + 1) * PERIOD))
    assert len(percept.discs) == 0


def test_what_never_stood_out_from_free_space_is_found_by_its_round_face(observe):
    perception = Perception(NavigationConfig())
    # seen from the first scan on, so that its own marks are all around it in memory
    for number in range(3):
        disc = (2.0, 0.3 - 0.5 * number * PERIOD, 0.2)
        percept = perception.update(observe([*WALL, disc], stamp=number * PERIOD))
    assert len(percept.discs) >= 1
    found = percept.discs[0]
    assert np.hypot(found[0] - disc[0], found[1] - disc[1]) < 0.05
    assert np.hypot(found[2], found[3] + 0.5) < 0.15


def test_what_is_round_and_stands_is_no_moving_obstacle_and_stays_known(observe):
    rng = np.random.default_rng(2)
    perception = Perception(NavigationConfig())
    for number in range(20):
        x = 0.1 * number
        off = Pose2D(x + rng.normal(0.0, 0.01), rng.normal(0.0, 0.01), rng.normal(0.0, 0.005))
        seen = observe([*WALL, (2.5, 1.0, 0.2)], pose=Pose2D(x, 0.0, 0.0), stamp=number * PERIOD)
        percept = perception.update(dataclasses.replace(
            seen, odometry=Odometry(seen.odometry.stamp, off, seen.odometry.twist)))
        assert len(percept.discs) == 0
    ends = perception.memory.points()
    assert np.hypot(ends[:, 0] - 2.5, ends[:, 1] - 1.0).min() < 0.25


def test_what_comes_out_from_behind_something_after_a_drift_does_not_move(observe):
    perception = Perception(NavigationConfig())
    piece = [(2.2, y, 0.03) for y in np.arange(-0.5, 0.51, 0.03)]
    discs = []
    for number in range(30):
        # to and fro past a pillar that hides part of a wall, while the pose drifts off by 30 cm
        true = Pose2D(0.0, -1.2 + 0.16 * min(number, 30 - number), 0.0)
        drift = 0.3 * min(max(number - 8, 0) / 12.0, 1.0)
        seen = observe([*WALL, *piece, (1.2, 0.0, 0.15)], pose=true, stamp=number * PERIOD)
        percept = perception.update(dataclasses.replace(seen, odometry=Odometry(
            seen.odometry.stamp, Pose2D(drift, true.y - drift, 0.0), seen.odometry.twist)))
        discs.append(len(percept.discs))
    assert max(discs) == 0


def test_what_passes_close_by_something_goes_on(observe):
    perception = Perception(NavigationConfig())
    beside = (2.5 + 0.2 + 0.1 + 0.005, 0.0, 0.1)
    ahead = []
    for number in range(14):
        time = number * PERIOD
        y = -1.17 + 0.8 * time
        percept = perception.update(observe([*WALL, beside, (2.5, y, 0.2)], stamp=time))
        if -0.06 <= y <= 0.3:
            (found,) = percept.discs[:1]
            assert found[3] > 0.6
            ahead.append(found[5])
    assert len(ahead) >= 2
    assert min(ahead) > 0.5


def test_where_it_turned_in_the_open_is_known_when_it_comes_back(observe):
    perception = Perception(NavigationConfig())
    room = [(5.0, y, 0.1) for y in np.arange(-4.0, 4.0, 0.15)]
    off = []

    def seen(time):
        way, _, sense = paced(0.8, 1.0, 0.2, time)
        return observe([*room, (2.5, way, 0.2)], stamp=time), 1.0 - way, sense

    for number in range(30):
        time = number * PERIOD
        observation, to_end, sense = seen(time)
        if number:
            between, _, _ = seen(time - 0.5 * PERIOD)
            observation = dataclasses.replace(
                observation, midway=(between.scan, between.odometry))
        percept = perception.update(observation)
        (found,) = percept.discs[:1] if len(percept.discs) else (None,)
        if found is not None and time > 4.5 and sense > 0.0:
            # on its way back to the end where nothing is but where it turned once
            off.append(found[5] - to_end)
    assert len(off) >= 4
    assert np.abs(off).max() < 0.08


def test_a_scan_between_two_decisions_finds_sooner_what_moves(observe):
    free, first, second = (
        observe(WALL, stamp=0.0), observe([*WALL, (2.5, -0.6, 0.2)], stamp=0.1),
        observe([*WALL, (2.5, -0.5, 0.2)], stamp=0.2))
    found = []
    for midway in (None, (first.scan, first.odometry)):
        perception = Perception(NavigationConfig())
        perception.update(free)
        found.append(perception.update(dataclasses.replace(second, midway=midway)).discs)
    assert [len(discs) for discs in found] == [0, 1]
    assert found[1][0][3] == pytest.approx(1.0, abs=0.2)


def test_an_unusable_scan_between_two_decisions_changes_nothing(observe):
    scan = observe(WALL, stamp=0.1).scan
    still = Odometry(0.1, Pose2D(), Twist2D())
    found = []
    for midway in (
            None, (dataclasses.replace(scan, ranges=np.full(len(scan.ranges), np.nan)), still),
            (scan, Odometry(0.1, Pose2D(np.nan), Twist2D()))):
        perception = Perception(NavigationConfig())
        for number in range(4):
            observation = observe([*WALL, (2.5, -0.6 + 0.2 * number, 0.2)], stamp=PERIOD * number)
            percept = perception.update(
                dataclasses.replace(observation, midway=midway if number == 1 else None))
        found.append(percept.discs)
    assert len(found[0]) > 0
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 40), st.integers(0, 5))
def test_points_are_grouped_by_settled_places_then_by_neighbourhood(seed, count, known):
    generator = np.random.default_rng(seed)
    x, y = generator.uniform(-1.0, 1.0, (2, count))
    places = np.column_stack([
        generator.uniform(-1.0, 1.0, (known, 2)), generator.integers(0, 2, known)])
    off = np.abs(np.hypot(*(np.stack([x, y], 1)[:, None] - places[None, :, :2]).T) - RADIUS)
    off[places[:, 2] == 0.0] = np.inf
    owner = np.where(off.min(axis=0, initial=np.inf) < 0.2, off.argmin(axis=0), -1) if (
        known) else np.full(count, -1)
    begins = [known]
    for i in range(1, count):
        apart = owner[i] != owner[i - 1] or np.hypot(x[i] - x[i - 1], y[i] - y[i - 1]) > 0.25
        begins.append(begins[-1] + int(apart))
    label = np.where(owner < 0, begins, owner)
    order, ends = grouped(x, y, places)
    np.testing.assert_array_equal(order, np.argsort(label, kind='stable'))
    np.testing.assert_array_equal(ends, np.cumsum(np.unique(label, return_counts=True)[1]))


@pytest.mark.parametrize('step', [0.01, -0.01])
def test_beams_pass_through_what_lies_well_before_both_that_are_beside_it(step):
    bearings = -0.5 * step * 99 + step * np.arange(100)
    ranges = np.full(100, 3.0)
    ranges[70:] = 1.0
    angles = np.array([0.0, 0.0, bearings[80], bearings[69] + 0.5 * step, -2.0, 2.0])
    size = np.array([2.9, 2.98, 2.0, 0.99, 1.0, 1.0])
    yaw, sensor = 2.5, (1.0, -2.0)
    through = seen_through(
        sensor[0] + size * np.cos(angles + yaw), sensor[1] + size * np.sin(angles + yaw), *sensor,
        yaw, bearings, ranges, abs(step), 0.05)
    # in the open, too near to an end, behind one, at an edge, beside the field of view
    assert through.tolist() == [True, False, False, False, False, False]
    bearings[40:60] += 0.5
    assert not seen_through(
        np.array([sensor[0] + np.cos(yaw)]), np.array([sensor[1] + np.sin(yaw)]), *sensor, yaw,
        bearings[:0], ranges[:0], abs(step), 0.05).any()
