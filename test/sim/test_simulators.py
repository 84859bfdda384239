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

"""One battery over both simulators: what any user of the interface relies on."""

import math
import os
import subprocess
import sys

import numpy as np
import psutil
import pytest
from rfsn_ros.errors import ClosedError, ConfigError, InputError
from rfsn_ros.navigation.observation import Pose2D, Twist2D
from rfsn_ros.sim import make_simulator, parse_worlds, World
from rfsn_ros.sim.config import (
    CommandLatencyConfig,
    DISTURBANCES,
    DisturbancesConfig,
    Engine,
    MovingObstaclesConfig,
    SensorDelayConfig,
    SimConfig,
)

OPEN = World(name='open', start=Pose2D(1.0, 2.0, 0.5), goal=(21.0, 2.0), reference_length=20.0)
WALL = World(name='wall', start=Pose2D(), goal=(10.0, 0.0), reference_length=10.0,
             boxes=[(3.0, 0.0, 0.1, 2.0, 0.0)])


@pytest.fixture(params=list(Engine), ids=lambda engine: engine.value)
def engine(request):
    if request.param is Engine.BULLET:
        pytest.importorskip('pybullet')
    return request.param


@pytest.fixture
def make(engine):
    opened = []

    def build(disturbances='ideal', robot='jackal'):
        opened.append(make_simulator(
            SimConfig.for_robot(robot, engine=engine, disturbances=disturbances)))
        return opened[-1]

    yield build
    for sim in opened:
        sim.close()


def drive(sim, world, seed, commands=40):
    """Everything that a drive with random commands shows, as numbers."""
    rng = np.random.default_rng(seed)
    sim.reset(world, seed)
    rows = []
    for _ in range(commands):
        sim.step(Twist2D(rng.uniform(-0.5, 2.0), rng.uniform(-2.0, 2.0)), 0.1)
        truth, odometry = sim.truth(), sim.odometry()
        rows.append([truth.pose.x, truth.pose.y, truth.pose.yaw, truth.twist.v, truth.twist.w,
                     odometry.pose.x, odometry.pose.y, odometry.pose.yaw, odometry.twist.v,
                     sim.clearance(), float(sim.contact), *sim.scan().ranges[::90]])
    return np.array(rows)


def test_the_same_seed_gives_the_same_drive_whatever_came_before(make):
    first, second = parse_worlds('generated:3,4')
    sim = make('moving')
    expected = drive(sim, first, 7)
    drive(sim, second, 8)
    np.testing.assert_array_equal(drive(sim, first, 7), expected)
    np.testing.assert_array_equal(drive(make('moving'), first, 7), expected)


def test_another_seed_gives_another_drive(make):
    sim = make('default')
    assert not np.array_equal(drive(sim, OPEN, 1), drive(sim, OPEN, 2))


def test_truth_begins_at_the_start_and_odometry_at_zero(make):
    sim = make('default')
    sim.reset(OPEN, 0)
    assert sim.time == 0.0
    assert sim.truth().pose == OPEN.start
    assert sim.odometry().pose == Pose2D()


@pytest.mark.parametrize(('robot', 'speed'), [('jackal', 2.0), ('turtlebot3', 0.22)])
def test_the_robot_reaches_its_speed_and_not_more(make, robot, speed):
    sim = make(robot=robot)
    sim.reset(OPEN, 0)
    sim.step(Twist2D(100.0, 0.0), 2.0)
    assert sim.truth().twist.v == pytest.approx(speed, rel=0.01)
    way = math.hypot(sim.truth().pose.x - 1.0, sim.truth().pose.y - 2.0)
    assert way < speed * 2.0


def test_a_turn_on_the_spot_turns_on_the_spot(make):
    sim = make()
    sim.reset(OPEN, 0)
    sim.step(Twist2D(0.0, 1.0), 2.0)
    pose = sim.truth().pose
    assert math.hypot(pose.x - 1.0, pose.y - 2.0) < 0.01
    assert pose.yaw - 0.5 == pytest.approx(1.95, abs=0.02)


def test_without_errors_odometry_is_the_truth_in_the_frame_of_the_start(make):
    sim = make()
    sim.reset(OPEN, 0)
    sim.step(Twist2D(1.0, 0.7), 2.0)
    truth, odometry = sim.truth().pose, sim.odometry().pose
    cos, sin = math.cos(0.5), math.sin(0.5)
    assert 1.0 + cos * odometry.x - sin * odometry.y == pytest.approx(truth.x, abs=2e-3)
    assert 2.0 + sin * odometry.x + cos * odometry.y == pytest.approx(truth.y, abs=2e-3)
    assert odometry.yaw + 0.5 == pytest.approx(truth.yaw, abs=1e-9)
    assert sim.odometry().twist.v == pytest.approx(sim.truth().twist.v)


def test_a_command_waits_for_its_latency(make):
    sim = make(DisturbancesConfig.ideal().replace(
        command_latency=CommandLatencyConfig(seconds=0.2)))
    sim.reset(OPEN, 0)
    sim.step(Twist2D(1.0, 0.0), 0.2)
    assert abs(sim.truth().twist.v) < 1e-2
    sim.step(Twist2D(1.0, 0.0), 0.1)
    assert sim.truth().twist.v > 0.1


