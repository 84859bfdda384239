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

"""Bags as TurtleBots, Neatos, Jackals and e-pucks leave them: laser, frames, topics, speeds."""

from dataclasses import dataclass, replace
import math

import numpy as np
import pytest
from rfsn_ros.cli import main
from rfsn_ros.navigation.robots import ROBOTS, settings_of
from rfsn_ros.replay.jobs import BagJob, run_job
from rfsn_ros.replay.reader import read_bag
from rfsn_ros.replay.robots import contradictions, guess_robot
from rfsn_ros.replay.topics import ReaderConfig

SCAN, TF = 'sensor_msgs/msg/LaserScan', 'tf2_msgs/msg/TFMessage'


@dataclass(frozen=True)
class Robot:
    """How a robot publishes; `chain` are (parent, child, x, yaw) down to the laser's frame."""

    chain: tuple
    beams: int
    start: float
    step: float
    low: float
    high: float
    rate: float
    speed: float
    scan: str = '/scan'
    odom: str = '/odom'
    cmd: str = '/cmd_vel'
    odom_frame: str = 'odom'
    base: str = 'base_link'
    stamped: bool = False
    miss: float = math.inf
    half: float = 1.2
    intensities: bool = False
    tf_only: bool = False
    type_of: str = ''


def rows_of(robot, messages, *, seconds=5.0, origin=0.0):
    """Drive straight along the middle of a corridor that is 2 * half wide."""
    rows, begin = [], 100.0
    for parent, child, x, yaw in robot.chain:
        rows.append(('/tf_static', TF, begin, messages.static(
            yaw, parent=parent, child=child, x=x)))
    x = sum(link[2] for link in robot.chain)
    yaw = sum(link[3] for link in robot.chain)
    angles = robot.start + robot.step * np.arange(robot.beams) + yaw
    wall = robot.half / np.maximum(np.abs(np.sin(angles)), 1e-6)
    ranges = np.where(wall <= robot.high, wall, robot.miss)
    for tick in range(round(seconds * robot.rate)):
        time = begin + 0.02 + tick / robot.rate
        scan = messages.scan(time, ranges, low=robot.low, high=robot.high, start=robot.start,
                             step=robot.step, frame=robot.chain[-1][1])
        if robot.intensities:
            scan = replace(scan, intensities=np.full(robot.beams, 7.0, np.float32))
        rows.append((robot.scan, SCAN, time, scan))
    for tick in range(round(seconds * 20.0)):
        time = begin + tick / 20.0
        way = origin + robot.speed * tick / 20.0
        if robot.tf_only:
            moved = messages.static(0.0, parent=robot.odom_frame, child=robot.base, x=way)
            moved.transforms[0] = replace(moved.transforms[0], header=messages.header(
                time, robot.odom_frame))
            rows.append(('/tf', TF, time, moved))
        else:
            rows.append((robot.odom, 'nav_msgs/msg/Odometry', time, messages.odometry(
                time, way, 0.0, 0.0, robot.speed, 0.0)))
        twist = messages.twist(robot.speed, 0.0)
        if robot.stamped:
            rows.append((robot.cmd, 'geometry_msgs/msg/TwistStamped', time,
                         messages.TwistStamped(header=messages.header(time), twist=twist)))
        else:
            rows.append((robot.cmd, 'geometry_msgs/msg/Twist', time, twist))
    return sorted(rows, key=lambda row: row[2])


TURN = 2.0 * math.pi
RPLIDAR = {'beams': 640, 'start': -math.pi, 'step': TURN / 640, 'low': 0.15, 'high': 12.0,
           'rate': 7.0}
TURTLEBOT2 = Robot(
    (('base_footprint', 'base_link', 0.0, 0.0), ('base_link', 'plate_top_link', -0.01, 0.0),
     ('plate_top_link', 'laser', 0.05, math.pi)), **RPLIDAR, speed=0.5,
    cmd='/mobile_base/commands/velocity', base='base_footprint')
TURTLEBOT3 = Robot(
    (('base_footprint', 'base_link', 0.0, 0.0), ('base_link', 'base_scan', -0.032, 0.0)),
    360, 0.0, TURN / 360, 0.12, 3.5, 5.0, 0.2, miss=0.0)
TURTLEBOT3_WAFFLE = replace(TURTLEBOT3, chain=(
    ('base_footprint', 'base_link', 0.0, 0.0), ('base_link', 'base_scan', -0.064, 0.0)))
TURTLEBOT4 = Robot(
    (('base_link', 'shell_link', 0.0, 0.0), ('shell_link', 'rplidar_link', -0.04, math.pi / 2)),
    **RPLIDAR, speed=0.4, scan='/tb4/scan', odom='/tb4/odom', cmd='/tb4/cmd_vel', stamped=True)
