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

"""Shortest ways between obstacles on a grid: reference lengths where no official one exists."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.errors import MissingDependencyError
from rfsn_ros.navigation.observation import FloatArray, Pose2D
from rfsn_ros.sim.geometry import block_cells

__all__ = ['path_lengths', 'shortest_length']


def shortest_length(
    start: Pose2D, goal: tuple[float, float], *, circles: FloatArray, edges: FloatArray,
    boxes: FloatArray, radius: float, reach: float, cell: float = 0.1,
) -> float:
    """
    Return the length of the shortest way of a disc from start to goal, metres.

    The grid has 8 neighbours per cell, so the length is up to 8 % above that of the true
    shortest path; inf where the disc cannot pass. The way stays within `reach` metres of
    the rectangle around start and goal.
    """
    xs = np.array([start.x, goal[0]])
    ys = np.array([start.y, goal[1]])
    x = np.arange(xs.min() - reach, xs.max() + reach, cell)
    y = np.arange(ys.min() - reach, ys.max() + reach, cell)
    free = np.ones((len(y), len(x)), dtype=np.bool_)
    block_cells(free, x[0], y[0], cell, radius, circles, edges, boxes)
    first, last = (
        (round((py - y[0]) / cell), round((px - x[0]) / cell))
        for px, py in ((start.x, start.y), goal))
    return float(path_lengths(free, first, cell)[last])


def path_lengths(
    free: NDArray[np.bool_], first: tuple[int, int], cell: float,
) -> FloatArray:
    """
    Return the way from one cell to every other through free cells, metres; inf without one.

    :raises MissingDependencyError: scikit-image is not installed.
    """
    try:
        from skimage.graph import MCP_Geometric
    except ImportError:
        raise MissingDependencyError(
            'reference paths need scikit-image: pip install rfsn_ros[sim]') from None
    costs = np.where(free, 1.0, -1.0)
    if not free[first]:
        return np.full(free.shape, np.inf)
    return np.asarray(MCP_Geometric(costs).find_costs([first])[0] * cell, dtype=np.float64)
