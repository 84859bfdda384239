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

"""Rebuilding a model from a decision log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rfsn_ros.bandit.contract import ContextualBandit
from rfsn_ros.bandit.decision_log import LoggedRound, read_rounds
from rfsn_ros.errors import InputError, LogError

__all__ = ['LogTraining', 'learn_round', 'train_from_log']


@dataclass(frozen=True, slots=True)
class LogTraining:
    """What a log had to teach: rounds learned, rounds passed over, mean reward of the learned."""

    learned: int
    skipped: int
    mean_reward: float


def train_from_log(bandit: ContextualBandit, path: str | Path, *, skip: int = 0) -> LogTraining:
    """
    Learn every rewarded decision of a log, in the order in which the rewards came.

    The logged propensities are used, so a log of any policy teaches without bias, and a log of
    the bandit's own decisions gives the model that learned them when they were made. `skip`
    passes over the first rewards: with the newest checkpoint loaded and
    ``skip=bandit.example_count`` it learns what a killed process had learned since.

    :raises LogError: the log is unreadable, or a round does not fit the bandit's settings.
    """
    learned = skipped = 0
    total = 0.0
    for entry in read_rounds(path):
        if skipped < skip:
            skipped += 1
            continue
        learn_round(bandit, entry)
        learned += 1
        total += entry.reward.reward
    return LogTraining(learned, skipped, total / learned if learned else 0.0)


def learn_round(bandit: ContextualBandit, entry: LoggedRound) -> None:
    """
    Learn one logged round with its logged propensity.

    :raises LogError: it does not fit the bandit's settings; names the decision.
    """
    decision = entry.decision
    try:
        bandit.update(
            decision.context, decision.action, entry.reward.reward,
            probability=decision.probability, actions=decision.actions, mask=decision.mask)
    except InputError as error:
        raise LogError(f'decision {decision.id}: {error}') from None
