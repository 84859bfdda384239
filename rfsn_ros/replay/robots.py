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

"""Which robot drove, as far as a bag tells, and what in it speaks against a chosen one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
import math

import numpy as np
from rfsn_ros.navigation.config import NavigationConfig, RobotModel
from rfsn_ros.navigation.observation import LaserScan
from rfsn_ros.navigation.robots import ROBOTS, settings_of
from rfsn_ros.replay.recording import FloatArray, Recording

__all__ = ['Driven', 'Limits', 'common_limits', 'contradictions', 'guess_robot', 'recognise']

_WORDS = {
    'epuck': ('epuck', 'e_puck'), 'jackal': ('jackal',),
    'turtlebot4': ('turtlebot4', 'irobot_create', 'create3'),
    'turtlebot2': ('kobuki', 'mobile_base'), 'neato': ('neato', 'stable_scan', '@base_laser_link'),
    'turtlebot3_waffle': ('waffle',), 'turtlebot3': ('turtlebot3', '@base_scan'),
}
"""What names of topics and types give a robot away, and, behind @, the laser's frame; the most
telling first."""
_SEATS = {
    'turtlebot3_waffle': ('base_scan', -0.064, 0.0), 'turtlebot4': ('rplidar_link', -0.04, 90.0),
}
"""The laser's frame, and where it sits in the base (m, deg), of robots that no name may tell."""
_OTHERS = 'base_scan'
"""How the PR2 and Stage call their scans, whose frames go by the same names."""

_ABOVE, _REACHED, _BELOW, _INSIDE = 1.15, 1.05, 0.3, 0.9
"""A robot is another where it drives faster than the first share of its top speed, or never faster
than the third; or where obstacles come nearer to its middle than the last of its half width. One
is proposed that may drive at the second."""


@dataclass(frozen=True, slots=True)
class Driven:
    """
    The robot that a bag suggests, one of `ROBOTS`, and why in words.

    `speed` (m/s) and `turn_rate` (rad/s) are limits that cover what it drove at.
    """

    name: str
    why: str
    speed: float
    turn_rate: float


Limits = dict[str, tuple[float, float]]
"""Speed (m/s) and turn rate (rad/s) by name of a robot."""


def recognise(recording: Recording) -> Driven:
    """
    Return the robot of a bag.

    Its kind comes from names in the bag, or from where its laser sits, else from its speed and the
    room it left around itself.
    """
    speed, turn, room = _facts(recording)
    name, why = _named(recording), 'by the names in the bag'
    # a Waffle says nothing that a Burger does not
    if name in ('', 'turtlebot3') and (seated := _seated(recording)):
        name, why = seated, 'by where its laser sits'
    if not name:
        name, why = _fitting(speed, room), f'by its speed, up to {speed:.2g} m/s'
    able = ROBOTS[name]
    return Driven(name, why, _limit(speed, able.max_speed, 10.0),
                  _limit(turn, able.max_turn_rate, 20.0))


def common_limits(robots: Iterable[Driven]) -> Limits:
    """
    Return limits of each kind of robot that cover what nearly all of that kind drove at.

    One in ten may have been faster, by odometry that is damaged or another robot's: with its
    limits all others would be given primitives they never drove.
    """
    found: dict[str, list[Driven]] = {}
    for one in robots:
        found.setdefault(one.name, []).append(one)
    return {name: (_most(one.speed for one in alike), _most(one.turn_rate for one in alike))
            for name, alike in found.items()}


def guess_robot(recording: Recording, limits: Limits) -> tuple[NavigationConfig, str]:
    """
    Return settings for the robot of a bag, limited to about what it drove at, and why in words.

    Where `limits` have its kind, they are its limits.
    """
    driven = recognise(recording)
    speed, turn = limits.get(driven.name, (driven.speed, driven.turn_rate))
    config = settings_of(driven.name)
    robot = config.robot.replace(
        max_speed=speed, max_turn_rate=turn, max_reverse=min(config.robot.max_reverse, speed))
    return config.replace(robot=robot), (
        f'the robot is taken for {driven.name} ({driven.why}); --robot says otherwise')


