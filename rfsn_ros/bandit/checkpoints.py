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
A folder of checkpoints: names instead of paths, atomic writes, the newest N kept.

A checkpoint is the file ``NAME.rfsn`` with the bytes of `BaseBandit.state_bytes`. Automatic ones
are named ``auto-<example count>``, with 12 digits or more, and only the newest of them are kept;
those saved under a name stay. Whoever can name a checkpoint cannot leave the folder.
"""

from __future__ import annotations

from collections.abc import Mapping
import contextlib
from dataclasses import dataclass
import os
from pathlib import Path
import re
import time
from typing import Any, Protocol

from rfsn_ros.bandit.container import (
    checksum,
    example_count,
    read_file,
    unpack,
    write_atomic,
)
from rfsn_ros.bandit.signing import seal, unseal
from rfsn_ros.errors import CheckpointError

__all__ = ['LATEST', 'Checkpoint', 'CheckpointStore', 'Saveable', 'check_name']

LATEST = 'latest'

_NAME = re.compile(r'[A-Za-z0-9_.-]{1,64}')
_SUFFIX = '.rfsn'
_AUTOMATIC = re.compile(r'auto-[0-9]{12,}')
_ABANDONED = 60.0  # age from which a temporary file has no living writer [s]
_TEMPORARY = re.compile(r'\.[A-Za-z0-9_.-]{1,64}\.rfsn\.[a-z0-9_]{8}')


class Saveable(Protocol):
    """What a store needs of a bandit."""

    @property
    def example_count(self) -> int:
        """How many rewards the model has learned."""

    def state_bytes(self) -> bytes:
        """Return the whole state."""

    def load_bytes(self, data: bytes) -> Mapping[str, Any]:
        """Replace the state."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One complete checkpoint: `stamp` is the wall time of writing [s], `size` in bytes."""

    name: str
    path: Path
    stamp: float
    size: int
    checksum: str
    manifest: Mapping[str, Any]

    @property
    def example_count(self) -> int:
        """How many rewards the model had learned."""
        return example_count(self.manifest)


