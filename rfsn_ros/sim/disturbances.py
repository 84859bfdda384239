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
What keeps a robot from being ideal: one small class each, seeded, alike in both simulators.

Each is made from its settings and a generator of its own, so switching one on or off changes
nothing in the random numbers of the others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
import math

import numpy as np
from rfsn_ros.navigation.observation import FloatArray, Twist2D
from rfsn_ros.sim.config import (
    BlindSectorConfig,
    CommandLatencyConfig,
    DropoutsConfig,
    LidarNoiseConfig,
    MovingObstaclesConfig,
    OdometryDriftConfig,
    SlipConfig,
)
from rfsn_ros.sim.worlds import World

__all__ = [
    'BlindSector',
    'CommandLatency',
    'Dropouts',
    'LidarNoise',
    'MovingObstacles',
    'OdometryDrift',
    'Slip',
]


class _Normals:
    """Standard normal numbers, drawn in blocks: a call per tick would cost more than physics."""

    def __init__(self, rng: np.random.Generator, block: int = 512) -> None:
        self._rng, self._block = rng, block
        self._numbers: list[float] = []

    def __call__(self) -> float:
        if not self._numbers:
            self._numbers = self._rng.standard_normal(self._block).tolist()
        return self._numbers.pop()


class LidarNoise:
    """Gaussian noise on every range."""

    def __init__(self, config: LidarNoiseConfig, rng: np.random.Generator) -> None:
        self._sigma, self._rng = config.sigma, rng

    def apply(self, ranges: FloatArray) -> None:
        """Add noise in place; what was beyond reach stays inf, no range becomes negative."""
        if self._sigma > 0.0:
            ranges += self._sigma * self._rng.standard_normal(len(ranges))
            np.maximum(ranges, 0.0, out=ranges)


class Dropouts:
    """Beams without a valid return, each at random."""

    def __init__(self, config: DropoutsConfig, rng: np.random.Generator) -> None:
        self._rate, self._rng = config.rate, rng

    def apply(self, ranges: FloatArray) -> None:
        """Set the lost beams to NaN in place."""
        if self._rate > 0.0:
            ranges[self._rng.random(len(ranges)) < self._rate] = np.nan


class BlindSector:
    """A sector without valid returns; its middle is drawn within the field of view."""

    def __init__(
        self, config: BlindSectorConfig, rng: np.random.Generator, directions: FloatArray,
    ) -> None:
        """`directions` are those of the beams in base_link, shape (n,), radians."""
        center = (rng.uniform(directions.min(), directions.max()) if config.center is None
                  else math.radians(config.center))
        offset = np.abs((directions - center + math.pi) % (2 * math.pi) - math.pi)
        self._blind = offset <= math.radians(config.width) / 2
        self._any = config.width > 0.0

    def apply(self, ranges: FloatArray) -> None:
        """Set the beams of the sector to NaN in place."""
        if self._any:
            ranges[self._blind] = np.nan


class OdometryDrift:
    """
    Dead reckoning that scales distances and loses its heading while driving.

    It begins at (0, 0, 0) and sees the motion of the body, as wheel odometry fused with a gyro
    does: a wheel that slips is not an error of its own.
    """

    def __init__(self, config: OdometryDriftConfig, rng: np.random.Generator) -> None:
        self._normal = _Normals(rng)
        self._scale = 1.0 + config.distance_sigma * self._normal()
        self._heading_sigma, self._twist_sigma = config.heading_sigma, config.twist_sigma
        self.x = self.y = self.yaw = 0.0

    def advance(self, forward: float, left: float, turn: float) -> None:
        """Add a motion of the body, in metres and radians in its own frame."""
        forward, left = forward * self._scale, left * self._scale
        middle = self.yaw + 0.5 * turn
        cos, sin = math.cos(middle), math.sin(middle)
        self.x += cos * forward - sin * left
        self.y += sin * forward + cos * left
        self.yaw += turn
        if self._heading_sigma > 0.0:
            self.yaw += self._heading_sigma * math.sqrt(math.hypot(forward, left)) * (
                self._normal())

    def twist(self, v: float, w: float) -> Twist2D:
        """Return a measurement of the body's velocities."""
        if self._twist_sigma == 0.0:
            return Twist2D(v * self._scale, w)
        return Twist2D(v * self._scale + self._twist_sigma * self._normal(),
                       w + self._twist_sigma * self._normal())

    def configure(self, config: OdometryDriftConfig) -> None:
        """Take other settings without losing the pose."""
        self._scale = 1.0 + config.distance_sigma * self._normal()
        self._heading_sigma, self._twist_sigma = config.heading_sigma, config.twist_sigma


class CommandLatency:
    """A queue in which every command waits; commands never overtake each other."""

    def __init__(self, config: CommandLatencyConfig) -> None:
        self._delay = config.seconds
        self._waiting: deque[tuple[float, float, float]] = deque()
        self._current = (0.0, 0.0)

    def push(self, time: float, v: float, w: float) -> None:
        """Enter a command sent at `time`."""
        due = time + self._delay
        if self._waiting:
            due = max(due, self._waiting[-1][0])
        self._waiting.append((due, v, w))

    def at(self, time: float) -> tuple[float, float]:
        """Return the command (v, w) in force at `time`; times must not decrease."""
        while self._waiting and self._waiting[0][0] <= time + 1e-9:
            _, v, w = self._waiting.popleft()
            self._current = (v, w)
        return self._current

    def configure(self, config: CommandLatencyConfig) -> None:
        """Take another delay for the commands to come."""
        self._delay = config.seconds


