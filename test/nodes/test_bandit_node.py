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

import math
import re
import tempfile
import time
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not installed')

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import PoseStamped, Twist, TwistStamped
from nav_msgs.msg import Odometry as OdometryMsg
from rclpy.parameter import Parameter
from rclpy.qos import qos_check_compatible, QoSCompatibility
from rclpy.time import Time
from rfsn_ros.bandit import invert_cdf
from rfsn_ros.config import RFSNConfig
from rfsn_ros.msg import Decision, Episode, ModelInfo, Reward
from rfsn_ros.navigation import Twist2D
from rfsn_ros.nodes import convert, qos
from rfsn_ros.nodes.bandit_node import BanditNode
from rfsn_ros.nodes.checkpoints import default_folder
from rfsn_ros.srv import ListCheckpoints, LoadCheckpoint, SaveCheckpoint
from sensor_msgs.msg import LaserScan as LaserScanMsg


class Robot:
    """The world around one bandit_node: publishes what a robot would, collects what comes."""

    def __init__(self, ros, messages, **parameters):
        self.ros, self.messages = ros, messages
        # Only tests of staleness may stop for it, however slow the machine is; and the newest
        # stamp is the time, for stamps here do not keep the pace of any clock.
        parameters = {
            'frames__use_tf': False, 'driving__stale_after': 10.0, 'use_sim_time': True,
            **parameters}
        self.bandit = ros.make(BanditNode, **parameters)
        self.bandit.start()
        node = ros.node
        self.scans = node.create_publisher(LaserScanMsg, 'scan', qos.SIMULATED_SENSORS)
        self.odometry = node.create_publisher(OdometryMsg, 'odom', qos.SIMULATED_SENSORS)
        self.goals = node.create_publisher(PoseStamped, 'goal_pose', qos.COMMANDS)
        self.rewards = node.create_publisher(Reward, 'reward', qos.EVENTS)
        self.episodes = node.create_publisher(Episode, 'episode', qos.EPISODES)
        kind = TwistStamped if parameters.get('driving__stamped') else Twist
        self.commands = ros.collect(kind, 'cmd_vel', qos.EVENTS)
        self.decisions = ros.collect(Decision, 'decision', qos.EVENTS)
        self.models = ros.collect(ModelInfo, 'model_info', qos.LATCHED)
        self.diagnostics = ros.collect(DiagnosticArray, '/diagnostics')
        self.time = 100.0
        self.connect()
        ros.until(lambda: self.models, what='model_info')

    def connect(self):
        publishers = (self.scans, self.odometry, self.goals, self.rewards, self.episodes)
        self.ros.until(lambda: all(p.get_subscription_count() for p in publishers),
                       what='subscriptions')

    def goal(self, x=8.0, y=0.0, frame='odom'):
        message = PoseStamped()
        message.header.frame_id = frame
        message.pose.position.x, message.pose.position.y = x, y
        self.goals.publish(message)
        self.ros.until(lambda: self.bandit.driver.pilot.goal == (x, y), what='the goal')

    def see(self, *, scan=True, distance=4.0, **pose):
        self.time += 0.2
        self.odometry.publish(self.messages.odometry(self.time, **pose))
        if scan:
            self.scans.publish(self.messages.scan(self.time, distance=distance))

    def decide(self, **what):
        before = len(self.decisions)
        self.see(**what)
        self.ros.until(lambda: len(self.decisions) > before, what='a decision')
        return self.decisions[-1]

    def drive(self, condition):
        """Go on seeing until something holds; single messages may be stale on a busy machine."""
        def seen():
            self.see()
            self.ros.until(lambda: self.bandit.driver.inputs.newest_stamp >= 1e9 * self.time - 1.0)
            return condition()

        self.ros.until(seen, what='what driving leads to')

    def reward(self, decision_id, total=0.5, **fields):
        message = Reward(decision_id=decision_id, total=total, valid=True, **fields)
        message.header.stamp = convert.time_message(self.time)
        self.rewards.publish(message)

    def status(self, key):
        for message in reversed(self.diagnostics):
            for status in message.status:
                if status.name == 'bandit_node':
                    return {pair.key: pair.value for pair in status.values}[key]
        return None

    def message_of(self, text):
        return any(text in status.message for message in self.diagnostics[-3:]
                   for status in message.status)


