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
A short drive in thought, so that no compiled code is compiled or loaded while a robot waits.

That takes a third of a second once compiled, and some twenty before (AMD EPYC). What is only
needed when something moves would else be compiled when something does.
"""

from __future__ import annotations

from collections.abc import Iterator
import math

import numpy as np
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.navigator import Navigator
from rfsn_ros.navigation.observation import (
    FloatArray,
    LaserScan,
    Observation,
    Odometry,
    Pose2D,
    Twist2D,
)
from rfsn_ros.navigation.registry import make_policy
from rfsn_ros.navigation.reward import RewardTracker

__all__ = ['rehearse']

_WALL, _RADIUS = 4.0, 0.2  # of the round room and of what moves in it, m
_PAST, _PACE = 2.0, 0.8  # how far away it passes, m, and how fast, m/s


def rehearse(config: NavigationConfig) -> None:
    """Decide, command and reward a few times while something passes in front of the robot."""
    navigator = Navigator(config, make_policy('random', config))
    rewards = RewardTracker(config)
    for number, observation in enumerate(_observations(config)):
        decision = navigator.decide(observation)
        navigator.command(observation.odometry, observation.stamp)
        rewards.decision(str(number), observation, percept=decision.percept)
        # by then it should have got somewhere: guidance closes the way ahead
        navigator.perception.impasses.observe(
            60.0 * (number + 1), observation.odometry.pose, 0.0)


def _observations(config: NavigationConfig) -> Iterator[Observation]:
    step = 2.0 * math.pi / 360
    angles = step * np.arange(360, dtype=np.float64) - math.pi
    for number in range(6):
        stamp = number * config.decision_period
        yield Observation(
            LaserScan(
                stamp=stamp, ranges=_ranges(angles, _PAST, _PACE * stamp - 0.4),
                angle_min=-math.pi, angle_increment=step, range_min=0.1, range_max=10.0),
            Odometry(stamp, Pose2D(0.02 * number), Twist2D(0.1, 0.05)), (3.0, 0.0))


def _ranges(angles: FloatArray, x: float, y: float) -> FloatArray:
    """Return how far beams go in a round room with a disc at (x, y), shape of `angles`."""
    along = x * np.cos(angles) + y * np.sin(angles)
    across = x * np.sin(angles) - y * np.cos(angles)
    inside = (along > 0.0) & (np.abs(across) < _RADIUS)
    depth = np.sqrt(np.maximum(_RADIUS**2 - across**2, 0.0))
    return np.where(inside, along - depth, _WALL)


if __name__ == '__main__':
    rehearse(NavigationConfig())
