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

"""What all estimators share: rounds of one candidate in, terms of a sum of ratios out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
import math
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rfsn_ros.errors import InputError
from rfsn_ros.evaluation.cross_fitting import Predictions
from rfsn_ros.evaluation.intervals import (
    bootstrap_ratio_interval,
    empirical_bernstein_interval,
    Interval,
)
from rfsn_ros.evaluation.logged_data import FloatArray, LoggedData

__all__ = ['Estimate', 'Estimator', 'Rounds', 'Terms', 'least_error']


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Rounds:
    """One candidate seen from the logged rounds; arrays have shape (n,)."""

    reward: FloatArray
    weight: FloatArray
    """Candidate's over logging probability of the executed action."""
    weight_cap: float
    """Largest weight that any round could have had."""
    reward_range: tuple[float, float]
    q_action: FloatArray
    """Predicted reward of the executed action."""
    q_policy: FloatArray
    """Predicted reward of the candidate's choice, in expectation."""
    unsupported: float
    """Mean candidate probability of actions the logging policy is known never to choose."""
    groups: NDArray[np.int64] | None = None
    model: Callable[[FloatArray], FloatArray] | None = None
    """See `model_error`."""

    @classmethod
    def of(
        cls, data: LoggedData, policy: ArrayLike, predictions: Predictions | None = None,
    ) -> Rounds:
        """
        Weigh the rounds for the candidate `policy`, shape (n, K).

        Without `predictions` the model's columns are zero; only model-free estimators are then
        of use.

        :raises InputError: the policy is not one over the available actions.
        """
        pmf, rows = data.policy(policy), np.arange(len(data))
        weight = pmf[rows, data.action] / data.probability
        cap = float(weight.max())
        if data.pmf is None:
            never = np.where(data.probability < 1.0, 0.0, 1.0 - pmf[rows, data.action])
        else:
            ratio = np.divide(pmf, data.pmf, out=np.zeros_like(pmf), where=data.pmf > 0.0)
            cap = max(cap, float(ratio.max()))
            never = np.where(data.pmf > 0.0, 0.0, pmf).sum(axis=1)
        nothing = np.zeros(len(data))
        assert data.reward_range is not None
        return cls(
            reward=data.reward, weight=weight, weight_cap=cap, reward_range=data.reward_range,
            q_action=nothing if predictions is None else predictions.q[rows, data.action],
            q_policy=nothing if predictions is None else (pmf * predictions.q).sum(axis=1),
            unsupported=float(never.mean()), groups=data.groups,
            model=None if predictions is None else _ModelError(data, pmf, predictions))

    def __len__(self) -> int:
        return len(self.reward)

    def model_error(self, weight: FloatArray) -> FloatArray:
        """
        Return each round's part in the error that fitting the model brings; zero on average.

        The model's share of the estimate is what the candidate expects of it less what residuals
        times `weight` take back: nothing on average under the full weights.
        """
        if self.model is None:
            return np.zeros(len(self))
        error = self.model(weight)
        return np.asarray(error - error.mean())

    @property
    def untried(self) -> float:
        """
        Share of the candidate's choices that these rounds have not tried, as far as they show.

        Weights average to the share that can have been tried. What they lack of 1 beyond chance,
        three standard errors, was not: never, or too seldom for these rounds to hold it. Each
        round is drawn anew, so that chance is the same however the rounds are grouped.
        """
        lack = 1.0 - float(self.weight.mean())
        error = float(self.weight.std()) / math.sqrt(len(self))
        return max(self.unsupported, lack if lack > 3.0 * error else 0.0)

    @property
    def effective_size(self) -> float:
        """Kish's effective sample size, (sum w)^2 / sum w^2; 0 where all weights are 0."""
        squares = float(np.sum(self.weight**2))
        return float(np.sum(self.weight)) ** 2 / squares if squares > 0.0 else 0.0

    @property
    def largest_share(self) -> float:
        """Share of the sum of weights that the largest one has; 0 where all are 0."""
        total = float(np.sum(self.weight))
        return float(self.weight.max()) / total if total > 0.0 else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """
    An estimate as ``sum_j sum_i numerators[i, j] / sum_i denominators[i, j]``, shapes (n, m).

    For plain means of bounded independent rounds, `rounds` has their values, shape (n,), within
    `bounds`; `within` is what the value itself cannot leave.
    """

    numerators: FloatArray
    denominators: FloatArray
    rounds: FloatArray | None = None
    bounds: tuple[float, float] = (-np.inf, np.inf)
    within: tuple[float, float] = (-np.inf, np.inf)

    @classmethod
    def mean(
        cls, values: FloatArray, *, bounds: tuple[float, float], within: tuple[float, float],
        error: FloatArray | None = None,
    ) -> Terms:
        """Make the terms of a plain mean, with each round's part in a common `error`."""
        above = values if error is None else values + error
        return cls(above[:, None], np.ones((len(values), 1)), values, bounds, within)

    @property
    def defined(self) -> bool:
        """Whether every denominator has a sum to divide by."""
        return bool(np.all(self.denominators.sum(axis=0) != 0.0))

    @property
    def value(self) -> float:
        """Return the estimate, NaN where it is not defined."""
        if not self.defined:
            return float('nan')
        return float(np.sum(self.numerators.sum(axis=0) / self.denominators.sum(axis=0)))

    def minus(self, other: Terms) -> Terms:
        """Return the difference of two estimates over the same rounds, to be judged in pairs."""
        return Terms(np.hstack((self.numerators, -other.numerators)),
                     np.hstack((self.denominators, other.denominators)))

    def bootstrap(
        self, groups: NDArray[np.int64] | None = None, *, level: float = 0.95,
        resamples: int = 1000, seed: int = 0,
    ) -> Interval:
        """Return the estimate with its bootstrap interval, infinitely wide where not defined."""
        if not self.defined:
            return Interval(float('nan'), -np.inf, np.inf, level, 'bootstrap')
        return bootstrap_ratio_interval(
            self.numerators, self.denominators, groups=groups, level=level, resamples=resamples,
            seed=seed)

    def bernstein(self, *, level: float = 0.95) -> Interval | None:
        """Return the empirical Bernstein interval, none for what is not a bounded mean."""
        if self.rounds is None or len(self.rounds) < 2:
            return None
        low, high = self.bounds
        rounding = 1e-9 * (high - low) + 1e-12
        interval = empirical_bernstein_interval(
            np.clip(self.rounds, low, high), low=low - rounding, high=high + rounding,
            level=level)
        return Interval(interval.value, max(interval.low, self.within[0]),
                        min(interval.high, self.within[1]), level, interval.method)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one estimator says of one candidate."""

    estimator: str
    bootstrap: Interval
    bernstein: Interval | None

    @property
    def value(self) -> float:
        """Return the value of the candidate: expected reward per decision."""
        return self.bootstrap.value


class Estimator(ABC):
    """One way to value a candidate from logged rounds; subclasses say how in `terms`."""

    name: ClassVar[str]
    uses_model: ClassVar[bool] = False

    @abstractmethod
    def terms(self, rounds: Rounds) -> Terms:
        """Return the terms whose sum of ratios is the estimate."""

    def estimate(
        self, rounds: Rounds, *, level: float = 0.95, resamples: int = 1000, seed: int = 0,
    ) -> Estimate:
        """Return the estimate with its intervals."""
        interval = self.interval(rounds, level=level, resamples=resamples, seed=seed)
        # No policy is worth more than the best reward or less than the worst.
        low, high = np.clip((interval.low, interval.high), *rounds.reward_range)
        return Estimate(
            self.name,
            Interval(interval.value, float(low), float(high), level, interval.method),
            self.terms(rounds).bernstein(level=level))

    def interval(
        self, rounds: Rounds, *, less: tuple[Estimator, Rounds] | None = None,
        level: float = 0.95, resamples: int = 1000, seed: int = 0,
    ) -> Interval:
        """
        Return the value with its bootstrap interval, that of the difference where `less`.

        `less` is what is taken off: how it is estimated, and from which view of the same rounds.
        """
        terms = self.terms(rounds)
        if less is not None:
            terms = terms.minus(less[0].terms(less[1]))
        return terms.bootstrap(rounds.groups, level=level, resamples=resamples, seed=seed)


def least_error(
    rounds: Rounds, thresholds: FloatArray, weights: FloatArray, residual: FloatArray,
) -> int:
    """
    Return the row of `weights` with the smallest estimated mean squared error.

    `weights`, shape (len(thresholds), n), are changed weights; `residual`, shape (n,), is what
    they multiply. The error is variance of the mean plus squared bias, the bias being what the
    change takes away on average, no less than its own standard error allows
    (Su, Dimakopoulou, Krishnamurthy and Dudik 2020, section 5).

    :raises InputError: no threshold.
    """
    if len(thresholds) == 0:
        raise InputError('no threshold to choose from')
    count = len(rounds)
    kept = weights * residual + rounds.q_policy
    lost = (rounds.weight - weights) * residual
    bias = np.abs(lost.mean(axis=1)) + lost.std(axis=1) / np.sqrt(count)
    return int(np.argmin(kept.var(axis=1) / count + bias**2))


class _ModelError:
    """The model's part in the error of one candidate; several estimators ask for the same."""

    def __init__(self, data: LoggedData, policy: FloatArray, predictions: Predictions) -> None:
        self._data, self._policy, self._predictions = data, policy, predictions
        self._known: dict[bytes, FloatArray] = {}

    def __call__(self, weight: FloatArray) -> FloatArray:
        key = weight.tobytes()
        if key not in self._known:
            share = self._policy.copy()
            share[np.arange(len(self._data)), self._data.action] -= weight
            self._known[key] = self._predictions.model_error(self._data, share)
        return self._known[key]
