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
One contract for all who can drive: a policy chooses a primitive for a situation.

Baselines and the bandit are interchangeable wherever a policy is wanted and are made by name
(`make_policy`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from rfsn_ros.bandit.base import BaseBandit
from rfsn_ros.bandit.contract import BoolArray, Choice, FloatArray
from rfsn_ros.bandit.sampling import invert_cdf
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.identification import Dynamics
from rfsn_ros.navigation.observation import Twist2D
from rfsn_ros.navigation.perception import Percept
from rfsn_ros.navigation.primitives import PrimitiveLibrary

__all__ = ['BanditPolicy', 'Drive', 'Policy', 'Situation', 'drawn']


@dataclass(frozen=True, slots=True)
class Situation:
    """
    All that a policy may look at.

    `context` has shape (context_dim,), `actions` (K, action_dim), `forecast` (K,) the rewards if
    roll-outs came true, `mask` (K,), `velocities` the
    primitives as they would be driven (K, 3: speed, turn rate, heading to steer to in odom or
    NaN), `outcomes` their roll-outs (K, len(OUTCOMES)); `pending`, shape (d, 2), are the
    velocities that commands under way will still ask for.
    """

    percept: Percept
    context: FloatArray
    actions: FloatArray
    forecast: FloatArray
    mask: BoolArray
    velocities: FloatArray
    outcomes: FloatArray
    pending: FloatArray
    dynamics: Dynamics
    library: PrimitiveLibrary
    config: NavigationConfig


@dataclass(frozen=True, slots=True)
class Drive:
    """
    What a policy wants: a primitive, or a velocity of its own.

    With `velocity` (DWA) the robot drives that instead; `choice.action` is then the primitive
    nearest to it.
    """

    choice: Choice
    velocity: Twist2D | None = None


class Policy(Protocol):
    """Chooses primitives; `learns` says whether `learn` changes anything."""

    name: str
    learns: bool

    def choose(self, situation: Situation) -> Drive:
        """Return a choice with its full pmf; the pmf is 0 where the mask forbids."""

    def learn(
        self, context: FloatArray, actions: FloatArray, mask: BoolArray, action: int,
        probability: float, reward: float,
    ) -> None:
        """Learn the reward of an executed action."""


class BanditPolicy:
    """The learner: a contextual bandit over the action features."""

    def __init__(
        self, bandit: BaseBandit, *, frozen: bool = False, name: str = 'bandit',
    ) -> None:
        self.bandit = bandit
        self.learns = not frozen
        self.name = name

    def choose(self, situation: Situation) -> Drive:
        """Draw from the bandit's pmf."""
        _, choice = self.bandit.select_action(
            situation.context, actions=situation.actions, mask=situation.mask)
        return Drive(choice)

    def learn(
        self, context: FloatArray, actions: FloatArray, mask: BoolArray, action: int,
        probability: float, reward: float,
    ) -> None:
        """Learn, unless frozen."""
        if self.learns:
            self.bandit.update(
                context, action, reward, probability=probability, actions=actions, mask=mask)


def drawn(pmf: FloatArray, generator: np.random.Generator) -> Choice:
    """Draw from a pmf as the bandits do (inverting the cumulative sum)."""
    draw = float(generator.random())
    action = invert_cdf(pmf.tolist(), draw)
    return Choice(action, float(pmf[action]), pmf, draw, 0)
