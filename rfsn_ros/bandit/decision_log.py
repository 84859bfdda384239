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
The decision log: every choice and every reward as one line of JSON, append-only.

The log, not the model, is the record of what happened: a model can be rebuilt from it, a policy
judged with it. Records go out before the model learns from them, a crash can tear only the last
line, and readers pass over a torn last line. A full file is set aside as ``NAME.000001.jsonl``,
``NAME.000002.jsonl``, ... and a new ``NAME.jsonl`` begun; readers take all of them in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import contextlib
from dataclasses import dataclass, field
import glob
import json
import math
import os
from pathlib import Path
from typing import Any
import uuid

import numpy as np
from rfsn_ros.bandit.contract import BoolArray, Choice, FloatArray
from rfsn_ros.errors import LogError

try:
    import orjson
except ImportError:  # many times as fast as json; the same numbers come back either way
    orjson = None  # type: ignore[assignment]

__all__ = [
    'DecisionLog',
    'DecisionRecord',
    'LoggedRound',
    'RewardRecord',
    'log_files',
    'new_session',
    'read_log',
    'read_rounds',
]

_DIGITS = 6  # of the number of a part

_ARRAYS: Mapping[str, tuple[type[np.generic], int]] = {
    'context': (np.float64, 1), 'actions': (np.float64, 2), 'mask': (np.bool_, 1),
    'pmf': (np.float64, 1)}
_OPTIONAL = ('actions', 'mask')
_NUMBERS = ('stamp', 'probability', 'draw', 'reward', 'term')
_TYPES: Mapping[str, Any] = {
    **dict.fromkeys(_NUMBERS, (int, float)), 'terms': dict, 'id': str, 'action': int,
    'examples': int, 'model': str, 'extra': dict, 'valid': bool}


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """
    One choice: what was known (`context`, `actions`, `mask`), the pmf and what was drawn.

    `id` is ``<session>-<n>``; `stamp` in seconds; `examples` is how many rewards the model had
    learned, `model` the checksum of the model the process was started from. In the fixed form
    `actions` is None; where all actions were allowed `mask` is None. `extra` is free, but for
    ``executed``: where it is another action than `action`, or -1, that one was not carried out.
    """

    id: str
    stamp: float
    context: FloatArray
    actions: FloatArray | None
    mask: BoolArray | None
    pmf: FloatArray
    action: int
    probability: float
    draw: float
    examples: int
    model: str = ''
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardRecord:
    """The reward of the decision with the same id; `valid` false: must not be learned."""

    id: str
    stamp: float
    reward: float
    terms: Mapping[str, float] = field(default_factory=dict)
    valid: bool = True


@dataclass(frozen=True, slots=True)
class LoggedRound:
    """A decision with its reward."""

    decision: DecisionRecord
    reward: RewardRecord


def new_session() -> str:
    """Return a name for a run that no other run has; ids of decisions begin with it."""
    return uuid.uuid4().hex[:16]


