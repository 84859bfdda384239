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
A repair episode: attempt after attempt on one task, until its tests pass or the budget ends.

Every run of tests counts as one execution: the two to four that gather evidence, and each
attempt (which stops at the first failing test).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
import time
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.errors import ConfigError
from rfsn_ros.repair.bench import Bench
from rfsn_ros.repair.forms import normal_form
from rfsn_ros.repair.repairs import rank, Repair
from rfsn_ros.repair.sandbox import Run, Sandbox
from rfsn_ros.repair.source import Edit

__all__ = ['Episode', 'EpisodeResult', 'Policy', 'run_episode']

_ESCALATIONS = 6


class Policy(Protocol):
    """Chooses the next edit of an episode and learns from what came of it."""

    name: str

    def start(self, episode: Episode) -> None:
        """Begin an episode."""

    def choose(self, episode: Episode) -> int:
        """Return the number of one of the edits that remain."""

    def learn(self, episode: Episode, choice: int, reward: float) -> None:
        """Take in the reward of a choice."""

    def finish(self, *, repaired: bool) -> None:
        """End the episode."""


class Episode:
    """
    What happened so far: the edits that remain, and how the attempts changed the failures.

    Per place (site), line, family and group of like values: how many attempts there were
    (`tried_...`), how many of them changed the failure (`changed_...`), and the largest share of
    failing tests that one of them repaired (`best_...`).
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        edits, evidence = bench.edits, bench.evidence
        self.remains = np.ones(len(edits), dtype=np.bool_)
        self.order = np.argsort(-bench.scores, kind='stable')
        self.site, sites = _numbered([id(edit.site) for edit in edits])
        self.line, lines = _numbered([edit.site.line for edit in edits])
        self.families = sorted({edit.family for edit in edits})
        self.family = np.array([self.families.index(edit.family) for edit in edits], dtype=int)
        self.group, groups = _numbered([
            (id(edit.site), evidence.signatures.get(number, number))
            for number, edit in zip(bench.numbers, edits, strict=True)])
        self.tried_site, self.changed_site, self.best_site = (np.zeros(sites) for _ in range(3))
        self.tried_line, self.changed_line, self.best_line = (np.zeros(lines) for _ in range(3))
        self.tried_family = np.zeros(len(self.families))
        self.tried_group = np.zeros(groups)
        self.attempts = 0
        self.best = 0.0
        self.last_changed = False

    def note(self, choice: int, progress: float, changed: bool) -> None:
        """Take in an attempt that did not pass."""
        self.attempts += 1
        self.best = max(self.best, progress)
        self.last_changed = changed
        for tried, altered, best, place in (
            (self.tried_site, self.changed_site, self.best_site, self.site[choice]),
            (self.tried_line, self.changed_line, self.best_line, self.line[choice]),
        ):
            tried[place] += 1
            altered[place] += changed
            best[place] = max(best[place], progress)
        self.tried_family[self.family[choice]] += 1
        self.tried_group[self.group[choice]] += 1


def _numbered(keys: Sequence[object]) -> tuple[NDArray[np.int64], int]:
    table: dict[object, int] = {}
    numbers = [table.setdefault(key, len(table)) for key in keys]
    return np.array(numbers, dtype=np.int64), len(table)


@dataclass(frozen=True, slots=True)
class EpisodeResult:
    """
    How an episode ended.

    `repairs` holds the edits with which every test passes, the best first; `validated` says how
    many held-back tests were among those (None where nothing passed, or there were too few tests
    to hold any back) and `overfitted` how many attempts passed all tests but a held-back one.
    `executions` counts every run of tests, `tried` the attempts, `seconds` wall time, `first` the
    seconds before the first attempt.
    """

    repairs: tuple[Repair, ...]
    executions: int
    seconds: float
    first: float
    tried: int
    candidates: int
    validated: int | None
    overfitted: int

    @property
    def plausible(self) -> bool:
        """Whether an edit was found with which every test passes."""
        return bool(self.repairs)


def run_episode(bench: Bench, sandbox: Sandbox, policy: Policy, budget: int, *,
                alternatives: int = 0, started: float | None = None,
                report: Callable[[int, Edit], None] | None = None) -> EpisodeResult:
    """
    Attempt edits in the order of the policy.

    :param alternatives: how many further repairs to look for, within the budget, after the first.
    :raises ConfigError: the budget is not positive, or `alternatives` negative.
    """
    if budget < 1:
        raise ConfigError(f'budget = {budget}: must be >= 1')
    if alternatives < 0:
        raise ConfigError(f'alternatives = {alternatives}: must be >= 0')
    began = time.perf_counter() if started is None else started
    episode = Episode(bench)
    policy.start(episode)
    runner = _Runner(bench, sandbox, budget)
    rewards = {normal_form(bench.task.source.text): 0.0, None: 0.0}  # by what was run, or cannot
    first = time.perf_counter() - began
    tried = overfitted = 0
    found: list[Repair] = []
    while runner.left > 0 and episode.remains.any():
        choice = policy.choose(episode)
        episode.remains[choice] = False
        edit = bench.edits[choice]
        text = bench.task.source.apply(edit)
        form = normal_form(text)
        if form in rewards:
            policy.learn(episode, choice, rewards[form])
            continue
        tried += 1
        if report is not None:
            report(tried, edit)
        run = runner.attempt(text)
        if run.passed:
            rewards[form] = 1.0
            policy.learn(episode, choice, 1.0)
            found.append(
                Repair.of(bench.task.source, choice, edit, text, runner.executions))
            if len(found) > alternatives:
                break
            continue
        progress, changed = runner.judge(run)
        overfitted += runner.only_held_fail(run)
        episode.note(choice, progress, changed)
        rewards[form] = 0.1 * progress
        policy.learn(episode, choice, rewards[form])
    policy.finish(repaired=bool(found))
    return EpisodeResult(
        rank(found), runner.executions, time.perf_counter() - began, first, tried,
        len(bench.edits), len(bench.held) if found and bench.held else None, overfitted)


class _Runner:
    """Runs candidates and counts."""

    def __init__(self, bench: Bench, sandbox: Sandbox, budget: int) -> None:
        self._bench, self._sandbox, self._budget = bench, sandbox, budget
        self.executions = bench.evidence.executions
        self._order = [*bench.evidence.order, *bench.held]
        self._failing = {one.name for one in bench.evidence.failing}
        self._failures = {
            (one.name, one.error, one.message) for one in bench.evidence.failing}
        self._escalations = _ESCALATIONS

    @property
    def left(self) -> int:
        """How many executions the budget still holds."""
        return self._budget - self.executions

    def attempt(self, text: str) -> Run:
        """Run the tests; again with more time where only time may be lacking."""
        limit = self._bench.evidence.limit
        run = self._run(text, limit)
        late = bool(run.outcomes) and run.outcomes[-1].error == 'Timeout'
        promising = late and self._repaired(run) >= max(1, len(self._failing) - 1)
        if promising and self._escalations > 0 and self.left > 0:
            self._escalations -= 1
            run = self._run(text, 20.0 * limit)
        return run

    def _run(self, text: str, limit: float) -> Run:
        self.executions += 1
        return self._sandbox.run(
            text, order=self._order, stop=True, cpu=limit, wall=15.0 + 8.0 * limit)

    def judge(self, run: Run) -> tuple[float, bool]:
        """Return the share of failing tests repaired, and whether the failure changed."""
        last = run.outcomes[-1] if run.outcomes else None
        same = last is not None and (last.name, last.error, last.message) in self._failures
        return self._repaired(run) / len(self._failing), not same

    def _repaired(self, run: Run) -> int:
        """Return how many of the failing tests pass."""
        return sum(one.passed and one.name in self._failing for one in run.outcomes)

    def only_held_fail(self, run: Run) -> bool:
        """Whether every test passed but a held-back one."""
        return bool(run.outcomes) and run.outcomes[-1].name in self._bench.held and all(
            one.passed for one in run.outcomes[:-1])
