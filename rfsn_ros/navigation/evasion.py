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
from typing import NamedTuple

import numpy as np
from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.navigation.batch import advance_all, disc_clearances, rooms, rooms_at, surely_clear
from rfsn_ros.navigation.clearance import (
    Caution,
    disc_clearance,
    Footprint,
    footprint_clearance,
    lookup_reach,
    radius_of,
)
from rfsn_ros.navigation.compiled import compiled, compiled_unlocked
from rfsn_ros.navigation.descent import CostToGo, value_at
from rfsn_ros.navigation.grids import FAR, IntArray
from rfsn_ros.navigation.motion import advance, Mobility, turn_asked
from rfsn_ros.navigation.nearest import near_window, Nearest
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.navigation.pacing import paced
from rfsn_ros.navigation.surroundings import Surroundings

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


class _Lanes(NamedTuple):
    """
    All follow-ups of a primitive, one column each.

    What each asks for at every step, shape (steps, n), and up to which it is `held`, from where
    on it brakes; those that `steer`; where it is by now; the `least` clearance from what moves
    and the step up to which it is `safe` from that, -1 where it touches what stands.
    """

    asked_v: FloatArray
    asked_w: FloatArray
    held: IntArray
    steer: IntArray
    x: FloatArray
    y: FloatArray
    yaw: FloatArray
    v: FloatArray
    w: FloatArray
    least: FloatArray
    safe: IntArray


@compiled_unlocked
def evade(
    start: FloatArray, pending: FloatArray, mobility: Mobility, primitives: FloatArray,
    steer_gain: float, exec_steps: int, dt: float, footprint: Footprint, around: Surroundings,
    caution: Caution, field: CostToGo, paths: FloatArray, allowed: BoolArray,
    follow_ups: FloatArray, best: float,
) -> FloatArray:
    """
    Return one row of `EVASIONS` per primitive, shape (K, 3).

    The largest clearance from moving obstacles that a follow-up keeps (after the primitive where
    that itself comes too near); the share of the time for which none stays clear of them by the
    margin; and the most that one which always does gains: cost-to-go below that of the start,
    over `best`, less for a narrow escape, -1 where none does. Rows of primitives that are not
    `allowed` say the worst.

    `follow_ups` has rows (primitive, seconds). `paths` come from `disc_paths`: the first row is
    now, the last the horizon, beyond the delay and `exec_steps`. All else is as for `roll_out`.
    """
    count, delay = primitives.shape[0], pending.shape[0]
    steps = paths.shape[0] - 1
    branch = delay + exec_steps
    inner = (1, 1, around.cells.shape[0] - 1, around.cells.shape[1] - 1)
    reach = lookup_reach(caution.heeded, footprint)
    _, near = near_window(around, inner, reach, caution.unknown)
    room = rooms(near, reach)
    lanes = _lanes(pending, primitives, follow_ups, branch, steps, mobility, dt)
    here = value_at(start[0], start[1], field)
    result = np.zeros((count, 3))
    for i in range(count):
        result[i, 0] = -FAR
        result[i, 1] = 1.0
        result[i, 2] = -1.0
        if not allowed[i]:
            continue
        _begin(
            lanes, start, delay, primitives[i], steer_gain, branch, mobility, dt, footprint,
            caution.margin, paths)
        _go_on(
            lanes, delay, primitives, follow_ups, steer_gain, branch, mobility, dt, footprint,
            caution.margin, near, room, paths)
        for k in range(lanes.safe.shape[0]):
            if lanes.safe[k] < 0:
                continue
            result[i, 0] = max(result[i, 0], lanes.least[k])
            result[i, 1] = min(result[i, 1], 1.0 - lanes.safe[k] / steps)
            if lanes.safe[k] == steps:
                gained = (here - value_at(lanes.x[k], lanes.y[k], field)) / best
                result[i, 2] = max(
                    result[i, 2],
                    gained - _CAUTION * (1.0 - min(lanes.least[k], _ROOM) / _ROOM))
    return result


