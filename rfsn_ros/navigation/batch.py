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
Steps of many roll-outs at once.

Every function does for arrays, shape (n,), what the one of `motion` or `clearance` does for
numbers, with the same result. Loops without branches over contiguous numbers let the compiler
take several at once; the look ahead, which takes tens of thousands of steps, is twice as fast
for it.
"""

from __future__ import annotations

import math

import numpy as np
from rfsn_ros.navigation.clearance import Footprint
from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.grids import FAR
from rfsn_ros.navigation.motion import cos_sin, Mobility
from rfsn_ros.navigation.nearest import Nearest
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['advance_all', 'disc_clearances', 'rooms', 'rooms_at', 'surely_clear']


@compiled
def advance_all(
    x: FloatArray, y: FloatArray, yaw: FloatArray, v: FloatArray, w: FloatArray,
    ask_v: FloatArray, ask_w: FloatArray, mobility: Mobility, dt: float,
) -> None:
    """Move all on by one step in place, as `motion.advance` does."""
    gain, turn_gain, loss, turn_loss, _, _, fastest = mobility
    for k in range(x.shape[0]):
        gv = ask_v[k] - v[k]
        gw = min(max(ask_w[k], -fastest), fastest) - w[k]
        rate = gain if v[k] * gv >= 0.0 else loss
        turn_rate = turn_gain if w[k] * gw >= 0.0 else turn_loss
        nv = v[k] + min(max(gv, -rate * dt), rate * dt)
        nw = w[k] + min(max(gw, -turn_rate * dt), turn_rate * dt)
        cos, sin = cos_sin(yaw[k] + 0.25 * (w[k] + nw) * dt)
        x[k] += 0.5 * (v[k] + nv) * cos * dt
        y[k] += 0.5 * (v[k] + nv) * sin * dt
        yaw[k] += 0.5 * (w[k] + nw) * dt
        v[k] = nv
        w[k] = nw


@compiled
def disc_clearances(
    x: FloatArray, y: FloatArray, yaw: FloatArray, footprint: Footprint,
    discs: FloatArray, cosine: FloatArray, sine: FloatArray, result: FloatArray,
) -> None:
    """Put `clearance.disc_clearance` into `result`; `cosine` and `sine` are scratch."""
    half_length, half_width = footprint
    for k in range(x.shape[0]):
        result[k] = FAR
        cosine[k], sine[k] = cos_sin(yaw[k])
    for i in range(discs.shape[0]):
        disc_x, disc_y, radius = discs[i, 0], discs[i, 1], discs[i, 2]
        for k in range(x.shape[0]):
            dx = disc_x - x[k]
            dy = disc_y - y[k]
            px = abs(cosine[k] * dx + sine[k] * dy) - half_length
            py = abs(-sine[k] * dx + cosine[k] * dy) - half_width
            out_x = max(px, 0.0)
            out_y = max(py, 0.0)
            outside = math.sqrt(out_x * out_x + out_y * out_y)
            apart = max(px, py) if (px <= 0.0) & (py <= 0.0) else outside
            result[k] = min(result[k], apart - radius)


@compiled
def rooms(near: Nearest, within: float) -> FloatArray:
    """
    Return how far from any place in a cell all obstacles are at least, shape of `near.cells`.

    At most `within`, metres: beyond that it is not known which is nearest, if any.
    """
    cells, points, corner_x, corner_y, res = near
    result = np.full(cells.shape, within)
    for ix in range(cells.shape[0]):
        for iy in range(cells.shape[1]):
            k = cells[ix, iy]
            if k >= 0:
                # the nearest is so by its cell: off by half a diagonal here, and half one there
                dx = math.floor((points[k, 0] - corner_x) / res) - ix
                dy = math.floor((points[k, 1] - corner_y) / res) - iy
                result[ix, iy] = min(res * (math.sqrt(dx * dx + dy * dy) - 1.42), within)
    return result


@compiled
def rooms_at(
    x: FloatArray, y: FloatArray, room: FloatArray, near: Nearest, result: FloatArray,
) -> None:
    """Put what the `rooms` of `near` say about places into `result`; outside 0, nothing."""
    nx, ny = room.shape
    corner_x, corner_y, res = near.corner_x, near.corner_y, near.resolution
    for k in range(x.shape[0]):
        fx = np.floor((x[k] - corner_x) / res)
        fy = np.floor((y[k] - corner_y) / res)
        inside = (fx >= 0.0) & (fy >= 0.0) & (fx < nx) & (fy < ny)
        result[k] = room[int(fx), int(fy)] if inside else 0.0


@compiled
def surely_clear(
    x: float, y: float, yaw: float, footprint: Footprint, margin: float, room: FloatArray,
    near: Nearest,
) -> bool:
    """
    Return whether the `rooms` of `near` alone show that the footprint keeps `margin`.

    It is covered by four circles along its axis.
    """
    nx, ny = room.shape
    half_length, half_width = footprint
    radius = margin + math.sqrt(half_length * half_length / 16.0 + half_width * half_width)
    cos, sin = cos_sin(yaw)
    for k in range(4):
        along = half_length * (-0.75 + 0.5 * k)
        ix = math.floor((x + cos * along - near.corner_x) / near.resolution)
        iy = math.floor((y + sin * along - near.corner_y) / near.resolution)
        if not (0 <= ix < nx and 0 <= iy < ny and room[ix, iy] >= radius):
            return False
    return True