@pytest.fixture
def robot(ros, messages, tmp_path):
    def make(**parameters):
        return Robot(ros, messages, **{
            'bandit__checkpoint_dir': str(tmp_path / 'checkpoints'),
            'driving__diagnostics_period': 0.1, **parameters})

    return SimpleNamespace(make=make)


def test_scan_to_decision_to_command_to_learning(robot, ros):
    world = robot.make()
    world.goal()
    first = world.decide()
    assert len(first.pmf) == len(first.feasible) == len(world.models[0].primitives)
    assert len(first.context) == len(world.models[0].context_features)
    assert len(first.action_features) == len(first.pmf) * len(world.models[0].action_features)
    assert sum(first.pmf) == pytest.approx(1.0)
    assert first.probability == first.pmf[first.requested]
    assert first.executed == first.requested
    assert first.model_checksum == world.models[0].checksum
    assert convert.seconds(first.scan_stamp) == pytest.approx(world.time)
    ros.until(lambda: world.commands, what='a command')
    world.reward(first.id)
    ros.until(lambda: world.bandit.driver.pilot.bandit.example_count == 1, what='learning')
    assert world.decide().learned == [first.id]


def test_without_a_goal_nothing_is_decided(robot, ros):
    world = robot.make()
    world.see()
    ros.until(lambda: world.message_of('no goal yet'), what='diagnostics that say so')
    assert world.decisions == []


def test_a_scan_between_two_decisions_is_looked_at_with_the_second(robot, ros):
    world = robot.make()
    world.goal()
    world.decide()
    seen = []
    navigator = world.bandit.driver.pilot.navigator
    decide = navigator.decide
    navigator.decide = lambda one, now: seen.append((one, now)) or decide(one, now)
    world.time -= 0.1  # as a laser of 10 Hz has it
    world.see()
    world.time -= 0.1
    world.decide()
    ((observation, now),) = seen
    assert now == pytest.approx(observation.stamp)
    assert observation.midway is not None
    scan, odometry = observation.midway
    assert scan.stamp == odometry.stamp == pytest.approx(world.time - 0.1)


def test_commands_go_on_though_the_clock_was_set_back(robot, ros):
    world = robot.make(use_sim_time=False)
    clock = world.bandit.get_clock()
    clock._set_ros_time_is_active(True)
    clock.set_ros_time_override(Time(seconds=100, clock_type=clock.clock_type))
    world.goal()
    world.decide()
    clock.set_ros_time_override(Time(seconds=50, clock_type=clock.clock_type))
    world.time = 50.0
    world.decide()
    count = len(world.commands)
    ros.until(lambda: len(world.commands) > count + 3, what='commands at the control rate')


def test_decisions_come_at_the_decision_rate(robot, ros):
    world = robot.make()
    world.goal()
    world.decide()
    count = len(world.decisions)
    world.time -= 0.15  # a scan 50 ms after the last decision
    world.see()
    world.time += 0.15
    world.decide()
    assert len(world.decisions) == count + 1


@pytest.mark.parametrize('source', ['scan', 'odom'])
def test_stale_input_stops_the_robot_and_new_input_starts_it_again(robot, ros, source):
    world = robot.make(driving__stale_after=0.2)
    world.goal()
    world.drive(lambda: any(c.linear.x or c.angular.z for c in world.commands))

    def stopped():
        # Only the other source goes on.
        if source == 'odom':
            world.time += 0.01
            world.scans.publish(world.messages.scan(world.time))
        else:
            world.see(scan=False)
        return (world.message_of(f'stale {source}')
                and world.commands[-1] == Twist())

    ros.until(stopped, what=f'a stop for stale {source}')
    assert int(world.status('rewards_dropped')) >= 1
    assert any(status.level == DiagnosticStatus.ERROR
               for message in world.diagnostics for status in message.status)
    del world.diagnostics[:], world.decisions[:]
    world.drive(lambda: world.decisions and world.message_of('ok'))


def test_a_frozen_scan_is_stale(robot, ros):
    world = robot.make(driving__stale_after=0.2)
    world.goal()
    world.drive(lambda: world.decisions)
    frozen = world.messages.scan(world.time)

    def stopped():
        world.see(scan=False)
        world.scans.publish(frozen)
        return world.message_of('stale scan')

    ros.until(stopped, what='a stop')


