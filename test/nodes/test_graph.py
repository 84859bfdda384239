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

"""The real graph: three processes over DDS, started as `rfsn nav` starts them."""

from collections import defaultdict
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not installed')

from geometry_msgs.msg import Twist
from nav_msgs.msg import Odometry as OdometryMsg
from rclpy.qos import QoSProfile
from rfsn_ros.bandit import (
    DecisionRecord,
    invert_cdf,
    read_log,
    read_rounds,
    VWContextualBandit,
)
from rfsn_ros.bandit.checkpoints import CheckpointStore
from rfsn_ros.bandit.container import checksum
from rfsn_ros.bandit.opening import open_bandit
from rfsn_ros.config import RFSNConfig
from rfsn_ros.msg import Decision, Episode, ModelInfo, Reward
from rfsn_ros.navigation import Observation, RewardTracker
from rfsn_ros.navigation.registry import default_checkpoint
from rfsn_ros.nodes import convert, qos
from rfsn_ros.nodes.supervisor import Graph, NodeDiedError
from rfsn_ros.replay.reader import read_bag
from rfsn_ros.replay.transforms import Mount
from rfsn_ros.replay.verify import verify
from sensor_msgs.msg import LaserScan as LaserScanMsg

WHOLE = QoSProfile(depth=5000)
"""Lockstep waits for its own nodes; this process may lag behind them by more than a few scans."""
TOPICS = {
    'scan': (LaserScanMsg, WHOLE), 'odom': (OdometryMsg, WHOLE),
    'decision': (Decision, qos.EVENTS), 'reward': (Reward, qos.EVENTS),
    'episode': (Episode, qos.EPISODES), 'cmd_vel': (Twist, qos.EVENTS),
    'model_info': (ModelInfo, qos.LATCHED)}


@pytest.fixture(autouse=True)
def own_domain(domain_id, monkeypatch):
    monkeypatch.setenv('ROS_DOMAIN_ID', str(domain_id))


