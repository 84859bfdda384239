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

"""A world: static obstacles, where the robot starts and where it has to go."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
import math

import numpy as np
from rfsn_ros.errors import WorldError
from rfsn_ros.navigation.observation import FloatArray, Pose2D

__all__ = ['World', 'task_name', 'time_limit']

TIMEOUT = 100.0
"""How long a drive may take in BARN, seconds."""
PACE = 0.1
"""Mean speed along the shortest way that there is always time for, m/s: that of BARN for 10 m, and
less than half of what the slowest robot known by name can drive."""


def _rows(columns: int) -> FloatArray:
    return np.zeros((0, columns))


@dataclass(frozen=True, kw_only=True, eq=False)
class World:
    """
    Static obstacles and one task, all in the world frame (metres, radians).

    `circles` has rows (x, y, radius); `boxes` rows (x, y, half length, half width, yaw);
    `segments` rows (x1, y1, x2, y2). `reference_length` is the length of the path that the
    BARN score compares with; `timeout` (s) ends a drive. `skipped` names what the source held and
    the world does not.
    """

    name: str
    start: Pose2D
    goal: tuple[float, float]
    reference_length: float
    circles: FloatArray = field(default_factory=lambda: _rows(3))
    boxes: FloatArray = field(default_factory=lambda: _rows(5))
    segments: FloatArray = field(default_factory=lambda: _rows(4))
    goal_tolerance: float = 1.0
    timeout: float = TIMEOUT
    skipped: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """
        Bring the arrays into their shapes.

        :raises WorldError: a number is not finite, a size not positive, a shape wrong, or the
            start is at the goal.
        """
        for name, columns in (('circles', 3), ('boxes', 5), ('segments', 4)):
            try:
                rows = np.array(getattr(self, name), dtype=np.float64).reshape(-1, columns)
            except (TypeError, ValueError):
                raise WorldError(f'{self.name}: {name} must be rows of {columns} numbers'
                                 ) from None
            if not np.isfinite(rows).all():
                raise WorldError(f'{self.name}: {name} must be finite')
            rows.setflags(write=False)
            object.__setattr__(self, name, rows)
        if (self.circles[:, 2] <= 0.0).any() or (self.boxes[:, 2:4] <= 0.0).any():
            raise WorldError(f'{self.name}: sizes of circles and boxes must be > 0')
        pose = (self.start.x, self.start.y, self.start.yaw, *self.goal)
        if not all(math.isfinite(number) for number in pose):
            raise WorldError(f'{self.name}: start and goal must be finite, got {pose}')
        for name in ('reference_length', 'goal_tolerance', 'timeout'):
            value = getattr(self, name)
            if not (math.isfinite(value) and value > 0.0):
                raise WorldError(f'{self.name}: {name} = {value!r}: must be > 0')
        distance = math.hypot(self.goal[0] - self.start.x, self.goal[1] - self.start.y)
        if distance < self.goal_tolerance:
            raise WorldError(
                f'{self.name}: the goal is {distance:g} m from the start: must be >= '
                f'goal_tolerance = {self.goal_tolerance:g} m')

    @cached_property
    def edges(self) -> FloatArray:
        """Segments and the sides of all boxes, shape (n, 4)."""
        x, y, half_length, half_width, yaw = self.boxes.T
        cos, sin = np.cos(yaw), np.sin(yaw)
        corners = [
            (x + a * half_length * cos - b * half_width * sin,
             y + a * half_length * sin + b * half_width * cos)
            for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1))
        ]
        sides = [
            np.column_stack([*corners[i], *corners[(i + 1) % 4]]) for i in range(4)
        ]
        return np.ascontiguousarray(np.vstack([self.segments, *sides]))

    @cached_property
    def goal_from_start(self) -> tuple[float, float]:
        """Return the goal in the frame of the start pose, where odometry begins at zero."""
        dx, dy = self.goal[0] - self.start.x, self.goal[1] - self.start.y
        cos, sin = math.cos(self.start.yaw), math.sin(self.start.yaw)
        return cos * dx + sin * dy, cos * dy - sin * dx

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """Smallest rectangle (x_min, y_min, x_max, y_max) around obstacles, start and goal."""
        x, y, radius = self.circles.T
        points = np.vstack([
            np.column_stack([x - radius, y - radius]), np.column_stack([x + radius, y + radius]),
            self.edges[:, :2], self.edges[:, 2:],
            [[self.start.x, self.start.y], list(self.goal)],
        ])
        low, high = points.min(axis=0), points.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    @property
    def straight_length(self) -> float:
        """Distance from the start to where the goal's tolerance begins, metres."""
        distance = math.hypot(self.goal[0] - self.start.x, self.goal[1] - self.start.y)
        return max(distance - self.goal_tolerance, 0.0)


def time_limit(reference_length: float) -> float:
    """
    Return how long a drive may take, seconds: as in BARN, and longer on a way of more than 10 m.

    >>> time_limit(8.0), time_limit(30.0)
    (100.0, 300.0)
    """
    return max(TIMEOUT, reference_length / PACE)


def task_name(source: str, start: Pose2D, goal: tuple[float, float]) -> str:
    """
    Return the name of a world with start and goal given, apart from others of one source.

    >>> task_name('map:office', Pose2D(1.0, 2.0, 0.0), (5.5, 8.0))
    'map:office:1,2,0/5.5,8'
    """
    numbers = [f'{number:.10g}' for number in (start.x, start.y, start.yaw, *goal)]
    return f'{source}:{",".join(numbers[:3])}/{",".join(numbers[3:])}'
