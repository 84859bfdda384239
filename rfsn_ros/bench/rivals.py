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

"""What the bandits of this package are measured against."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from rfsn_ros.bandit import VWConfig
from rfsn_ros.bandit.contract import FloatArray
from rfsn_ros.bandit.sampling import invert_cdf
from vowpalwabbit import pyvw

__all__ = ['AdaGradBandit', 'MabWiserLinUcb', 'PlainVW', 'Rival']


class Rival(Protocol):
    """What is timed."""

    name: str

    def choose(self, context: FloatArray) -> int:
        """Return an action."""

    def update(self, context: FloatArray, action: int, reward: float) -> None:
        """Learn the reward of an action."""


class PlainVW:
    """Vowpal Wabbit as its tutorials use it: a text per call, formatted feature by feature."""

    name = 'VW, plain public API'

    def __init__(self, n_actions: int, context_dim: int) -> None:
        config = VWConfig(n_actions=n_actions, context_dim=context_dim)
        self._workspace = pyvw.Workspace(arg_list=config.arguments())
        self._n_actions = n_actions
        self._generator = np.random.default_rng(1)
        self._probability = 1.0

    def choose(self, context: FloatArray) -> int:
        """Return a drawn action."""
        pmf = self._workspace.predict(self._text(context))
        action = invert_cdf(pmf, self._generator.random())
        self._probability = pmf[action]
        return action

    def update(self, context: FloatArray, action: int, reward: float) -> None:
        """Learn the reward of an action."""
        self._workspace.learn(self._text(context, action, -reward))

    def _text(self, context: FloatArray, action: int = -1, cost: float = 0.0) -> str:
        features = ' '.join(f'c{index}:{value}' for index, value in enumerate(context))
        lines = [f'shared |s {features}']
        for number in range(self._n_actions):
            label = f'0:{cost}:{self._probability} ' if number == action else ''
            lines.append(f'{label}|a k{number}')
        return '\n'.join(lines)


class AdaGradBandit:
    """Epsilon-greedy over one linear model per action, trained by AdaGrad; honest NumPy."""

    name = 'epsilon-greedy AdaGrad, NumPy'

    def __init__(
        self, n_actions: int, context_dim: int, *, epsilon: float = 0.05, rate: float = 0.1,
        seed: int = 1,
    ) -> None:
        self._weights = np.zeros((n_actions, context_dim + 1))
        self._squares = np.full((n_actions, context_dim + 1), 1e-8)
        self._epsilon = epsilon
        self._rate = rate
        self._generator = np.random.default_rng(seed)

    def choose(self, context: FloatArray) -> int:
        """Return a drawn action."""
        count = len(self._weights)
        pmf = np.full(count, self._epsilon / count)
        pmf[int(np.argmax(self._weights @ np.append(context, 1.0)))] += 1.0 - self._epsilon
        return invert_cdf(pmf.tolist(), self._generator.random())

    def update(self, context: FloatArray, action: int, reward: float) -> None:
        """Learn the reward of an action."""
        row = np.append(context, 1.0)
        weights, squares = self._weights[action], self._squares[action]
        gradient = (weights @ row - reward) * row
        squares += gradient * gradient
        weights -= self._rate * gradient / np.sqrt(squares)


class MabWiserLinUcb:
    """LinUCB of the library MABWiser; only where it is installed."""

    name = 'MABWiser LinUCB'

    def __init__(self, n_actions: int, context_dim: int) -> None:
        from mabwiser.mab import LearningPolicy, MAB
        self._learner: Any = MAB(list(range(n_actions)), LearningPolicy.LinUCB(alpha=0.25))
        self._learner.fit(decisions=list(range(n_actions)), rewards=[0.0] * n_actions,
                          contexts=np.zeros((n_actions, context_dim)))

    def choose(self, context: FloatArray) -> int:
        """Return the action of the highest bound."""
        return int(self._learner.predict(context[None]))

    def update(self, context: FloatArray, action: int, reward: float) -> None:
        """Learn the reward of an action."""
        self._learner.partial_fit(decisions=[action], rewards=[reward], contexts=context[None])
