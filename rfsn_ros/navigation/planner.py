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

"""Roll-outs in a situation: percept, commands under way and the identified robot together."""

from __future__ import annotations

import math

import numpy as np
from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.evasion import disc_paths, evade
from rfsn_ros.navigation.identification import CommandHistory, Dynamics
from rfsn_ros.navigation.motion import Mobility
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.navigation.perception import Percept
from rfsn_ros.navigation.rollout import roll_out
from rfsn_ros.navigation.safety import caution_of, footprint_of

__all__ = [
    'look_ahead', 'pending_velocities', 'reach_of', 'roll_out_all', 'rolled_time', 'whole_steps',
]

_WIDEST = 5.0  # m around the robot in which distances are looked up at most
_COARSER = 2  # steps of a roll-out in one of the look ahead, which takes thousands of them


def whole_steps(time: float, step: float) -> int:
    """Return how many steps cover a time: a part of one counts as one."""
    return math.ceil(time / step - 1e-9)


def pending_velocities(
    history: CommandHistory, stamp: float, age: float, dynamics: Dynamics, step: float,
) -> FloatArray:
    """
    Return the velocities that commands will still ask for, one row per step from `stamp` on.

    These are the ones that were under way then, and those sent in the `age` seconds since.
    """
    count = whole_steps(age + dynamics.latency, step)
    asked = history.sampled(stamp - dynamics.latency, count, step)
    return asked * (dynamics.gain, dynamics.turn_gain)


def roll_out_all(
    percept: Percept, pending: FloatArray, dynamics: Dynamics, velocities: FloatArray,
    steer_gain: float, config: NavigationConfig,
) -> FloatArray:
    """Return one row of `rollout.OUTCOMES` per row (v, w, heading or NaN) of `velocities`."""
    step = config.safety.step
    period, hold = (
        whole_steps(time, step) for time in (config.decision_period, config.safety.horizon))
    return roll_out(
        _state(percept), pending, _mobility(dynamics, config), velocities, steer_gain, period,
        hold, step, footprint_of(config.robot), percept.around, caution_of(config),
        percept.field, disc_paths(percept.discs, len(pending) + hold, step))


def look_ahead(
    percept: Percept, pending: FloatArray, dynamics: Dynamics, velocities: FloatArray,
    allowed: BoolArray, follow_ups: FloatArray, steer_gain: float, config: NavigationConfig,
) -> FloatArray:
    """Return one row of `evasion.EVASIONS` per row of `velocities`."""
    step = _COARSER * config.safety.step
    pending = np.ascontiguousarray(pending[::_COARSER])
    period = whole_steps(config.decision_period, step)
    steps = len(pending) + period + whole_steps(config.safety.look_ahead, step)
    return evade(
        _state(percept), pending, _mobility(dynamics, config), velocities, steer_gain, period,
        step, footprint_of(config.robot), percept.around, caution_of(config), percept.field,
        disc_paths(percept.discs, steps, step), allowed, follow_ups,
        config.robot.max_speed * steps * step)


def _state(percept: Percept) -> FloatArray:
    """Return x, y, yaw, v and w of the robot."""
    pose, twist = percept.odometry.pose, percept.odometry.twist
    return np.array([pose.x, pose.y, pose.yaw, twist.v, twist.w])


def _mobility(dynamics: Dynamics, config: NavigationConfig) -> Mobility:
    """Return what the identified robot can do."""
    robot, braking = config.robot, config.safety.braking
    return Mobility(
        dynamics.acceleration, dynamics.turn_acceleration, dynamics.acceleration * braking,
        dynamics.turn_acceleration * braking, dynamics.gain * robot.max_speed,
        dynamics.gain * robot.max_reverse, dynamics.turn_gain * robot.max_turn_rate)


def rolled_time(age: float, dynamics: Dynamics, config: NavigationConfig) -> float:
    """Return how long a roll-out takes from odometry `age` seconds old, latency included, s."""
    return age + dynamics.latency + config.safety.horizon


def reach_of(age: float, dynamics: Dynamics, speed: float, config: NavigationConfig) -> float:
    """Return how far from the robot a roll-out can come to lie, footprint included, metres."""
    robot = config.robot
    top = max(abs(speed), robot.max_speed)
    held = top * rolled_time(age, dynamics, config)
    braking = top * (age + config.decision_period + dynamics.latency) + top * top / (
        2.0 * dynamics.acceleration * config.safety.braking)
    return min(max(held, braking) + robot.length, _WIDEST)
