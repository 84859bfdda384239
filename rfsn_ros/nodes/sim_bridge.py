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
and cmd_vel carries the command of that decision. So nothing depends on how fast who is. Half way
to the next scan another one is sent, which nobody answers (`Observation.midway`).
"""

from __future__ import annotations

import time
from typing import Any

from rclpy.clock import Clock, ClockType
from rclpy.duration import Duration
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn
from rfsn_ros.config import RFSNConfig
from rfsn_ros.errors import MissingDependencyError, RfsnError, SensorError
from rfsn_ros.msg import Decision, Episode
from rfsn_ros.nodes import convert, qos
from rfsn_ros.nodes.autostart import AutostartNode
from rfsn_ros.nodes.episodes import episode_message
from rfsn_ros.nodes.health import Health
from rfsn_ros.nodes.params import NodeParameters
from rfsn_ros.nodes.peers import Listener, Peers
from rfsn_ros.nodes.process import run_node
from rfsn_ros.nodes.sensors import SimulatedSensors
from rfsn_ros.nodes.wheels import command_type, twist_of
from rfsn_ros.sim import make_simulator, SimConfig
from rfsn_ros.sim.config import Engine
from rfsn_ros.sim.driver import other_robot
from rfsn_ros.sim.episode import Outcome
from rfsn_ros.sim.period import falls_due, steps_to_decision
from rfsn_ros.sim.series import EpisodeSeries
from rfsn_ros.sim.simulator import Simulator
from rfsn_ros.sim.spec import endless_worlds
from rfsn_ros.sim.wall_clock import WallClock

__all__ = ['SimBridge', 'main']

SECTIONS = ('bridge', 'frames', 'navigation', 'sim')
_HEARD = Duration(seconds=0.05)
"""How long the end of an episode is given to reach everybody before the last scan follows. Order
is kept without that unless a packet is lost; DDS confirms in 5 ms, or sometimes only after 3 s."""
_GATHERING = 1.0
"""Wall time that others, such as a display, are given to find the topics before lockstep begins;
DDS takes half a second of it, in which lockstep would drive a hundred decisions, seconds."""
_INTRODUCED = 3.5
"""And that of who is waited for by name: this node hears that it listens, but the other nodes may
know of it only after the next announcement, which Fast DDS makes every 3 s."""
_RECORDED = ('scan', 'odom', 'cmd_vel', 'decision', 'reward', 'episode')
"""What a recorder has to hear before the first episode begins."""
_OBSERVED = ('decision', 'reward', 'episode')
"""What an observer has to hear before that."""
_PATIENCE = 10.0
"""Wall time without an answer in lockstep after which the log says so, seconds."""


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
        self._series: EpisodeSeries | None = None
        self._reached = 0.0, -1  # time and number of an episode to go on from
        self._decision: Decision | None = None
        self._awaited: int | None = None
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
        return self._series is not None

    @property
    def series(self) -> EpisodeSeries:
        """Return the episodes that are driven; there has to be a configuration."""
        assert self._series is not None, 'configure comes first'
        return self._series

    # -- lifecycle -------------------------------------------------------------------------

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Make the simulator, the publishers and subscriptions."""
        config = self.config
        now, number = self._reached
        try:
            self._series = EpisodeSeries(
                endless_worlds(
                    config.bridge.world, config.bridge.seed, robot=config.sim.robot),
                lambda: self._simulator(config.sim), seed=config.bridge.seed, now=now,
                number=number)
        except RfsnError as error:
            self.get_logger().error(f'cannot configure: {error}')
            return TransitionCallbackReturn.FAILURE
        mismatch = other_robot(config.sim.robot, config.navigation.robot)
        if mismatch is not None:
            self.get_logger().warning(mismatch)
        tick = config.sim.tick
        self._episodes = self.create_publisher(Episode, 'episode', qos.EPISODES)
        self._sensors = SimulatedSensors(self, config)
        answers = ('cmd_vel', 'reward') if self.lockstep else ('cmd_vel',)
        self._peers: list[Peers | Listener] = [Peers(self, publisher, *answers) for publisher in (
            self._sensors.scans, self._sensors.odometry, self._episodes)]
        named = [Listener(self, name, *topics) for name, topics in (
            (config.bridge.recorder, _RECORDED), (config.bridge.observer, _OBSERVED)) if name]
        self._peers += named
        self._gathering = _INTRODUCED if named else _GATHERING if self.lockstep else 0.0
        self._heard_since = None
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
        self._wall_clock = WallClock(
            self.config.bridge.real_time_factor, tick=self.config.sim.tick)
        self._waiting_since = time.monotonic()
        return super().on_activate(state)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop the robot; a running episode ends as aborted."""
        monitor = self.series.monitor
        if monitor is not None and monitor.outcome is Outcome.RUNNING:
            monitor.abort()
            self._publish_episode()
            self._episodes.wait_for_all_acked(Duration(seconds=1))
        self.series.leave()
        self._active = False
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free the simulator."""
        for timer in self._own_timers:
            self.destroy_timer(timer)
        for topic in self._topics:
            self.destroy_subscription(topic)
        self.destroy_publisher(self._episodes)
        self._sensors.destroy()
        # Time goes on from here, wherever the next simulator begins.
        self._reached = self.series.now, self.series.number
        self.series.close()
        self._series = None
        return TransitionCallbackReturn.SUCCESS

    # -- commands --------------------------------------------------------------------------

    def _on_command(self, message: Any) -> None:
        try:
            command = twist_of(message)
        except SensorError as error:
            self._health.counts['bad_commands'] += 1
            self.get_logger().warning(str(error), throttle_duration_sec=1.0)
            return
        self.series.obey(command)
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
        if decision.mode != Decision.MODE_SHADOW and wanted != self.series.command:
            return
        ticks = steps_to_decision(
            self.series.sim.time, self.config.navigation.decision_period, self.config.sim.tick)
        if ticks == 1 or self._advance(ticks // 2):
            self._advance(ticks - ticks // 2)

    # -- time ------------------------------------------------------------------------------

    def _on_timer(self) -> None:
        if not self._active:
            return
        if self._done_at is not None:
            self._finish_when_read()
        elif self.series.monitor is None:
            self._begin_when_heard()
        elif self.lockstep:
            self._say_if_stuck()
        else:
            self._follow_wall_clock()

    def _begin_when_heard(self) -> None:
        """Begin the episodes when who commands (and rewards, and records) hears the sensors."""
        if all(peers.complete() for peers in self._peers):
            self._heard_since = self._heard_since or time.monotonic()
            if time.monotonic() - self._heard_since >= self._gathering:
                self._begin_episode()
        elif time.monotonic() - self._waiting_since > _PATIENCE:
            self._waiting_since = time.monotonic()
            awaited = ['bandit_node', 'reward_node' if self.lockstep else '',
                       self.config.bridge.recorder, self.config.bridge.observer]
            self.get_logger().warning(f'waiting for {" and ".join(filter(None, awaited))}')

    def _say_if_stuck(self) -> None:
        if time.monotonic() - self._waiting_since > _PATIENCE:
            self._waiting_since = time.monotonic()
            self._health.counts['long_waits'] += 1
            self.get_logger().warning(f'lockstep: no command for {_PATIENCE:g} s')

    def _follow_wall_clock(self) -> None:
        """Simulate what the wall clock has gone on, tick by tick."""
        timeout = self.config.bridge.command_timeout
        for _ in range(self._wall_clock.due(time.monotonic())):
            if self.series.stop_unheard(timeout):
                self._health.counts['watchdog_stops'] += 1
                self.get_logger().warning(f'no command for {timeout:g} s: the robot stops')
            self._advance(1)
            if self._done_at is not None:
                return

    def _advance(self, ticks: int) -> bool:
        """
        Drive the last command, publish what is seen, begin the next episode after an end.

        Return whether the episode goes on.
        """
        ended = self.series.drive(ticks) is not Outcome.RUNNING
        if ended:
            self._publish_episode()
            self._episodes.wait_for_all_acked(_HEARD)
        self._publish_state(force=ended)
        if ended:
            self._next_episode()
        return not ended

    def _next_episode(self) -> None:
        episodes = self.config.bridge.episodes
        self._awaited = None
        if episodes and self.series.number + 1 >= episodes:
            self.series.leave()
            self._done_at = time.monotonic()
            return
        self._begin_episode()

    def _begin_episode(self) -> None:
        self.series.begin()
        self._begun = time.monotonic()
        self._sensors.send_clock(self.series)
        self._publish_episode()
        self._publish_state(force=True)

    def _finish_when_read(self) -> None:
        """Leave the last rewards a moment, then end."""
        assert self._done_at is not None
        if time.monotonic() - self._done_at > 0.5 and self.config.bridge.exit_when_done:
            self.get_logger().info(f'all {self.series.number + 1} episodes are done')
            self.exit_code = 0

    # -- publishing ------------------------------------------------------------------------

    def _publish_state(self, *, force: bool) -> None:
        """Publish clock, odometry, truth and (when due) the scan of this instant."""
        series, config = self.series, self.config
        tick = config.sim.tick
        ticks = round(series.sim.time / tick)
        self._sensors.send_clock(series)
        always = force or self.lockstep
        if always or falls_due(ticks, config.navigation.control_rate, tick):
            self._sensors.send_odometry(series)
        if always or falls_due(ticks, config.bridge.scan_rate, tick):
            self._waiting_since = time.monotonic()
            self._awaited = self._sensors.send_scan(series)

    def _publish_episode(self) -> None:
        self._episodes.publish(
            episode_message(self.series, self.config, time.monotonic() - self._begun))

    def _diagnose(self) -> None:
        if not self._active:
            return
        series = self.series
        waits = series.monitor is None and not self._done_at
        self._health.publish(['waiting for a driver'] if waits else [], {
            'episode': series.number, 'simulated_time': series.now,
            'real_time_factor': self.config.bridge.real_time_factor})


def main(argv: list[str] | None = None) -> int:
    """Run the node until its episodes are done or it is told to end."""
    return run_node(SimBridge, argv)
