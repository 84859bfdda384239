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

"""Learning from injected bugs: tasks with known repairs, the ranking, then bandit episodes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
import re

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.bandit import VWContextualBandit
from rfsn_ros.errors import TaskError
from rfsn_ros.repair.bench import prepare
from rfsn_ros.repair.episode import run_episode
from rfsn_ros.repair.evidence import gather
from rfsn_ros.repair.features import edit_features, Key
from rfsn_ros.repair.forms import same_sides_form
from rfsn_ros.repair.functions import TestedFunction
from rfsn_ros.repair.inject import inject, Mutant
from rfsn_ros.repair.operators import propose
from rfsn_ros.repair.policies import (
    ACTION_DIM,
    BanditPolicy,
    context_vector,
    share_columns,
    SHORT_LIST,
)
from rfsn_ros.repair.probing import probe_edits
from rfsn_ros.repair.ranker import fit, Matrix, Ranker
from rfsn_ros.repair.sandbox import Sandbox
from rfsn_ros.repair.source import Edit, Source
from rfsn_ros.repair.task import RepairTask
from rfsn_ros.repair.written import written_bugs

__all__ = ['KnownTask', 'RankedRow', 'RankingData', 'known_repairs', 'make_tasks', 'split',
           'train_bandit', 'warm_start', 'written_tasks']

RankedRow = tuple[list[list[Key]], list[int], float]
_SAMPLE = 500
_LAYOUT = re.compile(r'[\s()<>]')


@dataclass(frozen=True, slots=True)
class KnownTask:
    """A task made from a function, the module without the bug and the kind of bug."""

    task: RepairTask
    original: str
    kind: str


def split(
    functions: Sequence[TestedFunction],
) -> tuple[list[TestedFunction], list[TestedFunction]]:
    """Return the functions to learn from and those kept for judging (every fourth)."""
    learn = [one for index, one in enumerate(functions) if index % 4]
    return learn, [one for index, one in enumerate(functions) if not index % 4]


def make_tasks(functions: Sequence[TestedFunction], each: int, sandbox: Sandbox,
               rng: np.random.Generator, mix: str = 'slips') -> Iterator[KnownTask]:
    """
    Yield up to `each` tasks per function: mutants of a mix that some test notices.

    Of the mutants that fail every test, which are the crudest, half are left out.
    """
    for function in functions:
        files = {'test_it.py': function.tests.encode()}
        sandbox.load(files, ['test_it.py'])
        made = 0
        mutants = inject(Source(function.text), function.own, rng, 2 * each + 2, mix)
        for number, mutant in enumerate(mutants):
            run = sandbox.run(mutant.text, cpu=0.3, wall=60.0)
            if run.failure or run.passed:
                continue
            if not any(one.passed for one in run.outcomes) and rng.random() < 0.5:
                continue
            yield _known(function, files, number, mutant)
            made += 1
            if made == each:
                break


def written_tasks(functions: Sequence[TestedFunction], sandbox: Sandbox) -> Iterator[KnownTask]:
    """Yield the bugs written by hand that some test notices."""
    for function in functions:
        files = {'test_it.py': function.tests.encode()}
        sandbox.load(files, ['test_it.py'])
        for number, text in enumerate(written_bugs(function)):
            run = sandbox.run(text, cpu=0.3, wall=60.0)
            if not run.failure and not run.passed:
                yield _known(function, files, number, Mutant(text, 'written'))


def _known(function: TestedFunction, files: dict[str, bytes], number: int,
           mutant: Mutant) -> KnownTask:
    task = RepairTask(f'{function.name}-{number}', mutant.text, ('test_it.py',), files)
    return KnownTask(task, Source(function.text).text, mutant.kind)


def known_repairs(source: Source, edits: Sequence[Edit], original: str) -> list[int]:
    """Return which edits give back the module without the bug, layout and sides aside."""
    form = same_sides_form(original)
    wanted = _characters(original)
    wanted.subtract(_characters(source.text))
    found = []
    for number, edit in enumerate(edits):
        change = _characters(edit.text)
        change.subtract(_characters(source.slice(edit.start, edit.end)))
        if change == wanted and same_sides_form(source.apply(edit)) == form:
            found.append(number)
    return found


def _characters(text: str) -> Counter[str]:
    """Count the characters that a form with its sides exchanged has too."""
    return Counter(_LAYOUT.sub('', text))


@dataclass(slots=True)
class RankingData:
    """The features of sampled edits of many tasks, and which of them are repairs."""

    rows: list[RankedRow]

    def add(self, known: KnownTask, sandbox: Sandbox, rng: np.random.Generator) -> bool:
        """Add a task; false where no edit is known to repair it, or it cannot be used."""
        try:
            evidence = gather(known.task, sandbox)
        except TaskError:
            return False
        source = known.task.source
        edits = propose(source)
        good = known_repairs(source, edits, known.original)
        if not good:
            return False
        probe_edits(known.task, sandbox, edits, evidence)
        good = [number for number in good if number not in evidence.dead]
        if not good:
            return False
        others = np.array([number for number in range(len(edits))
                           if number not in evidence.dead and number not in good])
        sample = rng.choice(others, min(_SAMPLE, len(others)), replace=False).tolist() \
            if len(others) else []
        rows = list(edit_features(source, edits, [*good, *sample], evidence))
        self.rows.append((rows, list(range(len(good))),
                          float(np.log(max(1.0, len(others) / max(1, len(sample)))))))
        return True

    def fit(self, rng: np.random.Generator, *, rounds: int = 15, rate: float = 0.05,
            l2: float = 0.03, kinds: tuple[str, ...] = ()) -> Ranker:
        """Return a ranking learned from the tasks; from some kinds of features only, if given."""
        ranker = Ranker()
        tasks: list[tuple[Matrix, Sequence[int], float]] = []
        for rows, good, offset in self.rows:
            if kinds:
                rows = [[key for key in row if key[0] in kinds] for row in rows]
            tasks.append((ranker.matrix(rows, grow=True), good, offset))
        fit(ranker, tasks, rounds=rounds, rate=rate, l2=l2, rng=rng)
        return ranker

    def places(self, ranker: Ranker) -> NDArray[np.float64]:
        """
        Return how many edits of each task a ranking puts before the best known repair.

        Those of the sample stand for all; equals count half.
        """
        found = []
        for rows, good, offset in self.rows:
            scores = ranker.scores(ranker.matrix(rows))
            best = scores[good].max()
            others = np.delete(scores, good)
            before = np.sum(others > best) + 0.5 * np.sum(others == best)
            found.append(float(before) * float(np.exp(offset)))
        return np.array(found)


def warm_start(bandit: VWContextualBandit, ranker: Ranker, data: RankingData,
               rng: np.random.Generator, rounds: int = 12) -> int:
    """
    Let the bandit choose on tasks whose repairs are known, without running tests.

    A known repair is worth 1, every other edit 0. `ranker` must not have learned from `data`, or
    its shares are surer than on a new task. Returns how many repairs were chosen.
    """
    found = 0
    for index in rng.permutation(len(data.rows)):
        rows, good, offset = data.rows[index]
        scores = ranker.scores(ranker.matrix(rows)) + offset
        scores[good] -= offset
        odds = np.exp(scores - scores.max())
        words = {key[1] for row in rows[:8] for key in row if key[0] == 'w'}
        left = np.ones(len(rows), dtype=np.bool_)
        order = np.argsort(-scores, kind='stable')
        for attempt in range(rounds):
            listed = order[left[order]][:SHORT_LIST]
            if not len(listed):
                break
            context = context_vector(words, attempts=attempt, candidates=len(rows))
            actions = np.zeros((len(listed), ACTION_DIM))
            actions[:, :3] = share_columns(odds, left, listed)
            action, choice = bandit.select_action(context, actions=actions)
            reward = float(listed[action] in good)
            bandit.update(context, action, reward, probability=choice.probability,
                          actions=actions)
            left[listed[action]] = False
            found += int(reward)
            if reward:
                break
    return found


def train_bandit(policy: BanditPolicy, ranker: Ranker, tasks: Sequence[KnownTask],
                 sandbox: Sandbox, budget: int) -> Iterator[bool | None]:
    """
    Run an episode per task, the bandit learning; yield whether each was repaired.

    None stands for a task that cannot be used.
    """
    for known in tasks:
        try:
            bench = prepare(known.task, sandbox, lambda: ranker)
        except TaskError:
            yield None
            continue
        yield run_episode(bench, sandbox, policy, budget).plausible
