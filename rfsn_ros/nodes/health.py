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

"""What a node tells about itself: counters, latencies and one diagnostic status."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
import math
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
import numpy as np
from rclpy.clock import Clock, ClockType
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.timer import Timer

__all__ = ['Health', 'Latencies', 'level']

DIAGNOSTICS = '/diagnostics'
_INCOMPATIBLE = 'a publisher offers an incompatible quality of service'


class Latencies:
    """The last `size` durations in seconds and their quantiles."""

    def __init__(self, size: int = 1000) -> None:
        self._values: deque[float] = deque(maxlen=size)

    def add(self, value: float) -> None:
        """Note a duration."""
        self._values.append(value)

    def __len__(self) -> int:
        return len(self._values)

    def quantile(self, share: float) -> float:
        """Return a quantile; NaN before the first value."""
        return float(np.quantile(self._values, share)) if self._values else math.nan


class Health:
    """Counters of a node and its publisher of diagnostics."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._publisher = node.create_publisher(DiagnosticArray, DIAGNOSTICS, QoSProfile(depth=10))
        self.counts: Counter[str] = Counter()
        self._timer: Timer | None = None
        self._incompatible = False

    def events(self) -> SubscriptionEventCallbacks:
        """Return callbacks of a subscription, for diagnostics to tell that it cannot receive."""
        return SubscriptionEventCallbacks(incompatible_qos=self._on_incompatible)

    def every(self, period: float, report: Callable[[], None]) -> Timer:
        """Return a timer (steady clock) that calls `report` every `period` seconds."""
        self._timer = self._node.create_timer(
            period, report, clock=Clock(clock_type=ClockType.STEADY_TIME))
        return self._timer

    def set_period(self, period: float) -> None:
        """Change the period of the timer, seconds; one that its node has destroyed is left."""
        if self._timer is not None and self._timer in self._node.timers:
            self._timer.timer_period_ns = round(period * 1e9)
            self._timer.reset()  # or the new period begins only when the old one is over

    def complain(self, kind: str, error: Exception | str) -> None:
        """Count a message that is of no use, and log why, once a second at most."""
        self.counts[kind] += 1
        self._node.get_logger().warning(str(error), throttle_duration_sec=1.0)

    def publish(
        self, problems: list[str], values: Mapping[str, object], *, error: bool = False,
    ) -> None:
        """Publish one status: OK without problems, else WARN or ERROR with all of them."""
        if self._incompatible:
            problems = [*problems, _INCOMPATIBLE]
        status = DiagnosticStatus(
            level=level(problems, error=error),
            name=self._node.get_fully_qualified_name().lstrip('/'),
            message='; '.join(problems) or 'ok', hardware_id='rfsn_ros',
            values=[KeyValue(key=key, value=_word(value)) for key, value in
                    {**values, **self.counts}.items()])
        message = DiagnosticArray(status=[status])
        message.header.stamp = self._node.get_clock().now().to_msg()
        self._publisher.publish(message)

    def _on_incompatible(self, event: Any) -> None:
        self._incompatible = True
        self._node.get_logger().warning(f'{_INCOMPATIBLE}; nothing is received from it')


def level(problems: list[str], *, error: bool) -> bytes:
    """Return the level of a status."""
    if not problems:
        return bytes(DiagnosticStatus.OK)
    return bytes(DiagnosticStatus.ERROR if error else DiagnosticStatus.WARN)


def _word(value: object) -> str:
    return f'{value:.6g}' if isinstance(value, float) else str(value)
