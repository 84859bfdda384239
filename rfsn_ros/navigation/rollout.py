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
`drive_out` says where that leads, whatever stands there, `roll_out` what comes of it.
"""

from __future__ import annotations

import numpy as np
from rfsn_ros.navigation.clearance import (
    Caution,
    clearances_along,
    disc_clearance,
    Footprint,
    lookup_reach,
    radius_of,
)
from rfsn_ros.navigation.compiled import compiled, compiled_unlocked
from rfsn_ros.navigation.descent import alignment_at, CostToGo, value_at
from rfsn_ros.navigation.grids import FAR, IntArray
from rfsn_ros.navigation.motion import advance, Mobility, turn_asked
from rfsn_ros.navigation.nearest import box_of, near_window
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.navigation.surroundings import Surroundings

__all__ = ['OUTCOMES', 'drive_out', 'roll_out']

OUTCOMES = (
    'end_x', 'end_y', 'end_yaw', 'end_v', 'end_w', 'held_clearance', 'end_clearance',
    'braking_clearance', 'value', 'alignment', 'contact_time',
)
_X, _Y, _YAW, _V, _W, _WAY = range(6)  # columns of states
# What fills states keeps them in numbers of its own and is written out in each loop: Numba counts
# references to every array that is handed over, which for single steps costs as much as the step.


@compiled
def _stop(
    states: FloatArray, row: int, before: int, mobility: Mobility, dt: float,
) -> int:
    """Brake to standstill from the row `before` on; return the row after the last one."""
    x, y, yaw = states[before, _X], states[before, _Y], states[before, _YAW]
    v, w, way = states[before, _V], states[before, _W], states[before, _WAY]
    while abs(v) + abs(w) > 0.0:
        way += (abs(v) + abs(w)) * dt
        x, y, yaw, v, w = advance(x, y, yaw, v, w, 0.0, 0.0, mobility, dt)
        states[row, _X], states[row, _Y], states[row, _YAW] = x, y, yaw
        states[row, _V], states[row, _W], states[row, _WAY] = v, w, way
        row += 1
    return row


@compiled
def _drive(
    states: FloatArray, row: int, before: int, asked: FloatArray, mobility: Mobility, dt: float,
) -> int:
    """Follow velocities asked for, rows (v, w), from the row `before` on; return as `_stop`."""
    x, y, yaw = states[before, _X], states[before, _Y], states[before, _YAW]
    v, w, way = states[before, _V], states[before, _W], states[before, _WAY]
    for j in range(asked.shape[0]):
        way += (abs(v) + abs(w)) * dt
        x, y, yaw, v, w = advance(x, y, yaw, v, w, asked[j, 0], asked[j, 1], mobility, dt)
        states[row, _X], states[row, _Y], states[row, _YAW] = x, y, yaw
        states[row, _V], states[row, _W], states[row, _WAY] = v, w, way
        row += 1
    return row


@compiled
def _turns_back(v: float, w: float, ask_v: float, ask_w: float) -> bool:
    """Return whether a robot is asked to go or to turn the other way, or to slow down."""
    return v * (ask_v - v) < 0.0 or w * (ask_w - w) < 0.0


@compiled
def drive_out(
    start: FloatArray, pending: FloatArray, mobility: Mobility, primitives: FloatArray,
    steer_gain: float, exec_steps: int, hold_steps: int, dt: float,
) -> tuple[FloatArray, IntArray]:
    """
    Return the states that all primitives lead to, and which of them are whose.

    States have rows (x, y, yaw, v, w, way), the way (metres and radians) from now on. The first,
    one more than `pending` has rows, are those of all primitives: commands under way are
    followed. Parts, shape (K, 4), say where the states of each primitive begin, held, braking to
    standstill after `exec_steps`, and driven and stopped by a robot that obeys sooner, and where
    these end.

    Slow braking is the cautious assumption only for a robot that goes on as it goes: one that
    turns back, with its speed or with its turn rate, has passed zero earlier if it brakes well,
    and is faster than expected when it has to stop. Only then is there a robot that obeys sooner:
    its accelerations are above those identified by as much as braking is below.

    `start`: x, y, yaw, v, w. `primitives`: rows (v, w, heading); with a heading the turn rate is
    steered towards it, with NaN it is w. `pending`, shape (d, 2): velocities that commands under
    way will still ask for, one row per step.
    """
    count, delay = primitives.shape[0], pending.shape[0]
    branch = delay + exec_steps
    last = max(delay + hold_steps, branch)
    sooner = mobility.acceleration * mobility.acceleration / mobility.braking
    turn_sooner = mobility.turn_acceleration * mobility.turn_acceleration / mobility.turn_braking
    quick = Mobility(
        sooner, turn_sooner, sooner, turn_sooner, mobility.forward, mobility.backward,
        mobility.turning)
    fastest = max(abs(start[_V]), mobility.forward, mobility.backward)
    turning = max(abs(start[_W]), mobility.turning)
    for j in range(delay):
        fastest = max(fastest, abs(pending[j, 0]))
    stopping = int(max(
        fastest / (mobility.braking * dt), turning / (mobility.turn_braking * dt))) + 3
    states = np.empty((1 + delay + count * (last - delay + branch + 2 * stopping), 6))
    states[0, :5] = start
    states[0, _WAY] = 0.0
    parts = np.empty((count, 4), dtype=np.int64)
    asked = np.empty((last, 2))
    asked[:delay] = pending
    row = _drive(states, 1, 0, asked[:delay], mobility, dt)
    back = False
    for j in range(delay):
        back = back or _turns_back(
            states[j, _V], states[j, _W], pending[j, 0], pending[j, 1])
    for i in range(count):
        turns_back = back
        ask_v = min(max(primitives[i, 0], -mobility.backward), mobility.forward)
        first = parts[i, 0] = row
        x, y, yaw = states[delay, _X], states[delay, _Y], states[delay, _YAW]
        v, w, way = states[delay, _V], states[delay, _W], states[delay, _WAY]
        for j in range(delay, last):
            # commands take effect after the delay; till then those of before do
            seen = j - delay if j <= 2 * delay else first + j - 2 * delay - 1
            ask_w = turn_asked(
                primitives[i, 1], primitives[i, 2], states[seen, _YAW], steer_gain,
                mobility.turning)
            asked[j, 0], asked[j, 1] = ask_v, ask_w
            turns_back = turns_back or (j < branch and _turns_back(v, w, ask_v, ask_w))
            way += (abs(v) + abs(w)) * dt
            x, y, yaw, v, w = advance(x, y, yaw, v, w, ask_v, ask_w, mobility, dt)
            states[row, _X], states[row, _Y], states[row, _YAW] = x, y, yaw
            states[row, _V], states[row, _W], states[row, _WAY] = v, w, way
            row += 1
        parts[i, 1] = row
        row = _stop(states, row, first + exec_steps - 1, mobility, dt)
        parts[i, 2] = row
        if turns_back:
            row = _drive(states, row, 0, asked[:branch], quick, dt)
            row = _stop(states, row, row - 1, mobility, dt)
        parts[i, 3] = row
    return states[:row], parts


@compiled_unlocked
def roll_out(
    start: FloatArray, pending: FloatArray, mobility: Mobility, primitives: FloatArray,
    steer_gain: float, exec_steps: int, hold_steps: int, dt: float, footprint: Footprint,
    around: Surroundings, caution: Caution, field: CostToGo, paths: FloatArray,
) -> FloatArray:
    """
    Return one row of `OUTCOMES` per primitive, shape (K, 11).

    `start` to `dt` are as for `drive_out`. Of the surroundings, what was seen tells what happens,
    what was not may also count for what may be driven. `paths`, shape (s, m, 3): where moving
    obstacles are (x, y, radius) after each step. The drift of the caution is taken off the
    braking clearance, for the robot comes off its roll-out.
    """
    states, parts = drive_out(
        start, pending, mobility, primitives, steer_gain, exec_steps, hold_steps, dt)
    radius = radius_of(footprint)
    x0, y0, x1, y1, way = _extent(states)
    box = box_of(around, x0 - radius, y0 - radius, x1 + radius, y1 + radius)
    heeded, drift = caution.heeded, caution.drift
    seen, veto = near_window(
        around, box, lookup_reach(heeded + drift * way, footprint), caution.unknown)
    count, delay = parts.shape[0], pending.shape[0]
    branch = delay + exec_steps
    moving = paths.shape[1] > 0
    result = np.zeros((count, 11))
    clear, kept = np.empty(states.shape[0]), np.empty(states.shape[0])
    clearances_along(
        states, 0, delay + 1, footprint, seen, FAR, heeded, 0.0, False, FAR, clear)
    braking0 = clearances_along(
        states, 0, delay + 1, footprint, veto, 0.0, heeded, drift, True, FAR, kept)
    # What touches something counts as staying there; only the mask goes on, for a disc may be gone
    # by then, and a wall behind it is not.
    end0, touched0 = 0, False
    contact0 = (delay + hold_steps) * dt
    first = held0 = clear[0]
    for row in range(1, delay + 1):
        if not touched0:
            end0 = row
        here = clear[end0]
        if moving:
            here = min(here, _disc_clearance(
                states, end0, footprint, paths[min(row, len(paths) - 1)]))
        held0 = min(held0, here)
        if here <= 0.0 and here < first and not touched0:
            touched0 = True
            contact0 = row * dt
    for i in range(count):
        held, contact, touched, end = held0, contact0, touched0, end0
        row, here = delay, held0
        begin, stop = parts[i, 0], parts[i, 1]
        clearances_along(
            states, begin, stop, footprint, seen, FAR, heeded, 0.0, False, FAR, clear)
        # braking to standstill, what a robot does that obeys sooner, and the way until then
        braking = clearances_along(
            states, stop, parts[i, 3], footprint, veto, 0.0, heeded, drift, True, braking0, kept)
        braking = clearances_along(
            states, begin, begin + exec_steps, footprint, veto, 0.0, heeded, drift, True,
            braking, kept)
        for k in range(begin, stop):
            j = delay + k - begin
            if touched and j > branch:
                break
            row = k
            if not touched:
                end = row
            here = clear[end]
            if moving:
                here = min(here, _disc_clearance(
                    states, end, footprint, paths[min(j + 1, len(paths) - 1)]))
            held = min(held, here)
            if here <= 0.0 and here < first and not touched:
                touched = True
                contact = (j + 1) * dt
        end_x, end_y, end_yaw = states[end, _X], states[end, _Y], states[end, _YAW]
        result[i, 0] = end_x
        result[i, 1] = end_y
        result[i, 2] = end_yaw
        result[i, 3] = states[row, _V]
        result[i, 4] = states[row, _W]
        result[i, 5] = held
        result[i, 6] = here
        result[i, 7] = braking
        result[i, 8] = value_at(end_x, end_y, field)
        result[i, 9] = alignment_at(end_x, end_y, end_yaw, field)
        result[i, 10] = contact
    return result


@compiled
def _extent(states: FloatArray) -> tuple[float, float, float, float, float]:
    """Return the lowest x and y of states, the highest, and the longest way."""
    low_x = high_x = states[0, _X]
    low_y = high_y = states[0, _Y]
    way = 0.0
    for k in range(states.shape[0]):
        low_x, high_x = min(low_x, states[k, _X]), max(high_x, states[k, _X])
        low_y, high_y = min(low_y, states[k, _Y]), max(high_y, states[k, _Y])
        way = max(way, states[k, _WAY])
    return low_x, low_y, high_x, high_y, way


@compiled
def _disc_clearance(
    states: FloatArray, k: int, footprint: Footprint, discs: FloatArray,
) -> float:
    """Return the `disc_clearance` of a state."""
    return float(disc_clearance(states[k, _X], states[k, _Y], states[k, _YAW], footprint, discs))
