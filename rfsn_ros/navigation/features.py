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
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.identification import Dynamics
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.navigation.perception import Percept
from rfsn_ros.navigation.primitives import PrimitiveLibrary
from rfsn_ros.navigation.progress import progress_share
from rfsn_ros.navigation.rollout import best_gap, OUTCOMES
from rfsn_ros.navigation.sight import best_turn, sight_gain, visible_from

__all__ = ['ACTION_FEATURES', 'action_features', 'context_names', 'context_vector', 'gap_heading',
           'look_heading',
           'sector_clearances']

ACTION_FEATURES = (
    'progress', 'alignment', 'clearance', 'end_clearance', 'near', 'braking_clearance', 'contact',
    'speed', 'turn_rate', 'speed_change', 'turn_change', 'reversing', 'standing', 'fast_near',
    'sight', 'idle', 'danger', 'squeeze', 'prospect', 'expected',
)
_COLUMN = {name: i for i, name in enumerate(OUTCOMES)}
_CLIP = 0.5


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
    turn = (beams.bearings + math.pi) / (2.0 * math.pi)
    index = np.floor((turn - np.floor(turn)) * count).astype(np.intp) % count
    nearest = np.full(count, reach)
    np.minimum.at(nearest, index, np.where(beams.hit > 0.0, beams.ranges, reach))
    result: FloatArray = np.minimum(nearest, reach) / reach
    return result


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
        min(max(percept.clearance, 0.0), _CLIP) / _CLIP, percept.beams.invalid,
        dynamics.latency / 0.4, dynamics.gain,
        min(dynamics.acceleration / robot.acceleration, 2.0) / 2.0, promised)
    sectors = sector_clearances(percept, config.sectors, config.sector_range)
    return np.concatenate([sectors, rest])


def action_features(
    outcomes: FloatArray, evasions: FloatArray | None, percept: Percept,
    library: PrimitiveLibrary, config: NavigationConfig, best: float, most: float,
    mask: BoolArray,
) -> tuple[FloatArray, float]:
    """
    Return `ACTION_FEATURES` of every primitive, shape (K, 20), and what is promised.

    They are given relative to the feasible primitive that promises most (`mask`, shape (K,)):
    what one situation is worth more than another must not be taken for the worth of a choice.
    What that primitive promises, `expected` before it is made relative, comes second.
    `outcomes` are the roll-outs, `evasions` what can follow where obstacles move, `best` and
    `most` are as in `progress.progress_share`.
    """
    robot = config.robot
    twist = percept.odometry.twist
    table = library.table
    clearance = np.clip(outcomes[:, _COLUMN['held_clearance']], 0.0, _CLIP) / _CLIP
    speed = table[:, 0] / robot.max_speed
    near = np.abs(speed) * (
        outcomes[:, _COLUMN['held_clearance']] < config.reward.near_distance)
    rest = np.stack([
        progress_share(percept.value - outcomes[:, _COLUMN['value']], best, most),
        outcomes[:, _COLUMN['alignment']],
        clearance,
        np.clip(outcomes[:, _COLUMN['end_clearance']], 0.0, _CLIP) / _CLIP,
        near,
        np.clip(outcomes[:, _COLUMN['braking_clearance']], 0.0, _CLIP) / _CLIP,
        (outcomes[:, _COLUMN['held_clearance']] <= 0.0).astype(float),
        speed,
        np.abs(table[:, 1]) / robot.max_turn_rate,
        np.clip(np.abs(outcomes[:, _COLUMN['end_v']] - twist.v) / robot.max_speed, 0.0, 2.0),
        np.clip(np.abs(outcomes[:, _COLUMN['end_w']] - twist.w) / robot.max_turn_rate, 0.0, 2.0),
        (table[:, 0] < 0.0).astype(float),
        (table[:, 0] == 0.0).astype(float),
        np.abs(speed) * (1.0 - clearance),
        sight_gain(percept.lane, visible_from(percept.lane, outcomes[:, :3], percept.answers)),
        ((table[:, 0] == 0.0) & (table[:, 1] == 0.0)).astype(float),
        *_among_moving(evasions, len(table)),
    ], axis=1)
    features: FloatArray = np.column_stack([
        rest, expected_reward(rest, config) / config.reward.highest])
    reference = features[int(np.argmax(np.where(mask, features[:, -1], -np.inf)))].copy()
    return features - reference, float(reference[-1])


def _among_moving(evasions: FloatArray | None, count: int) -> FloatArray:
    """Return danger, squeeze and prospect, shape (3, count); all 0 where nothing moves."""
    if evasions is None:
        return np.zeros((3, count))
    clearance, danger, prospect = evasions.T
    return np.stack([
        danger, 1.0 - np.clip(clearance, 0.0, _CLIP) / _CLIP, np.clip(prospect, -1.0, 1.5)])


def expected_reward(features: FloatArray, config: NavigationConfig) -> FloatArray:
    """
    Return what the reward of each primitive would be if its roll-out came true, shape (K,).

    Where obstacles move, what can follow counts as well.

    `features` has the columns of `ACTION_FEATURES`, the last of which is not read.
    """
    reward = config.reward
    column = {
        name: features[:, i] for i, name in enumerate(ACTION_FEATURES) if name != 'expected'}
    worth: FloatArray = (
        reward.progress * column['progress'] + reward.alignment * column['alignment']
        + reward.sight * column['sight'] - reward.idle * column['idle']
        - reward.near * column['near'] - reward.contact * column['contact']
        + column['prospect'])
    return worth


def gap_heading(percept: Percept, config: NavigationConfig) -> float:
    """
    Return the heading (rad, odom frame) of the open gap that lies best towards the goal.

    Directions in which the robot would fit for 1.5 m (Follow-the-Gap, Sezer and Gokasan, RAS
    2012, with the safety bubble as half the width plus the margin) compete by their angle to the
    goal; with guidance, by the cost-to-go they lead to.
    """
    pose = percept.odometry.pose
    beams = percept.beams
    candidates = np.linspace(-0.75 * math.pi, 0.75 * math.pi, 37)
    half = 0.5 * config.robot.width + config.safety.margin
    reach = 0.75 * config.robot.max_speed
    hits = beams.hit > 0.0
    field = percept.field
    best = best_gap(
        candidates, pose.x, pose.y, pose.yaw, beams.end_x[hits][::3], beams.end_y[hits][::3],
        half, reach, 0.5 * config.robot.length, field.value, field.origin_x, field.origin_y,
        field.resolution, field.goal[0], field.goal[1], field.planned)
    return float(candidates[best] + pose.yaw)


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
