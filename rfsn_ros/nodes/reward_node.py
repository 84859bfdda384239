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
reward_node: what each decision was worth, from scans, odometry and decisions alone.

It keeps its own memory of the surroundings and sees exactly the scans and odometry that the
decisions name, so a recorded bag gives the same rewards again.
"""

from __future__ import annotations

from collections import deque
import time
from typing import Any

from nav_msgs.msg import Odometry as OdometryMsg
from rclpy.clock import Clock, ClockType
from rclpy.node import Node
from rfsn_ros.config import RFSNConfig
from rfsn_ros.errors import SensorError
from rfsn_ros.msg import Decision, Episode, Reward
from rfsn_ros.navigation import Observation, RewardTracker
from rfsn_ros.navigation import Reward as RewardValue
from rfsn_ros.navigation.rehearsal import rehearse
from rfsn_ros.nodes import convert, qos
from rfsn_ros.nodes.guard import guard_services
from rfsn_ros.nodes.health import Health
from rfsn_ros.nodes.inputs import Arrival, Inputs, Pair
from rfsn_ros.nodes.params import NodeParameters
from rfsn_ros.nodes.peers import Peers
from rfsn_ros.nodes.process import run_node, wait_until_read
from rfsn_ros.nodes.transforms import Transforms
from rfsn_ros.replay.digest import digest_of
from sensor_msgs.msg import LaserScan as LaserScanMsg

__all__ = ['RewardNode', 'main']

_GAP = 2.5
"""After this many decision periods without a decision the drive is taken to be over."""
_WAIT = 1.0
"""How long (steady clock) a decision waits for the scan it was made on, seconds; in lockstep as
long as others wait for rewards."""
_UNHEARD = 5.0
"""How long (steady clock) decisions wait until their maker hears rewards, seconds."""


class RewardNode(Node):
    """Subscribes `scan`, `odom`, `decision`, `episode`; publishes `reward`, `/diagnostics`."""

    def __init__(self, **options: Any) -> None:
        super().__init__('reward_node', **options)
        guard_services(self)
        self.exit_code: int | None = None
        self._settings = NodeParameters(
            self, ('scoring', 'frames', 'navigation',
                   'driving.lockstep', 'driving.lockstep_timeout'))
        config = self.config
        rehearse(config.navigation)
        self._tracker = RewardTracker(config.navigation)
        lockstep = config.driving.lockstep
        patience = config.driving.lockstep_timeout
        self._wait = patience if lockstep else _WAIT
        self._inputs: Inputs[Episode] = Inputs(
            keep=config.scoring.keep, pairing_timeout=patience if lockstep else 0.1)
        self._queue: deque[tuple[Decision, float]] = deque()
        self._episode: str | None = None
        self._ended = ''
        self._goal = (0.0, 0.0)
        self._last_decision: int | None = None
        self._transforms = Transforms(self, config.frames)
        self._health = Health(self)
        self._rewards = self.create_publisher(Reward, 'reward', qos.EVENTS)
        self.create_subscription(Episode, 'episode', self._on_episode, qos.EPISODES)
        sensors = qos.SIMULATED_SENSORS if lockstep else qos.SENSORS
        self.create_subscription(
            OdometryMsg, 'odom', self._on_odometry, sensors, event_callbacks=self._health.events())
        self.create_subscription(
            LaserScanMsg, 'scan', self._on_scan, sensors, event_callbacks=self._health.events())
        self.create_subscription(Decision, 'decision', self._on_decision, qos.EVENTS)
        self._peers = Peers(self, self._rewards, 'decision')
        self._unheard_since: float | None = None
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(0.1, self._advance, clock=steady)
        self.create_timer(1.0, self._diagnose, clock=steady)

    @property
    def config(self) -> RFSNConfig:
        """Return the settings in force."""
        return self._settings.config

    def start(self) -> None:
        """Nothing to begin: all work is done in callbacks."""

    def finish(self) -> None:
        """Close the open decisions, so that none waits for ever, and see to it all is heard."""
        self._publish(self._tracker.finish())
        wait_until_read(self)

    def _on_scan(self, message: LaserScanMsg) -> None:
        try:
            mount = self._transforms.laser(message.header.frame_id)
            scan = convert.laser_scan(message, mount)
        except SensorError as error:
            self._health.complain('bad_scans', error)
            return
        self._note(self._inputs.add_scan(
            convert.nanoseconds(message.header.stamp), scan, time.monotonic()))

    def _on_odometry(self, message: OdometryMsg) -> None:
        try:
            value = convert.odometry(message)
        except SensorError as error:
            self._health.complain('bad_odometry', error)
            return
        self._note(self._inputs.add_odometry(
            convert.nanoseconds(message.header.stamp), value, time.monotonic()))

    def _note(self, arrival: Arrival) -> None:
        if arrival is Arrival.JUMPED:
            self._health.counts['time_jumps'] += 1
            self._close(None)
        self._advance()

    def _on_decision(self, message: Decision) -> None:
        self._queue.append((message, time.monotonic()))
        self._advance()

    def _on_episode(self, message: Episode) -> None:
        self._inputs.add_event(convert.nanoseconds(message.header.stamp), message)
        self._advance()

    def _advance(self) -> None:
        """Work off decisions whose scan is there, then see whether the drive has ended."""
        now = time.monotonic()
        while self._queue:
            decision, arrived = self._queue[0]
            if not self._heard(now):
                return
            pair = self._inputs.find(
                convert.nanoseconds(decision.scan_stamp),
                convert.nanoseconds(decision.odom_stamp))
            if pair is None and now - arrived < self._wait:
                return
            self._queue.popleft()
            self._take(decision, pair)
        pair = self._inputs.pair(now)
        if pair is not None:
            self._see(pair)

    def _heard(self, now: float) -> bool:
        """Whether rewards reach who decides; a recorded decision is answered to nobody."""
        if self._peers.complete():
            self._unheard_since = None
            return True
        if self._unheard_since is None:
            self._unheard_since = now
        return now - self._unheard_since >= _UNHEARD

    def _take(self, decision: Decision, pair: Pair | None) -> None:
        if self._ended and convert.episode_of(decision.episode) == self._ended:
            # What follows happened to a robot that was put elsewhere.
            self._refuse(decision, 'its episode had ended before it came')
            return
        if decision.episode != self._episode:
            self._close(None)
            self._tracker.reset()
            self._episode = decision.episode
        self._goal = (decision.goal.x, decision.goal.y)
        if pair is None:
            self._refuse(decision, 'the scan or odometry of this decision was not seen')
            return
        self._last_decision = pair.scan_stamp
        try:
            ready = self._tracker.decision(
                decision.id, Observation(pair.scan, pair.odometry, self._goal))
        except SensorError as error:
            self._health.complain('bad_observations', error)
            return
        self._publish(ready)

    def _see(self, pair: Pair) -> None:
        """Close the drive with the first scan after its end."""
        ended = False
        for event in self._inputs.due_events(pair.scan_stamp):
            if event.outcome != Episode.RUNNING and event.id == convert.episode_of(
                    self._episode or ''):
                self._close(pair, contact=event.outcome == Episode.COLLISION)
                self._ended = event.id
                ended = True
        if ended or self._last_decision is None:
            return
        since = 1e-9 * (pair.scan_stamp - self._last_decision)
        if since > _GAP * self.config.navigation.decision_period:
            self._close(pair)

    def _close(self, pair: Pair | None, *, contact: bool = False) -> None:
        observation = None
        if pair is not None:
            observation = Observation(pair.scan, pair.odometry, self._goal)
        try:
            rewards = self._tracker.finish(observation, contact=contact)
        except SensorError as error:
            self._health.complain('bad_observations', error)
            rewards = self._tracker.finish(contact=contact)
        self._last_decision = None
        self._publish(rewards)

    def _publish(self, rewards: list[RewardValue]) -> None:
        for reward in rewards:
            self._publish_one(reward)

    def _refuse(self, decision: Decision, reason: str) -> None:
        """Answer a decision of which no reward can be told."""
        self._publish_one(RewardValue(
            decision.id, convert.seconds(decision.header.stamp), 0.0, {}, valid=False,
            reason=reason))

    def _publish_one(self, reward: RewardValue) -> None:
        message = Reward()
        message.header.stamp = convert.time_message(reward.stamp)
        message.header.frame_id = self.config.frames.odom
        message.decision_id = reward.decision_id
        message.total = reward.total
        message.term_names = list(reward.terms)
        message.term_values = list(reward.terms.values())
        message.valid = reward.valid
        message.reason = reward.reason
        message.duration = reward.duration
        message.final = reward.final
        message.digest = digest_of(message)
        self._rewards.publish(message)
        self._health.counts['rewards' if reward.valid else 'invalid_rewards'] += 1

    def _diagnose(self) -> None:
        scan_age, odometry_age = self._inputs.ages(time.monotonic())
        self._health.publish([], {
            'scan_age': scan_age if scan_age is not None else 'none yet',
            'odom_age': odometry_age if odometry_age is not None else 'none yet',
            'waiting_decisions': len(self._queue),
        })


def main(argv: list[str] | None = None) -> int:
    """Run the node until it is told to end."""
    return run_node(RewardNode, argv)
