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

"""Importance weighting without a model: plain, clipped and self-normalised."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from rfsn_ros.errors import ConfigError
from rfsn_ros.evaluation.estimators.base import Estimator, least_error, Rounds, Terms
from rfsn_ros.evaluation.logged_data import FloatArray

__all__ = ['IPS', 'SNIPS', 'ClippedIPS', 'OnPolicy']


class OnPolicy(Estimator):
    """``mean(r)``: the value of the logging policy itself."""

    name: ClassVar[str] = 'logged'

    def terms(self, rounds: Rounds) -> Terms:
        """Return the rewards as they are."""
        return Terms.mean(
            rounds.reward, bounds=rounds.reward_range, within=rounds.reward_range)


class IPS(Estimator):
    """``mean(w r)``: unbiased, of large variance (Horvitz and Thompson 1952)."""

    name: ClassVar[str] = 'ips'

    def terms(self, rounds: Rounds) -> Terms:
        """Return the weighted rewards."""
        return _weighted(rounds, rounds.weight, rounds.weight_cap)


class ClippedIPS(Estimator):
    """
    ``mean(min(w, c) r)``: a bias buys smaller variance (Bottou et al. 2013).

    Without a `clip` the data choose it, where variance plus squared bias is least.
    """

    name: ClassVar[str] = 'clipped-ips'

    def __init__(self, clip: float | None = None) -> None:
        if clip is not None and not clip > 0.0:
            raise ConfigError(f'clip = {clip}: must be > 0')
        self.clip = clip

    def terms(self, rounds: Rounds) -> Terms:
        """Return the rewards by clipped weights."""
        clip = self._choose(rounds) if self.clip is None else self.clip
        return _weighted(rounds, np.minimum(rounds.weight, clip), min(clip, rounds.weight_cap))

    def _choose(self, rounds: Rounds) -> float:
        clips = np.unique(np.append(
            np.quantile(rounds.weight, (0.9, 0.95, 0.99, 0.995)), rounds.weight_cap))
        clips = clips[clips > 0.0]
        if len(clips) == 0:
            return 1.0
        weights = np.minimum(rounds.weight, clips[:, None])
        return float(clips[least_error(rounds, clips, weights, rounds.reward)])


class SNIPS(Estimator):
    """
    ``sum(w r) / sum(w)``: slightly biased, never leaves the rewards' range (Swaminathan 2015).

    Not defined where no logged action could be the candidate's.
    """

    name: ClassVar[str] = 'snips'

    def terms(self, rounds: Rounds) -> Terms:
        """Return weighted rewards over weights."""
        return Terms((rounds.weight * rounds.reward)[:, None], rounds.weight[:, None])


def _weighted(rounds: Rounds, weight: FloatArray, cap: float) -> Terms:
    low, high = rounds.reward_range
    bounds = (min(0.0, cap * low), max(0.0, cap * high))
    return Terms.mean(weight * rounds.reward, bounds=bounds, within=rounds.reward_range)
