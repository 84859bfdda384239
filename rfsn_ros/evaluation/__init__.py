"""Off-policy evaluation: estimators, intervals, comparisons."""

from rfsn_ros.evaluation.intervals import (
    Interval,
    bootstrap_interval,
    bootstrap_ratio_interval,
    confidence_sequence,
    empirical_bernstein_interval,
    wilson_interval,
)

__all__ = [
    'Interval',
    'bootstrap_interval',
    'bootstrap_ratio_interval',
    'confidence_sequence',
    'empirical_bernstein_interval',
    'wilson_interval',
]