def test_stamps_tell_when_it_was_measured(make):
    sim = make(DisturbancesConfig.ideal().replace(sensor_delay=SensorDelayConfig(seconds=0.1)))
    sim.reset(WALL, 0)
    sim.step(Twist2D(1.0, 0.0), 1.0)
    then = sim.truth()
    sim.step(Twist2D(1.0, 0.0), 0.1)
    scan, odometry = sim.scan(), sim.odometry()
    assert scan.stamp == odometry.stamp == pytest.approx(then.stamp)
    assert odometry.pose.x == pytest.approx(then.pose.x, abs=1e-6)
    ahead = scan.ranges[np.argmin(np.abs(scan.angles))]
    assert ahead == pytest.approx(2.9 - (then.pose.x - 0.065), abs=1e-3)


def test_driving_into_a_wall_is_a_contact_and_stays_one(make):
    sim = make('default')
    sim.reset(WALL, 0)
    assert sim.clearance() == pytest.approx(2.9 - 0.254)
    for _ in range(30):
        sim.step(Twist2D(2.0, 0.0), 0.1)
    assert sim.contact
    assert sim.min_clearance == 0.0
    # The footprint's front is 0.254 m ahead of base_link; a tick at 2 m/s is 4 cm.
    assert 2.9 - 0.254 - 1e-6 <= sim.truth().pose.x <= 2.9 - 0.254 + 0.05
    sim.step(Twist2D(-1.0, 0.0), 1.0)
    assert sim.contact
    sim.reset(WALL, 0)
    assert not sim.contact


def test_a_moving_obstacle_is_seen_and_counts(make):
    moving = DISTURBANCES['moving'].replace(moving_obstacles=MovingObstaclesConfig(
        count=1, max_speed=1.0, radius=0.3, reach=3.0))
    sim = make(moving)
    sim.reset(OPEN, 5)
    seen, clear = set(), []
    for _ in range(60):
        x, y, radius = sim.moving_obstacles()[0]
        pose, scan = sim.truth().pose, sim.scan()
        laser = (pose.x - 0.065 * math.cos(pose.yaw), pose.y - 0.065 * math.sin(pose.yaw))
        bearing = math.atan2(y - laser[1], x - laser[0]) - pose.yaw
        beam = round((bearing - scan.angle_min) / scan.angle_increment)
        expected = math.hypot(x - laser[0], y - laser[1]) - radius
        if 1 <= beam < len(scan.ranges) - 1 and np.isfinite(scan.ranges[beam]):
            assert scan.ranges[beam] == pytest.approx(expected, abs=0.08)
            seen.add(round(y, 1))
        clear.append(sim.clearance())
        sim.step(Twist2D(0.0, 0.0), 0.1)
    assert len(seen) > 5
    assert len(set(clear)) > 5


def test_moving_obstacles_turn_round_where_a_disc_meets_a_pillar(make):
    pillars = np.array([
        (x, y, 0.1) for x in np.arange(3.0, 19.0, 0.7) for y in (0.4, 1.1, 2.9, 3.6)])
    world = World(name='pillars', start=Pose2D(1.0, 2.0, 0.0), goal=(21.0, 2.0),
                  reference_length=20.0, circles=pillars)
    sim = make(DISTURBANCES['moving'])
    gaps = []
    for seed in range(5):
        sim.reset(world, seed)
        tracks = []
        for _ in range(400):
            tracks.append(sim.moving_obstacles()[:, :2])
            sim.step(Twist2D(), 0.06)
        for track in np.transpose(tracks, (1, 0, 2)):
            gap = np.linalg.norm(track[:, None] - pillars[:, :2], axis=2).min(axis=1) - 0.3
            assert gap.min() > 0.0
            end = track[:, 1].argmax()
            if track[end, 1] < 4.0:
                gaps.append(gap[end])
    assert len(gaps) > 10
    # they come within a step of touching, whichever way the pillar lies
    assert max(gaps) < 0.06


def test_disturbances_change_in_mid_run_without_a_jump(make):
    sim = make('default')
    sim.reset(OPEN, 0)
    for _ in range(10):
        sim.step(Twist2D(1.0, 0.3), 0.1)
    before, odometry = sim.truth().pose, sim.odometry().pose
    sim.set_disturbances(DISTURBANCES['shift'])
    assert sim.disturbances == DISTURBANCES['shift']
    assert sim.truth().pose == before
    assert sim.odometry().pose == odometry
    sim.step(Twist2D(1.0, 0.3), 1.0)
    assert sim.truth().twist.v == pytest.approx(0.75, abs=0.15)
    assert np.isnan(sim.scan().ranges).sum() > 100
    sim.reset(OPEN, 0)
    assert sim.disturbances == DISTURBANCES['default']


