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

import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not installed')

import rclpy
from rfsn_ros.msg import Decision, Reward
from rfsn_ros.nodes import qos
from rfsn_ros.nodes.peers import Listener, Peers


def test_only_those_who_answer_count(ros):
    """A display reads decisions too; the node that rewards them is heard of later."""
    asking, display, answering = (
        ros.add(rclpy.create_node(name, namespace='robot', context=ros.context))
        for name in ('asking', 'display', 'answering'))
    decisions = asking.create_publisher(Decision, 'decision', qos.EVENTS)
    peers = Peers(asking, decisions, 'reward')
    assert not peers.complete()
    display.create_subscription(Decision, 'decision', print, qos.EVENTS)
    rewards = answering.create_publisher(Reward, 'reward', qos.EVENTS)
    ros.until(lambda: decisions.get_subscription_count() == 1
              and asking.count_publishers('reward') == 1, what='display and rewards')
    assert not peers.complete()
    heard = answering.create_subscription(Decision, 'decision', print, qos.EVENTS)
    ros.until(peers.complete, what='who rewards reads decisions')
    answering.destroy_subscription(heard)
    ros.until(lambda: not peers.complete(), what='it does not any more')
    assert rewards.topic_name == '/robot/reward'


def test_a_recorder_is_to_hear_all_that_is_said(ros):
    """What nobody publishes cannot be waited for, and others who read do not count."""
    asking, display, recording = (
        ros.add(rclpy.create_node(name, namespace='robot', context=ros.context))
        for name in ('asking', 'display', 'recording'))
    listener = Listener(asking, 'recording', 'decision', 'reward')
    assert listener.complete()
    for kind, topic in ((Decision, 'decision'), (Reward, 'reward')):
        display.create_publisher(kind, topic, qos.EVENTS)
        display.create_subscription(kind, topic, print, qos.EVENTS)
    ros.until(lambda: asking.count_subscribers('decision') == 1
              and asking.count_subscribers('reward') == 1, what='display')
    assert not listener.complete()
    recording.create_subscription(Decision, 'decision', print, qos.EVENTS)
    ros.until(lambda: asking.count_subscribers('decision') == 2, what='one is recorded')
    assert not listener.complete()
    recording.create_subscription(Reward, 'reward', print, qos.EVENTS)
    ros.until(listener.complete, what='both are recorded')
    assert Listener(asking, '/robot/recording', 'decision', 'reward').complete()
    assert not Listener(asking, '/recording', 'decision', 'reward').complete()
