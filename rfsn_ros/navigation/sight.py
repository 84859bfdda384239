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
What of the way ahead was never seen, and from where it could be seen.

Driving into the unseen is vetoed, so a robot whose view ahead is blocked has to look first. The
lane is the way down the cost-to-go, as wide as the robot; its unseen points and the directions
in which the laser answers give each primitive's end pose its `sight`.
"""

from __future__ import annotations

import math

import numpy as np
from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.descent import CostToGo, fall_at
from rfsn_ros.navigation.grids import IntArray
from rfsn_ros.navigation.memory import Beams
from rfsn_ros.navigation.nearest import hides
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.navigation.surroundings import corner_of, Surroundings

__all__ = [
    'SightMap', 'best_turn', 'lane', 'seen_by_now', 'sees_behind', 'sight_gain', 'view_gain',
]

_STEPS, _SIDES = 24, 5
_AROUND = ((-1, 0), (0, -1), (0, 1), (1, 0), (-1, -1), (-1, 1), (1, -1), (1, 1))
_RINGS, _SPOKES = 3, 25
_BINS = 72
_BEHIND = 0.7  # rad to both sides of straight back
_TURNS = np.linspace(-0.75 * math.pi, 0.75 * math.pi, 55)


@compiled
def unseen(x: float, y: float, around: Surroundings) -> bool:
    """Return whether the cell at a point was never seen and may hide something."""
    cells, res = around.cells, around.resolution
    corner_x, corner_y = corner_of(around, 0, 0)
    ix = math.floor((x - corner_x) / res)
    iy = math.floor((y - corner_y) / res)
    if ix < 1 or iy < 1 or ix >= cells.shape[0] - 1 or iy >= cells.shape[1] - 1:
        return False
    return hides(cells, ix, iy)


@compiled
def beside(cells: IntArray, ix: int, iy: int) -> int:
    """Return the number of the point in a cell, else of the nearest in those around, else -1."""
    if cells[ix, iy] >= 0:
        return int(cells[ix, iy])
    for dx, dy in _AROUND:
        if cells[ix + dx, iy + dy] >= 0:
            return int(cells[ix + dx, iy + dy])
    return -1


@compiled
def in_sight(
    from_x: float, from_y: float, to_x: float, to_y: float, around: Surroundings,
) -> bool:
    """Return whether no known obstacle lies on the straight line between two points."""
    cells, points, res = around.cells, around.points, around.resolution
    corner_x, corner_y = corner_of(around, 0, 0)
    length = math.sqrt((to_x - from_x) ** 2 + (to_y - from_y) ** 2)
    steps = int(length / res)
    for k in range(1, steps):
        x = from_x + (to_x - from_x) * k / steps
        y = from_y + (to_y - from_y) * k / steps
        ix = math.floor((x - corner_x) / res)
        iy = math.floor((y - corner_y) / res)
        if ix < 1 or iy < 1 or ix >= cells.shape[0] - 1 or iy >= cells.shape[1] - 1:
            continue
        k = beside(cells, ix, iy)
        if k >= 0 and abs(points[k, 0] - x) < 0.7 * res and abs(points[k, 1] - y) < 0.7 * res:
            return False
    return True


@compiled
def lane(
    x: float, y: float, yaw: float, turning: float, reach: float, half_width: float,
    field: CostToGo, around: Surroundings,
) -> FloatArray:
    """
    Return the unseen points of the lane of length `reach` from (x, y), shape (m, 3).

    The third number is how far down the lane the point lies, in steps. The front half of the
    circle of radius `turning` that a robot with heading `yaw` turns in belongs to the beginning.
    Points behind known obstacles are left out: looking there shows nothing.
    """
    from_x = x
    from_y = y
    found = np.zeros((_STEPS * _SIDES + _RINGS * _SPOKES, 3))
    count = 0
    for i in range(_RINGS):
        radius = turning * (1.0 - 0.15 * i)
        for k in range(_SPOKES):
            direction = yaw + math.pi * (k / (_SPOKES - 1) - 0.5)
            px = x + radius * math.cos(direction)
            py = y + radius * math.sin(direction)
            if unseen(px, py, around):
                found[count, 0] = px
                found[count, 1] = py
                count += 1
    step = reach / _STEPS
    for i in range(_STEPS):
        fall_x, fall_y = fall_at(x, y, field)
        if fall_x == 0.0 and fall_y == 0.0:
            break
        x += step * fall_x
        y += step * fall_y
        for k in range(_SIDES):
            side = (2.0 * k / (_SIDES - 1) - 1.0) * half_width
            px = x - fall_y * side
            py = y + fall_x * side
            if unseen(px, py, around) and in_sight(from_x, from_y, px, py, around):
                found[count, 0] = px
                found[count, 1] = py
                found[count, 2] = i
                count += 1
        if (field.goal_x - x) ** 2 + (field.goal_y - y) ** 2 < step * step:
            break
    return found[:count]


@compiled
def seen_by_now(points: FloatArray, around: Surroundings) -> BoolArray:
    """Return which of the points are not unseen any more, shape (m,)."""
    result = np.zeros(points.shape[0], dtype=np.bool_)
    for i in range(points.shape[0]):
        result[i] = not unseen(points[i, 0], points[i, 1], around)
    return result


def sees_behind(beams: Beams) -> bool:
    """Return whether most of what lies behind the robot is within the laser's view."""
    away = np.abs(np.remainder(beams.bearings, 2.0 * np.pi) - np.pi)
    return float(np.count_nonzero(away < _BEHIND)) * beams.spacing > _BEHIND


