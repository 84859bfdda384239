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
What all backends share: checking of inputs, drawing, propensities, learning.

A backend derives from `BaseBandit` and supplies a few small methods: its form of a round, the pmf
of a round, learning from a round, and its state as `SavedBandit` asks for it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
import logging
import math
from typing import Any

import numpy as np
from rfsn_ros.bandit.checkpoints import CheckpointStore
from rfsn_ros.bandit.config import BanditConfig
from rfsn_ros.bandit.contract import BoolArray, Choice, FloatArray
from rfsn_ros.bandit.rounds import Round
from rfsn_ros.bandit.sampling import invert_cdf
from rfsn_ros.bandit.saving import SavedBandit
from rfsn_ros.errors import ModelError

__all__ = ['BaseBandit']

_LOGGER = logging.getLogger(__name__)

_INFINITY = math.inf
_FLOAT64 = np.dtype(np.float64)
_NO_CONTENT = (b'', b'')


class BaseBandit(SavedBandit):
    """Base of the backends; see `rfsn_ros.bandit.contract.ContextualBandit` for the calls."""

    def __init__(self, config: BanditConfig) -> None:
        super().__init__(config)
        self._store = (CheckpointStore(config.checkpoint_dir, keep=config.keep_checkpoints)
                       if config.checkpoint_dir and config.save_frequency else None)

    @abstractmethod
    def _prepare(
        self, context: FloatArray, actions: FloatArray | None, allowed: Sequence[int],
    ) -> Any:
        """Return the round in the form the backend needs; the arrays may change afterwards."""

    @abstractmethod
    def _pmf(self, offer: Round) -> list[float]:
        """Return a finite weight >= 0 for each of `offer.allowed`; they need not sum to 1."""

    @abstractmethod
    def _learn(self, offer: Round, action: int, cost: float, probability: float) -> None:
        """Learn the cost, in [-1, 0], of an allowed action."""

    def __enter__(self) -> BaseBandit:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def predict(
        self, context: FloatArray, *, actions: FloatArray | None = None,
        mask: BoolArray | None = None,
    ) -> FloatArray:
        """
        Return the pmf, shape (K,), without drawing and without any side effect.

        :raises InputError: a value cannot be used; it is named.
        """
        self._check_usable()
        return np.array(self._full_pmf(self._round(context, actions, mask)))

    def select_action(
        self, context: FloatArray, *, actions: FloatArray | None = None,
        mask: BoolArray | None = None,
    ) -> tuple[int, Choice]:
        """
        Draw an action; return it with everything needed to judge it later.

        :raises InputError: a value cannot be used; it is named.
        """
        self._check_usable()
        offer = self._round(context, actions, mask)
        pmf = self._full_pmf(offer)
        draw = self._draws.next()
        action = invert_cdf(pmf, draw)
        probability = pmf[action]
        self._choices.add(offer.content, action, probability)
        return action, Choice(action, probability, np.array(pmf, _FLOAT64), draw, self._examples)

    def update(
        self, context: FloatArray, action: int, reward: float, *,
        probability: float | None = None, actions: FloatArray | None = None,
        mask: BoolArray | None = None,
    ) -> None:
        """
        Learn the reward of an executed action.

        `probability` is the propensity with which it was chosen; left out, it is that of the
        newest choice made for the same context and action (among the last 32 choices), and of
        the current pmf where there was none.

        With `imagined` the reward also teaches what other actions would have earned instead, by
        the difference of what their last features promise: a reward model stands in for what
        was not seen, as in direct and doubly robust estimation (Dudik, Langford, Li, ICML 2011),
        here shifted so that it is right about the executed action.

        :raises InputError: a value cannot be used; it is named, and the model is unchanged.
        """
        self._check_usable()
        offer = self._round(context, actions, mask)
        action = self._inputs.action(action, offer.allowed, offer.n_actions)
        cost = self._inputs.cost(reward)
        if probability is None:
            propensity = self._remembered(offer, action)
        else:
            propensity = self._inputs.probability(probability)
        if propensity < self.config.propensity_floor:
            propensity = self.config.propensity_floor
            self._floored += 1
            _LOGGER.debug('propensity of action %d raised to the floor %g', action, propensity)
        self._learn(offer, action, cost, propensity)
        if self.config.imagined and actions is not None:
            self._imagine(offer, action, float(reward), np.asarray(actions, _FLOAT64)[:, -1])
        self._learned()

    def batch_update(
        self, contexts: FloatArray, actions_taken: Iterable[int], rewards: Iterable[float],
        probabilities: Iterable[float],
    ) -> None:
        """
        Learn n rewards of the fixed form, in order: contexts (n, context_dim), the rest (n,).

        Everything is checked before anything is learned.

        :raises InputError: a value cannot be used; it is named, and the model is unchanged.
        """
        self._check_usable()
        table, chosen, costs, chances = self._inputs.batch(
            contexts, actions_taken, rewards, probabilities)
        every = self._inputs.every_action
        floor = self.config.propensity_floor
        self._floored += int(np.count_nonzero(chances < floor))
        for context, action, cost, chance in zip(
                table, chosen, costs, np.maximum(chances, floor).tolist(), strict=True):
            prepared = self._prepare(context, None, every)
            self._learn(Round(_NO_CONTENT, b'', len(every), every, prepared), action, cost, chance)
            self._learned()

    def _imagine(self, offer: Round, action: int, reward: float, promised: FloatArray) -> None:
        """Learn what others would have earned instead; all of them get their turn."""
        config = self.config
        others = [other for other in offer.allowed if other != action]
        count = min(config.imagined, len(others))
        for part in range(count):
            other = others[(self._examples + part * len(others) // count) % len(others)]
            gain = config.reward_max * float(promised[other] - promised[action])
            earned = min(max(reward + gain, config.reward_min), config.reward_max)
            self._learn(offer, other, self._inputs.cost(earned), 1.0)

    def _round(
        self, context: FloatArray, actions: FloatArray | None, mask: BoolArray | None,
    ) -> Round:
        """Return the checked round; the newest one is kept, so choose and update share it."""
        inputs = self._inputs
        vector = inputs.context(context)
        table, n_actions, allowed, actions_bytes, mask_bytes = inputs.offer(actions, mask)
        content = (vector.tobytes(), actions_bytes)
        last = self._last_round
        if last is not None and last.content == content and last.mask == mask_bytes:
            return last
        inputs.features(vector, 'context')
        if table is not None:
            inputs.features(table.ravel(), 'actions')
        offer = Round(content, mask_bytes, n_actions, allowed,
                      self._prepare(vector, table, allowed))
        self._last_round = offer
        return offer

    def _full_pmf(self, offer: Round) -> list[float]:
        """Return the backend's weights as a pmf over all K actions (lists beat arrays here)."""
        weights = self._pmf(offer)
        total = 0.0
        for weight in weights:
            if not weight >= 0.0:
                total = math.nan
                break
            total += weight
        if not 0.0 < total < _INFINITY:
            raise ModelError(f'the model gives no usable pmf: {weights}')
        if len(weights) == offer.n_actions:
            return [weight / total for weight in weights]
        pmf = [0.0] * offer.n_actions
        for action, weight in zip(offer.allowed, weights, strict=True):
            pmf[action] = weight / total
        return pmf

    def _remembered(self, offer: Round, action: int) -> float:
        """Return the propensity of the newest choice of this action there, else today's."""
        probability = self._choices.probability(offer.content, action)
        return self._full_pmf(offer)[action] if probability is None else probability

    def _learned(self) -> None:
        self._examples += 1
        if self._store is not None and self._examples % self.config.save_frequency == 0:
            self._store.save(self)
