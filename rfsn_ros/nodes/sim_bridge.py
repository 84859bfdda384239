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
sim_bridge: a simulated robot on ROS topics, driven through episodes.

In real time (`bridge.real_time_factor` > 0) the simulator follows the wall clock. In lockstep
(0) it stands still until bandit_node has answered the last scan: its decision names the scan,
and cmd_vel carries the command of that decision. So nothing depends on how fast who is.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from itertools import count, cycle
import math
import time
from typing import Any

from geometry_msgs.msg import TransformStamped
from nav_msgs.msg import Odometry as OdometryMsg
from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rfsn_ros.config import RFSNConfig
from rfsn_ros.errors import MissingDependencyError, RfsnError, SensorError
from rfsn_ros.msg import Decision, Episode
from rfsn_ros.navigation import Odometry, Pose2D, Twist2D
from rfsn_ros.nodes import convert, qos
from rfsn_ros.nodes.autostart import AutostartNode
from rfsn_ros.nodes.health import Health
from rfsn_ros.nodes.params import NodeParameters
from rfsn_ros.nodes.peers import Listener, Peers
from rfsn_ros.nodes.process import run_node
from rfsn_ros.nodes.wheels import command_type, twist_of
from rfsn_ros.sim import make_simulator, parse_worlds, SimConfig, World
from rfsn_ros.sim.config import Engine, RobotConfig
from rfsn_ros.sim.driver import other_robot
from rfsn_ros.sim.episode import EpisodeMonitor, Outcome
from rfsn_ros.sim.period import steps_to_decision
from rfsn_ros.sim.simulator import Simulator
from rosgraph_msgs.msg import Clock as ClockMsg
from sensor_msgs.msg import LaserScan as LaserScanMsg

__all__ = ['SimBridge', 'main', 'worlds_of']

SECTIONS = ('bridge', 'frames', 'navigation', 'sim')
LASER_FRAME = 'laser'
_OUTCOMES = {
    Outcome.RUNNING: Episode.RUNNING, Outcome.SUCCESS: Episode.SUCCESS,
    Outcome.COLLISION: Episode.COLLISION, Outcome.TIMEOUT: Episode.TIMEOUT,
    Outcome.ABORTED: Episode.ABORTED}
_BETWEEN = 1.0
"""Simulated time from the end of an episode to the beginning of the next, seconds."""
_HEARD = Duration(seconds=0.05)
"""How long the end of an episode is given to reach everybody before the last scan follows. Order
is kept without that unless a packet is lost; DDS confirms in 5 ms, or sometimes only after 3 s."""
_GATHERING = 1.0
"""Wall time that others, such as a recorder, are given to find the topics before lockstep begins;
DDS takes half a second of it, in which lockstep would drive a hundred decisions, seconds."""
_RECORDED = ('scan', 'odom', 'cmd_vel', 'decision', 'reward', 'episode')
"""What a recorder has to hear before the first episode begins."""
_PATIENCE = 10.0
"""Wall time without an answer in lockstep after which the log says so, seconds."""


def worlds_of(spec: str, seed: int, robot: RobotConfig | None = None) -> Iterator[World]:
    """
    Yield one world per episode without end.

    `generated` yields the worlds of the seeds from ``1000 * seed`` on; anything else names a set
    of worlds for `robot` (`rfsn_ros.sim.parse_worlds`) that is gone through again and again.

    :raises WorldError: the specification or a file it names is not usable.
    """
    if spec != 'generated':
        return cycle(parse_worlds(spec, robot=robot))
    return (parse_worlds(f'generated:{number}')[0] for number in count(1000 * seed))


