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
from rfsn_ros.evaluation.percent import percent

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
    lacking: bool = False
    """Whether the log has too little of what it would do for any number to be believed."""


def judge(
    name: str, baseline: str, difference: Interval, rounds: Rounds, against: Rounds | None = None,
) -> Judgement:
    """
    Judge a candidate by its value less the baseline's.

    An interval is believed only where the log has what to judge by: at most 5 % of the
    candidate's choices were never tried, and its effective sample size is at least 30. The same
    holds for the baseline where it is another candidate, seen as `against`.
    """
    for who, one in ((name, rounds), (baseline, against)):
        lack = None if one is None else _lack(who, one)
        if lack is not None:
            return lack
    count = len(rounds)
    low, high = rounds.reward_range
    if max(abs(difference.low), abs(difference.high)) <= _NOTHING * (high - low):
        return Judgement(
            Verdict.NOT_ENOUGH_DATA,
            f'Not enough data to tell {name} from {baseline}: both do the same, or earn the same '
            f'by it, in everything this log has tried.')
    about = (f'{difference.value:+.3g} reward per decision against {baseline} '
             f'({difference.certainty} interval {difference.low:+.3g} to {difference.high:+.3g})')
    if difference.low > 0.0:
        return Judgement(Verdict.BETTER, f'{name} is better: {about}.')
    if difference.high < 0.0:
        return Judgement(Verdict.WORSE, f'{name} is worse: {about}.')
    # intervals may be lopsided: what counts is the side on which zero lies
    below, above = difference.value - difference.low, difference.high - difference.value
    ratio = math.inf
    if difference.value != 0.0:
        ratio = ((below if difference.value > 0.0 else above) / abs(difference.value)) ** 2
    if not ratio <= _HOPELESS:
        return Judgement(
            Verdict.NOT_ENOUGH_DATA,
            f'Not enough data to tell {name} from {baseline}: {about}; the two may well be equal, '
            f'a difference above {max(below, above):.3g} would have been seen.')
    needed = max(math.ceil(count * ratio), count + 1)
    return Judgement(
        Verdict.NOT_ENOUGH_DATA,
        f'Not enough data to tell {name} from {baseline}: {about}; if that difference is right, '
        f'about {needed - count} more decisions are needed.', needed)


def _lack(name: str, rounds: Rounds) -> Judgement | None:
    """Say what a log lacks to judge a policy by, None where it lacks nothing."""
    count, effective = len(rounds), rounds.effective_size
    needed = None
    if rounds.unsupported > MAX_UNSUPPORTED:
        why = (f'{percent(rounds.unsupported, 0)}% of what it would choose was never tried in '
               'this log, so no number of such decisions can tell; record with exploration over '
               'all feasible actions.')
    elif effective == 0.0:
        why = f'it would have done nothing of what was done in the {count} logged decisions.'
    elif effective < MIN_EFFECTIVE_SIZE:
        needed = max(math.ceil(count * MIN_EFFECTIVE_SIZE / effective), count + 1)
        why = (f'{count} decisions weigh as much as {effective:.1f} of its own; about '
               f'{needed - count} more are needed.')
    elif rounds.untried > MAX_UNSUPPORTED:
        why = (f'about {percent(rounds.untried, 0)}% of what it would choose was not tried in '
               f'these {count} decisions; record more, exploring over all feasible actions.')
    else:
        return None
    return Judgement(
        Verdict.NOT_ENOUGH_DATA, f'Not enough data on {name}: {why}', needed, lacking=True)
