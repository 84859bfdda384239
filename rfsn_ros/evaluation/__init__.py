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
Off-policy evaluation: what a policy would have earned, from rounds that another one drove.

Start at `LoggedData` and `compare`; estimators, intervals and verdicts are there one by one.
"""

from rfsn_ros.evaluation.comparison import (
    anytime_interval,
    CandidateReport,
    compare,
    Comparison,
    HEADLINE,
    LOGGED,
)
from rfsn_ros.evaluation.cross_fitting import BEST, cross_fit, Predictions
from rfsn_ros.evaluation.estimators import (
    ClippedIPS,
    DirectMethod,
    DoublyRobust,
    DRos,
    Estimate,
    Estimator,
    ESTIMATORS,
    IPS,
    make_estimator,
    OnPolicy,
    Rounds,
    SNDR,
    SNIPS,
    SwitchDR,
    Terms,
)
from rfsn_ros.evaluation.intervals import (
    bootstrap_interval,
    bootstrap_ratio_interval,
    confidence_sequence,
    empirical_bernstein_interval,
    Interval,
    wilson_interval,
)
from rfsn_ros.evaluation.logged_data import LoggedData, pad
from rfsn_ros.evaluation.reward_models import (
    BoostedRewardModel,
    REWARD_MODELS,
    RewardModel,
    RidgeRewardModel,
)
from rfsn_ros.evaluation.streaming import StreamingValue
from rfsn_ros.evaluation.verdict import judge, Judgement, Verdict

__all__ = [
    'BEST', 'ESTIMATORS', 'HEADLINE', 'IPS', 'LOGGED', 'REWARD_MODELS', 'SNDR', 'SNIPS',
    'BoostedRewardModel', 'CandidateReport', 'ClippedIPS', 'Comparison', 'DRos', 'DirectMethod',
    'DoublyRobust', 'Estimate', 'Estimator', 'Interval', 'Judgement', 'LoggedData', 'OnPolicy',
    'Predictions', 'RewardModel', 'RidgeRewardModel', 'Rounds', 'StreamingValue', 'SwitchDR',
    'Terms', 'Verdict', 'anytime_interval', 'bootstrap_interval', 'bootstrap_ratio_interval',
    'compare', 'confidence_sequence', 'cross_fit', 'empirical_bernstein_interval', 'judge',
    'make_estimator', 'pad', 'wilson_interval',
]
