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
from rfsn_ros.navigation.memory import Beams
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['RADIUS', 'Cluster', 'Place', 'appeared', 'clusters']

IntArray = NDArray[np.intp]

RADIUS = 0.2
"""Radius every disc is taken to have, metres."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Neighbouring points that may show one disc: its middle, their extent and number."""

    x: float
    y: float
    width: float
    points: int


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
    score: FloatArray, origin_x: float, origin_y: float, res: float, end_x: FloatArray,
    end_y: FloatArray, hit: FloatArray,
) -> BoolArray:
    """Return which beams end in space that was free, with nothing known beside it."""
    n = score.shape[0]
    result = np.zeros(end_x.shape[0], dtype=np.bool_)
    for i in range(end_x.shape[0]):
        if hit[i] == 0:
            continue
        ix = math.floor((end_x[i] - origin_x) / res)
        iy = math.floor((end_y[i] - origin_y) / res)
        if ix < 1 or iy < 1 or ix >= n - 1 or iy >= n - 1 or score[ix, iy] != 0.0:
            continue
        alone = True
        for jx in range(ix - 1, ix + 2):
            for jy in range(iy - 1, iy + 2):
                if score[jx, jy] != 0.0:
                    alone = False
        result[i] = alone
    return result


def clusters(beams: Beams, new: BoolArray, places: Sequence[Place]) -> list[Cluster]:
    """
    Return the groups of `new` points, shape (n,) of the beams, as discs.

    Points near a disc expected at one of `places` are taken as that disc.
    """
    found = []
    for group in _groups(beams, new, places):
        px, py = beams.end_x[group], beams.end_y[group]
        width = math.hypot(float(px[-1] - px[0]), float(py[-1] - py[0]))
        mx, my = float(px.mean()), float(py.mean())
        near = min(
            places, key=lambda place: math.hypot(place.x - mx, place.y - my), default=None)
        if near is not None and math.hypot(near.x - mx, near.y - my) < 0.4 and near.settled:
            x, y = fitted(px, py, near.x, near.y, RADIUS)
        else:
            away = math.hypot(mx - beams.sensor[0], my - beams.sensor[1])
            push = 0.7 * RADIUS / max(away, 1e-6)
            x, y = fitted(px, py, mx + push * (mx - beams.sensor[0]),
                          my + push * (my - beams.sensor[1]), RADIUS)
        found.append(Cluster(x, y, width, len(group)))
    return found


def _groups(beams: Beams, new: BoolArray, places: Sequence[Place]) -> list[IntArray]:
    """Return the new points by the place that is nearest to them, the others by neighbourhood."""
    index = np.flatnonzero(new)
    if not len(index):
        return []
    x, y = beams.end_x[index], beams.end_y[index]
    owner = np.full(len(index), -1)
    nearest = np.full(len(index), 0.2)
    for number, place in enumerate(places):
        if not place.settled:
            continue
        off = np.abs(np.hypot(x - place.x, y - place.y) - RADIUS)
        closer = off < nearest
        owner[closer], nearest[closer] = number, off[closer]
    apart = (np.hypot(np.diff(x), np.diff(y)) > 0.25) | (np.diff(owner) != 0)
    groups: list[IntArray] = []
    for number in range(len(places)):
        groups.append(index[owner == number])
    left = owner < 0
    cut = np.flatnonzero(apart) + 1
    groups.extend(
        group[left[np.searchsorted(index, group)]] for group in np.split(index, cut))
    return [group for group in groups if len(group) >= 2]


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
