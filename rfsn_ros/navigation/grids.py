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
Compiled grid work: entering scans, nearest obstacle points, cost-to-go.

Grids are indexed [ix, iy]; cell (ix, iy) covers the square of side `res` whose lower corner is
``origin + res * (ix, iy)``. Each occupied cell keeps the mean of the points seen in it, so that
distances do not suffer from the cell size.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.observation import FloatArray

__all__ = [
    'FAR', 'UNKNOWN', 'IntArray', 'enter_scan', 'march', 'near_window',
    'traversal_cost', 'trust_disc',
]

IntArray = NDArray[np.integer[Any]]

FAR = 1e3  # coordinate offset that stands for "no obstacle"
UNKNOWN = -1.0  # score of a cell no beam has passed
_HIT, _MISS, _HIGHEST, _OCCUPIED = 1.0, 0.5, 2.0, 0.5
_SHARE = 0.2  # of the beams that touch a cell must end in it for it to count as hit


@compiled
def enter_scan(
    score: FloatArray, point_x: FloatArray, point_y: FloatArray, ends: IntArray,
    passes: IntArray, origin_x: float, origin_y: float, res: float, sensor_x: float,
    sensor_y: float, end_x: FloatArray, end_y: FloatArray, hit: FloatArray,
) -> None:
    """
    Enter the beams of one scan; `ends` and `passes` are scratch grids of zeros.

    A cell gains when enough of the beams that touched it ended there and loses when they passed,
    so that single noisy ranges neither make nor erase obstacles.
    """
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
                if score[ix, iy] < _OCCUPIED and ends[ix, iy] == 1:
                    point_x[ix, iy] = end_x[i]
                    point_y[ix, iy] = end_y[i]
                weight = max(1.0 / ends[ix, iy], 0.05)
                if score[ix, iy] >= _OCCUPIED:
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
            score[ix, iy] = min(max(score[ix, iy], 0.0) + _HIT, _HIGHEST)
        else:
            score[ix, iy] = max(score[ix, iy] - _MISS, 0.0)
        ends[ix, iy] = 0
        passes[ix, iy] = 0
    first_y = max(first_y, 0)
    last_y = max(min(last_y, n), first_y)
    for ix in range(max(first_x, 0), min(last_x, n)):
        seen = passes[ix, first_y:last_y]
        row = score[ix, first_y:last_y]
        for i in range(row.shape[0]):
            row[i] = max(row[i] - _MISS, 0.0) if seen[i] != 0 else row[i]
            seen[i] = 0


@compiled
def trust_disc(
    score: FloatArray, origin_x: float, origin_y: float, res: float, x: float, y: float,
    radius: float,
) -> None:
    """Take unknown cells within `radius` of (x, y) as free."""
    n = score.shape[0]
    low_x = max(math.floor((x - radius - origin_x) / res), 0)
    low_y = max(math.floor((y - radius - origin_y) / res), 0)
    for ix in range(low_x, min(low_x + int(2 * radius / res) + 2, n)):
        for iy in range(low_y, min(low_y + int(2 * radius / res) + 2, n)):
            dx = origin_x + (ix + 0.5) * res - x
            dy = origin_y + (iy + 0.5) * res - y
            if dx * dx + dy * dy <= radius * radius and score[ix, iy] < 0.0:
                score[ix, iy] = 0.0


@compiled
def hides(score: FloatArray, ix: int, iy: int) -> bool:
    """
    Return whether a cell belongs to a block of two by two cells none of which is free.

    Beside an obstacle a single cell never seen may hold its other side.
    """
    n = score.shape[0]
    for side_x in range(-1, 2, 2):
        jx = ix + side_x
        if jx < 0 or jx >= n or 0.0 <= score[jx, iy] < _OCCUPIED:
            continue
        for side_y in range(-1, 2, 2):
            jy = iy + side_y
            if jy < 0 or jy >= n:
                continue
            beside, across = score[ix, jy], score[jx, jy]
            if not 0.0 <= beside < _OCCUPIED and not 0.0 <= across < _OCCUPIED:
                return True
    return False


