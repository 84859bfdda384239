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
Compiled work on the grid of the memory: which beams say anything, entering them, forgetting.

Grids are indexed [ix, iy].
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.navigation.compiled import compiled, compiled_unlocked
from rfsn_ros.navigation.observation import FloatArray

__all__ = [
    'FAR', 'HIGHEST', 'HIT', 'UNKNOWN', 'Grid', 'IntArray', 'ScoreArray', 'enter_scan',
    'forget_disc', 'trust_disc', 'usable_beams',
]

IntArray = NDArray[np.integer[Any]]
ScoreArray = NDArray[np.int8]
"""Scores of cells: negative where no beam has passed, 0 where free, else what was seen there."""

FAR = 1e3  # coordinate offset that stands for "no obstacle"
UNKNOWN, HIT, HIGHEST = -1, 2, 4  # scores: never seen, of a cell seen once, at most
_MISS = 1
_SHARE = 0.2  # of the beams that touch a cell must end in it for it to count as hit


class Grid(NamedTuple):
    """
    What is remembered, cell by cell, all of shape (n, n), odom frame.

    Cell (ix, iy) covers the square of side `resolution` (m) whose lower corner is
    ``origin + resolution * (ix, iy)``. Each occupied cell keeps the mean of the points seen in
    it, so that distances do not suffer from the cell size.
    """

    score: ScoreArray
    point_x: FloatArray
    point_y: FloatArray
    origin_x: float
    origin_y: float
    resolution: float


@compiled_unlocked
def enter_scan(
    grid: Grid, ends: IntArray, passes: IntArray, sensor_x: float, sensor_y: float,
    end_x: FloatArray, end_y: FloatArray, hit: FloatArray,
) -> None:
    """
    Enter the beams of one scan; `ends` and `passes` are scratch grids of zeros.

    A cell gains when enough of the beams that touched it ended there and loses when they passed,
    so that single noisy ranges neither make nor erase obstacles.
    """
    score, point_x, point_y, origin_x, origin_y, res = grid
    n = score.shape[0]
    count = end_x.shape[0]
    low_x = high_x = sensor_x
    low_y = high_y = sensor_y
    for i in range(count):
        low_x = min(low_x, end_x[i])
        low_y = min(low_y, end_y[i])
        high_x = max(high_x, end_x[i])
        high_y = max(high_y, end_y[i])
        if hit[i] != 0:
            ix = math.floor((end_x[i] - origin_x) / res)
            iy = math.floor((end_y[i] - origin_y) / res)
            if 0 <= ix < n and 0 <= iy < n:
                ends[ix, iy] += 1
                if score[ix, iy] <= 0 and ends[ix, iy] == 1:
                    point_x[ix, iy] = end_x[i]
                    point_y[ix, iy] = end_y[i]
                weight = max(1.0 / ends[ix, iy], 0.05)
                if score[ix, iy] > 0:
                    weight = 0.05
                point_x[ix, iy] += weight * (end_x[i] - point_x[ix, iy])
                point_y[ix, iy] += weight * (end_y[i] - point_y[ix, iy])
    first_x = math.floor((low_x - origin_x) / res)
    first_y = math.floor((low_y - origin_y) / res)
    last_x = math.floor((high_x - origin_x) / res) + 1
    last_y = math.floor((high_y - origin_y) / res) + 1
    # where all beams stay inside, the innermost loop need not look for the border
    inside = first_x > 0 and first_y > 0 and last_x < n and last_y < n
    for i in range(count):
        dx = end_x[i] - sensor_x
        dy = end_y[i] - sensor_y
        length = math.sqrt(dx * dx + dy * dy)
        if length <= 0.0:
            continue
        ux = dx / length * res
        uy = dy / length * res
        x = (sensor_x - origin_x + 0.5 * ux) / res
        y = (sensor_y - origin_y + 0.5 * uy) / res
        ux /= res
        uy /= res
        for _ in range(int(length / res)):
            if not inside and (x < 0.0 or y < 0.0 or x >= n or y >= n):
                break
            passes[np.uint32(x), np.uint32(y)] += 1
            x += ux
            y += uy
    # Cells are judged once all beams are in: first where beams ended, then, in one sweep over the
    # box they touched, where they only passed.
    for i in range(count):
        if hit[i] == 0:
            continue
        ix = math.floor((end_x[i] - origin_x) / res)
        iy = math.floor((end_y[i] - origin_y) / res)
        if ix < 0 or iy < 0 or ix >= n or iy >= n or ends[ix, iy] == 0:
            continue
        if ends[ix, iy] >= _SHARE * (ends[ix, iy] + passes[ix, iy]):
            score[ix, iy] = min(max(score[ix, iy], 0) + HIT, HIGHEST)
        else:
            score[ix, iy] = max(score[ix, iy] - _MISS, 0)
        ends[ix, iy] = 0
        passes[ix, iy] = 0
    first_y = max(first_y, 0)
    last_y = max(min(last_y, n), first_y)
    for ix in range(max(first_x, 0), min(last_x, n)):
        seen = passes[ix, first_y:last_y]
        row = score[ix, first_y:last_y]
        for i in range(row.shape[0]):
            row[i] = max(row[i] - _MISS, 0) if seen[i] != 0 else row[i]
            seen[i] = 0


