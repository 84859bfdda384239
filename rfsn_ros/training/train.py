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
Learning to navigate, episode after episode, on one core or many.

Episodes are driven in batches. All drives of a batch start from the same model and learn online
while they drive; then the one model that is kept learns all their rewards in the order of the
episodes. The result depends on the batch size but not on the number of processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from rfsn_ros.bandit import (
    BanditConfig,
    Choice,
    DecisionLog,
    new_session,
)
from rfsn_ros.bandit.base import BaseBandit
from rfsn_ros.bandit.from_log import learn_round
from rfsn_ros.errors import InputError
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.identification import Identification
from rfsn_ros.navigation.policies import BanditPolicy
from rfsn_ros.navigation.registry import make_policy
from rfsn_ros.sim import DisturbancesConfig, SimConfig, World
from rfsn_ros.training.fingerprint import checkpoint_fingerprint, fingerprint
from rfsn_ros.training.parallel import Workers
from rfsn_ros.training.results import EpisodeResult, read_results, write_results
from rfsn_ros.training.worker import (
    Drive,
    DriveOutcome,
    Policies,
    run_drive,
    set_up,
    Setting,
)

__all__ = ['Trainer', 'TrainingPlan', 'schedule']


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """
    What to train: everything the result depends on.

    `seed` orders the worlds and gives every episode its noise. `batch` episodes start from one
    model; `learn` false drives without learning (a baseline over the same episodes).

    From episode `shift_after` on the robot is disturbed by `shift`. From episode `freeze_after`
    on nothing is learned any more, neither by the bandit nor about the robot's dynamics.
    """

    navigation: NavigationConfig
    sim: SimConfig
    worlds: tuple[World, ...]
    episodes: int
    seed: int = 1
    batch: int = 1
    policy: str = 'bandit'
    learn: bool = True
    bandit: BanditConfig | None = None
    checkpoint: str | None = None
    save_every: int = 20
    shift: DisturbancesConfig | None = None
    shift_after: int = 0
    freeze_after: int | None = None

    def __post_init__(self) -> None:
        """
        Check the numbers.

        :raises InputError: a number is out of its bound or there is no world.
        """
        for name in ('episodes', 'batch', 'save_every'):
            if getattr(self, name) < 1:
                raise InputError(f'{name} = {getattr(self, name)}: must be >= 1')
        for name in ('seed', 'shift_after', 'freeze_after'):
            if (getattr(self, name) or 0) < 0:
                raise InputError(f'{name} = {getattr(self, name)}: must be >= 0')
        if not self.worlds:
            raise InputError('worlds: at least 1 is needed')

    def fingerprints(self) -> dict[str, Any]:
        """
        Return what an episode's result depends on: numbers and names, digests of the rest.

        :raises CheckpointError: the checkpoint cannot be read.
        """
        parts = {
            field.name: getattr(self, field.name) for field in fields(self)
            if field.name not in ('episodes', 'save_every')}
        parts['checkpoint'] = checkpoint_fingerprint(self.checkpoint)
        return {
            name: part if isinstance(part, (int, str, type(None))) else fingerprint(part)
            for name, part in parts.items()}


def schedule(worlds: int, episodes: int, seed: int) -> list[tuple[int, int]]:
    """
    Return (index of the world, seed of the noise) for every episode.

    Worlds come in shuffled rounds, so that each is seen equally often.
    """
    generator = np.random.default_rng([seed, 0x5eed])
    order: list[int] = []
    while len(order) < episodes:
        order += generator.permutation(worlds).tolist()
    noise = generator.integers(0, 2**31 - 2, size=episodes).tolist()
    return list(zip(order[:episodes], noise, strict=True))


