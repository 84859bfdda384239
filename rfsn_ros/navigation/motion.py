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

"""Compiled: how the identified robot moves from step to step, asked for a velocity."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from rfsn_ros.navigation.compiled import compiled

__all__ = ['Mobility', 'advance', 'cos_sin', 'turn_asked']


class Mobility(NamedTuple):
    """
    What the robot can do: how fast it obeys, and which velocities it reaches at most.

    Accelerations in m/s^2 and rad/s^2, speeds in m/s (`backward` is positive), `turning` in rad/s.
    """

    acceleration: float
    turn_acceleration: float
    braking: float
    turn_braking: float
    forward: float
    backward: float
    turning: float


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
def turn_asked(
    turn_rate: float, heading: float, yaw: float, steer_gain: float, turning: float,
) -> float:
    """
    Return the turn rate that a primitive asks for at a yaw, at most `turning` where it steers.

    It does so unless `heading` is NaN.
    """
    if math.isnan(heading):
        return turn_rate
    error = (heading - yaw + math.pi) % (2.0 * math.pi) - math.pi
    return float(min(max(steer_gain * error, -turning), turning))


@compiled
def advance(
    x: float, y: float, yaw: float, v: float, w: float, ask_v: float, ask_w: float,
    mobility: Mobility, dt: float,
) -> tuple[float, float, float, float, float]:
    """Return (x, y, yaw, v, w) one step later, asked for the velocity (ask_v, ask_w)."""
    gv = ask_v - v
    gw = min(max(ask_w, -mobility.turning), mobility.turning) - w
    rate = mobility.acceleration if v * gv >= 0.0 else mobility.braking
    turn_rate = mobility.turn_acceleration if w * gw >= 0.0 else mobility.turn_braking
    nv = v + min(max(gv, -rate * dt), rate * dt)
    nw = w + min(max(gw, -turn_rate * dt), turn_rate * dt)
    cos, sin = cos_sin(yaw + 0.25 * (w + nw) * dt)
    return (x + 0.5 * (v + nv) * cos * dt, y + 0.5 * (v + nv) * sin * dt,
            yaw + 0.5 * (w + nw) * dt, nv, nw)
