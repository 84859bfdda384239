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
What all backends share: checking of inputs, drawing, propensities, saving, ownership.

A backend derives from `BaseBandit` and supplies a few small methods: its form of a round, the pmf
of a round, learning from a round, and its state as bytes, out and (in two steps, so that a refused
file changes nothing) in.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
import base64
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
import logging
import math
from pathlib import Path
import re
from threading import get_ident
from typing import Any

import numpy as np
from rfsn_ros.bandit.checkpoints import CheckpointStore
from rfsn_ros.bandit.config import BanditConfig
from rfsn_ros.bandit.container import example_count, pack, read_file, unpack, write_atomic
from rfsn_ros.bandit.contract import BoolArray, Choice, FloatArray
from rfsn_ros.bandit.inputs import InputCheck
from rfsn_ros.bandit.sampling import Draws, invert_cdf
from rfsn_ros.errors import (
    CheckpointError,
    ClosedError,
    ConfigError,
    InputError,
    ModelError,
    ThreadError,
)

__all__ = ['BaseBandit', 'Round']

_LOGGER = logging.getLogger(__name__)

_REMEMBERED_CHOICES = 32
_INFINITY = math.inf
_FLOAT64 = np.dtype(np.float64)
_NO_CONTENT = (b'', b'')
# What a model may differ in from the bandit that loads it: where and when checkpoints are written,
# and the seed, as the state of the generator is part of the checkpoint.
_NOT_COMPARED = ('seed', 'save_frequency', 'checkpoint_dir', 'keep_checkpoints')


_Content = tuple[bytes, bytes]  # context and action features
_Remembered = tuple[_Content, int, float]  # what was offered, the action and its probability


@dataclass(slots=True)
class Round:
    """
    A checked round: context, actions and mask as bytes, the actions on offer in rising order.

    `prepared` is what the backend made of context and action features.
    """

    content: _Content
    mask: bytes
    n_actions: int
    allowed: Sequence[int]
    prepared: Any


