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

"""The occupancy memory: a square grid in the odom frame that follows the robot."""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
from rfsn_ros.navigation.config import MemoryConfig
from rfsn_ros.navigation.costs import traversal_cost
from rfsn_ros.navigation.grids import (
    enter_scan,
    forget_disc,
    Grid,
    HIGHEST,
    HIT,
    IntArray,
    ScoreArray,
    trust_disc,
    UNKNOWN,
    usable_beams,
)
from rfsn_ros.navigation.nearest import cells_of
from rfsn_ros.navigation.observation import FloatArray, LaserScan, Pose2D
from rfsn_ros.navigation.surroundings import Surroundings

__all__ = ['Beams', 'OccupancyMemory', 'beams_of']


@dataclass(frozen=True, slots=True)
class Beams:
    """
    The usable beams of one scan in the frame of `pose`'s parent (odom).

    `sensor` is where they start, `yaw` the robot's heading; `end_x`, `end_y` have shape (m,);
    `hit` is false where a beam met nothing (then the end is the range up to which it proves free
    space). `invalid` is the share of beams that said nothing, `spacing` the angle (rad) between
    two.
    """

    sensor: tuple[float, float]
    yaw: float
    end_x: FloatArray
    end_y: FloatArray
    hit: FloatArray
    ranges: FloatArray
    bearings: FloatArray
    invalid: float
    spacing: float


def beams_of(scan: LaserScan, pose: Pose2D, reach: float) -> Beams:
    """
    Place a scan in the odom frame; `pose` is the robot's, beams are cut at `reach` metres.

    NaN and ranges outside [range_min, range_max] are dropped; inf proves free space.
    `bearings` are directions in base_link, radians.
    """
    distance, hit, bearings = usable_beams(
        np.asarray(scan.ranges, dtype=np.float64), scan.angle_min, scan.angle_increment,
        scan.range_min, scan.range_max, scan.mount.yaw, reach)
    cos, sin = math.cos(pose.yaw), math.sin(pose.yaw)
    sensor_x = pose.x + cos * scan.mount.x - sin * scan.mount.y
    sensor_y = pose.y + sin * scan.mount.x + cos * scan.mount.y
    directions = bearings + pose.yaw
    return Beams(
        sensor=(sensor_x, sensor_y),
        yaw=pose.yaw,
        end_x=sensor_x + distance * np.cos(directions),
        end_y=sensor_y + distance * np.sin(directions),
        hit=hit, ranges=distance, bearings=bearings,
        invalid=1.0 - len(distance) / len(scan.ranges) if len(scan.ranges) else 1.0,
        spacing=abs(scan.angle_increment))


