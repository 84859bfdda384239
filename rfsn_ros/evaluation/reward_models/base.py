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

"""What every reward model does, and how it is shown the actions."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from rfsn_ros.evaluation.logged_data import FloatArray, LoggedData

__all__ = ['RewardModel', 'all_features', 'chosen_features']


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
        shape (number of rounds fitted,).
        """


def all_features(data: LoggedData) -> FloatArray:
    """Return what describes each action, shape (n, K, a); its number alone where nothing does."""
    if data.features is not None:
        return data.features
    return np.broadcast_to(np.eye(data.action_count), (len(data), *(data.action_count,) * 2))


def chosen_features(data: LoggedData) -> FloatArray:
    """Return what describes the executed actions, shape (n, a)."""
    if data.features is not None:
        return np.asarray(data.features[np.arange(len(data)), data.action])
    return np.asarray(np.eye(data.action_count)[data.action])
