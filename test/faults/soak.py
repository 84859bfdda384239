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

"""The long form of the fault suite: every fault many times, results as a table for the documents.

    python test/faults/soak.py --rounds 20 --kills 25 --out docs/reliability.json

The table of ``docs/reliability.md`` is made from that file by ``docs/make_reliability.py``.
"""

import argparse
import json
import os
from pathlib import Path
import platform
import sys
import tempfile
import time

from harness import Graph, Robot
from load import memory, robots
import numpy as np
import processes
from rich.console import Console
from rich.progress import Progress
import scenarios


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--rounds', type=int, default=20, help='of every input fault; 0 = none')
    parser.add_argument('--kills', type=int, default=25, help='of every process fault; 0 = none')
    parser.add_argument('--robots', type=int, default=10, help='robots at once; 0 = leave out')
    parser.add_argument('--episodes', type=int, default=10_000, help='for memory; 0 = leave out')
    parser.add_argument('--domain', type=int, default=int(os.environ.get('ROS_DOMAIN_ID', 30)))
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--out', type=Path, required=True)
    options = parser.parse_args()
    os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
    begun = time.time()
    result = {
        'command': 'python ' + ' '.join(sys.argv), 'date': time.strftime('%Y-%m-%d'),
        'machine': f'{os.cpu_count()} cores, Python {platform.python_version()}, '
                   f'{platform.system()} {platform.machine()}',
        'rows': [],
    }
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        if options.rounds:
            inputs(options, result['rows'], progress)
        if options.kills:
            kills(options, result['rows'], progress)
            disks(options, result['rows'], progress)
    save(result, begun, options.out)
    if options.robots:
        result['robots'] = robots(options.domain + 3, options.robots, seconds=20.0)
        save(result, begun, options.out)
    if options.episodes:
        result['memory'] = memory(options.domain + 4, episodes=options.episodes)
        save(result, begun, options.out)
    print(options.out)
    return int(any(row['failures'] for row in result['rows']))


def save(result, begun, path):
    """Write what has been measured so far."""
    result['minutes'] = round((time.time() - begun) / 60.0, 1)
    result['load'] = [round(value, 1) for value in os.getloadavg()]
    path.write_text(json.dumps(result, indent=1) + '\n')


def repeat(fault, times, inject, rows, progress):
    """Inject a fault `times` times; failures are collected, not raised."""
    row = {'name': fault.name, 'outcome': fault.outcome, 'lost': fault.lost, 'times': 0,
           'failures': []}
    seconds = {}
    for _ in progress.track(range(times), description=fault.name):
        row['times'] += 1
        try:
            for name, value in (inject() or {}).items():
                seconds.setdefault(name, []).append(value)
        except AssertionError as error:
            row['failures'].append(str(error).splitlines()[0])
    if seconds:
        row['seconds'] = {
            name: {'median': round(float(np.median(values)), 3), 'largest': round(max(values), 3)}
            for name, values in seconds.items()}
    print(f'{fault.name}: {row["times"]} times, {len(row["failures"])} failed',
          *row['failures'], sep='\n  ', flush=True)
    rows.append(row)


def inputs(options, rows, progress):
    """Break sensors, goals and rewards of one robot."""
    generator = np.random.default_rng(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        graph, robot = Graph(options.domain, folder), Robot(options.domain)
        try:
            graph.start('bandit_node', frames__laser_x=0.0,
                        driving__decision_log=f'{folder}/decisions.jsonl')
            graph.start('reward_node', frames__laser_x=0.0)
            robot.wait(lambda: robot._goals.get_subscription_count(), 60.0, 'bandit_node')
            for fault in scenarios.FAULTS:
                def inject(fault=fault):
                    try:
                        scenarios.goes_on(robot)
                        return fault.inject(robot, generator)
                    finally:
                        robot.heal()
                        assert graph.alive('bandit_node'), graph.said('bandit_node')[-500:]
                        assert graph.alive('reward_node'), graph.said('reward_node')[-500:]
                repeat(fault, options.rounds, inject, rows, progress)
        finally:
            graph.close()
            robot.close()


def kills(options, rows, progress):
    """Kill and stop the processes of a simulated robot."""
    generator = np.random.default_rng(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        sim = processes.SimGraph(options.domain + 1, Path(folder))
        try:
            sim.works(60.0)
            for fault in processes.FAULTS:
                repeat(fault, options.kills, lambda fault=fault: fault.inject(sim, generator),
                       rows, progress)
        finally:
            sim.close()


def disks(options, rows, progress):
    """Fill the disk under a running graph."""
    def inject():
        with tempfile.TemporaryDirectory() as folder:
            sim = processes.SimGraph(
                options.domain + 2, Path(folder), limit=processes.small_files)
            try:
                processes.fill_disk(sim, None)
            finally:
                sim.close()

    repeat(processes.DISK, max(1, options.kills // 10), inject, rows, progress)


if __name__ == '__main__':
    sys.exit(main())
