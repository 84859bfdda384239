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
Compiled: what a metre costs in every cell of a grid [ix, iy], and the cost-to-go over it.

Cell (ix, iy) covers the square of side `res` whose lower corner is ``origin + res * (ix, iy)``.
"""

from __future__ import annotations

import math

import numpy as np
from rfsn_ros.navigation.compiled import compiled, compiled_unlocked
from rfsn_ros.navigation.grids import Grid, IntArray, ScoreArray
from rfsn_ros.navigation.nearest import BLOCK, envelope, lines, nearest_in_row
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['closed_cost', 'march', 'traversal_cost']


@compiled_unlocked
def traversal_cost(
    grid: Grid, first_x: int, first_y: int, factor: int, count_x: int, count_y: int,
    half_width: float, comfort: float, weight: float, blocked: float,
) -> FloatArray:
    """
    Return the cost per metre of every cell of a window: 1 in the open, `blocked` with no room.

    A cell is `factor` cells of the grid wide and has at most one obstacle point. The cost grows
    by up to `weight` as the clearance beside the robot falls below `comfort`.
    """
    score, point_x, point_y, origin_x, origin_y, res = grid
    wide = res * factor
    low_x, low_y = origin_x + first_x * res, origin_y + first_y * res
    sites, cells = _sites(score, first_x, first_y, factor, count_x, count_y)
    rows = nearest_in_row(sites)
    cost = np.ones((count_x, count_y))
    column, height, border = lines(count_x)
    inverse = 0.5 / np.arange(count_x)
    # points lie within their cells: those of cells farther away than this cost nothing
    reach = math.ceil((half_width + comfort) / wide + 0.75)
    for iy in range(count_y):
        y = low_y + wide * (iy + 0.5)
        for j in range(envelope(
                rows[iy], iy, reach + 1, inverse, column, height, border, False)):
            cell = cells[sites[rows[iy, column[j]], column[j]]]
            px = point_x[cell >> 16, cell & 0xffff]
            dy = point_y[cell >> 16, cell & 0xffff] - y
            for ix in range(max(border[j] + 1, column[j] - reach),
                            min(border[j + 1], column[j] + reach) + 1):
                dx = px - (low_x + wide * (ix + 0.5))
                clearance = math.sqrt(dx * dx + dy * dy) - half_width
                lack = min(max(1.0 - clearance / comfort, 0.0), 1.0)
                cost[ix, iy] = blocked if clearance <= 0.0 else 1.0 + weight * lack * lack
    return cost


@compiled
def _sites(
    score: ScoreArray, first_x: int, first_y: int, factor: int, count_x: int, count_y: int,
) -> tuple[IntArray, IntArray]:
    """
    Return which obstacle every cell [iy, ix] of a window holds, -1 without any, and their cells.

    Cells of the grid are written ``gx << 16 | gy``. Where a cell of the window holds several
    obstacles, the last counts.
    """
    n = score.shape[0]
    sites = np.full((count_y, count_x), -1, dtype=np.int32)
    first_gx, last_gx = max(first_x, 0), min(first_x + count_x * factor, n)
    first_gy, last_gy = max(first_y, 0), min(first_y + count_y * factor, n)
    cells = np.empty(max(last_gx - first_gx, 0) * max(last_gy - first_gy, 0), dtype=np.int32)
    count = 0
    for gx in range(first_gx, last_gx):
        ix = (gx - first_x) // factor
        # most cells are free, and a block of them is passed over at once
        for begin in range(first_gy, last_gy, BLOCK):
            block = score[gx, begin:min(begin + BLOCK, last_gy)]
            some = 0
            for i in range(block.shape[0]):
                some += block[i] > 0
            if some == 0:
                continue
            for gy in range(begin, begin + block.shape[0]):
                if score[gx, gy] > 0:
                    sites[(gy - first_y) // factor, ix] = count
                    cells[count] = gx << 16 | gy
                    count += 1
    return sites, cells[:count]


@compiled
def closed_cost(
    cost: FloatArray, origin_x: float, origin_y: float, res: float, discs: FloatArray,
    least: float,
) -> FloatArray:
    """Return the cost of every cell, at least `least` within discs, rows (x, y, radius)."""
    result = cost.copy()
    for k in range(discs.shape[0]):
        x, y, radius = discs[k]
        first_x = max(math.floor((x - radius - origin_x) / res), 0)
        first_y = max(math.floor((y - radius - origin_y) / res), 0)
        count = math.ceil(2.0 * radius / res) + 1
        for ix in range(first_x, min(first_x + count, cost.shape[0])):
            for iy in range(first_y, min(first_y + count, cost.shape[1])):
                dx = origin_x + (ix + 0.5) * res - x
                dy = origin_y + (iy + 0.5) * res - y
                if dx * dx + dy * dy < radius * radius:
                    result[ix, iy] = max(result[ix, iy], least)
    return result


@compiled_unlocked
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