class SightMap:
    """In which directions of base_link the laser answers, learned from the beams."""

    def __init__(self) -> None:
        self.answers: FloatArray = np.zeros(_BINS)
        self._fresh = True

    def observe(self, beams: Beams) -> None:
        """Blend in one scan."""
        seen = _looked_to(beams.bearings)
        self.answers = seen if self._fresh else self.answers + 0.3 * (seen - self.answers)
        self._fresh = False

    def restart(self) -> None:
        """Begin a new drive: the next scan counts in full."""
        self._fresh = True


@compiled
def _looked_to(bearings: FloatArray) -> FloatArray:
    """Return 1 for each direction in which there is a beam, shape (_BINS,), else 0."""
    seen = np.zeros(_BINS)
    for i in range(bearings.shape[0]):
        seen[_direction(bearings[i])] = 1.0
    return seen


@compiled
def _direction(bearing: float) -> int:
    return math.floor((bearing / (2.0 * math.pi) + 0.5) * _BINS) % _BINS


def best_turn(points: FloatArray, pose: tuple[float, float, float], answers: FloatArray) -> float:
    """
    Return the turn (rad) on the spot that brings the most of the lane's points into view.

    `points` has shape (m, 3), `pose` is (x, y, yaw). A radian of turning costs a twentieth of
    the lane, so that the nearer of two equal views wins.
    """
    poses = np.column_stack([np.full((len(_TURNS), 2), pose[:2]), pose[2] + _TURNS])
    worth = view_gain(points, poses, answers) - 0.05 * np.abs(_TURNS)
    return float(_TURNS[int(np.argmax(worth))])


@compiled
def view_gain(points: FloatArray, poses: FloatArray, answers: FloatArray) -> FloatArray:
    """
    Return the `sight_gain` of what of the lane (m, 3) the laser answers from, shape (K,).

    `poses` has rows that begin with x, y, yaw. Occlusion is left out.
    """
    result = np.zeros(poses.shape[0])
    seen = np.zeros(points.shape[0], dtype=np.bool_)
    if points.shape[0] == 0:
        return result
    for k in range(poses.shape[0]):
        for i in range(points.shape[0]):
            bearing = math.atan2(
                points[i, 1] - poses[k, 1], points[i, 0] - poses[k, 0]) - poses[k, 2]
            seen[i] = answers[_direction(bearing)] > 0.5
        result[k] = sight_gain(points, seen)
    return result


@compiled
def sight_gain(points: FloatArray, seen: BoolArray) -> float:
    """
    Return what seeing some of the lane's points (`seen`, shape (m,)) is worth, in [0, 1].

    Half for the share of the lane that comes into view, half for the length that it opens: up
    to the first point still unseen.
    """
    if points.shape[0] == 0:
        return 0.0
    count = 0
    begins = left = float(_STEPS)
    for i in range(points.shape[0]):
        begins = min(begins, points[i, 2])
        if seen[i]:
            count += 1
        else:
            left = min(left, points[i, 2])
    return 0.5 * (count / (_STEPS * _SIDES)) + 0.5 * (left - begins) / _STEPS
