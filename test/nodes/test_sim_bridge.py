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

import itertools
import math
import sys

import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not installed')

from geometry_msgs.msg import Twist, TwistStamped
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from nav_msgs.msg import Odometry as OdometryMsg
import rclpy
from rclpy.serialization import deserialize_message, serialize_message
from rfsn_ros.config import RFSNConfig
from rfsn_ros.msg import Decision, Episode, Reward
from rfsn_ros.navigation import make_policy, Navigator, Observation
from rfsn_ros.nodes import convert, qos
from rfsn_ros.nodes.bandit_node import BanditNode
from rfsn_ros.nodes.reward_node import RewardNode
from rfsn_ros.nodes.sim_bridge import SimBridge
from rfsn_ros.replay.transforms import Mount
from rfsn_ros.sim import make_simulator, parse_worlds, SimConfig
from rfsn_ros.sim.config import Engine
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import LaserScan as LaserScanMsg

AHEAD = Twist()
AHEAD.linear.x = 1.0


class Driver:
    """Stands for bandit_node and reward_node before one sim_bridge."""

    def __init__(self, ros, *, stamped=False, begins=True, **parameters):
        self.ros = ros
        node = ros.node
        self.kind = TwistStamped if stamped else Twist
        self.commands = node.create_publisher(self.kind, 'cmd_vel', qos.COMMANDS)
        self.decisions = node.create_publisher(Decision, 'decision', qos.EVENTS)
        node.create_publisher(Reward, 'reward', qos.EVENTS)
        self.looks = ros.collect(LaserScanMsg, 'scan', qos.SIMULATED_SENSORS)
        self.odometry = ros.collect(OdometryMsg, 'odom', qos.SIMULATED_SENSORS)
        self.truth = ros.collect(OdometryMsg, 'ground_truth', qos.SIMULATED_SENSORS)
        self.episodes = ros.collect(Episode, 'episode', qos.EPISODES)
        self.clock = ros.collect(Clock, '/clock', qos.SIMULATED_SENSORS)
        self.bridge = ros.make(SimBridge, bridge__stamped=stamped, **parameters)
        self.bridge.start()
        if begins:
            ros.until(lambda: self.scans, what='the first scan')

    @property
    def scans(self):
        """Scans that are answered, a decision period apart; what comes between is looked at."""
        found = []
        for one in self.looks:
            if not found or convert.seconds(one.header.stamp) > 0.15 + convert.seconds(
                    found[-1].header.stamp):
                found.append(one)
        return found

    def command(self, twist):
        self.commands.publish(TwistStamped(twist=twist) if self.kind is TwistStamped else twist)

    def decide(self, twist, stamp=None):
        self.decisions.publish(Decision(
            scan_stamp=stamp or self.scans[-1].header.stamp, command=twist))

    def step(self, twist):
        """Answer the newest scan and wait for the next."""
        before = len(self.scans)
        self.command(twist)
        self.decide(twist)
        self.ros.until(
            lambda: len(self.scans) > before or self.bridge._done_at is not None,
            what='the next scan')

    def idle(self, rounds=15):
        for _ in range(rounds):
            self.ros.executor.spin_once(timeout_sec=0.02)

    @property
    def ended(self):
        return [e for e in self.episodes if e.outcome != Episode.RUNNING]


LOCKSTEP = {'bridge__real_time_factor': 0.0}


def test_nothing_begins_before_the_observer_hears_it(ros):
    driver = Driver(ros, begins=False, bridge__observer='/watching/eyes')
    ros.until(lambda: driver.commands.get_subscription_count() and all(
        driver.bridge.count_subscribers(name) for name in ('scan', 'odom', 'episode')),
        what='who drives is heard')
    watching = ros.add(rclpy.create_node('eyes', namespace='watching', context=ros.context))
    for kind, topic in ((Decision, '/decision'), (Reward, '/reward'), (Episode, '/episode')):
        driver.idle()
        assert not driver.episodes
        assert not driver.scans
        watching.create_subscription(kind, topic, print, 10)
    ros.until(lambda: driver.scans, what='the first scan')


@pytest.mark.parametrize('stamped', [False, True])
def test_lockstep_waits_for_decision_and_command(ros, stamped):
    driver = Driver(ros, stamped=stamped, **LOCKSTEP)
    first = convert.seconds(driver.scans[0].header.stamp)
    driver.idle()
    assert len(driver.scans) == 1, 'time stands still'
    driver.command(AHEAD)
    driver.idle()
    assert len(driver.scans) == 1, 'a command alone is not an answer'
    driver.decide(AHEAD)
    ros.until(lambda: len(driver.scans) == 2, what='the next scan')
    assert convert.seconds(driver.scans[1].header.stamp) == pytest.approx(first + 0.2)


def test_decisions_in_lockstep_are_a_period_apart_on_average(ros):
    driver = Driver(ros, **LOCKSTEP, navigation__decision_period=0.25)
    for _ in range(8):
        driver.step(AHEAD)
    first, *_, last = (convert.nanoseconds(scan.header.stamp) for scan in driver.scans)
    assert last - first == 2_000_000_000


