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

"""Ridge regression: fast, and right where rewards are linear in what describes the actions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from rfsn_ros.errors import InputError
from rfsn_ros.evaluation.logged_data import FloatArray, LoggedData
from rfsn_ros.evaluation.reward_models.base import all_features, chosen_features

__all__ = ['RidgeRewardModel']

_PENALTIES = 10.0 ** np.arange(-3.0, 6.0)


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
        chosen = chosen_features(data)
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
        context, features = scale.context(data.context), all_features(data)
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
        expected = np.einsum('nka,nk->na', scale.features(all_features(data)), share)
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


@dataclass(frozen=True, slots=True, eq=False)
class _Scale:
    """Shift and scale that bring context and action features to zero mean and unit spread."""

    context_mean: FloatArray
    context_spread: FloatArray
    feature_mean: FloatArray
    feature_spread: FloatArray

    @classmethod
    def of(cls, data: LoggedData) -> _Scale:
        chosen = chosen_features(data)
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
