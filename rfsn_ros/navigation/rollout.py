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
Compiled roll-outs of every primitive with the robot that is really there.

The robot model: a velocity command acts after `latency`, scaled by a gain (slip), and the
velocity follows it with bounded acceleration. Each roll-out starts from the measured velocity,
lets the commands already under way act first, then the primitive. It is followed twice: held
for the feature horizon, and broken off after one decision period by braking to standstill.
"""

from __future__ import annotations

import numpy as np
from rfsn_ros.navigation.clearance import clearance_at, disc_clearance_at
from rfsn_ros.navigation.compiled import compiled, compiled_unlocked
from rfsn_ros.navigation.descent import alignment_at, value_at
from rfsn_ros.navigation.grids import FAR, IntArray
from rfsn_ros.navigation.motion import advance, cos_sin, turn_asked
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['OUTCOMES', 'roll_out']

OUTCOMES = (
    'end_x', 'end_y', 'end_yaw', 'end_v', 'end_w', 'held_clearance', 'end_clearance',
    'braking_clearance', 'value', 'alignment', 'contact_time',
)


@compiled
def _stopping_clearance(
    x: float, y: float, yaw: float, v: float, w: float, way: float, drift: float,
    model: FloatArray, limits: FloatArray, dt: float, half_length: float, half_width: float,
    near: IntArray, points: FloatArray, origin_x: float, origin_y: float, res: float,
) -> float:
    """Return the smallest clearance from here to standstill, after `way` metres and radians."""
    least = FAR
    while abs(v) + abs(w) > 0.0:
        way += (abs(v) + abs(w)) * dt
        x, y, yaw, v, w = advance(x, y, yaw, v, w, 0.0, 0.0, model, limits, dt)
        cos, sin = cos_sin(yaw)
        least = min(least, clearance_at(
            x, y, cos, sin, half_length, half_width, near, points, origin_x, origin_y, res, 0.0)
            - drift * way)
    return float(least)


@compiled
def _soonest_clearance(
    start: FloatArray, asked: FloatArray, branch: int, drift: float, model: FloatArray,
    limits: FloatArray, dt: float, half_length: float, half_width: float, near: IntArray,
    points: FloatArray, origin_x: float, origin_y: float, res: float,
) -> float:
    """
    Return the smallest clearance of a robot that obeys sooner than identified, then brakes.

    Slow braking is the cautious assumption only for a robot that goes on as it goes: one that
    turns back, with its speed or with its turn rate, has passed zero earlier if it brakes well,
    and is faster than expected when it has to stop. Its accelerations are above those identified
    by as much as braking is below.
    """
    x, y, yaw, v, w = start[0], start[1], start[2], start[3], start[4]
    quick = np.empty(4)
    quick[0] = quick[2] = model[0] * model[0] / model[2]
    quick[1] = quick[3] = model[1] * model[1] / model[3]
    least = FAR
    way = 0.0
    for j in range(branch):
        way += (abs(v) + abs(w)) * dt
        x, y, yaw, v, w = advance(
            x, y, yaw, v, w, asked[j, 0], asked[j, 1], quick, limits, dt)
        cos, sin = cos_sin(yaw)
        least = min(least, clearance_at(
            x, y, cos, sin, half_length, half_width, near, points, origin_x, origin_y, res, 0.0)
            - drift * way)
    return min(least, _stopping_clearance(
        x, y, yaw, v, w, way, drift, model, limits, dt, half_length, half_width, near, points,
        origin_x, origin_y, res))


@compiled_unlocked
def roll_out(
    start: FloatArray, pending: FloatArray, model: FloatArray, limits: FloatArray,
    primitives: FloatArray, steer_gain: float, exec_steps: int, hold_steps: int, dt: float,
    drift: float, half_length: float, half_width: float, near: IntArray, near_at: FloatArray,
    veto: IntArray, veto_at: FloatArray, near_ox: float, near_oy: float, near_res: float,
    value: FloatArray, value_ox: float, value_oy: float, value_res: float, goal_x: float,
    goal_y: float, planned: bool, paths: FloatArray,
) -> FloatArray:
    """
    Return one row of `OUTCOMES` per primitive, shape (K, 11).

    `start`: x, y, yaw, v, w. `primitives`: rows (v, w, heading); with a heading the turn rate is
    steered towards it, with NaN it is w. `pending`, shape (d, 2): velocities that commands under
    way will still ask for, one row per step. `model`: acceleration, turn acceleration, braking,
    turn braking. `limits`: largest forward, backward and turn velocity that can be reached.
    `paths`, shape (s, m, 3): where moving obstacles are (x, y, radius) after each step. `drift`:
    what is taken off the braking clearance per metre of way and per radian of turn, for the robot
    comes off its roll-out.
    """
    count = primitives.shape[0]
    delay = pending.shape[0]
    moving = paths.shape[1] > 0
    result = np.zeros((count, 11))
    last = delay + hold_steps
    branch = delay + exec_steps
    asked = np.zeros((2 * delay + hold_steps + exec_steps + 1, 2))
    for j in range(delay):
        asked[j, 0], asked[j, 1] = pending[j, 0], pending[j, 1]
    # up to here commands under way are followed, whatever the primitive
    yaws = np.zeros(delay)
    x0, y0, yaw0, v0, w0 = start[0], start[1], start[2], start[3], start[4]
    cos, sin = cos_sin(yaw0)
    held0 = clearance_at(
        x0, y0, cos, sin, half_length, half_width, near, near_at, near_ox, near_oy, near_res,
        FAR)
    braking0 = clearance_at(
        x0, y0, cos, sin, half_length, half_width, veto, veto_at, near_ox, near_oy, near_res,
        0.0)
    # What touches something counts as staying there; only the mask goes on, for a disc may be gone
    # by then, and a wall behind it is not.
    end_x0, end_y0, end_yaw0 = x0, y0, yaw0
    first = held0
    contact0 = last * dt
    touched0 = False
    turns_back0 = False
    way0 = 0.0
    for j in range(delay):
        yaws[j] = yaw0
        way0 += (abs(v0) + abs(w0)) * dt
        turns_back0 = (
            turns_back0 or v0 * (asked[j, 0] - v0) < 0.0 or w0 * (asked[j, 1] - w0) < 0.0)
        x0, y0, yaw0, v0, w0 = advance(
            x0, y0, yaw0, v0, w0, asked[j, 0], asked[j, 1], model, limits, dt)
        if not touched0:
            end_x0, end_y0, end_yaw0 = x0, y0, yaw0
        cos, sin = cos_sin(end_yaw0)
        here = clearance_at(
            end_x0, end_y0, cos, sin, half_length, half_width, near, near_at, near_ox, near_oy,
            near_res, FAR)
        if moving:
            here = min(here, disc_clearance_at(
                end_x0, end_y0, cos, sin, half_length, half_width,
                paths[min(j + 1, len(paths) - 1)]))
        held0 = min(held0, here)
        if touched0:
            cos, sin = cos_sin(yaw0)
        braking0 = min(braking0, clearance_at(
            x0, y0, cos, sin, half_length, half_width, veto, veto_at, near_ox, near_oy,
            near_res, 0.0) - drift * way0)
        if here <= 0.0 and here < first and not touched0:
            touched0 = True
            contact0 = (j + 1) * dt
    for i in range(count):
        for j in range(delay):
            asked[j + delay, 0] = min(max(primitives[i, 0], -limits[1]), limits[0])
            asked[j + delay, 1] = turn_asked(
                primitives[i, 1], primitives[i, 2], yaws[j], steer_gain, limits)
        x, y, yaw, v, w = x0, y0, yaw0, v0, w0
        end_x, end_y, end_yaw = end_x0, end_y0, end_yaw0
        held, braking, contact, touched = held0, braking0, contact0, touched0
        turns_back, way = turns_back0, way0
        here = held
        for j in range(delay, max(last, branch) + 1):
            if j == branch:
                braking = min(braking, _stopping_clearance(
                    x, y, yaw, v, w, way, drift, model, limits, dt, half_length, half_width, veto,
                    veto_at, near_ox, near_oy, near_res))
            if j >= last and j >= branch:
                break
            if touched and j > branch:
                break
            asked[j + delay, 0] = min(max(primitives[i, 0], -limits[1]), limits[0])
            asked[j + delay, 1] = turn_asked(
                primitives[i, 1], primitives[i, 2], yaw, steer_gain, limits)
            turns_back = turns_back or (j < branch and (
                v * (asked[j, 0] - v) < 0.0 or w * (asked[j, 1] - w) < 0.0))
            way += (abs(v) + abs(w)) * dt
            x, y, yaw, v, w = advance(
                x, y, yaw, v, w, asked[j, 0], asked[j, 1], model, limits, dt)
            if not touched:
                end_x, end_y, end_yaw = x, y, yaw
            cos, sin = cos_sin(end_yaw)
            here = clearance_at(
                end_x, end_y, cos, sin, half_length, half_width, near, near_at, near_ox, near_oy,
                near_res, FAR)
            if moving:
                here = min(here, disc_clearance_at(
                    end_x, end_y, cos, sin, half_length, half_width,
                    paths[min(j + 1, len(paths) - 1)]))
            held = min(held, here)
            if j < branch:
                if touched:
                    cos, sin = cos_sin(yaw)
                braking = min(braking, clearance_at(
                    x, y, cos, sin, half_length, half_width, veto, veto_at, near_ox, near_oy,
                    near_res, 0.0) - drift * way)
            if here <= 0.0 and here < first and not touched:
                touched = True
                contact = (j + 1) * dt
        if turns_back:
            braking = min(braking, _soonest_clearance(
                start, asked, branch, drift, model, limits, dt, half_length, half_width, veto,
                veto_at, near_ox, near_oy, near_res))
        result[i, 0] = end_x
        result[i, 1] = end_y
        result[i, 2] = end_yaw
        result[i, 3] = v
        result[i, 4] = w
        result[i, 5] = held
        result[i, 6] = here
        result[i, 7] = braking
        result[i, 8] = value_at(
            end_x, end_y, value, value_ox, value_oy, value_res, goal_x, goal_y, planned)
        result[i, 9] = alignment_at(
            end_x, end_y, end_yaw, value, value_ox, value_oy, value_res, goal_x, goal_y, planned)
        result[i, 10] = contact
    return result