@pytest.mark.parametrize(('scan', 'odom', 'fault'), [
    (-3.0, 0.0, 'scan: stamped .* s before the clock'),
    (3.0, 0.0, 'scan: stamped .* s after the clock'),
    (0.0, -3.0, 'odom: stamped .* s before the clock'),
    (-3.0, -3.0, 'scan: stamped .* s before the clock'),
    (-0.4, 0.4, 'scan: stamped .* s before odom'),
])
def test_nothing_is_driven_on_stamps_that_are_off(robot, ros, scan, odom, fault):
    world = robot.make(use_sim_time=False, driving__stale_after=0.6)
    world.goal()

    def send(scan, odom):
        now = time.time()
        world.scans.publish(world.messages.scan(now + scan))
        world.odometry.publish(world.messages.odometry(now + odom))
        inputs = world.bandit.driver.inputs
        ros.until(lambda: inputs.newest_odometry is not None
                  and inputs.newest_odometry.stamp >= now + odom - 1e-3, what='the odometry')

    def refused():
        send(scan, odom)
        return any(re.search(f'stale stamps; {fault}', status.message)
                   and status.level == DiagnosticStatus.ERROR
                   for message in world.diagnostics for status in message.status)

    def driven():
        send(0.0, 0.0)
        return any(command != Twist() for command in world.commands)

    ros.until(refused, what=f'the word {fault}')
    assert not world.decisions
    assert all(command == Twist() for command in world.commands)
    ros.until(driven, what='a drive on stamps that agree')


def test_a_decision_that_took_too_long_is_not_driven(robot, ros):
    world = robot.make(use_sim_time=False, driving__stale_after=0.2)
    pilot = world.bandit.driver.pilot
    decide = pilot.decide

    def slowly(pair, *more):
        decided = decide(pair, *more)
        while time.monotonic() < pair.arrived + 0.5:
            pass
        return decided

    pilot.decide = slowly
    world.goal()

    def decided():
        world.time = time.time() - 0.2
        world.see()
        return world.decisions and world.message_of('stale')

    ros.until(decided, what='a late decision')
    assert all(command == Twist() for command in world.commands)


def test_a_busy_node_decides_on_the_newest_scan(robot, ros):
    world = robot.make()
    world.goal()
    for _ in range(15):
        world.see()
    ros.until(lambda: world.decisions, what='a decision')
    assert convert.seconds(world.decisions[0].scan_stamp) >= world.time - 0.3


@pytest.mark.parametrize('ranges', [[], [math.nan] * 20, [0.0] * 20])
def test_useless_scans_are_survived(robot, ros, ranges):
    world = robot.make()
    world.goal()
    world.time += 0.2
    message = world.messages.scan(world.time)
    message.ranges = ranges
    world.odometry.publish(world.messages.odometry(world.time))
    world.scans.publish(message)
    ros.until(lambda: world.bandit._health.counts['bad_scans']
              + world.bandit._health.counts['bad_observations'], what='a refusal')
    assert world.decide().probability > 0.0


def test_commands_are_finite_within_limits_and_stamped_by_parameter(robot, ros):
    world = robot.make(driving__stamped=True)
    world.goal()
    for n in range(5):
        world.decide(x=0.1 * n, v=0.5)
    ros.until(lambda: len(world.commands) >= 5, what='commands')
    limits = world.bandit.config.navigation.robot
    for command in world.commands:
        assert command.header.frame_id == 'base_link'
        assert command.header.stamp.sec > 0
        assert -limits.max_reverse <= command.twist.linear.x <= limits.max_speed
        assert abs(command.twist.angular.z) <= limits.max_turn_rate


def test_time_that_goes_back_drops_what_is_waiting(robot, ros):
    world = robot.make()
    world.goal()
    first = world.decide()
    world.time = 10.0
    world.see()
    ros.until(lambda: world.bandit._health.counts['time_jumps'], what='the jump')
    again = world.decide()
    assert again.episode != first.episode
    world.reward(first.id)
    ros.until(lambda: world.bandit.driver.pilot.join.counts.late, what='the late reward')
    assert world.bandit.driver.pilot.bandit.example_count == 0


def test_in_lockstep_a_scan_waits_for_the_episode_it_belongs_to(robot, ros):
    """A lost packet may let the beginning of an episode come after its first scan."""
    world = robot.make(driving__lockstep=True)
    world.see()
    ros.until(lambda: world.bandit.driver.held is not None, what='a scan without a goal')
    message = Episode(id='late', outcome=Episode.RUNNING)
    message.header.stamp = convert.time_message(world.time)
    message.goal.x = 5.0
    world.episodes.publish(message)
    ros.until(lambda: world.decisions, what='the decision on it')
    assert world.decisions[0].episode == 'late'