class OccupancyMemory:
    """What the beams have shown so far, newest first where they contradict each other."""

    def __init__(self, config: MemoryConfig) -> None:
        self.config = config
        self._n = max(8, round(config.size / config.resolution))
        self.grid = Grid(
            np.full((self._n, self._n), UNKNOWN, dtype=np.int8), np.zeros((self._n, self._n)),
            np.zeros((self._n, self._n)), 0.0, 0.0, config.resolution)
        self._ends: IntArray = np.zeros((self._n, self._n), dtype=np.int16)
        self._passes: IntArray = np.zeros((self._n, self._n), dtype=np.int16)

    def clear(self, centre: tuple[float, float]) -> None:
        """Forget everything and centre the square."""
        res = self.config.resolution
        half = self._n // 2
        self.grid = self.grid._replace(
            origin_x=(math.floor(centre[0] / res) - half) * res,
            origin_y=(math.floor(centre[1] / res) - half) * res)
        self.grid.score.fill(UNKNOWN)

    def follow(self, x: float, y: float) -> None:
        """Move the square when the robot comes within a quarter of its side of the border."""
        res = self.config.resolution
        side = self._n * res
        score, point_x, point_y, origin_x, origin_y, _ = self.grid
        ahead = (x - origin_x - side / 2, y - origin_y - side / 2)
        shift = [round(d / res) if abs(d) > side / 4 else 0 for d in ahead]
        if not any(shift):
            return
        for cells, empty in ((score, UNKNOWN), (point_x, 0.0), (point_y, 0.0)):
            _shift(cells, shift[0], shift[1], empty)
        self.grid = self.grid._replace(
            origin_x=origin_x + shift[0] * res, origin_y=origin_y + shift[1] * res)

    def enter(self, beams: Beams) -> None:
        """Mark the ends of the beams occupied and what lies before them free."""
        if not self.config.enabled:
            self.grid.score.fill(UNKNOWN)
        if len(beams.end_x) > np.iinfo(self._ends.dtype).max:
            self._ends, self._passes = self._ends.astype(np.int32), self._passes.astype(np.int32)
        enter_scan(
            self.grid, self._ends, self._passes, *beams.sensor, beams.end_x, beams.end_y,
            beams.hit)

    def trust(self, x: float, y: float, radius: float) -> None:
        """Take what was never seen within `radius` of (x, y) as free."""
        trust_disc(self.grid, x, y, radius)

    def scores_at(self, x: FloatArray, y: FloatArray) -> ScoreArray:
        """Return the scores of the cells of points, `UNKNOWN` outside, shape of `x`."""
        score, _, _, origin_x, origin_y, res = self.grid
        ix = np.floor((x - origin_x) / res).astype(np.intp)
        iy = np.floor((y - origin_y) / res).astype(np.intp)
        inside = (ix >= 0) & (iy >= 0) & (ix < self._n) & (iy < self._n)
        result: ScoreArray = np.where(
            inside, score[np.clip(ix, 0, self._n - 1), np.clip(iy, 0, self._n - 1)], UNKNOWN)
        return result

    def forget(self, x: float, y: float, radius: float, *, young: bool = False) -> None:
        """Take what is known within `radius` of (x, y) as free; `young`: seen once only."""
        forget_disc(self.grid, x, y, radius, HIT if young else HIGHEST)

    def around(self, x: float, y: float, half: float) -> Surroundings:
        """
        Return what is in the square of half side `half` (m) around (x, y).

        What lies beyond the memory is left out.
        """
        first_x, first_y, count_x, count_y = self._box(x - half, y - half, 2 * half, 2 * half, 1)
        last_x, last_y = min(first_x + count_x, self._n), min(first_y + count_y, self._n)
        first_x, first_y = max(first_x, 0), max(first_y, 0)
        count_x, count_y = max(last_x - first_x, 1), max(last_y - first_y, 1)
        return cells_of(self.grid, first_x - 1, first_y - 1, count_x + 2, count_y + 2)

    def cost(
        self, low_x: float, low_y: float, side_x: float, side_y: float, *, factor: int,
        half_width: float, comfort: float, weight: float, blocked: float,
    ) -> tuple[FloatArray, float, float]:
        """
        Return `costs.traversal_cost` of a box in cells `factor` times as wide, and its origin.

        The box has its lower corner at (low_x, low_y) or within a cell of it.
        """
        first_x, first_y, count_x, count_y = self._box(low_x, low_y, side_x, side_y, factor)
        cost = traversal_cost(
            self.grid, first_x, first_y, factor, count_x, count_y, half_width, comfort, weight,
            blocked)
        return cost, *self._corner(first_x, first_y)

    def _box(
        self, low_x: float, low_y: float, side_x: float, side_y: float, factor: int,
    ) -> tuple[int, int, int, int]:
        """Return the first cell of a box, and its size in cells `factor` times as wide."""
        _, _, _, origin_x, origin_y, res = self.grid
        return (
            math.floor((low_x - origin_x) / res), math.floor((low_y - origin_y) / res),
            max(1, math.ceil(side_x / (res * factor))), max(1, math.ceil(side_y / (res * factor))))

    def _corner(self, first_x: int, first_y: int) -> tuple[float, float]:
        """Return the lower corner of a cell."""
        _, _, _, origin_x, origin_y, res = self.grid
        return origin_x + first_x * res, origin_y + first_y * res

    def points(self) -> FloatArray:
        """Return the remembered obstacle points, shape (m, 2), odom frame (for pictures)."""
        there = self.grid.score > 0
        return np.stack([self.grid.point_x[there], self.grid.point_y[there]], axis=1)


def _shift(grid: FloatArray | ScoreArray, by_x: int, by_y: int, empty: float) -> None:
    """Move the content of a grid in place; what enters is `empty`."""
    n = grid.shape[0]
    moved = np.full_like(grid, empty)
    from_x = slice(max(0, by_x), min(n, n + by_x))
    from_y = slice(max(0, by_y), min(n, n + by_y))
    to_x = slice(max(0, -by_x), max(0, -by_x) + max(0, from_x.stop - from_x.start))
    to_y = slice(max(0, -by_y), max(0, -by_y) + max(0, from_y.stop - from_y.start))
    if from_x.stop > from_x.start and from_y.stop > from_y.start:
        moved[to_x, to_y] = grid[from_x, from_y]
    grid[:] = moved
