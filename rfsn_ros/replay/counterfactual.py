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

"""
What a policy might have earned in a drive of somebody else: bounds from roll-outs.

A bag without probabilities supports no importance weighting. Where the policy would have done
what was driven, the reward that came is taken. Elsewhere the forecast of the roll-out stands in,
off by as much as roll-outs were off on what was driven (from the 10th to the 90th percentile).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from rfsn_ros.errors import BagError
from rfsn_ros.evaluation import bootstrap_interval, Interval, Judgement, Verdict
from rfsn_ros.replay.trace import FloatArray, Trace

__all__ = ['ForecastReport', 'judge_forecasts']

_TAILS = (0.1, 0.9)


@dataclass(frozen=True, slots=True)
class ForecastReport:
    """
    Bounds of one policy against what was driven.

    `agreement` is the mean probability the policy gives to the primitive driven, `velocity_gap`
    the mean distance in speed (m/s) between its likeliest primitive and the driven one.
    """

    name: str
    value: float
    low: float
    high: float
    agreement: float
    velocity_gap: float
    judgement: Judgement

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            'name': self.name, 'value': self.value, 'low': self.low, 'high': self.high,
            'agreement': self.agreement, 'velocity_gap': self.velocity_gap,
            'verdict': self.judgement.verdict.value, 'sentence': self.judgement.sentence}


def judge_forecasts(
    trace: Trace, speeds: FloatArray, *, level: float = 0.95, seed: int = 0,
) -> list[ForecastReport]:
    """
    Return one report per candidate of a rebuilt trace, best first.

    `speeds`, shape (K,), are the primitives' forward speeds in m/s.

    :raises BagError: the trace has no forecasts.
    """
    if trace.forecast is None:
        raise BagError(f'{trace.source}: no roll-outs were made')
    rows = np.arange(len(trace))
    error = trace.reward - trace.forecast[rows, trace.action]
    tails = np.quantile(error, _TAILS)
    blocks = rows // 10
    reports = []
    for name, pmf in trace.candidates.items():
        same = pmf[rows, trace.action]
        others = (pmf * trace.forecast).sum(axis=1) - same * trace.forecast[rows, trace.action]
        known = same * trace.reward + others
        # No forecast is worth more than the rewards there are.
        low_end, middle, high_end = (
            np.clip(known + (1.0 - same) * one, *trace.reward_range)
            for one in (tails[0], np.median(error), tails[1]))
        low, high = (
            bootstrap_interval(end - trace.reward, groups=blocks, level=level, seed=seed)
            for end in (low_end, high_end))
        driven, value = float(trace.reward.mean()), float(middle.mean())
        gap = np.abs(speeds[pmf.argmax(axis=1)] - speeds[trace.action])
        reports.append(ForecastReport(
            name, value, driven + low.low, driven + high.high, float(same.mean()),
            float(gap.mean()),
            _judge(name, Interval(value - driven, low.low, high.high, level, 'forecast'))))
    return sorted(reports, key=lambda report: -report.value)


def _judge(name: str, difference: Interval) -> Judgement:
    about = (f'{difference.value:+.3g} reward per decision against what was driven, by roll-outs '
             f'between {difference.low:+.3g} and {difference.high:+.3g}')
    if difference.low > 0.0:
        return Judgement(Verdict.BETTER, f'{name} looks better: {about}.')
    if difference.high < 0.0:
        return Judgement(Verdict.WORSE, f'{name} looks worse: {about}.')
    return Judgement(
        Verdict.NOT_ENOUGH_DATA,
        f'Not enough data to tell {name} from what was driven: {about}; more of such bags narrow '
        f'this little, a bag with decision probabilities would.')
