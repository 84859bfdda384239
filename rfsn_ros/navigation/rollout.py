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

import math

import numpy as np
from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.grids import FAR
from rfsn_ros.navigation.observation import FloatArray

__all__ = [
    'OUTCOMES', 'alignment_at', 'best_gap', 'disc_clearance', 'fall_at', 'footprint_clearance',
    'roll_out', 'value_at',
]

OUTCOMES = (
    'end_x', 'end_y', 'end_yaw', 'end_v', 'end_w', 'held_clearance', 'end_clearance',
    'braking_clearance', 'value', 'alignment', 'contact_time',
)


@compiled
def value_at(
    x: float, y: float, value: FloatArray, origin_x: float, origin_y: float, res: float,
    goal_x: float, goal_y: float, planned: bool,
) -> float:
    """Return the cost-to-go at a point: bilinear on the field, else the straight line."""
    if not planned:
        return math.sqrt((goal_x - x) ** 2 + (goal_y - y) ** 2)
    fx = min(max((x - origin_x) / res - 0.5, 0.0), value.shape[0] - 1.001)
    fy = min(max((y - origin_y) / res - 0.5, 0.0), value.shape[1] - 1.001)
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
def best_gap(
    turns: FloatArray, x: float, y: float, yaw: float, end_x: FloatArray, end_y: FloatArray,
    half_width: float, reach: float, half_length: float, value: FloatArray, origin_x: float,
    origin_y: float, res: float, goal_x: float, goal_y: float, planned: bool,
) -> int:
    """
    Return which of `turns` (rad from `yaw`) leads to the smallest cost-to-go.

    Each is followed as far as a strip of `half_width` to both sides is free of beam ends, at
    most `reach`; turning costs 0.05 m per radian.
    """
    best, least = 0, np.inf
    for i in range(turns.shape[0]):
        cos = math.cos(turns[i] + yaw)
        sin = math.sin(turns[i] + yaw)
        free = reach
        for j in range(end_x.shape[0]):
            dx = end_x[j] - x
            dy = end_y[j] - y
            along = cos * dx + sin * dy
            if 0.0 < along < free and abs(cos * dy - sin * dx) < half_width:
                free = along
        ahead = max(free - half_length, 0.05)
        worth = value_at(
            x + ahead * cos, y + ahead * sin, value, origin_x, origin_y, res, goal_x, goal_y,
            planned) + 0.05 * abs(turns[i])
        if worth < least:
            best, least = i, worth
    return best


@compiled
def fall_at(
    x: float, y: float, value: FloatArray, origin_x: float, origin_y: float, res: float,
    goal_x: float, goal_y: float, planned: bool,
) -> tuple[float, float]:
    """Return the unit vector along which the cost-to-go falls most steeply; 0 where it is flat."""
    h = 1.5 * res if planned else 0.1
    fall_x = value_at(
        x - h, y, value, origin_x, origin_y, res, goal_x, goal_y, planned) - value_at(
        x + h, y, value, origin_x, origin_y, res, goal_x, goal_y, planned)
    fall_y = value_at(
        x, y - h, value, origin_x, origin_y, res, goal_x, goal_y, planned) - value_at(
        x, y + h, value, origin_x, origin_y, res, goal_x, goal_y, planned)
    size = math.sqrt(fall_x * fall_x + fall_y * fall_y)
    if size < 1e-9:
        return 0.0, 0.0
    return fall_x / size, fall_y / size


@compiled
def alignment_at(
    x: float, y: float, yaw: float, value: FloatArray, origin_x: float, origin_y: float,
    res: float, goal_x: float, goal_y: float, planned: bool,
) -> float:
    """Return the cosine between the heading and the steepest descent of the cost-to-go."""
    fall_x, fall_y = fall_at(
        x, y, value, origin_x, origin_y, res, goal_x, goal_y, planned)
    return math.cos(yaw) * fall_x + math.sin(yaw) * fall_y


