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

"""Start, watch and end the processes of one navigation graph."""

from __future__ import annotations

from collections.abc import Callable
import ctypes
from dataclasses import dataclass, field
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

from rfsn_ros.config import NODES, RECORDER_NODE
from rfsn_ros.errors import RfsnError

__all__ = ['TOPICS', 'Graph', 'NodeDiedError']

RECORDER = 'recorder'
TOPICS = (
    'scan', 'odom', 'cmd_vel', 'decision', 'reward', 'episode', 'model_info', 'goal_pose',
    'ground_truth')
"""What is recorded of a graph, besides its clock."""
_GRACE = 10.0
"""How long a node may take to end, seconds: readers that missed a packet are waited for."""
_PR_SET_PDEATHSIG = 1


class NodeDiedError(RfsnError):
    """A node of the graph ended before its work was done."""


@dataclass(slots=True)
class Graph:
    """
    The nodes as separate processes, each with a log file in `folder`.

    `namespace` keeps graphs on one machine apart; each has a clock of its own. With `bag` a
    recorder writes the graph's topics there. The first episode waits for it, and for the node
    `observer` (its full name); neither stands in the settings, with which others may drive too.
    The processes end with this one, whatever ends it.
    """

    folder: Path
    params: Path
    namespace: str = ''
    bag: Path | None = None
    observer: str = ''
    _processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self) -> None:
        """Start all nodes."""
        self.folder.mkdir(parents=True, exist_ok=True)
        prefix = f'/{self.namespace}' if self.namespace else ''
        if self.bag is not None:
            self._start(RECORDER, [
                '-m', 'rfsn_ros', 'record', '--output', str(self.bag), '--namespace',
                self.namespace, *TOPICS, 'clock'])
        awaited = {'recorder': RECORDER_NODE if self.bag is not None else '',
                   'observer': self.observer}
        waits = [word for name, node in awaited.items() if node
                 for word in ('-p', f'bridge.{name}:={node}')]
        for name in NODES:
            self._start(name, [
                '-m', 'rfsn_ros.entry_points', name, '--ros-args',
                '--params-file', str(self.params), '-p', 'use_sim_time:=true',
                *(waits if name == 'sim_bridge' else []),
                '-r', f'__ns:={prefix or "/"}', '-r', f'/clock:={prefix}/clock'])

    def log(self, name: str) -> Path:
        """Return the log file of a node."""
        return self.folder / f'{name}.log'

    def running(self) -> bool:
        """
        Return whether the episodes still go on; false once sim_bridge has done them all.

        :raises NodeDiedError: a node ended too early; names it and the end of its log.
        """
        for name, process in self._processes.items():
            code = process.poll()
            if code is None:
                continue
            if name == 'sim_bridge' and code == 0:
                return False
            raise NodeDiedError(
                f'{name} ended with {_meaning(code)}; the end of {self.log(name)}:\n'
                + _tail(self.log(name)))
        return True

    def stop(self) -> None:
        """
        End all processes: first the one that drives, so that the robot stands.

        The recorder is the last, for it is to hear what the others say at their end.
        """
        self._end('bandit_node')
        self._end('reward_node', 'sim_bridge')
        self._end(RECORDER)

    def _start(self, name: str, arguments: list[str]) -> None:
        with self.log(name).open('wb') as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, *arguments], stdout=log, stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL, start_new_session=True,
                preexec_fn=_end_with(os.getpid()))

    def _end(self, *names: str) -> None:
        ending = [self._processes[name] for name in names if name in self._processes]
        for process in ending:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in ending:
            _await(process)

    @property
    def pids(self) -> dict[str, int]:
        """Process ids by node."""
        return {name: process.pid for name, process in self._processes.items()}


def _await(process: subprocess.Popen[bytes]) -> None:
    """Wait for an orderly end; a process that hangs is killed."""
    deadline = time.monotonic() + _GRACE
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    if process.poll() is None:
        process.kill()
    process.wait()


def _end_with(parent: int) -> Callable[[], None] | None:
    """Return what makes a child end when its parent dies without a word (Linux)."""
    if sys.platform != 'linux':
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def _meaning(code: int) -> str:
    return f'signal {signal.Signals(-code).name}' if code < 0 else f'exit code {code}'


def _tail(path: Path, lines: int = 15) -> str:
    text = path.read_text(encoding='utf-8', errors='replace').splitlines()
    return '\n'.join(f'  {line}' for line in text[-lines:]) or '  (empty)'