def test_lockstep_ignores_stale_zeros_and_decisions_on_other_scans(ros):
    driver = Driver(ros, **LOCKSTEP)
    driver.step(AHEAD)
    old = driver.scans[0].header.stamp
    driver.decide(AHEAD, stamp=old)
    driver.command(AHEAD)
    driver.idle()
    assert len(driver.scans) == 2, 'the decision names another scan'
    driver.command(Twist())
    driver.decide(AHEAD)
    driver.idle()
    assert len(driver.scans) == 2, 'the command is not that of the decision'


def test_lockstep_shows_more_half_way_between_two_decisions(ros):
    driver = Driver(ros, **LOCKSTEP)
    for _ in range(3):
        driver.step(AHEAD)
    ros.until(lambda: len(driver.odometry) == 7, what='odometry with each scan')
    first = convert.seconds(driver.scans[0].header.stamp)
    for shown in (driver.looks, driver.odometry):
        assert [convert.seconds(one.header.stamp) - first for one in shown] == pytest.approx(
            [0.1 * number for number in range(7)])


def _as_sent(scan, odometry):
    """Return what is left of a scan and odometry when they have been messages."""
    sent = (convert.laser_scan_message(scan, 'laser'),
            convert.odometry_message(odometry, 'odom', 'base_link'))
    scans, odometries = (
        deserialize_message(serialize_message(message), type(message)) for message in sent)
    return convert.laser_scan(scans, Mount(scan.mount)), convert.odometry(odometries)


def test_in_lockstep_the_graph_decides_as_a_drive_in_one_process(ros):
    """Only that nothing steers between two decisions: one command stands for all the period."""
    config = RFSNConfig().navigation
    navigator = Navigator(config, make_policy('greedy', config, seed=1))
    expected = []
    with make_simulator(SimConfig.for_robot('jackal', disturbances='moving')) as one:
        world, = parse_worlds('generated:1')
        one.reset(world, 1000)
        midway = None
        for _ in range(20):
            scan, odometry = _as_sent(one.scan(), one.odometry())
            made = navigator.decide(
                Observation(scan, odometry, world.goal_from_start, midway), one.time)
            expected.append(made)
            command = navigator.command(odometry, one.time)
            one.step(command, 0.1)
            midway = _as_sent(one.scan(), one.odometry())
            one.step(command, 0.1)
    shared = {'frames__use_tf': False, 'use_sim_time': True, 'driving__lockstep': True}
    decisions = ros.collect(Decision, 'decision', qos.EVENTS)
    nodes = [
        ros.make(RewardNode, **shared),
        ros.make(BanditNode, driving__policy='greedy', driving__mode='frozen', **shared),
        ros.make(SimBridge, bridge__world='generated:1', sim__engine='kinematic', **LOCKSTEP,
                 sim__disturbances__moving_obstacles__count=6)]
    for node in nodes:
        node.start()
    ros.until(lambda: len(decisions) >= 20, within=60.0, what='twenty decisions')
    for sent, made in zip(decisions, expected, strict=False):
        assert sent.requested == made.action
        assert list(sent.context) == pytest.approx(made.context.tolist(), abs=1e-9)
        features = pytest.approx(made.actions.ravel().tolist(), abs=1e-9)
        assert list(sent.action_features) == features


def test_an_episode_is_driven_to_its_end_and_the_process_ends_after_the_last(ros):
    driver = Driver(ros, bridge__episodes=2, **LOCKSTEP)
    while driver.bridge._done_at is None:
        driver.step(AHEAD)
    ros.until(lambda: driver.bridge.exit_code == 0, what='the end')
    assert [(e.number, e.outcome == Episode.RUNNING) for e in driver.episodes] == [
        (0, True), (0, False), (1, True), (1, False)]
    for episode in driver.ended:
        assert episode.outcome in (Episode.COLLISION, Episode.SUCCESS)
        assert episode.path_length > 1.0
        assert episode.optimal_time > 0.0
        assert 0.0 <= episode.score <= 0.5
        assert (episode.score > 0.0) == (episode.outcome == Episode.SUCCESS)
    stamps = [convert.nanoseconds(m.header.stamp) for m in driver.looks]
    assert all(a < b for a, b in itertools.pairwise(stamps)), 'time never goes back'
    clock = [convert.nanoseconds(m.clock) for m in driver.clock]
    assert all(a <= b for a, b in itertools.pairwise(clock))


def test_the_same_seed_gives_the_same_drive(ros):
    drives = []
    for _ in range(2):
        driver = Driver(ros, bridge__seed=5, **LOCKSTEP)
        for _ in range(5):
            driver.step(AHEAD)
        driver.bridge.finish()
        ros.executor.remove_node(driver.bridge)
        ros.nodes.remove(driver.bridge)
        driver.bridge.destroy_node()
        drives.append([(list(m.ranges), m.header.stamp) for m in driver.looks[-11:]])
    assert str(drives[0]) == str(drives[1])


