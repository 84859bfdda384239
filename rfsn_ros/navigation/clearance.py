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

"""Compiled: how far the robot's footprint is from what stands and from what moves."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from rfsn_ros.navigation.compiled import compiled, compiled_unlocked
from rfsn_ros.navigation.grids import FAR
from rfsn_ros.navigation.motion import cos_sin
from rfsn_ros.navigation.nearest import box_of, near_window, Nearest
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.navigation.surroundings import Surroundings

__all__ = [
    'HEEDED', 'Caution', 'Footprint', 'clearances', 'clearances_along', 'disc_clearance',
    'footprint_clearance', 'lookup_reach', 'radius_of',
]

HEEDED = 0.5
"""Clearance (m) beyond which more makes no difference to what is chosen."""


class Footprint(NamedTuple):
    """The rectangle (m) that the robot covers around base_link."""

    half_length: float
    half_width: float


class Caution(NamedTuple):
    """
    What is kept from, and how closely it is looked.

    `margin` (m) is kept, and `drift` more per metre of way and radian of turn. Clearances above
    `heeded` (m) are only known to be that. `unknown` says whether what was never seen counts.
    """

    margin: float
    drift: float
    heeded: float
    unknown: bool


@compiled
def radius_of(footprint: Footprint) -> float:
    """Return the radius (m) of the circle around base_link that holds the footprint."""
    half_length, half_width = footprint
    return math.sqrt(half_length * half_length + half_width * half_width)


@compiled
def footprint_clearance(
    x: float, y: float, yaw: float, footprint: Footprint, near: Nearest,
) -> float:
    """
    Return the signed distance of the rectangular footprint to the nearest obstacle point.

    Looks up the nearest point of four places along the axis and measures the rectangle's
    distance to each exactly; where something is near, also those of the four corners, which
    another obstacle beside the robot may hide from the axis.
    """
    state, result = np.zeros((1, 6)), np.empty(1)
    state[0, 0], state[0, 1], state[0, 2] = x, y, yaw
    clearances_along(state, 0, 1, footprint, near, FAR, FAR, 0.0, False, FAR, result)
    return float(result[0])


@compiled
def lookup_reach(clearance: float, footprint: Footprint) -> float:
    """
    Return how far (m) from the places that `footprint_clearance` looks up points have to be known.

    What is farther from any of those on the axis leaves more than `clearance` (m).
    """
    half_length, half_width = footprint
    return clearance + math.sqrt((1.75 * half_length) ** 2 + half_width * half_width)


@compiled_unlocked
def clearances(
    x: float, y: float, yaw: float, footprint: Footprint, around: Surroundings, caution: Caution,
) -> tuple[float, float]:
    """
    Return the `footprint_clearance` from what was seen, and also from what was not.

    Exact up to the clearance that is heeded.
    """
    radius = radius_of(footprint)
    box = box_of(around, x - radius, y - radius, x + radius, y + radius)
    seen, veto = near_window(
        around, box, lookup_reach(caution.heeded, footprint), caution.unknown)
    return (footprint_clearance(x, y, yaw, footprint, seen),
            footprint_clearance(x, y, yaw, footprint, veto))


@compiled
def clearances_along(
    states: FloatArray, begin: int, end: int, footprint: Footprint, near: Nearest,
    outside: float, enough: float, drift: float, falling: bool, least: float, result: FloatArray,
) -> float:
    """
    Put the `footprint_clearance` of some states, rows (x, y, yaw, v, w, way), into `result`.

    States `begin` to `end` of them, `drift` times their way taken off; `outside` is the most
    where the footprint leaves the window. `FAR` stands for what is surely at least `enough`, and,
    `falling`, for what is surely no less than the least so far. The least of them and of `least`
    is returned.
    """
    half_length, half_width = footprint
    cells, points, corner_x, corner_y, res = near
    radius = radius_of(footprint)
    low_x, low_y = corner_x + radius, corner_y + radius
    high_x = corner_x + cells.shape[0] * res - radius
    high_y = corner_y + cells.shape[1] * res - radius
    # the last ones first: nearer to what is ahead, they spare looking closely at the others
    for k in range(end - 1, begin - 1, -1):
        x, y = states[k, 0], states[k, 1]
        off = drift * states[k, 5]
        result[k] = FAR
        # where all of it is in the window
        if low_x <= x < high_x and low_y <= y < high_y:
            nearest = cells[
                math.floor((x - corner_x) / res), math.floor((y - corner_y) / res)]
            if nearest < 0:
                continue
            dx, dy = points[nearest, 0] - x, points[nearest, 1] - y
            # it is so by its cell, which is off by up to a diagonal here and another there
            away = (min(enough, least) if falling else enough) + off + radius + 2.83 * res
            if away <= 0.0 or dx * dx + dy * dy > away * away:
                continue
        cos, sin = cos_sin(states[k, 2])
        best, before = FAR, -1
        for j in range(8):
            along = half_length * (-0.75 + 0.5 * (j % 4))
            aside = 0.0
            if j >= 4:
                if best > half_width:
                    break
                along = half_length if j < 6 else -half_length
                aside = half_width if j % 2 == 0 else -half_width
            ix = math.floor((x + cos * along - sin * aside - corner_x) / res)
            iy = math.floor((y + sin * along + cos * aside - corner_y) / res)
            if ix < 0 or iy < 0 or ix >= cells.shape[0] or iy >= cells.shape[1]:
                best = min(best, outside)
                continue
            nearest = cells[ix, iy]
            if nearest >= 0 and nearest != before:
                before = nearest
                best = min(best, _apart(
                    points[nearest, 0] - x, points[nearest, 1] - y, cos, sin, footprint))
        result[k] = best - off
        least = min(least, result[k])
    return least


@compiled
def disc_clearance(
    x: float, y: float, yaw: float, footprint: Footprint, discs: FloatArray,
) -> float:
    """Return the distance of the footprint to the nearest of discs, rows (x, y, radius)."""
    cos, sin = cos_sin(yaw)
    best = FAR
    for i in range(discs.shape[0]):
        best = min(best, _apart(
            discs[i, 0] - x, discs[i, 1] - y, cos, sin, footprint) - discs[i, 2])
    return best


@compiled
def _apart(dx: float, dy: float, cos: float, sin: float, footprint: Footprint) -> float:
    """Return the signed distance of a rectangle to a point at (dx, dy) from its middle."""
    px = abs(cos * dx + sin * dy) - footprint.half_length
    py = abs(-sin * dx + cos * dy) - footprint.half_width
    if px <= 0.0 and py <= 0.0:
        return max(px, py)
    return math.sqrt(max(px, 0.0) ** 2 + max(py, 0.0) ** 2)
