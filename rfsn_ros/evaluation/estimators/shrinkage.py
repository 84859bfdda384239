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

"""DRos: doubly robust with weights shrunk smoothly."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from rfsn_ros.errors import ConfigError
from rfsn_ros.evaluation.estimators.base import Estimator, least_error, Rounds, Terms
from rfsn_ros.evaluation.estimators.doubly_robust import corrected
from rfsn_ros.evaluation.logged_data import FloatArray

__all__ = ['DRos']

_STRENGTHS = np.concatenate((10.0 ** np.arange(0.0, 5.0, 0.5), [np.inf]))


class DRos(Estimator):
    """
    Doubly robust with ``l w / (w^2 + l)`` for w: l = 0 is the model, l = inf is DR.

    Optimistic shrinkage (Su, Dimakopoulou, Krishnamurthy and Dudik 2020). Without a `strength`
    the data choose it, where variance plus squared bias is least.
    """

    name: ClassVar[str] = 'dros'
    uses_model: ClassVar[bool] = True

    def __init__(self, strength: float | None = None) -> None:
        if strength is not None and not strength >= 0.0:
            raise ConfigError(f'strength = {strength}: must be >= 0')
        self.strength = strength

    def terms(self, rounds: Rounds) -> Terms:
        """Return predictions, corrected by residuals times shrunk weights."""
        strength = self._choose(rounds) if self.strength is None else self.strength
        cap = min(0.5 * np.sqrt(strength), rounds.weight_cap)
        return corrected(rounds, _shrink(rounds.weight, strength), float(cap))

    def _choose(self, rounds: Rounds) -> float:
        weights = np.array([_shrink(rounds.weight, strength) for strength in _STRENGTHS])
        residual = rounds.reward - rounds.q_action
        return float(_STRENGTHS[least_error(rounds, _STRENGTHS, weights, residual)])


def _shrink(weight: FloatArray, strength: float) -> FloatArray:
    if np.isinf(strength):
        return weight
    if strength == 0.0:
        return np.zeros_like(weight)
    return strength * weight / (weight**2 + strength)
