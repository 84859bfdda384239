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

"""Contextual bandits: Vowpal Wabbit and NumPy backends, checkpoints, decision log."""

from rfsn_ros.bandit.checkpoints import Checkpoint, CheckpointStore
from rfsn_ros.bandit.config import BanditConfig, VWConfig
from rfsn_ros.bandit.contract import Choice, ContextualBandit
from rfsn_ros.bandit.decision_log import (
    DecisionLog,
    DecisionRecord,
    LoggedRound,
    new_session,
    read_log,
    read_rounds,
    RewardRecord,
)
from rfsn_ros.bandit.environment import Interaction, LogEnvironment, SupervisedEnvironment
from rfsn_ros.bandit.from_log import LogTraining, train_from_log
from rfsn_ros.bandit.linear import LinearBandit, LinearConfig
from rfsn_ros.bandit.optimizer import OptimizerConfig, TrainingResult, VWBanditOptimizer
from rfsn_ros.bandit.registry import BACKENDS, make_bandit
from rfsn_ros.bandit.sampling import invert_cdf
from rfsn_ros.bandit.vw_bandit import VWContextualBandit

__all__ = [
    'BACKENDS',
    'BanditConfig',
    'Checkpoint',
    'CheckpointStore',
    'Choice',
    'ContextualBandit',
    'DecisionLog',
    'DecisionRecord',
    'Interaction',
    'LinearBandit',
    'LinearConfig',
    'LogEnvironment',
    'LogTraining',
    'LoggedRound',
    'OptimizerConfig',
    'RewardRecord',
    'SupervisedEnvironment',
    'TrainingResult',
    'VWBanditOptimizer',
    'VWConfig',
    'VWContextualBandit',
    'invert_cdf',
    'make_bandit',
    'new_session',
    'read_log',
    'read_rounds',
    'train_from_log',
]
