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
The whole of training: tasks, ranking, bandit episodes, and the files that come of it.

Tasks and episodes take nearly all of the time, so each part of the tasks and each episode is kept
when it is finished. What is learned of them is worked out again where a training goes on.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import as_completed
from pathlib import Path
import time

import numpy as np
from rfsn_ros.bandit.container import checksum
from rfsn_ros.errors import InputError, TaskError
from rfsn_ros.evaluation.percent import percent
from rfsn_ros.repair.functions import corpus_folder, corpus_functions, TestedFunction
from rfsn_ros.repair.policies import BanditPolicy
from rfsn_ros.repair.progress import Progress
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
          seed: int, jobs: int = 1, resume: bool = False) -> Generator[str, None, None]:
    """
    Learn ranking, prior and bandit from injected bugs into `folder`; yield progress lines.

    Three of six bugs are slips, two from the broad mix, one has lost something: repairs that put
    lines in are rare among the others. The functions are halved. A
    ranking learned from one half shows, on the other, how it gets better with tasks, and there
    the bandit learns: with a ranking as unsure as on a new task. The ranking that is kept is
    learned from both. `jobs` processes make the tasks; what is learned does not depend on it, nor
    on whether the training was interrupted and went on (`resume`). Until its end, what is
    finished lies in ``folder/training``.

    :raises TaskError: the corpus cannot be used, or no task came of it.
    :raises InputError: a training was interrupted there and `resume` is false, or the one to be
        resumed has ended, is damaged or was begun under other settings.
    """
    functions = corpus_functions(corpus_folder(corpus))
    learn = functions if everything else split(functions)[0]
    rng = np.random.default_rng(seed)
    state = RepairState(folder, seed=seed)
    progress = Progress(folder / 'training', {
        'corpus': checksum(repr(functions).encode())[:12], 'each': each, 'episodes': episodes,
        'all': everything, 'budget': budget, 'seed': seed})
    try:
        _begin(progress, state, resume=resume)
        started = time.perf_counter()
        yield f'{len(learn)} functions to learn from'
        one, other = yield from _known_repairs(progress, learn, each, seed, jobs)
        if not one.rows or not other.rows:
            progress.end()
            raise TaskError(f'{corpus}: no task with a known repair came of it')
        if progress.generator is None:
            yield from learning_curve(one, other, rng)
            found = warm_start(state.bandit, one.fit(rng), other, rng)
            found += warm_start(state.bandit, other.fit(rng), one, rng)
            yield f'the bandit chose {found} known repairs without running tests'
            progress.generator = rng.bit_generator.state
            progress.save(state.bandit)
        else:
            rng.bit_generator.state = progress.generator
        if episodes:
            ranker = one.fit(rng)
            tasks = _episode_tasks(progress, learn[1::2], episodes, rng)
            yield from _episodes(progress, state, ranker, tasks, budget)
        every = RankingData([*one.rows, *other.rows])
        state.ranker = every.fit(rng)
        state.save()
        write_ranker(every.fit(rng, kinds=('f', 'd')), folder / 'prior.json.gz')
        progress.end()
        yield f'learned from {len(every.rows)} repairs ({time.perf_counter() - started:.0f} s)'
    finally:
        state.close()


def _begin(progress: Progress, state: RepairState, *, resume: bool) -> None:
    """Begin a training, or go on with one."""
    folder = progress.folder.parent
    if progress.begun and not resume:
        raise InputError(f'{folder} holds a training that was interrupted: go on with --resume, '
                         f'or remove {progress.folder} to begin anew')
    if progress.begun:
        progress.restore(state.bandit)
    elif resume and RepairState.kept_in(folder):
        raise InputError(f'{folder} holds no training that was interrupted: without --resume '
                         'one begins')
    else:
        progress.begin(state.bandit)


def _known_repairs(progress: Progress, learn: Sequence[TestedFunction], each: int, seed: int,
                   jobs: int) -> Generator[str, None, tuple[RankingData, RankingData]]:
    """Make the tasks that are not kept yet; yield lines, return the features of either half."""
    started = time.perf_counter()
    parts = [(half, learn[half::2][start:start + _PART])
             for start in range(0, (len(learn) + 1) // 2, _PART) for half in (0, 1)]
    made = {number: kept for number in range(len(parts))
            if (kept := progress.part(number)) is not None}

    def line() -> str:
        return (f'{sum(count for count, _ in made.values())} tasks, '
                f'{sum(len(rows) for _, rows in made.values())} with a known repair '
                f'among the edits ({time.perf_counter() - started:.0f} s)')

    if made:
        yield line()
    with fresh_workers(jobs) as pool:
        running = {
            pool.submit(_known_repairs_of, part, each, (seed, number)): number
            for number, (_, part) in enumerate(parts) if number not in made}
        for future in as_completed(running):
            number = running[future]
            made[number] = future.result()
            progress.keep_part(number, *made[number])
            yield line()
    halves = RankingData([]), RankingData([])
    for number, (half, _) in enumerate(parts):
        halves[half].rows += made[number][1]
    return halves


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


def _episode_tasks(progress: Progress, functions: Sequence[TestedFunction], episodes: int,
                   rng: np.random.Generator) -> list[KnownTask]:
    """Return the tasks of the episodes: those kept, or new ones."""
    tasks = progress.tasks(rng)
    if tasks is None:
        with Sandbox() as maker:
            tasks = list(
                make_tasks(functions, 1 + episodes // len(functions), maker, rng))[:episodes]
        progress.keep_tasks(tasks, rng)
    return tasks


def _episodes(progress: Progress, state: RepairState, ranker: Ranker, tasks: Sequence[KnownTask],
              budget: int) -> Iterator[str]:
    """Run the episodes that are left; yield lines."""
    policy = BanditPolicy(state.bandit, log=state.log)
    left = tasks[len(progress.outcomes):]
    with Sandbox() as box:
        for repaired in train_bandit(policy, ranker, left, box, budget):
            progress.outcomes.append(repaired)
            progress.save(state.bandit)
            run = [one for one in progress.outcomes if one is not None]
            if repaired is not None and len(run) % 50 == 0:
                yield f'{len(run)} episodes, {sum(run)} repaired'