def begin(ros, folder, namespace='', *, bag=None, **changes):
    """
    Start a graph; return it with the lists its messages go into.

    The first episode waits until all is heard here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config = RFSNConfig().updated({
        'bridge.real_time_factor': 0.0, 'driving.lockstep': True, 'bridge.episodes': 2,
        'bridge.recorder': ros.node.get_fully_qualified_name(),
        'driving.decision_log': str(folder / 'decisions.jsonl'),
        'bandit.checkpoint_dir': str(folder / 'checkpoints'), 'frames.use_tf': False, **changes})
    params = folder / 'config.yaml'
    params.write_text(config.to_yaml())
    prefix = f'/{namespace}' if namespace else ''
    heard = {
        name: ros.collect(kind, f'{prefix}/{name}', profile)
        for name, (kind, profile) in TOPICS.items()}
    graph = Graph(folder / 'logs', params, namespace, bag=bag)
    graph.start()
    return graph, heard, config


def finish(ros, runs):
    graphs = [graph for graph, _, _ in runs]
    busy = dict(enumerate(graphs))
    try:
        deadline = time.monotonic() + 120.0
        while busy:
            assert time.monotonic() < deadline, 'the graphs did not end in 120 s'
            ros.executor.spin_once(timeout_sec=0.02)
            busy = {key: graph for key, graph in busy.items() if graph.running()}
    finally:
        for graph in graphs:
            graph.stop()
    waiting = True
    while waiting:  # what was sent before the ends may not have been taken yet
        before = sum(len(one) for _, heard, _ in runs for one in heard.values())
        for _ in range(50):
            ros.executor.spin_once(timeout_sec=0.01)
        waiting = sum(len(one) for _, heard, _ in runs for one in heard.values()) > before


def test_a_run_is_repeatable_and_its_messages_alone_suffice_to_recompute_it(ros, tmp_path):
    runs = [begin(ros, tmp_path / name, name) for name in ('one', 'two')]
    finish(ros, runs)
    (_, one, config), (_, two, _) = runs
    _assert_same_drive(one['decision'], two['decision'])
    assert [e.outcome for e in one['episode']] == [e.outcome for e in two['episode']]
    assert len([e for e in one['episode'] if e.outcome != Episode.RUNNING]) == 2
    _recompute_probabilities(one, config)
    _recompute_rewards(one, config)
    _assert_log_agrees(one, tmp_path / 'one' / 'decisions.jsonl')
    assert (tmp_path / 'one' / 'checkpoints' / 'final.rfsn').exists()
    for heard in (one, two):
        assert heard['cmd_vel'][-1] == Twist(), 'the last command is zero'


def test_a_recorder_that_stands_still_for_a_while_misses_nothing(ros, tmp_path):
    run = graph, heard, _ = begin(ros, tmp_path, bag=tmp_path / 'bag')
    recorder = graph.pids['recorder']
    try:
        ros.until(lambda: len(heard['decision']) > 20, within=60.0, what='decisions')
        os.kill(recorder, signal.SIGSTOP)
        # Where it is stopped as it holds a lock of shared memory, all others stand as well.
        stopped = time.monotonic()
        ros.until(lambda: len(heard['decision']) > 80 or time.monotonic() - stopped > 1.5,
                  what='more decisions')
    finally:
        os.kill(recorder, signal.SIGCONT)
    finish(ros, [run])
    found = verify(read_bag(tmp_path / 'bag'))
    assert found.ok, found.summary()
    assert (found.unknown, found.rewards_without_data) == (0, 0), found.summary()
    assert found.decisions == len(heard['decision'])
    assert found.rewards == len(heard['reward'])


def _assert_same_drive(one, two):
    assert len(one) == len(two) > 20
    for a, b in zip(one, two, strict=True):
        assert (a.requested, a.executed, a.draw, a.example_count) == (
            b.requested, b.executed, b.draw, b.example_count)
        np.testing.assert_array_equal(a.context, b.context)
        np.testing.assert_array_equal(a.action_features, b.action_features)
        np.testing.assert_array_equal(a.pmf, b.pmf)
        assert len(a.learned) == len(b.learned)


def _recompute_probabilities(heard, config):
    info = heard['model_info'][0]
    model = bytes(info.model)
    assert checksum(model) == info.checksum
    assert RFSNConfig.from_yaml(info.config).bandit == config.bandit
    bandit = VWContextualBandit(RFSNConfig.from_yaml(info.config).bandit)
    bandit.load_bytes(model)
    rewards = {r.decision_id: r.total for r in heard['reward']}
    decisions = {d.id: d for d in heard['decision']}
    width = len(info.action_features)
    for decision in heard['decision']:
        for name in decision.learned:
            earlier = decisions[name]
            bandit.update(
                np.array(earlier.context), earlier.executed, rewards[name],
                probability=earlier.executed_probability,
                actions=np.array(earlier.action_features).reshape(-1, width),
                mask=np.array(earlier.feasible))
        pmf = bandit.predict(
            np.array(decision.context),
            actions=np.array(decision.action_features).reshape(-1, width),
            mask=np.array(decision.feasible))
        np.testing.assert_allclose(pmf, decision.pmf, rtol=0, atol=1e-9)
        assert bandit.example_count == decision.example_count
        assert invert_cdf(decision.pmf, decision.draw) == decision.requested
    bandit.close()


def _recompute_rewards(heard, config):
    scans = {convert.nanoseconds(m.header.stamp): m for m in heard['scan']}
    odometry = {convert.nanoseconds(m.header.stamp): m for m in heard['odom']}
    ends = {e.id: e for e in heard['episode'] if e.outcome != Episode.RUNNING}
    by_episode = defaultdict(list)
    for decision in heard['decision']:
        by_episode[decision.episode].append(decision)

    def observation(scan_stamp, odom_stamp, goal):
        return Observation(
            convert.laser_scan(scans[scan_stamp], Mount(config.frames.laser)),
            convert.odometry(odometry[odom_stamp]), (goal.x, goal.y))

    expected = []
    for name, decisions in by_episode.items():
        tracker = RewardTracker(config.navigation)
        for d in decisions:
            expected += tracker.decision(d.id, observation(
                convert.nanoseconds(d.scan_stamp), convert.nanoseconds(d.odom_stamp), d.goal))
        end = ends[name]
        last = convert.nanoseconds(end.header.stamp)
        last = next(stamp for stamp in sorted(scans) if stamp >= last)
        expected += tracker.finish(
            observation(last, last, end.goal), contact=end.outcome == Episode.COLLISION)
    found = {r.decision_id: r for r in heard['reward']}
    assert len(found) == len(heard['reward']) == len(expected) == len(heard['decision'])
    for reward in expected:
        assert found[reward.decision_id].total == reward.total
        assert list(found[reward.decision_id].term_values) == list(reward.terms.values())


def _assert_log_agrees(heard, path):
    totals = {r.decision_id: r.total for r in heard['reward']}
    rounds = list(read_rounds(path))
    assert {r.decision.id: r.reward.reward for r in rounds} == totals


def test_a_terminated_driver_leaves_a_standing_robot_and_whole_files(ros, tmp_path):
    # A busy machine may hear or decide too late for a reward, so the clock is slow and only valid
    # ones count.
    graph, heard, _ = begin(
        ros, tmp_path, **{'bridge.real_time_factor': 0.3, 'driving.lockstep': False,
                          'driving.stale_after': 5.0, 'bridge.episodes': 0})
    try:
        ros.until(lambda: any(c.linear.x > 0.3 for c in heard['cmd_vel']), within=60.0,
                  what='motion')
        ros.until(lambda: sum(reward.valid for reward in heard['reward']) > 3, within=60.0,
                  what='rewards')
        os.kill(graph.pids['bandit_node'], signal.SIGTERM)

        def ended():
            try:
                return not graph.running()
            except NodeDiedError as error:
                assert 'bandit_node' in str(error)
                return True

        ros.until(ended, what='the end of bandit_node')
        ros.until(lambda: heard['cmd_vel'][-1] == Twist(), what='the last zero velocity')
        for _ in range(20):
            ros.executor.spin_once(timeout_sec=0.01)
        assert heard['cmd_vel'][-1] == Twist()
        logged = {entry.id for entry in read_log(tmp_path / 'decisions.jsonl')
                  if isinstance(entry, DecisionRecord)}
        assert logged >= {decision.id for decision in heard['decision']}
        learned = list(read_rounds(tmp_path / 'decisions.jsonl'))
        assert learned
        final = CheckpointStore(tmp_path / 'checkpoints').read('final')
        assert final.example_count == len(learned)
    finally:
        graph.stop()


def _nav(folder, *options):
    return subprocess.Popen(
        [sys.executable, '-m', 'rfsn_ros', 'nav', '--name', str(folder), '--no-baseline',
         *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _nodes_of(folder):
    found = []
    for entry in os.listdir('/proc'):
        if entry.isdigit():
            try:
                with open(f'/proc/{entry}/cmdline', 'rb') as file:
                    line = file.read().decode(errors='replace').split('\0')
            except OSError:
                continue
            if str(folder / 'config.yaml') in line:
                found.append((int(entry), line))
    return found


def test_nav_drives_shows_and_writes_everything(tmp_path):
    folder = tmp_path / 'run'
    process = _nav(folder, '--episodes', '2', '--record', '--checkpoint', 'default')
    out, err = process.communicate(timeout=150)
    assert process.returncode == 0, err
    assert 'bandit, first 1' in out
    store = CheckpointStore(folder / 'checkpoints')
    assert store.read('final').example_count > open_bandit(default_checkpoint()).example_count
    # the whole run is in its bag, from the first scan on
    found = verify(read_bag(folder / 'bag'))
    assert found.ok, found.summary()
    assert (found.unknown, found.rewards_without_data) == (0, 0), found.summary()
    episodes = (folder / 'episodes.jsonl').read_text().splitlines()
    assert found.decisions == sum(json.loads(line)['decisions'] for line in episodes)
    for name in ('summary.json', 'learning_curve.png', 'config.yaml', 'episodes.jsonl',
                 'decisions.jsonl', 'checkpoints/final.rfsn', 'logs/bandit_node.log'):
        assert (folder / name).stat().st_size > 0 or name.endswith('.log'), name
    assert _nodes_of(folder) == []
    bridge = RFSNConfig.from_yaml((folder / 'config.yaml').read_text()).bridge
    assert (bridge.recorder, bridge.observer) == ('', ''), 'who reuses it would wait for nobody'
    again = _nav(folder, '--episodes', '2', '--set', 'bandit.epsilon=0.3')
    _, err = again.communicate(timeout=60)
    assert again.returncode == 2, 'a run is not overwritten without being told to'
    assert 'bandit.epsilon = 0.3 has no effect' in err


@pytest.mark.parametrize('how', ['interrupt', 'kill a node'])
def test_nav_ends_in_order_whatever_happens(tmp_path, how):
    folder = tmp_path / 'run'
    process = _nav(folder, '--episodes', '0')
    try:
        log = folder / 'decisions.jsonl'
        deadline = time.monotonic() + 90.0
        while not (log.exists() and list(read_rounds(log))):
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline, 'no rewarded decision in 90 s'
            time.sleep(0.1)
        if how == 'interrupt':
            process.send_signal(signal.SIGINT)
        else:
            victim = next(pid for pid, line in _nodes_of(folder) if 'reward_node' in line)
            os.kill(victim, signal.SIGKILL)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    if how == 'interrupt':
        assert process.returncode == 130
    else:
        assert process.returncode not in (0, 130)
        assert 'reward_node ended with signal SIGKILL' in err
    assert _nodes_of(folder) == []
    assert list(read_rounds(folder / 'decisions.jsonl'))
    assert (folder / 'checkpoints' / 'final.rfsn').exists()
