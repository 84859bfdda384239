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

"""Robots known by name, and the settings that go with their size."""

from __future__ import annotations

from rfsn_ros.errors import ConfigError
from rfsn_ros.navigation.config import NavigationConfig, RobotModel

__all__ = ['ROBOTS', 'settings_of']

ROBOTS = {
    'jackal': RobotModel(),
    'turtlebot2': RobotModel(
        length=0.352, width=0.352, max_speed=0.65, max_reverse=0.2, max_turn_rate=3.1,
        acceleration=1.0, turn_acceleration=4.0),
    'turtlebot3': RobotModel(
        length=0.138, width=0.178, max_speed=0.22, max_reverse=0.1, max_turn_rate=2.84,
        acceleration=1.0, turn_acceleration=6.0),
    'turtlebot3_waffle': RobotModel(
        length=0.281, width=0.306, max_speed=0.26, max_reverse=0.13, max_turn_rate=1.82,
        acceleration=1.0, turn_acceleration=6.0),
    'turtlebot4': RobotModel(
        length=0.342, width=0.342, max_speed=0.46, max_reverse=0.15, max_turn_rate=1.9,
        acceleration=0.9, turn_acceleration=7.0),
    'neato': RobotModel(
        length=0.34, width=0.33, max_speed=0.3, max_reverse=0.15, max_turn_rate=2.4,
        acceleration=0.6, turn_acceleration=4.0),
    'epuck': RobotModel(
        length=0.074, width=0.074, max_speed=0.13, max_reverse=0.06, max_turn_rate=4.6,
        acceleration=0.4, turn_acceleration=12.0),
}
"""Rounded footprints and top speeds to start from; how fast they get there is nominal."""

_SIZED: dict[str, dict[str, dict[str, float | bool] | float]] = {
    # Half a metre is far for a robot of 7 cm, and what lies between its few beams is not seen.
    'epuck': {
        'safety': {'margin': 0.006, 'unknown_blocks': False},
        'memory': {'resolution': 0.02, 'size': 4.0, 'range': 1.5},
        'guidance': {'resolution': 0.05, 'margin': 0.5, 'comfort': 0.05},
        'reward': {'near_distance': 0.012},
        'sector_range': 1.0, 'goal_tolerance': 0.1,
    },
}


def settings_of(robot: str, base: NavigationConfig | None = None) -> NavigationConfig:
    """
    Return settings for a robot known by name; what its size does not touch is as in `base`.

    :raises ConfigError: the name is unknown.
    """
    if robot not in ROBOTS:
        raise ConfigError(f'robot = {robot!r}: must be one of {", ".join(ROBOTS)}')
    config = base or NavigationConfig()
    # all at once, for settings that fit each other may not fit those of before
    return config.replace(robot=ROBOTS[robot], **{
        name: getattr(config, name).replace(**value) if isinstance(value, dict) else value
        for name, value in _SIZED.get(robot, {}).items()})
