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

"""Killed and stopped processes, full disks: a simulated robot driven by real nodes over DDS."""

from collections.abc import Callable
from dataclasses import dataclass
import json
import re
import resource
import signal
import time

from harness import Graph, Watcher
from rfsn_ros.bandit.decision_log import DecisionRecord, read_log
from rfsn_ros.srv import LoadCheckpoint, SaveCheckpoint

WATCHDOG = 0.2
BRAKING = 2.0 / 3.0
SLACK = 0.3
"""`bridge.command_timeout`, largest speed over largest deceleration, and what scheduling and the
simulated robot's own latency may add, seconds."""
_STOPPED = re.compile(r'\[(\d+\.\d+)\] \[sim_bridge\]: no command for')


@dataclass(frozen=True)
class ProcessFault:
    """One row of the table."""

    name: str
    outcome: str
    lost: str
    inject: Callable


class SimGraph:
    """sim_bridge, bandit_node and reward_node in real time, watched from outside."""

    def __init__(self, domain, folder, *, limit=None):
        self.graph = Graph(domain, folder)
        self.watcher = Watcher(domain)
        self.folder = folder
        self.limit = limit
        self.log = folder / 'decisions.jsonl'
        for node in ('sim_bridge', 'bandit_node', 'reward_node'):
            self.start(node)

    def start(self, node):
        """Start one of the three nodes with the settings of this suite."""
        if node == 'sim_bridge':
            self.graph.start(node, bridge__episodes=0, sim__lidar__beams=180)
        elif node == 'bandit_node':
            self.graph.start(
                node, limit=self.limit, use_sim_time=True, driving__decision_log=str(self.log),
                bandit__checkpoint_dir=str(self.folder / 'checkpoints'),
                bandit__save_frequency=5, driving__checkpoint='latest'
                if any((self.folder / 'checkpoints').glob('*')) else '')
        else:
            self.graph.start(node, use_sim_time=True)

    def works(self, timeout=40.0):
        """Wait until the robot is commanded, decides and is rewarded anew."""
        watcher = self.watcher
        watcher.drives(timeout)
        decided, rewarded = len(watcher.decisions), len(watcher.rewards)
        watcher.wait(lambda: len(watcher.decisions) >= decided + 3, timeout, 'three decisions')
        watcher.wait(lambda: any(reward.valid for reward in watcher.rewards[rewarded:]), timeout,
                     'a reward')

    def wheels_stopped(self, since):
        """Return the wall time at which the watchdog set the wheels to zero, None if it did not.

        Only what sim_bridge has said after its first `since` characters counts.
        """
        found = _STOPPED.search(self.graph.said('sim_bridge')[since:])
        return float(found.group(1)) if found else None

    def rests(self, since, timeout):
        """Wait until the robot stands by ground truth; return seconds after `since`."""
        truths = self.watcher.truths

        def still():
            recent = [sample for sample in tuple(truths) if sample[0] > time.monotonic() - 0.3]
            return recent and all(abs(v) < 0.05 and abs(w) < 0.2 for _, v, w, _ in recent)

        self.watcher.wait(still, timeout, 'the robot stands')
        moving = [at for at, v, w, _ in tuple(truths) if abs(v) >= 0.05 or abs(w) >= 0.2]
        return max([at - since for at in moving[-1:]] + [0.0])

    def lived(self, since, seconds):
        """Return how much of the seconds after `since` the robot lived through.

        A simulator that is held up stands with its robot; what counts is how long the robot goes
        on. A new episode sets its clock forward, so the wall clock is the bound.
        """
        truths = tuple(self.watcher.truths)
        before = [stamp for at, *_, stamp in truths if at <= since][-1:]
        after = [stamp for at, *_, stamp in truths if at >= since + seconds][:1]
        return min(seconds, after[0] - before[0]) if before and after else seconds

    def close(self):
        """End everything."""
        self.graph.close()
        self.watcher.close()


def unique_ids(sim):
    """No decision id was used twice, by any process that ever wrote this log."""
    ids = [record.id for record in read_log(sim.log) if isinstance(record, DecisionRecord)]
    assert len(ids) == len(set(ids))


def kill_bandit_node(sim, generator):
    """Return after how many of its seconds the wheels were commanded zero and the robot stood."""
    sim.watcher.drives()
    time.sleep(float(generator.uniform(0.0, 1.0)))
    said = len(sim.graph.said('sim_bridge'))
    begun, wall = time.monotonic(), time.time()
    sim.graph.signal('bandit_node', signal.SIGKILL)
    try:
        took = {'stood': sim.lived(begun, sim.rests(begun, WATCHDOG + BRAKING + 5.0))}
        stopped = sim.wheels_stopped(said)
        if stopped is not None:
            took['wheels zero'] = sim.lived(begun, stopped - wall)
        for name, limit in (('wheels zero', WATCHDOG + SLACK),
                            ('stood', WATCHDOG + BRAKING + SLACK)):
            assert took.get(name, 0.0) <= limit, f'{name} only after {took[name]:.2f} s'
        published = {message.id for _, message in sim.watcher.decisions}
        logged = {r.id for r in read_log(sim.log) if isinstance(r, DecisionRecord)}
        assert published <= logged, f'{len(published - logged)} decisions are not in the log'
    finally:
        sim.start('bandit_node')
    sim.works()
    unique_ids(sim)
    return took