def contradictions(recording: Recording, robot: RobotModel, name: str) -> list[str]:
    """Return in plain words what in a bag speaks against a robot, and which would fit better."""
    speed, turn, room = _facts(recording)
    half = 0.5 * min(robot.length, robot.width)
    found = []
    if speed > _ABOVE * robot.max_speed:
        found.append(f'it drove at up to {speed:.2f} m/s, {name} reaches '
                     f'{robot.max_speed:g}')
    elif 0.0 < speed < _BELOW * robot.max_speed:
        found.append(f'it never drove faster than {speed:.2f} m/s, {name} reaches '
                     f'{robot.max_speed:g}')
    if turn > _ABOVE * robot.max_turn_rate:
        found.append(f'it turned at up to {turn:.2f} rad/s, {name} reaches '
                     f'{robot.max_turn_rate:g}')
    if room < _INSIDE * half:
        found.append(f'obstacles came as near to its middle as {room:.3f} m, which is inside '
                     f'{name} ({half:.3f} m to either side)')
    if not found:
        return []
    better = recognise(recording).name
    advice = f'; --robot {better} fits better' if better != name else ''
    return ['; '.join(found) + advice]


def _limit(driven: float, able: float, most: float) -> float:
    """
    Return a limit that covers what was driven, in quarters of what the robot is able to.

    Drives at about the same limits get the same, so that they can be judged together.
    """
    quarters = max(math.ceil(4.0 * driven / (_REACHED * able)), 1)
    return round(0.25 * quarters * able if quarters <= 4 else min(1.05 * driven, most), 4)


def _most(limits: Iterable[float]) -> float:
    return float(np.quantile(list(limits), 0.9, method='higher'))


def _facts(recording: Recording) -> tuple[float, float, float]:
    """Return the top speed and turn rate driven, and the nearest that obstacles came (m)."""
    twist = np.abs(recording.odometry.twist)
    alike: dict[tuple[float, ...], list[LaserScan]] = {}
    for scan in recording.scans:
        mount = scan.mount
        alike.setdefault((len(scan.ranges), scan.angle_min, scan.angle_increment, scan.range_min,
                          scan.range_max, mount.x, mount.y, mount.yaw), []).append(scan)
    nearest = np.concatenate([_nearest(scans) for scans in alike.values()])
    return (float(np.quantile(twist[:, 0], 0.99)), float(np.quantile(twist[:, 1], 0.99)),
            float(np.quantile(nearest, 0.02, method='higher')))


def _nearest(scans: Sequence[LaserScan]) -> FloatArray:
    """Return how near things came to the middle of the robot in scans of the same beams (m)."""
    first = scans[0]
    mount, angles = first.mount, first.angles + first.mount.yaw
    ranges = np.array([scan.ranges for scan in scans])
    seen = (ranges >= first.range_min) & (ranges <= first.range_max) & (ranges < math.inf)
    ranges = np.where(seen, ranges, math.inf)
    # what is nearest to the middle is nearly so to the laser, which is not far from it
    limit = ranges.min(axis=1, keepdims=True) + 2.0 * math.hypot(mount.x, mount.y) + 1e-6
    number, beam = np.nonzero(seen & (ranges <= limit))
    x = mount.x + ranges[number, beam] * np.cos(angles[beam])
    y = mount.y + ranges[number, beam] * np.sin(angles[beam])
    nearest = np.full(len(scans), math.inf)
    np.minimum.at(nearest, number, np.hypot(x, y))
    return nearest


def _named(recording: Recording) -> str:
    words = [*recording.topics, *recording.topics.values()]
    if not any(topic.split('/')[-1] == _OTHERS for topic in recording.topics):
        words.append('@' + recording.laser_frame.split('/')[-1])
    text = ' '.join(words).lower()
    return next((name for name, words in _WORDS.items()
                 if any(word in text for word in words)), '')


def _seated(recording: Recording) -> str:
    mount, frame = recording.scans[0].mount, recording.laser_frame.split('/')[-1]
    return next((name for name, (named, x, degrees) in _SEATS.items() if frame == named and (
        max(abs(mount.x - x), abs(mount.y), abs(mount.yaw - math.radians(degrees))) < 0.01)), '')


def _fitting(speed: float, room: float) -> str:
    """Return the slowest robot that reaches a speed and has the room; the largest if several."""
    able = [name for name, robot in ROBOTS.items() if speed <= _REACHED * robot.max_speed
            and room >= _INSIDE * 0.5 * min(robot.length, robot.width)]
    return min(able or ROBOTS, key=lambda name: (
        ROBOTS[name].max_speed if able else -ROBOTS[name].max_speed))
