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
How what goes to and fro on a line moves: as fast as it can turn round in time.

People, carts and robots cannot turn in an instant. Where one is on its line says how fast it is.
"""

from __future__ import annotations

import math

from rfsn_ros.navigation.compiled import compiled

__all__ = ['TURNING', 'paced']

TURNING = 2.0
"""Acceleration with which moving obstacles turn round, m/s^2; people walking reach about this."""


@compiled
def paced(
    pace: float, ahead: float, behind: float, time: float,
) -> tuple[float, float, float]:
    """
    Return (way, speed, sense) after `time` seconds.

    What paces reaches the speed `pace` (m/s) between two ends, `ahead` metres further on and
    `behind` metres back, slows down before each and speeds up after it. The way (m) counts from
    where it is; the sense is -1.0 where it then goes the other way.
    """
    length = ahead + behind
    top = min(pace, math.sqrt(TURNING * length))
    if top <= 1e-6:
        return 0.0, 0.0, 1.0
    ramp = top / TURNING
    crossing = length / top + ramp
    near = 0.5 * top * ramp
    if behind < near:
        phase = math.sqrt(2.0 * behind / TURNING)
    elif ahead < near:
        phase = crossing - math.sqrt(2.0 * ahead / TURNING)
    else:
        phase = behind / top + 0.5 * ramp
    phase = (phase + time) % (2.0 * crossing)
    sense = 1.0
    if phase >= crossing:
        phase, sense = 2.0 * crossing - phase, -1.0
    left = crossing - phase
    if phase < ramp:
        way = 0.5 * TURNING * phase * phase
    elif left < ramp:
        way = length - 0.5 * TURNING * left * left
    else:
        way = top * (phase - 0.5 * ramp)
    return way - behind, min(top, TURNING * phase, TURNING * left), sense
