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
The decisions of one bag as arrays: what replay computes once per bag and everything else reads.

A trace is plain numbers, so it travels between processes and is kept on disk as one .npz file.
"""

from __future__ import annotations

from collections.abc import Sequence
import dataclasses
from dataclasses import dataclass, field
from enum import Enum
import json
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.errors import BagError
from rfsn_ros.evaluation import LoggedData

__all__ = ['Trace', 'TraceKind', 'join_traces', 'joinable']

FloatArray = NDArray[np.float64]
_BLOCK = 10  # decisions; rewards of neighbours share what happened to them


class TraceKind(str, Enum):
    """Where the decisions come from."""

    DECIDED = 'decided'
    """The bandit chose: probabilities are known, estimators apply."""
    REBUILT = 'rebuilt'
    """Somebody else drove: primitives were matched, only bounds from roll-outs apply."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Trace:
    """
    n decisions over K primitives with their rewards.

    Arrays: `stamp` (n,), `pose` (n, 3) in the odom frame (NaN where not known), `drive` (n,)
    numbers of the drives, `context` (n, d), `features` (n, K, a), `mask` (n, K), `action` (n,),
    `probability` (n,) (NaN where not known), `reward` (n,), `terms` (n, T); `pmf` (n, K) of the
    logging policy where known; `forecast` (n, K): the reward each primitive would have by its
    roll-out, for rebuilt traces. `candidates` holds (n, K) per policy.
    """

    source: str
    kind: TraceKind
    primitives: tuple[str, ...]
    term_names: tuple[str, ...]
    reward_range: tuple[float, float]
    stamp: FloatArray
    pose: FloatArray
    drive: NDArray[np.int64]
    context: FloatArray
    features: FloatArray
    mask: NDArray[np.bool_]
    action: NDArray[np.int64]
    probability: FloatArray
    reward: FloatArray
    terms: FloatArray
    pmf: FloatArray | None = None
    forecast: FloatArray | None = None
    candidates: dict[str, FloatArray] = field(default_factory=dict)
    quality: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.action)

    def logged_data(self) -> LoggedData:
        """
        Return the decisions as a log for off-policy evaluation.

        Rounds are grouped by drive where there are ten or more, else by blocks of ten decisions.
        Every primitive counts as available; that the logging policy never chose what is not
        feasible shows as missing support.

        :raises BagError: the probabilities are not known.
        """
        if self.kind is not TraceKind.DECIDED:
            raise BagError(f'{self.source}: holds no decision probabilities; only bounds from '
                           'roll-outs can be given')
        drives = len(np.unique(self.drive))
        starts = np.flatnonzero(np.diff(self.drive, prepend=-1))
        within = np.arange(len(self)) - np.repeat(starts, np.diff(np.append(starts, len(self))))
        blocks = np.cumsum(within % _BLOCK == 0)
        return LoggedData(
            context=self.context, features=self.features, action=self.action,
            reward=self.reward, probability=self.probability,
            available=np.ones(self.mask.shape, dtype=np.bool_), pmf=self.pmf,
            groups=self.drive if drives >= 10 else blocks, reward_range=self.reward_range)

    def save(self, path: Path) -> None:
        """Write the trace to one file, visible only when it is whole."""
        arrays: dict[str, Any] = {}
        plain: dict[str, Any] = {}
        for one in dataclasses.fields(self):
            value = getattr(self, one.name)
            if isinstance(value, np.ndarray):
                arrays[one.name] = value
            elif one.name == 'candidates':
                arrays.update({f'candidate:{name}': pmf for name, pmf in value.items()})
            else:
                plain[one.name] = value
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix('.partial')
        with partial.open('wb') as file:
            np.savez_compressed(file, plain=np.array(json.dumps(plain)), **arrays)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Trace:
        """
        Read what `save` wrote.

        :raises BagError: the file is not a trace.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                values: dict[str, Any] = json.loads(str(file['plain']))
                candidates = {}
                for name in file.files:
                    if name.startswith('candidate:'):
                        candidates[name.partition(':')[2]] = file[name]
                    elif name != 'plain':
                        values[name] = file[name]
            values['kind'] = TraceKind(values['kind'])
            for name in ('primitives', 'term_names', 'reward_range'):
                values[name] = tuple(values[name])
            return cls(**values, candidates=candidates)
        except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as error:
            raise BagError(f'{path}: not a replayed bag ({error})') from None


def joinable(traces: Sequence[Trace]) -> tuple[list[int], dict[int, str]]:
    """
    Return the largest group of traces that can be joined, and why each of the others cannot.

    Both by their numbers; the group is the one with the most decisions.
    """
    groups: list[list[int]] = []
    for number, trace in enumerate(traces):
        for group in groups:
            if not _difference(traces[group[0]], trace):
                group.append(number)
                break
        else:
            groups.append([number])
    chosen = max(groups, key=lambda group: sum(len(traces[number]) for number in group),
                 default=[])
    return chosen, {
        number: f'differs from {traces[chosen[0]].source} in '
                f'{_difference(traces[chosen[0]], trace)}: judge them apart'
        for number, trace in enumerate(traces) if number not in chosen}


def _difference(first: Trace, other: Trace) -> str:
    """Return in what two traces differ that keeps them from being joined, empty if in nothing."""
    for name, words in (('kind', 'kind'), ('primitives', 'primitives (another robot or limits)'),
                        ('term_names', 'reward terms')):
        if getattr(other, name) != getattr(first, name):
            return words
    same = (other.features.shape[1:] == first.features.shape[1:]
            and other.context.shape[1:] == first.context.shape[1:])
    return '' if same else 'their features'


def join_traces(traces: Sequence[Trace]) -> Trace:
    """
    Return all decisions of several bags as one trace; drives stay apart.

    :raises BagError: there are none, or the bags differ in kind, primitives or features.
    """
    if not traces:
        raise BagError('no bag gave any decision')
    first = traces[0]
    if len(traces) == 1:
        return first
    for other in traces[1:]:
        if (what := _difference(first, other)):
            raise BagError(f'{other.source} and {first.source} differ in {what}: judge them '
                           'apart')
    offsets = np.cumsum([0] + [int(trace.drive.max()) + 1 for trace in traces[:-1]])

    def stacked(name: str) -> Any:
        parts = [getattr(trace, name) for trace in traces]
        return None if any(part is None for part in parts) else np.concatenate(parts)

    sources = _apart([trace.source for trace in traces])
    names = [name for name in first.candidates
             if all(name in trace.candidates for trace in traces)]
    return dataclasses.replace(
        first, source=f'{len(traces)} bags',
        reward_range=(min(trace.reward_range[0] for trace in traces),
                      max(trace.reward_range[1] for trace in traces)),
        drive=np.concatenate([trace.drive + offset
                              for trace, offset in zip(traces, offsets, strict=True)]),
        candidates={name: np.concatenate([trace.candidates[name] for trace in traces])
                    for name in names},
        quality=dict(zip(sources, (trace.quality for trace in traces), strict=True)),
        facts=dict(zip(sources, (trace.facts for trace in traces), strict=True)),
        **{name: stacked(name) for name in (
            'stamp', 'pose', 'context', 'features', 'mask', 'action', 'probability', 'reward',
            'terms', 'pmf', 'forecast')})


def _apart(names: Sequence[str]) -> list[str]:
    """Return names of which those that occur again have a number, ``drive``, ``drive (2)``."""
    given: dict[str, None] = {}
    for name in names:
        number, free = 1, name
        while free in given:
            number += 1
            free = f'{name} ({number})'
        given[free] = None
    return list(given)
