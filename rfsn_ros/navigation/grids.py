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
from rfsn_ros.navigation.compiled import compiled, compiled_unlocked
from rfsn_ros.navigation.observation import FloatArray

__all__ = [
    'FAR', 'HIGHEST', 'HIT', 'UNKNOWN', 'IntArray', 'ScoreArray', 'closed_cost', 'enter_scan',
    'forget_disc', 'march', 'near_window', 'traversal_cost', 'trust_disc', 'usable_beams',
]

IntArray = NDArray[np.integer[Any]]
ScoreArray = NDArray[np.int8]
"""Scores of cells: negative where no beam has passed, 0 where free, else what was seen there."""

FAR = 1e3  # coordinate offset that stands for "no obstacle"
UNKNOWN, HIT, HIGHEST = -1, 2, 4  # scores: never seen, of a cell seen once, at most
_MISS = 1
_BLOCK = 32  # cells looked at together
_SHARE = 0.2  # of the beams that touch a cell must end in it for it to count as hit


@compiled_unlocked
def enter_scan(
    score: ScoreArray, point_x: FloatArray, point_y: FloatArray, ends: IntArray,
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
def forget_disc(
    score: ScoreArray, origin_x: float, origin_y: float, res: float, x: float, y: float,
    radius: float, highest: int,
) -> None:
    """Take known cells within `radius` of (x, y) with scores up to `highest` as free."""
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
def trust_disc(
    score: ScoreArray, origin_x: float, origin_y: float, res: float, x: float, y: float,
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
            if dx * dx + dy * dy <= radius * radius and score[ix, iy] < 0:
                score[ix, iy] = 0


@compiled
def hiding(score: ScoreArray, first_x: int, last_x: int, first_y: int, last_y: int) -> ScoreArray:
    """
    Return which cells of a box [ix, iy] were never seen and may hide something: 1, else 0.

    They belong to a block of two by two cells none of which is free: beside an obstacle a single
    cell never seen may hold its other side. Beyond the grid everything counts as free.
    """
    n = score.shape[0]
    count_x, count_y = max(last_x - first_x, 0), max(last_y - first_y, 0)
    # loops over whole rows, without branches, are vectorised
    filled = np.zeros((count_x + 2, count_y + 2), dtype=np.int8)
    begin, end = max(first_y - 1, 0), min(last_y + 1, n)
    for ix in range(max(first_x - 1, 0), min(last_x + 1, n)):
        row = filled[ix - first_x + 1, begin - first_y + 1:end - first_y + 1]
        seen = score[ix, begin:end]
        for i in range(seen.shape[0]):
            row[i] = seen[i] != 0
    blocks = np.empty((count_x + 1, count_y + 1), dtype=np.int8)
    for ix in range(count_x + 1):
        low, high, row = filled[ix], filled[ix + 1], blocks[ix]
        for i in range(count_y + 1):
            row[i] = low[i] & low[i + 1] & high[i] & high[i + 1]
    result = np.empty((count_x, count_y), dtype=np.int8)
    for ix in range(count_x):
        low, high, row = blocks[ix], blocks[ix + 1], result[ix]
        seen = score[first_x + ix, first_y:last_y]
        for i in range(count_y):
            row[i] = (seen[i] < 0) & (low[i] | low[i + 1] | high[i] | high[i + 1])
    return result


@compiled_unlocked
def near_window(
    score: ScoreArray, point_x: FloatArray, point_y: FloatArray, first_x: int, first_y: int,
    count_x: int, count_y: int, origin_x: float, origin_y: float, res: float, unknown: bool,
) -> tuple[IntArray, FloatArray]:
    """
    Return which point is nearest to every cell [ix, iy] of a window, -1 without any, and all.

    The points are where obstacles are, shape (m, 2). With `unknown`, the middle of a cell that
    was never seen counts as a point, if it is part of a block of two by two such cells: between
    beams that passed on all sides nothing larger than a cell can hide.

    The exact two-pass distance transform by lower envelopes of parabolas (Felzenszwalb and
    Huttenlocher, Theory of Computing 2012), keeping the minimising cell instead of the distance.
    """
    sites, cells = _sites(score, first_x, first_y, 1, count_x, count_y, unknown)
    points = np.empty((cells.shape[0], 2))
    for k in range(cells.shape[0]):
        gx, gy = cells[k] >> 16, cells[k] & 0xffff
        seen = score[gx, gy] > 0
        points[k, 0] = point_x[gx, gy] if seen else origin_x + (gx + 0.5) * res
        points[k, 1] = point_y[gx, gy] if seen else origin_y + (gy + 0.5) * res
    rows = _nearest_in_row(sites)
    # filled along ix, so that is how it lies in memory; what holds a point has that
    near = sites.copy()
    column, height, border = _lines(count_x)
    inverse = 0.5 / np.arange(count_x)
    for iy in range(count_y):
        line = near[iy]
        for j in range(_envelope(
                rows[iy], iy, count_y, inverse, column, height, border, True)):
            nearest = sites[rows[iy, column[j]], column[j]]
            for ix in range(border[j] + 1, border[j + 1] + 1):
                line[ix] = nearest if line[ix] < 0 else line[ix]
    return near.T, points


@compiled_unlocked
def traversal_cost(
    score: ScoreArray, point_x: FloatArray, point_y: FloatArray, first_x: int, first_y: int,
    factor: int, count_x: int, count_y: int, origin_x: float, origin_y: float, res: float,
    half_width: float, comfort: float, weight: float, blocked: float,
) -> FloatArray:
    """
    Return the cost per metre of every cell of a window: 1 in the open, `blocked` with no room.

    A cell is `factor` cells of the grid wide and has at most one obstacle point. The cost grows
    by up to `weight` as the clearance beside the robot falls below `comfort`.
    """
    wide = res * factor
    low_x, low_y = origin_x + first_x * res, origin_y + first_y * res
    sites, cells = _sites(score, first_x, first_y, factor, count_x, count_y, False)
    rows = _nearest_in_row(sites)
    cost = np.ones((count_x, count_y))
    column, height, border = _lines(count_x)
    inverse = 0.5 / np.arange(count_x)
    # points lie within their cells: those of cells farther away than this cost nothing
    reach = math.ceil((half_width + comfort) / wide + 0.75)
    for iy in range(count_y):
        y = low_y + wide * (iy + 0.5)
        for j in range(_envelope(
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


@compiled
def _sites(
    score: ScoreArray, first_x: int, first_y: int, factor: int, count_x: int, count_y: int,
    unknown: bool,
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
    hidden = np.empty((0, 0), dtype=np.int8)
    if unknown:
        hidden = hiding(score, first_gx, last_gx, first_gy, last_gy)
    for gx in range(first_gx, last_gx):
        ix = (gx - first_x) // factor
        # most cells are free, and a block of them is passed over at once
        for begin in range(first_gy, last_gy, _BLOCK):
            block = score[gx, begin:min(begin + _BLOCK, last_gy)]
            some = 0
            for i in range(block.shape[0]):
                some += (block[i] > 0) | (unknown & (block[i] < 0))
            if some == 0:
                continue
            for gy in range(begin, begin + block.shape[0]):
                if score[gx, gy] > 0 or (unknown and hidden[gx - first_gx, gy - first_gy]):
                    sites[(gy - first_y) // factor, ix] = count
                    cells[count] = gx << 16 | gy
                    count += 1
    return sites, cells[:count]


@compiled
def _nearest_in_row(sites: IntArray) -> IntArray:
    """Return the iy of the nearest site with the same ix, shape (ny, nx); far off without one."""
    ny, nx = sites.shape
    none = 2 * ny
    rows = np.empty((ny, nx), dtype=np.int32)
    last = np.full(nx, -none, dtype=np.int32)
    for iy in range(ny):
        for ix in range(nx):
            last[ix] = iy if sites[iy, ix] >= 0 else last[ix]
            rows[iy, ix] = last[ix]
    last[:] = none
    for iy in range(ny - 1, -1, -1):
        for ix in range(nx):
            here = rows[iy, ix]
            last[ix] = iy if here == iy else last[ix]
            rows[iy, ix] = last[ix] if last[ix] - iy < iy - here else here
    return rows


@compiled
def _lines(count: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return what `_envelope` fills: columns, heights and borders of at most `count` sites."""
    return (np.empty(count, dtype=np.int32), np.empty(count, dtype=np.int32),
            np.empty(count + 1, dtype=np.int32))


@compiled
def _envelope(
    row: IntArray, iy: int, reach: int, inverse: FloatArray, column: IntArray, height: IntArray,
    border: IntArray, own: bool,
) -> int:
    """
    Find which sites are nearest along a line of cells; return how many they are.

    The site in `column[j]` is nearest to what lies behind `border[j]`, up to `border[j + 1]`.
    `row` is the line `iy` of `_nearest_in_row`; what is `reach` or more away from it is left out.
    With `own`, so is a site between two others on the line: it is nearest to its own cell only.
    """
    count_x = row.shape[0]
    k = -1
    for ix in range(count_x):
        apart = abs(row[ix] - iy)
        if apart >= reach:
            continue
        if own and apart == 0 and 0 < ix < count_x - 1 and row[ix - 1] == row[ix + 1] == iy:
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
    return k + 1


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