class SimBridge(AutostartNode):
    """
    A simulated robot and the episodes it is driven through.

    Subscribes `cmd_vel` (and `decision` in lockstep); publishes `/clock`, `scan`, `odom`,
    `ground_truth`, `episode` (latched), `/diagnostics` and, where tf2_ros is installed, TF.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__('sim_bridge', **options)
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._health = Health(self)
        self._settings = NodeParameters(
            self, SECTIONS,
            on_change=lambda config: self._health.set_period(config.bridge.diagnostics_period))
        self._sim: Any = None
        self._offset = 0.0
        self._number = -1
        self._monitor: EpisodeMonitor | None = None
        self._command = Twist2D()
        self._commanded_at = -math.inf
        self._decision: Decision | None = None
        self._awaited: int | None = None
        self._published_scan = -1
        self._done_at: float | None = None
        self._heard_since: float | None = None

    @property
    def config(self) -> RFSNConfig:
        """Return the settings in force."""
        return self._settings.config

    @property
    def lockstep(self) -> bool:
        """Whether time waits for bandit_node."""
        return self.config.bridge.real_time_factor == 0.0

    @property
    def autostart(self) -> bool:
        """Whether it comes up active by itself."""
        return self.config.bridge.autostart

    @property
    def configured(self) -> bool:
        """Whether a simulator is there."""
        return self._sim is not None

    # -- lifecycle -------------------------------------------------------------------------

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Make the simulator, the publishers and subscriptions."""
        config = self.config
        try:
            self._worlds = worlds_of(
                config.bridge.world, config.bridge.seed, config.sim.robot)
            self._next_world = next(self._worlds)
            self._sim = self._simulator(config.sim)
        except RfsnError as error:
            self.get_logger().error(f'cannot configure: {error}')
            return TransitionCallbackReturn.FAILURE
        mismatch = other_robot(config.sim.robot, config.navigation.robot)
        if mismatch is not None:
            self.get_logger().warning(mismatch)
        tick = config.sim.tick
        self._scan_every = max(1, round(1.0 / (config.bridge.scan_rate * tick)))
        self._odometry_every = max(1, round(1.0 / (config.navigation.control_rate * tick)))
        self._clocks = self.create_publisher(ClockMsg, '/clock', qos.CLOCK)
        self._episodes = self.create_publisher(Episode, 'episode', qos.EPISODES)
        self._odometry = self.create_publisher(OdometryMsg, 'odom', qos.SIMULATED_SENSORS)
        self._truth = self.create_publisher(OdometryMsg, 'ground_truth', qos.SIMULATED_SENSORS)
        self._scans = self.create_publisher(LaserScanMsg, 'scan', qos.SIMULATED_SENSORS)
        answers = ('cmd_vel', 'reward') if self.lockstep else ('cmd_vel',)
        self._peers: list[Peers | Listener] = [Peers(self, publisher, *answers) for publisher in (
            self._scans, self._odometry, self._episodes)]
        if config.bridge.recorder:
            self._peers.append(Listener(self, config.bridge.recorder, *_RECORDED))
        self._heard_since = None
        self._transforms = _TransformPublisher(self, config)
        self._topics = [
            self.create_subscription(
                command_type(stamped=config.bridge.stamped), 'cmd_vel', self._on_command,
                qos.COMMANDS),
            self.create_subscription(Decision, 'decision', self._on_decision, qos.EVENTS),
        ]
        wall = 0.05 if self.lockstep else tick / config.bridge.real_time_factor
        self._own_timers = [
            self.create_timer(max(wall, 0.005), self._on_timer, clock=self._steady),
            self._health.every(config.bridge.diagnostics_period, self._diagnose),
        ]
        return TransitionCallbackReturn.SUCCESS

    def _simulator(self, config: SimConfig) -> Simulator:
        """Return the simulator asked for; the kinematic one where PyBullet is not to be had."""
        try:
            return make_simulator(config)
        except MissingDependencyError as error:
            self.get_logger().warning(f'{error}; driving the kinematic simulator instead')
            return make_simulator(config.replace(engine=Engine.KINEMATIC))

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Let time run as soon as somebody listens and drives."""
        self._active = True
        self._started: float | None = None
        self._simulated = 0.0
        self._waiting_since = time.monotonic()
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop the robot; a running episode ends as aborted."""
        if self._monitor is not None and self._monitor.outcome is Outcome.RUNNING:
            self._monitor.abort()
            self._publish_episode()
            self._episodes.wait_for_all_acked(Duration(seconds=1))
        self._monitor = None
        self._active = False
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the simulator."""
        for timer in self._own_timers:
            self.destroy_timer(timer)
        for topic in self._topics:
            self.destroy_subscription(topic)
        for publisher in (self._clocks, self._episodes, self._odometry, self._truth, self._scans):
            self.destroy_publisher(publisher)
        # Time goes on from here, wherever the next simulator begins.
        self._offset = self._now
        self._sim.close()
        self._sim = None
        return TransitionCallbackReturn.SUCCESS

    # -- commands --------------------------------------------------------------------------

    def _on_command(self, message: Any) -> None:
        try:
            self._command = twist_of(message)
        except SensorError as error:
            self._health.counts['bad_commands'] += 1
            self.get_logger().warning(str(error), throttle_duration_sec=1.0)
            return
        self._commanded_at = self._now
        self._try_lockstep()

    def _on_decision(self, message: Decision) -> None:
        self._decision = message
        self._try_lockstep()

    def _try_lockstep(self) -> None:
        """Advance one decision period once decision and command for the last scan are here."""
        decision = self._decision
        if not (self._active and self.lockstep) or decision is None or self._awaited is None:
            return
        if convert.nanoseconds(decision.scan_stamp) != self._awaited:
            return
        wanted = convert.twist(decision.command)
        if decision.mode != Decision.MODE_SHADOW and wanted != self._command:
            return
        self._awaited = None
        self._advance(steps_to_decision(
            self._sim.time, self.config.navigation.decision_period, self.config.sim.tick))

    # -- time ------------------------------------------------------------------------------

    @property
    def _now(self) -> float:
        """Return simulated time on /clock, seconds."""
        return self._offset + (0.0 if self._sim is None or self._number < 0 else self._sim.time)

    def _on_timer(self) -> None:
        if not self._active:
            return
        if self._done_at is not None:
            self._finish_when_read()
        elif self._monitor is None:
            self._begin_when_heard()
        elif self.lockstep:
            self._say_if_stuck()
        else:
            self._follow_wall_clock()

    def _begin_when_heard(self) -> None:
        """Begin the episodes when who commands (and rewards, and records) hears the sensors."""
        if all(peers.complete() for peers in self._peers):
            self._heard_since = self._heard_since or time.monotonic()
            if not self.lockstep or time.monotonic() - self._heard_since >= _GATHERING:
                self._begin_episode()
        elif time.monotonic() - self._waiting_since > _PATIENCE:
            self._waiting_since = time.monotonic()
            awaited = ['bandit_node', *(['reward_node'] if self.lockstep else []),
                       *([self.config.bridge.recorder] if self.config.bridge.recorder else [])]
            self.get_logger().warning(f'waiting for {" and ".join(awaited)}')

    def _say_if_stuck(self) -> None:
        if time.monotonic() - self._waiting_since > _PATIENCE:
            self._waiting_since = time.monotonic()
            self._health.counts['long_waits'] += 1
            self.get_logger().warning(f'lockstep: no command for {_PATIENCE:g} s')

    def _follow_wall_clock(self) -> None:
        """Simulate what the wall clock has gone on, at most a quarter second at once."""
        tick = self.config.sim.tick
        if self._started is None:
            self._started, self._simulated = time.monotonic(), 0.0
        factor = self.config.bridge.real_time_factor
        due = (time.monotonic() - self._started) * factor - self._simulated
        if due > 0.25:
            self._started += (due - 0.25) / factor
            due = 0.25
        for _ in range(int(due / tick)):
            self._simulated += tick
            self._watch_commands()
            self._advance(1)
            if self._monitor is None or self._done_at is not None:
                return

    def _watch_commands(self) -> None:
        """Stop the robot where commands have ceased, as the driver of a real base does."""
        timeout = self.config.bridge.command_timeout
        if self._now - self._commanded_at > timeout and self._command != Twist2D():
            self._command = Twist2D()
            self._health.counts['watchdog_stops'] += 1
            self.get_logger().warning(f'no command for {timeout:g} s: the robot stops')

    def _advance(self, ticks: int) -> None:
        """Drive the last command, publish what is seen, begin the next episode after an end."""
        assert self._monitor is not None
        for _ in range(ticks):
            self._sim.step(self._command, self.config.sim.tick)
            if self._monitor.update(self._sim) is not Outcome.RUNNING:
                break
        ended = self._monitor.outcome is not Outcome.RUNNING
        if ended:
            self._publish_episode()
            self._episodes.wait_for_all_acked(_HEARD)
        self._publish_state(force=ended)
        if ended:
            self._next_episode()

    def _next_episode(self) -> None:
        config = self.config.bridge
        self._awaited = None
        self._command = Twist2D()
        if config.episodes and self._number + 1 >= config.episodes:
            self._monitor = None
            self._done_at = time.monotonic()
            return
        self._begin_episode()

    def _begin_episode(self) -> None:
        self._offset = self._now + (_BETWEEN if self._number >= 0 else 0.0)
        self._number += 1
        world, self._next_world = self._next_world, next(self._worlds)
        self._sim.reset(world, self._seed)
        self._monitor = EpisodeMonitor(world)
        self._begun = time.monotonic()
        self._command = Twist2D()
        self._publish_clock()
        self._publish_episode()
        self._publish_state(force=True)

    @property
    def _seed(self) -> int:
        """Seed of the running episode's noise."""
        return 1000 * self.config.bridge.seed + self._number

    def _finish_when_read(self) -> None:
        """Leave the last rewards a moment, then end."""
        assert self._done_at is not None
        if time.monotonic() - self._done_at > 0.5 and self.config.bridge.exit_when_done:
            self.get_logger().info(f'all {self._number + 1} episodes are done')
            self.exit_code = 0

    # -- publishing ------------------------------------------------------------------------

    def _publish_clock(self) -> None:
        self._clocks.publish(ClockMsg(clock=convert.time_message(self._now)))

    def _publish_state(self, *, force: bool) -> None:
        """Publish clock, odometry, truth and (when due) the scan of this instant."""
        config = self.config
        ticks = round(self._sim.time / config.sim.tick)
        self._publish_clock()
        if force or self.lockstep or ticks % self._odometry_every == 0:
            self._publish_odometry()
        if force or self.lockstep or ticks % self._scan_every == 0:
            self._publish_scan()

    def _publish_odometry(self) -> None:
        frames = self.config.frames
        value: Odometry = self._sim.odometry()
        value = Odometry(self._offset + value.stamp, value.pose, value.twist)
        message = convert.odometry_message(value, frames.odom, frames.base)
        self._odometry.publish(message)
        self._transforms.publish(message)
        if not self._truth.get_subscription_count():
            return
        truth = self._sim.truth()
        self._truth.publish(convert.odometry_message(
            Odometry(self._offset + truth.stamp, truth.pose, truth.twist), 'world', frames.base))

    def _publish_scan(self) -> None:
        scan = self._sim.scan()
        message = convert.laser_scan_message(scan, LASER_FRAME)
        stamp = convert.time_message(self._offset + scan.stamp)
        message.header.stamp = stamp
        self._awaited = convert.nanoseconds(stamp)
        self._waiting_since = time.monotonic()
        self._scans.publish(message)

    def _publish_episode(self) -> None:
        monitor, config = self._monitor, self.config
        assert monitor is not None
        world = self._sim.world
        message = Episode()
        message.header.stamp = convert.time_message(self._now)
        message.header.frame_id = config.frames.odom
        message.id = f'episode-{config.bridge.seed}-{self._number}'
        message.number = self._number
        message.total = config.bridge.episodes
        message.world = world.name
        message.seed = self._seed
        message.outcome = _OUTCOMES[monitor.outcome]
        message.start = convert.pose_message(Pose2D())
        message.goal = convert.point_message(world.goal_from_start)
        message.goal_tolerance = float(world.goal_tolerance)
        message.time = float(monitor.time)
        message.path_length = float(monitor.path_length)
        message.optimal_time = float(monitor.optimal_time)
        message.score = float(monitor.score)
        message.min_clearance = float(max(0.0, min(monitor.min_clearance, 1e6)))
        message.wall_time = time.monotonic() - self._begun
        self._episodes.publish(message)

    def _diagnose(self) -> None:
        if not self._active:
            return
        problems = [] if self._monitor is not None or self._done_at else ['waiting for a driver']
        self._health.publish(problems, {
            'episode': self._number, 'simulated_time': self._now,
            'real_time_factor': self.config.bridge.real_time_factor})