def kill_reward_node(sim, generator):
    time.sleep(float(generator.uniform(0.0, 1.0)))
    sim.graph.signal('reward_node', signal.SIGKILL)
    decided = len(sim.watcher.decisions)
    try:
        sim.watcher.wait(
            lambda: len(sim.watcher.decisions) >= decided + 5, 20.0, 'decisions without rewards')
    finally:
        sim.start('reward_node')
    sim.works()


def kill_sim_bridge(sim, generator):
    time.sleep(float(generator.uniform(0.0, 1.0)))
    sim.watcher.drives()
    sim.graph.signal('sim_bridge', signal.SIGKILL)
    try:
        sim.watcher.stops(time.monotonic(), timeout=3.0)
    finally:
        sim.start('sim_bridge')
    sim.works()
    unique_ids(sim)


def pause_clock(sim, generator):
    """The simulator hangs: clock, scan and odometry stand still, then go on."""
    sim.works()
    sim.graph.signal('sim_bridge', signal.SIGSTOP)
    try:
        sim.watcher.stops(time.monotonic(), timeout=3.0)
        time.sleep(float(generator.uniform(0.0, 2.0)))
        assert not sim.watcher.moving(time.monotonic() - 0.3)
    finally:
        sim.graph.signal('sim_bridge', signal.SIGCONT)
    sim.works()


def checkpoint_folder_gone(sim, generator):
    """Where the folder was lies a file; later the folder is back."""
    folder, moved = sim.folder / 'checkpoints', sim.folder / 'moved'
    sim.watcher.wait(lambda: any(folder.glob('auto-*')), 30.0, 'an automatic checkpoint')
    folder.rename(moved)
    folder.write_text('')
    try:
        sim.watcher.wait(
            lambda: 'no checkpoint' in sim.watcher.status.get('bandit_node', (0, ''))[1], 30.0,
            'diagnostics say that no checkpoint can be written')
        sim.works()
    finally:
        folder.unlink()
        moved.rename(folder)
    name = f'after-{int(generator.integers(10**9))}'
    answer = sim.watcher.call(SaveCheckpoint, '/bandit_node/save_checkpoint', name=name)
    assert answer.success, answer.message
    answer = sim.watcher.call(LoadCheckpoint, '/bandit_node/load_checkpoint', name=name)
    assert answer.success, answer.message
    sim.works()


def paths_as_names(sim, generator):
    """Callers on the network name paths, hidden files and far too much."""
    (sim.folder / 'outside.rfsn').write_bytes(b'outside')
    for name in ('../outside', '/etc/passwd', 'a/b', '.hidden', 'x' * 65, 'a b', '..', '~'):
        for kind, service in ((SaveCheckpoint, 'save'), (LoadCheckpoint, 'load')):
            answer = sim.watcher.call(kind, f'/bandit_node/{service}_checkpoint', name=name)
            assert not answer.success, f'{service} {name}'
    assert (sim.folder / 'outside.rfsn').read_bytes() == b'outside'
    sim.works()


def small_files():
    """Let no file grow beyond 200 kB: what a full disk does, for this process alone."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))


def fill_disk(sim, generator):
    """Call with a graph made with ``limit=small_files``: drives on and says so."""
    watcher = sim.watcher
    watcher.wait(lambda: watcher.value('bandit_node', 'unlogged') > 3, 60.0, 'the log is full')
    watcher.drives()
    assert sim.graph.alive('bandit_node')
    for line in sim.log.read_bytes().split(b'\n')[:-1]:
        json.loads(line)


FAULTS = (
    ProcessFault('SIGKILL of bandit_node', f'the base sets its wheels to zero {WATCHDOG} s after '
                 'the last command, within 0.5 s of the kill, and brakes; restarted, the node '
                 'rejoins and no id repeats',
                 'rewards since the last checkpoint (their records are in the log)',
                 kill_bandit_node),
    ProcessFault('SIGKILL of reward_node', 'drives on; restarted, rewards come again',
                 'rewards meanwhile', kill_reward_node),
    ProcessFault('SIGKILL of sim_bridge', 'commands zero; restarted with a new clock, drives on',
                 'decisions waiting for their reward', kill_sim_bridge),
    ProcessFault('clock and sensors pause (SIGSTOP)', 'commands zero, goes on afterwards',
                 'decisions waiting for their reward', pause_clock),
    ProcessFault('checkpoint folder cannot be written', 'drives on, diagnostics warn; back again, '
                 'checkpoints are saved and loaded', 'nothing', checkpoint_folder_gone),
    ProcessFault('paths as checkpoint names, over services', 'refused, nothing written outside',
                 'nothing', paths_as_names),
)
DISK = ProcessFault(
    'disk full (decision log)', 'drives on, counts and reports unlogged decisions; every record '
    'before is whole', 'learning while the disk is full', fill_disk)
