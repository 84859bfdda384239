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

"""Exact planar geometry, compiled: ray casting and the footprint's distance to obstacles."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.navigation.compiled import compiled_exact
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['block_cells', 'cast_circles', 'cast_edges', 'rectangle_clearance']

BoolArray = NDArray[np.bool_]
TURN = 2.0 * math.pi


@compiled_exact
def cast_circles(
    x: float, y: float, yaw: float, angle_min: float, increment: float,
    cos: FloatArray, sin: FloatArray, circles: FloatArray, ranges: FloatArray,
) -> None:
    """
    Shorten `ranges` to the nearest circle along each beam.

    The laser stands at (x, y, yaw); beam i points at ``angle_min + i * increment`` (increment >
    0), of which `cos` and `sin` are given. Only the beams that can meet a circle are looked at.
    """
    beams = len(ranges)
    c, s = math.cos(yaw), math.sin(yaw)
    for k in range(len(circles)):
        dx, dy, radius = circles[k, 0] - x, circles[k, 1] - y, circles[k, 2]
        px, py = c * dx + s * dy, c * dy - s * dx
        square = px * px + py * py
        if square <= radius * radius:
            ranges[:] = 0.0
            return
        half = math.asin(radius / math.sqrt(square))
        middle = (math.atan2(py, px) - angle_min) % TURN
        for turn in range(-1, 2):
            low = (middle + turn * TURN - half) / increment
            high = (middle + turn * TURN + half) / increment
            if high < 0.0 or low > beams - 1:
                continue
            for i in range(max(math.ceil(low), 0), min(math.floor(high), beams - 1) + 1):
                along = px * cos[i] + py * sin[i]
                across = radius * radius - (square - along * along)
                if across >= 0.0:
                    distance = along - math.sqrt(across)
                    if distance < ranges[i]:
                        ranges[i] = distance


@compiled_exact
def cast_edges(
    x: float, y: float, yaw: float, angle_min: float, increment: float,
    cos: FloatArray, sin: FloatArray, edges: FloatArray, ranges: FloatArray,
) -> None:
    """Shorten `ranges` to the nearest line segment along each beam; see `cast_circles`."""
    beams = len(ranges)
    c, s = math.cos(yaw), math.sin(yaw)
    for k in range(len(edges)):
        dx, dy = edges[k, 0] - x, edges[k, 1] - y
        px, py = c * dx + s * dy, c * dy - s * dx
        dx, dy = edges[k, 2] - x, edges[k, 3] - y
        qx, qy = c * dx + s * dy, c * dy - s * dx
        ex, ey = qx - px, qy - py
        first = math.atan2(py, px)
        span = math.atan2(qy, qx) - first
        if span > math.pi:
            span -= TURN
        elif span < -math.pi:
            span += TURN
        begin = (min(first, first + span) - angle_min) % TURN
        origin = px * ey - py * ex
        for turn in range(-1, 2):
            # One beam more on either side: the test below decides exactly.
            low = (begin + turn * TURN) / increment - 1.0
            high = (begin + turn * TURN + abs(span)) / increment + 1.0
            if high < 0.0 or low > beams - 1:
                continue
            for i in range(max(math.ceil(low), 0), min(math.floor(high), beams - 1) + 1):
                cross = cos[i] * ey - sin[i] * ex
                if cross == 0.0:
                    continue
                distance = origin / cross
                share = (px * sin[i] - py * cos[i]) / cross
                if 0.0 <= distance < ranges[i] and -1e-9 <= share <= 1.0 + 1e-9:
                    ranges[i] = distance


@compiled_exact
def rectangle_clearance(
    x: float, y: float, yaw: float, half_length: float, half_width: float,
    circles: FloatArray, edges: FloatArray, boxes: FloatArray,
) -> float:
    """
    Return the distance from a rectangle at (x, y, yaw) to the nearest obstacle.

    0 where they touch or overlap, inf without obstacles.
    """
    c, s = math.cos(yaw), math.sin(yaw)
    best = math.inf
    for k in range(len(circles)):
        dx, dy = circles[k, 0] - x, circles[k, 1] - y
        gap_x = max(abs(c * dx + s * dy) - half_length, 0.0)
        gap_y = max(abs(c * dy - s * dx) - half_width, 0.0)
        reach = best + circles[k, 2]
        square = gap_x * gap_x + gap_y * gap_y
        if square < reach * reach:
            best = math.sqrt(square) - circles[k, 2]
            if best <= 0.0:
                return 0.0
    for k in range(len(boxes)):
        dx, dy = x - boxes[k, 0], y - boxes[k, 1]
        bc, bs = math.cos(boxes[k, 4]), math.sin(boxes[k, 4])
        inside = (abs(bc * dx + bs * dy) <= boxes[k, 2]
                  and abs(bc * dy - bs * dx) <= boxes[k, 3])
        if inside:
            return 0.0
    for k in range(len(edges)):
        dx, dy = edges[k, 0] - x, edges[k, 1] - y
        px, py = c * dx + s * dy, c * dy - s * dx
        dx, dy = edges[k, 2] - x, edges[k, 3] - y
        qx, qy = c * dx + s * dy, c * dy - s * dx
        distance = _rectangle_to_segment(half_length, half_width, px, py, qx, qy)
        if distance < best:
            best = distance
            if best <= 0.0:
                return 0.0
    return best


@compiled_exact
def block_cells(
    free: BoolArray, x0: float, y0: float, cell: float, radius: float,
    circles: FloatArray, edges: FloatArray, boxes: FloatArray,
) -> None:
    """
    Clear the cells of a grid where a disc would touch an obstacle.

    Cell (i, j) stands for the point (x0 + j * cell, y0 + i * cell). Only the cells around each
    obstacle are looked at.
    """
    rows, columns = free.shape
    for k in range(len(circles)):
        x, y, reach = circles[k, 0], circles[k, 1], circles[k, 2] + radius
        for i in range(max(math.ceil((y - reach - y0) / cell), 0),
                       min(math.floor((y + reach - y0) / cell) + 1, rows)):
            for j in range(max(math.ceil((x - reach - x0) / cell), 0),
                           min(math.floor((x + reach - x0) / cell) + 1, columns)):
                dx, dy = x0 + j * cell - x, y0 + i * cell - y
                if dx * dx + dy * dy < reach * reach:
                    free[i, j] = False
    for k in range(len(edges)):
        px, py, qx, qy = edges[k, 0], edges[k, 1], edges[k, 2], edges[k, 3]
        for i in range(max(math.ceil((min(py, qy) - radius - y0) / cell), 0),
                       min(math.floor((max(py, qy) + radius - y0) / cell) + 1, rows)):
            for j in range(max(math.ceil((min(px, qx) - radius - x0) / cell), 0),
                           min(math.floor((max(px, qx) + radius - x0) / cell) + 1, columns)):
                x, y = x0 + j * cell, y0 + i * cell
                if _rectangle_to_segment(0.0, 0.0, px - x, py - y, qx - x, qy - y) < radius:
                    free[i, j] = False
    for k in range(len(boxes)):
        x, y, half_length, half_width = boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3]
        c, s = math.cos(boxes[k, 4]), math.sin(boxes[k, 4])
        reach = math.hypot(half_length, half_width)
        for i in range(max(math.ceil((y - reach - y0) / cell), 0),
                       min(math.floor((y + reach - y0) / cell) + 1, rows)):
            for j in range(max(math.ceil((x - reach - x0) / cell), 0),
                           min(math.floor((x + reach - x0) / cell) + 1, columns)):
                dx, dy = x0 + j * cell - x, y0 + i * cell - y
                if abs(c * dx + s * dy) <= half_length and abs(c * dy - s * dx) <= half_width:
                    free[i, j] = False


@compiled_exact
def _rectangle_to_segment(
    half_length: float, half_width: float, px: float, py: float, qx: float, qy: float,
) -> float:
    ex, ey = qx - px, qy - py
    # Liang-Barsky clipping: does any part of the segment lie in the rectangle?
    enter, leave = 0.0, 1.0
    for start, step, half in ((px, ex, half_length), (py, ey, half_width)):
        if step == 0.0:
            if abs(start) > half:
                leave = -1.0
        else:
            near, far = (-half - start) / step, (half - start) / step
            enter = max(enter, min(near, far))
            leave = min(leave, max(near, far))
    if enter <= leave:
        return 0.0
    best = math.inf
    for x, y in ((px, py), (qx, qy)):
        gap_x, gap_y = max(abs(x) - half_length, 0.0), max(abs(y) - half_width, 0.0)
        best = min(best, gap_x * gap_x + gap_y * gap_y)
    square = ex * ex + ey * ey
    for i in range(4):
        x = half_length if i < 2 else -half_length
        y = half_width if i % 2 == 0 else -half_width
        share = 0.0
        if square > 0.0:
            share = min(max(((x - px) * ex + (y - py) * ey) / square, 0.0), 1.0)
        dx, dy = px + share * ex - x, py + share * ey - y
        best = min(best, dx * dx + dy * dy)
    return math.sqrt(best)
