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

"""
Where the robot got nowhere: a gap that guidance leads to and the mask does not let it through.

Guidance knows how wide the robot is, not how it has to turn. What it cannot drive, only trying
tells; then the other ways count, however long. So they do where something that moves stays in the
way. Patience and radius are those of Nav2's progress checker.
"""

from __future__ import annotations

import math

import numpy as np
from rfsn_ros.navigation.observation import FloatArray, Pose2D

__all__ = ['Impasses']

_PATIENCE = 10.0  # how long the robot may stay around one place, s
_AROUND = 0.5  # how far it has to get from there, m
_SHARE = 0.1  # for slow robots: of what they could drive in that time
_AHEAD = 0.4  # what is closed lies this far down the way, m
_RADIUS = 0.4  # m


class Impasses:
    """Remembers where a robot of the given speed limit (m/s) stayed too long."""

    def __init__(self, max_speed: float) -> None:
        self._around = min(_AROUND, _SHARE * max_speed * _PATIENCE)
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        self._anchor: tuple[float, float, float] | None = None
        self._spots: list[tuple[float, float, float]] = []

    @property
    def spots(self) -> FloatArray:
        """Return the closed discs, rows (x, y, radius), shape (k, 3), odom frame."""
        return np.array(self._spots).reshape(-1, 3)

    def observe(self, time: float, pose: Pose2D, way: float) -> None:
        """Take in where the robot is at `time` (s) and where its way leads (rad, odom frame)."""
        anchor = self._anchor
        if anchor is None or math.hypot(
                pose.x - anchor[1], pose.y - anchor[2]) > self._around:
            self._anchor = time, pose.x, pose.y
        elif time - anchor[0] > _PATIENCE:
            self._spots.append((
                pose.x + _AHEAD * math.cos(way), pose.y + _AHEAD * math.sin(way), _RADIUS))
            self._anchor = time, pose.x, pose.y
