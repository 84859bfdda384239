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
What appears in a scan where free space was seen, as discs.

How large a thing is that shows one side is not known: all are taken as discs of one radius.
Where a disc is wrong about it, its face is right, for it is fitted to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import math
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.grids import Grid
from rfsn_ros.navigation.memory import Beams
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['RADIUS', 'Cluster', 'Place', 'appeared', 'clusters', 'seen_through', 'whole_discs']

IntArray = NDArray[np.intp]

RADIUS = 0.2
"""Radius every disc is taken to have, metres."""

_GAP = 0.15  # between neighbouring points of one face, m
_NEXT = 0.03  # between neighbouring beams, rad
_FEWEST = 6  # points of a disc seen whole
_NARROWEST = 0.28  # what a disc seen whole shows of its width, m
_ROUND = 0.018  # root mean square of its points off the circle, m


@dataclass(frozen=True, slots=True)
class Cluster:
    """
    Neighbouring points that may show one disc: its middle, their extent, and the points.

    `whole` where they show a round face with both its edges.
    """

    x: float
    y: float
    width: float
    face_x: FloatArray
    face_y: FloatArray
    whole: bool = False


class Place(Protocol):
    """Where a disc is expected."""

    @property
    def x(self) -> float:
        """Its middle along x of odom, metres."""

    @property
    def y(self) -> float:
        """Its middle along y of odom, metres."""

    @property
    def settled(self) -> bool:
        """Whether it was seen more than once."""


@compiled
def appeared(
    grid: Grid, end_x: FloatArray, end_y: FloatArray, hit: FloatArray,
) -> BoolArray:
    """Return which beams end in space that was free, with nothing known beside it."""
    score, _, _, origin_x, origin_y, res = grid
    n = score.shape[0]
    result = np.zeros(end_x.shape[0], dtype=np.bool_)
    for i in range(end_x.shape[0]):
        if hit[i] == 0:
            continue
        ix = math.floor((end_x[i] - origin_x) / res)
        iy = math.floor((end_y[i] - origin_y) / res)
        if ix < 1 or iy < 1 or ix >= n - 1 or iy >= n - 1 or score[ix, iy] != 0:
            continue
        alone = True
        for jx in range(ix - 1, ix + 2):
            for jy in range(iy - 1, iy + 2):
                if score[jx, jy] != 0:
                    alone = False
        result[i] = alone
    return result


@compiled
def fitted(
    x: FloatArray, y: FloatArray, cx: float, cy: float, radius: float,
) -> tuple[float, float]:
    """Return the centre of the circle of a known radius through points (Gauss-Newton)."""
    for _ in range(5):
        # few points on one side say little across: damping keeps the first guess there
        a = d = 0.05 * x.shape[0]
        b = p = q = 0.0
        for i in range(x.shape[0]):
            dx, dy = x[i] - cx, y[i] - cy
            size = max(math.sqrt(dx * dx + dy * dy), 1e-6)
            ux, uy, off = dx / size, dy / size, size - radius
            a += ux * ux
            b += ux * uy
            d += uy * uy
            p += ux * off
            q += uy * off
        det = a * d - b * b
        cx += (d * p - b * q) / det
        cy += (a * q - b * p) / det
    return cx, cy


@compiled
def whole_discs(
    end_x: FloatArray, end_y: FloatArray, hit: FloatArray, ranges: FloatArray,
    bearings: FloatArray, sensor_x: float, sensor_y: float,
) -> BoolArray:
    """
    Return which beams end on a disc that is seen whole, shape (n,).

    Both its edges stand out before what is behind them, and its face is as round and as wide as
    that of a disc of `RADIUS`.
    """
    n = end_x.shape[0]
    result = np.zeros(n, dtype=np.bool_)
    begin = 0
    for i in range(n):
        last = i + 1 == n or hit[i] == 0.0 or hit[i + 1] == 0.0 or (
            bearings[i + 1] - bearings[i] > _NEXT) or (
            (end_x[i + 1] - end_x[i]) ** 2 + (end_y[i + 1] - end_y[i]) ** 2 > _GAP * _GAP)
        if not last:
            continue
        first, begin = begin, i + 1
        count = begin - first
        if hit[i] == 0.0 or count < _FEWEST or first == 0 or begin == n:
            continue
        width = math.sqrt((end_x[i] - end_x[first]) ** 2 + (end_y[i] - end_y[first]) ** 2)
        if width < _NARROWEST or width > 2.2 * RADIUS:
            continue
        if bearings[first] - bearings[first - 1] > _NEXT or bearings[begin] - bearings[i] > _NEXT:
            continue
        if (hit[first - 1] != 0.0 and ranges[first - 1] < ranges[first]) or (
                hit[begin] != 0.0 and ranges[begin] < ranges[i]):
            continue
        x = end_x[first:begin]
        y = end_y[first:begin]
        mx, my = x.mean(), y.mean()
        push = 0.7 * RADIUS / math.sqrt((mx - sensor_x) ** 2 + (my - sensor_y) ** 2)
        cx, cy = fitted(x, y, mx + push * (mx - sensor_x), my + push * (my - sensor_y), RADIUS)
        off = 0.0
        for j in range(count):
            off += (math.sqrt((x[j] - cx) ** 2 + (y[j] - cy) ** 2) - RADIUS) ** 2
        if off < count * _ROUND * _ROUND:
            result[first:begin] = True
    return result


