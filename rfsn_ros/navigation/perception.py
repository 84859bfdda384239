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

"""From an observation to what the decision and the reward look at."""

from __future__ import annotations

from dataclasses import dataclass, replace
import math

import numpy as np
from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.errors import SensorError
from rfsn_ros.navigation.clearance import clearances, disc_clearance
from rfsn_ros.navigation.config import NavigationConfig, RobotModel
from rfsn_ros.navigation.descent import alignment_at, CostToGo, fall_at, value_at
from rfsn_ros.navigation.guidance import clear_aim, Guidance
from rfsn_ros.navigation.impasse import Impasses
from rfsn_ros.navigation.memory import Beams, beams_of, OccupancyMemory
from rfsn_ros.navigation.observation import FloatArray, LaserScan, Observation, Odometry, Pose2D
from rfsn_ros.navigation.safety import caution_of, footprint_of
from rfsn_ros.navigation.sight import lane, seen_by_now, SightMap
from rfsn_ros.navigation.surroundings import Surroundings
from rfsn_ros.navigation.tracks import Tracker

__all__ = ['Percept', 'Perception', 'moved']

_NOTHING: FloatArray = np.zeros((0, 3))
_MOST_EXTRAPOLATED = 0.5
_ABSURD = 10.0  # times the limits of the robot: no motion, but odometry by a clock that stumbled


@dataclass(frozen=True, slots=True)
class Percept:
    """
    One observation, seen through memory and guidance (odom frame, SI units).

    `around` is what the memory holds near the robot. `clearance` is the footprint's signed
    distance to the nearest obstacle, `room` that to whatever the mask keeps from (what was never
    seen counts, what moves does not), both exact up to `safety.heeded`; `value` the cost-to-go at
    the robot, `lane` the unseen points of the way ahead (m, 3), `answers` where the laser
    answers, `discs` the moving obstacles with rows (x, y, vx, vy, radius, ahead, behind): how far
    each goes on and back on its line before it turns round.
    """

    observation: Observation
    beams: Beams
    around: Surroundings
    field: CostToGo
    clearance: float
    room: float
    value: float
    lane: FloatArray
    answers: FloatArray
    discs: FloatArray

    @property
    def odometry(self) -> Odometry:
        """Pose and velocity of the robot."""
        return self.observation.odometry

    def alignment_at(self, pose: Pose2D) -> float:
        """Return the cosine between a heading and the way down the cost-to-go there."""
        return float(alignment_at(pose.x, pose.y, pose.yaw, self.field))

    def way_at(self, pose: Pose2D) -> float:
        """Return the direction (rad, odom) in which the cost-to-go falls; the heading if flat."""
        x, y = fall_at(pose.x, pose.y, self.field)
        return math.atan2(y, x) if x or y else pose.yaw

    def seen_by_now(self, points: FloatArray) -> BoolArray:
        """Return which points of an earlier lane (m, 3) have come into view, shape (m,)."""
        return seen_by_now(points, self.around)

    def value_at(self, x: float, y: float) -> float:
        """Return the cost-to-go at a point, metres."""
        return float(value_at(x, y, self.field))


