"""The whole of training: tasks, ranking, bandit episodes, and the files that come of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rfsn_ros.errors import TaskError
from rfsn_ros.repair.functions import corpus_folder, corpus_functions
from rfsn_ros.repair.policies import BanditPolicy
from rfsn_ros.repair.sandbox import Sandbox
from rfsn_ros.repair.state import RepairState, write_ranker
from rfsn_ros.repair.training import RankingData, make_tasks, split, train_bandit

__all__ = ['train']


def train(corpus: str, folder: Path, *, each: int, episodes: int, everything: bool, budget: int,
          seed: int) -> Iterator[str]:
    """Learn ranking, prior and bandit from injected bugs into `folder`; yield progress lines.

    The bandit's episodes use a ranking learned from the other half of the functions, so that the
    ranking is as uncertain there as it is on a new task; the ranking kept is learned from all.

    :raises TaskError: the corpus cannot be used, or no task came of it.
    """
    functions = corpus_functions(corpus_folder(corpus))
    learn = functions if everything else split(functions)[0]
    rng = np.random.default_rng(seed)
    state = RepairState(folder, seed=seed)
    started = time.perf_counter()
    halves = learn[::2], learn[1::2]
    yield f'{len(learn)} functions to learn from'
    with Sandbox() as maker, Sandbox() as box:
        data = []
        for half in halves:
            rows = RankingData([])
            tasks = 0
            for known in make_tasks(half, each, maker, rng):
                tasks += 1
                rows.add(known, box, rng)
            data.append(rows)
            yield (f'{tasks} tasks, {len(rows.rows)} with a known repair among the edits '
                   f'({time.perf_counter() - started:.0f} s)')
        every = RankingData([*data[0].rows, *data[1].rows])
        if not every.rows:
            raise TaskError(f'{corpus}: no task with a known repair came of it')
        other = data[0].fit(rng)
        policy = BanditPolicy(state.bandit, log=state.log)
        solved = count = 0
        tasks_b = list(make_tasks(halves[1], max(1, episodes // max(1, len(halves[1])) + 1),
                                  maker, rng))
        order = rng.permutation(len(tasks_b))[:episodes]
        for done in train_bandit(policy, other, [tasks_b[i] for i in order], box, budget):
            count += 1
            solved += done
            if count % 50 == 0:
                yield (f'{count} episodes, {solved} repaired '
                       f'({time.perf_counter() - started:.0f} s)')
    state.ranker = every.fit(rng)
    state.save()
    write_ranker(every.fit(rng, kinds=('f', 'd')), folder / 'prior.json.gz')
    state.close()
    yield (f'learned from {len(every.rows)} repairs and {count} episodes '
           f'({time.perf_counter() - started:.0f} s)')
