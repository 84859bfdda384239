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
Compiled: the cells around the robot, and which obstacle is nearest to each of them.

Grids are indexed [ix, iy]. The exact two-pass distance transform by lower envelopes of parabolas
(Felzenszwalb and Huttenlocher, Theory of Computing 2012), keeping the minimising cell instead of
the distance.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from rfsn_ros.navigation.compiled import compiled, compiled_unlocked
from rfsn_ros.navigation.grids import Grid, IntArray, ScoreArray
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.navigation.surroundings import corner_of, Surroundings

__all__ = [
    'BLOCK', 'FREE', 'UNSEEN', 'Nearest', 'box_of', 'cells_of', 'envelope', 'hides', 'hiding',
    'lines', 'near_window', 'nearest_in_row',
]

FREE, UNSEEN = -1, -2  # cells without an obstacle: seen, never seen
BLOCK = 32  # cells looked at together: most are free

Box = tuple[int, int, int, int]  # first cell (x, y) and the one after the last


class Nearest(NamedTuple):
    """
    Which of `points`, shape (m, 2), is nearest to every cell [ix, iy] of a box; -1 where far.

    (`corner_x`, `corner_y`) is the lower corner of the first cell, metres, odom frame.
    """

    cells: IntArray
    points: FloatArray
    corner_x: float
    corner_y: float
    resolution: float


@compiled_unlocked
def cells_of(
    grid: Grid, first_x: int, first_y: int, count_x: int, count_y: int,
) -> Surroundings:
    """Return what a window of the memory's grid holds; what lies beyond the grid is free."""
    score = grid.score
    n = score.shape[0]
    cells = np.full((count_x, count_y), FREE, dtype=np.int32)
    begin, end = max(first_y, 0), min(first_y + count_y, n)
    points = np.empty((max(count_x * (end - begin), 0), 2))
    count = 0
    for gx in range(max(first_x, 0), min(first_x + count_x, n)):
        for low in range(begin, end, BLOCK):
            block = score[gx, low:min(low + BLOCK, end)]
            row = cells[gx - first_x, low - first_y:low - first_y + block.shape[0]]
            some = 0
            for i in range(block.shape[0]):
                some += block[i] > 0
                row[i] = UNSEEN if block[i] < 0 else FREE
            if some == 0:
                continue
            for i in range(block.shape[0]):
                if block[i] > 0:
                    points[count, 0] = grid.point_x[gx, low + i]
                    points[count, 1] = grid.point_y[gx, low + i]
                    row[i] = count
                    count += 1
    return Surroundings(
        cells, points[:count].copy(), first_x, first_y, grid.origin_x, grid.origin_y,
        grid.resolution)


@compiled
def hiding(cells: IntArray, first_x: int, last_x: int, first_y: int, last_y: int) -> ScoreArray:
    """
    Return which cells of a box [ix, iy] were never seen and may hide something: 1, else 0.

    They belong to a block of two by two cells none of which is free: beside an obstacle a single
    cell never seen may hold its other side. The box keeps a cell's distance from the border.
    """
    count_x, count_y = max(last_x - first_x, 0), max(last_y - first_y, 0)
    # loops over whole rows, without branches, are vectorised
    blocks = np.empty((count_x + 1, count_y + 1), dtype=np.int8)
    for ix in range(count_x + 1):
        low = cells[first_x - 1 + ix, first_y - 1:last_y + 1]
        high = cells[first_x + ix, first_y - 1:last_y + 1]
        row = blocks[ix]
        for i in range(count_y + 1):
            row[i] = ((low[i] != FREE) & (low[i + 1] != FREE)
                      & (high[i] != FREE) & (high[i + 1] != FREE))
    result = np.empty((count_x, count_y), dtype=np.int8)
    for ix in range(count_x):
        low_blocks, high_blocks, row = blocks[ix], blocks[ix + 1], result[ix]
        seen = cells[first_x + ix, first_y:last_y]
        for i in range(count_y):
            row[i] = (seen[i] == UNSEEN) & (
                low_blocks[i] | low_blocks[i + 1] | high_blocks[i] | high_blocks[i + 1])
    return result


@compiled
def hides(cells: IntArray, ix: int, iy: int) -> bool:
    """Return what `hiding` says of one cell."""
    if cells[ix, iy] != UNSEEN:
        return False
    for dx in (-1, 1):
        for dy in (-1, 1):
            if (cells[ix + dx, iy] != FREE and cells[ix, iy + dy] != FREE
                    and cells[ix + dx, iy + dy] != FREE):
                return True
    return False


