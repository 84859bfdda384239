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

"""TF stands in here as a module of the few calls that are made; the wheels do not have it."""

import math
import sys
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not installed')

from geometry_msgs.msg import PoseStamped, Quaternion
from rfsn_ros.config import FramesConfig
from rfsn_ros.errors import SensorError
from rfsn_ros.navigation import Pose2D
from rfsn_ros.navigation.memory import beams_of
from rfsn_ros.nodes import convert
from rfsn_ros.nodes.transforms import apply, Transforms
from sensor_msgs.msg import LaserScan


class Buffer:
    known: ClassVar = {}

    def lookup_transform(self, target, source, time):
        x, y, turn = self.known[target, source]
        if not isinstance(turn, Quaternion):
            turn = convert.quaternion_message(turn)
        return SimpleNamespace(transform=SimpleNamespace(
            translation=SimpleNamespace(x=x, y=y, z=0.0), rotation=turn))


@pytest.fixture
def tf2(monkeypatch):
    module = ModuleType('tf2_ros')
    module.Buffer = Buffer
    module.TransformListener = lambda buffer, node: None
    monkeypatch.setitem(sys.modules, 'tf2_ros', module)
    monkeypatch.setattr(Buffer, 'known', {})


def goal(frame, x=1.0, y=2.0):
    message = PoseStamped()
    message.header.frame_id = frame
    message.pose.position.x, message.pose.position.y = x, y
    return message


def test_the_laser_is_where_tf_says(tf2):
    transforms = Transforms(None, FramesConfig(laser_yaw=1.0))
    assert transforms.uses_tf
    with pytest.raises(SensorError, match='no transform'):
        transforms.laser('laser')
    Buffer.known['base_link', 'laser'] = (0.1, 0.0, math.pi / 2)
    mount = transforms.laser('laser')
    assert (mount.pose.x, mount.pose.y) == (0.1, 0.0)
    assert mount.pose.yaw == pytest.approx(math.pi / 2)
    assert not mount.upside_down


def test_what_a_laser_upside_down_sees_to_its_right_is_left_of_the_robot(tf2):
    """Turned by pi about the axis that looks ahead, as under a shelf."""
    Buffer.known['base_link', 'laser'] = (0.1, 0.0, Quaternion(x=1.0, w=0.0))
    message = LaserScan(
        angle_min=-math.pi / 2, angle_max=math.pi / 2, angle_increment=math.pi / 2,
        range_min=0.1, range_max=10.0, ranges=[1.0, 5.0, 5.0])
    scan = convert.laser_scan(message, Transforms(None, FramesConfig()).laser('laser'))
    beams = beams_of(scan, Pose2D(), 10.0)
    assert (beams.end_x[0], beams.end_y[0]) == pytest.approx((0.1, 1.0))


def test_a_transform_that_is_no_rotation_is_refused(tf2):
    Buffer.known['base_link', 'laser'] = (0.1, 0.0, Quaternion(w=0.0))
    with pytest.raises(SensorError, match='no rotation'):
        Transforms(None, FramesConfig()).laser('laser')


def test_a_goal_of_another_frame_is_brought_into_odom(tf2):
    transforms = Transforms(None, FramesConfig())
    Buffer.known['odom', 'map'] = (10.0, 0.0, math.pi / 2)
    assert transforms.goal(goal('map')) == pytest.approx((8.0, 1.0))
    assert transforms.goal(goal('odom')) == (1.0, 2.0)


@pytest.mark.parametrize('use_tf', [True, False])
def test_without_tf_the_parameters_hold(monkeypatch, use_tf):
    monkeypatch.setitem(sys.modules, 'tf2_ros', None)
    transforms = Transforms(None, FramesConfig(use_tf=use_tf, laser_x=0.2, laser_yaw=3.0))
    assert transforms.laser('anything').pose == Pose2D(0.2, 0.0, 3.0)
    assert transforms.goal(goal('')) == (1.0, 2.0)
    with pytest.raises(SensorError, match="'map'"):
        transforms.goal(goal('map'))


def test_a_point_in_a_turned_frame():
    assert apply(Pose2D(1.0, 1.0, math.pi), (2.0, 0.5)) == pytest.approx((-1.0, 0.5))
