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

"""The supervisor with small processes in place of the nodes."""

import sys

import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not installed')

import time

from rfsn_ros.nodes import supervisor
from rfsn_ros.nodes.supervisor import Graph, NodeDiedError


@pytest.fixture
def graph(tmp_path, monkeypatch):
    """A graph whose nodes are given as Python source by name."""
    sources = {name: 'import time; time.sleep(60)' for name in supervisor.NODES}
    real = supervisor.subprocess.Popen

    def popen(command, **options):
        return real([sys.executable, '-c', sources[command[3]]], **options)

    monkeypatch.setattr(supervisor.subprocess, 'Popen', popen)
    made = Graph(tmp_path / 'logs', tmp_path / 'config.yaml')
    yield made, sources
    made.stop()


def test_the_recorder_hears_what_the_others_say_at_their_end(graph, tmp_path):
    graph, sources = graph
    mark = 'import pathlib, time; pathlib.Path({!r}).write_text(str(time.monotonic()))'
    last, end = (tmp_path / name for name in ('last', 'end'))
    ends = 'import signal, sys, time\nsignal.signal(signal.SIGTERM, lambda *_: sys.exit())\n' \
        'print("up", flush=True)\ntry: time.sleep(60)\nfinally:\n time.sleep({}); '
    sources['reward_node'] = ends.format(0.3) + mark.format(str(last))
    sources['record'] = ends.format(0.0) + mark.format(str(end))
    graph.bag = tmp_path / 'bag'
    graph.start()
    deadline = time.monotonic() + 20.0
    while not all('up' in graph.log(name).read_text() for name in ('reward_node', 'recorder')):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    graph.stop()
    assert float(last.read_text()) < float(end.read_text())


def poll(graph, seconds=20.0):
    deadline = time.monotonic() + seconds
    while graph.running():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_end_of_the_simulation_is_the_end_of_the_run(graph):
    graph, sources = graph
    sources['sim_bridge'] = 'pass'
    graph.start()
    poll(graph)


@pytest.mark.parametrize(('name', 'source', 'words'), [
    ('reward_node', 'raise SystemExit(3)', 'reward_node ended with exit code 3'),
    ('bandit_node', 'pass', 'bandit_node ended with exit code 0'),
    ('sim_bridge', 'import os; os.kill(os.getpid(), 11)', 'sim_bridge ended with signal SIGSEGV'),
    ('reward_node', 'raise ValueError("this is why")', 'this is why')])
def test_a_node_that_ends_early_is_named_with_the_end_of_its_log(graph, name, source, words):
    graph, sources = graph
    sources[name] = source
    graph.start()
    with pytest.raises(NodeDiedError) as caught:
        poll(graph)
    assert words in str(caught.value)


def test_stop_ends_the_driver_first_and_kills_what_hangs(graph, monkeypatch):
    monkeypatch.setattr(supervisor, '_GRACE', 0.5)
    stubborn = ('import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n'
                'print("up", flush=True)\ntime.sleep(60)')
    graph, sources = graph
    sources['reward_node'] = stubborn
    graph.start()
    deadline = time.monotonic() + 20.0
    while 'up' not in graph.log('reward_node').read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    graph.stop()
    codes = {name: process.returncode for name, process in graph._processes.items()}
    assert codes == {'bandit_node': -15, 'reward_node': -9, 'sim_bridge': -15}
