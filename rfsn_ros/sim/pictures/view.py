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

"""The part of the plane that a picture shows, and where in the picture its places are."""

from __future__ import annotations

from collections.abc import Sequence
import math

import numpy as np
from rfsn_ros.sim.config import RobotConfig
from rfsn_ros.sim.worlds import World

__all__ = ['OVERSAMPLING', 'View']

OVERSAMPLING = 2
"""Scenes are drawn this many times as large as they are shown."""
HEADER, BORDER = 58, 0.4
"""Strip for text (pixels); border around the world (m)."""
SURROUNDINGS = 4.0
"""How far from start and goal the world is shown, metres."""
LARGEST_HEIGHT = 1.2
"""Largest height of a picture, as a multiple of its width."""


class View:
    """
    From metres to pixels; the way from start to goal runs from left to right.

    `size` is that of the picture (pixels); `scale` (pixels per metre) and places are those of the
    drawing, which is `OVERSAMPLING` times as large.
    """

    def __init__(
        self, world: World, robot: RobotConfig, *, width: int,
        way: Sequence[tuple[float, float]],
    ) -> None:
        """`way` are places (m, world frame) that have to be in the picture."""
        heading = math.atan2(world.goal[1] - world.start.y, world.goal[0] - world.start.x)
        self._cos, self._sin = math.cos(heading), math.sin(heading)
        x_min, y_min, x_max, y_max = self._extent(world, robot, way)
        self.scale = OVERSAMPLING * width * min(
            1.0 / (x_max - x_min), LARGEST_HEIGHT / (y_max - y_min))
        self._left = 0.5 * (x_min + x_max - OVERSAMPLING * width / self.scale)
        self._top = y_max
        self.size = (width, round(self.scale * (y_max - y_min) / OVERSAMPLING) + HEADER)

    def pixel(self, x: float, y: float) -> tuple[float, float]:
        """Return where in the drawing a place (m, world frame) is."""
        x, y = self._turn(x, y)
        return ((x - self._left) * self.scale,
                (self._top - y) * self.scale + OVERSAMPLING * HEADER)

    def _extent(
        self, world: World, robot: RobotConfig, way: Sequence[tuple[float, float]],
    ) -> tuple[float, float, float, float]:
        """Return the part of the plane that is shown, in the picture's axes (m)."""
        low_x, low_y, high_x, high_y = world.bounds
        corners = np.array([self._turn(x, y) for x in (low_x, high_x) for y in (low_y, high_y)])
        tasks = np.array([self._turn(world.start.x, world.start.y), self._turn(*world.goal)])
        low = np.maximum(corners.min(axis=0), tasks.min(axis=0) - SURROUNDINGS)
        high = np.minimum(corners.max(axis=0), tasks.max(axis=0) + SURROUNDINGS)
        # Whatever the obstacles leave out, the goal is shown whole.
        around = max(world.goal_tolerance, 1.0)
        low = np.minimum(low, tasks.min(axis=0) - around) - BORDER
        high = np.maximum(high, tasks.max(axis=0) + around) + BORDER
        if len(way):
            # nor does the robot leave the picture on a way around
            reach = 0.5 * math.hypot(robot.length, robot.width) + BORDER
            places = np.array([self._turn(*place) for place in way])
            low = np.minimum(low, places.min(axis=0) - reach)
            high = np.maximum(high, places.max(axis=0) + reach)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def _turn(self, x: float, y: float) -> tuple[float, float]:
        return self._cos * x + self._sin * y, self._cos * y - self._sin * x
