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

"""Who chooses the next edit: the bandit, and the baselines that it is compared with."""

from __future__ import annotations

from collections.abc import Callable
import time

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.bandit import DecisionLog, new_session, VWConfig, VWContextualBandit
from rfsn_ros.bandit.contract import Choice
from rfsn_ros.repair.episode import Episode
from rfsn_ros.repair.features import failure_words

__all__ = [
    'ACTION_DIM',
    'CONTEXT_DIM',
    'SHORT_LIST',
    'BanditPolicy',
    'OraclePolicy',
    'RankingPolicy',
    'UniformOverCandidates',
    'UniformOverOperators',
    'bandit_config',
    'context_vector',
    'share_columns',
]

_WORDS = (
    'AssertionError', 'Timeout', 'IndexError', 'RecursionError', 'TypeError', 'KeyError',
    'AttributeError', 'NameError', 'UnboundLocalError', 'ValueError', 'ZeroDivisionError',
    'off by one', 'got none', 'got empty', 'shorter', 'longer', 'wrong order', 'less', 'greater',
    'same length', 'number', 'sequence',
)
CONTEXT_DIM = len(_WORDS) + 6
ACTION_DIM = 18
_TOP, _OTHERS = 16, 8
SHORT_LIST = _TOP + _OTHERS


def bandit_config(seed: int = 1) -> VWConfig:
    """Return the settings of the repair bandit."""
    return VWConfig(
        context_dim=CONTEXT_DIM, action_dim=ACTION_DIM, exploration='softmax',
        softmax_lambda=60.0, learning_rate=0.05, cb_type='mtr', interactions=('sa',), seed=seed)


class UniformOverCandidates:
    """Every edit that remains is as likely."""

    name = 'uniform over candidates'

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng

    def start(self, episode: Episode) -> None:
        """Nothing to prepare."""

    def choose(self, episode: Episode) -> int:
        """Draw an edit."""
        return int(self._rng.choice(np.flatnonzero(episode.remains)))

    def learn(self, episode: Episode, choice: int, reward: float) -> None:
        """Learn nothing."""

    def finish(self, *, repaired: bool) -> None:
        """Nothing to end."""


class UniformOverOperators(UniformOverCandidates):
    """Every family with edits left is as likely, then every edit of it."""

    name = 'uniform over operators'

    def choose(self, episode: Episode) -> int:
        """Draw a family, then one of its edits."""
        left = np.flatnonzero(episode.remains)
        families = np.unique(episode.family[left])
        family = int(self._rng.choice(families))
        return int(self._rng.choice(left[episode.family[left] == family]))


class OraclePolicy(UniformOverCandidates):
    """Knows the family of the repair, and nothing else: the bound of perfect operator choice."""

    name = 'oracle over operators'

    def __init__(self, rng: np.random.Generator, family: Callable[[Episode], str]) -> None:
        super().__init__(rng)
        self._family = family

    def choose(self, episode: Episode) -> int:
        """Draw an edit of the right family; any, when it is used up."""
        family = self._family(episode)
        left = np.flatnonzero(episode.remains)
        if family in episode.families:
            same = left[episode.family[left] == episode.families.index(family)]
            left = same if len(same) else left
        return int(self._rng.choice(left))


class RankingPolicy:
    """Takes the edits in the order of their scores."""

    def __init__(self, name: str = 'ranking',
                 scores: Callable[[Episode], NDArray[np.float64]] | None = None) -> None:
        self.name = name
        self._scores = scores
        self._order: list[int] = []

    def start(self, episode: Episode) -> None:
        """Sort the edits."""
        order = episode.order if self._scores is None else np.argsort(
            -self._scores(episode), kind='stable')
        self._order = order[::-1].tolist()

    def choose(self, episode: Episode) -> int:
        """Return the best edit that is left."""
        return self._order.pop()

    def learn(self, episode: Episode, choice: int, reward: float) -> None:
        """Learn nothing."""

    def finish(self, *, repaired: bool) -> None:
        """Nothing to end."""


