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

"""What the robot perceives at one instant, in SI units and REP-103 axes (x forward, y left)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import math

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.errors import SensorError

__all__ = [
    'FloatArray',
    'Glimpse',
    'LaserScan',
    'Observation',
    'Odometry',
    'Pose2D',
    'Twist2D',
    'halfway',
]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pose2D:
    """A pose in the plane: x, y in metres, yaw in radians, counter-clockwise."""

    x: float = 0.0
    y: float = 0.0
    yaw: float = 0.0


@dataclass(frozen=True, slots=True)
class Twist2D:
    """Body-frame velocity: `v` forward in m/s, `w` counter-clockwise in rad/s."""

    v: float = 0.0
    w: float = 0.0


@dataclass(frozen=True, slots=True)
class LaserScan:
    """
    One scan in the words of sensor_msgs/LaserScan.

    `ranges` has shape (n,), metres: inf means nothing within `range_max`; NaN and whatever lies
    outside [range_min, range_max] is invalid. Beam i points at ``angle_min + i *
    angle_increment`` (either sign) in the laser's frame; `mount` is the laser's pose in
    base_link. `stamp` is in seconds.
    """

    stamp: float
    ranges: FloatArray
    angle_min: float
    angle_increment: float
    range_min: float
    range_max: float
    mount: Pose2D = Pose2D()

    def __post_init__(self) -> None:
        """
        Refuse geometry that no beam can be placed with.

        :raises SensorError: a number is not finite or the range limits are not ordered.
        """
        numbers = (self.stamp, self.angle_min, self.angle_increment, self.range_min)
        if not all(math.isfinite(number) for number in numbers):
            raise SensorError(
                'scan: stamp, angle_min, angle_increment, range_min must be finite, got '
                f'{numbers}')
        if not 0.0 <= self.range_min < self.range_max:
            raise SensorError(
                f'scan: 0 <= range_min < range_max must hold, got range_min {self.range_min}, '
                f'range_max {self.range_max}')
        if self.ranges.ndim != 1:
            raise SensorError(f'scan: ranges must be one row, got shape {self.ranges.shape}')

    @property
    def angles(self) -> FloatArray:
        """Beam directions in the laser's frame, shape (n,), radians."""
        steps = np.arange(len(self.ranges), dtype=np.float64)
        return self.angle_min + self.angle_increment * steps


@dataclass(frozen=True, slots=True)
class Odometry:
    """Pose in the odom frame and body-frame twist at `stamp` (seconds)."""

    stamp: float
    pose: Pose2D
    twist: Twist2D


Glimpse = tuple[LaserScan, Odometry]
"""A scan, and the odometry at its time or nearest to it."""


@dataclass(frozen=True, slots=True)
class Observation:
    """
    All that one decision may look at; `goal` is (x, y) in the odom frame, metres.

    `midway` is a scan with its odometry from about half way since the observation before, where
    there is one: what moves is followed better for it. All else comes from `scan` alone.
    """

    scan: LaserScan
    odometry: Odometry
    goal: tuple[float, float]
    midway: Glimpse | None = None

    @property
    def stamp(self) -> float:
        """Time of the newer of its two sources, seconds."""
        return max(self.scan.stamp, self.odometry.stamp)


def halfway(stamps: Sequence[float], first: float, last: float) -> int | None:
    """
    Return which of some stamps is nearest to the middle of `first` and `last`.

    None is where all are nearer to one of them than a quarter of the time between.
    """
    middle, reach = 0.5 * (first + last), 0.25 * (last - first)
    near = [number for number, stamp in enumerate(stamps) if abs(stamp - middle) <= reach]
    return min(near, key=lambda number: abs(stamps[number] - middle), default=None)
