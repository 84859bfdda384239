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

"""The direct method: believe the reward model."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from rfsn_ros.evaluation.estimators.base import Estimator, Rounds, Terms
from rfsn_ros.evaluation.estimators.doubly_robust import SNDR
from rfsn_ros.evaluation.intervals import Interval

__all__ = ['DirectMethod']


class DirectMethod(Estimator):
    """
    ``mean(sum_a pi(a) q(a))``: small variance, as biased as the model is wrong.

    Candidates share the model and its mistakes, which makes this the estimator to order many of
    them by. A model does not know what it gets wrong (Beygelzimer and Langford 2009), but its
    weighted residuals show it: the interval is that of the corrected value (`SNDR`), stretched
    where it does not reach the value itself, so it covers at least as often as that one.
    """

    name: ClassVar[str] = 'dm'
    uses_model: ClassVar[bool] = True

    def terms(self, rounds: Rounds) -> Terms:
        """Return the predicted rewards, not corrected at all."""
        return Terms(rounds.q_policy[:, None], np.ones((len(rounds), 1)))

    def interval(
        self, rounds: Rounds, *, less: tuple[Estimator, Rounds] | None = None,
        level: float = 0.95, resamples: int = 1000, seed: int = 0,
    ) -> Interval:
        """Return the value with an interval that allows for what the model gets wrong."""
        value = self.terms(rounds).value
        corrected = SNDR()
        if less is not None:
            value -= less[0].terms(less[1]).value
            less = (corrected if isinstance(less[0], DirectMethod) else less[0], less[1])
        interval = corrected.interval(
            rounds, less=less, level=level, resamples=resamples, seed=seed)
        if interval.half_width == 0.0:  # known exactly, as for what does the same: no model needed
            return interval
        return Interval(value, min(interval.low, value), max(interval.high, value), level,
                        interval.method)
