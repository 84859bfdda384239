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

"""What callers give, checked: a typed error names value and bound before anything is learned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from rfsn_ros.bandit.config import BanditConfig
from rfsn_ros.bandit.contract import FloatArray
from rfsn_ros.errors import InputError

__all__ = ['Batch', 'InputCheck', 'Offer']

Offer = tuple[FloatArray | None, int, Sequence[int], bytes, bytes]
Batch = tuple[FloatArray, list[int], list[float], FloatArray]

_FLOAT64 = np.dtype(np.float64)


class InputCheck:
    """Checks against the settings of a bandit; every method raises `InputError`."""

    def __init__(self, config: BanditConfig) -> None:
        self._config = config
        self._context_shape = (config.context_dim,)
        self._squared_limit = config.feature_limit ** 2
        self.every_action = range(config.n_actions)
        self._plain: Offer | None = (
            None if config.action_dim else
            (None, config.n_actions, self.every_action, b'', b''))

    def context(self, values: Any) -> FloatArray:
        """Return the context, shape (context_dim,); its values are not looked at yet."""
        vector = _array(values, 'context')
        if vector.shape != self._context_shape:
            raise InputError(f'context: shape {vector.shape}, expected {self._context_shape}')
        return vector

    def offer(self, actions: Any, mask: Any) -> Offer:
        """
        Return action features (K, action_dim) or None, K, the allowed actions in rising order.

        Last come action features and mask as bytes. The features are not looked at yet.
        """
        if actions is None and mask is None and self._plain is not None:
            return self._plain
        table = self._actions(actions)
        n_actions = self._config.n_actions if table is None else len(table)
        allowed, mask_bytes = self._allowed(mask, n_actions)
        return table, n_actions, allowed, b'' if table is None else table.tobytes(), mask_bytes

    def features(self, values: FloatArray, name: str) -> None:
        """Check that every value, shape (n,), is finite and within the limit."""
        if values.dot(values) <= self._squared_limit:  # false for NaN and infinity as well
            return
        limit = self._config.feature_limit
        for position, value in enumerate(values.tolist()):
            if not abs(value) <= limit:
                raise InputError(
                    f'{name}[{position}] = {value}: must be finite and within '
                    f'+-{limit:g}')

    def action(self, action: int, allowed: Sequence[int], n_actions: int) -> int:
        """Return an action that is allowed."""
        if isinstance(action, (bool, np.bool_)) or not isinstance(action, (int, np.integer)):
            raise InputError(f'action = {action!r}: must be an integer')
        if action not in allowed:
            raise InputError(
                f'action = {action}: must be one of the {len(allowed)} allowed of {n_actions}')
        return int(action)

    def cost(self, reward: float) -> float:
        """Map a reward to a cost in [-1, 0], the range in which VW explores best."""
        low, high = self._config.reward_min, self._config.reward_max
        value = _number(reward, 'reward')
        if not low <= value <= high:
            raise InputError(f'reward = {reward!r}: must be in [{low:g}, {high:g}]')
        return (low - value) / (high - low)

    def probability(self, probability: float) -> float:
        """Return a propensity in (0, 1]."""
        value = _number(probability, 'probability')
        if not 0.0 < value <= 1.0:
            raise InputError(f'probability = {probability!r}: must be in (0, 1]')
        return value

    def batch(
        self, contexts: FloatArray, actions_taken: Iterable[int], rewards: Iterable[float],
        probabilities: Iterable[float],
    ) -> Batch:
        """Return n rounds of the fixed form: contexts, actions, costs, propensities."""
        config = self._config
        if config.action_dim:
            raise InputError(
                f'batch_update is for the fixed form; action_dim is {config.action_dim}')
        table = _array(contexts, 'contexts')
        if table.ndim != 2 or table.shape[1] != config.context_dim:
            raise InputError(
                f'contexts: shape {table.shape}, expected (n, {config.context_dim})')
        self.features(table.ravel(), 'contexts')
        count = len(table)
        chosen = _array(actions_taken, 'actions_taken')
        if chosen.shape != (count,) or not np.all(
                (chosen >= 0) & (chosen < config.n_actions) & (chosen == np.floor(chosen))):
            raise InputError(
                f'actions_taken: expected {count} integers in [0, {config.n_actions})')
        gains = _array(rewards, 'rewards')
        low, high = config.reward_min, config.reward_max
        if gains.shape != (count,) or not np.all((gains >= low) & (gains <= high)):
            raise InputError(f'rewards: expected {count} numbers in [{low:g}, {high:g}]')
        chances = _array(probabilities, 'probabilities')
        if chances.shape != (count,) or not np.all((chances > 0.0) & (chances <= 1.0)):
            raise InputError(f'probabilities: expected {count} numbers in (0, 1]')
        costs = (low - gains) / (high - low)
        return table, chosen.astype(int).tolist(), costs.tolist(), chances

    def _actions(self, values: Any) -> FloatArray | None:
        width = self._config.action_dim
        if not width:
            if values is not None:
                raise InputError('actions: given, but action_dim is 0 (the fixed form)')
            return None
        if values is None:
            raise InputError(f'actions: missing, action_dim is {width}')
        table = _array(values, 'actions')
        if table.ndim != 2 or table.shape[1] != width or not len(table):
            raise InputError(f'actions: shape {table.shape}, expected (K >= 1, {width})')
        return table

    def _allowed(self, mask: Any, n_actions: int) -> tuple[Sequence[int], bytes]:
        if mask is None:
            return range(n_actions), b''
        flags = np.asarray(mask)
        if flags.dtype != np.bool_ or flags.shape != (n_actions,):
            raise InputError(
                f'mask: {flags.dtype} of shape {flags.shape}, expected bool of ({n_actions},)')
        allowed = np.flatnonzero(flags).tolist()
        if not allowed:
            raise InputError('mask: no action is allowed')
        return allowed, flags.tobytes()


def _array(values: Any, name: str) -> FloatArray:
    if type(values) is np.ndarray and values.dtype is _FLOAT64:
        return values
    try:
        array = np.asarray(list(values) if isinstance(values, Iterator) else values)
    except ValueError as error:
        raise InputError(f'{name}: not an array of numbers ({error})') from None
    if array.dtype.kind not in 'biuf':
        raise InputError(f'{name}: not an array of real numbers (its type is {array.dtype})')
    return np.ascontiguousarray(array, dtype=np.float64)


def _number(value: Any, name: str) -> float:
    if type(value) is float:
        return value
    try:
        if isinstance(value, (str, bytes)):
            raise ValueError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f'{name} = {value!r}: must be a number') from None
