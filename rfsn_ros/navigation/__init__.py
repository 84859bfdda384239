"""Navigation without ROS: perception, primitives, safety, features, reward, policies."""

from __future__ import annotations

from rfsn_ros.navigation.config import ROBOTS, NavigationConfig, RobotModel
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
from rfsn_ros.navigation.registry import POLICIES, bandit_config, make_policy
from rfsn_ros.navigation.reward import REWARD_TERMS, Reward, RewardTracker

__all__ = [
    'ACTION_FEATURES', 'POLICIES', 'REWARD_TERMS', 'ROBOTS', 'BanditPolicy', 'LaserScan',
    'NavDecision', 'NavigationConfig', 'Navigator', 'Observation', 'Odometry', 'Policy', 'Pose2D',
    'Primitive', 'PrimitiveKind', 'PrimitiveLibrary', 'Reward', 'RewardTracker', 'RobotModel',
    'Twist2D', 'bandit_config', 'context_names', 'make_policy',
]
