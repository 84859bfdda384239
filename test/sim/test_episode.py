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

"""Outcome, clock and score of an episode."""

import math

import pytest
from rfsn_ros.navigation.observation import Pose2D, Twist2D
from rfsn_ros.sim import make_simulator, SimConfig, World
from rfsn_ros.sim.episode import barn_score, EpisodeMonitor, Outcome

WORLD = World(name='w', start=Pose2D(), goal=(10.0, 0.0), reference_length=10.0, timeout=100.0)


def drive(monitor, *rows):
    for time, x in rows:
        monitor.observe(time, Pose2D(x, 0.0, 0.0), contact=False, min_clearance=0.5)
    return monitor


@pytest.mark.parametrize(('time', 'score'), [
    (1.0, 0.5), (10.0, 0.5), (20.0, 0.25), (40.0, 0.125), (99.0, 0.125)])
def test_the_score_is_barns(time, score):
    assert barn_score(True, time, 10.0) == pytest.approx(score)
    assert barn_score(False, time, 10.0) == 0.0


def test_the_clock_starts_with_the_first_decimetre():
    monitor = drive(EpisodeMonitor(WORLD), (3.0, 0.05), (4.0, 0.11), (14.0, 5.0))
    assert monitor.time == pytest.approx(10.0)
    assert monitor.outcome is Outcome.RUNNING
    drive(monitor, (16.0, 9.01))
    assert monitor.outcome is Outcome.SUCCESS
    assert monitor.time == pytest.approx(12.0)
    assert monitor.score == pytest.approx(5.0 / 12.0)
    assert monitor.path_length == pytest.approx(9.01)
    assert monitor.optimal_time == 5.0


def test_nothing_changes_after_the_end():
    monitor = drive(EpisodeMonitor(WORLD), (1.0, 0.5), (6.0, 9.5), (200.0, 0.0))
    assert monitor.outcome is Outcome.SUCCESS
    assert monitor.time == pytest.approx(5.0)
    monitor.abort()
    assert monitor.outcome is Outcome.SUCCESS


def test_a_contact_at_the_goal_is_a_collision():
    monitor = EpisodeMonitor(WORLD)
    monitor.observe(5.0, Pose2D(9.9, 0.0, 0.0), contact=True, min_clearance=0.0)
    assert monitor.outcome is Outcome.COLLISION
    assert monitor.score == 0.0
    assert monitor.min_clearance == 0.0


def test_time_is_up_even_for_a_robot_that_never_moves():
    assert drive(EpisodeMonitor(WORLD), (1.0, 0.5), (101.0, 1.0)).outcome is Outcome.TIMEOUT
    standing = drive(EpisodeMonitor(WORLD), (199.0, 0.0))
    assert standing.outcome is Outcome.RUNNING
    assert drive(standing, (200.0, 0.0)).outcome is Outcome.TIMEOUT


def test_an_aborted_episode_scores_nothing():
    monitor = drive(EpisodeMonitor(WORLD), (1.0, 5.0))
    monitor.abort()
    assert (monitor.outcome, monitor.score) == (Outcome.ABORTED, 0.0)


def test_it_watches_a_simulator():
    monitor = EpisodeMonitor(WORLD)
    with make_simulator(SimConfig.for_robot('jackal', disturbances='ideal')) as sim:
        sim.reset(WORLD, 0)
        while monitor.update(sim) is Outcome.RUNNING:
            sim.step(Twist2D(2.0, 0.0), 0.1)
    # 0.1 m takes sqrt(2 * 0.1 / 3) s, seen at the next 0.1 s; then 2 m/s.
    assert monitor.outcome is Outcome.SUCCESS
    assert monitor.time == pytest.approx(9.0 / 2.0 + 1.0 / 3.0 - 0.3, abs=0.15)
    assert monitor.score == 0.5
    assert math.isinf(monitor.min_clearance)
