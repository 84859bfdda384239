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

"""Estimators of a candidate's value from logged rounds, one file per family."""

from rfsn_ros.errors import ConfigError
from rfsn_ros.evaluation.estimators.base import Estimate, Estimator, Rounds, Terms
from rfsn_ros.evaluation.estimators.direct import DirectMethod
from rfsn_ros.evaluation.estimators.doubly_robust import DoublyRobust, SNDR
from rfsn_ros.evaluation.estimators.importance import ClippedIPS, IPS, OnPolicy, SNIPS
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
    """
    Return the estimator of that name with its own settings.

    :raises ConfigError: there is none.
    """
    if name not in ESTIMATORS:
        raise ConfigError(f'estimator {name!r} is not known; known are {", ".join(ESTIMATORS)}')
    return ESTIMATORS[name]()
