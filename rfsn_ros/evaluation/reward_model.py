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
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.errors import ConfigError, InputError, MissingDependencyError
from rfsn_ros.evaluation.logged_data import FloatArray, LoggedData

__all__ = ['BoostedRewardModel', 'Predictions', 'RewardModel', 'RidgeRewardModel', 'cross_fit']

IntArray = NDArray[np.int64]
_PENALTIES = 10.0 ** np.arange(-3.0, 6.0)


class RewardModel(Protocol):
    """What predicts rewards; `fit` may be called again and forgets what was fitted before."""

    def fit(self, data: LoggedData) -> None:
        """Learn from the executed actions."""

    def predict(self, data: LoggedData) -> FloatArray:
        """Return the expected reward of every action, shape (n, K)."""

    def influence(self, data: LoggedData, share: FloatArray) -> FloatArray:
        """
        Return how a unit of reward in each fitted round moves the mean prediction.

        The mean over `data` is of the predictions times `share`, shape (n, K). The result has
        shape (number of rounds fitted,); zeros where the model cannot tell.
        """


class RidgeRewardModel:
    """
    Linear in context, action features and their products; penalty by generalised validation.

    An action without features is described by its column alone, which gives one linear model
    per action.
    """

    def __init__(self) -> None:
        self._scale: _Scale | None = None

    def fit(self, data: LoggedData) -> None:
        """Solve the ridge problem for every penalty by one eigendecomposition; keep the best."""
        self._scale = scale = _Scale.of(data)
        chosen = _chosen_features(data)
        design = scale.design(data.context, chosen)
        self._middle = design.mean(axis=0)
        self._design = design = design - self._middle
        self._mean = float(data.reward.mean())
        target = data.reward - self._mean
        values, self._vectors = np.linalg.eigh(design.T @ design)
        values = np.maximum(values, 0.0)
        along = self._vectors.T @ (design.T @ target)
        energy, count = float(target @ target), len(target)
        best, self._inverse = np.inf, 1.0 / (values + 1.0)
        for penalty in _PENALTIES:
            inverse = 1.0 / (values + penalty)
            residual = energy - float(np.sum(along**2 * inverse * (2.0 - values * inverse)))
            freedom = float(np.sum(values * inverse)) + 1.0
            score = residual / max(count - freedom, 1e-3) ** 2
            if freedom < 0.9 * count and score < best:
                best, self._inverse = score, inverse
        self._weights = self._vectors @ (self._inverse * along)

    def predict(self, data: LoggedData) -> FloatArray:
        """Return the expected reward of every action, shape (n, K)."""
        scale = self._fitted()
        context, features = scale.context(data.context), _all_features(data)
        d, a = context.shape[1], features.shape[2]
        own, per_feature = self._weights[:d], self._weights[d:d + a]
        products = self._weights[d + a:].reshape(d, a)
        constant = self._mean - float(self._middle @ self._weights)
        slopes = per_feature + context @ products
        scaled = scale.features(features)
        return np.asarray(
            constant + (context @ own)[:, None] + np.einsum('nka,na->nk', scaled, slopes))

    def influence(self, data: LoggedData, share: FloatArray) -> FloatArray:
        """Return d(mean of predictions times `share`) / d(reward) for the fitted rounds."""
        scale = self._fitted()
        total = share.sum(axis=1)
        x = scale.context(data.context)
        expected = np.einsum('nka,nk->na', scale.features(_all_features(data)), share)
        towards = np.concatenate((
            (total[:, None] * x).mean(axis=0), expected.mean(axis=0),
            (x.T @ expected / len(x)).ravel(),
        )) - total.mean() * self._middle
        direction = self._vectors @ (self._inverse * (self._vectors.T @ towards))
        return np.asarray(self._design @ direction + total.mean() / len(self._design))

    def _fitted(self) -> _Scale:
        if self._scale is None:
            raise InputError('the reward model has not been fitted')
        return self._scale


