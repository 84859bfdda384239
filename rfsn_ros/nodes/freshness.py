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

"""Whether scan and odometry are good enough, at this moment, to drive by."""

from __future__ import annotations

from collections.abc import Callable
import math
from typing import Any

from rfsn_ros.config import RFSNConfig
from rfsn_ros.nodes.inputs import Inputs

__all__ = ['Freshness']


class Freshness:
    """
    Judges the age of what came and of what was of use; in lockstep, which waits, all is fresh.

    Every `now` is in seconds on a steady clock, every `clock` the time that stamps are of (ROS
    time, seconds). Answers are words for a log, empty where nothing is wrong.
    """

    def __init__(self, inputs: Inputs[Any], config: Callable[[], RFSNConfig]) -> None:
        self._inputs = inputs
        self._config = config
        self._usable_at = -math.inf

    def renew(self, now: float) -> None:
        """Note that a decision was made on what came at `now`, or that a goal came then."""
        self._usable_at = now

    def stale(self, now: float) -> str:
        """Name the input that did not come for too long."""
        driving = self._config().driving
        for name, age in zip(('scan', 'odom'), self._inputs.ages(now), strict=True):
            if age is not None and age > driving.stale_after and not driving.lockstep:
                return name
        return ''

    def mistimed(self, clock: float) -> str:
        """Say which stamps are off by too much."""
        driving = self._config().driving
        return '' if driving.lockstep else self._inputs.mistimed(clock, driving.stale_after)

    def unusable(self, now: float, clock: float) -> str:
        """Say so where inputs come but no decision could be made on them for too long."""
        config = self._config()
        allowed = config.driving.stale_after + config.navigation.decision_period
        if now - self._usable_at <= allowed or config.driving.lockstep:
            return ''
        return 'stamps' if self.mistimed(clock) else 'usable observation'
