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

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not installed')

from diagnostic_msgs.msg import DiagnosticArray
from nav_msgs.msg import Odometry as OdometryMsg
from rclpy.serialization import deserialize_message, serialize_message
from rfsn_ros.msg import Decision, Episode, Reward
from rfsn_ros.navigation import Observation, RewardTracker
from rfsn_ros.nodes import convert, qos
from rfsn_ros.nodes.reward_node import RewardNode
from rfsn_ros.replay.transforms import Mount
from sensor_msgs.msg import LaserScan as LaserScanMsg

GOAL = (6.0, 0.0)


class World:
    """Publishes what reward_node reads and collects its rewards."""

    def __init__(self, ros, messages, *, sensors=qos.SIMULATED_SENSORS, **parameters):
        self.ros, self.messages = ros, messages
        self.node = ros.make(RewardNode, frames__use_tf=False, **parameters)
        make = ros.node.create_publisher
        self.scans = make(LaserScanMsg, 'scan', sensors)
        self.odometry = make(OdometryMsg, 'odom', sensors)
        self.decisions = make(Decision, 'decision', qos.EVENTS)
        self.episodes = make(Episode, 'episode', qos.EPISODES)
        self.rewards = ros.collect(Reward, 'reward', qos.EVENTS)
        self.seen = []
        publishers = (self.scans, self.odometry, self.decisions, self.episodes)
        ros.until(lambda: all(p.get_subscription_count() for p in publishers)
                  and self.node._rewards.get_subscription_count(), what='the topics')

    def step(self, n, *, decide=True, sense=True, decide_first=False, start=50.0):
        stamp = start + 0.2 * n
        scan = self.messages.scan(stamp, distance=4.0 - 0.05 * n)
        odometry = self.messages.odometry(stamp, x=0.1 * n, v=0.5)
        decision = Decision(id=f's-{n}', episode='e', scan_stamp=scan.header.stamp,
                            odom_stamp=odometry.header.stamp, goal=convert.point_message(GOAL))
        decision.header.stamp = scan.header.stamp
        if decide and decide_first:
            self.decisions.publish(decision)
        if sense:
            self.odometry.publish(odometry)
            self.scans.publish(scan)
        if decide and not decide_first:
            self.decisions.publish(decision)
        # What arrives went through 32-bit floats.
        scan = deserialize_message(serialize_message(scan), LaserScanMsg)
        self.seen.append((decision.id, scan, odometry))

    def end(self, n, outcome):
        message = Episode(id='e', outcome=outcome)
        message.header.stamp = convert.time_message(50.0 + 0.2 * n)
        self.episodes.publish(message)
        self.ros.until(lambda: self.node._inputs._events, what='the end')

    def expected(self, *, contact=False):
        """Rewards as the tracker alone gives them for the same messages."""
        tracker = RewardTracker(self.node.config.navigation)
        mount = Mount(self.node.config.frames.laser)
        rewards = []
        *decided, last = [
            (name, Observation(convert.laser_scan(scan, mount), convert.odometry(odometry), GOAL))
            for name, scan, odometry in self.seen]
        for name, observation in decided:
            rewards += tracker.decision(name, observation)
        return rewards + tracker.finish(last[1], contact=contact)


@pytest.mark.parametrize('outcome', [Episode.SUCCESS, Episode.COLLISION])
@pytest.mark.parametrize('decide_first', [False, True])
def test_rewards_are_those_of_the_tracker_whatever_comes_first(
        ros, messages, outcome, decide_first):
    world = World(ros, messages)
    for n in range(8):
        world.step(n, decide_first=decide_first)
    ros.until(lambda: len(world.rewards) >= 4, what='rewards')
    world.end(8, outcome)
    world.step(8, decide=False)
    ros.until(lambda: len(world.rewards) == 8, what='all rewards')
    expected = world.expected(contact=outcome == Episode.COLLISION)
    assert [r.decision_id for r in world.rewards] == [r.decision_id for r in expected]
    for found, wanted in zip(world.rewards, expected, strict=True):
        assert found.total == wanted.total
        assert dict(zip(found.term_names, found.term_values, strict=True)) == wanted.terms
        assert found.valid
    assert [r.final for r in world.rewards] == [False] * 7 + [True]
    contact = [dict(zip(r.term_names, r.term_values, strict=True))['contact']
               for r in world.rewards]
    assert (min(contact) < 0.0) == (outcome == Episode.COLLISION)


