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

"""Velocity commands of a lifecycle node; a robot told to rest is told so for a second."""

from __future__ import annotations

from typing import Any

from geometry_msgs.msg import Twist, TwistStamped
from rclpy.duration import Duration
from rclpy.lifecycle import LifecycleNode
from rfsn_ros.config import RFSNConfig
from rfsn_ros.navigation import Twist2D
from rfsn_ros.nodes import convert, qos

__all__ = ['Wheels', 'command_type', 'twist_of']


def command_type(*, stamped: bool) -> Any:
    """Return the message type of `cmd_vel`."""
    return TwistStamped if stamped else Twist


def twist_of(message: Twist | TwistStamped) -> Twist2D:
    """
    Return the command in a message of `cmd_vel`.

    :raises SensorError: it is not finite.
    """
    return convert.twist(message.twist if isinstance(message, TwistStamped) else message)


class Wheels:
    """Publisher of `cmd_vel`, Twist or TwistStamped in the base frame (m/s, rad/s)."""

    def __init__(self, node: LifecycleNode, config: RFSNConfig) -> None:
        self._node = node
        self._stamped = config.driving.stamped
        self._frame = config.frames.base
        self._repeats = round(config.navigation.control_rate)
        self._left = 0
        self.publisher: Any = node.create_lifecycle_publisher(
            command_type(stamped=self._stamped), 'cmd_vel', qos.COMMANDS)

    def send(self, command: Twist2D, now: float) -> None:
        """Publish a command; `now` is ROS time in seconds."""
        message = convert.twist_message(command)
        if not self._stamped:
            self.publisher.publish(message)
            return
        stamped = TwistStamped(twist=message)
        stamped.header.stamp = convert.time_message(now)
        stamped.header.frame_id = self._frame
        self.publisher.publish(stamped)

    def rest(self, now: float) -> None:
        """Publish zero, to be repeated by `keep_resting`: one message may be lost."""
        self.send(Twist2D(), now)
        self._left = self._repeats

    def keep_resting(self, now: float) -> None:
        """Repeat the zero while the second after `rest` lasts, then leave the topic to others."""
        if self._left > 0:
            self._left -= 1
            self.send(Twist2D(), now)

    def flush(self) -> None:
        """Wait until what was sent is received, a second at most."""
        self.publisher.wait_for_all_acked(Duration(seconds=1))

    def destroy(self) -> None:
        """Take the publisher off the graph."""
        self._node.destroy_lifecycle_publisher(self.publisher)
