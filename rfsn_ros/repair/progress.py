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

"""What a training has finished, kept in files so that one that was interrupted can go on."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
import gzip
import json
from pathlib import Path
import shutil
from typing import Any
import zlib

import numpy as np
from rfsn_ros.bandit import VWContextualBandit
from rfsn_ros.bandit.container import write_atomic
from rfsn_ros.errors import InputError
from rfsn_ros.repair.features import Key
from rfsn_ros.repair.task import RepairTask
from rfsn_ros.repair.training import KnownTask, RankedRow

__all__ = ['Progress']

_PROGRESS, _TASKS, _PART = 'progress.json.gz', 'tasks.json.gz', 'part-{:04d}.json.gz'


@dataclass(slots=True)
class Progress:
    """
    A training under way, in a folder of its own; each file is there whole or not at all.

    The features of every part of the functions have a file, so have the tasks of the bandit's
    episodes. ``progress.json.gz`` holds the settings, the bandit after its last finished episode,
    and `generator` and `outcomes`: the state of the random generator after the bandit's start
    without tests (None before it), and whether each task so far was repaired (None where it could
    not be used).
    """

    folder: Path
    settings: Mapping[str, str | int]
    generator: Mapping[str, Any] | None = None
    outcomes: list[bool | None] = field(default_factory=list)

    @property
    def begun(self) -> bool:
        """Whether the folder holds a training that has not ended."""
        return (self.folder / _PROGRESS).is_file()

    def begin(self, bandit: VWContextualBandit) -> None:
        """Begin anew, with the bandit as it is."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.save(bandit)

    def restore(self, bandit: VWContextualBandit) -> None:
        """
        Go on with what the folder holds, the bandit too.

        :raises InputError: the folder is damaged, or was begun under other settings.
        :raises CheckpointError: its bandit is of another version.
        """
        path = self.folder / _PROGRESS
        with _reading(path):
            content = _load(path)
            settings, outcomes = dict(content['settings']), list(content['outcomes'])
            model, generator = base64.b64decode(content['model']), content['generator']
        changed = [
            f'{name} is {settings.get(name)} there and {ours} here'
            for name, ours in self.settings.items() if settings.get(name) != ours]
        if changed:
            raise InputError(f'{self.folder}: begun under other settings: {", ".join(changed)}')
        bandit.load_bytes(model)
        self.generator, self.outcomes = generator, outcomes

    def save(self, bandit: VWContextualBandit) -> None:
        """Write the bandit and what it has done."""
        self._write(_PROGRESS, {
            'settings': dict(self.settings), 'generator': self.generator,
            'outcomes': self.outcomes, 'model': base64.b64encode(bandit.state_bytes()).decode()})

    def end(self) -> None:
        """Remove the folder; what is left if that is interrupted counts as nothing."""
        (self.folder / _PROGRESS).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def keep_part(self, number: int, tasks: int, rows: Sequence[RankedRow]) -> None:
        """Write how many tasks a part gave, and the features of those with known repairs."""
        keys: dict[Key, int] = {}
        numbered = [
            ([[keys.setdefault(key, len(keys)) for key in edit] for edit in edits], good, offset)
            for edits, good, offset in rows]
        self._write(_PART.format(number), {'tasks': tasks, 'keys': list(keys), 'rows': numbered})

    def part(self, number: int) -> tuple[int, list[RankedRow]] | None:
        """
        Return what `keep_part` wrote; None where it wrote nothing.

        :raises InputError: the file is damaged.
        """
        path = self.folder / _PART.format(number)
        if not path.is_file():
            return None
        with _reading(path):
            content = _load(path)
            keys = [tuple(key) for key in content['keys']]
            return content['tasks'], [
                ([[keys[key] for key in edit] for edit in edits], good, offset)
                for edits, good, offset in content['rows']]

    def keep_tasks(self, tasks: Sequence[KnownTask], rng: np.random.Generator) -> None:
        """Write the tasks of the episodes, and the state of the generator that drew them."""
        self._write(_TASKS, {'generator': rng.bit_generator.state, 'tasks': [
            {'name': known.task.name, 'text': known.task.text, 'tests': known.task.tests,
             'files': {name: data.decode() for name, data in known.task.files.items()},
             'original': known.original, 'kind': known.kind}
            for known in tasks]})

    def tasks(self, rng: np.random.Generator) -> list[KnownTask] | None:
        """
        Return what `keep_tasks` wrote, the generator set as it was; None where it wrote nothing.

        :raises InputError: the file is damaged.
        """
        path = self.folder / _TASKS
        if not path.is_file():
            return None
        with _reading(path):
            content = _load(path)
            tasks = [
                KnownTask(
                    RepairTask(one['name'], one['text'], tuple(one['tests']), {
                        name: text.encode() for name, text in one['files'].items()}),
                    one['original'], one['kind'])
                for one in content['tasks']]
            rng.bit_generator.state = content['generator']
        return tasks

    def _write(self, name: str, content: Any) -> None:
        write_atomic(self.folder / name, gzip.compress(json.dumps(content).encode(), 6))


def _load(path: Path) -> Any:
    return json.loads(gzip.decompress(path.read_bytes()))


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError, IndexError,
            AttributeError) as error:
        raise InputError(f'{path}: not of a training: {error!r}') from None
