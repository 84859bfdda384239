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

"""What both simulators share: clock, sensors, disturbances, contact."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
import math
from types import TracebackType

import numpy as np
from rfsn_ros.errors import ClosedError, InputError
from rfsn_ros.navigation.observation import FloatArray, LaserScan, Odometry, Pose2D, Twist2D
from rfsn_ros.sim.config import DisturbancesConfig, SimConfig
from rfsn_ros.sim.disturbances import (
    BlindSector,
    CommandLatency,
    Dropouts,
    LidarNoise,
    MovingObstacles,
    OdometryDrift,
    Slip,
)
from rfsn_ros.sim.geometry import rectangle_clearance
from rfsn_ros.sim.lidar import Lidar
from rfsn_ros.sim.worlds import World

__all__ = ['Simulator']

_Sample = tuple[float, float, float, float, float, float, float, float, float]


class Simulator(ABC):
    """
    One robot in one world, advanced in ticks; every number follows from world and seed.

    Subclasses move the robot (`_place`, `_advance`); all else is here. `truth` is given in the
    world frame, `odometry` in a frame that begins at the start pose (`World.goal_from_start` is
    the goal there). Scan and odometry are made when asked for and carry the time of their
    measurement.
    """

    touching = 0.0
    """Clearance from which on the footprint touches an obstacle, metres."""

    def __init__(self, config: SimConfig) -> None:
        self.config = config
        self.lidar = Lidar(config.lidar)
        self._closed = False
        self._world: World | None = None
        self._disturbances = config.disturbances
        self._ticks = 0
        self._x = self._y = self._yaw = self._v = self._w = 0.0
        self._radius = 0.5 * math.hypot(config.robot.length, config.robot.width)
        self._room = 0.0  # the clearance is at least this

    # -- what subclasses do ----------------------------------------------------------------

    @abstractmethod
    def _place(self, world: World) -> None:
        """Build the world and put the robot at its start, at rest."""

    @abstractmethod
    def _advance(self, v: float, w: float, grip: tuple[float, float]) -> None:
        """Drive one tick towards the commanded (v, w); set pose and body velocities."""

    @abstractmethod
    def _disturb(self) -> None:
        """Take notice of `self._disturbances` having changed."""

    # -- the contract ----------------------------------------------------------------------

    def reset(self, world: World, seed: int) -> None:
        """
        Put the robot at rest at the world's start; time begins at 0.

        :raises InputError: the seed is negative.
        :raises ClosedError: the simulator was closed.
        """
        if self._closed:
            raise ClosedError('the simulator was closed')
        if seed < 0:
            raise InputError(f'seed = {seed}: must be >= 0')
        self._world = world
        self._ticks = 0
        self._streams = [
            np.random.Generator(np.random.PCG64(child))
            for child in np.random.SeedSequence(seed).spawn(6)]
        self._disturbances = self.config.disturbances
        self._latency = CommandLatency(self._disturbances.command_latency)
        self._drift = OdometryDrift(self._disturbances.odometry_drift, self._streams[0])
        self._x, self._y, self._yaw = world.start.x, world.start.y, world.start.yaw
        self._v = self._w = 0.0
        self._make_disturbances()
        self._place(world)
        self._disturb()
        self._history: deque[_Sample] = deque()
        self._remember()
        self._room = self._min_clearance = self._measure_clearance()
        self._contact = self._min_clearance <= self.touching

    def set_disturbances(self, disturbances: DisturbancesConfig) -> None:
        """
        Switch to other disturbances from now until the next `reset`.

        Pose, odometry and commands on their way are kept.
        """
        self._disturbances = disturbances
        self._latency.configure(disturbances.command_latency)
        self._drift.configure(disturbances.odometry_drift)
        self._make_disturbances()
        self._disturb()

    def step(self, command: Twist2D, duration: float) -> None:
        """
        Send a velocity command and let time pass.

        The command is clipped to what the robot's base accepts. After a contact the robot
        stays where it is.

        :param duration: seconds, a whole multiple of `config.tick`.
        :raises InputError: the command is not finite or the duration no multiple of the tick.
        """
        if not (math.isfinite(command.v) and math.isfinite(command.w)):
            raise InputError(f'command must be finite, got v = {command.v}, w = {command.w}')
        tick = self.config.tick
        count = round(duration / tick)
        if count < 1 or abs(count * tick - duration) > 1e-6:
            raise InputError(f'duration = {duration}: must be a whole multiple of tick = {tick}')
        robot = self.config.robot
        v = min(max(command.v, -robot.max_reverse_speed), robot.max_speed)
        w = min(max(command.w, -robot.max_turn_rate), robot.max_turn_rate)
        self._latency.push(self.time, v, w)
        for _ in range(count):
            self._tick()

    def scan(self) -> LaserScan:
        """Return the newest scan that has arrived, stamped with its measurement."""
        stamp, x, y, yaw, *_ = self._arrived()
        ranges = self.lidar.cast(Pose2D(x, y, yaw), self._circles(stamp), self.world.edges)
        self._noise.apply(ranges)
        ranges[ranges > self.config.lidar.range_max] = np.inf
        self._dropouts.apply(ranges)
        self._blind_sector.apply(ranges)
        return self.lidar.scan(stamp, ranges)

    def odometry(self) -> Odometry:
        """Return the newest odometry that has arrived, with its drift."""
        stamp, _, _, _, x, y, yaw, v, w = self._arrived()
        return Odometry(stamp, Pose2D(x, y, yaw), self._drift.twist(v, w))

    def truth(self) -> Odometry:
        """Return the true pose in the world frame and the true body velocities, now."""
        return Odometry(self.time, Pose2D(self._x, self._y, self._yaw),
                        Twist2D(self._v, self._w))

    def moving_obstacles(self) -> FloatArray:
        """Return the moving obstacles now, rows (x, y, radius), world frame."""
        return self._moving.circles(self.time)

    @property
    def world(self) -> World:
        """
        Return the world of the last `reset`.

        :raises InputError: there was none yet.
        """
        if self._world is None:
            raise InputError('reset(world, seed) must come first')
        return self._world

    @property
    def time(self) -> float:
        """Seconds since `reset`."""
        return self._ticks * self.config.tick

    @property
    def pose(self) -> Pose2D:
        """True pose in the world frame, now."""
        return Pose2D(self._x, self._y, self._yaw)

    @property
    def contact(self) -> bool:
        """Whether the footprint has touched an obstacle since `reset`."""
        return self._contact

    def clearance(self) -> float:
        """Return the true distance from the footprint to the nearest obstacle now, metres."""
        return self._measure_clearance()

    @property
    def min_clearance(self) -> float:
        """Smallest `clearance` since `reset`, metres."""
        return self._min_clearance

    @property
    def disturbances(self) -> DisturbancesConfig:
        """Return the disturbances in force."""
        return self._disturbances

    def close(self) -> None:
        """Free what the simulator holds; it cannot be used afterwards."""
        self._closed = True

    def __enter__(self) -> Simulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # -- inside ----------------------------------------------------------------------------

    def _make_disturbances(self) -> None:
        disturbances, world = self._disturbances, self.world
        noise, drops, blind, slip, moving = self._streams[1:]
        self._noise = LidarNoise(disturbances.lidar_noise, noise)
        self._dropouts = Dropouts(disturbances.dropouts, drops)
        self._blind_sector = BlindSector(
            disturbances.blind_sector, blind, self.lidar.angles + self.config.lidar.mount_yaw)
        self._slip = Slip(disturbances.slip, slip, self.config.tick)
        self._moving = MovingObstacles(
            disturbances.moving_obstacles, moving, world, self._free_distance)

    def _free_distance(self, x: float, y: float, radius: float) -> float:
        """Return how far a disc is from what stands; negative where they overlap."""
        world = self.world
        return float(rectangle_clearance(
            x, y, 0.0, 0.0, 0.0, world.circles, world.edges, world.boxes)) - radius

    def _circles(self, time: float) -> FloatArray:
        if self._disturbances.moving_obstacles.count == 0:
            return self.world.circles
        return np.vstack([self.world.circles, self._moving.circles(time)])

    def _tick(self) -> None:
        v, w = self._latency.at(self.time)
        x, y, yaw = self._x, self._y, self._yaw
        self._advance(v, w, self._slip.grip())
        self._ticks += 1
        turn = (self._yaw - yaw + math.pi) % (2 * math.pi) - math.pi
        middle = yaw + 0.5 * turn
        cos, sin = math.cos(middle), math.sin(middle)
        dx, dy = self._x - x, self._y - y
        self._drift.advance(cos * dx + sin * dy, cos * dy - sin * dx, turn)
        self._remember()
        # no point of the footprint has come farther than this
        self._room -= math.hypot(dx, dy) + self._radius * abs(turn)
        if self._room <= max(self._min_clearance, self.touching) or (
                self._disturbances.moving_obstacles.count):
            self._room = self._measure_clearance()
            self._min_clearance = min(self._min_clearance, self._room)
            self._contact = self._contact or self._room <= self.touching

    def _measure_clearance(self) -> float:
        robot, world = self.config.robot, self.world
        return float(rectangle_clearance(
            self._x, self._y, self._yaw, 0.5 * robot.length, 0.5 * robot.width,
            self._circles(self.time), world.edges, world.boxes))

    def _remember(self) -> None:
        """Keep as many samples as the sensor delay reaches back."""
        drift, time = self._drift, self.time
        self._history.append((time, self._x, self._y, self._yaw,
                              drift.x, drift.y, drift.yaw, self._v, self._w))
        limit = time - self._disturbances.sensor_delay.seconds + 1e-9
        while len(self._history) > 1 and self._history[1][0] <= limit:
            self._history.popleft()

    def _arrived(self) -> _Sample:
        """Return the newest sample that is as old as the sensor delay, or the first of all."""
        return self._history[0]