class DecisionLog:
    """
    Writer of a decision log.

    `flush_every` is after how many records the file is flushed to the operating system (what a
    killed process cannot lose); `fsync` also waits for the disk at every flush (what power loss
    cannot take). `max_bytes` is the size at which a file is set aside.

    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), 'log.jsonl')
    >>> with DecisionLog(path) as log:
    ...     log.reward('run-0', 1.0, 0.5)
    >>> [record.reward for record in read_log(path)]
    [0.5]
    """

    def __init__(
        self, path: str | Path, *, flush_every: int = 1, fsync: bool = False,
        max_bytes: int = 256 * 1024 * 1024,
    ) -> None:
        if flush_every < 1:
            raise LogError(f'flush_every = {flush_every}: must be >= 1')
        if max_bytes < 1:
            raise LogError(f'max_bytes = {max_bytes}: must be >= 1')
        self.path = Path(path)
        if self.path.suffix != '.jsonl':
            raise LogError(f'{path}: the name of a decision log ends with .jsonl')
        self._flush_every = flush_every
        self._fsync = fsync
        self._max_bytes = max_bytes
        self._unflushed = 0
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            _mend(self.path)
            self._file = self.path.open('ab')
        except OSError as error:
            raise LogError(f'cannot write {path}: {error.strerror}') from None

    def __enter__(self) -> DecisionLog:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def decision(
        self, decision_id: str, stamp: float, context: FloatArray, choice: Choice, *,
        actions: FloatArray | None = None, mask: BoolArray | None = None, model: str = '',
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        """
        Append a choice.

        :raises LogError: a number is not finite or the file cannot be written.
        """
        self._append({
            'kind': 'decision', 'id': decision_id, 'stamp': stamp,
            'context': np.ascontiguousarray(context, dtype=np.float64),
            'actions': None if actions is None else np.ascontiguousarray(actions, np.float64),
            'mask': None if mask is None else np.ascontiguousarray(mask, dtype=np.bool_),
            'pmf': np.ascontiguousarray(choice.pmf), 'action': choice.action,
            'probability': choice.probability, 'draw': choice.draw,
            'examples': choice.example_count, 'model': model, 'extra': dict(extra or {}),
        })

    def reward(
        self, decision_id: str, stamp: float, reward: float, *,
        terms: Mapping[str, float] | None = None, valid: bool = True,
    ) -> None:
        """
        Append the reward of a decision.

        :raises LogError: a number is not finite or the file cannot be written.
        """
        self._append({
            'kind': 'reward', 'id': decision_id, 'stamp': stamp, 'reward': reward,
            'terms': dict(terms or {}), 'valid': valid,
        })

    def flush(self) -> None:
        """Hand everything written to the operating system (and the disk, with `fsync`)."""
        try:
            self._file.flush()
            if self._fsync:
                os.fsync(self._file.fileno())
        except OSError as error:
            raise LogError(f'cannot write {self.path}: {error.strerror}') from None
        self._unflushed = 0

    def close(self) -> None:
        """Flush and close; closing twice is fine."""
        if not self._file.closed:
            self.flush()
            self._file.close()

    def _append(self, record: Mapping[str, Any]) -> None:
        if self._file.closed:
            raise LogError(f'{self.path}: the log was closed')
        try:
            line = _line(record)
        except (TypeError, ValueError) as error:
            raise LogError(f'record {record["id"]!r} cannot be written: {error}') from None
        try:
            self._rotate(len(line))
            self._file.write(line)
        except OSError as error:
            raise LogError(f'cannot write {self.path}: {error.strerror}') from None
        self._unflushed += 1
        if self._unflushed >= self._flush_every:
            self.flush()

    def _rotate(self, size: int) -> None:
        """Set a full file aside; where no new one can be begun, the old one stays in use."""
        if not self._file.tell() or self._file.tell() + size <= self._max_bytes:
            return
        self.flush()
        part = _next_part(self.path)
        with contextlib.suppress(FileNotFoundError):  # somebody has moved it away already
            self.path.rename(part)
        try:
            begun = self.path.open('ab')
        except OSError:
            if part.exists():
                part.rename(self.path)
            raise
        self._file.close()
        self._file = begun


def _line(record: Mapping[str, Any]) -> bytes:
    """
    Return a record as a line.

    :raises TypeError, ValueError: something in it cannot be written.
    """
    if orjson is not None:
        try:
            line: bytes = orjson.dumps(
                record, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE)
        except TypeError:
            line = b'null'
        # A number that is not finite would be written as null.
        if line.count(b'null') == sum(value is None for value in record.values()):
            return line
    return json.dumps(
        record, allow_nan=False, separators=(',', ':'), default=_listed).encode() + b'\n'


def _listed(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f'a {type(value).__name__} is no part of a record')


def log_files(path: str | Path) -> list[Path]:
    """Return the files of a log in order, the one being written last."""
    main = Path(path)
    return [*_parts(main), *([main] if main.exists() else [])]


def read_log(path: str | Path) -> Iterator[DecisionRecord | RewardRecord]:
    """
    Yield the records of a log in order; a torn last line is passed over.

    :raises LogError: there is no such log, it cannot be read, or a line other than the last is
        not a record.
    """
    files = log_files(path)
    if not files:
        raise LogError(f'{path}: there is no such log')
    for name in files:
        try:
            with name.open('rb') as file:
                for number, line in enumerate(file, 1):
                    if not line.endswith(b'\n') and name == files[-1]:
                        return
                    yield _record(line, f'{name}:{number}')
        except OSError as error:
            raise LogError(f'cannot read {name}: {error.strerror}') from None


def read_rounds(path: str | Path, *, invalid: bool = False) -> Iterator[LoggedRound]:
    """
    Yield decisions with their rewards, in the order in which the rewards came.

    Decisions without a reward are left out, as are second rewards of one decision and (unless
    `invalid`) rewards that are marked not valid or came of something else than the decision.

    :raises LogError: as `read_log`.
    """
    waiting: dict[str, DecisionRecord] = {}
    closed: set[str] = set()
    for record in read_log(path):
        if isinstance(record, DecisionRecord):
            if record.id not in closed:
                waiting[record.id] = record
        elif record.id in waiting:
            decision = waiting.pop(record.id)
            closed.add(record.id)
            if invalid or (record.valid and _carried_out(decision)):
                yield LoggedRound(decision, record)


def _carried_out(decision: DecisionRecord) -> bool:
    return bool(decision.extra.get('executed', decision.action) == decision.action)


def _record(line: bytes, where: str) -> DecisionRecord | RewardRecord:
    try:
        values = json.loads(line)
        kind = values.pop('kind')
        if kind not in ('decision', 'reward'):
            raise ValueError(f'unknown kind {kind!r}')
        read = {name: _value(name, value) for name, value in values.items()}
        return DecisionRecord(**read) if kind == 'decision' else RewardRecord(**read)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError,
            RecursionError) as error:
        raise LogError(f'{where}: not a record of a decision log ({error})') from None