@compiled
def _lanes(
    pending: FloatArray, primitives: FloatArray, follow_ups: FloatArray, branch: int, steps: int,
    mobility: Mobility, dt: float,
) -> _Lanes:
    """Return what is asked for before and after any primitive, the rest to be filled."""
    delay, count = pending.shape[0], follow_ups.shape[0]
    asked_v = np.zeros((steps + delay + 1, count))
    asked_w = np.zeros((steps + delay + 1, count))
    held = np.empty(count, dtype=np.int64)
    for j in range(delay):
        asked_v[j] = pending[j, 0]
        asked_w[j] = pending[j, 1]
    for k in range(count):
        f = int(follow_ups[k, 0])
        held[k] = branch + round(follow_ups[k, 1] / dt)
        asked_v[branch + delay:held[k] + delay, k] = min(
            max(primitives[f, 0], -mobility.backward), mobility.forward)
        asked_w[branch + delay:held[k] + delay, k] = primitives[f, 1]
    steer = np.flatnonzero(~np.isnan(primitives[follow_ups[:, 0].astype(np.int64), 2]))
    return _Lanes(
        asked_v, asked_w, held, steer, np.empty(count), np.empty(count), np.empty(count),
        np.empty(count), np.empty(count), np.empty(count), np.empty(count, dtype=np.int64))


@compiled
def _begin(
    lanes: _Lanes, start: FloatArray, delay: int, primitive: FloatArray, steer_gain: float,
    branch: int, mobility: Mobility, dt: float, footprint: Footprint, margin: float,
    paths: FloatArray,
) -> None:
    """Follow the commands under way and a primitive (v, w, heading); all lanes go on there."""
    x, y, yaw, v, w = start[0], start[1], start[2], start[3], start[4]
    least = last = FAR
    begun = paths.shape[0] - 1
    for j in range(branch):
        lanes.asked_v[j + delay] = min(max(primitive[0], -mobility.backward), mobility.forward)
        lanes.asked_w[j + delay] = turn_asked(
            primitive[1], primitive[2], yaw, steer_gain, mobility.turning)
        x, y, yaw, v, w = advance(
            x, y, yaw, v, w, lanes.asked_v[j, 0], lanes.asked_w[j, 0], mobility, dt)
        last = disc_clearance(x, y, yaw, footprint, paths[j + 1])
        least = min(least, last)
        if last <= margin and begun == paths.shape[0] - 1:
            begun = j
    lanes.x[:], lanes.y[:], lanes.yaw[:], lanes.v[:], lanes.w[:] = x, y, yaw, v, w
    # what came too near is judged by how it gets away
    lanes.least[:] = last if begun < paths.shape[0] - 1 else least
    lanes.safe[:] = begun


@compiled
def _go_on(
    lanes: _Lanes, delay: int, primitives: FloatArray, follow_ups: FloatArray, steer_gain: float,
    branch: int, mobility: Mobility, dt: float, footprint: Footprint, margin: float,
    near: Nearest, room: FloatArray, paths: FloatArray,
) -> None:
    """Follow every lane from where the primitive ends to the horizon."""
    asked_v, asked_w, held, steer, x, y, yaw, v, w, least, safe = lanes
    count = x.shape[0]
    apart, around, cosine, sine = (
        np.empty(count), np.empty(count), np.empty(count), np.empty(count))
    moves, doubtful = np.empty(count, dtype=np.bool_), np.empty(count, dtype=np.bool_)
    alive = np.ones(count, dtype=np.bool_)
    wide = margin + radius_of(footprint)
    for j in range(branch, paths.shape[0] - 1):
        for number in steer:
            k = int(number)
            if j < held[k]:
                f = int(follow_ups[k, 0])
                asked_w[j + delay, k] = turn_asked(
                    primitives[f, 1], primitives[f, 2], yaw[k], steer_gain, mobility.turning)
        # without a follow-up the robot brakes as the mask has made sure it can
        for k in range(count):
            moves[k] = (held[k] > branch) & (
                (v[k] != 0.0) | (w[k] != 0.0) | (asked_v[j, k] != 0.0) | (asked_w[j, k] != 0.0))
        advance_all(x, y, yaw, v, w, asked_v[j], asked_w[j], mobility, dt)
        disc_clearances(x, y, yaw, footprint, paths[j + 1], cosine, sine, apart)
        rooms_at(x, y, room, near, around)
        for k in range(count):
            least[k] = min(least[k], apart[k]) if alive[k] else least[k]
            doubtful[k] = alive[k] & ((apart[k] <= margin) | (moves[k] & (around[k] < wide)))
        for k in range(count):
            if not doubtful[k]:
                continue
            if moves[k] and not surely_clear(
                    x[k], y[k], yaw[k], footprint, margin, room, near) and footprint_clearance(
                    x[k], y[k], yaw[k], footprint, near) < margin:
                safe[k] = -1
                alive[k] = False
            elif apart[k] <= margin:
                safe[k] = min(safe[k], j)
                alive[k] = False
        if not alive.any():
            break
