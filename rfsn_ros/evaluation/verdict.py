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

"""A plain sentence: better, worse, or not enough data, and how much more is needed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
import math

from rfsn_ros.evaluation.estimators import Rounds
from rfsn_ros.evaluation.intervals import Interval

__all__ = ['Judgement', 'Verdict', 'judge']

MIN_EFFECTIVE_SIZE = 30.0
MAX_UNSUPPORTED = 0.05
_HOPELESS = 1000.0  # times the data there are
_NOTHING = 1e-5  # share of the rewards' range; differences below come from rounding


class Verdict(str, Enum):
    """The three answers."""

    BETTER = 'better'
    WORSE = 'worse'
    NOT_ENOUGH_DATA = 'not enough data'


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer, the sentence that says it, and the decisions a clear answer would need."""

    verdict: Verdict
    sentence: str
    decisions_needed: int | None = None


def judge(name: str, baseline: str, difference: Interval, rounds: Rounds) -> Judgement:
    """
    Judge a candidate by its value less the baseline's.

    An interval is believed only where the log has what to judge by: at most 5 % of the
    candidate's choices were never tried, and its effective sample size is at least 30.
    """
    count, effective = len(rounds), rounds.effective_size
    if rounds.unsupported is not None and rounds.unsupported > MAX_UNSUPPORTED:
        return Judgement(
            Verdict.NOT_ENOUGH_DATA,
            f'Not enough data on {name}: {rounds.unsupported:.0%} of what it would choose was '
            f'never tried in this log, so no number of such decisions can tell; record with '
            f'exploration over all feasible actions.')
    if effective == 0.0:
        return Judgement(
            Verdict.NOT_ENOUGH_DATA,
            f'Not enough data on {name}: it would have done nothing of what was done in the '
            f'{count} logged decisions.')
    if effective < MIN_EFFECTIVE_SIZE or not math.isfinite(difference.half_width):
        needed = max(math.ceil(count * MIN_EFFECTIVE_SIZE / effective), count + 1)
        return Judgement(
            Verdict.NOT_ENOUGH_DATA,
            f'Not enough data on {name}: {count} decisions weigh as much as {effective:.1f} of '
            f'its own; about {needed - count} more are needed.', needed)
    low, high = rounds.reward_range
    if max(abs(difference.low), abs(difference.high)) <= _NOTHING * (high - low):
        return Judgement(
            Verdict.NOT_ENOUGH_DATA,
            f'Not enough data to tell {name} from {baseline}: both do the same, or earn the same '
            f'by it, in everything this log has tried.')
    about = (f'{difference.value:+.3g} reward per decision against {baseline} '
             f'({difference.level:.0%} interval {difference.low:+.3g} to {difference.high:+.3g})')
    if difference.low > 0.0:
        return Judgement(Verdict.BETTER, f'{name} is better: {about}.')
    if difference.high < 0.0:
        return Judgement(Verdict.WORSE, f'{name} is worse: {about}.')
    ratio = math.inf
    if difference.value != 0.0:
        ratio = (difference.half_width / abs(difference.value)) ** 2
    if ratio > _HOPELESS:
        return Judgement(
            Verdict.NOT_ENOUGH_DATA,
            f'Not enough data to tell {name} from {baseline}: {about}; the two may well be equal, '
            f'a difference above {difference.half_width:.3g} would have been seen.')
    needed = max(math.ceil(count * ratio), count + 1)
    return Judgement(
        Verdict.NOT_ENOUGH_DATA,
        f'Not enough data to tell {name} from {baseline}: {about}; if that difference is right, '
        f'about {needed - count} more decisions are needed.', needed)
