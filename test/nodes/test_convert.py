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

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not installed')

from geometry_msgs.msg import Quaternion
from nav_msgs.msg import Odometry as OdometryMsg
from rfsn_ros.errors import SensorError
from rfsn_ros.navigation import (
    make_policy,
    NavigationConfig,
    Navigator,
    Observation,
    Odometry,
    Pose2D,
    Twist2D,
)
from rfsn_ros.nodes import convert
from rfsn_ros.replay.transforms import Mount
from sensor_msgs.msg import LaserScan as LaserScanMsg

any_float = st.floats(width=32)
ranges = st.one_of(
    st.lists(any_float, max_size=40),
    st.builds(lambda n, value: [value] * n, st.integers(0, 2000), any_float),
    st.builds(lambda n, seed: np.random.default_rng(seed).uniform(0, 12, n).tolist(),
              st.integers(1, 2000), st.integers(0, 9)))
geometry = st.fixed_dictionaries({
    'angle_min': st.one_of(any_float, st.sampled_from([-3.14159, 0.0, 2.35])),
    'angle_increment': st.one_of(any_float, st.sampled_from([0.01, -0.01, 0.0, 0.0043])),
    'range_min': st.one_of(any_float, st.just(0.1)),
    'range_max': st.one_of(any_float, st.just(30.0))})
mounts = st.builds(
    Mount, st.builds(Pose2D, st.floats(-1, 1), st.floats(-1, 1), st.floats(-3.2, 3.2)),
    st.booleans())


@pytest.fixture(scope='module')
def navigator():
    config = NavigationConfig()
    return Navigator(config, make_policy('random', config, seed=1))


@settings(max_examples=150)
@given(beams=ranges, geometry=geometry, mount=mounts,
       pose=st.builds(Pose2D, *[st.floats(-50, 50)] * 2, st.floats(-10, 10)),
       twist=st.builds(Twist2D, st.floats(-3, 3), st.floats(-6, 6)))
def test_any_scan_gives_a_finite_decision_within_limits_or_a_clear_refusal(
        navigator, beams, geometry, mount, pose, twist):
    message = LaserScanMsg(ranges=beams, **geometry)
    config = navigator.config
    navigator.reset()
    odometry = Odometry(0.0, pose, twist)
    try:
        scan = convert.laser_scan(message, mount)
        decision = navigator.decide(Observation(scan, odometry, (pose.x + 5.0, pose.y)))
    except SensorError as error:
        assert str(error)
        command = navigator.command(odometry, 0.0)
        assert command == Twist2D()
        return
    assert np.isfinite(decision.context).all()
    assert np.isfinite(decision.actions).all()
    assert decision.pmf.sum() == pytest.approx(1.0)
    assert decision.mask[decision.action]
    command = navigator.command(odometry, 0.0)
    for value in (command, decision.command):
        assert -config.robot.max_reverse <= value.v <= config.robot.max_speed
        assert abs(value.w) <= config.robot.max_turn_rate
    sent = convert.twist_message(command)
    assert math.isfinite(sent.linear.x)
    assert math.isfinite(sent.angular.z)


def test_too_many_and_no_beams_are_refused_with_their_number():
    for count in (0, 20_001):
        message = LaserScanMsg(
            ranges=[1.0] * count, angle_increment=0.01, range_min=0.1, range_max=10.0)
        with pytest.raises(SensorError, match=f'{count} beams'):
            convert.laser_scan(message, Mount(Pose2D()))


def test_a_scan_survives_the_way_through_a_message():
    original = convert.laser_scan(LaserScanMsg(
        ranges=[1.0, math.inf, math.nan, 2.5], angle_min=0.5, angle_increment=-0.25,
        range_min=0.125, range_max=8.0), Mount(Pose2D(0.1, 0.0, 1.5)))
    message = convert.laser_scan_message(original, 'laser')
    assert message.angle_max == pytest.approx(0.5 - 3 * 0.25)
    again = convert.laser_scan(message, Mount(original.mount))
    np.testing.assert_array_equal(again.ranges, original.ranges)
    np.testing.assert_allclose(again.angles, original.angles)


@given(st.floats(-3.1, 3.1), st.floats(-100, 100), st.floats(-100, 100), st.floats(-3, 3),
       st.floats(-6, 6))
def test_odometry_survives_the_way_through_a_message(yaw, x, y, v, w):
    original = Odometry(12.5, Pose2D(x, y, yaw), Twist2D(v, w))
    again = convert.odometry(convert.odometry_message(original, 'odom', 'base_link'))
    assert (again.stamp, again.pose.x, again.pose.y, again.twist) == (12.5, x, y, Twist2D(v, w))
    assert again.pose.yaw == pytest.approx(yaw, abs=1e-9)


@pytest.mark.parametrize('field', ['x', 'v', 'orientation'])
def test_odometry_that_is_not_finite_is_refused(field):
    message = convert.odometry_message(Odometry(0.0, Pose2D(), Twist2D()), 'odom', 'base_link')
    if field == 'x':
        message.pose.pose.position.x = math.nan
    elif field == 'v':
        message.twist.twist.linear.x = math.inf
    else:
        message.pose.pose.orientation = Quaternion(x=0.0, y=0.0, z=0.0, w=0.0)
    with pytest.raises(SensorError):
        convert.odometry(message)
    assert isinstance(message, OdometryMsg)


@given(st.integers(0, 2**31 * 10**9 - 1))
def test_stamps_in_nanoseconds_are_exact(stamp):
    assert convert.nanoseconds(convert.stamp_message(stamp)) == stamp


def test_seconds_become_the_nearest_stamp():
    assert convert.nanoseconds(convert.time_message(1.9999999999)) == 2_000_000_000
