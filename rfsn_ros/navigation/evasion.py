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
What can follow a primitive where obstacles move: a look ahead in two stages.

Standing is no refuge from what moves, so braking to standstill says little here. Each primitive
is followed for one decision and then by every follow-up: another primitive held for a while, then
braking and waiting until the horizon ends. A primitive is as good as its best follow-up.
"""

from __future__ import annotations

import math

import numpy as np
from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.navigation.batch import advance_all, disc_clearances, rooms, rooms_at, surely_clear
from rfsn_ros.navigation.clearance import disc_clearance, footprint_clearance, lookup_reach
from rfsn_ros.navigation.compiled import compiled, compiled_unlocked
from rfsn_ros.navigation.descent import value_at
from rfsn_ros.navigation.grids import FAR, IntArray
from rfsn_ros.navigation.motion import advance, turn_asked
from rfsn_ros.navigation.nearest import near_window
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.navigation.pacing import paced

__all__ = ['EVASIONS', 'disc_paths', 'evade']

EVASIONS = ('moving_clearance', 'danger', 'prospect')

_GROWTH = 0.05  # of the radius, for velocities that are not exactly known, m/s
_TURN = 0.1  # by which the place where an obstacle turns round may be wrong, m
_CAUTION = 0.3  # taken off the prospect where a follow-up only just stays clear
_ROOM = 0.5  # clearance from which on nothing is taken off, m


@compiled
def disc_paths(discs: FloatArray, steps: int, dt: float) -> FloatArray:
    """
    Return where discs will be, shape (steps + 1, m, 3): x, y, radius every `dt` seconds.

    `discs` has rows (x, y, vx, vy, radius, ahead, behind): each paces on its line (`paced`)
    between `ahead` metres further on and `behind` metres back. The radius grows with what is not
    known about the motion.
    """
    result = np.zeros((steps + 1, discs.shape[0], 3))
    for i in range(discs.shape[0]):
        pace = math.sqrt(discs[i, 2] ** 2 + discs[i, 3] ** 2)
        ux = discs[i, 2] / pace if pace > 0.0 else 0.0
        uy = discs[i, 3] / pace if pace > 0.0 else 0.0
        ahead = discs[i, 5]
        for j in range(steps + 1):
            time = j * dt
            along, _, _ = paced(pace, ahead, discs[i, 6], time)
            result[j, i, 0] = discs[i, 0] + ux * along
            result[j, i, 1] = discs[i, 1] + uy * along
            result[j, i, 2] = discs[i, 4] + _GROWTH * time + min(
                max(pace * time - ahead + _TURN, 0.0), _TURN)
    return result


@compiled_unlocked
def evade(
    start: FloatArray, pending: FloatArray, model: FloatArray, limits: FloatArray,
    primitives: FloatArray, allowed: BoolArray, follow_ups: FloatArray, steer_gain: float,
    exec_steps: int, dt: float, half_length: float, half_width: float,
    cells: IntArray, points: FloatArray, at_x: int, at_y: int, origin_x: float, origin_y: float,
    res: float, heeded: float, unknown: bool, margin: float, value: FloatArray, value_ox: float,
    value_oy: float, value_res: float, goal_x: float, goal_y: float, planned: bool,
    paths: FloatArray, here: float, best: float,
) -> FloatArray:
    """
    Return one row of `EVASIONS` per primitive, shape (K, 3).

    The largest clearance from moving obstacles that a follow-up keeps (after the primitive where
    that itself comes too near); the share of the time for which none stays clear of them by
    `margin`; and the most that one which always does gains: cost-to-go below `here`, the robot's,
    over `best`, less for a narrow escape, -1 where none does. Rows of primitives that are not
    `allowed` say the worst.

    `follow_ups` has rows (primitive, seconds). `paths` come from `disc_paths`: the first row is
    now, the last the horizon, beyond the delay and `exec_steps`. All else is as for `roll_out`.
    """
    count = primitives.shape[0]
    lanes = follow_ups.shape[0]
    delay = pending.shape[0]
    steps = paths.shape[0] - 1
    branch = delay + exec_steps
    result = np.zeros((count, 3))
    reach = lookup_reach(heeded, half_length, half_width)
    _, veto, veto_at = near_window(
        cells, points, at_x, at_y, origin_x, origin_y, res, 1, 1, cells.shape[0] - 1,
        cells.shape[1] - 1, reach, unknown)
    near_ox, near_oy = origin_x + (at_x + 1) * res, origin_y + (at_y + 1) * res
    room = rooms(veto, veto_at, near_ox, near_oy, res, reach)
    wide = margin + math.sqrt(half_length * half_length + half_width * half_width)
    # one column per follow-up
    asked_v = np.zeros((steps + delay + 1, lanes))
    asked_w = np.zeros((steps + delay + 1, lanes))
    x, y, yaw = np.empty(lanes), np.empty(lanes), np.empty(lanes)
    v, w = np.empty(lanes), np.empty(lanes)
    least, apart, around = np.empty(lanes), np.empty(lanes), np.empty(lanes)
    cosine, sine = np.empty(lanes), np.empty(lanes)
    held = np.empty(lanes, dtype=np.int64)
    safe = np.empty(lanes, dtype=np.int64)
    alive = np.empty(lanes, dtype=np.bool_)
    moves = np.empty(lanes, dtype=np.bool_)
    doubtful = np.empty(lanes, dtype=np.bool_)
    steered = np.flatnonzero(~np.isnan(primitives[follow_ups[:, 0].astype(np.int64), 2]))
    for j in range(delay):
        asked_v[j] = pending[j, 0]
        asked_w[j] = pending[j, 1]
    for k in range(lanes):
        f = int(follow_ups[k, 0])
        held[k] = branch + round(follow_ups[k, 1] / dt)
        asked_v[branch + delay:held[k] + delay, k] = min(
            max(primitives[f, 0], -limits[1]), limits[0])
        asked_w[branch + delay:held[k] + delay, k] = primitives[f, 1]
    for i in range(count):
        result[i, 0] = -FAR
        result[i, 1] = 1.0
        result[i, 2] = -1.0
        if not allowed[i]:
            continue
        to_x, to_y, to_yaw, to_v, to_w = start[0], start[1], start[2], start[3], start[4]
        first = FAR
        last = FAR
        begun = steps
        for j in range(branch):
            asked_v[j + delay] = min(max(primitives[i, 0], -limits[1]), limits[0])
            asked_w[j + delay] = turn_asked(
                primitives[i, 1], primitives[i, 2], to_yaw, steer_gain, limits)
            to_x, to_y, to_yaw, to_v, to_w = advance(
                to_x, to_y, to_yaw, to_v, to_w, asked_v[j, 0], asked_w[j, 0], model, limits, dt)
            last = disc_clearance(to_x, to_y, to_yaw, half_length, half_width, paths[j + 1])
            first = min(first, last)
            if last <= margin and begun == steps:
                begun = j
        if begun < steps:
            first = last
        x[:], y[:], yaw[:], v[:], w[:] = to_x, to_y, to_yaw, to_v, to_w
        least[:], safe[:], alive[:] = first, begun, True
        for j in range(branch, steps):
            for number in steered:
                k = int(number)
                if j < held[k]:
                    f = int(follow_ups[k, 0])
                    asked_w[j + delay, k] = turn_asked(
                        primitives[f, 1], primitives[f, 2], yaw[k], steer_gain, limits)
            # without a follow-up the robot brakes as the mask has made sure it can
            for k in range(lanes):
                moves[k] = (held[k] > branch) & (
                    (v[k] != 0.0) | (w[k] != 0.0) | (asked_v[j, k] != 0.0)
                    | (asked_w[j, k] != 0.0))
            advance_all(x, y, yaw, v, w, asked_v[j], asked_w[j], model, limits, dt)
            disc_clearances(
                x, y, yaw, half_length, half_width, paths[j + 1], cosine, sine, apart)
            rooms_at(x, y, room, near_ox, near_oy, res, around)
            for k in range(lanes):
                least[k] = min(least[k], apart[k]) if alive[k] else least[k]
                doubtful[k] = alive[k] & (
                    (apart[k] <= margin) | (moves[k] & (around[k] < wide)))
            for k in range(lanes):
                if not doubtful[k]:
                    continue
                if moves[k] and not surely_clear(
                        x[k], y[k], yaw[k], half_length, half_width, margin, room, near_ox,
                        near_oy, res) and footprint_clearance(
                        x[k], y[k], yaw[k], half_length, half_width, veto, veto_at, near_ox,
                        near_oy, res) < margin:
                    safe[k] = -1
                    alive[k] = False
                elif apart[k] <= margin:
                    safe[k] = min(safe[k], j)
                    alive[k] = False
            if not alive.any():
                break
        for k in range(lanes):
            if safe[k] < 0:
                continue
            result[i, 0] = max(result[i, 0], least[k])
            result[i, 1] = min(result[i, 1], 1.0 - safe[k] / steps)
            if safe[k] == steps:
                gained = (here - value_at(
                    x[k], y[k], value, value_ox, value_oy, value_res, goal_x, goal_y,
                    planned)) / best
                result[i, 2] = max(
                    result[i, 2], gained - _CAUTION * (1.0 - min(least[k], _ROOM) / _ROOM))
    return result
