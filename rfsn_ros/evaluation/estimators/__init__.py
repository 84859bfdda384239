"""Estimators of a candidate's value from logged rounds, one file per family."""

from rfsn_ros.errors import ConfigError
from rfsn_ros.evaluation.estimators.base import Estimate, Estimator, Rounds, Terms
from rfsn_ros.evaluation.estimators.direct import DirectMethod
from rfsn_ros.evaluation.estimators.doubly_robust import SNDR, DoublyRobust
from rfsn_ros.evaluation.estimators.importance import IPS, SNIPS, ClippedIPS, OnPolicy
from rfsn_ros.evaluation.estimators.shrinkage import DRos
from rfsn_ros.evaluation.estimators.switch import SwitchDR

__all__ = [
    'ESTIMATORS', 'IPS', 'SNDR', 'SNIPS', 'ClippedIPS', 'DRos', 'DirectMethod', 'DoublyRobust',
    'Estimate', 'Estimator', 'OnPolicy', 'Rounds', 'SwitchDR', 'Terms', 'make_estimator',
]

ESTIMATORS: dict[str, type[Estimator]] = {
    estimator.name: estimator for estimator in (
        IPS, ClippedIPS, SNIPS, DirectMethod, DoublyRobust, SNDR, SwitchDR, DRos)
}


def make_estimator(name: str) -> Estimator:
    """Return the estimator of that name with its own settings.

    :raises ConfigError: there is none.
    """
    if name not in ESTIMATORS:
        raise ConfigError(f'estimator {name!r} is not known; known are {", ".join(ESTIMATORS)}')
    return ESTIMATORS[name]()
