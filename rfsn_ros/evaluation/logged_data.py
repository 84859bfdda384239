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

"""Logged bandit rounds: what was seen, what was done, with which probability, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rfsn_ros.errors import InputError

__all__ = ['LoggedData', 'pad']

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class LoggedData:
    """
    n rounds of at most K actions; every array is checked, converted and frozen.

    Action sets that vary from round to round are padded to K columns (`pad` does it for ragged
    lists) and `available` says which columns are real.
    """

    context: FloatArray
    """Shape (n, d): what was seen."""
    action: IntArray
    """Shape (n,): column of the action that was executed."""
    reward: FloatArray
    """Shape (n,): what came of it."""
    probability: FloatArray
    """Shape (n,): propensity of the executed action under the logging policy, in (0, 1]."""
    available: BoolArray
    """Shape (n, K): true where the action could have been chosen."""
    features: FloatArray | None = None
    """Shape (n, K, a): what describes each action; none where the column alone identifies it."""
    pmf: FloatArray | None = None
    """Shape (n, K): all probabilities of the logging policy, where they were logged."""
    groups: IntArray | None = None
    """Shape (n,): rounds that depend on each other (one episode, one bag) share a number."""
    reward_range: tuple[float, float] | None = None
    """Bounds that no reward can leave; the smallest and largest seen where not known."""

    def __post_init__(self) -> None:
        """
        Convert and check every array.

        :raises InputError: a shape does not fit, a number is not finite, a propensity is not in
            (0, 1], an executed action was not available, a reward leaves the range.
        """
        action = np.asarray(self.action, dtype=np.int64)
        if action.ndim != 1 or len(action) == 0:
            raise InputError(f'action: expected shape (n,) with n >= 1, got {action.shape}')
        count = len(action)
        available = np.asarray(self.available, dtype=np.bool_)
        if available.ndim != 2 or available.shape[0] != count:
            raise InputError(f'available: expected shape ({count}, K), got {available.shape}')
        actions = available.shape[1]
        self._store('context', (count, -1))
        for name in ('reward', 'probability'):
            self._store(name, (count,))
        if self.features is not None:
            self._store('features', (count, actions, -1))
        if self.pmf is not None:
            self._store('pmf', (count, actions))
        self._freeze('action', action)
        self._freeze('available', available)
        if action.min() < 0 or action.max() >= actions:
            raise InputError(f'action: must be in [0, {actions}), got {action.min()}'
                             f' to {action.max()}')
        wrong = np.flatnonzero(~available[np.arange(count), action])
        if len(wrong):
            raise InputError(f'action: round {wrong[0]} executed {action[wrong[0]]}, '
                             'which was not available')
        wrong = np.flatnonzero((self.probability <= 0.0) | (self.probability > 1.0 + 1e-9))
        if len(wrong):
            raise InputError(f'probability: round {wrong[0]} has {self.probability[wrong[0]]:g}; '
                             'must be > 0 and <= 1')
        if self.pmf is not None:
            check_pmf(self.pmf, available, 'pmf')
        if self.groups is not None:
            groups = np.asarray(self.groups)
            if groups.shape != (count,):
                raise InputError(f'groups: expected shape ({count},), got {groups.shape}')
            self._freeze('groups', np.unique(groups, return_inverse=True)[1])
        seen = float(self.reward.min()), float(self.reward.max())
        if self.reward_range is None:
            object.__setattr__(self, 'reward_range', seen)
        elif not self.reward_range[0] <= seen[0] <= seen[1] <= self.reward_range[1]:
            raise InputError(f'reward: {seen[0]:g} to {seen[1]:g} leaves the range '
                             f'[{self.reward_range[0]:g}, {self.reward_range[1]:g}]')

    def __len__(self) -> int:
        return len(self.action)

    @property
    def action_count(self) -> int:
        """K, the largest number of actions in a round."""
        return int(self.available.shape[1])

    def policy(self, pmf: ArrayLike) -> FloatArray:
        """
        Return a candidate's probabilities, checked: shape (n, K), zero where not available.

        :raises InputError: they are not probabilities over the available actions.
        """
        table = np.asarray(pmf, dtype=np.float64)
        if table.shape != self.available.shape:
            raise InputError(f'policy: expected shape {self.available.shape}, got {table.shape}')
        check_pmf(table, self.available, 'policy')
        return table

    def select(self, rounds: NDArray[Any] | slice) -> LoggedData:
        """Return some of the rounds (a mask, numbers or a slice), with the same reward range."""
        return LoggedData(
            context=self.context[rounds], action=self.action[rounds],
            reward=self.reward[rounds], probability=self.probability[rounds],
            available=self.available[rounds],
            features=None if self.features is None else self.features[rounds],
            pmf=None if self.pmf is None else self.pmf[rounds],
            groups=None if self.groups is None else self.groups[rounds],
            reward_range=self.reward_range)

    def _store(self, name: str, shape: tuple[int, ...]) -> None:
        array = np.array(getattr(self, name), dtype=np.float64)
        fits = array.ndim == len(shape) and all(
            wanted in (-1, size) for wanted, size in zip(shape, array.shape, strict=True))
        if not fits:
            wanted = ', '.join('any' if size < 0 else str(size) for size in shape)
            raise InputError(f'{name}: expected shape ({wanted}), got {array.shape}')
        if not np.all(np.isfinite(array)):
            raise InputError(f'{name}: holds numbers that are not finite')
        self._freeze(name, array)

    def _freeze(self, name: str, array: NDArray[Any]) -> None:
        array = array.view()
        array.flags.writeable = False
        object.__setattr__(self, name, array)


def pad(rows: Sequence[ArrayLike]) -> tuple[FloatArray, BoolArray]:
    """
    Stack ragged rows, (K_i,) or (K_i, a), into (n, K) or (n, K, a) with K the largest K_i.

    The second result, (n, K), is true where a row had a value; the rest is filled with 0.

    :raises InputError: no rows, or rows of different numbers of features.
    """
    arrays = [np.asarray(row, dtype=np.float64) for row in rows]
    tails = {array.shape[1:] for array in arrays}
    if len(tails) != 1:
        raise InputError(f'rows to pad must agree in all but their length, got {sorted(tails)}')
    width = max(len(array) for array in arrays)
    table = np.zeros((len(arrays), width, *tails.pop()))
    real = np.zeros((len(arrays), width), dtype=np.bool_)
    for index, array in enumerate(arrays):
        table[index, :len(array)] = array
        real[index, :len(array)] = True
    return table, real


def check_pmf(pmf: FloatArray, available: BoolArray, name: str) -> None:
    """
    Refuse what is not a probability mass function over the available actions of each round.

    :raises InputError: names the first round that is wrong and how.
    """
    if not np.all(np.isfinite(pmf)) or pmf.min() < 0.0:
        raise InputError(f'{name}: probabilities must be finite and >= 0')
    outside = np.where(available, 0.0, pmf).sum(axis=1)
    wrong = np.flatnonzero(outside > 0.0)
    if len(wrong):
        raise InputError(f'{name}: round {wrong[0]} gives {outside[wrong[0]]:g} to actions that '
                         'were not available')
    totals = pmf.sum(axis=1)
    wrong = np.flatnonzero(np.abs(totals - 1.0) > 1e-4)
    if len(wrong):
        raise InputError(f'{name}: round {wrong[0]} sums to {totals[wrong[0]]:g}, not to 1')
