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
Guidance: the cost-to-go towards the goal over what the memory holds.

The cost of a cell grows as the clearance beside the robot shrinks, so the field leads through
the middle of gaps. Unknown cells count as free. Without planning the field is the straight-line
distance to the end of the direction that the newest scan shows to be clear.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
from rfsn_ros.navigation.config import GuidanceConfig
from rfsn_ros.navigation.costs import closed_cost, march
from rfsn_ros.navigation.descent import best_gap, CostToGo
from rfsn_ros.navigation.memory import Beams, OccupancyMemory
from rfsn_ros.navigation.observation import FloatArray, Pose2D
from rfsn_ros.navigation.reachable import joined

__all__ = ['Guidance', 'Terrain', 'clear_aim']

_NO_ROOM = 12.0  # times the most that a cell with room costs
_CLOSED = 12.0  # per metre of a closed disc: some 10 m of detour are worth trying instead
_CLEAR = 2.5  # how far a direction should be clear, m
_TURNING = 0.2  # what a radian to turn costs, m
_SHORT = 2.0  # what a metre costs that is not clear
_BEYOND = 1.0  # how much farther the robot aims, so that it does not slow down there, m
_NONE: FloatArray = np.zeros((0, 3))


@dataclass(frozen=True, slots=True)
class Terrain:
    """
    What a metre costs in every cell [ix, iy] of a grid in the odom frame, and the way asked for.

    `start` and `end` are cells: the robot's, and the one that stands for `goal` on the grid. Where
    nothing is planned `planned` is false, and the grid a single cell that nobody reads.
    """

    cost: FloatArray
    origin_x: float
    origin_y: float
    resolution: float
    goal: tuple[float, float]
    start: tuple[int, int]
    end: tuple[int, int]
    planned: bool


class Guidance:
    """Computes the field; `half_width` (m) is what the robot needs to either side."""

    def __init__(self, config: GuidanceConfig, half_width: float) -> None:
        self.config = config
        self._half_width = half_width

    def terrain(
        self, memory: OccupancyMemory, x: float, y: float, goal: tuple[float, float],
    ) -> Terrain:
        """
        Return what the memory says about the way from the robot (x, y) to a goal.

        That is a box around both, or all that is remembered where no way leads through the box.
        """
        if not self.config.enabled:
            return Terrain(np.ones((1, 1)), 0.0, 0.0, 1.0, goal, (0, 0), (0, 0), False)
        config = self.config
        side = memory.config.size
        factor = max(1, round(config.resolution / memory.config.resolution))
        reach = 0.5 * side - config.margin
        far = math.hypot(goal[0] - x, goal[1] - y)
        share = min(1.0, reach / far) if far > 0.0 else 1.0
        aim = (x + share * (goal[0] - x), y + share * (goal[1] - y))
        blocked = _NO_ROOM * (1.0 + config.weight)
        resolution = factor * memory.config.resolution

        def cut(low_x: float, low_y: float, side_x: float, side_y: float) -> Terrain:
            cost, origin_x, origin_y = memory.cost(
                low_x, low_y, side_x, side_y, factor=factor, half_width=self._half_width,
                comfort=max(config.comfort, 1e-6), weight=config.weight, blocked=blocked)
            return Terrain(
                cost, origin_x, origin_y, resolution, goal,
                _cell(x, y, origin_x, origin_y, resolution, cost.shape),
                _cell(aim[0], aim[1], origin_x, origin_y, resolution, cost.shape), True)

        box = cut(
            min(x, aim[0]) - config.margin, min(y, aim[1]) - config.margin,
            abs(aim[0] - x) + 2 * config.margin, abs(aim[1] - y) + 2 * config.margin)
        if joined(box.cost, blocked, *box.start, *box.end):
            return box
        # a wall that reaches across all of it: the way around may be in what else is remembered
        return cut(memory.grid.origin_x, memory.grid.origin_y, side, side)

    def field(
        self, terrain: Terrain, near: float = 3.0, closed: FloatArray = _NONE,
    ) -> CostToGo:
        """
        Return the cost-to-go, exact up to `near` metres above that of the robot.

        What is still farther from the goal, within the reach of no good decision, all has one
        value above that.

        Discs that are `closed`, rows (x, y, radius), cost much, less than having no room.
        """
        cost, resolution = terrain.cost, terrain.resolution
        origin_x, origin_y = terrain.origin_x, terrain.origin_y
        if not terrain.planned:
            return _straight(terrain.goal)
        if len(closed):
            cost = closed_cost(cost, origin_x, origin_y, resolution, closed, _CLOSED)
        value = march(cost, resolution, *terrain.end, *terrain.start, near)
        return CostToGo(value, origin_x, origin_y, resolution, *terrain.goal, True)


def clear_aim(
    beams: Beams, pose: Pose2D, goal: tuple[float, float], half_width: float,
    half_length: float,
) -> tuple[float, float]:
    """
    Return the point (m, odom) to aim at where nothing is planned or remembered.

    Of all directions in which a strip of `half_width` to both sides is clear in this scan, the
    one that ends nearest to the goal; where it is blocked, that counts as a detour. As in
    Follow-the-Gap (Sezer and Gokasan, RAS 2012) and Tangent Bug (Kamon, Rimon and Rivlin, IJRR
    1998) the robot heads for a gap at the side rather than for the goal behind a wall.
    """
    dx, dy = goal[0] - pose.x, goal[1] - pose.y
    around = np.linspace(-math.pi, math.pi, 72, endpoint=False)
    turns = np.remainder(math.atan2(dy, dx) - pose.yaw + around + math.pi, 2 * math.pi) - math.pi
    best, far = best_gap(
        turns, pose.x, pose.y, pose.yaw, beams.end_x, beams.end_y, beams.hit, half_width,
        min(_CLEAR, math.hypot(dx, dy)) + half_length, half_length, _TURNING, _SHORT,
        _straight(goal))
    heading = pose.yaw + float(turns[best])
    return (pose.x + (far + _BEYOND) * math.cos(heading),
            pose.y + (far + _BEYOND) * math.sin(heading))


def _straight(goal: tuple[float, float]) -> CostToGo:
    """Return the straight-line distance to a goal."""
    return CostToGo(np.zeros((1, 1)), 0.0, 0.0, 1.0, *goal, False)


def _cell(
    x: float, y: float, origin_x: float, origin_y: float, res: float, shape: tuple[int, ...],
) -> tuple[int, int]:
    ix = min(max(int((x - origin_x) / res), 0), shape[0] - 1)
    iy = min(max(int((y - origin_y) / res), 0), shape[1] - 1)
    return ix, iy