class BoostedRewardModel:
    """
    Gradient-boosted trees of scikit-learn (extra `boosting`) over context and action features.

    For rewards that no linear model follows; the interval of the direct method then leaves out
    what the fit itself adds to the uncertainty.
    """

    def __init__(self, *, seed: int = 0, iterations: int = 150) -> None:
        try:
            from sklearn.ensemble import HistGradientBoostingRegressor
        except ImportError as error:
            raise MissingDependencyError(
                "boosted reward models need scikit-learn: pip install 'rfsn_ros[boosting]'",
            ) from error
        self._fitted = 0
        self._trees = HistGradientBoostingRegressor(
            max_iter=iterations, learning_rate=0.06, min_samples_leaf=10, random_state=seed)

    def fit(self, data: LoggedData) -> None:
        """Learn from the executed actions."""
        self._fitted = len(data)
        self._trees.fit(np.hstack((data.context, _chosen_features(data))), data.reward)

    def predict(self, data: LoggedData) -> FloatArray:
        """Return the expected reward of every action, shape (n, K)."""
        features = _all_features(data)
        count, actions, _ = features.shape
        context = np.broadcast_to(data.context[:, None], (count, actions, data.context.shape[1]))
        rows = np.concatenate((context, features), axis=2).reshape(count * actions, -1)
        return np.asarray(self._trees.predict(rows)).reshape(count, actions)

    def influence(self, data: LoggedData, share: FloatArray) -> FloatArray:
        """Return zeros: trees do not tell."""
        return np.zeros(self._fitted)


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Cross-fitted expected rewards `q`, shape (n, K), and what is needed to judge their error."""

    q: FloatArray
    folds: IntArray
    models: tuple[RewardModel, ...]

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
    data: LoggedData, *, model: type[RewardModel] = RidgeRewardModel, folds: int = 5,
    seed: int = 0,
) -> Predictions:
    """
    Predict the rewards of each fold by a model of the others, kept within the reward range.

    With fewer groups than folds, rounds are split into contiguous blocks instead.

    :raises ConfigError: fewer than two folds.
    :raises InputError: fewer rounds than folds.
    """
    if folds < 2:
        raise ConfigError(f'folds = {folds}: must be >= 2')
    if len(data) < folds:
        raise InputError(f'{len(data)} rounds cannot be split into {folds} folds')
    numbers = _fold_numbers(data, folds, np.random.default_rng(seed))
    q = np.zeros(data.available.shape)
    models: list[RewardModel] = []
    for number in range(folds):
        fitted, inside = model(), numbers == number
        fitted.fit(data.select(~inside))
        q[inside] = fitted.predict(data.select(inside))
        models.append(fitted)
    low, high = data.reward_range or (-np.inf, np.inf)
    return Predictions(np.clip(q, low, high), numbers, tuple(models))


def _fold_numbers(data: LoggedData, folds: int, generator: np.random.Generator) -> IntArray:
    if data.groups is None:
        return generator.permutation(np.arange(len(data)) % folds)
    groups = int(data.groups.max()) + 1
    if groups < folds:
        return np.arange(len(data)) * folds // len(data)
    return generator.permutation(np.arange(groups) % folds)[data.groups]


@dataclass(frozen=True, slots=True, eq=False)
class _Scale:
    """Shift and scale that bring context and action features to zero mean and unit spread."""

    context_mean: FloatArray
    context_spread: FloatArray
    feature_mean: FloatArray
    feature_spread: FloatArray

    @classmethod
    def of(cls, data: LoggedData) -> _Scale:
        chosen = _chosen_features(data)
        return cls(data.context.mean(axis=0), _spread(data.context),
                   chosen.mean(axis=0), _spread(chosen))

    def context(self, context: FloatArray) -> FloatArray:
        return np.asarray((context - self.context_mean) / self.context_spread)

    def features(self, features: FloatArray) -> FloatArray:
        return np.asarray((features - self.feature_mean) / self.feature_spread)

    def design(self, context: FloatArray, features: FloatArray) -> FloatArray:
        """Return context, features and all their products, shape (n, d + a + d a)."""
        x, f = self.context(context), self.features(features)
        products = (x[:, :, None] * f[:, None, :]).reshape(len(x), -1)
        return np.hstack((x, f, products))


def _spread(rows: FloatArray) -> FloatArray:
    """Return the standard deviation per column, 1 where a column hardly varies."""
    spread = rows.std(axis=0)
    return np.where(spread > 1e-9, spread, 1.0)


def _all_features(data: LoggedData) -> FloatArray:
    if data.features is not None:
        return data.features
    return np.broadcast_to(np.eye(data.action_count), (len(data), *(data.action_count,) * 2))


def _chosen_features(data: LoggedData) -> FloatArray:
    if data.features is not None:
        return np.asarray(data.features[np.arange(len(data)), data.action])
    return np.asarray(np.eye(data.action_count)[data.action])
