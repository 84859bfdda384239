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

"""Episodes one after the other, on one clock that never goes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
import math

from rfsn_ros.navigation.observation import LaserScan, Odometry, Twist2D
from rfsn_ros.sim.episode import EpisodeMonitor, Outcome
from rfsn_ros.sim.simulator import Simulator
from rfsn_ros.sim.worlds import World

__all__ = ['EpisodeSeries']

_BETWEEN = 1.0
"""Simulated time from the end of an episode to the beginning of the next, seconds."""


class EpisodeSeries:
    """
    A simulator and the worlds that its robot is driven through.

    `number` is that of the newest episode, from 0 on; `monitor` watches it, None while none is
    under way. All stamps are seconds on the clock of the series, `now`.
    """

    def __init__(
        self, worlds: Iterator[World], simulator: Callable[[], Simulator], *, seed: int,
        now: float = 0.0, number: int = -1,
    ) -> None:
        """
        Make the simulator once there is a world for it.

        :param worlds: one per episode, without end.
        :param now: where the clock begins.
        :param number: of the episode before the first, where a series is gone on with.
        """
        self._worlds = worlds
        self._next_world = next(worlds)
        self.sim = simulator()
        self._series_seed = seed
        self._offset = now
        self.number = number
        self.monitor: EpisodeMonitor | None = None
        self.command = Twist2D()
        self._commanded_at = -math.inf

    @property
    def now(self) -> float:
        """Return the time of the series, seconds."""
        return self._offset + self.sim.time

    @property
    def seed(self) -> int:
        """Seed of the newest episode's noise."""
        return 1000 * self._series_seed + self.number

    def begin(self) -> None:
        """Put the robot at rest at the start of the next world, a second after what was before."""
        self._offset = self.now + (_BETWEEN if self.number >= 0 else 0.0)
        self.number += 1
        world, self._next_world = self._next_world, next(self._worlds)
        self.sim.reset(world, self.seed)
        self.monitor = EpisodeMonitor(world)
        self.command = Twist2D()

    def leave(self) -> None:
        """Let no episode be under way."""
        self.monitor = None

    def obey(self, command: Twist2D) -> None:
        """Drive a velocity from now on."""
        self.command = command
        self._commanded_at = self.now

    def stop_unheard(self, timeout: float) -> bool:
        """
        Stop where commands have ceased for `timeout` seconds, as the driver of a real base does.

        Return whether that had to be done.
        """
        if self.now - self._commanded_at <= timeout or self.command == Twist2D():
            return False
        self.command = Twist2D()
        return True

    def drive(self, ticks: int) -> Outcome:
        """Drive the command for so many ticks of the simulator, or until the episode ends."""
        assert self.monitor is not None
        for _ in range(ticks):
            self.sim.step(self.command, self.sim.config.tick)
            if self.monitor.update(self.sim) is not Outcome.RUNNING:
                break
        return self.monitor.outcome

    def scan(self) -> LaserScan:
        """Return the newest scan that has arrived."""
        scan = self.sim.scan()
        return replace(scan, stamp=self._offset + scan.stamp)

    def odometry(self) -> Odometry:
        """Return the newest odometry that has arrived."""
        return self._stamped(self.sim.odometry())

    def truth(self) -> Odometry:
        """Return the true pose in the world frame and the true body velocities, now."""
        return self._stamped(self.sim.truth())

    def close(self) -> None:
        """Free the simulator; the clock stands still."""
        self.sim.close()

    def _stamped(self, odometry: Odometry) -> Odometry:
        return replace(odometry, stamp=self._offset + odometry.stamp)
