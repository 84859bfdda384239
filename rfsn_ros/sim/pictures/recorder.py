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
Scenes of a drive while it is driven.

`EpisodeRecorder` looks over the shoulder of a drive without touching the simulator's random
numbers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.errors import InputError
from rfsn_ros.navigation.navigator import NavDecision
from rfsn_ros.navigation.observation import FloatArray, Pose2D
from rfsn_ros.navigation.primitives import PrimitiveLibrary
from rfsn_ros.sim.episode import EpisodeMonitor, Outcome
from rfsn_ros.sim.pictures.scene import Scene
from rfsn_ros.sim.simulator import Simulator
from rfsn_ros.sim.worlds import World

__all__ = ['EpisodeRecorder']

HORIZON, STEPS = 0.8, 12
"""How far ahead primitives are drawn (s) and with how many points."""
SIGHT = 6.0
"""How long beams are drawn, metres."""
GAP = 9
"""So many lost beams in a row are a blind sector, not dropouts."""


class EpisodeRecorder:
    """
    Collects scenes of one drive; hand its methods to `run_episode`.

    `decision` belongs to `on_decision` and `tick` to `on_tick`.
    """

    def __init__(
        self, library: PrimitiveLibrary | None = None, *, label: str = '', fps: float = 10.0,
    ) -> None:
        """
        `library` draws the primitives, `label` names the driver, `fps` is scenes per second.

        :raises InputError: fps is not > 0.
        """
        if not fps > 0.0:
            raise InputError(f'fps = {fps}: must be > 0')
        self.label, self.fps = label, fps
        self._library = library
        self.scenes: list[Scene] = []
        self.trail: list[tuple[float, float]] = []
        """True positions of the robot, one per control tick, world frame."""
        self.world: World | None = None
        self.outcome = Outcome.RUNNING
        self._decision: NavDecision | None = None
        self._pose: Pose2D | None = None
        self._decided_at: Pose2D | None = None
        self._seen: dict[str, Any] = {}
        self._monitor: EpisodeMonitor | None = None
        self._due = 0.0

    def decision(self, decision: NavDecision) -> None:
        """Take note of what was decided, before it is driven."""
        self._decision = decision
        self._decided_at = self._pose
        self._seen = {}

    def tick(self, sim: Simulator) -> None:
        """Look at the simulator (after every control tick)."""
        if self._monitor is None:
            self.world = sim.world
            self._monitor = EpisodeMonitor(sim.world)
        self.outcome = self._monitor.update(sim)
        self._pose = pose = sim.truth().pose
        self.trail.append((pose.x, pose.y))
        if sim.time + 1e-9 < self._due and self.outcome is Outcome.RUNNING:
            return
        self._due = sim.time + 1.0 / self.fps
        if self._decision is not None and not self._seen:
            self._seen = _seen(
                self._decision, self._decided_at or sim.world.start, self._library)
        self.scenes.append(Scene.of(
            sim, trail=tuple(self.trail), label=self.label, outcome=self.outcome,
            score=self._monitor.score, **self._seen))


def _seen(
    decision: NavDecision, pose: Pose2D, library: PrimitiveLibrary | None,
) -> dict[str, Any]:
    """Return beams and primitives of a decision, moved from the odom frame to its true pose."""
    scan = decision.percept.observation.scan
    mount = scan.mount
    cos, sin = math.cos(pose.yaw), math.sin(pose.yaw)
    laser = (pose.x + cos * mount.x - sin * mount.y, pose.y + sin * mount.x + cos * mount.y)
    valid = scan.ranges >= scan.range_min
    angles = pose.yaw + mount.yaw + scan.angles
    reach = np.minimum(_without_dropouts(scan.ranges, valid), SIGHT)
    seen: dict[str, Any] = {
        'laser': laser,
        'scan': np.column_stack([laser[0] + reach * np.cos(angles),
                                 laser[1] + reach * np.sin(angles)]),
        'hits': valid & (scan.ranges < SIGHT),
        'caption': f'{decision.primitive.name}   p {decision.probability:.2f}',
    }
    if library is not None:
        turned = np.array([0.0, 0.0, pose.yaw - decision.percept.odometry.pose.yaw])
        seen.update(arcs=_arcs(decision.velocities + turned, library.steer_gain, pose),
                    chosen=decision.executed,
                    feasible=tuple(bool(flag) for flag in decision.mask))
    return seen


def _without_dropouts(ranges: FloatArray, valid: BoolArray) -> FloatArray:
    """Return ranges with lost beams filled from their neighbours; 0 in a blind sector."""
    index = np.arange(len(ranges))
    if not valid.any():
        return np.zeros(len(ranges))
    filled = np.interp(index, index[valid], np.minimum(ranges[valid], SIGHT))
    around = np.convolve(valid, np.ones(GAP), mode='same')
    return np.where(valid | (around > 0), filled, 0.0)


def _arcs(velocities: FloatArray, gain: float, pose: Pose2D) -> tuple[FloatArray, ...]:
    """
    Return where each primitive leads an ideal robot, points (n, 2) in the world frame.

    `velocities` has rows (speed, turn rate, heading or NaN).
    """
    step = HORIZON / STEPS
    lines = []
    for speed, turn_rate, heading in velocities.tolist():
        x, y, yaw = pose.x, pose.y, pose.yaw
        points = [(x, y)]
        for _ in range(STEPS):
            error = (heading - yaw + math.pi) % (2 * math.pi) - math.pi
            yaw += step * (turn_rate if math.isnan(heading) else gain * error)
            x += step * speed * math.cos(yaw)
            y += step * speed * math.sin(yaw)
            points.append((x, y))
        lines.append(np.array(points))
    return tuple(lines)