class Slip:
    """The share of the wheels' motion that reaches the ground, slowly varying."""

    CORRELATION_TIME = 0.5

    def __init__(self, config: SlipConfig, rng: np.random.Generator, tick: float) -> None:
        self._normal = _Normals(rng)
        self._mean = (1.0 - config.linear, 1.0 - config.angular)
        self._variation = config.variation
        self._keep = math.exp(-tick / self.CORRELATION_TIME)
        self._kick = math.sqrt(1.0 - self._keep ** 2)
        self._deviation = (self._normal(), self._normal())

    def grip(self) -> tuple[float, float]:
        """Advance one tick; return the shares (linear, angular) that are left, in [0, 1]."""
        if self._variation == 0.0:
            return self._mean
        linear, angular = self._deviation
        linear = self._keep * linear + self._kick * self._normal()
        angular = self._keep * angular + self._kick * self._normal()
        self._deviation = (linear, angular)
        return (min(max(self._mean[0] + self._variation * linear, 0.0), 1.0),
                min(max(self._mean[1] + self._variation * angular, 0.0), 1.0))


class MovingObstacles:
    """
    Discs going to and fro on lines across the way from start to goal.

    They never give way. Each turns round before static obstacles, slowing down and speeding up
    again as people and carts must (`TURNING`), and needs a line long enough to leave the way
    again: what paces up and down in a doorway blocks it rather than crosses it. Lines keep apart,
    for no two could pass through each other. Where the world has no such line, the longest found
    is taken. Where a disc is follows from the time alone.
    """

    STEP = 0.05
    CLEAR_OF_ENDS = 1.5
    TRIES = 60
    LINE = 2.0
    """Length from which on a line is taken at once, metres."""
    TURNING = 2.0
    """Acceleration with which they turn round, m/s^2."""

    def __init__(
        self, config: MovingObstaclesConfig, rng: np.random.Generator, world: World,
        clearance: Callable[[float, float, float], float],
    ) -> None:
        """`clearance(x, y, radius)` is the free distance around a disc in the static world."""
        self._radius = config.radius
        lines: list[tuple[float, ...]] = []
        dx, dy = world.goal[0] - world.start.x, world.goal[1] - world.start.y
        distance = math.hypot(dx, dy)
        margin = min(self.CLEAR_OF_ENDS / distance, 0.4) if distance > 0.0 else 0.0
        for _ in range(config.count):
            best, line = (False, -1.0), (0.0,) * 6
            for _ in range(self.TRIES):
                share = rng.uniform(margin, 1.0 - margin)
                heading = math.atan2(dy, dx) + math.pi / 2 + rng.uniform(-0.5, 0.5)
                x, y = world.start.x + share * dx, world.start.y + share * dy
                low, high = self._free_stretch(x, y, heading, config.reach, clearance)
                found = (x, y, math.cos(heading), math.sin(heading), low, high)
                worth = (self._apart(found, lines), min(high - low, self.LINE))
                if worth > best:
                    best, line = worth, found
                if best == (True, self.LINE):
                    break
            # on a short line there is no room to reach full speed
            speed = min(rng.uniform(0.5, 1.0) * config.max_speed,
                        math.sqrt(self.TURNING * max(line[5] - line[4], 1e-9)))
            phase = rng.uniform(0.0, 2.0)
            lines.append((*line, speed, phase))
        self._lines = np.array(lines).reshape(-1, 8)

    def _apart(self, line: tuple[float, ...], others: list[tuple[float, ...]]) -> bool:
        """Return whether a disc on `line` can never touch one on another line."""
        mine = _points(line, self.STEP)
        return all(
            np.hypot(*(mine[:, None] - _points(other, self.STEP)).T).min() > 2.0 * self._radius
            for other in others)

    def _free_stretch(
        self, x: float, y: float, heading: float, reach: float,
        clearance: Callable[[float, float, float], float],
    ) -> tuple[float, float]:
        """Return the longest free interval of the line through (x, y), as offsets from it."""
        cos, sin = math.cos(heading), math.sin(heading)
        offsets = np.arange(-reach, reach + self.STEP / 2, self.STEP)
        free = np.array([
            clearance(x + cos * offset, y + sin * offset, self._radius) > 0.0
            for offset in offsets.tolist()])
        changes = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]])))
        if not len(changes):
            return 0.0, 0.0
        begins, ends = changes[::2], changes[1::2]
        longest = int(np.argmax(ends - begins))
        return float(offsets[begins[longest]]), float(offsets[ends[longest] - 1])

    def circles(self, time: float) -> FloatArray:
        """Return the discs at `time` (seconds), rows (x, y, radius), in the world frame."""
        if not len(self._lines):
            return np.zeros((0, 3))
        x, y, cos, sin, low, high, speed, phase = self._lines.T
        length = np.maximum(high - low, 1e-9)
        ramp = speed / self.TURNING
        crossing = length / speed + ramp
        cycle = (phase + time / crossing) % 2.0
        # from one end: speeding up, then at speed, mirrored before the other end
        share = np.where(cycle < 1.0, cycle, 2.0 - cycle)
        since = np.minimum(share, 1.0 - share) * crossing
        gone = np.where(
            since < ramp, 0.5 * self.TURNING * since * since, speed * (since - 0.5 * ramp))
        offset = low + np.where(share <= 0.5, gone, length - gone)
        return np.column_stack([
            x + cos * offset, y + sin * offset, np.full(len(x), self._radius)])


def _points(line: tuple[float, ...], step: float) -> FloatArray:
    """Return points along (x, y, cos, sin, low, high, ...), shape (n, 2)."""
    x, y, cos, sin, low, high = line[:6]
    offsets = np.arange(low, high + step, step)
    return np.column_stack([x + cos * offsets, y + sin * offsets])
