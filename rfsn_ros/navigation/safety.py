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
The feasible mask.

Claim: while perception is true and obstacles are static, a decision that follows the mask can
always end in standstill before contact. The roll-out of a primitive counts the commands still
under way, one decision period of the primitive, the latency until braking acts, and braking to
standstill, all with the identified robot. A primitive is feasible where the footprint keeps the
margin all the way, and a little more the longer that is: a robot comes off its roll-out. Stopping
repeats the end of the roll-out that was feasible one decision ago, with less way ahead, so a
feasible choice always leads to a feasible stop; stopping is therefore never masked out
where nothing moves.
"""

from __future__ import annotations

from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.navigation.clearance import Caution, Footprint, HEEDED
from rfsn_ros.navigation.config import NavigationConfig, RobotModel
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['ahead_only', 'caution_of', 'evading', 'feasible', 'footprint_of']

_ROOMY = 0.1  # clearance from what moves that is as good as more, m


def footprint_of(robot: RobotModel) -> Footprint:
    """Return the rectangle that a robot covers."""
    return Footprint(0.5 * robot.length, 0.5 * robot.width)


def caution_of(config: NavigationConfig) -> Caution:
    """Return what is kept from; a clearance (m) counts as far as anything asks for it."""
    safety = config.safety
    heeded = max(
        HEEDED, safety.margin, config.reward.near_distance, config.reward.contact_distance)
    return Caution(safety.margin, safety.drift, heeded, safety.unknown_blocks)


def feasible(
    braking_clearance: FloatArray, margin: float, room: float, *, stop: int = 0,
) -> BoolArray:
    """
    Return which primitives may be driven, shape (K,).

    `braking_clearance`, shape (K,), is the smallest clearance (m) from now to standstill, `room`
    the clearance here and now. A robot that already is nearer than the margin (or believes to
    touch something) may still move as long as it gets no nearer than stopping would bring it;
    one that is about to come nearer has to stop.
    """
    threshold = margin
    if room < margin:
        threshold = min(margin, float(braking_clearance[stop]) - 1e-6)
    mask: BoolArray = braking_clearance >= threshold
    mask[stop] = True
    return mask


def ahead_only(mask: BoolArray, speed: FloatArray, *, stop: int = 0) -> BoolArray:
    """Return which of the feasible primitives, at `speed` (K,) in m/s, do not back up, or stop."""
    chosen: BoolArray = mask & (speed >= 0.0)
    chosen[stop] = True
    return chosen


def evading(mask: BoolArray, danger: FloatArray, clearance: FloatArray) -> BoolArray:
    """
    Return which of the feasible primitives leave the best chance against what moves.

    `danger`, shape (K,), is the share of the time ahead for which nothing that can follow stays
    clear of moving obstacles, `clearance` (m) what is kept from them at best. Standing is no
    refuge, so stopping may be ruled out here.
    """
    least = float(danger[mask].min())
    chosen: BoolArray = mask & (danger <= least + 1e-6)
    most = float(clearance[chosen].max())
    if least > 0.0:
        # nothing gets away in time: away from it, then
        chosen &= clearance >= most - 0.05
    else:
        # obstacles do not do exactly what is expected: what gets away by little may not
        chosen &= clearance >= min(most - 0.02, _ROOMY)
    return chosen