@compiled
def near_window(
    score: FloatArray, point_x: FloatArray, point_y: FloatArray, first_x: int, first_y: int,
    factor: int, count_x: int, count_y: int, origin_x: float, origin_y: float, res: float,
    unknown: bool,
) -> tuple[FloatArray, FloatArray]:
    """
    Return the nearest obstacle point (x, y) of every cell of a window, `FAR` without any.

    A cell of the window is `factor` cells of the grid wide and has at most one point. With
    `unknown`, the middle of a cell that was never seen counts as a point, if it is part of a
    block of two by two such cells: between beams that passed on all sides nothing larger than
    a cell can hide.

    The exact two-pass distance transform by lower envelopes of parabolas (Felzenszwalb and
    Huttenlocher, Theory of Computing 2012), keeping the minimising cell instead of the distance.
    """
    sites = _sites(score, first_x, first_y, factor, count_x, count_y, unknown)
    row = _nearest_in_row(sites)
    near_x = np.full((count_x, count_y), FAR)
    near_y = np.full((count_x, count_y), FAR)
    column = np.empty(count_x, dtype=np.int32)
    height = np.empty(count_x, dtype=np.int32)
    border = np.empty(count_x + 1, dtype=np.int32)
    inverse = 0.5 / np.arange(count_x)
    for iy in range(count_y):
        # the site in column[j] is nearest to what lies behind border[j], up to border[j + 1]
        k = -1
        for ix in range(count_x):
            apart = abs(row[ix, iy] - iy)
            if apart >= count_y:
                continue
            h = apart * apart + ix * ix
            s = -1
            while k >= 0:
                # exact: what is no whole number is farther from one than 1e-6
                s = math.floor((h - height[k]) * inverse[ix - column[k]] + 1e-6)
                if s > border[k]:
                    break
                k -= 1
            if k < 0:
                s = -1
            if s < count_x - 1:
                k += 1
                column[k] = ix
                height[k] = h
                border[k] = s
        border[k + 1] = count_x - 1
        for j in range(k + 1):
            site = sites[column[j], row[column[j], iy]]
            gx, gy = site >> 16, site & 0xffff
            if score[gx, gy] >= _OCCUPIED:
                x = point_x[gx, gy]
                y = point_y[gx, gy]
            else:
                x = origin_x + (gx + 0.5) * res
                y = origin_y + (gy + 0.5) * res
            for ix in range(border[j] + 1, border[j + 1] + 1):
                near_x[ix, iy] = x
                near_y[ix, iy] = y
    return near_x, near_y


@compiled
def _sites(
    score: FloatArray, first_x: int, first_y: int, factor: int, count_x: int, count_y: int,
    unknown: bool,
) -> IntArray:
    """
    Return the cell of the grid, ``gx << 16 | gy``, that a cell of a window stands for.

    -1 where it holds no obstacle. Where it holds several, the last counts.
    """
    n = score.shape[0]
    sites = np.full((count_x, count_y), -1, dtype=np.int32)
    first_gy, last_gy = max(first_y, 0), min(first_y + count_y * factor, n)
    for gx in range(max(first_x, 0), min(first_x + count_x * factor, n)):
        ix = (gx - first_x) // factor
        iy = (first_gy - first_y) // factor
        border = first_y + (iy + 1) * factor
        for gy in range(first_gy, last_gy):
            if gy == border:
                iy += 1
                border += factor
            if score[gx, gy] >= _OCCUPIED or (
                    unknown and score[gx, gy] < 0.0 and hides(score, gx, gy)):
                sites[ix, iy] = gx << 16 | gy
    return sites


@compiled
def _nearest_in_row(sites: IntArray) -> IntArray:
    """Return the iy of the nearest site with the same ix; far outside where there is none."""
    nx, ny = sites.shape
    none = 2 * ny
    row = np.empty((nx, ny), dtype=np.int32)
    for ix in range(nx):
        last = -none
        for iy in range(ny):
            if sites[ix, iy] >= 0:
                last = iy
            row[ix, iy] = last
        last = none
        for iy in range(ny - 1, -1, -1):
            here = row[ix, iy]
            if here == iy:
                last = iy
            if last - iy < iy - here:
                row[ix, iy] = last
    return row