NEATO = Robot(
    (('base_footprint', 'base_link', 0.0, 0.0), ('base_link', 'base_laser_link', -0.1, math.pi)),
    361, TURN, -TURN / 360, 0.2, 5.0, 5.0, 0.25, intensities=True, miss=0.0)
JACKAL = Robot(
    (('base_link', 'chassis_link', 0.0, 0.0), ('chassis_link', 'front_laser', 0.12, 0.0)),
    720, -2.35619, 4.71238 / 719, 0.1, 30.0, 20.0, 1.2, scan='/front/scan',
    odom='/odometry/filtered', cmd='/jackal_velocity_controller/cmd_vel')
EPUCK = Robot(
    (('base_link', 'laser_scanner', 0.0, 0.0),), 21, math.radians(-150.0), math.radians(15.0),
    0.044, 0.14, 10.0, 0.08, scan='/epuck1/scan', odom='/epuck1/odom', cmd='/epuck1/cmd_vel',
    half=0.1, miss=0.035)

KNOWN = {
    'turtlebot2': (TURTLEBOT2, 'sqlite3', 'by the names in the bag', 'turtlebot2'),
    'turtlebot3': (TURTLEBOT3, 'mcap', 'by the names in the bag', 'turtlebot3'),
    'turtlebot3_waffle': (
        TURTLEBOT3_WAFFLE, 'mcap', 'by where its laser sits', 'turtlebot3_waffle'),
    'turtlebot4': (TURTLEBOT4, 'mcap', 'by where its laser sits', 'turtlebot4'),
    'turtlebot4 that drives slowly': (
        replace(TURTLEBOT4, speed=0.15), 'mcap', 'by where its laser sits', 'turtlebot4'),
    'turtlebot4 with another laser': (
        replace(TURTLEBOT4, chain=(('base_link', 'laser', -0.04, math.pi / 2),)), 'mcap',
        'by its speed, up to 0.4 m/s', 'turtlebot4'),
    'turtlebot4 of which /tf alone tells': (
        replace(TURTLEBOT4, tf_only=True), 'sqlite3', 'taken from transforms (odom to base_link)',
        'turtlebot4'),
    'neato': (NEATO, 'sqlite3', 'by the names in the bag', 'neato'),
    'jackal': (JACKAL, 'mcap', 'by the names in the bag', 'jackal'),
    'jackal in ROS 1': (JACKAL, 'ros1', 'by the names in the bag', 'jackal'),
    'e-puck': (EPUCK, 'mcap', 'by the names in the bag', 'epuck'),
    'e-puck in ROS 1': (EPUCK, 'ros1', 'by the names in the bag', 'epuck'),
    'e-puck in sqlite3': (EPUCK, 'sqlite3', 'by the names in the bag', 'epuck'),
}


def points(scan):
    """Return what a scan saw in the frame of the robot."""
    ranges = np.asarray(scan.ranges)
    seen = np.isfinite(ranges) & (ranges >= scan.range_min) & (ranges <= scan.range_max)
    angles = scan.angles[seen] + scan.mount.yaw
    return np.column_stack((scan.mount.x + ranges[seen] * np.cos(angles),
                            scan.mount.y + ranges[seen] * np.sin(angles)))


@pytest.mark.parametrize('name', KNOWN)
def test_known_robots_are_read_right(name, messages, write_bag, tmp_path, capsys):
    robot, storage, words, kind = KNOWN[name]
    bag = write_bag(tmp_path / 'bag', rows_of(robot, messages), storage=storage)
    recording = read_bag(bag)
    assert len(recording.scans) == round(5.0 * robot.rate)
    np.testing.assert_allclose(np.abs(points(recording.scans[3])[:, 1]), robot.half, atol=2e-3)
    assert recording.odometry.path_length == pytest.approx(5.0 * robot.speed, rel=0.05)
    np.testing.assert_allclose(recording.odometry.twist[5:-5, 0], robot.speed, rtol=0.02)
    np.testing.assert_allclose(recording.commands.twist[:, 0], robot.speed)
    out = tmp_path / 'out'
    assert main(['replay', str(bag), '--policy', 'greedy', 'random', '--out', str(out)]) == 0
    output = capsys.readouterr()
    assert output.err == ''
    assert words in output.out
    assert f'the robot is taken for {kind} ' in output.out
    trace = run_job(BagJob(path=str(bag)))
    driven = [trace.primitives[action] for action in trace.action]
    assert sum(word.startswith('arc') for word in driven) > 0.8 * len(driven)
    # Straight down the corridor to where the drive ended.
    assert trace.reward.mean() > 0.3


