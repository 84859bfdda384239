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

"""Odometry whose velocities tell of another drive than its poses is told by that."""

import math

import pytest
from rfsn_ros.navigation.agreement import Agreement
from rfsn_ros.navigation.observation import Odometry, Pose2D, Twist2D


def drive(said, *, yaw=0.9, turning=0.0, steps=200, pose_set_at=None):
    """Return what is found of a robot at 0.5 m/s whose odometry says `said(v, yaw)`."""
    agreement = Agreement()
    x = y = 0.0
    for step in range(steps):
        if step == pose_set_at:
            x += 7.0
        agreement.add(Odometry(0.05 * step, Pose2D(x, y, yaw), Twist2D(said(0.5, yaw), turning)))
        yaw += 0.05 * turning
        x, y = x + 0.025 * math.cos(yaw), y + 0.025 * math.sin(yaw)
    return agreement.doubt()


@pytest.mark.parametrize('conditions', [
    {}, {'turning': 0.8}, {'turning': -2.0}, {'pose_set_at': 90}, {'steps': 5}, {'steps': 0},
])
def test_honest_odometry_is_believed(conditions):
    assert drive(lambda v, _: 1.1 * v, **conditions) == ''


@pytest.mark.parametrize(('said', 'share'), [
    (lambda v, yaw: 3.0 * v, 3.0), (lambda v, yaw: 0.5 * v, 0.5), (lambda v, yaw: 0.0, 0.0),
    (lambda v, yaw: v * math.cos(yaw), math.cos(0.9)),
])
def test_velocities_that_lead_elsewhere_are_named(said, share):
    assert f'the robot went {share:.2g} times as far as by the poses' in drive(said)


def test_a_single_absurd_velocity_is_enough():
    speeds = iter([0.5] * 100 + [1975.0] + [0.5] * 99)
    assert 'times as far' in drive(lambda *_: next(speeds))


def test_backing_up_counts_like_driving_on():
    agreement = Agreement()
    for step in range(100):
        agreement.add(Odometry(0.1 * step, Pose2D(-0.03 * step, 0.0, 0.0), Twist2D(-0.3, 0.0)))
    assert agreement.doubt() == ''
    agreement.clear()
    agreement.add(Odometry(0.0, Pose2D(), Twist2D(5.0, 0.0)))
    assert agreement.doubt() == ''
