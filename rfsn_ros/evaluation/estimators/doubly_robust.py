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

"""Doubly robust estimators: the model, corrected by weighted residuals."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from rfsn_ros.evaluation.estimators.base import Estimator, Rounds, Terms
from rfsn_ros.evaluation.logged_data import FloatArray

__all__ = ['SNDR', 'DoublyRobust', 'corrected']


class DoublyRobust(Estimator):
    """``mean(q(pi) + w (r - q))``: unbiased if weights or model are right (Dudik et al. 2011)."""

    name: ClassVar[str] = 'dr'
    uses_model: ClassVar[bool] = True

    def terms(self, rounds: Rounds) -> Terms:
        """Return the corrected predictions."""
        return corrected(rounds, rounds.weight, rounds.weight_cap)


class SNDR(Estimator):
    """
    ``mean(q(pi)) + sum(w (r - q)) / sum(w)``: self-normalised (Thomas and Brunskill 2016).

    Not defined where no logged action could be the candidate's.
    """

    name: ClassVar[str] = 'sndr'
    uses_model: ClassVar[bool] = True

    def terms(self, rounds: Rounds) -> Terms:
        """Return predictions over rounds, weighted residuals over weights."""
        residual = rounds.weight * (rounds.reward - rounds.q_action)
        mean = float(rounds.weight.mean())
        error = rounds.model_error(rounds.weight / mean) if mean > 0.0 else 0.0
        return Terms(np.column_stack((rounds.q_policy + error, residual)),
                     np.column_stack((np.ones(len(rounds)), rounds.weight)))


def corrected(rounds: Rounds, weight: FloatArray, cap: float) -> Terms:
    """Return the terms of predictions corrected by residuals times `weight` (at most `cap`)."""
    low, high = rounds.reward_range
    reach = cap * (high - low)
    values = rounds.q_policy + weight * (rounds.reward - rounds.q_action)
    return Terms.mean(values, bounds=(low - reach, high + reach), within=(low, high),
                      error=rounds.model_error(weight))
