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

"""What a picture of a drive shows: one moment, seen from above."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.navigation.observation import FloatArray, Pose2D, Twist2D
from rfsn_ros.sim.config import RobotConfig
from rfsn_ros.sim.episode import Outcome
from rfsn_ros.sim.simulator import Simulator
from rfsn_ros.sim.worlds import World

__all__ = ['Scene']


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """
    One moment of a drive, world frame.

    `scan` are the ends of the beams from `laser`, shape (n, 2), of which `hits`, shape (n,), met
    something; `arcs` are the primitives as lines, with `feasible` and `chosen` (-1: none) saying
    how to draw them.
    """

    world: World
    robot: RobotConfig
    time: float
    pose: Pose2D
    twist: Twist2D
    clearance: float
    moving: FloatArray
    trail: tuple[tuple[float, float], ...] = ()
    laser: tuple[float, float] = (0.0, 0.0)
    scan: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
    hits: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    arcs: tuple[FloatArray, ...] = ()
    feasible: tuple[bool, ...] = ()
    chosen: int = -1
    label: str = ''
    caption: str = ''
    outcome: Outcome = Outcome.RUNNING
    score: float = 0.0

    @classmethod
    def of(cls, sim: Simulator, **more: Any) -> Scene:
        """Return what a simulator shows now; `more` fills the other fields."""
        truth = sim.truth()
        return cls(
            world=sim.world, robot=sim.config.robot, time=sim.time, pose=truth.pose,
            twist=truth.twist, clearance=sim.clearance(), moving=sim.moving_obstacles(), **more)
