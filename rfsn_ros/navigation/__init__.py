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

"""Navigation without ROS: perception, primitives, safety, features, reward, policies."""

from __future__ import annotations

from rfsn_ros.navigation.config import NavigationConfig, RobotModel
from rfsn_ros.navigation.features import ACTION_FEATURES, context_names
from rfsn_ros.navigation.navigator import NavDecision, Navigator
from rfsn_ros.navigation.observation import (
    LaserScan,
    Observation,
    Odometry,
    Pose2D,
    Twist2D,
)
from rfsn_ros.navigation.policies import BanditPolicy, Policy
from rfsn_ros.navigation.primitives import Primitive, PrimitiveKind, PrimitiveLibrary
from rfsn_ros.navigation.registry import bandit_config, make_policy, POLICIES
from rfsn_ros.navigation.reward import Reward, REWARD_TERMS, RewardTracker
from rfsn_ros.navigation.robots import ROBOTS, settings_of

__all__ = [
    'ACTION_FEATURES', 'POLICIES', 'REWARD_TERMS', 'ROBOTS', 'BanditPolicy', 'LaserScan',
    'NavDecision', 'NavigationConfig', 'Navigator', 'Observation', 'Odometry', 'Policy', 'Pose2D',
    'Primitive', 'PrimitiveKind', 'PrimitiveLibrary', 'Reward', 'RewardTracker', 'RobotModel',
    'Twist2D', 'bandit_config', 'context_names', 'make_policy', 'settings_of',
]
