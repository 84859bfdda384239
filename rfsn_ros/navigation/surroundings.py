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

from dataclasses import dataclass

from rfsn_ros.navigation.grids import IntArray
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['Surroundings']

Grid = tuple[IntArray, FloatArray, int, int, float, float, float]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """
    The cells of a window around the robot, odom frame.

    `cells` says for each cell [ix, iy] which of `points`, shape (m, 2), was seen in it, or that
    it is `FREE` or `UNSEEN` (`nearest`). The first of them is cell `first` of the memory's grid,
    whose lower corner is `origin` (m). The rim of one cell only tells what its neighbours may
    hide.
    """

    cells: IntArray
    points: FloatArray
    first: tuple[int, int]
    origin: tuple[float, float]
    resolution: float

    @property
    def corner(self) -> tuple[float, float]:
        """The lower corner of all cells, metres."""
        return (self.origin[0] + self.first[0] * self.resolution,
                self.origin[1] + self.first[1] * self.resolution)

    @property
    def grid(self) -> Grid:
        """All of it, as the compiled functions take it."""
        return self.cells, self.points, *self.first, *self.origin, self.resolution