@dataclass(slots=True)
class Trainer:
    """
    A training run in a folder: ``episodes.jsonl``, ``decisions.jsonl``, ``checkpoints/``.

    A run that was killed goes on from its last checkpoint and comes to the same result; its
    decision log then also holds the episodes that were driven twice, under other ids.
    """

    plan: TrainingPlan
    folder: Path
    results: list[EpisodeResult] = field(default_factory=list)
    _bandit: BaseBandit | None = None
    _identification: Identification | None = None
    _settings: dict[str, Any] = field(default_factory=dict)

    @property
    def checkpoint(self) -> Path:
        """File of the model as it is after the episodes driven so far."""
        return self.folder / 'checkpoints' / f'episode-{len(self.results):06d}.rfsn'

    def run(
        self, *, workers: int = 1, resume: bool = False,
        on_result: Callable[[EpisodeResult], None] | None = None,
    ) -> list[EpisodeResult]:
        """
        Drive all episodes; return their results in order.

        :raises InputError: the folder holds a run already and `resume` is false, or the run to be
            resumed is damaged, was begun under other settings or has more episodes.
        """
        plan = self.plan
        self._settings = plan.fingerprints()
        self.folder.mkdir(parents=True, exist_ok=True)
        if plan.policy == 'bandit':
            policy = make_policy(
                'bandit', plan.navigation, seed=plan.seed, bandit=plan.bandit,
                checkpoint=plan.checkpoint)
            assert isinstance(policy, BanditPolicy)
            self._bandit = policy.bandit
        if resume:
            self._restore()
        elif self._begun():
            raise InputError(f'{self.folder} holds a run already: resume it or name another')
        if not self.results:
            # What is driven from here on is of these settings, also where it ends before the
            # first checkpoint.
            self._write_progress()
        for result in self.results:
            if on_result is not None:
                on_result(result)
        setting = Setting(
            plan.navigation, plan.sim,
            None if self._bandit is None else self._bandit.config, plan.worlds, plan.shift)
        jobs = schedule(len(plan.worlds), plan.episodes, plan.seed)
        session = new_session()
        with (
            Workers(min(workers, plan.batch), set_up, (Policies(setting),)) as pool,
            DecisionLog(self.folder / 'decisions.jsonl', flush_every=1000) as log,
        ):
            driven: list[DriveOutcome] = []
            for numbers in self._batches():
                model = None if self._bandit is None else self._bandit.state_bytes()
                drives = [
                    self._drive(number, *jobs[number], session, model) for number in numbers]
                outcomes = pool.map(run_drive, drives)
                # Nobody waits for the log, so it is written while the next batch is driven.
                _write(log, driven)
                driven = []
                for outcome in outcomes:
                    self._learn(outcome)
                    driven.append(outcome)
                    if on_result is not None:
                        on_result(outcome.result)
                if self._due(numbers):
                    _write(log, driven)
                    driven = []
                    log.flush()
                    self._save()
        return self.results

    def close(self) -> None:
        """Free the model."""
        if self._bandit is not None:
            self._bandit.close()

    def _batches(self) -> Iterator[range]:
        """
        Yield the numbers of the episodes of each batch that is still to be driven.

        No batch reaches over a shift or a freeze.
        """
        plan = self.plan
        ends = sorted({plan.shift_after, plan.freeze_after or 0, plan.episodes})
        first = len(self.results)
        while first < plan.episodes:
            end = min(first + plan.batch, *(end for end in ends if end > first))
            yield range(first, end)
            first = end

    def _drive(
        self, number: int, world: int, seed: int, session: str, model: bytes | None,
    ) -> Drive:
        plan = self.plan
        if self._frozen(number):
            self._identification = self._identification or self._new_identification()
            self._identification.config = plan.navigation.identification.replace(enabled=False)
        return Drive(
            number=number, policy=plan.policy, world=world, seed=seed, session=session,
            model=model, identification=self._identification, learn=self._learns(number),
            keep=True, shifted=plan.shift is not None and number >= plan.shift_after)

    def _learns(self, number: int) -> bool:
        return self.plan.learn and not self._frozen(number)

    def _frozen(self, number: int) -> bool:
        return self.plan.freeze_after is not None and number >= self.plan.freeze_after

    def _new_identification(self) -> Identification:
        navigation = self.plan.navigation
        return Identification(
            navigation.identification, navigation.robot, navigation.safety.step)

    def _learn(self, outcome: DriveOutcome) -> None:
        for logged in outcome.rounds:
            if self._bandit is not None and outcome.drive.learn and logged.reward.valid:
                learn_round(self._bandit, logged)
        self._identification = outcome.identification
        self.results.append(outcome.result)

    def _due(self, numbers: Sequence[int]) -> bool:
        last = numbers[-1] + 1
        return last == self.plan.episodes or (
            last // self.plan.save_every > numbers[0] // self.plan.save_every)

    def _begun(self) -> bool:
        """Return whether anything was driven in the folder."""
        files = [self.folder / name for name in ('episodes.jsonl', 'decisions.jsonl')]
        return any(file.exists() and file.stat().st_size for file in files)

    def _save(self) -> None:
        """Write what a resumed run needs."""
        if self._bandit is not None:
            self.checkpoint.parent.mkdir(exist_ok=True)
            self._bandit.save(self.checkpoint)
        self._write_progress()

    def _write_progress(self) -> None:
        """Write the episodes and, last, `progress.json`, which says what of them counts."""
        state = {
            'settings': self._settings,
            'episodes': len(self.results),
            'identification': self._identification.state() if self._identification else None,
        }
        part = self.folder / 'episodes.jsonl.part'
        write_results(part, self.results)
        os.replace(part, self.folder / 'episodes.jsonl')
        part = self.folder / 'progress.json.part'
        part.write_text(json.dumps(state), encoding='utf-8')
        os.replace(part, self.folder / 'progress.json')

    def _restore(self) -> None:
        path = self.folder / 'progress.json'
        if not path.exists():
            return
        try:
            state = json.loads(path.read_text(encoding='utf-8'))
            settings, episodes = dict(state['settings']), int(state['episodes'])
            if state['identification'] is not None:
                self._identification = self._new_identification()
                self._identification.restore(state['identification'])
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f'{path}: not the progress of a run: {error!r}') from None
        self._check_same(settings)
        self.results = read_results(self.folder / 'episodes.jsonl')[:episodes]
        if len(self.results) != episodes:
            raise InputError(
                f'{self.folder}: {len(self.results)} episodes, by progress.json {episodes}')
        if self.plan.episodes < episodes:
            raise InputError(
                f'episodes = {self.plan.episodes}: {self.folder} has driven {episodes} already')
        if self._bandit is not None and episodes:
            self._bandit.load(self.checkpoint)

    def _check_same(self, settings: dict[str, Any]) -> None:
        changed = [
            f'{name} is {settings.get(name)} there and {ours} here'
            for name, ours in self._settings.items() if settings.get(name) != ours]
        if changed:
            raise InputError(f'{self.folder}: begun under other settings: {", ".join(changed)}')


def _write(log: DecisionLog, driven: Sequence[DriveOutcome]) -> None:
    for outcome in driven:
        for logged in outcome.rounds:
            decision, reward = logged.decision, logged.reward
            log.decision(
                decision.id, decision.stamp, decision.context,
                Choice(decision.action, decision.probability, decision.pmf, decision.draw,
                       decision.examples),
                actions=decision.actions, mask=decision.mask, model=decision.model,
                extra=decision.extra)
            log.reward(
                reward.id, reward.stamp, reward.reward, terms=reward.terms, valid=reward.valid)
