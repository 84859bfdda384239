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

"""Many robots on one machine, and many episodes in one process: what it costs, what leaks."""

from pathlib import Path
from tempfile import TemporaryDirectory
import time

from harness import Graph, Robot, Watcher
import numpy as np
import psutil
from rfsn_ros.msg import Episode

NODES = ('sim_bridge', 'bandit_node', 'reward_node')


def robots(domain, number, *, seconds):
    """Drive `number` robots in namespaces; return rates, latencies and load."""
    with TemporaryDirectory() as folder:
        graph, fleet = Graph(domain, folder), []
        try:
            for index in range(number):
                name = f'robot{index}'
                fleet.append(Robot(domain, namespace=name))
                graph.start('bandit_node', key=name, namespace=name, frames__laser_x=0.0)
                graph.start(
                    'reward_node', key=f'{name}r', namespace=name, frames__laser_x=0.0)
            for robot in fleet:
                robot.wait(lambda robot=robot: robot._goals.get_subscription_count(), 180.0,
                           'bandit_node')
                robot.to_goal()
                robot.drives(60.0)
            time.sleep(5.0)
            before = [(len(robot.decisions), len(robot.rewards)) for robot in fleet]
            psutil.cpu_percent()
            for _ in range(int(seconds / 2.0)):
                for robot in fleet:
                    robot.to_goal()
                time.sleep(2.0)
            rates = [(len(robot.decisions) - made) / seconds
                     for robot, (made, _) in zip(fleet, before, strict=True)]
            rewarded = [(len(robot.rewards) - made) / seconds
                        for robot, (_, made) in zip(fleet, before, strict=True)]
            p99 = [robot.value(f'robot{index}/bandit_node', 'latency_p99')
                   for index, robot in enumerate(fleet)]
            sizes = [psutil.Process(graph.processes[f'robot{index}'].pid).memory_info().rss
                     for index in range(number)]
            return {
                'robots': number, 'seconds': seconds,
                'decisions_per_second': [round(min(rates), 2), round(float(np.median(rates)), 2)],
                'rewards_per_second': [round(min(rewarded), 2),
                                       round(float(np.median(rewarded)), 2)],
                'latency_p99_ms': round(1e3 * float(np.median(p99)), 1),
                'cpu_percent_of_machine': psutil.cpu_percent(),
                'bandit_node_rss_mb': round(float(np.median(sizes)) / 1e6, 1),
            }
        finally:
            graph.close()
            for robot in fleet:
                robot.close()


def memory(domain, *, episodes):
    """Drive short episodes in lockstep; return how memory and file handles of each node went.

    A room of 4 m x 4 m with a pillar and the goal 2 m away: an episode is over after some six
    decisions, so what is kept per episode or per decision shows early.
    """
    with TemporaryDirectory() as folder:
        graph, watcher = Graph(domain, folder), Watcher(domain)
        samples = []
        try:
            graph.start('sim_bridge', bridge__episodes=0, bridge__real_time_factor=0.0,
                        bridge__world=_room(Path(folder)), sim__lidar__beams=180)
            graph.start('bandit_node', use_sim_time=True, driving__lockstep=True,
                        driving__decision_log=str(Path(folder) / 'decisions.jsonl'),
                        bandit__checkpoint_dir=str(Path(folder) / 'checkpoints'))
            graph.start('reward_node', use_sim_time=True, driving__lockstep=True)
            ended = made = 0
            begun = time.monotonic()
            while ended < episodes:
                time.sleep(5.0)
                assert time.monotonic() - begun < 300.0 + 2.0 * episodes, f'{ended} episodes'
                made += len(watcher.decisions)
                ended += sum(m.outcome != Episode.RUNNING for m in watcher.episodes)
                for heard in (watcher.decisions, watcher.episodes, watcher.rewards):
                    heard.clear()
                samples.append([made, *_sizes(graph)])
            table = np.array(samples)
            table = table[table[:, 0] > made / 3]
            result = {'minutes': round((time.monotonic() - begun) / 60.0, 1), 'episodes': ended,
                      'decisions': made}
            for index, node in enumerate(NODES):
                size, handles = table[:, 1 + 2 * index], table[:, 2 + 2 * index]
                slope = float(np.polyfit(table[:, 0], size, 1)[0])
                result[node] = {
                    'rss_mb': [round(float(size[0]), 1), round(float(size[-1]), 1)],
                    'kb_per_1000_decisions': round(1e6 * slope, 1),
                    'file_handles': [int(handles[0]), int(handles[-1])],
                }
            return result
        finally:
            graph.close()
            watcher.close()


def _room(folder):
    """Write a small room as a map and return its specification."""
    cells = np.full((80, 80), 254, dtype=np.uint8)
    cells[:2] = cells[-2:] = 0
    cells[:, :2] = cells[:, -2:] = 0
    cells[44:50, 38:44] = 0
    (folder / 'room.pgm').write_bytes(b'P5\n80 80\n255\n' + cells.tobytes())
    (folder / 'room.yaml').write_text(
        'image: room.pgm\nresolution: 0.05\norigin: [0.0, 0.0, 0.0]\nnegate: 0\n'
        'occupied_thresh: 0.65\nfree_thresh: 0.196\n')
    return f'map:{folder}/room.yaml:1.0,2.0,0.0/3.0,2.0'


def _sizes(graph):
    """Return resident megabytes and open files of each node."""
    row = []
    for node in NODES:
        process = psutil.Process(graph.processes[node].pid)
        row += [process.memory_info().rss / 1e6, process.num_fds()]
    return row
