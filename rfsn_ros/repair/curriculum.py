"""The whole of training: tasks, ranking, bandit episodes, and the files that come of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from rfsn_ros.errors import TaskError
from rfsn_ros.repair.functions import corpus_folder, corpus_functions
from rfsn_ros.repair.policies import BanditPolicy
from rfsn_ros.repair.ranker import Ranker
from rfsn_ros.repair.sandbox import Sandbox
from rfsn_ros.repair.state import RepairState, write_ranker
from rfsn_ros.repair.training import (
    KnownTask,
    RankingData,
    make_tasks,
    split,
    train_bandit,
    warm_start,
)

__all__ = ['learning_curve', 'train']


def train(corpus: str, folder: Path, *, each: int, episodes: int, everything: bool, budget: int,
          seed: int) -> Iterator[str]:
    """Learn ranking, prior and bandit from injected bugs into `folder`; yield progress lines.

    The functions are halved. A ranking learned from one half shows, on the other, how it gets
    better with tasks, and there the bandit learns: with a ranking as unsure as on a new task. The
    ranking that is kept is learned from both.

    :raises TaskError: the corpus cannot be used, or no task came of it.
    """
    functions = corpus_functions(corpus_folder(corpus))
    learn = functions if everything else split(functions)[0]
    rng = np.random.default_rng(seed)
    state = RepairState(folder, seed=seed)
    started = time.perf_counter()
    yield f'{len(learn)} functions to learn from'
    with Sandbox() as maker, Sandbox() as box:
        halves = []
        for half in (learn[::2], learn[1::2]):
            rows = RankingData([])
            tasks = 0
            for known in make_tasks(half, each, maker, rng):
                tasks += 1
                rows.add(known, box, rng)
            if not rows.rows:
                raise TaskError(f'{corpus}: no task with a known repair came of it')
            halves.append(rows)
            yield (f'{tasks} tasks, {len(rows.rows)} with a known repair among the edits '
                   f'({time.perf_counter() - started:.0f} s)')
        one, other = halves
        yield from learning_curve(one, other, rng)
        found = warm_start(state.bandit, one.fit(rng), other, rng)
        found += warm_start(state.bandit, other.fit(rng), one, rng)
        yield f'the bandit chose {found} known repairs without running tests'
        if episodes:
            yield from _episodes(state, one.fit(rng), list(
                make_tasks(learn[1::2], 1 + episodes // len(learn[1::2]), maker, rng))[:episodes],
                box, budget)
    every = RankingData([*one.rows, *other.rows])
    state.ranker = every.fit(rng)
    state.save()
    write_ranker(every.fit(rng, kinds=('f', 'd')), folder / 'prior.json.gz')
    state.close()
    yield f'learned from {len(every.rows)} repairs ({time.perf_counter() - started:.0f} s)'


def learning_curve(learn: RankingData, judge: RankingData,
                   rng: np.random.Generator) -> Iterator[str]:
    """Yield, for growing numbers of tasks, where known repairs of other functions are ranked."""
    size = len(learn.rows)
    for count in [0, *(n for n in (25, 50, 100, 200, 400, 800) if n < size), size]:
        places = judge.places(RankingData(learn.rows[:count]).fit(rng))
        yield (f'{count:5d} repairs learned: median place {np.median(places):.0f}, '
               f'{np.mean(places < 30):.0%} among the first 30, '
               f'{np.mean(places < 300):.0%} among the first 300')


def _episodes(state: RepairState, ranker: Ranker, tasks: Sequence[KnownTask], box: Sandbox,
              budget: int) -> Iterator[str]:
    solved = 0
    policy = BanditPolicy(state.bandit, log=state.log)
    for count, done in enumerate(train_bandit(policy, ranker, tasks, box, budget), 1):
        solved += done
        if count % 50 == 0:
            yield f'{count} episodes, {solved} repaired'
