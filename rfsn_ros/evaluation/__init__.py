"""Off-policy evaluation: what a policy would have earned, from rounds that another one drove.

Start at `LoggedData` and `compare`; estimators, intervals and verdicts are there one by one.
"""

from rfsn_ros.evaluation.comparison import (
    HEADLINE,
    LOGGED,
    CandidateReport,
    Comparison,
    anytime_interval,
    compare,
)
from rfsn_ros.evaluation.estimators import (
    ESTIMATORS,
    IPS,
    SNDR,
    SNIPS,
    ClippedIPS,
    DirectMethod,
    DoublyRobust,
    DRos,
    Estimate,
    Estimator,
    OnPolicy,
    Rounds,
    SwitchDR,
    Terms,
    make_estimator,
)
from rfsn_ros.evaluation.intervals import (
    Interval,
    bootstrap_interval,
    bootstrap_ratio_interval,
    confidence_sequence,
    empirical_bernstein_interval,
    wilson_interval,
)
from rfsn_ros.evaluation.logged_data import LoggedData, pad
from rfsn_ros.evaluation.reward_model import (
    BoostedRewardModel,
    Predictions,
    RewardModel,
    RidgeRewardModel,
    cross_fit,
)
from rfsn_ros.evaluation.streaming import StreamingValue
from rfsn_ros.evaluation.verdict import Judgement, Verdict, judge

__all__ = [
    'ESTIMATORS', 'HEADLINE', 'IPS', 'LOGGED', 'SNDR', 'SNIPS', 'BoostedRewardModel',
    'CandidateReport', 'ClippedIPS', 'Comparison', 'DRos', 'DirectMethod', 'DoublyRobust',
    'Estimate', 'Estimator', 'Interval', 'Judgement', 'LoggedData', 'OnPolicy', 'Predictions',
    'RewardModel', 'RidgeRewardModel', 'Rounds', 'StreamingValue', 'SwitchDR', 'Terms',
    'Verdict', 'anytime_interval', 'bootstrap_interval', 'bootstrap_ratio_interval', 'compare',
    'confidence_sequence', 'cross_fit', 'empirical_bernstein_interval', 'judge',
    'make_estimator', 'pad', 'wilson_interval',
]