class BaseBandit(ABC):
    """
    Base of the backends; see `rfsn_ros.bandit.contract.ContextualBandit` for the calls.

    A bandit belongs to the thread that made it, because Vowpal Wabbit's workspaces do; use from
    another thread raises `ThreadError`, use after `close` raises `ClosedError`.
    """

    backend: str
    config_type: type[BanditConfig]

    def __init__(self, config: BanditConfig) -> None:
        if not isinstance(config, self.config_type):
            raise ConfigError(
                f'{type(self).__name__} needs a {self.config_type.__name__}, not a '
                f'{type(config).__name__}')
        self.config = config
        self._inputs = InputCheck(config)
        self._owner = get_ident()
        self._closed = False
        self._draws = Draws(config.seed)
        self._examples = 0
        self._floored = 0
        self._last_round: Round | None = None
        self._choices: deque[_Remembered] = deque(maxlen=_REMEMBERED_CHOICES)
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

    @abstractmethod
    def _dump(self) -> bytes:
        """Return the learner's state."""

    @abstractmethod
    def _parse(self, payload: bytes) -> Any:
        """Return what `_install` needs; raise `CheckpointError` without changing anything."""

    @abstractmethod
    def _install(self, parsed: Any) -> None:
        """Replace the learner's state; cannot fail."""

    @property
    @abstractmethod
    def library_version(self) -> str:
        """Version of the library whose state a checkpoint holds."""

    @property
    @abstractmethod
    def command_line(self) -> str:
        """Arguments of the learning library, joined by blanks."""

    @property
    def example_count(self) -> int:
        """How many rewards the model has learned."""
        return self._examples

    @property
    def floored_count(self) -> int:
        """How many propensities were raised to the configured floor."""
        return self._floored

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def __enter__(self) -> BaseBandit:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        """
        Copy and pickle by way of the saved state; the copy belongs to the thread it is made in.

        :raises ClosedError, ThreadError: the bandit cannot be used here.
        """
        return _revive, (type(self), self.config, self.state_bytes())

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
        self._choices.append((offer.content, action, probability))
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

    def reseed(self, seed: int) -> None:
        """
        Start the generator that draws actions anew; the model is unchanged.

        :raises InputError: the seed is no integer or negative.
        """
        self._check_usable()
        if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
            raise InputError(f'seed = {seed!r}: must be an integer >= 0')
        self._draws = Draws(int(seed))

    def state_bytes(self) -> bytes:
        """
        Return the whole state (model, generator, counts) as one block of bytes.

        :raises CheckpointError: the backend needs a file for it and cannot write one.
        """
        self._check_usable()
        return pack(self.manifest(), self._dump())

    def load_bytes(self, data: bytes) -> Mapping[str, Any]:
        """
        Replace the state by that of a block made by `state_bytes`; return its manifest.

        :raises CheckpointError: damaged, foreign or made under other settings; the live model
            is untouched.
        """
        self._check_usable()
        manifest, payload = unpack(data)
        self._check_manifest(manifest)
        examples = example_count(manifest)
        try:
            state = manifest['state']
            draws = Draws.from_state(state['generator'])
            choices = [
                ((base64.b64decode(context), base64.b64decode(actions)), int(action),
                 self._inputs.probability(probability))
                for context, actions, action, probability in state['choices']]
            floored = int(state['floored'])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise CheckpointError(f'the manifest lacks something: {error!r}') from None
        parsed = self._parse(payload)
        self._install(parsed)
        self._draws = draws
        self._choices = deque(choices, maxlen=_REMEMBERED_CHOICES)
        self._examples, self._floored = examples, floored
        self._last_round = None
        return manifest

    def save(self, path: str | Path) -> Mapping[str, Any]:
        """
        Write the whole state to a file, atomically; return the manifest.

        :raises CheckpointError: the file cannot be written.
        """
        data = self.state_bytes()
        write_atomic(path, data)
        return unpack(data)[0]

    def load(self, path: str | Path) -> Mapping[str, Any]:
        """
        Replace the state by a saved one; return its manifest.

        :raises CheckpointError: as `load_bytes`; names the file.
        """
        data = read_file(path)
        try:
            return self.load_bytes(data)
        except CheckpointError as error:
            raise CheckpointError(f'{path}: {error}') from None

    def manifest(self) -> dict[str, Any]:
        """Return what a checkpoint written now would say about itself."""
        return {
            'backend': self.backend,
            'library_version': self.library_version,
            'command_line': self.command_line,
            'config': self.config.to_dict(),
            'example_count': self._examples,
            'state': {
                'generator': self._draws.state,
                'floored': self._floored,
                'choices': [
                    [base64.b64encode(context).decode(), base64.b64encode(actions).decode(),
                     action, probability]
                    for (context, actions), action, probability in self._choices],
            },
        }

    @classmethod
    def check_size(cls, config: Any, size: int) -> None:
        """
        Check, before anything is allocated, that a state of `size` bytes may be of these settings.

        :raises CheckpointError: it cannot be.
        """
        if not size:
            raise CheckpointError('there is no state in it')

    def close(self) -> None:
        """Free the model; later use raises `ClosedError`. Closing twice is fine."""
        self._closed = True

    def _check_usable(self) -> None:
        if self._closed:
            raise ClosedError('this bandit was closed')
        if get_ident() != self._owner:
            raise ThreadError('a bandit may only be used by the thread that made it')

    def _check_manifest(self, manifest: Mapping[str, Any]) -> None:
        if manifest.get('backend') != self.backend:
            raise CheckpointError(
                f'made by backend {manifest.get("backend")!r}, this is {self.backend!r}')
        theirs = manifest.get('library_version')
        if _minor(theirs) != _minor(self.library_version):
            raise CheckpointError(
                f'made with version {theirs} of the library, this is {self.library_version}')
        saved = manifest.get('config')
        own = self.config.to_dict()
        # A setting that the file does not know had its default before there was a choice.
        saved = {**self.config_type().to_dict(), **(saved if isinstance(saved, dict) else {})}
        for name in [*own, *(key for key in saved if key not in own)]:
            if name not in _NOT_COMPARED and saved.get(name) != own.get(name):
                raise CheckpointError(
                    f'made under other settings: {name} is {saved.get(name)!r} there and '
                    f'{own.get(name)!r} here')
        if _without_seed(str(manifest.get('command_line'))) != _without_seed(self.command_line):
            raise CheckpointError(
                f'made with the arguments {manifest.get("command_line")!r}, these are '
                f'{self.command_line!r}')

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
        for content, chosen, probability in reversed(self._choices):
            if chosen == action and content == offer.content:
                return probability
        return self._full_pmf(offer)[action]

    def _learned(self) -> None:
        self._examples += 1
        if self._store is not None and self._examples % self.config.save_frequency == 0:
            self._store.save(self)


def _revive(kind: type[BaseBandit], config: BanditConfig, data: bytes) -> BaseBandit:
    bandit = kind(config)
    bandit.load_bytes(data)
    return bandit


def _minor(version: Any) -> list[str]:
    return str(version).split('.')[:2]


def _without_seed(command_line: str) -> str:
    return re.sub(r' --random_seed \d+', '', command_line)
