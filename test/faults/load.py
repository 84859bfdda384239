"""Many robots on one machine, and many episodes in one process: what it costs, what leaks."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil
from harness import Graph, Robot, Watcher


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


def memory(domain, *, minutes):
    """Drive episodes in lockstep; return how memory and file handles of each node went."""
    with TemporaryDirectory() as folder:
        graph, watcher = Graph(domain, folder), Watcher(domain)
        nodes = ('sim_bridge', 'bandit_node', 'reward_node')
        samples = []
        try:
            log = str(Path(folder) / 'decisions.jsonl')
            graph.start('sim_bridge', bridge__episodes=0, bridge__real_time_factor=0.0,
                        sim__lidar__beams=180)
            graph.start('bandit_node', use_sim_time=True, driving__lockstep=True,
                        driving__decision_log=log)
            graph.start('reward_node', use_sim_time=True)
            watcher.wait(lambda: len(watcher.decisions) > 200, 120.0, 'decisions')
            begun = time.monotonic()
            while time.monotonic() - begun < 60.0 * minutes:
                time.sleep(5.0)
                row = [time.monotonic() - begun, len(watcher.decisions)]
                for node in nodes:
                    process = psutil.Process(graph.processes[node].pid)
                    row += [process.memory_info().rss / 1e6, process.num_fds()]
                samples.append(row)
                watcher.rewards.clear()
            episodes = len({message.id for message in watcher.episodes})
            table = np.array(samples)
            later = table[len(table) // 3:]
            result = {'minutes': minutes, 'episodes': episodes, 'decisions': int(table[-1, 1])}
            for index, node in enumerate(nodes):
                size, handles = later[:, 2 + 2 * index], later[:, 3 + 2 * index]
                slope = float(np.polyfit(later[:, 1], size, 1)[0])
                result[node] = {
                    'rss_mb': [round(float(size[0]), 1), round(float(size[-1]), 1)],
                    'kb_per_1000_decisions': round(1e6 * slope, 1),
                    'file_handles': [int(handles[0]), int(handles[-1])],
                }
            return result
        finally:
            graph.close()
            watcher.close()
