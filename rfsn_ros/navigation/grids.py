"""Compiled grid work: entering scans, nearest obstacle points, cost-to-go.

Grids are indexed [ix, iy]; cell (ix, iy) covers the square of side `res` whose lower corner is
``origin + res * (ix, iy)``. Each occupied cell keeps the mean of the points seen in it, so that
distances do not suffer from the cell size.
"""

from __future__ import annotations

import math

import numpy as np

from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['FAR', 'UNKNOWN', 'coarsen', 'enter_scan', 'march', 'nearest_points', 'trust_disc']

FAR = 1e3  # coordinate offset that stands for "no obstacle"
UNKNOWN = -1.0  # score of a cell no beam has passed
_HIT, _MISS, _HIGHEST, _OCCUPIED = 1.0, 0.5, 2.0, 0.5
_SHARE = 0.2  # of the beams that touch a cell must end in it for it to count as hit


@compiled
def enter_scan(
    score: FloatArray, point_x: FloatArray, point_y: FloatArray, ends: FloatArray,
    passes: FloatArray, origin_x: float, origin_y: float, res: float, sensor_x: float,
    sensor_y: float, end_x: FloatArray, end_y: FloatArray, hit: FloatArray,
) -> None:
    """Enter the beams of one scan; `ends` and `passes` are scratch grids of zeros.

    A cell gains when enough of the beams that touched it ended there and loses when they passed,
    so that single noisy ranges neither make nor erase obstacles.
    """
    n = score.shape[0]
    count = end_x.shape[0]
    for i in range(count):
        if hit[i] != 0:
            ix = math.floor((end_x[i] - origin_x) / res)
            iy = math.floor((end_y[i] - origin_y) / res)
            if 0 <= ix < n and 0 <= iy < n:
                ends[ix, iy] += 1.0
                if score[ix, iy] < _OCCUPIED and ends[ix, iy] == 1.0:
                    point_x[ix, iy] = end_x[i]
                    point_y[ix, iy] = end_y[i]
                weight = max(1.0 / ends[ix, iy], 0.05)
                if score[ix, iy] >= _OCCUPIED:
                    weight = 0.05
                point_x[ix, iy] += weight * (end_x[i] - point_x[ix, iy])
                point_y[ix, iy] += weight * (end_y[i] - point_y[ix, iy])
    low_x = min(sensor_x, end_x.min()) if count else sensor_x
    low_y = min(sensor_y, end_y.min()) if count else sensor_y
    high_x = max(sensor_x, end_x.max()) if count else sensor_x
    high_y = max(sensor_y, end_y.max()) if count else sensor_y
    for i in range(count):
        dx = end_x[i] - sensor_x
        dy = end_y[i] - sensor_y
        length = math.sqrt(dx * dx + dy * dy)
        if length <= 0.0:
            continue
        steps = int(length / res) + 1
        ux = dx / length * res
        uy = dy / length * res
        x = (sensor_x - origin_x + 0.5 * ux) / res
        y = (sensor_y - origin_y + 0.5 * uy) / res
        ux /= res
        uy /= res
        for k in range(steps):
            if k == steps - 1:
                x = (end_x[i] - origin_x) / res
                y = (end_y[i] - origin_y) / res
            if x < 0.0 or y < 0.0 or x >= n or y >= n:
                break
            if k < steps - 1:
                passes[int(x), int(y)] += 1.0
            x += ux
            y += uy
    # Cells are judged once all beams are in; going through the box they touched row by row is
    # several times as fast as going along the beams again.
    first_y = max(math.floor((low_y - origin_y) / res), 0)
    last_y = min(math.floor((high_y - origin_y) / res) + 1, n)
    for ix in range(
            max(math.floor((low_x - origin_x) / res), 0),
            min(math.floor((high_x - origin_x) / res) + 1, n)):
        for iy in range(first_y, last_y):
            here = ends[ix, iy]
            passed = passes[ix, iy]
            if here == 0.0 and passed == 0.0:
                continue
            if here > 0.0 and here >= _SHARE * (here + passed):
                score[ix, iy] = min(max(score[ix, iy], 0.0) + _HIT, _HIGHEST)
            else:
                score[ix, iy] = max(score[ix, iy] - _MISS, 0.0)
            passes[ix, iy] = 0.0
            ends[ix, iy] = 0.0


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
    """Return whether a cell belongs to a block of two by two cells never seen."""
    n = score.shape[0]
    for side_x in range(-1, 2, 2):
        jx = ix + side_x
        if jx < 0 or jx >= n or score[jx, iy] >= 0.0:
            continue
        for side_y in range(-1, 2, 2):
            jy = iy + side_y
            if 0 <= jy < n and score[ix, jy] < 0.0 and score[jx, jy] < 0.0:
                return True
    return False


