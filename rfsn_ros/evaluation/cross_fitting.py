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
Cross-fitted reward model: what each action would have earned, never from the same round.

Rounds are split into folds (whole groups stay together); the rewards of a fold are predicted by a
model fitted to the others, so that a model's mistakes are independent of the rounds it judges
(Chernozhukov et al. 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.errors import ConfigError, InputError, MissingDependencyError
from rfsn_ros.evaluation.logged_data import FloatArray, LoggedData
from rfsn_ros.evaluation.percent import percent
from rfsn_ros.evaluation.reward_models import REWARD_MODELS, RewardModel

__all__ = ['BEST', 'Predictions', 'cross_fit']

IntArray = NDArray[np.int64]
BEST = 'best'
"""The reward model that foretells best what it has not seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Cross-fitted expected rewards `q`, shape (n, K), and what is needed to judge their error."""

    q: FloatArray
    folds: IntArray
    models: tuple[RewardModel, ...]
    model: str
    """Name of the reward model."""
    explained: float
    """Share of the variance of rewards that it foretells; below 0 where their mean is better."""

    @property
    def sentence(self) -> str:
        """Return which model it is and how well it foretells, for people."""
        return (f'reward model: {self.model} (foretells {percent(self.explained, 0)}% of the '
                'variance of unseen rewards)')

    def model_error(self, data: LoggedData, share: FloatArray) -> FloatArray:
        """
        Return each round's part, shape (n,), in the error of the mean of `q` times `share`.

        By influence function: sensitivity of the mean to the round times its residual.
        """
        residual = data.reward - self.q[np.arange(len(data)), data.action]
        error = np.zeros(len(data))
        for number, model in enumerate(self.models):
            inside = self.folds == number
            influence = model.influence(data.select(inside), share[inside])
            error[~inside] += inside.sum() * influence * residual[~inside]
        return error


def cross_fit(
    data: LoggedData, *, model: str = BEST, folds: int = 5, seed: int = 0,
) -> Predictions:
    """
    Predict the rewards of each fold by a model of the others, kept within the reward range.

    With fewer groups than folds, rounds are split into contiguous blocks instead. `model` is one
    of `REWARD_MODELS`, or the best of those that are installed: the one with the smallest
    squared error on rounds it was not fitted to.

    :raises ConfigError: fewer than two folds, or an unknown model.
    :raises InputError: fewer rounds than folds.
    :raises MissingDependencyError: the model asked for is not installed.
    """
    if folds < 2:
        raise ConfigError(f'folds = {folds}: must be >= 2')
    if len(data) < folds:
        raise InputError(f'{len(data)} rounds cannot be split into {folds} folds')
    if model != BEST and model not in REWARD_MODELS:
        raise ConfigError(
            f'model = {model!r}: must be one of {", ".join((BEST, *REWARD_MODELS))}')
    numbers = _fold_numbers(data, folds, np.random.default_rng(seed))
    found: list[Predictions] = []
    for name in REWARD_MODELS if model == BEST else (model,):
        try:
            found.append(_predicted(data, name, numbers, folds))
        except MissingDependencyError:
            if model != BEST:
                raise
    return max(found, key=lambda predictions: predictions.explained)


def _predicted(data: LoggedData, name: str, numbers: IntArray, folds: int) -> Predictions:
    q = np.zeros(data.available.shape)
    models: list[RewardModel] = []
    for number in range(folds):
        fitted, inside = REWARD_MODELS[name](), numbers == number
        fitted.fit(data.select(~inside))
        q[inside] = fitted.predict(data.select(inside))
        models.append(fitted)
    q = np.clip(q, *(data.reward_range or (-np.inf, np.inf)))
    residual = data.reward - q[np.arange(len(data)), data.action]
    spread = float(data.reward.var())
    explained = 1.0 - float(np.mean(residual**2)) / spread if spread > 0.0 else 0.0
    return Predictions(q, numbers, tuple(models), name, explained)


def _fold_numbers(data: LoggedData, folds: int, generator: np.random.Generator) -> IntArray:
    if data.groups is None:
        return generator.permutation(np.arange(len(data)) % folds)
    groups = int(data.groups.max()) + 1
    if groups < folds:
        return np.arange(len(data)) * folds // len(data)
    return generator.permutation(np.arange(groups) % folds)[data.groups]
