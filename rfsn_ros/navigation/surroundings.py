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
What the memory knows around the robot at one moment, kept for as long as it is thought about.

Nothing in it changes when later scans are entered.
"""

from __future__ import annotations

from typing import NamedTuple

from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.grids import IntArray
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['Surroundings', 'corner_of']


class Surroundings(NamedTuple):
    """
    The cells of a window around the robot, odom frame.

    `cells` says for each cell [ix, iy] which of `points`, shape (m, 2), was seen in it, or that
    it is `FREE` or `UNSEEN` (`nearest`). The first of them is cell (`first_x`, `first_y`) of the
    memory's grid, whose lower corner is (`origin_x`, `origin_y`), metres. The rim of one cell
    only tells what its neighbours may hide.
    """

    cells: IntArray
    points: FloatArray
    first_x: int
    first_y: int
    origin_x: float
    origin_y: float
    resolution: float


@compiled
def corner_of(around: Surroundings, ix: int, iy: int) -> tuple[float, float]:
    """Return the lower corner (m) of one of the cells."""
    return (around.origin_x + (around.first_x + ix) * around.resolution,
            around.origin_y + (around.first_y + iy) * around.resolution)