def test_the_scan_is_what_the_world_looks_like(ros):
    driver = Driver(ros, **LOCKSTEP)
    ros.until(lambda: driver.odometry, what='odometry')
    scan = driver.scans[0]
    beams = len(scan.ranges)
    assert scan.angle_max == pytest.approx(
        scan.angle_min + (beams - 1) * scan.angle_increment, abs=1e-4)
    finite = [r for r in scan.ranges if math.isfinite(r)]
    assert len(finite) > 0.9 * beams
    assert all(scan.range_min * 0.5 < r <= scan.range_max for r in finite)
    assert driver.odometry[0].header.stamp == scan.header.stamp
    assert driver.odometry[0].child_frame_id == 'base_link'


def test_in_real_time_the_watchdog_stops_a_robot_that_nobody_commands(ros):
    driver = Driver(ros, bridge__real_time_factor=4.0, bridge__command_timeout=0.5)

    def moving():
        driver.command(AHEAD)
        return driver.truth and driver.truth[-1].twist.twist.linear.x > 0.5

    ros.until(moving, what='motion')
    told = convert.seconds(driver.truth[-1].header.stamp)
    ros.until(lambda: abs(driver.truth[-1].twist.twist.linear.x) < 0.01, what='standstill')
    stopped = next(
        convert.seconds(m.header.stamp) for m in driver.truth
        if convert.seconds(m.header.stamp) > told and abs(m.twist.twist.linear.x) < 0.01)
    # The timeout, the latency of the base and the braking from 1 m/s, and scheduling besides.
    assert stopped - told < 0.5 + 0.1 + 1.0 + 0.5
    assert driver.bridge._health.counts['watchdog_stops'] >= 1


def test_a_command_that_is_not_finite_is_refused(ros):
    driver = Driver(ros, **LOCKSTEP)
    broken = Twist()
    broken.linear.x = math.nan
    driver.command(broken)
    ros.until(lambda: driver.bridge._health.counts['bad_commands'], what='the refusal')


def test_an_end_from_outside_aborts_the_episode(ros):
    driver = Driver(ros, **LOCKSTEP)
    driver.step(AHEAD)
    driver.bridge.finish()
    ros.until(lambda: driver.ended, what='the end')
    assert driver.ended[-1].outcome == Episode.ABORTED


def test_a_shutdown_aborts_the_episode_and_stops_time(ros):
    driver = Driver(ros)
    driver.bridge.trigger_shutdown()
    ros.until(lambda: driver.ended, what='the end')
    assert driver.ended[-1].outcome == Episode.ABORTED
    sent = len(driver.looks)
    driver.idle()
    assert len(driver.looks) == sent


def test_time_goes_on_where_the_bridge_is_cleaned_up_and_configured_again(ros):
    driver = Driver(ros, sim__engine='kinematic', **LOCKSTEP)
    for _ in range(8):
        driver.step(Twist())
    bridge = driver.bridge
    bridge.finish()
    ros.until(lambda: driver.ended, what='the end of the first episode')
    before = len(driver.scans)
    bridge.start()
    ros.until(lambda: len(driver.scans) > before, what='the first scan of the second episode')
    clock = [convert.nanoseconds(m.clock) for m in driver.clock]
    assert all(a <= b for a, b in itertools.pairwise(clock))
    stamps = [convert.nanoseconds(m.header.stamp) for m in driver.looks]
    assert all(a < b for a, b in itertools.pairwise(stamps))


def test_without_autostart_lifecycle_services_begin_and_end_the_drive(ros):
    driver = Driver(ros, begins=False, bridge__autostart=False)

    def ask(number):
        request = ChangeState.Request(transition=Transition(id=number))
        return ros.call(ChangeState, 'sim_bridge/change_state', request).success

    assert not ask(Transition.TRANSITION_ACTIVATE), 'what is not configured cannot become active'
    assert ask(Transition.TRANSITION_CONFIGURE)
    ros.until(lambda: driver.commands.get_subscription_count(), what='who drives is heard')
    driver.idle()
    assert not driver.looks
    assert ask(Transition.TRANSITION_ACTIVATE)
    ros.until(lambda: driver.scans, what='the first scan')
    assert ask(Transition.TRANSITION_DEACTIVATE)
    ros.until(lambda: driver.ended, what='the end of the episode')
    assert driver.ended[-1].outcome == Episode.ABORTED


def test_an_unknown_world_keeps_the_node_from_starting(ros):
    bridge = ros.make(SimBridge, bridge__world='mars')
    bridge.start()
    assert bridge.exit_code == 1


def test_without_pybullet_the_kinematic_simulator_drives(ros, monkeypatch):
    monkeypatch.setitem(sys.modules, 'pybullet', None)
    driver = Driver(ros, sim__engine='bullet', **LOCKSTEP)
    driver.step(AHEAD)
    assert driver.bridge.series.sim.config.engine is Engine.KINEMATIC
