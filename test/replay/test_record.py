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

"""`rfsn record` in a process of its own, over DDS on loopback."""

import os
import signal
import subprocess
import sys
import time

import pytest
import rclpy
from rclpy.context import Context
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rfsn_ros.errors import BagError
from rfsn_ros.msg import Reward
from rfsn_ros.nodes.record_command import main
from rfsn_ros.replay.bag_writer import BagWriter
from rfsn_ros.replay.storage import BagFiles
from sensor_msgs.msg import LaserScan
from std_msgs.msg import String


@pytest.fixture
def environment(domain_id):
    return {**os.environ, 'ROS_DOMAIN_ID': str(domain_id),
            'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}


@pytest.fixture
def node(domain_id, monkeypatch):
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    context = Context()
    rclpy.init(context=context, domain_id=domain_id)
    made = rclpy.create_node('talker', context=context)
    yield made
    made.destroy_node()
    rclpy.shutdown(context=context)


def start(environment, folder, *arguments):
    return subprocess.Popen(
        [sys.executable, '-m', 'rfsn_ros', 'record', '-o', str(folder), *arguments],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def wait_for(condition, seconds=20.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, 'nothing happened in time'
        time.sleep(0.02)


def talk(node, count):
    """Publish `count` scans and rewards and one latched text once somebody listens."""
    scans = node.create_publisher(
        LaserScan, 'scan', QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT))
    rewards = node.create_publisher(Reward, 'reward', 1000)
    latched = node.create_publisher(
        String, 'description', QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL))
    latched.publish(String(data='robot'))
    wait_for(lambda: scans.get_subscription_count() and rewards.get_subscription_count())
    for number in range(count):
        scans.publish(LaserScan(ranges=[1.0, float(number)], range_max=10.0))
        rewards.publish(Reward(decision_id=f'a-{number}', total=0.5, term_names=['progress']))
        time.sleep(0.02)


def contents(folder):
    with BagFiles(folder) as bag:
        found, _ = bag.read(set(bag.topics), {})
        return {topic: [message for _, message in rows]
                for topic, rows in found.items()}, bag.notes


def test_records_all_topics_and_splits(node, environment, tmp_path):
    process = start(environment, tmp_path / 'bag', '--split-duration', '1')
    talk(node, 100)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=20)
    assert process.returncode == 0, output
    found, notes = contents(tmp_path / 'bag')
    assert len(found['/reward']) == 100
    assert [reward.decision_id for reward in found['/reward']] == [f'a-{n}' for n in range(100)]
    assert len(found['/scan']) >= 95
    assert found['/description'][0].data == 'robot'
    assert notes == []
    assert len(list((tmp_path / 'bag').glob('*.mcap'))) >= 2
    assert '/rosout' not in found


def test_a_killed_recording_keeps_what_came_before_the_last_second(node, environment, tmp_path):
    process = start(environment, tmp_path / 'bag', 'reward', 'scan')
    talk(node, 150)
    time.sleep(1.1)
    process.kill()
    process.communicate(timeout=20)
    found, notes = contents(tmp_path / 'bag')
    assert len(found['/reward']) == 150
    assert set(found) == {'/reward', '/scan'}
    assert any('not closed' in note for note in notes)


@pytest.mark.parametrize(('arguments', 'words'), [
    (['foo('], "'foo(': is no regular expression"),
    (['--split-size', 'nan'], 'nan: must be a finite number'),
    (['--split-size', 'inf'], 'inf: must be a finite number'),
    (['--duration', '-1'], '-1: must be a finite number'),
    (['--namespace', 'a/../b'], "'a/../b': is no namespace")])
def test_bad_arguments_are_refused_in_one_line(tmp_path, capsys, arguments, words):
    folder = tmp_path / 'bag'
    with pytest.raises(SystemExit, match='2'):
        main(['-o', str(folder), *arguments])
    assert words in capsys.readouterr().err.splitlines()[-1]
    assert not folder.exists()


def test_a_bag_is_never_overwritten(tmp_path):
    BagWriter(tmp_path / 'bag').close()
    with pytest.raises(BagError, match='never overwritten'):
        BagWriter(tmp_path / 'bag')


def test_bags_are_plain_mcap(foreign_rows, write_bag, tmp_path):
    mcap = pytest.importorskip('mcap.reader')
    bag = write_bag(tmp_path / 'bag', foreign_rows(), split_duration=2.0)
    total = 0
    for file in bag.glob('*.mcap'):
        with file.open('rb') as stream:
            reader = mcap.make_reader(stream, validate_crcs=True)
            assert reader.get_header().profile == 'ros2'
            summary = reader.get_summary()
            read = sum(1 for _ in reader.iter_messages())
            assert summary.statistics.message_count == read
            total += read
    assert total == len(foreign_rows())