def _begin(world, name):
    message = Episode(id=name, outcome=Episode.RUNNING)
    message.header.stamp = convert.time_message(world.time + 0.2)
    message.goal.x = 5.0
    world.episodes.publish(message)
    world.decide()


def test_in_lockstep_a_scan_half_way_is_looked_at_and_not_decided_on(robot, ros):
    world = robot.make(driving__lockstep=True, driving__policy='greedy', driving__mode='frozen')
    _begin(world, 'one')
    world.reward(world.decisions[-1].id)
    driver = world.bandit.driver
    seen = []
    decide = driver.pilot.navigator.decide
    driver.pilot.navigator.decide = lambda one, now: seen.append(one) or decide(one, now)
    world.time -= 0.1
    world.see()
    ros.until(lambda: driver.inputs.newest_stamp >= 1e9 * world.time - 1.0, what='half way')
    for _ in range(10):
        ros.executor.spin_once(timeout_sec=0.02)
    assert len(world.decisions) == 1
    world.time -= 0.1
    world.decide()
    observation, = seen
    assert observation.midway[0].stamp == pytest.approx(world.time - 0.1)


@pytest.mark.parametrize('half_way', [0.0, 0.02])
def test_in_lockstep_the_second_scan_is_decided_on_however_late_the_sensors_are(
        robot, ros, half_way):
    """In the first period sensors that are late show no more than the rest of it."""
    world = robot.make(driving__lockstep=True, driving__policy='greedy', driving__mode='frozen')
    _begin(world, 'one')
    world.reward(world.decisions[-1].id)
    for later in (half_way, 0.08):
        world.scans.publish(world.messages.scan(world.time + later))
        world.odometry.publish(world.messages.odometry(world.time + later))
    ros.until(lambda: len(world.decisions) == 2, what='the second decision')
    assert convert.seconds(world.decisions[1].scan_stamp) == pytest.approx(world.time + 0.08)


def test_in_lockstep_a_scan_waits_for_odometry_that_was_lost_and_is_sent_again(robot, ros):
    """Paired with older odometry it would be another drive, or none if that is too old."""
    world = robot.make(driving__lockstep=True, driving__policy='greedy', driving__mode='frozen')
    _begin(world, 'one')
    world.reward(world.decisions[-1].id)
    late = world.time + 0.2
    for stamp in (late - 0.1, late):
        world.scans.publish(world.messages.scan(stamp))
    driver = world.bandit.driver
    ros.until(lambda: driver.inputs.newest_stamp >= 1e9 * late - 1.0, what='the scans')
    until = time.monotonic() + 3.0 * driver._config().driving.pairing_timeout
    ros.until(lambda: time.monotonic() > until, what='some time')
    assert len(world.decisions) == 1
    for stamp in (late - 0.1, late):
        world.odometry.publish(world.messages.odometry(stamp))
    ros.until(lambda: len(world.decisions) == 2, what='the decision')
    assert convert.seconds(world.decisions[1].odom_stamp) == pytest.approx(late)


def test_an_episode_of_the_new_time_is_begun_though_it_was_heard_before_the_jump(robot, ros):
    """A restarted simulator says first that an episode runs, then what the robot sees."""
    world = robot.make()
    world.goal()
    world.decide()
    message = Episode(id='anew', outcome=Episode.RUNNING)
    message.header.stamp = convert.time_message(10.2)
    message.goal.x = 5.0
    world.episodes.publish(message)
    ros.until(lambda: world.bandit.driver.inputs._events, what='the episode')
    world.time = 10.0
    assert world.decide().episode == 'anew', 'the first scan of the new time is answered'
    assert world.bandit._health.counts['time_jumps'] == 1


@pytest.mark.parametrize('there', [{'x': 3.0}, {'yaw': 3.0}])
def test_odometry_that_jumps_empties_the_memory(robot, ros, there):
    world = robot.make()
    world.goal()
    first = world.decide()
    world.reward(first.id)
    second = world.decide(x=0.1)
    assert second.episode == first.episode
    third = world.decide(**there)
    assert third.episode not in (first.episode, '')
    assert convert.episode_of(third.episode) == convert.episode_of(first.episode)
    assert world.bandit._health.counts['odometry_jumps'] == 1
    assert world.bandit.driver.pilot.join.counts.dropped == 1, 'the second decision'