class Perception:
    """Memory and guidance of one robot on its way to one goal."""

    def __init__(self, config: NavigationConfig) -> None:
        self.config = config
        self.memory = OccupancyMemory(config.memory)
        # a gap the mask would not let the robot through is no way
        self.guidance = Guidance(
            config.guidance, 0.5 * config.robot.width + config.safety.margin)
        self.sight = SightMap()
        self.tracker = Tracker()
        self.impasses = Impasses(config.robot.max_speed)
        self._fresh = True
        robot = config.robot
        self._footprint, self._caution = footprint_of(robot), caution_of(config)
        self._turning_radius = (
            0.5 * math.hypot(robot.length, robot.width) + config.safety.margin
            + 2.0 * config.memory.resolution)

    def reset(self) -> None:
        """Forget what was seen; the next observation starts a new memory."""
        self._fresh = True

    def update(self, observation: Observation, *, reach: float = 3.0) -> Percept:
        """
        Enter an observation; distances are exact within `reach` metres of the robot.

        :raises SensorError: odometry or goal are not finite, the odometry is faster than the
            robot can be, or no beam says anything. The memory is then unchanged.
        """
        _check(observation, self.config.robot)
        odometry = observation.odometry
        pose = odometry.pose
        beams = self._beams(observation.scan, odometry)
        if not len(beams.end_x):
            raise SensorError(
                f'scan: none of {len(observation.scan.ranges)} ranges is valid')
        begins = self._fresh
        if begins:
            self.sight.restart()
            self.tracker.clear()
            self.memory.clear((pose.x, pose.y))
            self.impasses.clear()
            self._fresh = False
        self.memory.follow(pose.x, pose.y)
        if observation.midway is not None and not begins:
            self._glance(*observation.midway)
        discs, entered = self._discs(beams, odometry.stamp)
        self.memory.enter(entered)
        self.sight.observe(beams)
        if begins or not self.config.memory.enabled:
            # the turning circle around the start is taken on trust: it may lie out of view
            self.memory.trust(pose.x, pose.y, self._turning_radius)
        self._trust_footprint(pose)
        around = self.memory.around(pose.x, pose.y, reach)
        aim = observation.goal
        if not self.config.guidance.enabled:
            robot = self.config.robot
            aim = clear_aim(
                beams, pose, aim, 0.5 * robot.width + self.config.safety.margin,
                0.5 * robot.length)
        field = self.guidance.field(
            self.guidance.terrain(self.memory, pose.x, pose.y, aim), reach, self.impasses.spots)
        clearance, room = self._clearances(pose, around, discs)
        value = float(value_at(pose.x, pose.y, field))
        ahead = _NOTHING if not self.config.safety.unknown_blocks else lane(
            pose.x, pose.y, pose.yaw, self._turning_radius, 0.8 * reach,
            0.5 * self.config.robot.width + self.config.safety.margin, field, around)
        percept = Percept(
            observation, beams, around, field, clearance, room, value, ahead, self.sight.answers,
            discs)
        self.impasses.observe(odometry.stamp, pose, percept.way_at(pose))
        return percept

    def _clearances(
        self, pose: Pose2D, around: Surroundings, discs: FloatArray,
    ) -> tuple[float, float]:
        """Return the clearance from what was seen and moves, and from what the mask keeps from."""
        clearance, room = clearances(
            pose.x, pose.y, pose.yaw, self._footprint, around, self._caution)
        if len(discs):
            clearance = min(clearance, float(disc_clearance(
                pose.x, pose.y, pose.yaw, self._footprint, discs.take((0, 1, 4), axis=1))))
        return clearance, room

    def _trust_footprint(self, pose: Pose2D) -> None:
        """Take what was never seen under the robot as free: it stands there."""
        robot = self.config.robot
        radius = 0.5 * min(robot.length, robot.width)
        along = 0.5 * abs(robot.length - robot.width)
        yaw = pose.yaw if robot.length >= robot.width else pose.yaw + 0.5 * math.pi
        for offset in (-along, along):
            self.memory.trust(
                pose.x + offset * math.cos(yaw), pose.y + offset * math.sin(yaw), radius)

    def _beams(self, scan: LaserScan, odometry: Odometry) -> Beams:
        """Place a scan where the robot was then."""
        lag = min(max(scan.stamp - odometry.stamp, -_MOST_EXTRAPOLATED), _MOST_EXTRAPOLATED)
        pose = moved(odometry, lag) if lag else odometry.pose
        return beams_of(scan, pose, self.config.memory.range)

    def _glance(self, scan: LaserScan, odometry: Odometry) -> None:
        """Follow what moves through a scan between two observations, if that is usable."""
        if _doubt(odometry, self.config.robot):
            return
        beams = self._beams(scan, odometry)
        if len(beams.end_x):
            self._discs(beams, odometry.stamp)

    def _discs(self, beams: Beams, stamp: float) -> tuple[FloatArray, Beams]:
        """Return the moving obstacles, and the beams as if they had met none of them."""
        if not self.config.memory.enabled:
            return np.zeros((0, 7)), beams
        discs, theirs = self.tracker.observe(beams, self.memory, stamp)
        if not len(discs):
            return discs, beams
        return discs, replace(beams, hit=np.where(theirs, 0.0, beams.hit))


def moved(odometry: Odometry, time: float) -> Pose2D:
    """Return where the robot is `time` seconds later at constant velocity."""
    pose, twist = odometry.pose, odometry.twist
    yaw = pose.yaw + 0.5 * twist.w * time
    return Pose2D(
        pose.x + twist.v * time * math.cos(yaw), pose.y + twist.v * time * math.sin(yaw),
        pose.yaw + twist.w * time)


def _doubt(odometry: Odometry, robot: RobotModel) -> str:
    """Return why odometry cannot be right, empty if it may be."""
    pose, twist = odometry.pose, odometry.twist
    numbers = (odometry.stamp, pose.x, pose.y, pose.yaw, twist.v, twist.w)
    if not all(map(math.isfinite, numbers)) or max(map(abs, numbers[1:])) > 1e6:
        return f'must be finite and below 1e6, got {odometry}'
    for what, value, unit, limit in (('speed', twist.v, 'm/s', robot.max_speed),
                                     ('turn rate', twist.w, 'rad/s', robot.max_turn_rate)):
        if abs(value) > _ABSURD * limit:
            return (f'{what} {value:.4g} {unit}, more than {_ABSURD:g} times the {limit:g} {unit} '
                    'that the robot reaches')
    return ''


def _check(observation: Observation, robot: RobotModel) -> None:
    if (why := _doubt(observation.odometry, robot)):
        raise SensorError(f'odometry: {why}')
    if not all(map(math.isfinite, observation.goal)) or max(map(abs, observation.goal)) > 1e6:
        raise SensorError(f'goal: must be finite and below 1e6, got {observation.goal}')
