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

"""Between ROS messages and the package's own dataclasses; nothing else knows both."""

from __future__ import annotations

from array import array
import math
from typing import Any

from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point, Quaternion, Twist
from geometry_msgs.msg import Pose2D as Pose2DMsg
from nav_msgs.msg import Odometry as OdometryMsg
import numpy as np
from rfsn_ros.errors import SensorError
from rfsn_ros.navigation.observation import FloatArray, LaserScan, Odometry, Pose2D, Twist2D
from rfsn_ros.replay.transforms import Mount
from sensor_msgs.msg import LaserScan as LaserScanMsg

__all__ = [
    'doubles', 'episode_of', 'laser_scan', 'laser_scan_message', 'nanoseconds', 'odometry',
    'odometry_message', 'point_message', 'pose_message', 'quaternion_message', 'seconds',
    'stamp_message', 'time_message', 'twist', 'twist_message', 'yaw_of',
]

MAX_BEAMS = 20_000
"""More beams than any planar lidar has; a longer scan is refused before it costs time."""
MAX_ANGLE = 8.0 * math.pi
"""Angles beyond four turns are no directions but damaged numbers."""


def episode_of(drive: str) -> str:
    """Return the episode that a drive is part of; where memory was lost in it, ``+N`` follows."""
    return drive.partition('+')[0]


def doubles(values: FloatArray) -> array[float]:
    """Return numbers row by row as a float64[] field takes them without looking at each."""
    return array('d', np.asarray(values, dtype=np.float64).tobytes())


def seconds(stamp: Any) -> float:
    """Return a builtin_interfaces/Time as seconds."""
    return float(stamp.sec) + 1e-9 * float(stamp.nanosec)


def nanoseconds(stamp: Any) -> int:
    """Return a builtin_interfaces/Time as whole nanoseconds, the exact form to compare."""
    return int(stamp.sec) * 1_000_000_000 + int(stamp.nanosec)


def time_message(time: float) -> Time:
    """Return seconds as builtin_interfaces/Time."""
    whole = round(time * 1e9)
    return Time(sec=whole // 1_000_000_000, nanosec=whole % 1_000_000_000)


def laser_scan(message: LaserScanMsg, mount: Mount) -> LaserScan:
    """
    Return a scan whose laser sits at `mount` in the base frame.

    Ranges pass as they are: inf, NaN and values out of range have a meaning further on.

    :raises SensorError: the geometry is unusable, or there is no beam or far too many.
    """
    if not 1 <= len(message.ranges) <= MAX_BEAMS:
        raise SensorError(
            f'scan: {len(message.ranges)} beams; must be 1 to {MAX_BEAMS}')
    last = message.angle_min + message.angle_increment * (len(message.ranges) - 1)
    if not (abs(message.angle_min) <= MAX_ANGLE and abs(last) <= MAX_ANGLE):
        raise SensorError(
            f'scan: beams from {message.angle_min} to {last} rad; must lie within '
            f'{MAX_ANGLE:.1f} rad')
    start, step = mount.seen_from_above(float(message.angle_min), float(message.angle_increment))
    return LaserScan(
        stamp=seconds(message.header.stamp),
        ranges=np.array(message.ranges, dtype=np.float64),
        angle_min=start, angle_increment=step,
        range_min=float(message.range_min), range_max=float(message.range_max),
        mount=mount.pose)


def laser_scan_message(scan: LaserScan, frame: str) -> LaserScanMsg:
    """Return a scan as a message in the laser's frame."""
    message = LaserScanMsg()
    message.header.stamp = time_message(scan.stamp)
    message.header.frame_id = frame
    message.angle_min = float(scan.angle_min)
    message.angle_increment = float(scan.angle_increment)
    message.angle_max = float(
        scan.angle_min + scan.angle_increment * max(0, len(scan.ranges) - 1))
    message.range_min = float(scan.range_min)
    message.range_max = float(scan.range_max)
    message.ranges = array('f', np.asarray(scan.ranges, dtype=np.float32).tobytes())
    return message


def odometry(message: OdometryMsg) -> Odometry:
    """
    Return planar odometry.

    :raises SensorError: a number is not finite or the orientation is no rotation.
    """
    pose, motion = message.pose.pose, message.twist.twist
    numbers = (pose.position.x, pose.position.y, motion.linear.x, motion.angular.z)
    if not all(map(math.isfinite, numbers)):
        raise SensorError(f'odom: x, y, v, w must be finite, got {numbers}')
    return Odometry(
        seconds(message.header.stamp),
        Pose2D(pose.position.x, pose.position.y, yaw_of(pose.orientation)),
        Twist2D(motion.linear.x, motion.angular.z))


def odometry_message(value: Odometry, frame: str, child_frame: str) -> OdometryMsg:
    """Return odometry as a message; the twist is in the child frame (REP-105)."""
    message = OdometryMsg()
    message.header.stamp = time_message(value.stamp)
    message.header.frame_id = frame
    message.child_frame_id = child_frame
    message.pose.pose.position.x = float(value.pose.x)
    message.pose.pose.position.y = float(value.pose.y)
    message.pose.pose.orientation = quaternion_message(value.pose.yaw)
    message.twist.twist = twist_message(value.twist)
    return message


def twist(message: Twist) -> Twist2D:
    """
    Return the planar part of a twist.

    :raises SensorError: a number is not finite.
    """
    if not (math.isfinite(message.linear.x) and math.isfinite(message.angular.z)):
        raise SensorError(
            f'twist: v, w must be finite, got {message.linear.x}, {message.angular.z}')
    return Twist2D(message.linear.x, message.angular.z)


def twist_message(value: Twist2D) -> Twist:
    """Return a planar twist as a message."""
    message = Twist()
    message.linear.x = float(value.v)
    message.angular.z = float(value.w)
    return message


def yaw_of(orientation: Quaternion) -> float:
    """
    Return the rotation about z, radians in [-pi, pi].

    :raises SensorError: the quaternion is not finite or has no length.
    """
    x, y, z, w = orientation.x, orientation.y, orientation.z, orientation.w
    norm = x * x + y * y + z * z + w * w
    if not math.isfinite(norm) or norm < 1e-6:
        raise SensorError(f'orientation: ({x}, {y}, {z}, {w}) is no rotation')
    return math.atan2(2.0 * (w * z + x * y) / norm, 1.0 - 2.0 * (y * y + z * z) / norm)


def quaternion_message(yaw: float) -> Quaternion:
    """Return a rotation about z."""
    return Quaternion(x=0.0, y=0.0, z=math.sin(yaw / 2.0), w=math.cos(yaw / 2.0))


def pose_message(pose: Pose2D) -> Pose2DMsg:
    """Return a planar pose as a message."""
    return Pose2DMsg(x=float(pose.x), y=float(pose.y), theta=float(pose.yaw))


def point_message(point: tuple[float, float]) -> Point:
    """Return a point of the plane as a message."""
    return Point(x=float(point[0]), y=float(point[1]), z=0.0)


def stamp_message(stamp: int) -> Time:
    """Return whole nanoseconds as builtin_interfaces/Time."""
    return Time(sec=stamp // 1_000_000_000, nanosec=stamp % 1_000_000_000)
