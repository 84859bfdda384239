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
How well the learners choose: classification sets replayed as bandit problems.

Protocol. In each of `rounds` rounds the learner sees the context of one sample, draws a class
from its pmf and is told whether it was right (reward 1 or 0), nothing else. The figure is the
mean reward over all rounds, from the first on; the mean over sets and seeds is the score. A seed
decides the content of the synthetic sets, the order of the rounds and every draw. Settings were
chosen with `SELECTION_SEEDS`; what is reported comes from `REPORTING_SEEDS`.

The supervised ceiling plays the same rounds but is told the right class afterwards, whatever it
chose: one ridge regression per class, updated exactly in every round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from rfsn_ros.bandit import LinearBandit, LinearConfig, VWConfig, VWContextualBandit
from rfsn_ros.bandit.contract import ContextualBandit, FloatArray
from rfsn_ros.bench.datasets import DATASETS, load_stream, Stream
from rfsn_ros.bench.rivals import AdaGradBandit

__all__ = [
    'CEILING',
    'LEARNERS',
    'REPORTING_SEEDS',
    'SELECTION_SEEDS',
    'Curve',
    'Learner',
    'measure_quality',
    'rounds_to',
    'score',
]

REPORTING_SEEDS = (0, 1, 2, 3, 4)
SELECTION_SEEDS = (100, 101, 102, 103)
CEILING = 'supervised ceiling'

_WINDOW = 250

Player = Callable[[FloatArray, int], float]


@dataclass(frozen=True, slots=True)
class Curve:
    """Rewards of one learner on one set with one seed, shape (rounds,)."""

    learner: str
    dataset: str
    seed: int
    rewards: FloatArray


@dataclass(frozen=True, slots=True)
class Learner:
    """A named way to play a stream: `make(stream, seed)` returns (context, label) -> reward."""

    name: str
    make: Callable[[Stream, int], Player]


def measure_quality(
    learners: Iterable[Learner], *, rounds: int = 5000, seeds: Iterable[int] = REPORTING_SEEDS,
    datasets: Iterable[str] = tuple(DATASETS), moved: bool = False,
    report: Callable[[str], None] = lambda _: None,
) -> list[Curve]:
    """
    Play every learner on every set with every seed; `report` is told what is being played.

    With `moved` the features have random scales and means (see `Stream.moved`).
    """
    chosen = list(learners)
    curves = []
    for dataset in datasets:
        for seed in seeds:
            stream = load_stream(dataset, rounds, seed)
            stream = stream.moved(seed) if moved else stream
            for learner in chosen:
                report(f'{dataset}, seed {seed}: {learner.name}')
                play = learner.make(stream, seed)
                rewards = np.fromiter(
                    (play(context, label) for context, label in
                     zip(stream.contexts, stream.labels.tolist(), strict=True)),
                    dtype=np.float64, count=rounds)
                curves.append(Curve(learner.name, dataset, seed, rewards))
    return curves


def score(curves: Iterable[Curve], learner: str, dataset: str | None = None) -> float:
    """Return the mean reward of a learner, over one set or all."""
    return float(np.mean([curve.rewards.mean() for curve in curves
                          if curve.learner == learner and dataset in (None, curve.dataset)]))


def rounds_to(curves: Iterable[Curve], learner: str, dataset: str, share: float) -> int | None:
    """
    Return after how many rounds a learner earns a share of the ceiling's final reward.

    Both are means over seeds and over windows of 250 rounds; None where it never does.
    """
    known = list(curves)
    rewards = _mean_rewards(known, learner, dataset)
    window = min(_WINDOW, len(rewards))
    ceiling = _mean_rewards(known, CEILING, dataset)[-window:].mean()
    windows = np.convolve(rewards, np.full(window, 1.0 / window), mode='valid')
    reached = np.flatnonzero(windows >= share * ceiling)
    return int(reached[0]) + window if len(reached) else None


def _mean_rewards(curves: Iterable[Curve], learner: str, dataset: str) -> FloatArray:
    mean: FloatArray = np.mean(
        [curve.rewards for curve in curves
         if curve.learner == learner and curve.dataset == dataset], axis=0)
    return mean


def _bandit(make: Callable[[dict[str, int]], ContextualBandit]) -> Callable[
        [Stream, int], Player]:
    def start(stream: Stream, seed: int) -> Player:
        bandit = make({'n_actions': stream.n_classes, 'seed': seed,
                       'context_dim': stream.contexts.shape[1]})

        def play(context: FloatArray, label: int) -> float:
            action, choice = bandit.select_action(context)
            reward = float(action == label)
            bandit.update(context, action, reward, probability=choice.probability)
            return reward

        return play
    return start


def _vw(name: str, **changes: object) -> Learner:
    return Learner(name, _bandit(
        lambda shape: VWContextualBandit(VWConfig.from_dict({**shape, **changes}))))


def _linear(name: str, **changes: object) -> Learner:
    return Learner(name, _bandit(
        lambda shape: LinearBandit(LinearConfig.from_dict({**shape, **changes}))))


def _preset(name: str, preset: Callable[..., VWConfig]) -> Learner:
    return Learner(name, _bandit(
        lambda shape: VWContextualBandit(preset(save_frequency=0, **shape))))


def _adagrad(stream: Stream, seed: int) -> Player:
    rival = AdaGradBandit(stream.n_classes, stream.contexts.shape[1], seed=seed)

    def play(context: FloatArray, label: int) -> float:
        action = rival.choose(context)
        reward = float(action == label)
        rival.update(context, action, reward)
        return reward

    return play


def _supervised(stream: Stream, _: int) -> Player:
    width = stream.contexts.shape[1] + 1
    inverse = np.eye(width)
    moments = np.zeros((width, stream.n_classes))

    def play(context: FloatArray, label: int) -> float:
        row = np.append(context, 1.0)
        gain = inverse @ row
        reward = float(int(np.argmax(gain @ moments)) == label)
        inverse[:] -= np.multiply.outer(gain, gain / (1.0 + row @ gain))
        moments[:, label] += row
        return reward

    return play


def _uniform(stream: Stream, seed: int) -> Player:
    generator = np.random.default_rng(seed)
    return lambda _, label: float(int(generator.integers(stream.n_classes)) == label)


# Every learner of the table, by what it shows.
LEARNERS: tuple[Learner, ...] = (
    Learner(CEILING, _supervised),
    _linear('LinUCB (default, alpha .1)'),
    _linear('LinUCB, alpha .25', alpha=0.25),
    _linear('LinTS', policy='ts'),
    _vw('VW tuned (default): squarecb'),
    _vw('VW softmax', exploration='softmax'),
    _preset('VW standardised: softmax', VWConfig.standardised),
    _vw('VW epsilon_greedy .05', exploration='epsilon_greedy'),
    _vw('VW regcb', exploration='regcb', mellowness=0.01),
    _vw('VW bag', exploration='bag'),
    _vw('VW cover', exploration='cover'),
    _vw('VW rnd', exploration='rnd'),
    _vw('VW, its usual start', exploration='epsilon_greedy', learning_rate=0.5,
        context_linear=True),
    _preset('preset development', VWConfig.development),
    _preset('preset staging', VWConfig.staging),
    _preset('preset production', VWConfig.production),
    Learner('epsilon-greedy AdaGrad, NumPy', _adagrad),
    Learner('uniform', _uniform),
)
