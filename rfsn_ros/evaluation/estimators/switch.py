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

"""Switch-DR: correct the model only where the weights are small."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from rfsn_ros.errors import ConfigError
from rfsn_ros.evaluation.estimators.base import Estimator, least_error, Rounds, Terms
from rfsn_ros.evaluation.estimators.doubly_robust import corrected

__all__ = ['SwitchDR']


class SwitchDR(Estimator):
    """
    ``mean(q(pi) + w 1[w <= t] (r - q))``: beyond t the model is believed (Wang et al. 2017).

    Without a `threshold` the data choose it, where variance plus squared bias is least.
    """

    name: ClassVar[str] = 'switch-dr'
    uses_model: ClassVar[bool] = True

    def __init__(self, threshold: float | None = None) -> None:
        if threshold is not None and not threshold >= 0.0:
            raise ConfigError(f'threshold = {threshold}: must be >= 0')
        self.threshold = threshold

    def terms(self, rounds: Rounds) -> Terms:
        """Return predictions, corrected where the weight is at most the threshold."""
        threshold = self._choose(rounds) if self.threshold is None else self.threshold
        weight = np.where(rounds.weight <= threshold, rounds.weight, 0.0)
        return corrected(rounds, weight, min(threshold, rounds.weight_cap))

    def _choose(self, rounds: Rounds) -> float:
        thresholds = np.unique(np.append(
            np.quantile(rounds.weight, (0.5, 0.8, 0.9, 0.95, 0.99)), rounds.weight_cap))
        weights = np.where(rounds.weight <= thresholds[:, None], rounds.weight, 0.0)
        residual = rounds.reward - rounds.q_action
        return float(thresholds[least_error(rounds, thresholds, weights, residual)])
