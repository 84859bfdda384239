"""Shortest ways between obstacles on a grid: reference lengths where no official one exists."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rfsn_ros.errors import MissingDependencyError
from rfsn_ros.navigation.observation import FloatArray, Pose2D
from rfsn_ros.sim.geometry import grid_clearance

__all__ = ['path_lengths', 'shortest_length']

REACH = 5.0
"""How far beyond start and goal a way may lead, metres."""


def shortest_length(
    start: Pose2D, goal: tuple[float, float], *, circles: FloatArray, edges: FloatArray,
    boxes: FloatArray, radius: float, cell: float = 0.1,
) -> float:
    """Return the length of the shortest way of a disc from start to goal, metres.

    The grid has 8 neighbours per cell, so the length is up to 8 % above that of the true
    shortest path; inf where the disc cannot pass. The way stays within `REACH` of the
    rectangle around start and goal.
    """
    xs = np.array([start.x, goal[0]])
    ys = np.array([start.y, goal[1]])
    x = np.arange(xs.min() - REACH, xs.max() + REACH, cell)
    y = np.arange(ys.min() - REACH, ys.max() + REACH, cell)
    free = grid_clearance(x, y, circles, edges, boxes) >= radius
    first, last = (
        (round((py - y[0]) / cell), round((px - x[0]) / cell))
        for px, py in ((start.x, start.y), goal))
    return float(path_lengths(free, first, cell)[last])


def path_lengths(
    free: NDArray[np.bool_], first: tuple[int, int], cell: float,
) -> FloatArray:
    """Return the way from one cell to every other through free cells, metres; inf without one.

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
