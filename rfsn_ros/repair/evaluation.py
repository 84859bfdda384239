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

"""Policies compared on the same unseen tasks: solved shares with intervals, curves, a picture."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
import json
import math
from pathlib import Path

import numpy as np
from rfsn_ros.bandit import VWContextualBandit
from rfsn_ros.errors import ConfigError, TaskError
from rfsn_ros.evaluation.intervals import wilson_interval
from rfsn_ros.evaluation.percent import percent
from rfsn_ros.outputs import check_output, PLOT_SUFFIXES
from rfsn_ros.repair.bench import Bench, prepare
from rfsn_ros.repair.episode import Episode, Policy, run_episode
from rfsn_ros.repair.functions import corpus_folder, corpus_functions
from rfsn_ros.repair.inject import MIXES
from rfsn_ros.repair.policies import (
    bandit_config,
    BanditPolicy,
    OraclePolicy,
    RankingPolicy,
    UniformOverCandidates,
    UniformOverOperators,
)
from rfsn_ros.repair.ranker import Ranker
from rfsn_ros.repair.sandbox import Sandbox
from rfsn_ros.repair.state import RepairState
from rfsn_ros.repair.training import (
    known_repairs,
    KnownTask,
    make_tasks,
    split,
    written_tasks,
)
from rfsn_ros.workers import fresh_workers

__all__ = ['POLICIES', 'Score', 'evaluate']

_PART = 4
POLICIES = ('uniform', 'operators', 'prior', 'no-context', 'ranking', 'bandit', 'oracle')


@dataclass(slots=True)
class Score:
    """
    Results of one policy over tasks: executions of each solved task, None where unsolved.

    `kinds` holds the kind of bug of each task.
    """

    name: str
    budget: int
    executions: list[int | None] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    attempt_seconds: list[float] = field(default_factory=list)

    @property
    def solved(self) -> int:
        """How many tasks were solved."""
        return sum(one is not None for one in self.executions)

    @property
    def mean_executions(self) -> float:
        """Mean executions per task, an unsolved one counting the whole budget."""
        return float(np.mean([self.budget if one is None else one for one in self.executions]))

    def needed_for(self, count: int) -> int | None:
        """Return after how many executions per task `count` tasks are solved; None: never."""
        order = sorted(one for one in self.executions if one is not None)
        return order[count - 1] if 0 < count <= len(order) else None


def evaluate(corpus: str, count: int, budget: int, seed: int, *, state: Path | None = None,
             out: Path | None = None, plot: Path | None = None,
             policies: tuple[str, ...] = (), mix: str = 'slips', jobs: int = 1) -> list[Score]:
    """
    Run every policy on `count` tasks of unseen functions; print, write and draw the scores.

    `mix` names the bugs: one of those of `inject`, or those written by hand (``written``). What
    comes out does not depend on the number of processes, `jobs`.

    :raises ConfigError: a policy or the mix is unknown, or `state` holds nothing learned.
    :raises TaskError: the corpus cannot be used, or no task came of it.
    :raises InputError: `out` or `plot` cannot be written.
    """
    if mix not in (*MIXES, 'written'):
        raise ConfigError(f'{mix!r} is no mix of bugs; known are {", ".join(MIXES)}, written')
    names = policies or POLICIES
    for name in names:
        if name not in POLICIES:
            raise ConfigError(f'{name!r} is not a policy; known are {", ".join(POLICIES)}')
    if state is not None and not RepairState.kept_in(state):
        raise ConfigError(f'{state}: holds nothing learned')
    if out is not None:
        check_output(out)
    if plot is not None:
        check_output(plot, PLOT_SUFFIXES)
    _, unseen = split(corpus_functions(corpus_folder(corpus)))
    each = math.ceil(count / len(unseen)) + 1
    with Sandbox() as maker:
        tasks = written_tasks(unseen, maker) if mix == 'written' else make_tasks(
            unseen, each, maker, np.random.default_rng(seed), mix)
        chosen = list(enumerate(_spread(list(tasks), count)))
    scores = {name: Score(name, budget) for name in names}
    with fresh_workers(jobs) as pool:
        parts = [chosen[start:start + _PART] for start in range(0, len(chosen), _PART)]
        run = partial(_episodes, names=names, budget=budget, seed=seed, state=state)
        for part in pool.map(run, parts):
            for kind, ended in part:
                for name, (executions, seconds) in ended.items():
                    scores[name].executions.append(executions)
                    scores[name].attempt_seconds += seconds
                    scores[name].kinds.append(kind)
            if out is not None:
                _save(list(scores.values()), out)
    result = list(scores.values())
    if not result[0].executions:
        raise TaskError(f'{corpus}: no task for the judging came of it')
    _print(result)
    if plot is not None:
        _draw(result, plot)
    return result


def _episodes(tasks: Sequence[tuple[int, KnownTask]], *, names: Sequence[str], budget: int,
              seed: int, state: Path | None
              ) -> list[tuple[str, dict[str, tuple[int | None, list[float]]]]]:
    """Run every policy on numbered tasks; return kind, executions and seconds per attempt."""
    learned = RepairState(state, seed=seed)
    found = []
    try:
        with Sandbox() as box:
            for number, known in tasks:
                try:
                    bench = prepare(known.task, box, learned.load)
                except TaskError:
                    continue
                ended = {}
                for name in names:
                    learned.bandit.reseed(seed + number)
                    episode = run_episode(
                        bench, box, _policy(name, learned, bench, known, seed + number), budget)
                    ended[name] = (
                        episode.executions if episode.plausible else None,
                        [(episode.seconds - episode.first) / episode.tried]
                        if episode.tried else [])
                found.append((known.kind, ended))
    finally:
        learned.close()
    return found


def _save(scores: Sequence[Score], out: Path) -> None:
    table: dict[str, object] = {'kinds': scores[0].kinds}
    table |= {score.name: score.executions for score in scores}
    out.write_text(json.dumps(table, indent=1) + '\n')


def _spread(tasks: Sequence[KnownTask], count: int) -> list[KnownTask]:
    """Take `count` tasks, as evenly over the list as can be."""
    if len(tasks) <= count:
        return list(tasks)
    return [tasks[int(index)] for index in np.linspace(0, len(tasks) - 1, count)]


def _policy(name: str, learned: RepairState, bench: Bench, known: KnownTask,
            seed: int) -> Policy:
    rng = np.random.default_rng(seed)
    makers: dict[str, Callable[[], Policy]] = {
        'uniform': lambda: UniformOverCandidates(rng),
        'operators': lambda: UniformOverOperators(rng),
        'prior': lambda: RankingPolicy('fixed prior', _shuffled(learned.prior(), rng)),
        'no-context': lambda: _WithoutContext(learned.prior(), rng, seed),
        'ranking': lambda: RankingPolicy(),
        'bandit': lambda: BanditPolicy(learned.bandit, learns=False),
        'oracle': lambda: OraclePolicy(rng, lambda episode: _family(episode, known)),
    }
    return makers[name]()


def _family(episode: Episode, known: KnownTask) -> str:
    edits = episode.bench.edits
    found = known_repairs(known.task.source, edits, known.original)
    return edits[found[0]].family if found else ''


def _shuffled(prior: Ranker, rng: np.random.Generator
              ) -> Callable[[Episode], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Score by operator alone, equals in random order."""
    def scores(episode: Episode) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        edits = episode.bench.edits
        matrix = prior.matrix(
            [[('f', edit.family), ('d', edit.family, edit.detail)] for edit in edits])
        noise: np.ndarray[tuple[int], np.dtype[np.float64]] = rng.random(len(edits)) * 1e-6
        return prior.scores(matrix) + noise
    return scores


