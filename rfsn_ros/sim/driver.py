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

"""What a driver has to believe of the simulated robot: its footprint and its limits."""

from __future__ import annotations

from rfsn_ros.navigation.config import NavigationConfig, RobotModel
from rfsn_ros.navigation.robots import settings_of
from rfsn_ros.sim.config import RobotConfig, ROBOTS

__all__ = ['navigation_for', 'other_robot']


def navigation_for(body: RobotConfig) -> NavigationConfig:
    """
    Return settings of navigation for a simulated robot: those of its name, or its own limits.

    :raises ConfigError: navigation knows no robots that large or fast.

    >>> navigation_for(RobotConfig()) == NavigationConfig()
    True
    """
    if body.name in ROBOTS and ROBOTS[body.name][0] == body:
        return settings_of(body.name)
    return NavigationConfig(robot=RobotModel(
        length=body.length, width=body.width, max_speed=body.max_speed,
        max_reverse=body.max_reverse_speed, max_turn_rate=body.max_turn_rate,
        acceleration=body.acceleration, turn_acceleration=body.angular_acceleration))


def other_robot(body: RobotConfig, model: RobotModel) -> str | None:
    """
    Return a sentence where the driver believes in another robot than the simulated one.

    That is where footprints differ or the model is the faster one; None where they agree.
    """
    differ = [
        f'navigation.robot.{name} = {ours:g} and sim.robot.{name} = {theirs:g}'
        for name, ours, theirs in (
            ('length', model.length, body.length), ('width', model.width, body.width),
            ('max_speed', model.max_speed, body.max_speed))
        if abs(ours - theirs) > 1e-3 and (name != 'max_speed' or ours > theirs)]
    if not differ:
        return None
    return f'the driver believes in another robot than the simulated one: {", ".join(differ)}'
