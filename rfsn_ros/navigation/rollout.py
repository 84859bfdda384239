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
from rfsn_ros.navigation.compiled import compiled, compiled_unlocked
from rfsn_ros.navigation.grids import FAR, IntArray
from rfsn_ros.navigation.observation import FloatArray

__all__ = [
    'OUTCOMES', 'advance', 'alignment_at', 'best_gap', 'cos_sin', 'disc_clearance', 'fall_at',
    'footprint_clearance', 'roll_out', 'turn_asked', 'value_at',
]

OUTCOMES = (
    'end_x', 'end_y', 'end_yaw', 'end_v', 'end_w', 'held_clearance', 'end_clearance',
    'braking_clearance', 'value', 'alignment', 'contact_time',
)


@compiled
def cos_sin(angle: float) -> tuple[float, float]:
    """
    Return cosine and sine of an angle (rad, up to 1e6), right to the last place or so.

    Roll-outs spend their time here. Both at once, by the polynomials of fdlibm (Sun Microsystems
    1993) around the nearest quarter turn, take a third of what two calls of the C library do.
    """
    quarter = np.floor(angle * 0.6366197723675814 + 0.5)
    r = angle - quarter * 1.5707963267341256 - quarter * 6.077100506506192e-11
    z = r * r
    sin = r + r * z * (-0.16666666666666632 + z * (
        0.00833333333332249 + z * (-0.0001984126982985795 + z * (
            2.7557313707070068e-06 + z * (-2.5050760253406863e-08 + z * 1.58969099521155e-10)))))
    cos = 1.0 - 0.5 * z + z * z * (0.0416666666666666 + z * (
        -0.001388888888887411 + z * (2.480158728947673e-05 + z * (
            -2.7557314351390663e-07 + z * (2.087572321298175e-09 - z * 1.1359647557788195e-11)))))
    # no branches and no integers, so that loops over this can be vectorised
    half = np.floor(0.5 * quarter)
    odd = quarter != 2.0 * half
    back = half != 2.0 * np.floor(0.5 * half)
    turned_cos, turned_sin = (-sin, cos) if odd else (cos, sin)
    return (-turned_cos, -turned_sin) if back else (turned_cos, turned_sin)


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
    hit: FloatArray, half_width: float, reach: float, half_length: float, turning: float,
    short: float, value: FloatArray, origin_x: float, origin_y: float, res: float,
    goal_x: float, goal_y: float, planned: bool,
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
        worth = value_at(
            x + ahead * cos, y + ahead * sin, value, origin_x, origin_y, res, goal_x, goal_y,
            planned) + turning * abs(turns[i]) + short * (reach - free)
        if worth < least:
            best, least, far = i, worth, ahead
    return best, far


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
    near: IntArray, points: FloatArray, origin_x: float, origin_y: float, res: float,
) -> float:
    """
    Return the signed distance of the rectangular footprint to the nearest obstacle point.

    Looks up the nearest point of four places along the axis and measures the rectangle's
    distance to each exactly; where something is near, also those of the four corners, which
    another obstacle beside the robot may hide from the axis. `near` and `points` are those of a
    `NearField`.
    """
    cos, sin = cos_sin(yaw)
    return float(_clearance(
        x, y, cos, sin, half_length, half_width, near, points, origin_x, origin_y, res, FAR))


@compiled
def _clearance(
    x: float, y: float, cos: float, sin: float, half_length: float, half_width: float,
    near: IntArray, points: FloatArray, origin_x: float, origin_y: float, res: float,
    outside: float,
) -> float:
    """Return the `footprint_clearance`, at most `outside` where part of it leaves the window."""
    best, before = FAR, -1
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
        if ix < 0 or iy < 0 or ix >= near.shape[0] or iy >= near.shape[1]:
            best = min(best, outside)
            continue
        nearest = near[ix, iy]
        if nearest >= 0 and nearest != before:
            before = nearest
            best = min(best, _apart(
                points[nearest, 0] - x, points[nearest, 1] - y, cos, sin, half_length,
                half_width))
    return best