@compiled
def usable_beams(
    ranges: FloatArray, angle_min: float, angle_increment: float, range_min: float,
    range_max: float, mount_yaw: float, reach: float,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """
    Return length, whether it met something (1, else 0) and bearing of the beams that say anything.

    Lengths are cut at `reach` and at `range_max`, metres; bearings are in base_link, radians.
    """
    count = 0
    length, hit, bearing = (
        np.empty(ranges.shape[0]), np.empty(ranges.shape[0]), np.empty(ranges.shape[0]))
    for i in range(ranges.shape[0]):
        if range_min <= ranges[i] <= range_max or ranges[i] == np.inf:
            length[count] = min(ranges[i], reach, range_max)
            hit[count] = 1.0 if ranges[i] <= reach else 0.0
            bearing[count] = angle_min + angle_increment * i + mount_yaw
            count += 1
    return length[:count], hit[:count], bearing[:count]


@compiled
def forget_disc(grid: Grid, x: float, y: float, radius: float, highest: int) -> None:
    """Take known cells within `radius` of (x, y) with scores up to `highest` as free."""
    score, _, _, origin_x, origin_y, res = grid
    n = score.shape[0]
    low_x = max(math.floor((x - radius - origin_x) / res), 0)
    low_y = max(math.floor((y - radius - origin_y) / res), 0)
    count = math.ceil(2 * radius / res) + 1
    for ix in range(low_x, min(low_x + count, n)):
        for iy in range(low_y, min(low_y + count, n)):
            dx = origin_x + (ix + 0.5) * res - x
            dy = origin_y + (iy + 0.5) * res - y
            if dx * dx + dy * dy <= radius * radius and 0 < score[ix, iy] <= highest:
                score[ix, iy] = 0


@compiled
def trust_disc(grid: Grid, x: float, y: float, radius: float) -> None:
    """Take unknown cells within `radius` of (x, y) as free."""
    score, _, _, origin_x, origin_y, res = grid
    n = score.shape[0]
    low_x = max(math.floor((x - radius - origin_x) / res), 0)
    low_y = max(math.floor((y - radius - origin_y) / res), 0)
    for ix in range(low_x, min(low_x + int(2 * radius / res) + 2, n)):
        for iy in range(low_y, min(low_y + int(2 * radius / res) + 2, n)):
            dx = origin_x + (ix + 0.5) * res - x
            dy = origin_y + (iy + 0.5) * res - y
            if dx * dx + dy * dy <= radius * radius and score[ix, iy] < 0:
                score[ix, iy] = 0