@compiled
def coarsen(
    score: FloatArray, point_x: FloatArray, point_y: FloatArray, first_x: int, first_y: int,
    factor: int, count_x: int, count_y: int, origin_x: float, origin_y: float, res: float,
    unknown: bool,
) -> tuple[FloatArray, FloatArray]:
    """Return per coarse cell one occupied point (x, y), `FAR` where there is none.

    With `unknown`, the middle of a cell that was never seen counts as a point, if it is part of
    a block of two by two such cells: between beams that passed on all sides nothing larger than
    a cell can hide.
    """
    n = score.shape[0]
    out_x = np.full((count_x, count_y), FAR)
    out_y = np.full((count_x, count_y), FAR)
    for ix in range(count_x * factor):
        gx = first_x + ix
        if gx < 0 or gx >= n:
            continue
        for iy in range(count_y * factor):
            gy = first_y + iy
            if gy < 0 or gy >= n:
                continue
            if score[gx, gy] >= _OCCUPIED:
                out_x[ix // factor, iy // factor] = point_x[gx, gy]
                out_y[ix // factor, iy // factor] = point_y[gx, gy]
            elif unknown and score[gx, gy] < 0.0 and hides(score, gx, gy):
                out_x[ix // factor, iy // factor] = origin_x + (gx + 0.5) * res
                out_y[ix // factor, iy // factor] = origin_y + (gy + 0.5) * res
    return out_x, out_y


@compiled
def nearest_points(
    occupied_x: FloatArray, occupied_y: FloatArray,
) -> tuple[FloatArray, FloatArray]:
    """Return for every cell the point of the nearest occupied cell.

    The exact two-pass distance transform by lower envelopes of parabolas (Felzenszwalb and
    Huttenlocher, Theory of Computing 2012), keeping the minimising cell instead of the distance.
    """
    nx, ny = occupied_x.shape
    row = np.full((nx, ny), -1, dtype=np.int32)
    for ix in range(nx):
        last = -1
        for iy in range(ny):
            if occupied_x[ix, iy] < FAR:
                last = iy
            row[ix, iy] = last
        last = -1
        for iy in range(ny - 1, -1, -1):
            if occupied_x[ix, iy] < FAR:
                last = iy
            if last >= 0 and (row[ix, iy] < 0 or last - iy < iy - row[ix, iy]):
                row[ix, iy] = last
    out_x = np.full((nx, ny), FAR)
    out_y = np.full((nx, ny), FAR)
    column = np.empty(nx, dtype=np.int32)
    height = np.empty(nx)
    border = np.empty(nx + 1)
    for iy in range(ny):
        k = -1
        for ix in range(nx):
            if row[ix, iy] < 0:
                continue
            g = float(row[ix, iy] - iy)
            h = g * g + float(ix) * ix
            s = -1e18
            while k >= 0:
                s = (h - height[k]) / (2.0 * (ix - column[k]))
                if s > border[k]:
                    break
                k -= 1
            if k < 0:
                s = -1e18
            k += 1
            column[k] = ix
            height[k] = h
            border[k] = s
        if k < 0:
            continue
        j = 0
        for ix in range(nx):
            while j < k and border[j + 1] < ix:
                j += 1
            cx = column[j]
            cy = row[cx, iy]
            out_x[ix, iy] = occupied_x[cx, cy]
            out_y[ix, iy] = occupied_y[cx, cy]
    return out_x, out_y


@compiled
def march(
    cost: FloatArray, res: float, goal_x: int, goal_y: int, until_x: int, until_y: int,
    beyond: float,
) -> FloatArray:
    """Return the cost-to-go of every cell: the Eikonal equation |grad T| = cost, T(goal) = 0.

    Fast marching with bucketed priorities (Yatziv, Bartesaghi, Sapiro, J. Comp. Physics 2006),
    here label-correcting, so the result does not depend on the bucket width. Stops `beyond`
    after the cell `until` was reached; what was not reached by then holds the largest value.
    """
    nx, ny = cost.shape
    value = np.full((nx, ny), np.inf)
    width = 0.5 * res
    buckets = int(cost.max() * res / width) + 4
    head = np.full(buckets, -1, dtype=np.int32)
    size = 6 * nx * ny + 16
    cell = np.empty(size, dtype=np.int32)
    following = np.empty(size, dtype=np.int32)
    value[goal_x, goal_y] = 0.0
    cell[0] = goal_x * ny + goal_y
    following[0] = -1
    head[0] = 0
    used, waiting, current = 1, 1, 0
    limit = np.inf
    while waiting > 0:
        slot = current % buckets
        if head[slot] < 0:
            current += 1
            if current * width > limit:
                break
            continue
        node = head[slot]
        head[slot] = following[node]
        waiting -= 1
        ix = cell[node] // ny
        iy = cell[node] % ny
        if int(value[ix, iy] / width) != current:
            continue
        if ix == until_x and iy == until_y:
            limit = value[ix, iy] + beyond
        for side in range(4):
            jx = ix + (1 if side == 0 else -1 if side == 1 else 0)
            jy = iy + (1 if side == 2 else -1 if side == 3 else 0)
            if jx < 0 or jy < 0 or jx >= nx or jy >= ny:
                continue
            a = np.inf
            b = np.inf
            if jx > 0:
                a = value[jx - 1, jy]
            if jx < nx - 1:
                a = min(a, value[jx + 1, jy])
            if jy > 0:
                b = value[jx, jy - 1]
            if jy < ny - 1:
                b = min(b, value[jx, jy + 1])
            f = cost[jx, jy] * res
            if abs(a - b) < f:
                t = 0.5 * (a + b + math.sqrt(2.0 * f * f - (a - b) * (a - b)))
            else:
                t = min(a, b) + f
            if t < value[jx, jy] - 1e-9 and used < size:
                value[jx, jy] = t
                slot = int(t / width) % buckets
                cell[used] = jx * ny + jy
                following[used] = head[slot]
                head[slot] = used
                used += 1
                waiting += 1
    largest = 0.0
    for ix in range(nx):
        for iy in range(ny):
            if value[ix, iy] < np.inf and value[ix, iy] > largest:
                largest = value[ix, iy]
    for ix in range(nx):
        for iy in range(ny):
            if value[ix, iy] == np.inf:
                value[ix, iy] = largest
    return value
