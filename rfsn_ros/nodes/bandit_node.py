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
from rfsn_ros.navigation import Twist2D
from rfsn_ros.navigation.agreement import Agreement
from rfsn_ros.navigation.observation import Glimpse
from rfsn_ros.navigation.rehearsal import rehearse
from rfsn_ros.nodes import convert, qos
from rfsn_ros.nodes.autostart import AutostartNode
from rfsn_ros.nodes.checkpoints import CheckpointServices
from rfsn_ros.nodes.freshness import Freshness
from rfsn_ros.nodes.health import Health, Latencies
from rfsn_ros.nodes.inputs import Arrival, Inputs, Pair
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
_RECENT = 0.75
"""Share of the decision period that has to pass between the scans of two decisions."""
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
        self._latency = Latencies()
        self._agreement = Agreement()
        self._pilot: Pilot | None = None
        self._held: Pair | None = None
        self._last_decided: int | None = None
        self._stopped_for: str = 'no goal yet'
        self._goals = 0
        self._own_goal = False
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
        self._inputs: Inputs[Episode] = Inputs(
            keep=2.0, pairing_timeout=config.driving.pairing_timeout)
        self._freshness = Freshness(self._inputs, lambda: self.config)
        self._wheels = Wheels(self, config)
        self._decisions = self.create_lifecycle_publisher(Decision, 'decision', qos.EVENTS)
        self._models = self.create_publisher(ModelInfo, 'model_info', qos.LATCHED)
        self._markers = self.create_lifecycle_publisher(MarkerArray, 'markers', qos.COMMANDS)
        self._peers = (
            Peers(self, self._decisions, 'scan', 'reward'),
            Peers(self, self._wheels.publisher, 'scan'))
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
            self.create_timer(_WATCH_PERIOD, self._watch, clock=self._steady),
            self._health.every(config.driving.diagnostics_period, self._diagnose),
        ]
        if not config.driving.lockstep:
            # A system clock that is set back would hold up a timer that follows it.
            simulated = self.get_parameter('use_sim_time').value
            self._own_timers.append(self.create_timer(
                1.0 / config.navigation.control_rate, self._tick,
                clock=self.get_clock() if simulated else self._steady))
        return TransitionCallbackReturn.SUCCESS

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Begin to command."""
        result = super().on_activate(state)
        self._active = True
        self._last_decided = None  # its time may be another
        self._stopped_for = 'no goal yet'
        self._publish_model()
        self.get_logger().info(
            f'active: mode {self.config.driving.mode.value}, '
            f'{self._require().bandit.example_count} rewards learned so far')
        return result

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop the robot first and forget its goal, then fall silent."""
        self._halt('deactivated')
        self._require().end()
        self._drop_pending()
        self._wheels.flush()
        self._active = False
        self._checkpoints.save_last()
        return super().on_deactivate(state)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Close the files and free the model."""
        self._release()
        return TransitionCallbackReturn.SUCCESS

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """End from any state."""
        if self._active:
            self.on_deactivate(state)
        self._release()
        self.exit_code = 0
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
            self._complain('bad_scans', error)
            return
        stamp = convert.nanoseconds(message.header.stamp)
        self._note(self._inputs.add_scan(stamp, scan, time.monotonic()), 'scan')
        self._consider()

    def _on_odometry(self, message: OdometryMsg) -> None:
        if not self._active:
            return
        try:
            value = convert.odometry(message)
        except SensorError as error:
            self._complain('bad_odometry', error)
            return
        stamp = convert.nanoseconds(message.header.stamp)
        arrival = self._inputs.add_odometry(stamp, value, time.monotonic())
        self._note(arrival, 'odom')
        if arrival is not Arrival.OLD:
            self._agreement.add(value)
        self._consider()

    def _on_goal(self, message: PoseStamped) -> None:
        if not self._active:
            return
        try:
            goal = self._transforms.goal(message)
            if not all(map(math.isfinite, goal)):
                raise SensorError(f'goal: must be finite, got {goal}')
        except SensorError as error:
            self._complain('bad_goals', error)
            return
        pilot = self._require()
        self._goals += 1
        pilot.begin(f'{pilot.session}-goal-{self._goals}', goal, driving=True)
        self._freshness.renew(time.monotonic())
        self._own_goal = True
        self._stopped_for = ''
        self.get_logger().info(f'new goal at ({goal[0]:.2f}, {goal[1]:.2f}) m in odom')

    def _on_episode(self, message: Episode) -> None:
        if not self._active:
            return
        self._inputs.add_event(convert.nanoseconds(message.header.stamp), message)
        if self._held is not None:
            self._apply_events(self._held)
            self._release_held()

    def _on_foreign_command(self, message: Any) -> None:
        """In mode shadow: somebody else drives; what was commanded explains the motion."""
        if self.config.driving.mode is not Mode.SHADOW:
            return
        try:
            self._require().navigator.history.add(self._now(), twist_of(message))
        except SensorError as error:
            self._complain('bad_commands', error)

    def _on_reward(self, message: Reward) -> None:
        if not self._active:
            return
        pilot = self._require()
        self._invalid_rewards = 0 if message.valid else self._invalid_rewards + 1
        terms = dict(zip(message.term_names, message.term_values, strict=False))
        try:
            verdict = pilot.reward(
                message.decision_id, convert.seconds(message.header.stamp), message.total, terms,
                valid=message.valid)
        except InputError as error:
            self._complain('refused_rewards', error)
        else:
            if verdict not in (Verdict.JOINED, Verdict.INVALID):
                self.get_logger().warning(
                    f'reward of {message.decision_id!r} not learned: {verdict.value}',
                    throttle_duration_sec=1.0)
            self._checkpoints.after_reward()
        self._release_held()

    def _note(self, arrival: Arrival, source: str) -> None:
        if arrival is Arrival.OLD:
            self._health.counts[f'old_{source}'] += 1
        elif arrival is Arrival.JUMPED:
            self._restart('time_jumps', f'stamps of {source} went back')

    # -- decisions -------------------------------------------------------------------------

    def _consider(self) -> None:
        """Decide if a scan with its odometry is there and it is time to."""
        pair = self._inputs.pair(time.monotonic())
        if pair is None:
            return
        self._apply_events(pair)
        if self.config.driving.lockstep or (self._require().goal is not None and self._due(pair)):
            self._held = pair
            self._release_held()

    def _due(self, pair: Pair) -> bool:
        if self._last_decided is None:
            return True
        since = 1e-9 * (pair.scan_stamp - self._last_decided)
        return since >= _RECENT * self.config.navigation.decision_period

    def _midway(self, pair: Pair) -> Glimpse | None:
        """Return what was seen about half way since the last decision."""
        if self._last_decided is None:
            return None
        return self._inputs.midway(self._last_decided, pair.scan_stamp)

    def _apply_events(self, pair: Pair) -> None:
        for event in self._inputs.due_events(pair.scan_stamp):
            self._apply_episode(event)

    def _release_held(self) -> None:
        """Decide on the scan that waits, unless lockstep still waits for a goal or rewards."""
        pair = self._held
        if pair is None or self._require().goal is None:
            return
        if self.config.driving.lockstep and self._waits(pair):
            return
        self._held = None
        self._decide(pair)

    def _waits(self, pair: Pair) -> bool:
        if not all(peers.complete() for peers in self._peers):
            return True
        if not self._require().waits:
            return False
        if time.monotonic() - pair.arrived < self.config.driving.lockstep_timeout:
            return True
        self._drop_pending()
        self.get_logger().warning('lockstep: no reward came in time; going on without')
        return False

    def _decide(self, pair: Pair) -> None:
        pilot = self._require()
        if off := self._freshness.mistimed(self._now()):
            self._complain('mistimed', off)
            return
        if self._freshness.stale(time.monotonic()) or self._arrived(pair):
            return
        if pilot.teleported(pair.odometry):
            self._restart('odometry_jumps', 'odometry jumped', driving=True)
        try:
            decided = pilot.decide(pair, self._now(), self._midway(pair))
        except RfsnError as error:
            self._complain('bad_observations', error)
            return
        self._freshness.renew(pair.arrived)
        self._last_decided = pair.scan_stamp
        self._stopped_for = ''
        if self.config.driving.mode is not Mode.SHADOW and not self._unusable():
            now = self._now()
            self._wheels.send(pilot.navigator.command(pair.odometry, now), now)
        self._latency.add(time.monotonic() - pair.arrived)
        pilot.record(decided)
        self._decisions.publish(decision_message(decided, pair, pilot, self.config))
        self._show(decided, pair)

    def _show(self, decided: Decided, pair: Pair) -> None:
        """Publish markers where somebody looks at them."""
        pilot = self._require()
        if pilot.goal is None or not self._markers.get_subscription_count():
            return
        self._markers.publish(decision_markers(
            decided.navigation, pilot.navigator.library, pair.odometry.pose, pilot.goal,
            stamp=convert.time_message(decided.navigation.stamp), frame=self.config.frames.odom,
            horizon=self.config.navigation.safety.horizon))

    def _arrived(self, pair: Pair) -> bool:
        """Stop at a goal that was given by goal_pose; episodes are ended by who runs them."""
        pilot = self._require()
        assert pilot.goal is not None
        pose = pair.odometry.pose
        distance = math.hypot(pilot.goal[0] - pose.x, pilot.goal[1] - pose.y)
        if not self._own_goal or distance > self.config.navigation.goal_tolerance:
            return False
        self.get_logger().info('goal reached')
        pilot.end()
        self._halt('goal reached')
        return True

    def _apply_episode(self, message: Episode) -> None:
        pilot = self._require()
        if message.outcome == Episode.RUNNING:
            pilot.begin(message.id, (message.goal.x, message.goal.y))
            self._freshness.renew(time.monotonic())
            self._own_goal = False
            self._stopped_for = ''
        elif message.id == convert.episode_of(pilot.episode):
            pilot.end()
            self._halt('episode ended')

    # -- commands --------------------------------------------------------------------------

    def _tick(self) -> None:
        """Follow the chosen primitive at the control rate; after a stop, repeat zero a while."""
        if not self._active or self.config.driving.mode is Mode.SHADOW:
            return
        pilot, odometry, now = self._require(), self._inputs.newest_odometry, self._now()
        if self._stopped_for or pilot.goal is None or odometry is None or self._unusable():
            self._wheels.keep_resting(now)
        else:
            self._wheels.send(pilot.navigator.command(odometry, now), now)

    def _halt(self, reason: str) -> None:
        """Stand still, now and until something new happens."""
        self._stopped_for = reason
        self._held = None
        self._require().navigator.stop()
        if self._active and self._require().mode is not Mode.SHADOW:
            now = self._now()
            self._require().navigator.history.add(now, Twist2D())
            self._wheels.rest(now)

    def _watch(self) -> None:
        """Stop on stale inputs (steady clock); let scans go that waited long enough."""
        if not self._active:
            return
        self._consider()
        self._release_held()
        if self._require().goal is None or self._stopped_for.startswith('stale'):
            return
        source = self._freshness.stale(time.monotonic()) or self._unusable()
        if source:
            limit = self.config.driving.stale_after
            self.get_logger().warning(f'stale {source} (limit {limit} s): the robot stops')
            self._health.counts['stale_stops'] += 1
            self._halt(f'stale {source}')
            self._drop_pending()

    def _unusable(self) -> str:
        return self._freshness.unusable(time.monotonic(), self._now())

    def _on_jump(self, jump: TimeJump) -> None:
        """Begin anew where the clock went back and the inputs have not shown it before."""
        now = self.get_clock().now().nanoseconds
        if self._active and jump.delta.nanoseconds < 0 and now < self._inputs.newest_stamp:
            self._inputs.restart(now)
            self._restart('time_jumps', 'the clock went back')

    def _restart(self, kind: str, reason: str, *, driving: bool = False) -> None:
        """
        Time or place is a new one: nothing from before may be mixed with what comes.

        In another place the robot is still `driving` by what was commanded.
        """
        if self._pilot is None or not self._active:
            return
        self.get_logger().warning(f'{reason}: memory and waiting decisions are dropped')
        self._health.counts[kind] += 1
        self._drop_pending()
        self._agreement.clear()
        self._last_decided = None
        self._halt(reason)
        if not driving:
            self._pilot.navigator.history.clear()
        if self._pilot.goal is not None:
            self._goals += 1
            self._pilot.begin(
                f'{convert.episode_of(self._pilot.episode)}+{self._goals}', self._pilot.goal,
                driving=driving)

    def _drop_pending(self) -> None:
        self._require().join.drop_all()

    # -- state -----------------------------------------------------------------------------

    def _publish_model(self) -> None:
        self._models.publish(model_message(
            self._require(), self.config, self.get_clock().now().to_msg()))

    def _diagnose(self) -> None:
        pilot = self._pilot
        if pilot is None:
            return
        now = time.monotonic()
        scan_age, odometry_age = self._inputs.ages(now)
        problems = [self._stopped_for] if self._stopped_for else []
        if not self._active:
            problems.append('not active')
        if self._invalid_rewards >= _MANY_REWARDS:
            problems.append(
                f'none of the last {self._invalid_rewards} rewards is valid: nothing is learned')
        off = '' if self._freshness.stale(now) else self._freshness.mistimed(self._now())
        problems += [off] if off else []
        problems += [doubt] if (doubt := self._agreement.doubt()) else []
        problems += self._checkpoints.problems
        problems += [pilot.log_problem] if pilot.log_problem else []
        saved = self._checkpoints.saved_at
        self._health.publish(problems, {
            'mode': self.config.driving.mode.value,
            'scan_age': scan_age if scan_age is not None else 'none yet',
            'odom_age': odometry_age if odometry_age is not None else 'none yet',
            'decisions': pilot.decisions, 'safety_overrides': pilot.overrides,
            'latency_p50': self._latency.quantile(0.5),
            'latency_p99': self._latency.quantile(0.99),
            'checkpoint_age': time.time() - saved if saved is not None else 'none yet',
            'unlogged': pilot.unlogged, 'pending_rewards': len(pilot.join),
            'examples': pilot.bandit.example_count,
            **{f'rewards_{key}': value for key, value in pilot.join.counts.to_dict().items()},
        }, error=self._stopped_for.startswith('stale'))

    def _changed(self, config: RFSNConfig) -> None:
        pilot, driving = self._pilot, config.driving
        if pilot is None:
            return
        if self._active and driving.mode is Mode.SHADOW and pilot.mode is not Mode.SHADOW:
            self._halt('from now on somebody else drives')
            self._drop_pending()
        pilot.mode = driving.mode
        self._health.set_period(driving.diagnostics_period)
        if driving.exploration != pilot.config.driving.exploration:
            # A recording has to tell which decisions were made how.
            pilot.config = config
            pilot.explore(driving.exploration)
            try:
                pilot.refresh_model()
            except CheckpointError as error:
                self._complain('stale_models', error)
            self._publish_model()

    def _complain(self, kind: str, error: Exception | str) -> None:
        self._health.counts[kind] += 1
        self.get_logger().warning(str(error), throttle_duration_sec=1.0)

    def _require(self) -> Pilot:
        assert self._pilot is not None, 'configure comes first'
        return self._pilot

    def _now(self) -> float:
        """Return ROS time in seconds; the simulated clock may lag the inputs it belongs to."""
        now = self.get_clock().now().nanoseconds
        if self.get_parameter('use_sim_time').value:
            now = max(now, self._inputs.newest_stamp)
        return now * 1e-9

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
