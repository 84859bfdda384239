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

"""Records topics into a rosbag2 without rosbag2: serialized messages go straight to the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
import re
import time
from typing import Any

from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rfsn_ros.config import RECORDER_NODE
from rfsn_ros.nodes.definitions import definition_of
from rfsn_ros.replay.bag_writer import BagWriter

__all__ = ['Recorder']

_UNWANTED = re.compile(r'(^|/)(rosout|parameter_events|bond|_[^/]*)$|/transition_event$')
_DISCOVERY_PERIOD = 0.1  # as that of rosbag2
_FLUSH_PERIOD = 0.5


class Recorder(Node):
    """
    Subscribes every wanted topic as soon as somebody publishes it.

    `topics` are names or regular expressions (all of the name must match; a name without a
    leading slash is relative to the node's namespace); none means all topics but logs and
    parameter events. The quality of service is what the publishers offer.
    """

    def __init__(
        self, writer: BagWriter, topics: Sequence[str] = (), *, duration: float = 0.0,
        now: Callable[[], int] = time.time_ns, **options: Any,
    ) -> None:
        super().__init__(RECORDER_NODE, start_parameter_services=False, **options)
        self.exit_code: int | None = None
        self._writer = writer
        self._wanted = [re.compile(self._absolute(topic)) for topic in topics]
        self._now = now
        self._ends = time.monotonic() + duration if duration > 0.0 else None
        self._found: dict[str, Any] = {}
        self._finished = False
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(_DISCOVERY_PERIOD, self._discover, clock=steady)
        self.create_timer(_FLUSH_PERIOD, self._flush, clock=steady)

    @property
    def recorded(self) -> dict[str, int]:
        """Messages per topic so far."""
        return self._writer.counts

    def start(self) -> None:
        """Subscribe what is already there, and say that the recorder listens."""
        self._discover()
        self.get_logger().info('ready; Ctrl-C ends the recording')

    def finish(self) -> None:
        """Close the bag."""
        if not self._finished:
            self._finished = True
            self._writer.close()

    def _discover(self) -> None:
        for topic, kinds in self.get_topic_names_and_types():
            if topic in self._found or not self._wants(topic):
                continue
            publishers = self.get_publishers_info_by_topic(topic)
            if not publishers:
                continue
            if len(kinds) != 1:
                self._found[topic] = None
                self.get_logger().warning(f'{topic} has several types {kinds}: not recorded')
                continue
            self._subscribe(topic, kinds[0], [info.qos_profile for info in publishers])

    def _subscribe(self, topic: str, kind: str, offered: Sequence[QoSProfile]) -> None:
        try:
            message = _message_class(kind)
        except (ImportError, AttributeError):
            self._found[topic] = None
            self.get_logger().warning(f'{topic}: {kind} is not installed here: not recorded')
            return
        profile = _matching(offered)
        self._writer.add_topic(topic, kind, definition_of(kind), qos=_described(profile))
        self._found[topic] = self.create_subscription(
            message, topic, partial(self._take, topic), profile, raw=True)
        self.get_logger().info(f'recording {topic} ({kind})')

    def _take(self, topic: str, data: bytes) -> None:
        self._writer.write(topic, self._now(), bytes(data))

    def _flush(self) -> None:
        self._writer.flush()
        if self._ends is not None and time.monotonic() >= self._ends:
            self.exit_code = 0

    def _wants(self, topic: str) -> bool:
        if self._wanted:
            return any(pattern.fullmatch(topic) for pattern in self._wanted)
        return _UNWANTED.search(topic) is None

    def _absolute(self, topic: str) -> str:
        if topic.startswith(('/', '.', '(')):
            return topic
        return self.get_namespace().rstrip('/') + '/' + topic


def _matching(offered: Sequence[QoSProfile]) -> QoSProfile:
    """Return a profile that every publisher's offer satisfies, as strong as that allows."""
    reliable = all(one.reliability == ReliabilityPolicy.RELIABLE for one in offered)
    latched = all(one.durability == DurabilityPolicy.TRANSIENT_LOCAL for one in offered)
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST, depth=1000,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE)


def _described(profile: QoSProfile) -> str:
    """Return a profile in the form that rosbag2 stores and `ros2 bag play` follows."""
    reliability = 1 if profile.reliability == ReliabilityPolicy.RELIABLE else 2
    durability = 1 if profile.durability == DurabilityPolicy.TRANSIENT_LOCAL else 2
    forever = '{sec: 9223372036, nsec: 854775807}'
    return '\n'.join([
        '- history: 1', f'  depth: {profile.depth}', f'  reliability: {reliability}',
        f'  durability: {durability}', f'  deadline: {forever}', f'  lifespan: {forever}',
        '  liveliness: 1', f'  liveliness_lease_duration: {forever}',
        '  avoid_ros_namespace_conventions: false'])


def _message_class(kind: str) -> Any:
    from importlib import import_module
    package, _, name = kind.partition('/msg/')
    return getattr(import_module(f'{package}.msg'), name)