@compiled
def disc_clearance(
    x: float, y: float, yaw: float, half_length: float, half_width: float, discs: FloatArray,
) -> float:
    """Return the distance of the footprint to the nearest of discs, rows (x, y, radius)."""
    cos, sin = cos_sin(yaw)
    return float(_disc_clearance(x, y, cos, sin, half_length, half_width, discs))


@compiled
def _disc_clearance(
    x: float, y: float, cos: float, sin: float, half_length: float, half_width: float,
    discs: FloatArray,
) -> float:
    best = FAR
    for i in range(discs.shape[0]):
        best = min(best, _apart(
            discs[i, 0] - x, discs[i, 1] - y, cos, sin, half_length, half_width) - discs[i, 2])
    return best


@compiled
def _apart(
    dx: float, dy: float, cos: float, sin: float, half_length: float, half_width: float,
) -> float:
    """Return the signed distance of a rectangle to a point at (dx, dy) from its middle."""
    px = abs(cos * dx + sin * dy) - half_length
    py = abs(-sin * dx + cos * dy) - half_width
    if px <= 0.0 and py <= 0.0:
        return max(px, py)
    return math.sqrt(max(px, 0.0) ** 2 + max(py, 0.0) ** 2)


@compiled
def turn_asked(
    turn_rate: float, heading: float, yaw: float, steer_gain: float, limits: FloatArray,
) -> float:
    """Return the turn rate that a primitive asks for at a yaw; it steers unless heading is NaN."""
    if math.isnan(heading):
        return turn_rate
    error = (heading - yaw + math.pi) % (2.0 * math.pi) - math.pi
    return float(min(max(steer_gain * error, -limits[2]), limits[2]))


@compiled
def advance(
    x: float, y: float, yaw: float, v: float, w: float, ask_v: float, ask_w: float,
    model: FloatArray, limits: FloatArray, dt: float,
) -> tuple[float, float, float, float, float]:
    """Return (x, y, yaw, v, w) one step later, asked for the velocity (ask_v, ask_w)."""
    gv = ask_v - v
    gw = min(max(ask_w, -limits[2]), limits[2]) - w
    rate = model[0] if v * gv >= 0.0 else model[2]
    turn_rate = model[1] if w * gw >= 0.0 else model[3]
    nv = v + min(max(gv, -rate * dt), rate * dt)
    nw = w + min(max(gw, -turn_rate * dt), turn_rate * dt)
    cos, sin = cos_sin(yaw + 0.25 * (w + nw) * dt)
    return (x + 0.5 * (v + nv) * cos * dt, y + 0.5 * (v + nv) * sin * dt,
            yaw + 0.5 * (w + nw) * dt, nv, nw)


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
        least = min(least, _clearance(
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
        least = min(least, _clearance(
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
    held0 = _clearance(
        x0, y0, cos, sin, half_length, half_width, near, near_at, near_ox, near_oy, near_res,
        FAR)
    braking0 = _clearance(
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
        here = _clearance(
            end_x0, end_y0, cos, sin, half_length, half_width, near, near_at, near_ox, near_oy,
            near_res, FAR)
        if moving:
            here = min(here, _disc_clearance(
                end_x0, end_y0, cos, sin, half_length, half_width,
                paths[min(j + 1, len(paths) - 1)]))
        held0 = min(held0, here)
        if touched0:
            cos, sin = cos_sin(yaw0)
        braking0 = min(braking0, _clearance(
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
            here = _clearance(
                end_x, end_y, cos, sin, half_length, half_width, near, near_at, near_ox, near_oy,
                near_res, FAR)
            if moving:
                here = min(here, _disc_clearance(
                    end_x, end_y, cos, sin, half_length, half_width,
                    paths[min(j + 1, len(paths) - 1)]))
            held = min(held, here)
            if j < branch:
                if touched:
                    cos, sin = cos_sin(yaw)
                braking = min(braking, _clearance(
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
