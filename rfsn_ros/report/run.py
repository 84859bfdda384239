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
What a run folder holds: summary, episodes of each policy, decisions with their rewards.

Every part may be missing (a run that was killed, a robot without ground truth); what is there is
read. The names are those that `rfsn train` and `rfsn nav` write:

- ``summary.json``: the figures the command showed at its end;
- ``episodes.jsonl`` and, for baselines on the same worlds, ``episodes_NAME.jsonl``: one line of
  JSON per episode;
- ``decisions.jsonl``: the decision log (`rfsn_ros.bandit.decision_log`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import json
from pathlib import Path
import sys
from typing import Any

import numpy as np
from rfsn_ros.bandit.checkpoints import CheckpointStore
from rfsn_ros.bandit.decision_log import DecisionRecord, log_files, read_log, RewardRecord
from rfsn_ros.errors import CheckpointError, InputError

__all__ = ['LEARNER', 'Round', 'Run', 'read_run']

LEARNER = 'bandit'
_WORDS = ('world', 'outcome')
_FIGURES = (
    'number', 'seed', 'score', 'mean_reward', 'time', 'min_clearance', 'decisions', 'overrides')


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """
    What a report needs of one decision; `reward` is None where none that counts has come.

    `stamp` in seconds; `choices` is how many actions could be chosen, `entropy` that of the pmf
    in nats; `extra` is what the log's writer added (episode, pose, primitive, override ...).
    """

    id: str
    stamp: float
    action: int
    probability: float
    choices: int
    entropy: float
    examples: int
    extra: Mapping[str, Any]
    reward: float | None = None
    terms: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """
    A run folder's content; `episodes` maps a policy's name to its episodes in order.

    `learned` is how many rewards the model had learned when it was last seen.
    """

    folder: Path
    summary: Mapping[str, Any]
    episodes: Mapping[str, tuple[Mapping[str, Any], ...]]
    rounds: tuple[Round, ...]
    learned: int = 0
    notes: tuple[str, ...] = ()


def read_run(folder: str | Path) -> Run:
    """
    Read a run folder.

    :raises InputError: it does not exist or holds nothing that a report could show.
    :raises LogError: the decision log is damaged before its last line.
    """
    root = Path(folder)
    if not root.is_dir():
        raise InputError(f'{root}: no such folder')
    notes: list[str] = []
    episodes = {}
    for path in sorted(root.glob('episodes*.jsonl')):
        name = path.stem.removeprefix('episodes').lstrip('_-') or LEARNER
        episodes[name] = _lines(path, notes)
    log = root / 'decisions.jsonl'
    rounds = _rounds(log) if log_files(log) else ()
    summary = _summary(root / 'summary.json', notes)
    if not (episodes or rounds or summary):
        raise InputError(
            f'{root}: holds neither summary.json nor episodes.jsonl nor decisions.jsonl')
    return Run(
        folder=root, summary=summary, episodes=episodes, rounds=rounds,
        learned=_learned(root / 'checkpoints', rounds), notes=tuple(notes))


def _rounds(log: Path) -> tuple[Round, ...]:
    """Read the log into rounds, one after the other, without keeping its feature arrays."""
    rounds: dict[str, dict[str, Any]] = {}
    for record in read_log(log):
        if isinstance(record, DecisionRecord):
            rounds[record.id] = _decision(record)
        elif record.valid and record.id in rounds:
            _add_reward(rounds[record.id], record)
    return tuple(Round(**values) for values in rounds.values())


def _decision(record: DecisionRecord) -> dict[str, Any]:
    positive = record.pmf[record.pmf > 0.0]
    choices = len(record.pmf) if record.mask is None else int(record.mask.sum())
    return {
        'id': record.id, 'stamp': record.stamp, 'action': record.action,
        'probability': record.probability, 'choices': choices,
        'entropy': float(-(positive * np.log(positive)).sum()), 'examples': record.examples,
        'extra': record.extra, 'terms': {},
    }


def _add_reward(values: dict[str, Any], record: RewardRecord) -> None:
    if 'reward' not in values:
        values.update(reward=record.reward, terms=record.terms)


def _learned(checkpoints: Path, rounds: Sequence[Round]) -> int:
    """Ask the newest checkpoint too: a decision knows only of the rewards before it."""
    try:
        saved = CheckpointStore(checkpoints).latest().example_count
    except CheckpointError:
        saved = 0
    return max([saved, *(one.examples for one in rounds)])


def _summary(path: Path, notes: list[str]) -> Mapping[str, Any]:
    if not path.exists():
        return {}
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except (ValueError, RecursionError) as error:
        notes.append(f'{path.name} cannot be read: {error}')
        return {}
    return content if isinstance(content, dict) else {}


def _lines(path: Path, notes: list[str]) -> tuple[Mapping[str, Any], ...]:
    """Read episodes; lines that are none (a torn last one) are counted, not fatal."""
    result = []
    bad = 0
    for line in path.read_bytes().splitlines():
        try:
            values = json.loads(line)
        except (ValueError, RecursionError):
            values = None
        if _is_episode(values):
            result.append(values)
        else:
            bad += 1
    if bad:
        notes.append(f'{path.name}: lines that are no episode and were left out: {bad}')
    return tuple(result)


def _is_episode(values: Any) -> bool:
    """Return whether what is there of an episode has the types that a report counts on."""
    return isinstance(values, dict) and all(
        isinstance(values.get(name, ''), str) for name in _WORDS) and all(
        _is_figure(values.get(name, 0.0)) for name in _FIGURES)


def _is_figure(value: Any) -> bool:
    return isinstance(value, (int, float)) and abs(value) <= sys.float_info.max