def test_the_goal_is_reached_and_the_robot_stands(robot, ros):
    world = robot.make()
    world.goal(3.0, 0.0)
    world.decide()
    world.see(x=2.5)
    ros.until(lambda: world.message_of('goal reached'), what='arrival')
    ros.until(lambda: world.commands[-1] == Twist(), what='standstill')


def test_a_goal_in_an_unknown_frame_is_refused(robot, ros):
    world = robot.make()
    message = PoseStamped()
    message.header.frame_id = 'map'
    world.goals.publish(message)
    ros.until(lambda: world.bandit._health.counts['bad_goals'], what='the refusal')
    assert world.bandit.driver.pilot.goal is None


def test_episodes_set_the_goal_and_end_the_drive(robot, ros):
    world = robot.make()
    episode = Episode(id='e1', outcome=Episode.RUNNING)
    episode.goal.x = 6.0
    episode.header.stamp = convert.time_message(world.time)
    world.episodes.publish(episode)
    ros.until(lambda: world.bandit.driver.inputs._events, what='the episode')
    assert world.decide().episode == 'e1'
    episode.outcome = Episode.SUCCESS
    episode.header.stamp = convert.time_message(world.time + 0.1)
    world.episodes.publish(episode)
    ros.until(lambda: world.bandit.driver.inputs._events, what='the end')
    count = len(world.decisions)
    world.see()
    ros.until(lambda: world.message_of('episode ended'), what='the end')
    assert len(world.decisions) == count


def test_a_reward_that_is_not_valid_is_not_learned(robot, ros):
    world = robot.make()
    world.goal()
    decision = world.decide()
    message = Reward(decision_id=decision.id, total=0.5, valid=False)
    message.header.stamp = convert.time_message(world.time)
    world.rewards.publish(message)
    ros.until(lambda: world.bandit.driver.pilot.join.counts.invalid, what='invalid')
    assert world.bandit.driver.pilot.bandit.example_count == 0


@pytest.mark.parametrize('total', [1e6, math.nan])
def test_a_nonsensical_reward_is_refused_and_the_true_one_learned(robot, ros, total):
    world = robot.make()
    world.goal()
    decision = world.decide()
    world.reward(decision.id, total=total)
    ros.until(lambda: world.bandit._health.counts['refused_rewards'], what='the refusal')
    world.reward(decision.id)
    ros.until(lambda: world.bandit.driver.pilot.bandit.example_count == 1, what='learning')


def test_rewards_that_are_never_valid_are_diagnosed(robot, ros):
    world = robot.make()
    for n in range(20):
        world.rewards.publish(Reward(decision_id=f'nobody-{n}', valid=False))
    ros.until(lambda: world.message_of('none of the last 20 rewards is valid'), what='diagnostics')
    world.reward('nobody-20')
    del world.diagnostics[:]
    ros.until(lambda: world.diagnostics, what='newer diagnostics')
    ros.until(lambda: not world.message_of('rewards'), what='an end of it')


def test_rewards_late_twice_and_for_nobody_are_counted(robot, ros):
    world = robot.make(driving__reward_window=1.0)
    world.goal()
    first = world.decide()
    world.reward(first.id)
    world.reward(first.id)
    world.reward('nobody-1')
    second = world.decide()
    world.time += 5.0
    world.reward(second.id)
    counts = world.bandit.driver.pilot.join.counts
    ros.until(lambda: counts.duplicate and counts.orphan and counts.late, what='the counts')
    assert counts.joined == 1


def test_checkpoints_over_services(robot, ros):
    world = robot.make()
    world.goal()
    for n in range(3):
        decision = world.decide()
        world.reward(decision.id)
        ros.until(lambda n=n: world.bandit.driver.pilot.bandit.example_count == n + 1,
                  what='learning')
    saved = ros.call(SaveCheckpoint, 'bandit_node/save_checkpoint',
                     SaveCheckpoint.Request(name='a'))
    assert saved.success, saved.message
    assert saved.checkpoint.example_count == 3
    pilot = world.bandit.driver.pilot
    context = np.zeros(len(world.models[0].context_features))
    actions = np.eye(len(world.models[0].primitives), len(world.models[0].action_features))
    expected = pilot.bandit.predict(context, actions=actions)
    decision = world.decide()
    world.reward(decision.id, total=-1.0)
    ros.until(lambda: pilot.bandit.example_count == 4, what='learning')
    loaded = ros.call(LoadCheckpoint, 'bandit_node/load_checkpoint',
                      LoadCheckpoint.Request(name='latest'))
    assert loaded.success, loaded.message
    assert pilot.bandit.example_count == 3
    np.testing.assert_array_equal(pilot.bandit.predict(context, actions=actions), expected)
    ros.until(lambda: len(world.models) == 2, what='the new model_info')
    assert world.models[1].checksum == world.bandit.driver.pilot.model_checksum
    listed = ros.call(ListCheckpoints, 'bandit_node/list_checkpoints', ListCheckpoints.Request())
    assert [c.name for c in listed.checkpoints] == ['a']


