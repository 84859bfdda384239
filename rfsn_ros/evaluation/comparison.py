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

"""Several candidates judged from one log by several estimators, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from rfsn_ros.errors import InputError
from rfsn_ros.evaluation.cross_fitting import BEST, cross_fit, Predictions
from rfsn_ros.evaluation.estimators import (
    Estimate,
    Estimator,
    ESTIMATORS,
    make_estimator,
    OnPolicy,
    Rounds,
)
from rfsn_ros.evaluation.intervals import confidence_sequence, Interval
from rfsn_ros.evaluation.logged_data import FloatArray, IntArray, LoggedData
from rfsn_ros.evaluation.verdict import judge, Judgement

__all__ = ['HEADLINE', 'LOGGED', 'CandidateReport', 'Comparison', 'anytime_interval', 'compare']

LOGGED = 'logged'
"""Name of the policy that made the log; the baseline where no other is named."""
HEADLINE = 'dm'
"""Estimator that orders candidates and gives verdicts where no other is named."""


@dataclass(frozen=True, slots=True)
class CandidateReport:
    """All that the log says of one candidate."""

    name: str
    estimates: dict[str, Estimate]
    anytime: Interval
    difference: Interval
    judgement: Judgement
    effective_size: float
    largest_weight: float
    largest_share: float
    mean_weight: float
    unsupported: float
    """`Rounds.untried`: share of its choices that the log has not tried."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON; bounds that are not finite become null."""
        return {
            'name': self.name,
            'verdict': self.judgement.verdict.value,
            'sentence': self.judgement.sentence,
            'decisions_needed': self.judgement.decisions_needed,
            'estimates': {
                name: {'bootstrap': _interval(estimate.bootstrap),
                       'bernstein': _interval(estimate.bernstein)}
                for name, estimate in self.estimates.items()},
            'anytime': _interval(self.anytime),
            'difference': _interval(self.difference),
            'effective_size': self.effective_size,
            'largest_weight': self.largest_weight,
            'largest_share': self.largest_share,
            'mean_weight': self.mean_weight,
            'unsupported': self.unsupported,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Reports of all candidates, best first by the headline estimator."""

    baseline: str
    headline: str
    decisions: int
    logged: Interval
    candidates: tuple[CandidateReport, ...]
    predictions: Predictions | None = None
    """What the reward model expects, where an estimator has use for one."""

    def __getitem__(self, name: str) -> CandidateReport:
        for report in self.candidates:
            if report.name == name:
                return report
        raise KeyError(name)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            'baseline': self.baseline, 'headline': self.headline, 'decisions': self.decisions,
            'logged': _interval(self.logged),
            'model': None if self.predictions is None else {
                'name': self.predictions.model, 'explained': self.predictions.explained},
            'candidates': [report.to_dict() for report in self.candidates],
        }


def compare(
    data: LoggedData, candidates: Mapping[str, ArrayLike], *,
    estimators: Sequence[str] = tuple(ESTIMATORS), headline: str = HEADLINE,
    baseline: str = LOGGED, level: float = 0.95, resamples: int = 1000, seed: int = 0,
    model: str = BEST,
) -> Comparison:
    """
    Value each candidate, shape (n, K) of probabilities, and judge it against the baseline.

    The verdict comes from the `headline` estimator's paired difference. The baseline is the
    logging policy, or one of the candidates by name. `model` is the reward model (`cross_fit`).

    :raises InputError: no candidates, an unknown baseline, probabilities that are none.
    :raises ConfigError: an unknown estimator or reward model.
    """
    if not candidates:
        raise InputError('no candidate to compare')
    if baseline != LOGGED and baseline not in candidates:
        raise InputError(f'baseline {baseline!r} is neither {LOGGED!r} nor a candidate')
    chosen = [make_estimator(name) for name in dict.fromkeys((*estimators, headline))]
    needs_model = any(estimator.uses_model for estimator in chosen)
    predictions = cross_fit(data, model=model, folds=min(5, len(data)), seed=seed) \
        if needs_model and len(data) >= 2 else None
    rounds = {name: Rounds.of(data, pmf, predictions) for name, pmf in candidates.items()}
    judging = make_estimator(headline)
    any_one = next(iter(rounds.values()))
    against = rounds.get(baseline)
    less: tuple[Estimator, Rounds] = (
        (OnPolicy(), any_one) if against is None else (judging, against))
    drawn: dict[str, Any] = {'level': level, 'resamples': resamples, 'seed': seed}
    reports = []
    for name, one in rounds.items():
        difference = judging.interval(one, less=less, **drawn)
        reports.append(CandidateReport(
            name=name,
            estimates={
                estimator.name: estimator.estimate(one, **drawn)
                for estimator in chosen},
            anytime=anytime_interval(one, level=level),
            difference=difference,
            judgement=judge(name, baseline, difference, one, against),
            effective_size=one.effective_size,
            largest_weight=float(one.weight.max()),
            largest_share=one.largest_share,
            mean_weight=float(one.weight.mean()),
            unsupported=one.untried))
    reports.sort(key=lambda report: -np.nan_to_num(
        report.estimates[headline].value, nan=-np.inf))
    return Comparison(baseline, headline, len(data), OnPolicy().interval(any_one, **drawn),
                      tuple(reports), predictions)


def anytime_interval(rounds: Rounds, *, level: float = 0.95) -> Interval:
    """
    Return bounds of a candidate's value that may be looked at after every decision.

    By the confidence sequence of importance-weighted rewards, group by group where rounds depend
    on each other; it needs the rewards' range, and nothing of the weights. Groups that refute
    what it stands on, one mean for all of them, leave the whole range.
    """
    low, high = rounds.reward_range
    if high <= low:
        return Interval(low, low, high, level, 'anytime')
    reward = (rounds.reward - low) / (high - low)
    groups = np.arange(len(rounds)) if rounds.groups is None else rounds.groups
    _, first = np.unique(groups, return_index=True)
    in_order = np.argsort(np.argsort(first))[groups]
    lower, upper = confidence_sequence(
        _means(rounds.weight * reward, in_order),
        _means(rounds.weight * (1.0 - reward), in_order), level=level)
    bottom, top = low + (high - low) * lower[-1], low + (high - low) * upper[-1]
    if bottom > top:
        bottom, top = low, high
    return Interval(float(0.5 * (bottom + top)), float(bottom), float(top), level, 'anytime')


def _means(rows: FloatArray, groups: IntArray) -> FloatArray:
    """Return the sum of rows in each group over the mean size of a group."""
    sums = np.bincount(groups, rows)
    return np.asarray(sums * (len(sums) / len(rows)))


def _interval(interval: Interval | None) -> dict[str, float | None] | None:
    if interval is None:
        return None
    numbers = {'value': interval.value, 'low': interval.low, 'high': interval.high}
    return {name: number if math.isfinite(number) else None for name, number in numbers.items()}