def _value(name: str, value: Any) -> Any:
    """
    Return a value of a record, as an array where it is one.

    :raises KeyError, OverflowError, TypeError, ValueError: no record has it, or not like this.
    """
    if name in _ARRAYS:
        return None if value is None and name in _OPTIONAL else _array(name, value)
    if not isinstance(value, _TYPES[name]):
        raise TypeError(f'{name} is a {type(value).__name__}')
    if name == 'terms':
        return {term: _value('term', number) for term, number in value.items()}
    if name in _NUMBERS and not math.isfinite(value):
        raise ValueError(f'{name} = {value}: must be finite')
    return value


def _array(name: str, value: Any) -> FloatArray | BoolArray:
    kind, dimensions = _ARRAYS[name]
    array = np.array(value, dtype=kind)
    if array.ndim != dimensions or not np.isfinite(array).all():
        raise ValueError(f'{name}: must be finite, of {dimensions} dimensions')
    return array


def _parts(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f'{glob.escape(path.stem)}.{"[0-9]" * _DIGITS}.jsonl'))


def _next_part(path: Path) -> Path:
    """Return the name after that of the newest part; older parts may have been moved away."""
    parts = _parts(path)
    number = int(parts[-1].stem[-_DIGITS:]) + 1 if parts else 1
    if number >= 10**_DIGITS:
        raise LogError(f'{path}: part {parts[-1].name} is the last that has a number')
    return path.with_name(f'{path.stem}.{number:0{_DIGITS}d}.jsonl')


def _mend(path: Path) -> None:
    """Cut off a torn last line, so that what is appended starts on a line of its own."""
    if not path.exists():
        return
    with path.open('r+b') as file:
        size = end = file.seek(0, os.SEEK_END)
        while end:
            start = max(0, end - 65536)
            file.seek(start)
            cut = file.read(end - start).rfind(b'\n')
            if cut >= 0:
                end = start + cut + 1
                break
            end = start
        if end < size:
            file.truncate(end)