@compiled
def seen_through(
    x: FloatArray, y: FloatArray, sensor_x: float, sensor_y: float, yaw: float,
    bearings: FloatArray, ranges: FloatArray, spacing: float, margin: float,
) -> BoolArray:
    """
    Return through which points the beams of a scan passed, shape (n,).

    They did where both beams beside a point, `spacing` (rad) apart or little more, reach farther
    by `margin`. That it is free now and was not then, or was and is not, no pose that has drifted
    can feign.
    """
    result = np.zeros(x.shape[0], dtype=np.bool_)
    n = bearings.shape[0]
    if n < 2:
        return result
    sense = 1.0 if bearings[n - 1] > bearings[0] else -1.0
    turns = sense * (bearings - bearings[0])
    gap = max(_NEXT, 1.5 * spacing)
    for i in range(x.shape[0]):
        dx, dy = x[i] - sensor_x, y[i] - sensor_y
        turn = (sense * (math.atan2(dy, dx) - yaw - bearings[0])) % (2.0 * math.pi)
        j = np.searchsorted(turns, turn)
        if j < 1 or j >= n or abs(bearings[j] - bearings[j - 1]) > gap:
            continue
        reach = math.sqrt(dx * dx + dy * dy) + margin
        result[i] = ranges[j - 1] > reach and ranges[j] > reach
    return result


def clusters(
    beams: Beams, new: BoolArray, whole: BoolArray, places: Sequence[Place],
) -> list[Cluster]:
    """
    Return the groups of points that are `new` or on `whole` discs, shape (n,) each, as discs.

    Points near a disc expected at one of `places` are taken as that disc.
    """
    index = np.flatnonzero(new | whole)
    if not len(index):
        return []
    at = np.array([(place.x, place.y, place.settled) for place in places]).reshape(-1, 3)
    order, ends = grouped(beams.end_x[index], beams.end_y[index], at)
    index = index[order]
    px, py = beams.end_x[index], beams.end_y[index]
    rows = described(px, py, whole[index], ends, at, *beams.sensor)
    found, first = [], 0
    for last, (x, y, width, share) in zip(ends.tolist(), rows.tolist(), strict=True):
        if last - first >= 2:
            found.append(Cluster(x, y, width, px[first:last], py[first:last], share > 0.8))
        first = last
    return found


@compiled
def grouped(x: FloatArray, y: FloatArray, places: FloatArray) -> tuple[IntArray, IntArray]:
    """
    Return an order of points, shape (n,), and where each group ends in it.

    First come those on the circle around each of the `places`, rows (x, y, settled), that are
    settled, then, by neighbourhood, those on none.
    """
    count = places.shape[0]
    label = np.empty(x.shape[0], dtype=np.int64)
    last, before = count, -1
    for i in range(x.shape[0]):
        owner, nearest = -1, 0.2
        for k in range(count):
            if places[k, 2] == 0.0:
                continue
            off = abs(math.hypot(x[i] - places[k, 0], y[i] - places[k, 1]) - RADIUS)
            if off < nearest:
                owner, nearest = k, off
        if i > 0 and (owner != before or math.hypot(x[i] - x[i - 1], y[i] - y[i - 1]) > 0.25):
            last += 1
        label[i] = last if owner < 0 else owner
        before = owner
    # sorted by counting: NumPy's sorts take seconds to compile
    sizes = np.zeros(last + 1, dtype=np.int64)
    for i in range(x.shape[0]):
        sizes[label[i]] += 1
    ends, free = np.empty(last + 1, dtype=np.int64), np.empty(last + 1, dtype=np.int64)
    groups = end = 0
    for k in range(last + 1):
        free[k] = end
        end += sizes[k]
        if sizes[k] > 0:
            ends[groups] = end
            groups += 1
    order = np.empty(x.shape[0], dtype=np.int64)
    for i in range(x.shape[0]):
        order[free[label[i]]] = i
        free[label[i]] += 1
    return order, ends[:groups]


@compiled
def described(
    x: FloatArray, y: FloatArray, whole: BoolArray, ends: IntArray, places: FloatArray,
    sensor_x: float, sensor_y: float,
) -> FloatArray:
    """
    Return the disc in each group of points, rows (x, y, width, share of `whole` points).

    Points and `ends` are as `grouped` orders them, for the same `places`.
    """
    rows = np.empty((ends.shape[0], 4))
    first = 0
    for g in range(ends.shape[0]):
        px, py = x[first:ends[g]], y[first:ends[g]]
        mx, my = px.mean(), py.mean()
        owner, nearest = -1, np.inf
        for k in range(places.shape[0]):
            off = math.hypot(places[k, 0] - mx, places[k, 1] - my)
            if off < nearest:
                owner, nearest = k, off
        if nearest < 0.4 and places[owner, 2] != 0.0:
            guess_x, guess_y = places[owner, 0], places[owner, 1]
        else:
            push = 0.7 * RADIUS / max(math.hypot(mx - sensor_x, my - sensor_y), 1e-6)
            guess_x, guess_y = mx + push * (mx - sensor_x), my + push * (my - sensor_y)
        rows[g, 0], rows[g, 1] = fitted(px, py, guess_x, guess_y, RADIUS)
        rows[g, 2] = math.hypot(px[-1] - px[0], py[-1] - py[0])
        rows[g, 3] = whole[first:ends[g]].mean()
        first = ends[g]
    return rows
