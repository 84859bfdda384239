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

"""Episodes one after the other on one clock, and that clock beside the wall's."""

import itertools

import pytest
from rfsn_ros.navigation.observation import Pose2D, Twist2D
from rfsn_ros.sim import make_simulator, SimConfig, World
from rfsn_ros.sim.episode import Outcome
from rfsn_ros.sim.series import EpisodeSeries
from rfsn_ros.sim.wall_clock import WallClock

AHEAD = Twist2D(1.0, 0.0)
CONFIG = SimConfig.for_robot('jackal', disturbances='ideal')


def series(**options):
    world = World(name='w', start=Pose2D(1.0, 2.0, 0.5), goal=(3.0, 2.0), reference_length=2.0)
    return EpisodeSeries(
        itertools.repeat(world), lambda: make_simulator(CONFIG), seed=3, **options)


def test_time_goes_on_from_episode_to_episode():
    one = series()
    one.begin()
    one.obey(AHEAD)
    assert one.drive(50) is Outcome.RUNNING
    assert one.now == pytest.approx(1.0)
    one.begin()
    assert (one.now, one.number, one.seed) == (pytest.approx(2.0), 1, 3001)
    assert one.command == Twist2D(), 'the robot is at rest'
    one.drive(5)
    for stamp in (one.scan().stamp, one.odometry().stamp, one.truth().stamp):
        assert stamp == one.now == pytest.approx(2.1)
    one.close()


def test_a_series_is_gone_on_with_by_another():
    one = series()
    one.begin()
    one.drive(50)
    one.close()
    other = series(now=one.now, number=one.number)
    assert other.now == one.now
    other.begin()
    assert (other.now, other.number) == (pytest.approx(2.0), 1)
    other.close()


def test_an_episode_that_has_ended_is_driven_no_further():
    one = series()
    one.begin()
    one.obey(AHEAD)
    outcome = one.drive(5000)
    assert outcome is one.monitor.outcome is not Outcome.RUNNING
    assert one.now < 5.0


def test_a_robot_that_nobody_commands_any_more_stops():
    one = series()
    one.begin()
    assert not one.stop_unheard(0.2), 'it stands'
    one.obey(AHEAD)
    one.drive(10)
    assert not one.stop_unheard(0.21)
    one.drive(1)
    assert one.stop_unheard(0.21)
    assert one.command == Twist2D()
    assert not one.stop_unheard(0.21), 'it was stopped already'


def test_simulated_time_keeps_up_with_the_wall_clock():
    clock = WallClock(2.0, tick=0.02)
    assert clock.due(10.0) == 0, 'it begins with the first question'
    assert sum(clock.due(10.0 + 0.0301 * number) for number in range(1, 101)) == 301


def test_what_a_busy_machine_is_late_is_left_out():
    clock = WallClock(1.0, tick=0.02)
    clock.due(0.0)
    assert clock.due(7.0) == 12
    assert clock.due(7.1) == 5
