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

"""Follow the recorded learner: every distribution and draw anew, learning what the bag says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rfsn_ros.bandit import invert_cdf
from rfsn_ros.bandit.base import BaseBandit
from rfsn_ros.bandit.opening import bandit_of
from rfsn_ros.errors import CheckpointError, InputError
from rfsn_ros.replay.messages import flaw_of, numbered
from rfsn_ros.replay.recording import Recording
from rfsn_ros.replay.verification import Verification

__all__ = ['EXACT', 'KnownModel', 'follow']

EXACT = 1e-9


@dataclass(frozen=True, slots=True)
class KnownModel:
    """
    A model to begin from; an empty `checksum` fits every decision.

    `exploration` is the share of choices drawn evenly from what is feasible.
    """

    checksum: str
    stamp: float
    examples: int
    exploration: float
    state: bytes


def follow(recording: Recording, models: Sequence[KnownModel], result: Verification) -> None:
    """Recompute the distributions and draws of all decisions as far as their model is known."""
    follower = _Follower(recording, models, result)
    try:
        for decision in recording.decisions:
            if not follower.take(decision):
                return
    finally:
        follower.close()


class _Follower:
    """Learns along with the bag, one decision after the other."""

    def __init__(
        self, recording: Recording, models: Sequence[KnownModel], result: Verification,
    ) -> None:
        self._models, self._result = models, result
        self._rewards = {reward.decision_id: reward for reward in recording.rewards}
        self._decisions = {decision.id: decision for decision in recording.decisions}
        self._first: dict[str, int] = {}
        for decision in recording.decisions:
            session, number = numbered(decision.id)
            self._first.setdefault(session, number)
        self._model: KnownModel | None = None
        self._bandit: BaseBandit | None = None
        self._before = ('', 0)
        self._drawing = True

    def close(self) -> None:
        """Free the model."""
        if self._bandit is not None:
            self._bandit.close()
            self._bandit = None

    def take(self, decision: Any) -> bool:
        """Check one decision; return whether those that follow it can be checked."""
        if flaw_of(decision):
            return False  # a mismatch of its own, and nothing can be learned from it
        session, number = numbered(decision.id)
        # The generator can be followed only where no draw is missing.
        next_one = number == 1 or self._before == (session, number - 1)
        self._before = session, number
        self._drawing = self._drawing and next_one
        model = self._model_of(decision)
        if model is None:
            self._result.wrong(
                f'{decision.id}: its model {decision.model_checksum[:12]} is not in the bag')
            return False
        if model is not self._model:
            self.close()
            self._model, self._drawing = model, next_one
            try:
                self._bandit = bandit_of(model.state)
            except CheckpointError as error:
                self._result.wrong(f'{decision.id}: its model cannot be loaded ({error})')
                return False
            if self._began_late(decision, self._bandit):
                self.close()
        if self._bandit is None:
            self._result.unknown += 1
            return True
        return self._learn(decision, self._bandit) and self._check(decision, self._bandit)

    def _model_of(self, decision: Any) -> KnownModel | None:
        """Return what the model of a decision began as; one loaded anew begins anew."""
        same = [model for model in self._models
                if model.checksum in ('', decision.model_checksum)]
        if not same:
            return None
        live = self._model if self._model in same else None
        fresh = [model for model in same
                 if model.examples + len(decision.learned) == decision.example_count]
        going_on = live is not None and (self._bandit is None or self._count(decision) == int(
            decision.example_count))
        if live is not None and (going_on or not fresh):
            return live
        time = decision.header.stamp.sec + 1e-9 * decision.header.stamp.nanosec
        among = fresh or same
        return ([model for model in among if model.stamp <= time] or among[:1])[-1]

    def _count(self, decision: Any) -> int:
        assert self._bandit is not None
        return self._bandit.example_count + len(decision.learned)

    def _began_late(self, decision: Any, bandit: BaseBandit) -> bool:
        """Whether the model has learned what was before the recording."""
        session, number = numbered(decision.id)
        if number <= 1 or self._first[session] != number:
            return False
        return (bandit.example_count + len(decision.learned) != decision.example_count
                or any(name not in self._decisions or name not in self._rewards
                       for name in decision.learned))

    def _learn(self, decision: Any, bandit: BaseBandit) -> bool:
        for name in decision.learned:
            made, reward = self._decisions.get(name), self._rewards.get(name)
            if made is None or reward is None:
                self._result.wrong(f'{decision.id}: learned from {name}, which is not in the bag')
                return False
            try:
                bandit.update(
                    np.asarray(made.context), int(made.executed), float(reward.total),
                    probability=float(made.executed_probability),
                    actions=np.reshape(made.action_features, (len(made.pmf), -1)),
                    mask=np.asarray(made.feasible, dtype=np.bool_))
            except (InputError, ValueError) as error:
                self._result.wrong(
                    f'{decision.id}: what {name} did cannot be learned ({error})')
                return False
        return True

    def _check(self, decision: Any, bandit: BaseBandit) -> bool:
        assert self._model is not None
        count, result = len(decision.pmf), self._result
        mask = np.asarray(decision.feasible, dtype=np.bool_)
        try:
            action, choice = bandit.select_action(
                np.asarray(decision.context),
                actions=np.reshape(decision.action_features, (count, -1)), mask=mask)
        except (InputError, ValueError) as error:
            result.wrong(f'{decision.id}: the model cannot use it ({error})')
            return False
        pmf, share = choice.pmf, self._model.exploration
        if share:
            pmf = (1.0 - share) * pmf + share * mask / mask.sum()
            action = invert_cdf(pmf.tolist(), choice.draw)
        difference = float(np.abs(pmf - np.asarray(decision.pmf)).max())
        result.largest_difference = max(result.largest_difference, difference)
        result.probabilities += 1
        if bandit.example_count != decision.example_count:
            result.wrong(f'{decision.id}: {decision.example_count} rewards learned according to '
                         f'the bag, {bandit.example_count} when recomputed')
        elif not difference <= EXACT:
            result.wrong(f'{decision.id}: probabilities differ by up to {difference:g}')
        elif self._drawing:
            result.generator += 1
            if choice.draw != decision.draw or action != decision.requested:
                result.wrong(f'{decision.id}: draw {decision.draw:g} and primitive '
                             f'{decision.requested} according to the bag, {choice.draw:g} and '
                             f'{action} when recomputed')
        return True