@pytest.mark.parametrize(('first', 'more'), [('', 0), ('latest', 1)])
def test_what_was_learned_after_going_back_to_a_checkpoint_is_saved_at_the_end(
        robot, ros, tmp_path, first, more):
    world = robot.make(driving__checkpoint=first)

    def learn():
        bandit = world.bandit.driver.pilot.bandit
        count = bandit.example_count
        world.goal()
        world.reward(world.decide().id)
        ros.until(lambda: bandit.example_count == count + 1, what='learning')

    learn()
    assert ros.call(SaveCheckpoint, 'bandit_node/save_checkpoint',
                    SaveCheckpoint.Request(name='good')).success
    learn()
    world.bandit.finish()
    world.bandit.start()
    world.connect()
    final = tmp_path / 'checkpoints' / 'final.rfsn'
    final.unlink()
    assert ros.call(LoadCheckpoint, 'bandit_node/load_checkpoint',
                    LoadCheckpoint.Request(name='good')).success
    for _ in range(more):
        learn()
    world.bandit.finish()
    assert final.exists() == bool(more)


@pytest.mark.parametrize('name', ['../a', '/tmp/a', 'a b', '.hidden', 'x' * 65])
def test_names_that_are_paths_are_refused(robot, ros, name):
    world = robot.make()
    for kind, service in ((SaveCheckpoint, 'save'), (LoadCheckpoint, 'load')):
        answer = ros.call(kind, f'bandit_node/{service}_checkpoint', kind.Request(name=name))
        assert not answer.success
        assert 'checkpoint name' in answer.message
    assert world.bandit.driver.pilot.bandit.example_count == 0


def test_a_full_life_ends_with_zero_velocity_and_a_checkpoint(robot, ros, tmp_path):
    world = robot.make(driving__decision_log=str(tmp_path / 'decisions.jsonl'))
    world.goal()
    decision = world.decide(v=0.5)
    world.reward(decision.id)
    ros.until(lambda: world.bandit.driver.pilot.bandit.example_count == 1, what='learning')
    world.bandit.finish()
    ros.until(lambda: world.commands[-1] == Twist(), what='the last zero')
    assert (tmp_path / 'checkpoints' / 'final.rfsn').exists()
    count = len(world.commands)
    world.see()
    for _ in range(10):
        ros.executor.spin_once(timeout_sec=0.02)
    assert len(world.commands) == count, 'an inactive node is silent'
    world.bandit.start()
    ros.until(lambda: world.bandit._active, what='a second life')


def test_active_again_the_robot_waits_for_a_new_goal(robot, ros):
    world = robot.make()
    world.goal()
    world.decide()
    world.bandit.trigger_deactivate()
    world.bandit.trigger_activate()
    count = len(world.decisions)
    del world.diagnostics[:]
    world.see(x=3.0)
    ros.until(lambda: world.message_of('no goal yet'), what='diagnostics')
    assert len(world.decisions) == count
    world.goal(x=5.0)
    assert world.decide(x=3.0).goal.x == 5.0


def test_configured_again_in_an_earlier_time_the_robot_decides(robot, ros):
    world = robot.make()
    world.goal()
    world.decide()
    world.bandit.finish()
    world.bandit.start()
    world.connect()
    world.time = 10.0
    world.goal()
    world.decide()


