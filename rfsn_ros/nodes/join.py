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

"""Rewards come later than their decisions: bring both together by decision id."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import asdict, dataclass
from enum import Enum
from typing import Generic, TypeVar

__all__ = ['JoinCounts', 'RewardJoin', 'Verdict']

_D = TypeVar('_D')
_REMEMBERED = 2_000


class Verdict(Enum):
    """What became of a reward."""

    JOINED = 'joined'
    LATE = 'late'
    ORPHAN = 'orphan'
    DUPLICATE = 'duplicate'
    INVALID = 'invalid'


@dataclass(slots=True)
class JoinCounts:
    """Rewards by verdict, and decisions that went without: lost (none came) and dropped."""

    joined: int = 0
    late: int = 0
    orphan: int = 0
    duplicate: int = 0
    invalid: int = 0
    lost: int = 0
    dropped: int = 0

    def to_dict(self) -> dict[str, int]:
        """Return the counts by name."""
        return asdict(self)


class RewardJoin(Generic[_D]):
    """Decisions that wait for their reward, at most `window` seconds of stamps long."""

    def __init__(self, *, window: float) -> None:
        self._window = window
        self._pending: OrderedDict[str, tuple[float, _D]] = OrderedDict()
        self._closed: OrderedDict[str, Verdict] = OrderedDict()
        self.counts = JoinCounts()

    def __len__(self) -> int:
        return len(self._pending)

    def add(self, decision_id: str, stamp: float, decision: _D) -> None:
        """Note a decision made at `stamp`; decisions beyond the window are given up."""
        while self._pending:
            first, (made, _) = next(iter(self._pending.items()))
            if stamp - made <= self._window:
                break
            self._close(first, Verdict.LATE)
            self.counts.lost += 1
        self._pending[decision_id] = (stamp, decision)

    def take(self, decision_id: str, stamp: float, *, valid: bool) -> tuple[Verdict, _D | None]:
        """Return the decision a reward of `stamp` belongs to, where it may be learned."""
        entry = self._pending.get(decision_id)
        if entry is None:
            verdict = Verdict.ORPHAN
            if decision_id in self._closed:
                late = self._closed[decision_id] is Verdict.LATE
                verdict = Verdict.LATE if late else Verdict.DUPLICATE
            return self._count(verdict), None
        made, decision = entry
        verdict = Verdict.JOINED if valid else Verdict.INVALID
        if stamp - made > self._window:
            verdict = Verdict.LATE
        self._close(decision_id, Verdict.JOINED)
        return self._count(verdict), decision if verdict is Verdict.JOINED else None

    def drop_all(self) -> None:
        """Give up all waiting decisions: what they led to was not theirs."""
        self.counts.dropped += len(self._pending)
        for decision_id in list(self._pending):
            self._close(decision_id, Verdict.LATE)

    def _close(self, decision_id: str, verdict: Verdict) -> None:
        del self._pending[decision_id]
        self._closed[decision_id] = verdict
        while len(self._closed) > _REMEMBERED:
            self._closed.popitem(last=False)

    def _count(self, verdict: Verdict) -> Verdict:
        setattr(self.counts, verdict.value, getattr(self.counts, verdict.value) + 1)
        return verdict
