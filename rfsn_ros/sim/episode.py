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

"""From ground truth to the outcome of one drive to one goal, as BARN counts it."""

from __future__ import annotations

from enum import Enum
import math

from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.sim.simulator import Simulator
from rfsn_ros.sim.worlds import World

__all__ = ['BARN_SPEED', 'EpisodeMonitor', 'Outcome', 'barn_score']

BARN_SPEED = 2.0
"""Speed on which BARN's optimal time is based, m/s."""
STARTED_AFTER = 0.1
"""The clock starts when the robot is this far from the start, metres."""


class Outcome(str, Enum):
    """How an episode ended; the names of msg/Episode.msg."""

    RUNNING = 'running'
    SUCCESS = 'success'
    COLLISION = 'collision'
    TIMEOUT = 'timeout'
    ABORTED = 'aborted'


def barn_score(success: bool, time: float, reference_length: float) -> float:
    """
    Return ``success * T_opt / clip(T, 2 T_opt, 8 T_opt)`` with ``T_opt = length / 2 m/s``.

    BARN's navigation metric since 2024; at most 0.5.

    :param time: seconds from the first 0.1 m to the goal.
    :param reference_length: length of the world's reference path, metres.

    >>> barn_score(True, 5.0, 10.0)
    0.5
    >>> barn_score(True, 20.0, 10.0)
    0.25
    """
    optimal = reference_length / BARN_SPEED
    return float(success) * optimal / min(max(time, 2.0 * optimal), 8.0 * optimal)


class EpisodeMonitor:
    """
    Watches the true pose and says when and how the episode ended.

    Call `update` after every step of the simulator (BARN looks every 0.1 s; looking more often
    only makes the time finer).
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._last = world.start
        self._started_at: float | None = None
        self._now = 0.0
        self.outcome = Outcome.RUNNING
        self.path_length = 0.0
        """Way driven so far, metres."""
        self.min_clearance = math.inf
        """Smallest distance of the footprint to an obstacle so far, metres."""

    def update(self, sim: Simulator) -> Outcome:
        """Look at a simulator; return the outcome so far."""
        return self.observe(sim.time, sim.pose, contact=sim.contact,
                            min_clearance=sim.min_clearance)

    def observe(
        self, time: float, pose: Pose2D, *, contact: bool, min_clearance: float,
    ) -> Outcome:
        """
        Take in the true pose (world frame) at `time`; return the outcome so far.

        Nothing changes once the episode has ended.
        """
        if self.outcome is not Outcome.RUNNING:
            return self.outcome
        world = self._world
        self._now = time
        self.path_length += math.hypot(pose.x - self._last.x, pose.y - self._last.y)
        self._last = pose
        self.min_clearance = min(self.min_clearance, min_clearance)
        if self._started_at is None and math.hypot(
                pose.x - world.start.x, pose.y - world.start.y) >= STARTED_AFTER:
            self._started_at = time
        if contact:
            self.outcome = Outcome.COLLISION
        elif math.hypot(pose.x - world.goal[0], pose.y - world.goal[1]) <= world.goal_tolerance:
            self.outcome = Outcome.SUCCESS
        elif self.time >= world.timeout or time >= 2.0 * world.timeout:
            self.outcome = Outcome.TIMEOUT
        return self.outcome

    def abort(self) -> None:
        """End an episode that is still running from outside."""
        if self.outcome is Outcome.RUNNING:
            self.outcome = Outcome.ABORTED

    @property
    def time(self) -> float:
        """Seconds since the robot had moved 0.1 m; 0 before."""
        return 0.0 if self._started_at is None else self._now - self._started_at

    @property
    def optimal_time(self) -> float:
        """Length of the reference path over 2 m/s, seconds."""
        return self._world.reference_length / BARN_SPEED

    @property
    def score(self) -> float:
        """BARN score so far, in [0, 0.5]; 0 unless the episode was a success."""
        return barn_score(self.outcome is Outcome.SUCCESS, self.time,
                          self._world.reference_length)