def test_a_new_goal_does_not_hide_what_a_robot_at_speed_was_told(robot, ros):
    world = robot.make()
    pending = []

    def look(navigator=world.bandit.driver.pilot.navigator):
        perceive = navigator.perceive
        navigator.perceive = lambda *one: pending.append(perceive(*one)) or pending[-1]

    look()
    world.goal()
    world.decide()
    history = world.bandit.driver.pilot.navigator.history
    history.add(world.time + 0.15, Twist2D(1.5, 0.0))
    world.goal(x=7.0)
    world.decide(v=1.5)
    assert pending[-1].pending[-1, 0] == pytest.approx(1.5)
    history.add(world.time + 0.15, Twist2D(1.5, 0.0))
    world.decide(x=3.0, v=1.5)
    assert world.bandit._health.counts['odometry_jumps'] == 1
    assert pending[-1].pending[-1, 0] == pytest.approx(1.5)


def test_a_stop_is_known_to_the_decision_after_it(robot, ros):
    world = robot.make()
    world.goal()
    world.decide()
    history = world.bandit.driver.pilot.navigator.history
    history.add(world.time, Twist2D(1.5, 0.0))
    world.bandit.driver.halt('stale scan')
    assert not history.sampled(world.time, 2, 0.05).any()


def test_shadow_decides_but_commands_nothing(robot, ros):
    world = robot.make(driving__mode='shadow')
    world.goal()
    assert world.decide().executed == Decision.NOT_EXECUTED
    for _ in range(10):
        ros.executor.spin_once(timeout_sec=0.02)
    assert world.commands == []


def test_a_checkpoint_that_is_missing_keeps_the_node_from_starting(ros, tmp_path):
    node = ros.make(BanditNode, bandit__checkpoint_dir=str(tmp_path), frames__use_tf=False,
                    driving__checkpoint='nothing')
    node.start()
    assert node.exit_code == 1


def test_latest_without_any_checkpoint_starts_untrained(ros, tmp_path):
    node = ros.make(BanditNode, bandit__checkpoint_dir=str(tmp_path), frames__use_tf=False,
                    driving__checkpoint='latest')
    node.start()
    assert node.exit_code is None


def test_latest_among_checkpoints_of_another_key_keeps_the_node_from_starting(
        robot, ros, tmp_path, capfd):
    for name in 'old', 'new':
        (tmp_path / name).write_text(f'the {name} key of this robot')
    world = robot.make(driving__checkpoint_key_file=str(tmp_path / 'old'))
    answer = ros.call(
        SaveCheckpoint, '/bandit_node/save_checkpoint', SaveCheckpoint.Request(name='good'))
    assert answer.success
    world.bandit.finish()
    node = ros.make(
        BanditNode, bandit__checkpoint_dir=str(tmp_path / 'checkpoints'), frames__use_tf=False,
        driving__checkpoint='latest', driving__checkpoint_key_file=str(tmp_path / 'new'))
    node.start()
    assert node.exit_code == 1
    assert 'checkpoint good: signed with another key' in capfd.readouterr().err


def test_without_room_for_temporary_files_the_robot_learns_on_unsaved(
        robot, ros, tmp_path, monkeypatch):
    world = robot.make(bandit__save_frequency=1)
    world.goal()
    decision = world.decide()
    (tmp_path / 'full').touch()
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path / 'full'))
    world.reward(decision.id)
    ros.until(lambda: world.message_of('no checkpoint: cannot write a temporary file'),
              what='the warning')
    answer = ros.call(
        SaveCheckpoint, '/bandit_node/save_checkpoint', SaveCheckpoint.Request(name='a'))
    assert not answer.success
    assert 'cannot write a temporary file' in answer.message
    world.bandit.set_parameters([Parameter('driving.exploration', value=0.1)])
    world.reward(world.decide().id)
    ros.until(lambda: world.status('examples') == '2', what='learning')
    monkeypatch.undo()
    world.reward(world.decide().id)
    ros.until(lambda: not world.message_of('no checkpoint'), what='the end of the warning')


def test_a_setting_without_effect_is_said_in_the_log(ros, tmp_path, capfd):
    ros.make(BanditNode, bandit__checkpoint_dir=str(tmp_path), frames__use_tf=False,
             bandit__epsilon=0.3).start()
    assert capfd.readouterr().err.count('bandit.epsilon = 0.3 has no effect') == 1


def test_profiles_of_both_sides_fit_together():
    for publisher, subscription in (
            (qos.SIMULATED_SENSORS, qos.SENSORS), (qos.SENSORS, qos.SENSORS),
            (qos.SIMULATED_SENSORS, qos.SIMULATED_SENSORS), (qos.COMMANDS, qos.COMMANDS),
            (qos.EVENTS, qos.EVENTS), (qos.LATCHED, qos.LATCHED),
            (qos.EPISODES, qos.EPISODES)):
        compatible, reason = qos_check_compatible(publisher, subscription)
        assert compatible is not QoSCompatibility.ERROR, reason


