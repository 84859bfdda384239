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

"""Simulated worlds, robots and sensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfsn_ros.sim.config import DisturbancesConfig, Engine, SimConfig
from rfsn_ros.sim.spec import parse_worlds
from rfsn_ros.sim.worlds import World

if TYPE_CHECKING:
    from rfsn_ros.sim.simulator import Simulator

__all__ = ['DisturbancesConfig', 'SimConfig', 'World', 'make_simulator', 'parse_worlds']


def make_simulator(config: SimConfig) -> Simulator:
    """
    Return the simulator that `config.engine` names.

    :raises MissingDependencyError: what the engine needs is not installed.
    """
    if config.engine is Engine.BULLET:
        from rfsn_ros.sim.bullet import BulletSimulator

        return BulletSimulator(config)
    from rfsn_ros.sim.kinematic import KinematicSimulator

    return KinematicSimulator(config)
