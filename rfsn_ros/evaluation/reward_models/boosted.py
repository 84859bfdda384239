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

"""Boosted trees: follow thresholds, such as the clearance at which a touch is near."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.errors import InputError, MissingDependencyError
from rfsn_ros.evaluation.logged_data import FloatArray, LoggedData
from rfsn_ros.evaluation.reward_models.base import all_features, chosen_features

__all__ = ['BoostedRewardModel']

_RATE = 0.06  # what is taken of each tree
_BLOCK = 500  # rounds looked at together, which bounds the memory that their actions take


class BoostedRewardModel:
    """
    Gradient-boosted trees of scikit-learn (extra `replay`) over context and action features.

    Each tree predicts what the sum of those before it left over (Friedman 2001).

    :raises MissingDependencyError: scikit-learn is not installed.
    """

    def __init__(self) -> None:
        try:
            from sklearn.ensemble import GradientBoostingRegressor
        except ImportError as error:
            raise MissingDependencyError(
                "boosted reward models need scikit-learn: pip install 'rfsn_ros[replay]'",
            ) from error
        self._leaves: NDArray[np.int64] | None = None
        self._trees = GradientBoostingRegressor(
            n_estimators=150, max_depth=5, learning_rate=_RATE, min_samples_leaf=10,
            max_features=0.3, random_state=0)

    def fit(self, data: LoggedData) -> None:
        """Grow the trees one after the other."""
        rows = np.hstack((data.context, chosen_features(data)))
        self._trees.fit(rows, data.reward)
        self._leaves = self._reached(rows)

    def predict(self, data: LoggedData) -> FloatArray:
        """Return the expected reward of every action, shape (n, K)."""
        return np.concatenate([
            self._trees.predict(rows).reshape(-1, data.action_count)
            for _, rows in _blocks(data)])

    def influence(self, data: LoggedData, share: FloatArray) -> FloatArray:
        """
        Return d(mean of predictions times `share`) / d(reward) for the fitted rounds.

        The trees are taken as they are. A leaf predicts the mean of what is left over in it, so
        with given leaves predictions are linear in the rewards; the derivative goes back through
        the trees from the last to the first.
        """
        if self._leaves is None:
            raise InputError('the reward model has not been fitted')
        count, trees = self._leaves.shape
        nodes = int(self._leaves.max()) + 1
        reached = np.zeros((trees, nodes))
        for block, rows in _blocks(data):
            weight = share[block].ravel() / len(data)
            for tree, leaf in enumerate(self._reached(rows[weight != 0.0]).T):
                reached[tree] += np.bincount(leaf, weight[weight != 0.0], nodes)
        towards = np.zeros(count)
        for tree in range(trees - 1, -1, -1):
            leaf = self._leaves[:, tree]
            size = np.maximum(np.bincount(leaf, minlength=nodes), 1)
            left = np.bincount(leaf, towards, nodes)
            towards += _RATE * ((reached[tree] - left) / size)[leaf]
        # the first prediction of all is the mean reward
        return np.asarray(towards - towards.mean() + share.sum() / len(data) / count)

    def _reached(self, rows: FloatArray) -> NDArray[np.int64]:
        """Return the leaf of each row in each tree, shape (rows, trees)."""
        if not len(rows):
            return np.zeros((0, self._trees.n_estimators), dtype=np.int64)
        return np.asarray(self._trees.apply(rows), dtype=np.int64)


def _blocks(data: LoggedData) -> Iterator[tuple[slice, FloatArray]]:
    """Yield some rounds and what describes them with each of their actions, one row per pair."""
    features = all_features(data)
    for first in range(0, len(data), _BLOCK):
        block = slice(first, first + _BLOCK)
        chosen = features[block]
        context = np.broadcast_to(
            data.context[block][:, None], (*chosen.shape[:2], data.context.shape[1]))
        rows = np.concatenate((context, chosen), axis=2)
        yield block, rows.reshape(-1, rows.shape[2])
