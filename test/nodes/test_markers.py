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

"""Markers show the decision that was made, whatever it was."""

import math

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not installed')

from builtin_interfaces.msg import Time
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
from rfsn_ros.nodes.markers import decision_markers, path_of


@pytest.mark.parametrize('distance', [0.3, 1.0, 5.0])
@pytest.mark.parametrize('policy', ['random', 'greedy', 'dwa'])
def test_every_primitive_is_in_its_marker(distance, policy):
    config = NavigationConfig()
    navigator = Navigator(config, make_policy(policy, config, seed=1))
    pose = Pose2D(1.0, -2.0, 0.7)
    scan = LaserScan(1.0, np.full(180, distance), -math.pi, math.pi / 90, 0.05, 30.0)
    made = navigator.decide(
        Observation(scan, Odometry(1.0, pose, Twist2D(0.5, 0.0)), (6.0, 0.0)))
    feasible, infeasible, chosen, goal = decision_markers(
        made, navigator.library, pose, (6.0, 0.0), stamp=Time(sec=1), frame='odom',
        horizon=0.8).markers
    for marker in (feasible, infeasible):
        assert len(marker.points) == len(marker.colors)
        assert len(marker.points) % 2 == 0
        assert all(0.0 < colour.a <= 1.0 for colour in marker.colors)
    moving = np.array([abs(p.speed) > 0.0 for p in navigator.library.primitives])
    others = np.arange(len(moving)) != made.action
    assert len(feasible.points) == 32 * int((made.mask & moving & others).sum())
    assert len(infeasible.points) == 16 * int((~made.mask & moving & others).sum())
    assert math.dist((chosen.points[0].x, chosen.points[0].y), (1.0, -2.0)) < 1e-9
    assert (goal.pose.position.x, goal.pose.position.y) == (6.0, 0.0)
    assert {marker.header.frame_id for marker in (feasible, infeasible, chosen, goal)} == {'odom'}


@pytest.mark.parametrize('turn', [0.0, 1e-12, 1.5, -1.5])
def test_paths_are_arcs(turn):
    path = path_of(1.0, turn, Pose2D(), 0.8)
    yaw = turn * 0.8
    end = (0.8, 0.0) if abs(turn) < 1e-9 else (
        math.sin(yaw) / turn, (1.0 - math.cos(yaw)) / turn)
    assert math.dist(path[-1], end) < 1e-3


def test_headings_are_straight():
    path = path_of(0.5, 0.0, Pose2D(1.0, 1.0, 2.0), 1.0, heading=0.0)
    assert path[-1].tolist() == pytest.approx([1.5, 1.0])
