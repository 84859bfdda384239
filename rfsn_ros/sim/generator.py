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
Seeded worlds by cellular automaton, after BARN's recipe.

A field of cells is filled at random and smoothed a few times (a cell with many filled
neighbours fills, one with few empties); each filled cell becomes a pillar. The robot starts in
an empty corridor before the field and has to reach the far side.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.errors import WorldError
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.sim.reference_path import shortest_length
from rfsn_ros.sim.worlds import World

__all__ = ['generate_world']

CELL = 0.15
COLUMNS, CORRIDOR, FIELD = 30, 33, 31
"""Cells across, cells of corridor before the field, cells of the field in driving direction."""
PASSAGE_RADIUS = 0.35
"""A world is kept if a disc of this radius (m) can reach the goal; BARN's narrowest has .351."""
FILLS_WITH, EMPTIES_WITH = 5, 1
"""Filled neighbours (of 8) from which a cell fills, and up to which it empties."""
NOTHING = np.zeros((0, 5))


def generate_world(seed: int) -> World:
    """
    Return the world of a seed; the same seed gives the same world for ever.

    Density (15 to 30 % before smoothing) and number of smoothing steps (2 to 4) are drawn too.

    :raises WorldError: the seed is negative.
    """
    if seed < 0:
        raise WorldError(f'generated:{seed}: the seed must be >= 0')
    rng = np.random.default_rng([seed, 0xBA2])
    start, goal = Pose2D(-2.25, 3.0, math.pi / 2), (-2.25, 13.0)
    while True:
        occupied = _walls()
        occupied[CORRIDOR:] |= _field(rng)
        rows, columns = np.nonzero(occupied)
        circles = np.column_stack([
            -CELL / 2 - CELL * columns, CELL / 2 + CELL * rows, np.full(len(rows), CELL / 2)])
        length = shortest_length(start, goal, circles=circles, edges=NOTHING[:, :4],
                                 boxes=NOTHING, radius=PASSAGE_RADIUS, reach=2.5)
        if math.isfinite(length):
            return World(name=f'generated:{seed}', circles=circles, start=start, goal=goal,
                         reference_length=length)


def _walls() -> NDArray[np.bool_]:
    cells = np.zeros((CORRIDOR + FIELD, COLUMNS), dtype=np.bool_)
    cells[0] = True
    cells[:, 0] = cells[:, -1] = True
    return cells


def _field(rng: np.random.Generator) -> NDArray[np.bool_]:
    cells = rng.random((FIELD, COLUMNS)) < rng.uniform(0.15, 0.30)
    for _ in range(rng.integers(2, 5)):
        padded = np.pad(cells.astype(np.int64), 1)
        neighbours = sum(
            padded[1 + i:1 + i + FIELD, 1 + j:1 + j + COLUMNS]
            for i in (-1, 0, 1) for j in (-1, 0, 1) if i or j)
        cells = (cells | (neighbours >= FILLS_WITH)) & (neighbours > EMPTIES_WITH)
    return np.asarray(cells, dtype=np.bool_)
