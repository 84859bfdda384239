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
bandit_node: scan and odometry in, velocity commands and decisions out, rewards learned.

Lifecycle: configure loads the model and opens the log; only while active the robot is
commanded; deactivate sends a last zero velocity before publishers fall silent, and ends the drive:
active again, it waits for a new goal.
"""

from __future__ import annotations

from collections.abc import Callable
import math
import time
from typing import Any

from geometry_msgs.msg import PoseStamped
from nav_msgs.msg import Odometry as OdometryMsg
from rclpy.clock import Clock, ClockType, JumpThreshold, TimeJump
from rclpy.duration import Duration
from rclpy.lifecycle import LifecycleState, TransitionCallbackReturn
from rfsn_ros.config import Mode, RFSNConfig
from rfsn_ros.errors import CheckpointError, InputError, RfsnError, SensorError
from rfsn_ros.msg import Decision, Episode, ModelInfo, Reward
from rfsn_ros.navigation.rehearsal import rehearse
from rfsn_ros.nodes import convert, qos
from rfsn_ros.nodes.autostart import AutostartNode
from rfsn_ros.nodes.checkpoints import CheckpointServices
from rfsn_ros.nodes.driver import Driver
from rfsn_ros.nodes.health import Health
from rfsn_ros.nodes.inputs import Pair
from rfsn_ros.nodes.join import Verdict
from rfsn_ros.nodes.markers import decision_markers
from rfsn_ros.nodes.messages import decision_message, model_message
from rfsn_ros.nodes.params import NodeParameters
from rfsn_ros.nodes.peers import Peers
from rfsn_ros.nodes.pilot import Decided, Pilot
from rfsn_ros.nodes.process import run_node
from rfsn_ros.nodes.transforms import Transforms
from rfsn_ros.nodes.wheels import command_type, twist_of, Wheels
from sensor_msgs.msg import LaserScan as LaserScanMsg
from visualization_msgs.msg import MarkerArray

__all__ = ['BanditNode', 'main']

SECTIONS = ('driving', 'frames', 'navigation', 'bandit')
_WATCH_PERIOD = 0.05
_MANY_REWARDS = 20
"""So many rewards in a row that are not valid are no accident."""


class BanditNode(AutostartNode):
    """
    Chooses and drives navigation primitives and learns from rewards.

    Subscribes `scan`, `odom`, `goal_pose`, `episode`, `reward`, `cmd_vel` (heeded in mode shadow);
    publishes `cmd_vel`, `decision`, `model_info` (latched), `markers` and `/diagnostics`; serves
    `~/save_checkpoint`, `~/load_checkpoint`, `~/list_checkpoints`.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__('bandit_node', **options)
        self._settings = NodeParameters(self, SECTIONS, on_change=self._changed)
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._health = Health(self)
        self._pilot: Pilot | None = None
        self._driver: Driver | None = None
        self._invalid_rewards = 0
        self._jump = self.get_clock().create_jump_callback(
            JumpThreshold(
                min_forward=None, min_backward=Duration(nanoseconds=-1), on_clock_change=False),
            post_callback=self._on_jump)

    @property
    def config(self) -> RFSNConfig:
        """Return the settings in force."""
        return self._settings.config

    @property
    def autostart(self) -> bool:
        """Whether it comes up active by itself."""
        return self.config.driving.autostart

    @property
    def configured(self) -> bool:
        """Whether model and log are open."""
        return self._pilot is not None

    @property
    def driver(self) -> Driver:
        """Return what drives; there has to be a configuration."""
        assert self._driver is not None, 'configure comes first'
        return self._driver

    # -- lifecycle -------------------------------------------------------------------------

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load the model, open the log, create publishers and subscriptions."""
        config = self.config
        for sentence in config.without_effect():
            self.get_logger().warning(sentence)
        try:
            rehearse(config.navigation)
            self._pilot = Pilot(config)
            self._checkpoints = CheckpointServices(self, self._pilot, self._publish_model)
            self._checkpoints.load_first()
        except RfsnError as error:
            self.get_logger().error(f'cannot configure: {error}')
            self._release()
            return TransitionCallbackReturn.FAILURE
        self._transforms = Transforms(self, config.frames)
        self._wheels = Wheels(self, config)
        self._decisions = self.create_lifecycle_publisher(Decision, 'decision', qos.EVENTS)
        self._models = self.create_publisher(ModelInfo, 'model_info', qos.LATCHED)
        self._markers = self.create_lifecycle_publisher(MarkerArray, 'markers', qos.COMMANDS)
        peers = (
            Peers(self, self._decisions, 'scan', 'reward'),
            Peers(self, self._wheels.publisher, 'scan'))
        self._driver = Driver(
            self, lambda: self.config, self._pilot, self._wheels, peers, self._health,
            self._publish)
        self._topics = [
            self._subscribe(Episode, 'episode', self._on_episode, qos.EPISODES),
            self._subscribe(Reward, 'reward', self._on_reward, qos.EVENTS),
            self._subscribe(
                OdometryMsg, 'odom', self._on_odometry, self._sensor_qos(qos.SENSORS)),
            self._subscribe(LaserScanMsg, 'scan', self._on_scan, self._sensor_qos(qos.NEWEST)),
            self._subscribe(PoseStamped, 'goal_pose', self._on_goal, qos.COMMANDS),
            self._subscribe(
                command_type(stamped=config.driving.stamped), 'cmd_vel',
                self._on_foreign_command, qos.COMMANDS),
        ]
        self._own_timers = [
            self.create_timer(_WATCH_PERIOD, self._driver.watch, clock=self._steady),
            self._health.every(config.driving.diagnostics_period, self._diagnose),
        ]
        if not config.driving.lockstep:
            # A system clock that is set back would hold up a timer that follows it.
            simulated = self.get_parameter('use_sim_time').value
            self._own_timers.append(self.create_timer(
                1.0 / config.navigation.control_rate, self._driver.tick,
                clock=self.get_clock() if simulated else self._steady))
        return TransitionCallbackReturn.SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Begin to command."""
        result = super().on_activate(state)
        self._active = True
        driver = self.driver
        driver.activate()
        self._publish_model()
        self.get_logger().info(
            f'active: mode {self.config.driving.mode.value}, '
            f'{driver.pilot.bandit.example_count} rewards learned so far')
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop the robot first and forget its goal, then fall silent."""
        self.driver.deactivate()
        self._active = False
        self._checkpoints.save_last()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Close the files and free the model."""
        self._release()
        return TransitionCallbackReturn.SUCCESS

    def _release(self) -> None:
        for timer in self.__dict__.pop('_own_timers', []):
            self.destroy_timer(timer)
        for topic in self.__dict__.pop('_topics', []):
            self.destroy_subscription(topic)
        if '_wheels' in self.__dict__:
            self.__dict__.pop('_wheels').destroy()
            self.destroy_lifecycle_publisher(self.__dict__.pop('_decisions'))
            self.destroy_lifecycle_publisher(self.__dict__.pop('_markers'))
            self.destroy_publisher(self.__dict__.pop('_models'))
        if '_checkpoints' in self.__dict__:
            self.__dict__.pop('_checkpoints').destroy()
        self._driver = None
        if self._pilot is not None:
            self._pilot.close()
            self._pilot = None

    # -- inputs ----------------------------------------------------------------------------

    def _on_scan(self, message: LaserScanMsg) -> None:
        if not self._active:
            return
        try:
            mount = self._transforms.laser(message.header.frame_id)
            scan = convert.laser_scan(message, mount)
        except SensorError as error:
            self._health.complain('bad_scans', error)
            return
        self.driver.scan(convert.nanoseconds(message.header.stamp), scan)

    def _on_odometry(self, message: OdometryMsg) -> None:
        if not self._active:
            return
        try:
            value = convert.odometry(message)
        except SensorError as error:
            self._health.complain('bad_odometry', error)
            return
        self.driver.odometry(convert.nanoseconds(message.header.stamp), value)

    def _on_goal(self, message: PoseStamped) -> None:
        if not self._active:
            return
        try:
            goal = self._transforms.goal(message)
            if not all(map(math.isfinite, goal)):
                raise SensorError(f'goal: must be finite, got {goal}')
        except SensorError as error:
            self._health.complain('bad_goals', error)
            return
        self.driver.goal(goal)

    def _on_episode(self, message: Episode) -> None:
        if self._active:
            self.driver.episode(message)

    def _on_foreign_command(self, message: Any) -> None:
        """In mode shadow: somebody else drives; what was commanded explains the motion."""
        if self.config.driving.mode is not Mode.SHADOW:
            return
        driver = self.driver
        try:
            driver.pilot.navigator.history.add(driver.now(), twist_of(message))
        except SensorError as error:
            self._health.complain('bad_commands', error)

    def _on_reward(self, message: Reward) -> None:
        if not self._active:
            return
        driver = self.driver
        self._invalid_rewards = 0 if message.valid else self._invalid_rewards + 1
        terms = dict(zip(message.term_names, message.term_values, strict=False))
        try:
            verdict = driver.pilot.reward(
                message.decision_id, convert.seconds(message.header.stamp), message.total, terms,
                valid=message.valid)
        except InputError as error:
            self._health.complain('refused_rewards', error)
        else:
            if verdict not in (Verdict.JOINED, Verdict.INVALID):
                self.get_logger().warning(
                    f'reward of {message.decision_id!r} not learned: {verdict.value}',
                    throttle_duration_sec=1.0)
            self._checkpoints.after_reward()
        driver.release()

    def _on_jump(self, jump: TimeJump) -> None:
        if self._driver is not None and jump.delta.nanoseconds < 0:
            self._driver.clock_went_back(self.get_clock().now().nanoseconds)

    # -- outputs ---------------------------------------------------------------------------

    def _publish(self, decided: Decided, pair: Pair) -> None:
        """Publish a decision, and markers where somebody looks at them."""
        pilot = self.driver.pilot
        self._decisions.publish(decision_message(decided, pair, pilot, self.config))
        if pilot.goal is None or not self._markers.get_subscription_count():
            return
        self._markers.publish(decision_markers(
            decided.navigation, pilot.navigator.library, pair.odometry.pose, pilot.goal,
            stamp=convert.time_message(decided.navigation.stamp), frame=self.config.frames.odom,
            horizon=self.config.navigation.safety.horizon))

    def _publish_model(self) -> None:
        self._models.publish(model_message(
            self.driver.pilot, self.config, self.get_clock().now().to_msg()))

    def _diagnose(self) -> None:
        driver = self._driver
        if driver is None:
            return
        pilot = driver.pilot
        now = time.monotonic()
        scan_age, odometry_age = driver.inputs.ages(now)
        problems = [driver.stopped_for] if driver.stopped_for else []
        if not self._active:
            problems.append('not active')
        if self._invalid_rewards >= _MANY_REWARDS:
            problems.append(
                f'none of the last {self._invalid_rewards} rewards is valid: nothing is learned')
        fresh = driver.freshness
        off = '' if fresh.stale(now) else fresh.mistimed(driver.now())
        problems += [off] if off else []
        problems += [doubt] if (doubt := driver.agreement.doubt()) else []
        problems += self._checkpoints.problems
        problems += [pilot.log_problem] if pilot.log_problem else []
        saved = self._checkpoints.saved_at
        self._health.publish(problems, {
            'mode': self.config.driving.mode.value,
            'scan_age': scan_age if scan_age is not None else 'none yet',
            'odom_age': odometry_age if odometry_age is not None else 'none yet',
            'decisions': pilot.decisions, 'safety_overrides': pilot.overrides,
            'latency_p50': driver.latency.quantile(0.5),
            'latency_p99': driver.latency.quantile(0.99),
            'checkpoint_age': time.time() - saved if saved is not None else 'none yet',
            'unlogged': pilot.unlogged, 'pending_rewards': len(pilot.join),
            'examples': pilot.bandit.example_count,
            **{f'rewards_{key}': value for key, value in pilot.join.counts.to_dict().items()},
        }, error=driver.stopped_for.startswith('stale'))

    def _changed(self, config: RFSNConfig) -> None:
        driver, driving = self._driver, config.driving
        if driver is None:
            return
        pilot = driver.pilot
        if self._active and driving.mode is Mode.SHADOW and pilot.mode is not Mode.SHADOW:
            driver.halt('from now on somebody else drives')
            driver.drop_pending()
        pilot.mode = driving.mode
        self._health.set_period(driving.diagnostics_period)
        if driving.exploration != pilot.config.driving.exploration:
            # A recording has to tell which decisions were made how.
            pilot.config = config
            pilot.explore(driving.exploration)
            try:
                pilot.refresh_model()
            except CheckpointError as error:
                self._health.complain('stale_models', error)
            self._publish_model()

    def _sensor_qos(self, profile: Any) -> Any:
        """Lockstep must not lose a scan: the clock would stand still."""
        return qos.SIMULATED_SENSORS if self.config.driving.lockstep else profile

    def _subscribe(
        self, kind: Any, topic: str, callback: Callable[[Any], None], profile: Any,
    ) -> Any:
        return self.create_subscription(
            kind, topic, callback, profile, event_callbacks=self._health.events())


def main(argv: list[str] | None = None) -> int:
    """Run the node until it is told to end."""
    return run_node(BanditNode, argv)
