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

"""The training loop of a bandit: metrics, evaluation, early stop, checkpoints, exact resume."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
import dataclasses
from dataclasses import dataclass
import math
from pathlib import Path
from typing import Any, TYPE_CHECKING

from rfsn_ros.bandit.base import BaseBandit
from rfsn_ros.bandit.checkpoints import CheckpointStore
from rfsn_ros.bandit.container import pack, unpack
from rfsn_ros.bandit.decision_log import LoggedRound
from rfsn_ros.bandit.environment import Environment, Interaction
from rfsn_ros.bandit.from_log import learn_round
from rfsn_ros.bandit.history import HistoryRow, OUTPUTS
from rfsn_ros.errors import CheckpointError, ConfigError, InputError
from rfsn_ros.schema import param, Settings

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ['OptimizerConfig', 'TrainingResult', 'VWBanditOptimizer']

_BACKEND = 'optimizer'
_PROGRESS_STEP = 100


@dataclass(frozen=True, kw_only=True)
class OptimizerConfig(Settings):
    """Settings of `VWBanditOptimizer`."""

    rounds: int = param(5000, 'Rounds to train', ge=1)
    window: int = param(500, 'Rounds of the moving mean of the reward', ge=1, le=1_000_000)
    record_every: int = param(100, 'Rounds between rows of the history', ge=1)
    evaluate_every: int = param(0, 'Rounds between evaluations; 0 makes none', ge=0)
    patience: int = param(
        0, 'Evaluations without a better one after which training stops; 0: it never does', ge=0)
    checkpoint_every: int = param(1000, 'Rounds between checkpoints', ge=1)
    keep_checkpoints: int = param(3, 'How many checkpoints to keep', ge=1, le=10_000)
    folder: str = param('', 'Where checkpoints, history and plot go; empty: nothing is written')
    outputs: tuple[str, ...] = param(
        ('csv', 'plot'), 'What is made of the history', choices=tuple(OUTPUTS))
    progress: bool = param(True, 'Show a progress bar')

    def __post_init__(self) -> None:
        """Check what concerns more than one field."""
        super().__post_init__()
        if self.patience and not self.evaluate_every:
            raise ConfigError(f'patience = {self.patience}: needs evaluate_every > 0')


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """How training ended: `stopped_early` where evaluation no longer improved."""

    rounds: int
    history: tuple[HistoryRow, ...]
    stopped_early: bool


@dataclass(slots=True)
class _Progress:
    """All that the loop carries from round to round, besides the bandit."""

    rounds: int = 0
    weight: float = 0.0
    reward: float = 0.0
    regret: float | None = None
    evaluation: float | None = None
    best_evaluation: float | None = None
    evaluations_since_best: int = 0
    stopped: bool = False
    window: deque[tuple[float, float]] = dataclasses.field(default_factory=deque)
    history: list[HistoryRow] = dataclasses.field(default_factory=list)


class VWBanditOptimizer:
    """
    Trains a bandit on an environment or on logged data.

    On an `Interaction` the bandit chooses and learns its reward; a `LoggedRound` it learns with
    the logged propensity. `evaluation`, called with the bandit, returns a figure to be made large.
    With a folder, a run that was killed goes on from its newest checkpoint as if nothing had
    happened, provided the environment gives the same rounds.

    >>> import numpy as np
    >>> from rfsn_ros.bandit import VWConfig, VWContextualBandit
    >>> from rfsn_ros.bandit.environment import SupervisedEnvironment
    >>> environment = SupervisedEnvironment(np.eye(2), np.array([1, 0]))
    >>> bandit = VWContextualBandit(VWConfig(n_actions=2, context_dim=2))
    >>> settings = OptimizerConfig(rounds=300, window=100, progress=False)
    >>> result = VWBanditOptimizer(bandit, environment, settings).run()
    >>> result.history[-1].window_reward > 0.9
    True
    """

    def __init__(
        self, bandit: BaseBandit, environment: Environment,
        config: OptimizerConfig | None = None, *,
        evaluation: Callable[[BaseBandit], float] | None = None,
    ) -> None:
        self.bandit = bandit
        self.config = config or OptimizerConfig()
        if self.config.evaluate_every and evaluation is None:
            raise ConfigError(
                f'evaluate_every = {self.config.evaluate_every}: no evaluation was given')
        self._environment = environment
        self._evaluation = evaluation
        self._progress = _Progress()
        folder = self.config.folder
        self._store = CheckpointStore(
            Path(folder, 'checkpoints'), keep=self.config.keep_checkpoints) if folder else None

    @property
    def example_count(self) -> int:
        """How many rewards the bandit has learned."""
        return self.bandit.example_count

    def run(self, *, resume: bool = True) -> TrainingResult:
        """
        Train to the configured number of rounds; with `resume`, from the newest checkpoint.

        :raises CheckpointError: the newest checkpoint belongs to other settings.
        :raises InputError: an evaluation is not finite; what was saved before stays.
        """
        if resume and self._store is not None and self._store.entries():
            self._store.load(self)
        with self._bar() as bar:
            task = bar.add_task('training', total=self.config.rounds,
                                completed=self._progress.rounds)
            self._train(lambda: bar.update(
                task, completed=self._progress.rounds, description=self._describe()))
        self._write()
        return TrainingResult(self._progress.rounds, tuple(self._progress.history),
                              self._progress.stopped)

    def state_bytes(self) -> bytes:
        """Return the bandit's state with that of the training around it."""
        state = dataclasses.asdict(self._progress)
        state['window'] = list(state['window'])
        return pack({
            'backend': _BACKEND, 'example_count': self.bandit.example_count,
            'window': self.config.window, 'record_every': self.config.record_every,
            'evaluate_every': self.config.evaluate_every, 'progress': state,
        }, self.bandit.state_bytes())

    def load_bytes(self, data: bytes) -> Mapping[str, Any]:
        """
        Replace bandit and training state by saved ones.

        :raises CheckpointError: damaged, foreign or made under other settings; nothing changes.
        """
        manifest, payload = unpack(data)
        if manifest.get('backend') != _BACKEND:
            raise CheckpointError('not a checkpoint of a training')
        for name in ('window', 'record_every', 'evaluate_every'):
            if manifest.get(name) != getattr(self.config, name):
                raise CheckpointError(
                    f'made under other settings: {name} is {manifest.get(name)!r} there and '
                    f'{getattr(self.config, name)!r} here')
        try:
            state = dict(manifest['progress'])
            state['window'] = deque((float(w), float(r)) for w, r in state['window'])
            state['history'] = [HistoryRow(**row) for row in state['history']]
            progress = _Progress(**state)
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f'the manifest lacks something: {error!r}') from None
        self.bandit.load_bytes(payload)
        self._progress = progress
        return manifest

    def _train(self, report: Callable[[], None]) -> None:
        progress, config = self._progress, self.config
        if progress.stopped or progress.rounds >= config.rounds:
            return
        for entry in self._environment.rounds(progress.rounds):
            self._account(*self._play(entry))
            progress.rounds += 1
            number = progress.rounds
            if config.evaluate_every and number % config.evaluate_every == 0:
                self._evaluate()
            last = number >= config.rounds or progress.stopped
            if number % config.record_every == 0 or last:
                self._record()
            if number % config.checkpoint_every == 0 or last:
                self._checkpoint()
            if number % _PROGRESS_STEP == 0 or last:
                report()
            if last:
                return
        if not progress.history or progress.history[-1].round != progress.rounds:
            self._record()
        self._checkpoint()
        report()

    def _play(self, entry: Interaction | LoggedRound) -> tuple[float, float, float | None]:
        """Play a round; return weight and reward of its sample and the regret, if known."""
        bandit = self.bandit
        if isinstance(entry, LoggedRound):
            decision = entry.decision
            pmf = bandit.predict(decision.context, actions=decision.actions, mask=decision.mask)
            learn_round(bandit, entry)
            weight = float(pmf[decision.action]) / decision.probability
            return weight, weight * entry.reward.reward, None
        action, choice = bandit.select_action(
            entry.context, actions=entry.actions, mask=entry.mask)
        reward = entry.reward(action)
        bandit.update(entry.context, action, reward, probability=choice.probability,
                      actions=entry.actions, mask=entry.mask)
        return 1.0, reward, None if entry.best is None else entry.best - reward

    def _account(self, weight: float, reward: float, regret: float | None) -> None:
        progress = self._progress
        progress.weight += weight
        progress.reward += reward
        if regret is not None:
            progress.regret = (progress.regret or 0.0) + regret
        progress.window.append((weight, reward))
        if len(progress.window) > self.config.window:
            progress.window.popleft()

    def _evaluate(self) -> None:
        assert self._evaluation is not None
        progress = self._progress
        value = float(self._evaluation(self.bandit))
        if not math.isfinite(value):
            raise InputError(
                f'evaluation = {value} after {progress.rounds} rounds: must be finite')
        progress.evaluation = value
        if progress.best_evaluation is None or value > progress.best_evaluation:
            progress.best_evaluation = value
            progress.evaluations_since_best = 0
        else:
            progress.evaluations_since_best += 1
        patience = self.config.patience
        progress.stopped = 0 < patience <= progress.evaluations_since_best

    def _record(self) -> None:
        progress = self._progress
        weight = sum(w for w, _ in progress.window)
        progress.history.append(HistoryRow(
            round=progress.rounds,
            mean_reward=progress.reward / progress.weight if progress.weight else 0.0,
            window_reward=sum(r for _, r in progress.window) / weight if weight else 0.0,
            regret=progress.regret, evaluation=progress.evaluation))

    def _checkpoint(self) -> None:
        if self._store is not None:
            self._store.save(self)

    def _write(self) -> None:
        if self.config.folder:
            for name in self.config.outputs:
                write, file = OUTPUTS[name]
                write(self._progress.history, Path(self.config.folder, file))

    def _bar(self) -> Progress:
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )
        return Progress(
            TextColumn('{task.description}'), BarColumn(), MofNCompleteColumn(),
            TimeRemainingColumn(), disable=not self.config.progress)

    def _describe(self) -> str:
        rows = self._progress.history
        return f'reward {rows[-1].window_reward:.3f}' if rows else 'training'
