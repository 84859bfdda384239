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
The state of a bandit as a whole: whose it is, saved, and put back or refused.

A backend supplies its learner's state as bytes, out and (in two steps, so that a refused file
changes nothing) in.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
import re
from threading import get_ident
from typing import Any

import numpy as np
from rfsn_ros.bandit.config import BanditConfig
from rfsn_ros.bandit.container import example_count, pack, read_file, unpack, write_atomic
from rfsn_ros.bandit.inputs import InputCheck
from rfsn_ros.bandit.rounds import RecentChoices, Round
from rfsn_ros.bandit.sampling import Draws
from rfsn_ros.errors import CheckpointError, ClosedError, ConfigError, InputError, ThreadError

__all__ = ['SavedBandit']

# What a model may differ in from the bandit that loads it: where and when checkpoints are written,
# and the seed, as the state of the generator is part of the checkpoint.
_NOT_COMPARED = ('seed', 'save_frequency', 'checkpoint_dir', 'keep_checkpoints')


class SavedBandit(ABC):
    """
    A bandit that can be saved and loaded, copied and pickled.

    It belongs to the thread that made it, because Vowpal Wabbit's workspaces do; use from another
    thread raises `ThreadError`, use after `close` raises `ClosedError`.
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
        self._choices = RecentChoices()

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

    def __reduce__(self) -> tuple[Any, ...]:
        """
        Copy and pickle by way of the saved state; the copy belongs to the thread it is made in.

        :raises ClosedError, ThreadError: the bandit cannot be used here.
        """
        return _revive, (type(self), self.config, self.state_bytes())

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
            choices = RecentChoices.from_state(state['choices'], self._inputs.probability)
            floored = int(state['floored'])
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise CheckpointError(f'the manifest lacks something: {error!r}') from None
        parsed = self._parse(payload)
        self._install(parsed)
        self._draws = draws
        self._choices = choices
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
                'choices': self._choices.state,
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


def _revive(kind: type[SavedBandit], config: BanditConfig, data: bytes) -> SavedBandit:
    bandit = kind(config)
    bandit.load_bytes(data)
    return bandit


def _minor(version: Any) -> list[str]:
    return str(version).split('.')[:2]


def _without_seed(command_line: str) -> str:
    return re.sub(r' --random_seed \d+', '', command_line)
