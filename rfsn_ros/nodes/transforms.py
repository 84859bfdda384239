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

"""Where the laser sits and where a goal is: from TF where it is installed, or parameters."""

from __future__ import annotations

from importlib import import_module
import math
from typing import Any

from geometry_msgs.msg import PoseStamped
from rclpy.node import Node
from rclpy.time import Time
from rfsn_ros.config import FramesConfig
from rfsn_ros.errors import SensorError
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.nodes.convert import yaw_of
from rfsn_ros.replay.transforms import Mount, mount_of

__all__ = ['Transforms', 'apply']


class Transforms:
    """Planar transforms into the base and odom frames."""

    def __init__(self, node: Node, config: FramesConfig) -> None:
        self._config = config
        self._buffer: Any = None
        self._lasers: dict[str, Mount] = {}
        if not config.use_tf:
            return
        try:
            tf2_ros = import_module('tf2_ros')
        except ImportError:
            return
        self._buffer = tf2_ros.Buffer()
        self._listener = tf2_ros.TransformListener(self._buffer, node)

    @property
    def uses_tf(self) -> bool:
        """Whether transforms come from TF."""
        return self._buffer is not None

    def laser(self, frame: str) -> Mount:
        """
        Return how a laser is mounted on the base; without TF it does not hang upside down.

        :raises SensorError: TF is in use and does not know the frame (yet).
        """
        base = self._config.base
        if self._buffer is None:
            return Mount(self._config.laser, base=base)
        if frame not in self._lasers:
            mount = mount_of(self._look_up(base, frame), base)
            if mount is None:
                raise SensorError(f'transform from {frame!r} to {base!r}: is no rotation')
            self._lasers[frame] = mount
        return self._lasers[frame]

    def goal(self, message: PoseStamped) -> tuple[float, float]:
        """
        Return a goal's position in the odom frame.

        :raises SensorError: it is in another frame and TF does not know how to get there.
        """
        point = (float(message.pose.position.x), float(message.pose.position.y))
        frame = message.header.frame_id
        if frame in ('', self._config.odom):
            return point
        if self._buffer is None:
            raise SensorError(
                f'goal: frame {frame!r} is not {self._config.odom!r} and TF is not available')
        found = self._look_up(self._config.odom, frame).transform
        at = Pose2D(found.translation.x, found.translation.y, yaw_of(found.rotation))
        return apply(at, point)

    def _look_up(self, target: str, source: str) -> Any:
        """Return the newest TransformStamped."""
        try:
            return self._buffer.lookup_transform(target, source, Time())
        except Exception as error:  # tf2's exceptions share no importable root without tf2
            raise SensorError(f'no transform from {source!r} to {target!r}: {error}') from None


def apply(frame: Pose2D, point: tuple[float, float]) -> tuple[float, float]:
    """Return a point given in `frame` in the coordinates that `frame` is given in."""
    cos, sin = math.cos(frame.yaw), math.sin(frame.yaw)
    x, y = point
    return frame.x + cos * x - sin * y, frame.y + sin * x + cos * y
