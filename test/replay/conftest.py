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

"""Bags made for the tests: of this package (from a simulated drive) and of other robots."""

import dataclasses
from importlib.util import find_spec
import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from rfsn_ros.bandit import VWContextualBandit
from rfsn_ros.bandit.container import checksum
from rfsn_ros.config import RFSNConfig
from rfsn_ros.navigation import Navigator, Observation, RewardTracker
from rfsn_ros.navigation.observation import LaserScan, Odometry, Pose2D
from rfsn_ros.navigation.policies import BanditPolicy
from rfsn_ros.replay.bag_writer import BagWriter
from rfsn_ros.replay.digest import digest_of
from rfsn_ros.replay.mcap_writer import no_compression, zstd_compression
from rfsn_ros.replay.transforms import yaw_of
from rfsn_ros.sim import make_simulator, SimConfig
from rfsn_ros.sim.episode import EpisodeMonitor, Outcome
from rfsn_ros.sim.generator import generate_world

pytest.importorskip('rosbags')
from rosbags.typesys import get_types_from_msg, get_typestore, Stores

# Without ROS there is nothing to record.
collect_ignore = [] if find_spec('rclpy') else ['test_record.py']
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope='session')
def store():
    """Message types of ROS 2 and of this package."""
    types = get_typestore(Stores.ROS2_JAZZY)
    for file in sorted((ROOT / 'msg').glob('*.msg')):
        types.register(get_types_from_msg(file.read_text(), f'rfsn_ros/msg/{file.stem}'))
    return types


def published(message, **changes):
    """Return a message as a node would have published it with these changes."""
    message = dataclasses.replace(message, **changes)
    return dataclasses.replace(message, digest=digest_of(message))