def test_checkpoints_have_a_folder_without_being_told(monkeypatch, tmp_path):
    monkeypatch.setenv('ROS_HOME', str(tmp_path))
    assert default_folder('/') == tmp_path / 'rfsn_ros' / 'checkpoints'
    assert default_folder('/fleet/r1') == tmp_path / 'rfsn_ros' / 'fleet' / 'r1' / 'checkpoints'


def test_exploration_is_changed_while_driving_and_recorded(robot, ros):
    world = robot.make()
    world.goal()
    assert max(world.decide().pmf) < 1.0
    done, = world.bandit.set_parameters([Parameter('driving.exploration', value=1.0)])
    assert done.successful, done.reason
    decision = world.decide(x=0.1)
    feasible = np.array(decision.feasible)
    np.testing.assert_allclose(decision.pmf, feasible / feasible.sum())
    assert decision.probability == decision.pmf[decision.requested]
    assert invert_cdf(decision.pmf, decision.draw) == decision.requested
    ros.until(lambda: len(world.models) == 2, what='the new description')
    assert RFSNConfig.from_yaml(world.models[-1].config).driving.exploration == 1.0
    refused, = world.bandit.set_parameters([Parameter('driving.exploration', value=1.5)])
    assert not refused.successful
    assert 'driving.exploration' in refused.reason


def test_the_mode_is_changed_while_driving(robot, ros):
    world = robot.make()
    world.goal()
    assert world.decide().mode == Decision.MODE_ONLINE
    world.bandit.set_parameters([Parameter('driving.mode', value='frozen')])
    frozen = world.decide(x=0.1)
    assert frozen.mode == Decision.MODE_FROZEN
    world.reward(frozen.id)
    ros.until(lambda: world.bandit.driver.pilot.join.counts.joined == 1, what='the reward')
    assert world.bandit.driver.pilot.bandit.example_count == 0


def test_a_switch_to_shadow_stops_the_robot_and_hears_who_drives_then(robot, ros):
    world = robot.make()
    world.goal()
    first = world.decide()
    ros.until(lambda: world.commands and world.commands[-1] != Twist(), what='a drive')
    history = world.bandit.driver.pilot.navigator.history
    added = []
    history.add = lambda time, command: added.append(command)
    world.bandit.set_parameters([Parameter('driving.mode', value='shadow')])
    ros.until(lambda: world.commands[-1] == Twist(), what='standstill')
    world.reward(first.id)
    ros.until(lambda: world.bandit.driver.pilot.join.counts.late, what='its reward')
    ros.until(lambda: added, what='the zero of its own')
    count = len(world.commands)
    others = ros.node.create_publisher(Twist, 'cmd_vel', qos.COMMANDS)
    ros.until(lambda: others.get_subscription_count() == 2, what='who listens')
    others.publish(convert.twist_message(Twist2D(0.25, 0.5)))
    ros.until(lambda: added[-1] == Twist2D(0.25, 0.5), what='the command of another')
    assert world.decide(x=0.1).executed == Decision.NOT_EXECUTED
    assert len(world.commands) == count + 1, 'nothing but that of the other'


def test_own_commands_are_not_taken_for_those_of_others(robot, ros):
    world = robot.make()
    world.goal()
    history = world.bandit.driver.pilot.navigator.history
    added, add = [], history.add
    history.add = lambda time, command: added.append(command) or add(time, command)
    for n in range(3):
        world.decide(x=0.1 * n)
    # one of them may be on its way; heard by itself, each would be there twice
    ros.until(lambda: len(added) == len(world.commands) >= 3, what='each command once')


def test_odometry_that_contradicts_itself_is_diagnosed(robot, ros):
    world = robot.make()
    world.goal()
    for step in range(20):
        world.decide(x=0.06 * step, v=1.2)
    ros.until(lambda: world.message_of('4 times as far as by the poses'), what='diagnostics')


def test_diagnostics_come_as_often_as_asked(robot, ros):
    world = robot.make(driving__diagnostics_period=60.0)
    world.bandit.set_parameters([Parameter('driving.diagnostics_period', value=0.05)])
    ros.until(lambda: len(world.diagnostics) > 3, what='diagnostics')