@compiled
def traversal_cost(
    near_x: FloatArray, near_y: FloatArray, origin_x: float, origin_y: float, res: float,
    half_width: float, comfort: float, weight: float, blocked: float,
) -> FloatArray:
    """
    Return the cost per metre of every cell: 1 in the open, `blocked` where no robot fits.

    The cost grows by up to `weight` as the clearance beside the robot falls below `comfort`.
    """
    cost = np.empty(near_x.shape)
    for ix in range(near_x.shape[0]):
        for iy in range(near_x.shape[1]):
            dx = near_x[ix, iy] - (origin_x + res * (ix + 0.5))
            dy = near_y[ix, iy] - (origin_y + res * (iy + 0.5))
            clearance = math.sqrt(dx * dx + dy * dy) - half_width
            lack = min(max(1.0 - clearance / comfort, 0.0), 1.0)
            cost[ix, iy] = blocked if clearance <= 0.0 else 1.0 + weight * lack * lack
    return cost


@compiled
def march(
    cost: FloatArray, res: float, goal_x: int, goal_y: int, until_x: int, until_y: int,
    beyond: float,
) -> FloatArray:
    """
    Return the cost-to-go of every cell: the Eikonal equation |grad T| = cost, T(goal) = 0.

    Fast marching with bucketed priorities (Yatziv, Bartesaghi, Sapiro, J. Comp. Physics 2006),
    here label-correcting, so the result does not depend on the bucket width. Stops `beyond`
    after the cell `until` was reached; what was not reached by then holds the largest value.
    """
    nx, ny = cost.shape
    # One row per ix, with a border that nothing passes; `here` +- 1 and +- side are neighbours.
    side = ny + 2
    value = np.full((nx + 2) * side, np.inf)
    step = np.full((nx + 2) * side, np.inf)
    for ix in range(nx):
        for iy in range(ny):
            step[(ix + 1) * side + iy + 1] = cost[ix, iy] * res
    per_metre = 2.0 / res
    longest = cost.max() * res * per_metre
    buckets = 1
    while buckets < longest + 4:
        buckets *= 2
    head = np.full(buckets, -1, dtype=np.int32)
    size = 6 * nx * ny + 16
    cell = np.empty(size, dtype=np.int32)
    following = np.empty(size, dtype=np.int32)
    until = (until_x + 1) * side + until_y + 1
    cell[0] = (goal_x + 1) * side + goal_y + 1
    value[cell[0]] = 0.0
    following[0] = -1
    head[0] = 0
    used, waiting, current = 1, 1, 0
    last = np.iinfo(np.int64).max
    while waiting > 0:
        node = head[current & (buckets - 1)]
        if node < 0:
            current += 1
            if current > last:
                break
            continue
        head[current & (buckets - 1)] = following[node]
        waiting -= 1
        here = cell[node]
        reached = value[here]
        if int(reached * per_metre) != current:
            continue
        if here == until:
            last = int((reached + beyond) * per_metre)
        for k in range(4):
            there = here + (side if k == 0 else -side if k == 1 else 1 if k == 2 else -1)
            old = value[there]
            if old <= reached:  # then this cell adds nothing to what it has
                continue
            a = min(value[there - side], value[there + side])
            b = min(value[there - 1], value[there + 1])
            f = step[there]
            if abs(a - b) < f:
                t = 0.5 * (a + b + math.sqrt(2.0 * f * f - (a - b) * (a - b)))
            else:
                t = min(a, b) + f
            if t < old and used < size:
                value[there] = t
                slot = int(t * per_metre) & (buckets - 1)
                cell[used] = there
                following[used] = head[slot]
                head[slot] = used
                used += 1
                waiting += 1
    largest = 0.0
    for here in range(value.shape[0]):
        if value[here] < np.inf:
            largest = max(largest, value[here])
    result = np.empty((nx, ny))
    for ix in range(nx):
        for iy in range(ny):
            result[ix, iy] = min(value[(ix + 1) * side + iy + 1], largest)
    return result