@compiled
def box_of(
    around: Surroundings, low_x: float, low_y: float, high_x: float, high_y: float,
) -> Box:
    """Return the cells that hold a rectangle (m), as far as they are off the rim."""
    corner_x, corner_y = corner_of(around, 0, 0)
    count_x, count_y = around.cells.shape
    first_x, last_x = _span(low_x - corner_x, high_x - corner_x, count_x, around.resolution)
    first_y, last_y = _span(low_y - corner_y, high_y - corner_y, count_y, around.resolution)
    return first_x, first_y, last_x, last_y


@compiled
def _span(low: float, high: float, count: int, res: float) -> tuple[int, int]:
    """Return the first of `count` cells that hold a span (m), and the one after its last."""
    first = min(max(math.floor(low / res), 1), count - 2)
    last = min(max(math.floor(high / res), first), count - 2)
    return first, last + 1


@compiled
def near_window(
    around: Surroundings, box: Box, reach: float, unknown: bool,
) -> tuple[Nearest, Nearest]:
    """
    Return which point is nearest to every cell of a box of the robot's surroundings, twice.

    First of what was seen; then also of what was not, where that is `unknown`: the middle of a
    cell that was never seen is such a point where it may hide something (`hiding`), for between
    beams that passed on all sides nothing larger than a cell can. A cell that has nothing within
    `reach` metres of all that is in it holds -1 or what is farther.

    The box keeps off the rim of one cell, which counts only for what may hide.
    """
    cells, points, res = around.cells, around.points, around.resolution
    low_x, low_y, high_x, high_y = box
    corner_x, corner_y = corner_of(around, low_x, low_y)
    within = math.ceil(reach / res) + 2
    first_x, last_x = max(low_x - within, 1), min(high_x + within, cells.shape[0] - 1)
    first_y, last_y = max(low_y - within, 1), min(high_y + within, cells.shape[1] - 1)
    count_x, count_y = last_x - first_x, last_y - first_y
    sites = np.full((count_y, count_x), -1, dtype=np.int32)
    for ix in range(count_x):
        for begin in range(0, count_y, BLOCK):
            block = cells[first_x + ix, first_y + begin:min(first_y + begin + BLOCK, last_y)]
            some = 0
            for i in range(block.shape[0]):
                some += block[i] >= 0
            if some == 0:
                continue
            for i in range(block.shape[0]):
                sites[begin + i, ix] = block[i] if block[i] >= 0 else -1
    inner = (low_x - first_x, low_y - first_y, high_x - first_x, high_y - first_y)
    seen = _nearest(sites, inner, within)
    if not unknown:
        near = Nearest(seen, points, corner_x, corner_y, res)
        return near, near
    count = points.shape[0]
    every = np.empty((count + count_x * count_y, 2))
    every[:count] = points
    hidden = hiding(cells, first_x, last_x, first_y, last_y)
    for ix in range(count_x):
        for begin in range(0, count_y, BLOCK):
            row = hidden[ix, begin:min(begin + BLOCK, count_y)]
            some = 0
            for i in range(row.shape[0]):
                some += row[i]
            if some == 0:
                continue
            for i in range(row.shape[0]):
                if row[i] != 0:
                    every[count, 0] = around.origin_x + (
                        around.first_x + first_x + ix + 0.5) * res
                    every[count, 1] = around.origin_y + (
                        around.first_y + first_y + begin + i + 0.5) * res
                    sites[begin + i, ix] = count
                    count += 1
    return (Nearest(seen, every[:count], corner_x, corner_y, res),
            Nearest(_nearest(sites, inner, within), every[:count], corner_x, corner_y, res))


@compiled
def _nearest(sites: IntArray, box: Box, within: int) -> IntArray:
    """Return the nearest of `sites` [iy, ix] to each cell [ix, iy] of a box; -1 if far."""
    low_x, low_y, high_x, high_y = box
    rows = nearest_in_row(sites)
    # filled along ix, so that is how it lies in memory; what holds a point has that
    near = sites[low_y:high_y, low_x:high_x].copy()
    count_x = sites.shape[1]
    column, height, border = lines(count_x)
    inverse = 0.5 / np.arange(count_x)
    for iy in range(low_y, high_y):
        line = near[iy - low_y]
        for j in range(envelope(
                rows[iy], iy, within + 1, inverse, column, height, border, True)):
            nearest = sites[rows[iy, column[j]], column[j]]
            for ix in range(max(border[j] + 1, column[j] - within, low_x),
                            min(border[j + 1], column[j] + within, high_x - 1) + 1):
                line[ix - low_x] = nearest if line[ix - low_x] < 0 else line[ix - low_x]
    return near.T


@compiled
def nearest_in_row(sites: IntArray) -> IntArray:
    """Return the iy of the nearest site with the same ix, shape (ny, nx); far off without one."""
    ny, nx = sites.shape
    none = 1 << 20  # farther than anything reaches
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
