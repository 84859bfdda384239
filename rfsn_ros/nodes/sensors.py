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

"""What the sensors of a simulated robot send."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from geometry_msgs.msg import TransformStamped
from nav_msgs.msg import Odometry as OdometryMsg
from rclpy.node import Node
from rfsn_ros.config import RFSNConfig
from rfsn_ros.nodes import convert, qos
from rfsn_ros.sim.series import EpisodeSeries
from rosgraph_msgs.msg import Clock as ClockMsg
from sensor_msgs.msg import LaserScan as LaserScanMsg

__all__ = ['SimulatedSensors']

LASER_FRAME = 'laser'


class SimulatedSensors:
    """Publishes `/clock`, `scan`, `odom`, `ground_truth` and, where tf2_ros is installed, TF."""

    def __init__(self, node: Node, config: RFSNConfig) -> None:
        self._node = node
        self._frames = config.frames
        self._clocks = node.create_publisher(ClockMsg, '/clock', qos.CLOCK)
        self.odometry = node.create_publisher(OdometryMsg, 'odom', qos.SIMULATED_SENSORS)
        self._truth = node.create_publisher(OdometryMsg, 'ground_truth', qos.SIMULATED_SENSORS)
        self.scans = node.create_publisher(LaserScanMsg, 'scan', qos.SIMULATED_SENSORS)
        self._transforms = _Transforms(node, config)

    def send_clock(self, series: EpisodeSeries) -> None:
        """Publish the time."""
        self._clocks.publish(ClockMsg(clock=convert.time_message(series.now)))

    def send_odometry(self, series: EpisodeSeries) -> None:
        """Publish odometry and, where somebody listens, the truth."""
        frames = self._frames
        message = convert.odometry_message(series.odometry(), frames.odom, frames.base)
        self.odometry.publish(message)
        self._transforms.publish(message)
        if self._truth.get_subscription_count():
            self._truth.publish(
                convert.odometry_message(series.truth(), 'world', frames.base))

    def send_scan(self, series: EpisodeSeries) -> int:
        """Publish a scan; return its stamp, nanoseconds."""
        message = convert.laser_scan_message(series.scan(), LASER_FRAME)
        self.scans.publish(message)
        return convert.nanoseconds(message.header.stamp)

    def destroy(self) -> None:
        """Take the publishers off the graph."""
        for publisher in (self._clocks, self.odometry, self._truth, self.scans):
            self._node.destroy_publisher(publisher)


class _Transforms:
    """odom -> base and base -> laser, where tf2_ros is installed."""

    def __init__(self, node: Node, config: RFSNConfig) -> None:
        self._broadcaster: Any = None
        try:
            tf2_ros = import_module('tf2_ros')
        except ImportError:
            return
        self._broadcaster = tf2_ros.TransformBroadcaster(node)
        self._static = tf2_ros.StaticTransformBroadcaster(node)
        mount = config.sim.lidar.mount
        laser = TransformStamped(child_frame_id=LASER_FRAME)
        laser.header.frame_id = config.frames.base
        laser.transform.translation.x = float(mount.x)
        laser.transform.translation.y = float(mount.y)
        laser.transform.rotation = convert.quaternion_message(mount.yaw)
        self._static.sendTransform(laser)

    def publish(self, odometry: OdometryMsg) -> None:
        """Publish odom -> base."""
        if self._broadcaster is None:
            return
        moved = TransformStamped(header=odometry.header, child_frame_id=odometry.child_frame_id)
        position = odometry.pose.pose.position
        moved.transform.translation.x = position.x
        moved.transform.translation.y = position.y
        moved.transform.rotation = odometry.pose.pose.orientation
        self._broadcaster.sendTransform(moved)
