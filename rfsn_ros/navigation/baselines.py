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

"""Policies that do not learn: what the bandit is compared with."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from rfsn_ros.bandit.contract import BoolArray, Choice, FloatArray
from rfsn_ros.navigation.features import ACTION_FEATURES, FOLLOWING, HURRY
from rfsn_ros.navigation.observation import Twist2D
from rfsn_ros.navigation.planner import roll_out_all, whole_steps
from rfsn_ros.navigation.policies import drawn, Drive, Situation
from rfsn_ros.navigation.rollout import OUTCOMES
from rfsn_ros.navigation.safety import feasible

__all__ = ['DWAPolicy', 'FixedPolicy', 'GreedyPolicy', 'UniformPolicy']

_BRAKING = OUTCOMES.index('braking_clearance')


class _Unlearning:
    """Half of the contract for policies that ignore rewards."""

    learns = False

    def learn(
        self, context: FloatArray, actions: FloatArray, mask: BoolArray, action: int,
        probability: float, reward: float,
    ) -> None:
        """Ignore the reward."""


class UniformPolicy(_Unlearning):
    """Any feasible primitive with equal probability."""

    name = 'random'

    def __init__(self, seed: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(seed))

    def choose(self, situation: Situation) -> Drive:
        """Draw uniformly from the feasible set."""
        return Drive(drawn(situation.mask / situation.mask.sum(), self._generator))


class FixedPolicy(_Unlearning):
    """Always the same primitive while it is feasible, else stop."""

    def __init__(self, primitive: str) -> None:
        self.primitive = primitive
        self.name = f'fixed:{primitive}'

    def choose(self, situation: Situation) -> Drive:
        """Take the primitive if it may be driven."""
        action = situation.library.index(self.primitive)
        return Drive(_certain(action if situation.mask[action] else 0, situation.mask))


class GreedyPolicy(_Unlearning):
    """
    The rule over the same features: what the reward would be if the roll-out came true.

    The rule knows progress, alignment, nearness, contact and, where obstacles move, what can
    follow and that hurry does not pay; `told`, it also knows that looking
    pays and idling costs, that is the whole reward.
    """

    def __init__(self, *, told: bool = False) -> None:
        self.name = 'greedy:told' if told else 'greedy'
        self._told = told

    def choose(self, situation: Situation) -> Drive:
        """Take the best feasible primitive by progress, alignment and nearness."""
        reward = situation.config.reward
        column = {name: situation.actions[:, i] for i, name in enumerate(ACTION_FEATURES)}
        worth = (
            reward.progress * column['progress'] + reward.alignment * column['alignment']
            - reward.near * column['near'] - reward.contact * column['contact']
            + FOLLOWING * column['prospect'] - HURRY * column['haste'])
        if self._told:
            worth = column['expected']
        worth = np.where(situation.mask, worth, -math.inf)
        return Drive(_certain(int(np.argmax(worth)), situation.mask))


class DWAPolicy(_Unlearning):
    """
    The dynamic window approach (Fox, Burgard, Thrun, IEEE RAM 1997).

    Velocities that can be reached within one decision period and from which the robot can stop
    before the nearest obstacle are scored by ``heading_weight * heading + distance_weight *
    distance + speed_weight * speed``, each normalised to [0, 1]. Heading is measured against
    the direction in which the cost-to-go falls (towards the goal without guidance), predicted
    to where the robot will be. Obstacles are taken as static, moving ones too.

    The weights stand after a small search: six triples (heading .4 to .8, distance .1 to .4,
    speed .1 to .6) on 20 BARN worlds kept for tuning, default disturbances, one drive each. Four,
    these among them, reached every goal at the best score (.500, 1.04 to 1.06 times the straight
    line's time); (.4, .2, .4) and (.5, .1, .6) touched an obstacle once.
    """

    def __init__(
        self, *, speed_limit: float | None = None, heading_weight: float = 0.6,
        distance_weight: float = 0.15, speed_weight: float = 0.3,
    ) -> None:
        self.speed_limit = speed_limit
        self.name = 'dwa' if speed_limit is None else f'dwa:{speed_limit:g}'
        self._weights = (heading_weight, distance_weight, speed_weight)

    def choose(self, situation: Situation) -> Drive:
        """Search the dynamic window; stop where nothing in it is admissible."""
        config, dynamics, percept = situation.config, situation.dynamics, situation.percept
        robot = config.robot
        twist = percept.odometry.twist
        period = config.decision_period
        limit = min(self.speed_limit or robot.max_speed, robot.max_speed)
        # the window opens around what the commands under way will have brought about
        v, w = (situation.pending[-1] if len(situation.pending) else (twist.v, twist.w))
        speeds = np.linspace(
            max(0.0, v - dynamics.acceleration * period),
            min(limit, max(v, 0.0) + dynamics.acceleration * period), 9)
        turns = np.linspace(
            max(-robot.max_turn_rate, w - dynamics.turn_acceleration * period),
            min(robot.max_turn_rate, w + dynamics.turn_acceleration * period), 21)
        window = np.array([(a, b, math.nan) for a in speeds for b in turns])
        # without speed or turn there is no motion that distance could be judged by
        window = np.vstack([[(0.0, 0.0, math.nan)], window[window[:, 0] >= 0.0]])
        outcomes = rolled(situation, window)
        contact = outcomes[:, OUTCOMES.index('contact_time')]
        step = config.safety.step
        whole = step * (len(situation.pending) + whole_steps(config.safety.horizon, step))
        # moving obstacles are not in the memory: admissible is what stops before where they are
        stopping = dynamics.latency + period + window[:, 0] / (
            2.0 * dynamics.acceleration * config.safety.braking)
        mask = feasible(outcomes[:, _BRAKING], config.safety.margin, percept.room) & (
            (contact > stopping) | (contact > whole - 1e-6))
        mask[0] = True
        heading = 0.5 + 0.5 * outcomes[:, OUTCOMES.index('alignment')]
        distance = contact / whole
        heading_weight, distance_weight, speed_weight = self._weights
        worth = (
            heading_weight * heading + distance_weight * distance
            + speed_weight * window[:, 0] / limit)
        worth[0] = -1.0
        best = int(np.argmax(np.where(mask, worth, -math.inf)))
        velocity = Twist2D(float(window[best, 0]), float(window[best, 1]))
        action = situation.library.nearest(velocity.v, velocity.w)
        return Drive(_certain(action, None, len(situation.mask)), velocity)


def rolled(situation: Situation, velocities: FloatArray) -> FloatArray:
    """Return the roll-outs of velocities, rows (v, w, NaN), among obstacles taken as static."""
    discs = situation.percept.discs * (1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0)
    still = dataclasses.replace(situation.percept, discs=discs)
    return roll_out_all(
        still, situation.pending, situation.dynamics, velocities, 1.0, situation.config)


def _certain(action: int, mask: BoolArray | None, count: int = 0) -> Choice:
    pmf: FloatArray = np.zeros(len(mask) if mask is not None else count)
    pmf[action] = 1.0
    return Choice(action, 1.0, pmf, 0.0, 0)
