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
Compiled: which obstacle is nearest to every cell of a window of the memory's grid.

Grids are indexed [ix, iy]. The exact two-pass distance transform by lower envelopes of parabolas
(Felzenszwalb and Huttenlocher, Theory of Computing 2012), keeping the minimising cell instead of
the distance.
"""

from __future__ import annotations

import math

import numpy as np
from rfsn_ros.navigation.compiled import compiled, compiled_unlocked
from rfsn_ros.navigation.grids import IntArray, ScoreArray
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['envelope', 'hiding', 'lines', 'near_window', 'nearest_in_row', 'sites_of']

_BLOCK = 32  # cells looked at together


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
    """
    sites, cells = sites_of(score, first_x, first_y, 1, count_x, count_y, unknown)
    points = np.empty((cells.shape[0], 2))
    for k in range(cells.shape[0]):
        gx, gy = cells[k] >> 16, cells[k] & 0xffff
        seen = score[gx, gy] > 0
        points[k, 0] = point_x[gx, gy] if seen else origin_x + (gx + 0.5) * res
        points[k, 1] = point_y[gx, gy] if seen else origin_y + (gy + 0.5) * res
    rows = nearest_in_row(sites)
    # filled along ix, so that is how it lies in memory; what holds a point has that
    near = sites.copy()
    column, height, border = lines(count_x)
    inverse = 0.5 / np.arange(count_x)
    for iy in range(count_y):
        line = near[iy]
        for j in range(envelope(
                rows[iy], iy, count_y, inverse, column, height, border, True)):
            nearest = sites[rows[iy, column[j]], column[j]]
            for ix in range(border[j] + 1, border[j + 1] + 1):
                line[ix] = nearest if line[ix] < 0 else line[ix]
    return near.T, points


@compiled
def sites_of(
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
def nearest_in_row(sites: IntArray) -> IntArray:
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
def lines(count: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return what `envelope` fills: columns, heights and borders of at most `count` sites."""
    return (np.empty(count, dtype=np.int32), np.empty(count, dtype=np.int32),
            np.empty(count + 1, dtype=np.int32))


@compiled
def envelope(
    row: IntArray, iy: int, reach: int, inverse: FloatArray, column: IntArray, height: IntArray,
    border: IntArray, own: bool,
) -> int:
    """
    Find which sites are nearest along a line of cells; return how many they are.

    The site in `column[j]` is nearest to what lies behind `border[j]`, up to `border[j + 1]`.
    `row` is the line `iy` of `nearest_in_row`; what is `reach` or more away from it is left out.
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
