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

"""When to decide, what to command, and when to stand still: the loop of bandit_node."""

from __future__ import annotations

from collections.abc import Callable
import math
import time

from rclpy.lifecycle import LifecycleNode
from rfsn_ros.config import Mode, RFSNConfig
from rfsn_ros.errors import RfsnError
from rfsn_ros.msg import Episode
from rfsn_ros.navigation import LaserScan, Odometry, Twist2D
from rfsn_ros.navigation.agreement import Agreement
from rfsn_ros.navigation.observation import Glimpse
from rfsn_ros.nodes import convert
from rfsn_ros.nodes.freshness import Freshness
from rfsn_ros.nodes.health import Health, Latencies
from rfsn_ros.nodes.inputs import Arrival, Inputs, Pair
from rfsn_ros.nodes.peers import Peers
from rfsn_ros.nodes.pilot import Decided, Pilot
from rfsn_ros.nodes.wheels import Wheels

__all__ = ['Driver']

_RECENT = 0.75
"""Share of the decision period that has to pass between the scans of two decisions."""


class Driver:
    """
    Drives one robot with a pilot, from what comes in to what goes to the wheels.

    Nothing is taken in, decided or commanded before `activate` and after `deactivate`.
    `stopped_for` says why the robot is told to stand still, empty while it drives; `held` is what
    waits in lockstep until it may be decided on. Stamps are in nanoseconds; `publish` is called
    with every decision once its command is out.
    """

    def __init__(
        self, node: LifecycleNode, config: Callable[[], RFSNConfig], pilot: Pilot, wheels: Wheels,
        peers: tuple[Peers, ...], health: Health, publish: Callable[[Decided, Pair], None],
    ) -> None:
        self._node = node
        self._config = config
        self.pilot = pilot
        self._wheels = wheels
        self._peers = peers
        self._health = health
        self._publish = publish
        self.active = False
        self.stopped_for = 'no goal yet'
        driving = config().driving
        self.inputs: Inputs[Episode] = Inputs(keep=2.0, pairing_timeout=(
            driving.lockstep_timeout if driving.lockstep else driving.pairing_timeout))
        self.freshness = Freshness(self.inputs, config)
        self.agreement = Agreement()
        self.latency = Latencies()
        self.held: Pair | None = None
        self._last_decided: int | None = None
        self._goals = 0
        self._own_goal = False

    def activate(self) -> None:
        """Begin; there is no goal yet."""
        self.active = True
        self._last_decided = None  # its time may be another
        self.stopped_for = 'no goal yet'

    def deactivate(self) -> None:
        """Stop the robot, forget its goal, and see to it that the stop is heard."""
        self.halt('deactivated')
        self.pilot.end()
        self.drop_pending()
        self._wheels.flush()
        self.active = False

    # -- inputs ----------------------------------------------------------------------------

    def scan(self, stamp: int, scan: LaserScan) -> None:
        """Take in a scan."""
        self._note(self.inputs.add_scan(stamp, scan, time.monotonic()), 'scan')
        self._consider()

    def odometry(self, stamp: int, odometry: Odometry) -> None:
        """Take in odometry."""
        arrival = self.inputs.add_odometry(stamp, odometry, time.monotonic())
        self._note(arrival, 'odom')
        if arrival is not Arrival.OLD:
            self.agreement.add(odometry)
        self._consider()

    def goal(self, goal: tuple[float, float]) -> None:
        """Drive to a goal (m, odom) and stop there."""
        self._goals += 1
        self.pilot.begin(f'{self.pilot.session}-goal-{self._goals}', goal, driving=True)
        self.freshness.renew(time.monotonic())
        self._own_goal = True
        self.stopped_for = ''
        self._node.get_logger().info(f'new goal at ({goal[0]:.2f}, {goal[1]:.2f}) m in odom')

    def episode(self, message: Episode) -> None:
        """Begin or end a drive when the scans have come so far; who runs it says when it ends."""
        self.inputs.add_event(convert.nanoseconds(message.header.stamp), message)
        if self.held is not None:
            self._apply_events(self.held)
            self.release()

    def _note(self, arrival: Arrival, source: str) -> None:
        if arrival is Arrival.OLD:
            self._health.counts[f'old_{source}'] += 1
        elif arrival is Arrival.JUMPED:
            self._restart('time_jumps', f'stamps of {source} went back')

    def _apply_events(self, pair: Pair) -> None:
        for event in self.inputs.due_events(pair.scan_stamp):
            if event.outcome == Episode.RUNNING:
                self.pilot.begin(event.id, (event.goal.x, event.goal.y))
                self.freshness.renew(time.monotonic())
                self._own_goal = False
                self.stopped_for = ''
            elif event.id == convert.episode_of(self.pilot.episode):
                self.pilot.end()
                self.halt('episode ended')

    # -- decisions -------------------------------------------------------------------------

    def _consider(self) -> None:
        """Decide if a scan with its odometry is there and it is time to."""
        pair = self.inputs.pair(time.monotonic())
        if pair is None:
            return
        self._apply_events(pair)
        if self._due(pair) and (self._config().driving.lockstep or self.pilot.goal is not None):
            self.held = pair
            self.release()

    def _due(self, pair: Pair) -> bool:
        """
        Whether to decide on a scan: it comes a period after the last one decided on.

        In lockstep it is the second after that, even if late sensors show it sooner.
        """
        before, config = self._last_decided, self._config()
        if before is None:
            return True
        since = 1e-9 * (pair.scan_stamp - before)
        return since >= _RECENT * config.navigation.decision_period or (
            config.driving.lockstep and self.inputs.scans_between(before, pair.scan_stamp) > 1)

    def release(self) -> None:
        """Decide on the scan that waits, unless lockstep still waits for a goal or rewards."""
        pair = self.held
        if pair is None or self.pilot.goal is None:
            return
        if self._config().driving.lockstep and self._waits(pair):
            return
        self.held = None
        self._decide(pair)

    def _waits(self, pair: Pair) -> bool:
        if not all(peers.complete() for peers in self._peers):
            return True
        if not self.pilot.waits:
            return False
        if time.monotonic() - pair.arrived < self._config().driving.lockstep_timeout:
            return True
        self.drop_pending()
        self._node.get_logger().warning('lockstep: no reward came in time; going on without')
        return False

    def _decide(self, pair: Pair) -> None:
        pilot = self.pilot
        if off := self.freshness.mistimed(self.now()):
            self._health.complain('mistimed', off)
            return
        if self.freshness.stale(time.monotonic()) or self._arrived(pair):
            return
        if pilot.teleported(pair.odometry):
            self._restart('odometry_jumps', 'odometry jumped', driving=True)
        try:
            decided = pilot.decide(pair, self.now(), self._midway(pair))
        except RfsnError as error:
            self._health.complain('bad_observations', error)
            return
        self.freshness.renew(pair.arrived)
        self._last_decided = pair.scan_stamp
        self.stopped_for = ''
        if self._config().driving.mode is not Mode.SHADOW and not self._unusable():
            now = self.now()
            self._wheels.send(pilot.navigator.command(pair.odometry, now), now)
        self.latency.add(time.monotonic() - pair.arrived)
        pilot.record(decided)
        self._publish(decided, pair)

    def _midway(self, pair: Pair) -> Glimpse | None:
        """Return what was seen about half way since the last decision."""
        if self._last_decided is None:
            return None
        return self.inputs.midway(self._last_decided, pair.scan_stamp)

    def _arrived(self, pair: Pair) -> bool:
        """Stop at a goal of its own; episodes are ended by who runs them."""
        pilot, pose = self.pilot, pair.odometry.pose
        assert pilot.goal is not None
        distance = math.hypot(pilot.goal[0] - pose.x, pilot.goal[1] - pose.y)
        if not self._own_goal or distance > self._config().navigation.goal_tolerance:
            return False
        self._node.get_logger().info('goal reached')
        pilot.end()
        self.halt('goal reached')
        return True

    # -- commands --------------------------------------------------------------------------

    def tick(self) -> None:
        """Follow the chosen primitive at the control rate; after a stop, repeat zero a while."""
        if not self.active or self._config().driving.mode is Mode.SHADOW:
            return
        pilot, odometry, now = self.pilot, self.inputs.newest_odometry, self.now()
        if self.stopped_for or pilot.goal is None or odometry is None or self._unusable():
            self._wheels.keep_resting(now)
        else:
            self._wheels.send(pilot.navigator.command(odometry, now), now)

    def halt(self, reason: str) -> None:
        """Stand still, now and until something new happens."""
        self.stopped_for = reason
        self.held = None
        self.pilot.navigator.stop()
        if self.active and self.pilot.mode is not Mode.SHADOW:
            now = self.now()
            self.pilot.navigator.history.add(now, Twist2D())
            self._wheels.rest(now)

    def watch(self) -> None:
        """Stop on stale inputs (steady clock); let scans go that waited long enough."""
        if not self.active:
            return
        self._consider()
        self.release()
        if self.pilot.goal is None or self.stopped_for.startswith('stale'):
            return
        source = self.freshness.stale(time.monotonic()) or self._unusable()
        if source:
            limit = self._config().driving.stale_after
            self._node.get_logger().warning(f'stale {source} (limit {limit} s): the robot stops')
            self._health.counts['stale_stops'] += 1
            self.halt(f'stale {source}')
            self.drop_pending()

    def _unusable(self) -> str:
        return self.freshness.unusable(time.monotonic(), self.now())

    def clock_went_back(self, now: int) -> None:
        """Begin anew at `now` where the inputs have not shown it before."""
        if self.active and now < self.inputs.newest_stamp:
            self.inputs.restart(now)
            self._restart('time_jumps', 'the clock went back')

    def _restart(self, kind: str, reason: str, *, driving: bool = False) -> None:
        """
        Time or place is a new one: nothing from before may be mixed with what comes.

        In another place the robot is still `driving` by what was commanded.
        """
        self._node.get_logger().warning(f'{reason}: memory and waiting decisions are dropped')
        self._health.counts[kind] += 1
        self.drop_pending()
        self.agreement.clear()
        self._last_decided = None
        self.halt(reason)
        if not driving:
            self.pilot.navigator.history.clear()
        if self.pilot.goal is not None:
            self._goals += 1
            self.pilot.begin(
                f'{convert.episode_of(self.pilot.episode)}+{self._goals}', self.pilot.goal,
                driving=driving)

    def drop_pending(self) -> None:
        """Let no decision wait for its reward any more."""
        self.pilot.join.drop_all()

    def now(self) -> float:
        """Return ROS time in seconds; the simulated clock may lag the inputs it belongs to."""
        now = self._node.get_clock().now().nanoseconds
        if self._node.get_parameter('use_sim_time').value:
            now = max(now, self.inputs.newest_stamp)
        return now * 1e-9
