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

"""The whole of training: tasks, ranking, bandit episodes, and the files that come of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
import time

import numpy as np
from rfsn_ros.errors import TaskError
from rfsn_ros.evaluation.percent import percent
from rfsn_ros.repair.functions import corpus_folder, corpus_functions, TestedFunction
from rfsn_ros.repair.policies import BanditPolicy
from rfsn_ros.repair.ranker import Ranker
from rfsn_ros.repair.sandbox import Sandbox
from rfsn_ros.repair.state import RepairState, write_ranker
from rfsn_ros.repair.training import (
    KnownTask,
    make_tasks,
    RankedRow,
    RankingData,
    split,
    train_bandit,
    warm_start,
)
from rfsn_ros.workers import fresh_workers

__all__ = ['learning_curve', 'train']

_PART = 6


def train(corpus: str, folder: Path, *, each: int, episodes: int, everything: bool, budget: int,
          seed: int, jobs: int = 1) -> Iterator[str]:
    """
    Learn ranking, prior and bandit from injected bugs into `folder`; yield progress lines.

    Three of six bugs are slips, two from the broad mix, one has lost something: repairs that put
    lines in are rare among the others. The functions are halved. A
    ranking learned from one half shows, on the other, how it gets better with tasks, and there
    the bandit learns: with a ranking as unsure as on a new task. The ranking that is kept is
    learned from both. `jobs` processes make the tasks; what is learned does not depend on it.

    :raises TaskError: the corpus cannot be used, or no task came of it.
    """
    functions = corpus_functions(corpus_folder(corpus))
    learn = functions if everything else split(functions)[0]
    rng = np.random.default_rng(seed)
    state = RepairState(folder, seed=seed)
    started = time.perf_counter()
    yield f'{len(learn)} functions to learn from'
    halves = [RankingData([]), RankingData([])]
    parts = [(half, learn[half::2][start:start + _PART])
             for start in range(0, (len(learn) + 1) // 2, _PART) for half in (0, 1)]
    tasks = 0
    with fresh_workers(jobs) as pool:
        made = pool.map(_known_repairs_of, [part for _, part in parts], [each] * len(parts),
                        [(seed, number) for number in range(len(parts))])
        for (half, _), (count, rows) in zip(parts, made, strict=True):
            tasks += count
            halves[half].rows += rows
            yield (f'{tasks} tasks, {sum(len(one.rows) for one in halves)} with a known repair '
                   f'among the edits ({time.perf_counter() - started:.0f} s)')
    one, other = halves
    if not one.rows or not other.rows:
        raise TaskError(f'{corpus}: no task with a known repair came of it')
    yield from learning_curve(one, other, rng)
    found = warm_start(state.bandit, one.fit(rng), other, rng)
    found += warm_start(state.bandit, other.fit(rng), one, rng)
    yield f'the bandit chose {found} known repairs without running tests'
    if episodes:
        with Sandbox() as maker, Sandbox() as box:
            yield from _episodes(state, one.fit(rng), list(
                make_tasks(learn[1::2], 1 + episodes // len(learn[1::2]), maker, rng))[:episodes],
                box, budget)
    every = RankingData([*one.rows, *other.rows])
    state.ranker = every.fit(rng)
    state.save()
    write_ranker(every.fit(rng, kinds=('f', 'd')), folder / 'prior.json.gz')
    state.close()
    yield f'learned from {len(every.rows)} repairs ({time.perf_counter() - started:.0f} s)'


def _known_repairs_of(functions: Sequence[TestedFunction], each: int, seed: tuple[int, int]
                      ) -> tuple[int, list[RankedRow]]:
    """Put bugs into some functions; return how many, and the features of those with repairs."""
    rng = np.random.default_rng(seed)
    rows = RankingData([])
    tasks = 0
    with Sandbox() as maker, Sandbox() as box:
        for mix, count, draws in (('slips', each, rng), ('broad', (each + 1) // 2, rng),
                                  ('lost', (each + 1) // 3, np.random.default_rng((*seed, 1)))):
            for known in make_tasks(functions, count, maker, draws, mix):
                tasks += 1
                rows.add(known, box, rng)
    return tasks, rows.rows


def learning_curve(learn: RankingData, judge: RankingData,
                   rng: np.random.Generator) -> Iterator[str]:
    """Yield, for growing numbers of tasks, where known repairs of other functions are ranked."""
    size = len(learn.rows)
    for count in [0, *(n for n in (25, 50, 100, 200, 400, 800) if n < size), size]:
        places = judge.places(RankingData(learn.rows[:count]).fit(rng))
        yield (f'{count:5d} repairs learned: median place {np.median(places):.0f}, '
               f'{percent(float(np.mean(places < 30)), 0)}% among the first 30, '
               f'{percent(float(np.mean(places < 300)), 0)}% among the first 300')


def _episodes(state: RepairState, ranker: Ranker, tasks: Sequence[KnownTask], box: Sandbox,
              budget: int) -> Iterator[str]:
    solved = 0
    policy = BanditPolicy(state.bandit, log=state.log)
    for count, done in enumerate(train_bandit(policy, ranker, tasks, box, budget), 1):
        solved += done
        if count % 50 == 0:
            yield f'{count} episodes, {solved} repaired'
