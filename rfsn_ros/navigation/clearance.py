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

from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.grids import FAR, IntArray
from rfsn_ros.navigation.motion import cos_sin
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['clearance_at', 'disc_clearance', 'disc_clearance_at', 'footprint_clearance']


@compiled
def footprint_clearance(
    x: float, y: float, yaw: float, half_length: float, half_width: float,
    near: IntArray, points: FloatArray, origin_x: float, origin_y: float, res: float,
) -> float:
    """
    Return the signed distance of the rectangular footprint to the nearest obstacle point.

    Looks up the nearest point of four places along the axis and measures the rectangle's
    distance to each exactly; where something is near, also those of the four corners, which
    another obstacle beside the robot may hide from the axis. `near` and `points` are those of a
    `NearField`.
    """
    cos, sin = cos_sin(yaw)
    return float(clearance_at(
        x, y, cos, sin, half_length, half_width, near, points, origin_x, origin_y, res, FAR))


@compiled
def clearance_at(
    x: float, y: float, cos: float, sin: float, half_length: float, half_width: float,
    near: IntArray, points: FloatArray, origin_x: float, origin_y: float, res: float,
    outside: float,
) -> float:
    """Return the `footprint_clearance`, at most `outside` where part of it leaves the window."""
    best, before = FAR, -1
    for k in range(8):
        along = half_length * (-0.75 + 0.5 * (k % 4))
        aside = 0.0
        if k >= 4:
            if best > half_width:
                break
            along = half_length if k < 6 else -half_length
            aside = half_width if k % 2 == 0 else -half_width
        cx = x + cos * along - sin * aside
        cy = y + sin * along + cos * aside
        ix = math.floor((cx - origin_x) / res)
        iy = math.floor((cy - origin_y) / res)
        if ix < 0 or iy < 0 or ix >= near.shape[0] or iy >= near.shape[1]:
            best = min(best, outside)
            continue
        nearest = near[ix, iy]
        if nearest >= 0 and nearest != before:
            before = nearest
            best = min(best, _apart(
                points[nearest, 0] - x, points[nearest, 1] - y, cos, sin, half_length,
                half_width))
    return best


@compiled
def disc_clearance(
    x: float, y: float, yaw: float, half_length: float, half_width: float, discs: FloatArray,
) -> float:
    """Return the distance of the footprint to the nearest of discs, rows (x, y, radius)."""
    cos, sin = cos_sin(yaw)
    return float(disc_clearance_at(x, y, cos, sin, half_length, half_width, discs))


@compiled
def disc_clearance_at(
    x: float, y: float, cos: float, sin: float, half_length: float, half_width: float,
    discs: FloatArray,
) -> float:
    """Return the `disc_clearance` of a footprint turned by an angle of cosine and sine."""
    best = FAR
    for i in range(discs.shape[0]):
        best = min(best, _apart(
            discs[i, 0] - x, discs[i, 1] - y, cos, sin, half_length, half_width) - discs[i, 2])
    return best


@compiled
def _apart(
    dx: float, dy: float, cos: float, sin: float, half_length: float, half_width: float,
) -> float:
    """Return the signed distance of a rectangle to a point at (dx, dy) from its middle."""
    px = abs(cos * dx + sin * dy) - half_length
    py = abs(-sin * dx + cos * dy) - half_width
    if px <= 0.0 and py <= 0.0:
        return max(px, py)
    return math.sqrt(max(px, 0.0) ** 2 + max(py, 0.0) ** 2)