@pytest.mark.parametrize('decide_first', [False, True])
def test_after_time_went_back_decisions_are_rewarded_as_before(ros, messages, decide_first):
    world = World(ros, messages)
    for n in range(3):
        world.step(n)
    ros.until(lambda: world.node._last_decision is not None, what='the decisions')
    for n in range(6):
        world.step(n, start=1.0, decide_first=decide_first)
    ros.until(lambda: sum(r.valid for r in world.rewards) >= 4, what='rewards of the new time')
    assert world.node._health.counts['time_jumps'] == 1


def test_best_effort_sensors_are_heard(ros, messages):
    world = World(ros, messages, sensors=qos.SENSORS)
    for n in range(7):
        world.step(n)
    ros.until(lambda: any(reward.valid for reward in world.rewards), what='a valid reward')


def test_sensors_that_cannot_be_heard_are_diagnosed(ros):
    """Lockstep must not lose a scan, so best-effort ones are not good enough there."""
    node = ros.make(RewardNode, frames__use_tf=False, driving__lockstep=True)
    diagnostics = ros.collect(DiagnosticArray, '/diagnostics')
    ros.node.create_publisher(LaserScanMsg, 'scan', qos.SENSORS)
    ros.until(lambda: any(
        status.name == node.get_name() and 'incompatible' in status.message
        for message in diagnostics for status in message.status), what='diagnostics')


def test_terms_sum_to_the_total_before_clipping(ros, messages):
    world = World(ros, messages)
    for n in range(7):
        world.step(n)
    ros.until(lambda: len(world.rewards) >= 3, what='rewards')
    limits = world.node.config.navigation.reward
    for reward in world.rewards:
        total = np.clip(sum(reward.term_values), limits.lowest, limits.highest)
        assert reward.total == pytest.approx(total)


def test_a_decision_whose_scan_never_came_gets_a_reward_that_is_not_valid(ros, messages):
    world = World(ros, messages)
    world.step(0, sense=False)
    ros.until(lambda: world.rewards, what='the reward')
    assert not world.rewards[0].valid
    assert 'not seen' in world.rewards[0].reason


def test_a_drive_that_stops_deciding_is_closed_by_later_scans(ros, messages):
    world = World(ros, messages)
    for n in range(3):
        world.step(n)
    world.step(6, decide=False)
    ros.until(lambda: len(world.rewards) == 3, what='all rewards')
    assert world.rewards[-1].final


def test_a_decision_that_comes_after_the_end_is_not_rewarded_by_what_follows(ros, messages):
    world = World(ros, messages)
    for n in range(6):
        world.step(n)
    ros.until(lambda: len(world.rewards) >= 2, what='rewards')
    world.step(6, decide=False)
    world.end(7, Episode.COLLISION)
    world.step(7, decide=False)
    ros.until(lambda: len(world.rewards) == 6, what='all rewards')
    late = Decision(id='s-late', episode='e', goal=convert.point_message(GOAL),
                    scan_stamp=world.seen[6][1].header.stamp,
                    odom_stamp=world.seen[6][2].header.stamp)
    world.decisions.publish(late)
    ros.until(lambda: len(world.rewards) == 7, what='an answer')
    assert (world.rewards[-1].decision_id, world.rewards[-1].valid) == ('s-late', False)
    assert 'had ended' in world.rewards[-1].reason


def test_the_end_leaves_no_decision_without_a_reward(ros, messages):
    world = World(ros, messages)
    world.step(0)
    ros.until(lambda: world.node._last_decision is not None, what='the decision')
    world.node.finish()
    ros.until(lambda: world.rewards, what='the reward')
    assert not world.rewards[0].valid
