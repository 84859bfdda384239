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
What the bandit sees: one context vector per decision, one feature row per primitive.

All numbers are scaled to about [-1, 1] and finite. Because each primitive is described by what
would happen if it were driven (by the roll-out of the identified robot), a model over these
features carries over to primitives and places it has not seen.
"""

from __future__ import annotations

import math

import numpy as np
from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.navigation.clearance import HEEDED
from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.descent import best_gap
from rfsn_ros.navigation.identification import Dynamics
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.navigation.perception import Percept
from rfsn_ros.navigation.primitives import PrimitiveLibrary
from rfsn_ros.navigation.progress import progress_share
from rfsn_ros.navigation.rollout import OUTCOMES
from rfsn_ros.navigation.sight import best_turn, view_gain

__all__ = ['ACTION_FEATURES', 'FOLLOWING', 'HURRY', 'action_features', 'context_names',
           'context_vector', 'gap_heading', 'look_heading', 'sector_clearances']

ACTION_FEATURES = (
    'progress', 'alignment', 'clearance', 'end_clearance', 'near', 'braking_clearance', 'contact',
    'speed', 'turn_rate', 'speed_change', 'turn_change', 'reversing', 'standing', 'fast_near',
    'sight', 'idle', 'danger', 'squeeze', 'prospect', 'haste', 'advance', 'expected',
)
FOLLOWING = 3.0
"""What the prospect, what can follow where something moves, counts for in what is promised."""
HURRY = 0.7
"""What is taken off what is promised for full speed where something moves."""
_WIDTH = len(ACTION_FEATURES)
_HELD, _END, _BRAKING, _VALUE, _ALIGNMENT, _END_V, _END_W = (
    OUTCOMES.index(name) for name in (
        'held_clearance', 'end_clearance', 'braking_clearance', 'value', 'alignment', 'end_v',
        'end_w'))
_GAP_TURNS = np.linspace(-0.75 * math.pi, 0.75 * math.pi, 37)


def context_names(config: NavigationConfig) -> tuple[str, ...]:
    """Return the names of the context vector, in order."""
    return (
        *(f'sector_{i}' for i in range(config.sectors)), 'speed', 'turn_rate', 'goal_distance',
        'goal_cos', 'goal_sin', 'clearance', 'blind', 'latency', 'gain', 'acceleration',
        'promised')


def sector_clearances(percept: Percept, count: int, reach: float) -> FloatArray:
    """
    Return the nearest range per sector over reach, shape (count,), counter-clockwise from -pi.

    A sector no valid beam points into counts as open (1).
    """
    beams = percept.beams
    return _nearest_by_sector(beams.bearings, beams.hit, beams.ranges, count, reach)


@compiled
def _nearest_by_sector(
    bearings: FloatArray, hit: FloatArray, ranges: FloatArray, count: int, reach: float,
) -> FloatArray:
    nearest = np.full(count, reach)
    for i in range(bearings.shape[0]):
        if hit[i] > 0.0:
            turn = (bearings[i] + math.pi) / (2.0 * math.pi)
            index = int((turn - math.floor(turn)) * count) % count
            nearest[index] = min(nearest[index], ranges[i])
    return nearest / reach


def context_vector(
    percept: Percept, dynamics: Dynamics, config: NavigationConfig, promised: float,
) -> FloatArray:
    """
    Return the context of one decision, shape (len(context_names(config)),).

    `promised` is the most that any feasible primitive promises, as `action_features` tells.
    """
    pose, twist = percept.odometry.pose, percept.odometry.twist
    robot = config.robot
    goal = percept.observation.goal
    dx, dy = goal[0] - pose.x, goal[1] - pose.y
    bearing = math.atan2(dy, dx) - pose.yaw
    rest = (
        _clip(twist.v / robot.max_speed), _clip(twist.w / robot.max_turn_rate),
        min(math.hypot(dx, dy) / 10.0, 1.0), math.cos(bearing), math.sin(bearing),
        min(max(percept.clearance, 0.0), HEEDED) / HEEDED, percept.beams.invalid,
        dynamics.latency / 0.4, dynamics.gain,
        min(dynamics.acceleration / robot.acceleration, 2.0) / 2.0, promised)
    sectors = sector_clearances(percept, config.sectors, config.sector_range)
    return np.concatenate([sectors, rest])


def action_features(
    outcomes: FloatArray, evasions: FloatArray | None, percept: Percept,
    library: PrimitiveLibrary, config: NavigationConfig, best: float, most: float,
    mask: BoolArray,
) -> tuple[FloatArray, float, FloatArray]:
    """
    Return `ACTION_FEATURES` of every primitive, shape (K, 22), what is promised, and the forecast.

    They are given relative to the feasible primitive that promises most (`mask`, shape (K,)):
    what one situation is worth more than another must not be taken for the worth of a choice.
    What that primitive promises, `expected` before it is made relative, comes second. Third is
    the reward of each if its roll-out came true, shape (K,).
    `outcomes` are the roll-outs, `evasions` what can follow where obstacles move, `best` and
    `most` are as in `progress.progress_share`.
    """
    robot, reward = config.robot, config.reward
    twist = percept.odometry.twist
    sight = view_gain(percept.lane, outcomes, percept.answers)
    if evasions is None:
        evasions = np.zeros((0, 3))
    worth = (reward.progress, reward.alignment, reward.sight, -reward.idle, -reward.near,
             -reward.contact)
    features, rewards = _described(
        outcomes, evasions, sight, library.table, percept.value, best, most, twist.v, twist.w,
        robot.max_speed, robot.max_turn_rate, reward.near_distance, worth, reward.highest)
    reference = features[int(np.argmax(np.where(mask, features[:, -1], -np.inf)))].copy()
    return features - reference, float(reference[-1]), rewards


@compiled
def _described(
    outcomes: FloatArray, evasions: FloatArray, sight: FloatArray, table: FloatArray,
    value: float, best: float, most: float, v: float, w: float, max_speed: float,
    max_turn_rate: float, near_distance: float, worth: tuple[float, ...], highest: float,
) -> tuple[FloatArray, FloatArray]:
    """
    Return `ACTION_FEATURES` before they are made relative, shape (K, 22), and rewards, (K,).

    `worth` is what progress, alignment, sight, idle, near and contact count for. Where something
    moves it is not enough to foretell the reward: what can follow and the time to see it count as
    well.
    """
    rows = np.zeros((table.shape[0], _WIDTH))  # its columns are those of ACTION_FEATURES
    rewards = np.empty(table.shape[0])
    moving = evasions.shape[0] > 0
    for i in range(table.shape[0]):
        held = outcomes[i, _HELD]
        clearance = min(max(held, 0.0), HEEDED) / HEEDED
        speed, turn_rate = table[i, 0] / max_speed, table[i, 1] / max_turn_rate
        rows[i, 0] = progress_share(value - outcomes[i, _VALUE], best, most, moving)
        rows[i, 1] = outcomes[i, _ALIGNMENT]
        rows[i, 2] = clearance
        rows[i, 3] = min(max(outcomes[i, _END], 0.0), HEEDED) / HEEDED
        rows[i, 4] = abs(speed) * (held < near_distance)
        rows[i, 5] = min(max(outcomes[i, _BRAKING], 0.0), HEEDED) / HEEDED
        rows[i, 6] = held <= 0.0
        rows[i, 7] = speed
        rows[i, 8] = abs(turn_rate)
        rows[i, 9] = min(abs(outcomes[i, _END_V] - v) / max_speed, 2.0)
        rows[i, 10] = min(abs(outcomes[i, _END_W] - w) / max_turn_rate, 2.0)
        rows[i, 11] = speed < 0.0
        rows[i, 12] = speed == 0.0
        rows[i, 13] = abs(speed) * (1.0 - clearance)
        rows[i, 14] = sight[i]
        rows[i, 15] = speed == 0.0 and turn_rate == 0.0
        if moving:
            rows[i, 16] = evasions[i, 1]
            rows[i, 17] = 1.0 - min(max(evasions[i, 0], 0.0), HEEDED) / HEEDED
            rows[i, 18] = min(max(evasions[i, 2], -1.0), 1.5)
            # what speed and progress are worth is another question where something moves
            rows[i, 19] = abs(speed)
            rows[i, 20] = rows[i, 0]
        rewards[i] = (
            worth[0] * rows[i, 0] + worth[1] * rows[i, 1] + worth[2] * rows[i, 14]
            + worth[3] * rows[i, 15] + worth[4] * rows[i, 4] + worth[5] * rows[i, 6])
        rows[i, 21] = (rewards[i] + FOLLOWING * rows[i, 18] - HURRY * rows[i, 19]) / highest
    return rows, rewards


def gap_heading(percept: Percept, config: NavigationConfig) -> float:
    """
    Return the heading (rad, odom frame) of the open gap that lies best towards the goal.

    Directions in which the robot would fit for 1.5 m (Follow-the-Gap, Sezer and Gokasan, RAS
    2012, with the safety bubble as half the width plus the margin) compete by their angle to the
    goal; with guidance, by the cost-to-go they lead to.
    """
    pose = percept.odometry.pose
    beams = percept.beams
    half = 0.5 * config.robot.width + config.safety.margin
    reach = 0.75 * config.robot.max_speed
    best, _ = best_gap(
        _GAP_TURNS, pose.x, pose.y, pose.yaw, beams.end_x, beams.end_y, beams.hit, half, reach,
        0.5 * config.robot.length, 0.05, 0.0, percept.field)
    return float(_GAP_TURNS[best] + pose.yaw)


def look_heading(percept: Percept) -> float:
    """
    Return the heading (rad, odom frame) from which the most of the way ahead is seen.

    Where nothing is left to be seen it is the way itself: where the cost-to-go falls.
    """
    pose = percept.odometry.pose
    if len(percept.lane):
        return pose.yaw + best_turn(percept.lane, (pose.x, pose.y, pose.yaw), percept.answers)
    return percept.way_at(pose)


def _clip(value: float) -> float:
    return min(max(value, -2.0), 2.0)