@compiled
def footprint_clearance(
    x: float, y: float, yaw: float, half_length: float, half_width: float,
    near_x: FloatArray, near_y: FloatArray, origin_x: float, origin_y: float, res: float,
) -> float:
    """
    Return the signed distance of the rectangular footprint to the nearest obstacle point.

    Looks up the nearest point of four places along the axis and measures the rectangle's
    distance to each exactly; where something is near, also those of the four corners, which
    another obstacle beside the robot may hide from the axis.
    """
    cos = math.cos(yaw)
    sin = math.sin(yaw)
    best = FAR
    for k in range(8):
        along = half_length * (-0.75 + 0.5 * (k % 4))
        aside = 0.0
        if k >= 4:
            if best > half_width:
                break
            along = half_length if k < 6 else -half_length
            aside = half_width if k % 2 == 0 else -half_width
        cx = x + cos * along - sin * aside
        cy = y + sin * along + cos * aside
        ix = math.floor((cx - origin_x) / res)
        iy = math.floor((cy - origin_y) / res)
        if ix < 0 or iy < 0 or ix >= near_x.shape[0] or iy >= near_x.shape[1]:
            continue
        if near_x[ix, iy] >= FAR:
            continue
        dx = near_x[ix, iy] - x
        dy = near_y[ix, iy] - y
        px = abs(cos * dx + sin * dy) - half_length
        py = abs(-sin * dx + cos * dy) - half_width
        if px <= 0.0 and py <= 0.0:
            distance = max(px, py)
        else:
            distance = math.sqrt(max(px, 0.0) ** 2 + max(py, 0.0) ** 2)
        best = min(best, distance)
    return best


@compiled
def disc_clearance(
    x: float, y: float, yaw: float, half_length: float, half_width: float, discs: FloatArray,
) -> float:
    """Return the distance of the footprint to the nearest of discs, rows (x, y, radius)."""
    cos = math.cos(yaw)
    sin = math.sin(yaw)
    best = FAR
    for i in range(discs.shape[0]):
        dx = discs[i, 0] - x
        dy = discs[i, 1] - y
        px = abs(cos * dx + sin * dy) - half_length
        py = abs(-sin * dx + cos * dy) - half_width
        if px <= 0.0 and py <= 0.0:
            distance = max(px, py)
        else:
            distance = math.sqrt(max(px, 0.0) ** 2 + max(py, 0.0) ** 2)
        best = min(best, distance - discs[i, 2])
    return best


@compiled
def _stopping_clearance(
    x: float, y: float, yaw: float, v: float, w: float, braking: float, turn_braking: float,
    dt: float, half_length: float, half_width: float, near_x: FloatArray, near_y: FloatArray,
    origin_x: float, origin_y: float, res: float,
) -> float:
    """Return the smallest clearance from here to standstill."""
    least = FAR
    for _ in range(400):
        if v == 0.0 and w == 0.0:
            break
        nv = max(abs(v) - braking * dt, 0.0) * (1.0 if v > 0.0 else -1.0)
        nw = max(abs(w) - turn_braking * dt, 0.0) * (1.0 if w > 0.0 else -1.0)
        mid = yaw + 0.25 * (w + nw) * dt
        x += 0.5 * (v + nv) * math.cos(mid) * dt
        y += 0.5 * (v + nv) * math.sin(mid) * dt
        yaw += 0.5 * (w + nw) * dt
        v = nv
        w = nw
        least = min(least, footprint_clearance(
            x, y, yaw, half_length, half_width, near_x, near_y, origin_x, origin_y, res))
    return float(least)


@compiled
def _soonest_clearance(
    start: FloatArray, asked: FloatArray, branch: int, model: FloatArray, dt: float,
    half_length: float, half_width: float, near_x: FloatArray, near_y: FloatArray,
    origin_x: float, origin_y: float, res: float,
) -> float:
    """
    Return the smallest clearance of a robot that obeys sooner than identified, then brakes.

    Slow braking is the cautious assumption only for a robot that goes on as it goes: one that
    turns back has passed zero earlier if it brakes well, and is faster than expected when it has
    to stop. Its accelerations are above those identified by as much as braking is below.
    """
    x, y, yaw, v, w = start[0], start[1], start[2], start[3], start[4]
    reach = model[0] * model[0] / model[2] * dt
    turn_reach = model[1] * model[1] / model[3] * dt
    least = FAR
    for j in range(branch):
        nv = v + min(max(asked[j, 0] - v, -reach), reach)
        nw = w + min(max(asked[j, 1] - w, -turn_reach), turn_reach)
        mid = yaw + 0.25 * (w + nw) * dt
        x += 0.5 * (v + nv) * math.cos(mid) * dt
        y += 0.5 * (v + nv) * math.sin(mid) * dt
        yaw += 0.5 * (w + nw) * dt
        v = nv
        w = nw
        least = min(least, footprint_clearance(
            x, y, yaw, half_length, half_width, near_x, near_y, origin_x, origin_y, res))
    return min(least, _stopping_clearance(
        x, y, yaw, v, w, model[2], model[3], dt, half_length, half_width, near_x, near_y,
        origin_x, origin_y, res))


