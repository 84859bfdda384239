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

"""Static obstacles as triangles, as PyBullet takes them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.sim.worlds import World

__all__ = ['HEIGHT', 'MAX_VERTICES', 'Mesh', 'obstacle_mesh']

HEIGHT = 0.6
"""How high obstacles are, metres."""
MAX_VERTICES = 30000
SIDES = 8
SEGMENT_WIDTH = 0.005

Mesh = tuple[FloatArray, NDArray[np.int64]]


def obstacle_mesh(world: World) -> list[Mesh]:
    """
    Return the static obstacles as triangles: pairs of vertices (n, 3) and faces (m, 3).

    Every obstacle is a prism on a convex base that lies within it. One pair holds all pillars
    and one all boxes; only what PyBullet does not take in one mesh is divided.
    """
    return [
        _prisms(bases[first:first + MAX_VERTICES // (2 * bases.shape[1])])
        for bases in (_circle_bases(world.circles), _rectangle_bases(_all_rectangles(world)))
        for first in range(0, len(bases), MAX_VERTICES // (2 * bases.shape[1]))]


def _circle_bases(circles: FloatArray) -> FloatArray:
    """Return polygons within circles, shape (n, SIDES, 2)."""
    angles = np.arange(SIDES) * 2 * math.pi / SIDES
    outline = np.column_stack([np.cos(angles), np.sin(angles)])
    return np.asarray(circles[:, None, :2] + circles[:, 2, None, None] * outline)


def _all_rectangles(world: World) -> FloatArray:
    """Boxes and, as thin boxes, segments: rows (x, y, half length, half width, yaw)."""
    x1, y1, x2, y2 = world.segments.T
    walls = np.column_stack([
        (x1 + x2) / 2, (y1 + y2) / 2, np.hypot(x2 - x1, y2 - y1) / 2,
        np.full(len(x1), SEGMENT_WIDTH / 2), np.arctan2(y2 - y1, x2 - x1)])
    return np.vstack([world.boxes, walls])


def _rectangle_bases(rectangles: FloatArray) -> FloatArray:
    """Return the corners of rectangles, counter-clockwise, shape (n, 4, 2)."""
    x, y, half_length, half_width, yaw = rectangles.T[:, :, None]
    along, across = np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)], dtype=np.float64).T
    along, across = along * half_length, across * half_width
    cos, sin = np.cos(yaw), np.sin(yaw)
    return np.stack([x + cos * along - sin * across, y + sin * along + cos * across], axis=2)


def _prisms(bases: FloatArray) -> Mesh:
    """Raise polygons, shape (n, sides, 2), from the ground to `HEIGHT`."""
    count, sides, _ = bases.shape
    rings = np.repeat(bases[:, None], 2, axis=1)
    heights = np.broadcast_to(np.array([0.0, HEIGHT])[None, :, None, None], (count, 2, sides, 1))
    vertices = np.concatenate([rings, heights], axis=3).reshape(-1, 3)
    offsets = 2 * sides * np.arange(count)
    faces = _prism_faces(sides)[None] + offsets[:, None, None]
    return vertices, faces.reshape(-1, 3)


def _prism_faces(sides: int) -> NDArray[np.int64]:
    """Triangles of a prism whose bottom vertices are 0..n-1 and top vertices n..2n-1."""
    i = np.arange(sides)
    j = (i + 1) % sides
    wall = np.vstack([np.column_stack([i, j, i + sides]),
                      np.column_stack([j, j + sides, i + sides])])
    fan = np.column_stack([np.zeros(sides - 2, dtype=np.int64), i[1:-1], i[2:]])
    return np.vstack([wall, fan[:, ::-1], fan + sides])
