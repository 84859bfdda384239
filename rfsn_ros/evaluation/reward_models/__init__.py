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

"""Models of the reward: what each action would earn, learned from those that were driven."""

from rfsn_ros.evaluation.reward_models.base import RewardModel
from rfsn_ros.evaluation.reward_models.boosted import BoostedRewardModel
from rfsn_ros.evaluation.reward_models.ridge import RidgeRewardModel

__all__ = ['REWARD_MODELS', 'BoostedRewardModel', 'RewardModel', 'RidgeRewardModel']

REWARD_MODELS: dict[str, type[RewardModel]] = {
    'ridge': RidgeRewardModel, 'boosted': BoostedRewardModel}
"""Reward models by name."""
