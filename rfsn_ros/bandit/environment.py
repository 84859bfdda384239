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

"""What a bandit is trained on: rounds that answer any action, or rounds that were logged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.bandit.contract import BoolArray, FloatArray
from rfsn_ros.bandit.decision_log import LoggedRound, read_rounds
from rfsn_ros.errors import InputError

__all__ = ['Environment', 'Interaction', 'LogEnvironment', 'SupervisedEnvironment']


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """
    A round that answers: `reward(action)` gives the reward of any allowed action.

    `best` is the largest expected reward, where it is known; regret is counted against it.
    """

    context: FloatArray
    reward: Callable[[int], float]
    best: float | None = None
    actions: FloatArray | None = None
    mask: BoolArray | None = None


class Environment(Protocol):
    """A source of rounds that can be entered anywhere, so that training can be resumed."""

    def rounds(self, start: int) -> Iterator[Interaction | LoggedRound]:
        """Yield the rounds from number `start` on; the same number gives the same round."""


class SupervisedEnvironment:
    """
    A classification set as a bandit: reward 1 for the right class, 0 for any other.

    Round n shows sample ``n % len(labels)``; `contexts` has shape (n, d), `labels` (n,).

    >>> environment = SupervisedEnvironment(np.eye(2), np.array([0, 1]))
    >>> next(environment.rounds(3)).reward(1)
    1.0
    """

    def __init__(self, contexts: FloatArray, labels: NDArray[np.int64]) -> None:
        if len(contexts) != len(labels) or not len(labels):
            raise InputError(
                f'{len(contexts)} contexts and {len(labels)} labels: must be as many, > 0')
        self._contexts = contexts
        self._labels = labels.tolist()

    def rounds(self, start: int) -> Iterator[Interaction]:
        """Yield the rounds from number `start` on, without end."""
        number = start
        while True:
            index = number % len(self._labels)
            yield Interaction(
                context=self._contexts[index], best=1.0, reward=self._answer(self._labels[index]))
            number += 1

    @staticmethod
    def _answer(label: int) -> Callable[[int], float]:
        return lambda action: float(action == label)


class LogEnvironment:
    """The rewarded decisions of a decision log, in the order of their rewards."""

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)

    def rounds(self, start: int) -> Iterator[LoggedRound]:
        """Yield the logged rounds from number `start` on."""
        for number, entry in enumerate(read_rounds(self._path)):
            if number >= start:
                yield entry