class _TransformPublisher:
    """odom -> base and base -> laser, where tf2_ros is installed."""

    def __init__(self, node: LifecycleNode, config: RFSNConfig) -> None:
        self._broadcaster: Any = None
        try:
            tf2_ros = import_module('tf2_ros')
        except ImportError:
            return
        self._broadcaster = tf2_ros.TransformBroadcaster(node)
        self._static = tf2_ros.StaticTransformBroadcaster(node)
        mount = config.sim.lidar.mount
        laser = TransformStamped(child_frame_id=LASER_FRAME)
        laser.header.frame_id = config.frames.base
        laser.transform.translation.x = float(mount.x)
        laser.transform.translation.y = float(mount.y)
        laser.transform.rotation = convert.quaternion_message(mount.yaw)
        self._static.sendTransform(laser)

    def publish(self, odometry: OdometryMsg) -> None:
        """Publish odom -> base."""
        if self._broadcaster is None:
            return
        moved = TransformStamped(header=odometry.header, child_frame_id=odometry.child_frame_id)
        position = odometry.pose.pose.position
        moved.transform.translation.x = position.x
        moved.transform.translation.y = position.y
        moved.transform.rotation = odometry.pose.pose.orientation
        self._broadcaster.sendTransform(moved)


def main(argv: list[str] | None = None) -> int:
    """Run the node until its episodes are done or it is told to end."""
    return run_node(SimBridge, argv)