class BanditPolicy:
    """
    The bandit over a short list: the best by rank and the best of other lines.

    The short list follows from the ranking and the attempts so far, so the probability of a
    choice within it is the exact propensity. With a `log`, every choice and reward is recorded.
    `context` false hides what the failures and earlier attempts say. The model learns at the end
    of an episode, and only of one that ended with a repair: where nothing passed, the rewards do
    not tell a better choice from a worse one. `learns` false leaves the model as it is.
    """

    def __init__(self, bandit: VWContextualBandit, *, log: DecisionLog | None = None,
                 context: bool = True, learns: bool = True, name: str = 'bandit') -> None:
        self.name = name
        self.bandit = bandit
        self._log, self._context, self._learns = log, context, learns
        self._session, self._count = new_session(), 0
        self._words: set[str] = set()
        self._pending: tuple[NDArray[np.float64], NDArray[np.float64], Choice] | None = None
        self._rounds: list[
            tuple[NDArray[np.float64], NDArray[np.float64], Choice, float]] = []
        self._evidence: NDArray[np.float64] = np.zeros((0, 3))
        self._odds: NDArray[np.float64] = np.zeros(0)

    def start(self, episode: Episode) -> None:
        """Describe what does not change during the episode."""
        bench, evidence = episode.bench, episode.bench.evidence
        self._words = set(failure_words(evidence))
        self._odds = np.exp(bench.scores - bench.scores.max(initial=0.0))
        source = bench.task.source
        rows = []
        for number, edit in zip(bench.numbers, bench.edits, strict=True):
            line = source.line_of(edit.site.start)
            rows.append((evidence.suspicion.get(line, 0.0),
                         evidence.failing_change.get(number, 0.5),
                         evidence.passing_change.get(number, 0.5)))
        self._evidence = np.array(rows, dtype=np.float64).reshape(-1, 3)

    def choose(self, episode: Episode) -> int:
        """Let the bandit draw from the short list."""
        listed = _short_list(episode)
        context = self._context_vector(episode)
        actions = self._action_rows(episode, listed)
        action, choice = self.bandit.select_action(context, actions=actions)
        self._pending = context, actions, choice
        if self._log is not None:
            self._count += 1
            edit = episode.bench.edits[listed[action]]
            self._log.decision(
                f'{self._session}-{self._count}', time.time(), context, choice, actions=actions,
                extra={'task': episode.bench.task.name, 'family': edit.family,
                       'detail': edit.detail, 'line': edit.site.line})
        return int(listed[action])

    def learn(self, episode: Episode, choice: int, reward: float) -> None:
        """Record the reward of the last choice."""
        if self._pending is None:
            return
        context, actions, made = self._pending
        self._pending = None
        if self._log is not None:
            self._log.reward(f'{self._session}-{self._count}', time.time(), reward)
        self._rounds.append((context, actions, made, reward))

    def finish(self, *, repaired: bool) -> None:
        """Learn the episode."""
        rounds, self._rounds = self._rounds, []
        if self._learns and repaired:
            for context, actions, made, reward in rounds:
                self.bandit.update(context, made.action, reward, probability=made.probability,
                                   actions=actions)

    def _context_vector(self, episode: Episode) -> NDArray[np.float64]:
        if not self._context:
            return np.zeros(CONTEXT_DIM)
        evidence = episode.bench.evidence
        return context_vector(
            self._words, failing=len(evidence.failing), passing=len(evidence.passing),
            attempts=episode.attempts, candidates=len(episode.bench.edits), best=episode.best,
            changed=episode.last_changed)

    def _action_rows(self, episode: Episode, listed: NDArray[np.int64]) -> NDArray[np.float64]:
        rows = np.zeros((len(listed), ACTION_DIM))
        rows[:, :3] = share_columns(self._odds, episode.remains, listed)
        share = rows[:, 0]
        if not self._context:
            return rows
        site, line = episode.site[listed], episode.line[listed]
        rows[:, 3:6] = self._evidence[listed]
        rows[:, 6] = np.log1p(episode.tried_site[site]) / 4.0
        rows[:, 7] = np.log1p(episode.tried_line[line]) / 4.0
        rows[:, 8] = np.log1p(episode.tried_family[episode.family[listed]]) / 4.0
        rows[:, 9] = np.log1p(episode.tried_group[episode.group[listed]]) / 4.0
        rows[:, 10] = episode.best_site[site]
        rows[:, 11] = episode.best_line[line]
        rows[:, 12] = (episode.changed_site[site] + 1.0) / (episode.tried_site[site] + 2.0)
        rows[:, 13] = (episode.changed_line[line] + 1.0) / (episode.tried_line[line] + 2.0)
        rows[:, 14] = share * rows[:, 6]
        rows[:, 15] = share * rows[:, 9]
        rows[:, 16] = share * rows[:, 11]
        rows[:, 17] = share * (1.0 - rows[:, 13])
        return rows


def context_vector(words: set[str], *, failing: int = 1, passing: int = 1, attempts: int,
                   candidates: int, best: float = 0.0, changed: bool = False
                   ) -> NDArray[np.float64]:
    """Return the context: what fails and how, and how the episode went; shape (CONTEXT_DIM,)."""
    return np.array([
        *(float(word in words) for word in _WORDS), failing / (failing + passing),
        min(1.0, failing / 10.0), np.log1p(attempts) / 6.0, np.log1p(candidates) / 10.0, best,
        float(changed)])


def share_columns(odds: NDArray[np.float64], left: NDArray[np.bool_],
                  listed: NDArray[np.int64]) -> NDArray[np.float64]:
    """
    Return what the ranking says of the listed edits among those left; shape (listed, 3).

    Columns: probability of being the repair, log of its ratio to the largest (from -1 to 0), and
    the square root of the probability.
    """
    share = odds[listed] / (float(odds[left].sum()) or 1.0)
    gap = np.log(np.maximum(share, 1e-9)) - np.log(max(float(share.max()), 1e-9))
    return np.column_stack([share, np.maximum(gap, -8.0) / 8.0, np.sqrt(share)])


def _short_list(episode: Episode) -> NDArray[np.int64]:
    """Return the best edits that remain, and the best ones of lines not among them."""
    listed: list[int] = []
    lines: set[int] = set()
    left = SHORT_LIST
    while len(episode.order) and not episode.remains[episode.order[0]]:
        episode.order = episode.order[1:]
    for number in episode.order.tolist():
        if not episode.remains[number]:
            continue
        line = int(episode.line[number])
        if len(listed) < _TOP or line not in lines:
            listed.append(number)
            lines.add(line)
            left -= 1
            if left == 0:
                break
        if len(lines) == len(episode.tried_line) and len(listed) >= _TOP:
            break
    return np.array(listed, dtype=np.int64)