@compiled
def roll_out(
    start: FloatArray, pending: FloatArray, model: FloatArray, limits: FloatArray,
    primitives: FloatArray, steer_gain: float, exec_steps: int,
    hold_steps: int, dt: float, half_length: float, half_width: float,
    near_x: FloatArray, near_y: FloatArray, veto_x: FloatArray, veto_y: FloatArray,
    near_ox: float, near_oy: float, near_res: float, value: FloatArray, value_ox: float,
    value_oy: float, value_res: float,
    goal_x: float, goal_y: float, planned: bool, paths: FloatArray,
) -> FloatArray:
    """
    Return one row of `OUTCOMES` per primitive, shape (K, 11).

    `start`: x, y, yaw, v, w. `primitives`: rows (v, w, heading); with a heading the turn rate is
    steered towards it, with NaN it is w. `pending`, shape (d, 2): velocities that commands under
    way will still ask for, one row per step. `model`: acceleration, turn acceleration, braking,
    turn braking. `limits`: largest forward, backward and turn velocity that can be reached.
    `paths`, shape (s, m, 3): where moving obstacles are (x, y, radius) after each step.
    """
    count = primitives.shape[0]
    delay = pending.shape[0]
    result = np.zeros((count, 11))
    asked = np.zeros((delay + hold_steps + exec_steps + 1, 2))
    for j in range(delay):
        asked[j, 0] = pending[j, 0]
        asked[j, 1] = pending[j, 1]
    last = delay + hold_steps
    branch = delay + exec_steps
    for i in range(count):
        x, y, yaw, v, w = start[0], start[1], start[2], start[3], start[4]
        held = footprint_clearance(
            x, y, yaw, half_length, half_width, near_x, near_y, near_ox, near_oy, near_res)
        here = held
        first = held
        braking = footprint_clearance(
            x, y, yaw, half_length, half_width, veto_x, veto_y, near_ox, near_oy, near_res)
        contact = last * dt
        touched = False
        turns_back = False
        for j in range(max(last, branch) + 1):
            if j == branch:
                braking = min(braking, _stopping_clearance(
                    x, y, yaw, v, w, model[2], model[3], dt, half_length, half_width, veto_x,
                    veto_y, near_ox, near_oy, near_res))
            if j >= last and j >= branch:
                break
            if touched and j > branch:
                break
            if not math.isnan(primitives[i, 2]):
                error = (primitives[i, 2] - yaw + math.pi) % (2.0 * math.pi) - math.pi
                turn = min(max(steer_gain * error, -limits[2]), limits[2])
            else:
                turn = primitives[i, 1]
            asked[j + delay if j + delay < asked.shape[0] else asked.shape[0] - 1, 0] = (
                min(max(primitives[i, 0], -limits[1]), limits[0]))
            asked[j + delay if j + delay < asked.shape[0] else asked.shape[0] - 1, 1] = turn
            gv = asked[j, 0] - v
            gw = min(max(asked[j, 1], -limits[2]), limits[2]) - w
            rate = model[0]
            if v * gv < 0.0:
                rate = model[2]
                turns_back = turns_back or j < branch
            turn_rate = model[1] if w * gw >= 0.0 else model[3]
            nv = v + min(max(gv, -rate * dt), rate * dt)
            nw = w + min(max(gw, -turn_rate * dt), turn_rate * dt)
            if not touched:
                mid = yaw + 0.25 * (w + nw) * dt
                x += 0.5 * (v + nv) * math.cos(mid) * dt
                y += 0.5 * (v + nv) * math.sin(mid) * dt
                yaw += 0.5 * (w + nw) * dt
            v = nv
            w = nw
            here = footprint_clearance(
                x, y, yaw, half_length, half_width, near_x, near_y, near_ox, near_oy, near_res)
            here = min(here, disc_clearance(
                x, y, yaw, half_length, half_width, paths[min(j + 1, paths.shape[0] - 1)]))
            held = min(held, here)
            if j < branch:
                braking = min(braking, footprint_clearance(
                    x, y, yaw, half_length, half_width, veto_x, veto_y, near_ox, near_oy,
                    near_res))
            if here <= 0.0 and here < first and not touched:
                touched = True
                contact = (j + 1) * dt
        if turns_back:
            braking = min(braking, _soonest_clearance(
                start, asked, branch, model, dt, half_length, half_width, veto_x, veto_y,
                near_ox, near_oy, near_res))
        result[i, 0] = x
        result[i, 1] = y
        result[i, 2] = yaw
        result[i, 3] = v
        result[i, 4] = w
        result[i, 5] = held
        result[i, 6] = here
        result[i, 7] = braking
        result[i, 8] = value_at(
            x, y, value, value_ox, value_oy, value_res, goal_x, goal_y, planned)
        result[i, 9] = alignment_at(
            x, y, yaw, value, value_ox, value_oy, value_res, goal_x, goal_y, planned)
        result[i, 10] = contact
    return result
