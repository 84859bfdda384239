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

"""Whatever a laser or an odometer sends: a finite decision or a clear refusal."""

import math

from hypothesis import given, HealthCheck, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from rfsn_ros.errors import InputError, SensorError
from rfsn_ros.navigation import (
    LaserScan,
    make_policy,
    NavigationConfig,
    Navigator,
    Observation,
    Odometry,
    Pose2D,
    Twist2D,
)

CONFIG = NavigationConfig()
NUMBER = st.floats(-1e3, 1e3)
RANGE = st.one_of(
    st.floats(0.0, 40.0), st.sampled_from([math.nan, math.inf, -math.inf, -1.0, 0.0, 1e-3]))


@pytest.fixture(scope='module')
def navigator():
    return Navigator(CONFIG, make_policy('random', CONFIG))


@st.composite
def observations(draw):
    ranges = np.array(draw(st.lists(RANGE, max_size=40)), dtype=float)
    ranges = np.tile(ranges, draw(st.integers(1, 50)))
    increment = draw(st.sampled_from([0.006, -0.006, 0.1, -3.0, 0.0]))
    scan = LaserScan(
        draw(st.floats(0.0, 5.0)), ranges, draw(st.floats(-7.0, 7.0)), increment, 0.1, 30.0,
        Pose2D(0.1, 0.0, draw(st.floats(-4.0, 4.0))))
    odometry = Odometry(
        draw(st.floats(0.0, 5.0)), Pose2D(draw(NUMBER), draw(NUMBER), draw(NUMBER)),
        Twist2D(draw(st.floats(-3.0, 3.0)), draw(st.floats(-9.0, 9.0))))
    return Observation(scan, odometry, (draw(NUMBER), draw(NUMBER)))


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(observation=observations(), fresh=st.booleans())
def test_any_observation_gives_a_finite_decision_or_a_sensor_error(navigator, observation, fresh):
    if fresh:
        navigator.reset()
    try:
        decision = navigator.decide(observation)
    except SensorError:
        return
    assert np.isfinite(decision.context).all()
    assert np.isfinite(decision.actions).all()
    assert decision.context.shape == (len(navigator.context_names),)
    assert decision.actions.shape == (len(navigator.library), len(navigator.action_names))
    assert decision.pmf.sum() == pytest.approx(1.0)
    assert not decision.pmf[~decision.mask].any()
    command = navigator.command(observation.odometry, observation.stamp)
    for twist in (command, decision.command):
        assert -CONFIG.robot.max_reverse <= twist.v <= CONFIG.robot.max_speed
        assert abs(twist.w) <= CONFIG.robot.max_turn_rate


@pytest.mark.parametrize('beams', [1, 2, 3, 181, 2000])
@pytest.mark.parametrize('sign', [1.0, -1.0])
def test_any_number_of_beams_in_either_direction(navigator, beams, sign):
    navigator.reset()
    scan = LaserScan(0.0, np.full(beams, 3.0), -sign * 2.3, sign * 4.6 / beams, 0.1, 30.0)
    decision = navigator.decide(Observation(scan, Odometry(0.0, Pose2D(), Twist2D()), (5.0, 0.0)))
    assert np.isfinite(decision.context).all()


def test_scan_direction_does_not_matter(navigator):
    ranges = np.linspace(1.0, 6.0, 300)
    decisions = []
    for data, start, step in ((ranges, -2.0, 0.01), (ranges[::-1].copy(), 0.99, -0.01)):
        navigator.reset()
        scan = LaserScan(0.0, data, start, step, 0.1, 30.0)
        decisions.append(navigator.decide(
            Observation(scan, Odometry(0.0, Pose2D(), Twist2D()), (5.0, 0.0))))
    np.testing.assert_allclose(decisions[0].context, decisions[1].context, atol=1e-6)


@pytest.mark.parametrize('ranges', [[], [math.nan] * 10, [0.0, 99.0]])
def test_a_scan_that_says_nothing_is_refused_by_name(navigator, ranges):
    navigator.reset()
    scan = LaserScan(0.0, np.array(ranges, dtype=float), 0.0, 0.1, 0.1, 30.0)
    with pytest.raises(SensorError, match='scan'):
        navigator.decide(Observation(scan, Odometry(0.0, Pose2D(), Twist2D()), (5.0, 0.0)))


@pytest.mark.parametrize(('pose', 'goal', 'word'), [
    (Pose2D(math.nan, 0.0, 0.0), (1.0, 0.0), 'odometry'),
    (Pose2D(), (math.inf, 0.0), 'goal'),
    (Pose2D(1e9, 0.0, 0.0), (1.0, 0.0), 'odometry'),
])
def test_bad_odometry_and_goals_are_refused_by_name(navigator, pose, goal, word):
    scan = LaserScan(0.0, np.full(10, 3.0), 0.0, 0.1, 0.1, 30.0)
    with pytest.raises(SensorError, match=word):
        navigator.decide(Observation(scan, Odometry(0.0, pose, Twist2D()), goal))


@pytest.mark.parametrize(('twist', 'words'), [
    (Twist2D(1975.4, 0.0), r'speed 1975 m/s, more than 10 times the 2 m/s'),
    (Twist2D(0.0, -609.7), r'turn rate -609\.7 rad/s, more than 10 times the 4 rad/s'),
])
def test_odometry_that_no_robot_can_have_is_refused(navigator, twist, words):
    """A real Neato's driver wrote these numbers when its clock stumbled."""
    scan = LaserScan(0.0, np.full(10, 3.0), 0.0, 0.1, 0.1, 30.0)
    with pytest.raises(SensorError, match=words):
        navigator.decide(Observation(scan, Odometry(0.0, Pose2D(), twist), (5.0, 0.0)))


def test_no_decision_no_motion(navigator):
    navigator.reset()
    assert navigator.command(Odometry(0.0, Pose2D(), Twist2D()), 0.0) == Twist2D()
    with pytest.raises(InputError, match='time'):
        navigator.command(Odometry(0.0, Pose2D(), Twist2D()), math.nan)
