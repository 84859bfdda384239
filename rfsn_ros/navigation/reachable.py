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
Whether a way with room for the robot is known or possible within a part of the map.

Where there is none, guidance within that part leads to the thinnest wall, however short the way
around it is.
"""

from __future__ import annotations

import numpy as np
from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['joined']


@compiled
def joined(
    cost: FloatArray, blocked: float, first_x: int, first_y: int, last_x: int, last_y: int,
) -> bool:
    """
    Return whether cells below a cost of `blocked` join two cells of a grid [ix, iy].

    A robot close to a wall stands, and a goal may lie, where there is no room: the nearest cells
    with room, at most `_NEAR` away, take their places.
    """
    nx, ny = cost.shape
    first = _roomy(cost, blocked, first_x, first_y)
    last = _roomy(cost, blocked, last_x, last_y)
    if first < 0 or last < 0:
        return False
    seen = np.zeros(nx * ny, dtype=np.bool_)
    waiting = np.empty(nx * ny, dtype=np.int32)
    waiting[0], count = first, 1
    seen[first] = True
    while count > 0:
        count -= 1
        here = waiting[count]
        if here == last:
            return True
        ix, iy = here // ny, here % ny
        # what leads towards the other cell comes last, for it is taken up first
        ahead_x = 1 if last // ny > ix else -1
        ahead_y = 1 if last % ny > iy else -1
        for k in range(4):
            x = ix - ahead_x if k == 0 else ix + ahead_x if k == 3 else ix
            y = iy - ahead_y if k == 1 else iy + ahead_y if k == 2 else iy
            if 0 <= x < nx and 0 <= y < ny:
                there = x * ny + y
                if not seen[there] and cost[x, y] < blocked:
                    seen[there] = True
                    waiting[count] = there
                    count += 1
    return False


_NEAR = 10  # cells


@compiled
def _roomy(cost: FloatArray, blocked: float, cell_x: int, cell_y: int) -> int:
    """Return the number of the nearest cell below `blocked`, -1 where none is near."""
    nx, ny = cost.shape
    nearest, best = -1, _NEAR * _NEAR + 1
    for x in range(max(cell_x - _NEAR, 0), min(cell_x + _NEAR + 1, nx)):
        for y in range(max(cell_y - _NEAR, 0), min(cell_y + _NEAR + 1, ny)):
            distance = (x - cell_x) ** 2 + (y - cell_y) ** 2
            if distance < best and cost[x, y] < blocked:
                nearest, best = x * ny + y, distance
    return nearest
