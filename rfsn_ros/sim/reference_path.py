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

import math

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
    return float(path_lengths(free, first, cell, last=last)[last])


def path_lengths(
    free: NDArray[np.bool_], first: tuple[int, int], cell: float, *,
    last: tuple[int, int] | None = None, within: float = math.inf,
) -> FloatArray:
    """
    Return the way from one cell to every other through free cells, metres; inf without one.

    Where only the way to `last` counts or, instead, ways up to `within` metres, only a part of a
    large map is looked at; what a longer way leads to may then be inf, or too large a number.

    :raises MissingDependencyError: scikit-image is not installed.
    """
    try:
        from skimage.graph import MCP_Geometric
    except ImportError:
        raise MissingDependencyError(
            'reference paths need scikit-image: pip install rfsn_ros[sim]') from None
    if not free[first]:
        return np.full(free.shape, np.inf)
    lengths = np.full(free.shape, np.inf)
    reach = math.ceil(min(within / cell, max(free.shape)))
    part = tuple(slice(max(index - reach, 0), index + reach + 1) for index in first)
    search = MCP_Geometric(np.where(free[part], 1.0, -1.0))
    begin = tuple(index - cut.start for index, cut in zip(first, part, strict=True))
    lengths[part] = search.find_costs([begin], None if last is None else [last])[0]
    return lengths * cell