def test_a_ring_of_sensors_sees_nothing_in_the_open(messages, write_bag, tmp_path):
    """Every second answer of an e-puck holds nothing but its word for nothing."""
    rows, number = [], 0
    for row in rows_of(EPUCK, messages):
        if row[1] == SCAN:
            number += 1
            if number % 2:
                row = (*row[:3], replace(row[3], ranges=np.where(
                    row[3].ranges > 0.0, np.float32(0.035), row[3].ranges)))
        rows.append(row)
    bag = write_bag(tmp_path / 'bag', rows)
    recording = read_bag(bag)
    assert recording.quality.scans_seeing_nothing == 25
    assert np.isinf(recording.scans[0].ranges).any()
    assert np.array_equal(np.isinf(recording.scans[0].ranges),
                          np.isfinite(recording.scans[1].ranges) & (
                              recording.scans[1].ranges >= EPUCK.low))
    assert len(run_job(BagJob(path=str(bag), policies=('random',)))) > 20


def test_two_robots_in_a_bag_are_not_mixed(messages, write_bag, tmp_path):
    first = replace(TURTLEBOT4, tf_only=True, odom_frame='tb1/odom', base='tb1/base_link',
                    scan='/tb1/scan', cmd='/tb1/cmd_vel', chain=(
                        ('tb1/base_link', 'tb1/rplidar_link', -0.04, math.pi / 2),))
    second = replace(first, odom_frame='tb2/odom', base='tb2/base_link', scan='/tb2/scan',
                     cmd='/tb2/cmd_vel', speed=0.2, chain=(
                         ('tb2/base_link', 'tb2/rplidar_link', -0.04, -math.pi / 2),))
    rows = sorted(rows_of(first, messages) + rows_of(second, messages, origin=5.0),
                  key=lambda row: row[2])
    bag = write_bag(tmp_path / 'bag', rows)
    for namespace, speed, yaw in (('', 0.4, 1), ('tb1', 0.4, 1), ('tb2', 0.2, -1)):
        recording = read_bag(bag, ReaderConfig(namespace=namespace))
        assert recording.odometry.path_length == pytest.approx(5.0 * speed, rel=0.05)
        assert recording.scans[0].mount.yaw == pytest.approx(yaw * math.pi / 2)
        assert recording.commands.twist[0, 0] == speed
        assert len(recording.commands.stamp) == 100


@pytest.mark.parametrize(('bag_of', 'chosen', 'words', 'better'), [
    (JACKAL, 'turtlebot3', 'drove at up to 1.20 m/s, turtlebot3 reaches 0.22',
     'jackal'),
    (EPUCK, 'jackal', 'never drove faster than 0.08 m/s, jackal reaches 2', 'epuck'),
    (EPUCK, 'jackal', 'as near to its middle as 0.100 m, which is inside jackal (0.215 m',
     'epuck'),
    (TURTLEBOT4, 'epuck', 'drove at up to 0.40 m/s, epuck reaches 0.13',
     'turtlebot4'),
])
def test_a_robot_that_cannot_be_is_said_so(
    bag_of, chosen, words, better, messages, write_bag, tmp_path, capsys,
):
    bag = write_bag(tmp_path / 'bag', rows_of(bag_of, messages))
    assert main(['replay', str(bag), '--robot', chosen, '--policy', 'random', '--out',
                 str(tmp_path / 'out')]) == 0
    output = capsys.readouterr().out
    assert words in output
    assert f'--robot {better} fits better' in output
    page = (tmp_path / 'out' / 'report.html').read_text()
    assert words in page.partition('Candidates</h2>')[0]
    assert contradictions(read_bag(bag), ROBOTS[better], better) == []


def test_frames_say_nothing_of_robots_that_call_their_scans_base_scan(
    messages, write_bag, tmp_path,
):
    """Stage and the PR2 have a base_laser_link too."""
    rows = rows_of(NEATO, messages)
    known, other = (guess_robot(read_bag(write_bag(tmp_path / name, [
        (topic.replace(*change), *rest) for topic, *rest in rows])), {})[1]
        for name, change in (('a', ('/scan', '/scan')), ('b', ('/scan', '/base_scan'))))
    assert 'taken for neato (by the names in the bag)' in known
    assert 'by its speed' in other


def test_settings_for_a_small_robot_are_small(messages, write_bag, tmp_path):
    recording = read_bag(write_bag(tmp_path / 'bag', rows_of(EPUCK, messages)))
    config, _ = guess_robot(recording, {})
    small, usual = settings_of('epuck'), settings_of('jackal')
    assert config.safety == small.safety
    # Three quarters of what it reaches cover what was driven.
    assert config.robot.max_speed == pytest.approx(0.0975)
    assert small.safety.margin < 0.2 * usual.safety.margin
    assert small.memory.resolution < small.robot.width / 3