class _WithoutContext:
    """The bandit with the prior as its ranking and an empty context, learning as it goes."""

    name = 'bandit without context'

    def __init__(self, prior: Ranker, rng: np.random.Generator, seed: int) -> None:
        self._scores = _shuffled(prior, rng)
        self._policy = BanditPolicy(
            VWContextualBandit(bandit_config(seed)), context=False, name=self.name)

    def start(self, episode: Episode) -> None:
        """Rank by the prior."""
        scores = self._scores(episode)
        episode.order = np.argsort(-scores, kind='stable')
        kept, episode.bench.scores = episode.bench.scores, scores
        self._policy.start(episode)
        episode.bench.scores = kept

    def choose(self, episode: Episode) -> int:
        """Let the bandit draw."""
        return self._policy.choose(episode)

    def learn(self, episode: Episode, choice: int, reward: float) -> None:
        """Hand the reward on."""
        self._policy.learn(episode, choice, reward)

    def finish(self, *, repaired: bool) -> None:
        """Let the bandit learn."""
        self._policy.finish(repaired=repaired)


def _print(scores: Sequence[Score]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title='Tasks solved')
    for column in ('policy', 'solved', '%', '95 % interval', 'mean executions',
                   'executions to half', 'ms per attempt'):
        table.add_column(column, justify='left' if column == 'policy' else 'right')
    for score in scores:
        tasks = len(score.executions)
        solved = wilson_interval(score.solved, tasks)
        half = score.needed_for(tasks // 2)
        table.add_row(
            score.name, f'{score.solved}/{tasks}', percent(solved.value),
            f'{percent(solved.low)} .. {percent(solved.high)}', f'{score.mean_executions:.1f}',
            '-' if half is None else str(half),
            f'{1e3 * float(np.median(score.attempt_seconds or [0.0])):.1f}')
    console = Console(width=110)
    console.print(table)
    by_kind = Table(title='Solved by kind of bug')
    for column in ('kind', *(score.name for score in scores), 'tasks'):
        by_kind.add_column(column, justify='left' if column == 'kind' else 'right')
    for kind, tasks in sorted(Counter(scores[0].kinds).items()):
        by_kind.add_row(kind, *(str(sum(
            one is not None for one, its in zip(score.executions, score.kinds, strict=True)
            if its == kind)) for score in scores), str(tasks))
    console.print(by_kind)


def _draw(scores: Sequence[Score], path: Path) -> None:
    import matplotlib

    matplotlib.use('Agg')
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.2), layout='constrained')
    for score in scores:
        solved = sorted(one for one in score.executions if one is not None)
        shares = [100.0 * (index + 1) / len(score.executions) for index in range(len(solved))]
        axes.step([1, *solved, score.budget], [0, *shares, shares[-1] if shares else 0],
                  where='post', label=score.name)
    axes.set(xscale='log', xlabel='test executions', ylabel='tasks solved (%)', ylim=(0, 100),
             xlim=(3, scores[0].budget))
    axes.grid(alpha=0.3)
    axes.legend(fontsize='small')
    figure.savefig(path, dpi=150)
    pyplot.close(figure)