class CheckpointStore:
    """
    Checkpoints in one folder; made when the first is saved.

    With a `key` they are signed, and only what is signed with it is read. Symbolic links are not
    followed: what lies elsewhere is not a checkpoint of this folder.

    >>> import tempfile
    >>> from rfsn_ros.bandit import VWConfig, VWContextualBandit
    >>> store = CheckpointStore(tempfile.mkdtemp(), keep=3)
    >>> with VWContextualBandit(VWConfig(n_actions=2, context_dim=1)) as bandit:
    ...     saved = store.save(bandit, 'first')
    ...     store.load(bandit, 'latest').name
    'first'
    """

    def __init__(
        self, folder: str | Path, *, keep: int = 5, key: bytes | None = None,
    ) -> None:
        if keep < 1:
            raise CheckpointError(f'keep = {keep}: must be >= 1')
        self.folder = Path(folder)
        self.keep = keep
        self._key = key

    def save(self, bandit: Saveable, name: str = '') -> Checkpoint:
        """
        Write a checkpoint; without a name it is an automatic one.

        :raises CheckpointError: a bad name, or the folder cannot be written.
        """
        if name:
            check_name(name)
            if name == LATEST:
                raise CheckpointError(f'{LATEST!r} stands for the newest checkpoint')
            if _AUTOMATIC.fullmatch(name):
                raise CheckpointError(
                    f'checkpoint name {name!r}: is that of an automatic checkpoint')
        chosen = name or f'auto-{bandit.example_count:012d}'
        path = self._path(chosen)
        others = [stamp for stamp, other in self._stamped_names() if other != chosen]
        write_atomic(path, seal(bandit.state_bytes(), self._key))
        newest = max(others, default=0)
        try:
            if path.stat().st_mtime_ns <= newest:  # the clock was set back; order must not follow
                os.utime(path, ns=(newest + 1, newest + 1))
            if not name:
                self._tidy()
        except OSError as error:
            raise CheckpointError(f'cannot tidy {self.folder}: {error.strerror}') from None
        return self.read(chosen)

    def load(self, bandit: Saveable, name: str = LATEST) -> Checkpoint:
        """
        Replace a bandit's state by a checkpoint.

        :raises CheckpointError: there is none of that name, or it is damaged, foreign or made
            under other settings; the live model is untouched.
        """
        checkpoint = self.latest() if name == LATEST else self.read(name)
        data = read_file(checkpoint.path, links=False)
        try:
            bandit.load_bytes(unseal(data, self._key))
        except CheckpointError as error:
            raise CheckpointError(f'checkpoint {checkpoint.name}: {error}') from None
        return checkpoint

    def read(self, name: str) -> Checkpoint:
        """
        Return a checkpoint by name, verified.

        :raises CheckpointError: a bad name, no such checkpoint, or a damaged one.
        """
        path = self._path(check_name(name))
        if not os.path.lexists(path):
            raise CheckpointError(f'there is no checkpoint {name!r} in {self.folder}')
        data = read_file(path, links=False)
        try:
            manifest, _ = unpack(unseal(data, self._key))
            _check_manifest(manifest)
        except CheckpointError as error:
            raise CheckpointError(f'checkpoint {name}: {error}') from None
        return Checkpoint(name, path, path.stat().st_mtime, len(data), checksum(data), manifest)

    def latest(self) -> Checkpoint:
        """
        Return the newest complete checkpoint.

        :raises CheckpointError: there is none; says what is wrong with the newest file.
        """
        refused = ''
        for name in self._names():
            try:
                return self.read(name)
            except CheckpointError as error:
                refused = refused or f' ({error})'
        raise CheckpointError(f'there is no complete checkpoint in {self.folder}{refused}')

    @property
    def empty(self) -> bool:
        """Whether nothing was ever saved there: not even a file that would be refused."""
        return not self._stamped_names()

    def entries(self) -> list[Checkpoint]:
        """Return every complete checkpoint, newest first."""
        found = []
        for name in self._names():
            with contextlib.suppress(CheckpointError):
                found.append(self.read(name))
        return found

    def verify(self) -> dict[str, str]:
        """Return what is wrong with which checkpoint; empty where all are fine."""
        wrong = {}
        for name in self._names():
            try:
                self.read(name)
            except CheckpointError as error:
                wrong[name] = str(error)
        return wrong

    def _path(self, name: str) -> Path:
        return self.folder / f'{name}{_SUFFIX}'

    def _names(self) -> list[str]:
        """Return all names, newest first."""
        return [name for _, name in sorted(self._stamped_names(), reverse=True)]

    def _stamped_names(self) -> list[tuple[int, str]]:
        found = []
        try:
            for entry in os.scandir(self.folder):
                name = entry.name.removesuffix(_SUFFIX)
                if (name != entry.name and _NAME.fullmatch(name) and not name.startswith('.')
                        and entry.is_file(follow_symlinks=False)):
                    with contextlib.suppress(FileNotFoundError):
                        found.append((entry.stat().st_mtime_ns, name))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise CheckpointError(f'cannot read {self.folder}: {error.strerror}') from None
        return found

    def _tidy(self) -> None:
        """Remove old automatic checkpoints and what killed writers left behind."""
        automatic = [name for name in self._names() if _AUTOMATIC.fullmatch(name)]
        for name in automatic[self.keep:]:
            self._path(name).unlink(missing_ok=True)
        for entry in os.scandir(self.folder):
            if _TEMPORARY.fullmatch(entry.name):
                with contextlib.suppress(OSError):  # a folder of that name, say: it may stay
                    if time.time() - entry.stat().st_mtime > _ABANDONED:
                        Path(entry.path).unlink()


def _check_manifest(manifest: Mapping[str, Any]) -> None:
    """Check what is shown of a checkpoint without its being loaded."""
    example_count(manifest)
    if not isinstance(manifest.get('backend'), str):
        raise CheckpointError(f'damaged: backend = {manifest.get("backend")!r}: must be a name')


def check_name(name: str) -> str:
    """
    Return a usable checkpoint name.

    :raises CheckpointError: it is not made of 1 to 64 of the characters ``A-Za-z0-9_.-`` or
        begins with a dot.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name.startswith('.'):
        raise CheckpointError(
            f'checkpoint name {name!r}: must be 1 to 64 of A-Z a-z 0-9 _ . - and not begin '
            'with a dot')
    return name
