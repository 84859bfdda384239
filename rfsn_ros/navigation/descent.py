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

"""Compiled: what the cost-to-go is at a place, which way it falls, and which gap leads down it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['CostToGo', 'alignment_at', 'best_gap', 'fall_at', 'value_at']


class CostToGo(NamedTuple):
    """
    Cost-to-go in metres of free driving on a grid [ix, iy] in the odom frame.

    `planned` is false where the field is only the straight-line distance to the goal; then
    `value` is a single cell that nobody reads.
    """

    value: FloatArray
    origin_x: float
    origin_y: float
    resolution: float
    goal_x: float
    goal_y: float
    planned: bool


@compiled
def value_at(x: float, y: float, field: CostToGo) -> float:
    """Return the cost-to-go at a point: bilinear on the field, else the straight line."""
    if not field.planned:
        return math.sqrt((field.goal_x - x) ** 2 + (field.goal_y - y) ** 2)
    value = field.value
    fx = min(max((x - field.origin_x) / field.resolution - 0.5, 0.0), value.shape[0] - 1.001)
    fy = min(max((y - field.origin_y) / field.resolution - 0.5, 0.0), value.shape[1] - 1.001)
    ix = int(fx)
    iy = int(fy)
    ax = fx - ix
    ay = fy - iy
    jx = min(ix + 1, value.shape[0] - 1)
    jy = min(iy + 1, value.shape[1] - 1)
    return float(
        (1 - ax) * ((1 - ay) * value[ix, iy] + ay * value[ix, jy])
        + ax * ((1 - ay) * value[jx, iy] + ay * value[jx, jy]))


@compiled
def fall_at(x: float, y: float, field: CostToGo) -> tuple[float, float]:
    """Return the unit vector along which the cost-to-go falls most steeply; 0 where it is flat."""
    h = 1.5 * field.resolution if field.planned else 0.1
    fall_x = value_at(x - h, y, field) - value_at(x + h, y, field)
    fall_y = value_at(x, y - h, field) - value_at(x, y + h, field)
    size = math.sqrt(fall_x * fall_x + fall_y * fall_y)
    if size < 1e-9:
        return 0.0, 0.0
    return fall_x / size, fall_y / size


@compiled
def alignment_at(x: float, y: float, yaw: float, field: CostToGo) -> float:
    """Return the cosine between the heading and the steepest descent of the cost-to-go."""
    fall_x, fall_y = fall_at(x, y, field)
    return math.cos(yaw) * fall_x + math.sin(yaw) * fall_y


@compiled
def best_gap(
    turns: FloatArray, x: float, y: float, yaw: float, end_x: FloatArray, end_y: FloatArray,
    hit: FloatArray, half_width: float, reach: float, half_length: float, turning: float,
    short: float, field: CostToGo,
) -> tuple[int, float]:
    """
    Return which of `turns` (rad from `yaw`) leads to the smallest cost-to-go, and how far.

    Each is followed as far as a strip of `half_width` to both sides is free of beam ends (every
    third is looked at), at most `reach`. A radian to turn costs `turning` metres, a metre that
    is missing of `reach` `short` metres.
    """
    met = np.flatnonzero(hit > 0.0)[::3]
    best, least, far = 0, np.inf, 0.0
    for i in range(turns.shape[0]):
        cos = math.cos(turns[i] + yaw)
        sin = math.sin(turns[i] + yaw)
        free = reach
        for j in met:
            dx = end_x[j] - x
            dy = end_y[j] - y
            along = cos * dx + sin * dy
            if 0.0 < along < free and abs(cos * dy - sin * dx) < half_width:
                free = along
        ahead = max(free - half_length, 0.05)
        worth = value_at(x + ahead * cos, y + ahead * sin, field) + turning * abs(
            turns[i]) + short * (reach - free)
        if worth < least:
            best, least, far = i, worth, ahead
    return best, far