class Messages:
    """Makes messages of a typestore from few words."""

    def __init__(self, store):
        self.store = store

    def __getattr__(self, name):
        package = {'Decision': 'rfsn_ros', 'Reward': 'rfsn_ros', 'ModelInfo': 'rfsn_ros',
                   'Episode': 'rfsn_ros', 'Odometry': 'nav_msgs', 'LaserScan': 'sensor_msgs',
                   'TFMessage': 'tf2_msgs', 'Header': 'std_msgs', 'Time': 'builtin_interfaces',
                   'String': 'std_msgs'}.get(name, 'geometry_msgs')
        return self.store.types[f'{package}/msg/{name}']

    def time(self, seconds):
        whole = round(seconds * 1e9)
        return self.Time(sec=whole // 10**9, nanosec=whole % 10**9)

    def header(self, seconds, frame='odom'):
        return self.Header(stamp=self.time(seconds), frame_id=frame)

    def scan(self, stamp, ranges, *, low=0.1, high=10.0, start=-math.pi, step=None, frame='laser'):
        step = 2.0 * math.pi / max(len(ranges), 1) if step is None else step
        return self.LaserScan(
            header=self.header(stamp, frame), angle_min=start,
            angle_max=start + step * (len(ranges) - 1), angle_increment=step, time_increment=0.0,
            scan_time=0.0, range_min=low, range_max=high,
            ranges=np.asarray(ranges, dtype=np.float32), intensities=np.zeros(0, np.float32))

    def quaternion(self, yaw):
        return self.Quaternion(x=0.0, y=0.0, z=math.sin(yaw / 2), w=math.cos(yaw / 2))

    def odometry(self, stamp, x, y, yaw, v, w):
        zeros = np.zeros(36)
        vector = self.Vector3
        return self.Odometry(
            header=self.header(stamp), child_frame_id='base_link',
            pose=self.PoseWithCovariance(pose=self.Pose(
                position=self.Point(x=x, y=y, z=0.0), orientation=self.quaternion(yaw)),
                covariance=zeros),
            twist=self.TwistWithCovariance(
                twist=self.Twist(linear=vector(x=v, y=0.0, z=0.0),
                                 angular=vector(x=0.0, y=0.0, z=w)), covariance=zeros))

    def twist(self, v, w):
        return self.Twist(linear=self.Vector3(x=v, y=0.0, z=0.0),
                          angular=self.Vector3(x=0.0, y=0.0, z=w))

    def cloud(self):
        cloud = self.store.types['sensor_msgs/msg/PointCloud2']
        return cloud(header=self.header(101.0), height=1, width=0, fields=[], is_bigendian=False,
                     point_step=16, row_step=0, data=np.zeros(0, np.uint8), is_dense=True)

    def static(self, yaw, *, parent='base_link', child='laser', roll=0.0, x=0.1):
        w = math.cos(yaw / 2) * math.cos(roll / 2)
        rotation = self.Quaternion(
            x=math.cos(yaw / 2) * math.sin(roll / 2), y=math.sin(yaw / 2) * math.sin(roll / 2),
            z=math.sin(yaw / 2) * math.cos(roll / 2), w=w)
        return self.TFMessage(transforms=[self.TransformStamped(
            header=self.header(0.0, parent), child_frame_id=child,
            transform=self.Transform(translation=self.Vector3(x=x, y=0.0, z=0.2),
                                     rotation=rotation))])


@pytest.fixture(scope='session')
def messages(store):
    return Messages(store)


@pytest.fixture(scope='session')
def write_bag(store):
    """Write (topic, type, time, message) rows as a bag of one storage."""

    def write(path, rows, *, storage='mcap', **options):
        path.parent.mkdir(parents=True, exist_ok=True)
        if storage == 'mcap':
            options.setdefault('compression', zstd_compression())
            with BagWriter(path, **options) as writer:
                for topic, kind, stamp, message in rows:
                    writer.add_topic(topic, kind, store.generate_msgdef(kind, ros_version=2)[0])
                    writer.write(topic, round(stamp * 1e9), bytes(
                        store.serialize_cdr(message, kind)))
            return path
        if storage == 'ros1':
            return _write_ros1(path.with_suffix('.bag'), rows, options.get('packed'))
        from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
        writer = Writer(path, version=9, storage_plugin=StoragePlugin.SQLITE3)
        if options.get('packed'):
            writer.set_compression(
                CompressionMode[options['packed']], CompressionFormat.ZSTD)
        with writer:
            connections = {}
            for topic, kind, stamp, message in rows:
                if topic not in connections:
                    connections[topic] = writer.add_connection(topic, kind, typestore=store)
                writer.write(connections[topic], round(stamp * 1e9),
                             store.serialize_cdr(message, kind))
        return path

    return write


def _write_ros1(path, rows, packed=None):
    from rosbags.rosbag1 import Writer
    noetic = get_typestore(Stores.ROS1_NOETIC)
    noetic.register(get_types_from_msg(
        'geometry_msgs/TransformStamped[] transforms', 'tf2_msgs/msg/TFMessage'))

    def converted(message, kind):
        if kind == 'std_msgs/msg/Header':
            return noetic.types[kind](seq=0, stamp=message.stamp, frame_id=message.frame_id)
        fields = noetic.fielddefs[kind][1]
        values = {}
        for name, (code, detail) in fields:
            value = getattr(message, name)
            if code.name == 'NAME':
                value = converted(value, detail)
            elif code.name in ('SEQUENCE', 'ARRAY') and detail[0][0].name == 'NAME':
                value = [converted(one, detail[0][1]) for one in value]
            values[name] = value
        return noetic.types[kind](**values)

    writer = Writer(path)
    if packed:
        writer.set_compression(Writer.CompressionFormat[packed])
    with writer:
        connections = {}
        for topic, kind, stamp, message in rows:
            if kind not in noetic.fielddefs:
                continue
            if topic not in connections:
                connections[topic] = writer.add_connection(topic, kind, typestore=noetic)
            writer.write(connections[topic], round(stamp * 1e9),
                         noetic.serialize_ros1(converted(message, kind), kind))
    return path


@pytest.fixture(scope='session')
def foreign_rows(messages):
    """Rows of somebody else's robot that drives along a corridor in a slight curve."""

    def make(*, seconds=6.0, beams=90, rate=8.0, start=100.0, arrived=0.0):
        rows, x, y, yaw = [], 0.0, 0.0, 0.0
        rows.append(('/tf_static', 'tf2_msgs/msg/TFMessage', start + arrived,
                     messages.static(0.3)))
        for tick in range(int(seconds * 20)):
            time = start + tick / 20.0
            v, w = 0.4, 0.2 * math.sin(tick / 20.0)
            x, y, yaw = x + v * math.cos(yaw) / 20, y + v * math.sin(yaw) / 20, yaw + w / 20
            rows.append(('/odom', 'nav_msgs/msg/Odometry', time + arrived,
                         messages.odometry(time, x, y, yaw, v, w)))
            rows.append(('/cmd_vel', 'geometry_msgs/msg/Twist', time + arrived,
                         messages.twist(v, w)))
        for number in range(int(seconds * rate)):
            time = start + 0.01 + number / rate
            angles = np.linspace(-math.pi, math.pi, beams, endpoint=False) + 0.3
            wall = 1.5 / np.maximum(np.abs(np.sin(angles)), 1e-3)
            ranges = np.where(wall < 9.0, wall, np.inf)
            rows.append(('/scan', 'sensor_msgs/msg/LaserScan', time + arrived,
                         messages.scan(time, ranges)))
        return sorted(rows, key=lambda row: row[2])

    return make


@pytest.fixture(scope='session')
def own_rows(messages):
    """Rows of a bag as the nodes of this package would record it, from a simulated drive."""
    return _drive(messages, episodes=2, seconds=9.0)


@pytest.fixture(scope='session')
def own_bag(own_rows, write_bag, tmp_path_factory):
    return write_bag(tmp_path_factory.mktemp('own') / 'drive', own_rows.rows)


def _drive(messages, *, episodes, seconds):
    config = RFSNConfig()
    navigation = config.navigation
    bandit = VWContextualBandit(config.bandit)
    navigator = Navigator(navigation, BanditPolicy(bandit), session='test')
    state = bandit.state_bytes()
    rows, waiting, learned = [], {}, []
    sim = make_simulator(SimConfig())
    frames = config.frames
    offset = 0.0
    rows.append(('/model_info', 'rfsn_ros/msg/ModelInfo', 1.0, published(messages.ModelInfo(
        header=messages.header(1.0), backend='vw', version=bandit.library_version,
        command_line=bandit.command_line, checksum=checksum(state), example_count=0,
        seed=config.bandit.seed, primitives=list(navigator.library.names),
        context_features=list(navigator.context_names),
        action_features=list(navigator.action_names), config=config.to_yaml(),
        model=np.frombuffer(state, dtype=np.uint8), digest=''))))
    for number in range(episodes):
        world = generate_world(number)
        sim.reset(world, number)
        navigator.reset()
        tracker = RewardTracker(navigation)
        monitor = EpisodeMonitor(world)
        goal = world.goal_from_start
        base = offset + 10.0
        begun = sim.time

        def moved(stamp, base=base, begun=begun):
            # The microsecond grid of recorded stamps.
            return round(base + stamp - begun, 6)

        def note_rewards(rewards, stamp):
            for reward in rewards:
                decision = waiting.pop(reward.decision_id)
                rows.append(('/reward', 'rfsn_ros/msg/Reward', stamp, published(messages.Reward(
                    header=messages.header(reward.stamp), decision_id=reward.decision_id,
                    total=reward.total, term_names=list(reward.terms),
                    term_values=np.array(list(reward.terms.values())), valid=reward.valid,
                    reason=reward.reason, duration=reward.duration, final=reward.final,
                    digest=''))))
                if reward.valid:
                    navigator.learn(decision, reward.total)
                    learned.append(reward.decision_id)

        def sense(moved=moved, goal=goal):
            scan, odometry = sim.scan(), sim.odometry()
            stamp = moved(scan.stamp)
            row = messages.scan(
                stamp, scan.ranges, low=scan.range_min, high=scan.range_max,
                start=scan.angle_min, step=scan.angle_increment, frame='laser')
            pose, twist = odometry.pose, odometry.twist
            at = moved(odometry.stamp)
            rows.append(('/odom', 'nav_msgs/msg/Odometry', at, messages.odometry(
                at, pose.x, pose.y, pose.yaw, twist.v, twist.w)))
            rows.append(('/scan', 'sensor_msgs/msg/LaserScan', stamp, row))
            # What a node sees has been through single precision and a quaternion.
            seen = LaserScan(
                stamp, row.ranges.astype(np.float64), *(float(np.float32(value)) for value in (
                    row.angle_min, row.angle_increment, row.range_min, row.range_max)),
                Pose2D(frames.laser_x, frames.laser_y, frames.laser_yaw))
            turn = messages.quaternion(pose.yaw)
            yaw = yaw_of(turn.x, turn.y, turn.z, turn.w)
            return Observation(seen, Odometry(at, Pose2D(pose.x, pose.y, yaw), twist), goal)

        episode = f'episode-{number}'
        decided = 0
        while monitor.outcome is Outcome.RUNNING and decided < seconds / 0.2:
            observation = sense()
            if decided == 12:
                # As where a decision comes late: rewards are closed before it is there.
                note_rewards(tracker.finish(observation), observation.stamp)
            made = navigator.decide(observation)
            known, decided = list(learned), decided + 1
            learned.clear()
            stamp = observation.stamp
            note_rewards(tracker.decision(made.id, observation), stamp)
            waiting[made.id] = made
            at = observation.odometry.pose
            rows.append(('/decision', 'rfsn_ros/msg/Decision', stamp, published(messages.Decision(
                header=messages.header(stamp), id=made.id, episode=episode, mode=0,
                scan_stamp=messages.time(observation.scan.stamp),
                odom_stamp=messages.time(observation.odometry.stamp),
                pose=messages.Pose2D(x=at.x, y=at.y, theta=at.yaw),
                goal=messages.Point(x=goal[0], y=goal[1], z=0.0), context=made.context,
                action_features=made.actions.ravel(), feasible=made.mask, pmf=made.pmf,
                requested=made.action, probability=made.probability, seed=config.bandit.seed,
                draw=made.draw, executed=made.executed, executed_probability=made.probability,
                command=messages.twist(made.command.v, made.command.w),
                model_checksum=checksum(state), example_count=made.examples,
                learned=known, digest=''))))
            for _ in range(5):
                command = navigator.command(sim.odometry(), sim.time)
                sim.step(command, 0.04)
                rows.append(('/cmd_vel', 'geometry_msgs/msg/Twist', moved(sim.time),
                             messages.twist(command.v, command.w)))
                if monitor.update(sim) is not Outcome.RUNNING:
                    break
        observation = sense()
        collision = monitor.outcome is Outcome.COLLISION or number == 1
        zero = messages.Pose2D(x=0.0, y=0.0, theta=0.0)
        rows.append(('/episode', 'rfsn_ros/msg/Episode', observation.stamp, messages.Episode(
            header=messages.header(observation.stamp), id=episode, number=number, total=episodes,
            world=world.name, seed=number, outcome=2 if collision else 4, start=zero,
            goal=messages.Point(x=goal[0], y=goal[1], z=0.0), goal_tolerance=1.0, time=1.0,
            path_length=1.0, optimal_time=1.0, score=0.0, min_clearance=0.0, wall_time=1.0)))
        note_rewards(tracker.finish(observation, contact=collision), observation.stamp)
        offset = observation.stamp
    final = bandit.state_bytes()
    bandit.close()
    return SimpleNamespace(
        rows=rows, initial=state, final=final, config=config, navigation=navigation)


@pytest.fixture
def uncompressed():
    return no_compression()


@pytest.fixture(scope='session')
def real_bag():
    """Return a recorded bag of another robot that lies beside the repository, or skip."""

    def find(name):
        path = ROOT.parent / 'shared' / 'bags' / name
        if not path.exists():
            pytest.skip(f'{path} is not there (recorded bags are not part of the repository)')
        return path

    return find