def test_less_acceleration_takes_longer_to_stop(make):
    ways = []
    for name in ('ideal', 'shift'):
        sim = make(DISTURBANCES['ideal'].replace(acceleration=DISTURBANCES[name].acceleration))
        sim.reset(OPEN, 0)
        sim.step(Twist2D(1.0, 0.0), 3.0)
        begin = sim.truth().pose
        sim.step(Twist2D(0.0, 0.0), 2.0)
        end = sim.truth().pose
        ways.append(math.hypot(end.x - begin.x, end.y - begin.y))
    # v^2 / 2a, plus half a tick.
    assert ways[0] == pytest.approx(1.0 / 6.0, abs=0.03)
    assert ways[1] == pytest.approx(1.0 / 2.4, abs=0.04)


def test_a_heavy_payload_takes_acceleration(make):
    reached = []
    for mass in (0.0, 40.0):
        ideal = DISTURBANCES['ideal']
        sim = make(ideal.replace(payload=ideal.payload.replace(mass=mass)))
        sim.reset(OPEN, 0)
        sim.step(Twist2D(2.0, 0.0), 0.6)
        reached.append(sim.truth().twist.v)
    assert reached[0] > 1.6
    assert reached[1] < 0.75 * reached[0]


def test_ice_cannot_be_braked_on(make):
    ideal = DISTURBANCES['ideal']
    sim = make(ideal.replace(slip=ideal.slip.replace(friction=0.05)))
    sim.reset(OPEN, 0)
    sim.step(Twist2D(2.0, 0.0), 1.0)
    assert sim.truth().twist.v < 0.7


@pytest.mark.parametrize('command', [Twist2D(math.nan, 0.0), Twist2D(0.0, math.inf)])
def test_a_command_that_is_not_finite_is_refused_and_changes_nothing(make, command):
    sim = make()
    sim.reset(OPEN, 0)
    with pytest.raises(InputError, match='finite'):
        sim.step(command, 0.1)
    assert sim.time == 0.0


@pytest.mark.parametrize('duration', [0.0, -0.1, 0.03, 0.001])
def test_a_duration_that_is_no_multiple_of_the_tick_is_refused(make, duration):
    sim = make()
    sim.reset(OPEN, 0)
    with pytest.raises(InputError, match='multiple of tick'):
        sim.step(Twist2D(), duration)


def test_use_before_reset_and_after_close_is_an_error(make):
    sim = make()
    with pytest.raises(InputError, match='reset'):
        _ = sim.world
    with pytest.raises(InputError, match='seed'):
        sim.reset(OPEN, -1)
    sim.close()
    sim.close()
    with pytest.raises(ClosedError):
        sim.reset(OPEN, 0)


def test_hundreds_of_resets_leak_nothing(make):
    worlds = parse_worlds('generated:0-4')
    sim = make('moving')
    process = psutil.Process()

    def resets(count):
        for number in range(count):
            sim.reset(worlds[number % len(worlds)], number)
            sim.step(Twist2D(1.0, 0.0), 0.1)
            sim.scan()

    resets(20)
    before = process.memory_info().rss
    resets(100)
    assert process.memory_info().rss - before < 4e6


def test_both_simulators_agree_on_gentle_commands():
    pytest.importorskip('pybullet')
    rng = np.random.default_rng(0)
    commands = [Twist2D(rng.uniform(0.2, 1.0), rng.uniform(-0.8, 0.8)) for _ in range(10)]
    ends = []
    for engine in Engine:
        with make_simulator(SimConfig.for_robot(
                'jackal', engine=engine, disturbances='ideal')) as sim:
            sim.reset(OPEN, 0)
            for command in commands:
                sim.step(command, 0.5)
            ends.append(sim.truth().pose)
    assert math.hypot(ends[0].x - ends[1].x, ends[0].y - ends[1].y) < 0.15
    assert ends[0].yaw == pytest.approx(ends[1].yaw, abs=0.1)


def test_pybullet_keeps_its_greeting_to_itself():
    pytest.importorskip('pybullet')
    code = ('from rfsn_ros.sim.bullet import import_pybullet; import_pybullet(); '
            'print("only this", flush=True)')
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(sys.path)}
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True,
                            check=True, env=environment)
    assert result.stdout == 'only this\n'
    assert result.stderr == ''


def test_physics_rate_must_fit_the_tick():
    with pytest.raises(ConfigError, match='physics_rate = 240: must be a whole multiple'):
        SimConfig(tick=0.02, physics_rate=240)
    SimConfig(tick=0.02, physics_rate=500)


def test_settings_survive_a_mapping_and_name_what_is_wrong():
    config = SimConfig.for_robot('turtlebot3', disturbances='shift')
    assert SimConfig.from_dict(config.to_dict()) == config
    with pytest.raises(ConfigError, match=r'disturbances\.slip\.linear = 1\.5'):
        SimConfig.from_dict({'disturbances': {'slip': {'linear': 1.5}}})
    with pytest.raises(ConfigError, match='walker'):
        SimConfig.for_robot('walker')
    with pytest.raises(ConfigError, match='storm'):
        SimConfig.for_robot('jackal', disturbances='storm')
