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

"""The process around a node: start-up, signals and an orderly end."""

from __future__ import annotations

from collections.abc import Callable
import gc
import os
import signal
import sys
import time
from types import FrameType
from typing import Any, Protocol

import rclpy
from rclpy.duration import Duration
from rclpy.executors import ExternalShutdownException, SingleThreadedExecutor
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rfsn_ros.errors import RfsnError

__all__ = ['ManagedNode', 'prefer_udp', 'run_node', 'wait_until_read']

_TRANSPORTS = 'FASTDDS_BUILTIN_TRANSPORTS'
"""In shared memory a process killed while it holds the lock of its port holds up for 3 s all who
publish to it: the simulator, or the driver of a base. By UDP nobody waits for the dead. In range
LOCALHOST rmw_fastrtps adds shared memory whatever this says."""
_REPAIR = 6.5
"""Time for what a reader has missed to be sent again, seconds: Fast DDS tells it what that is only
every 3 s, and some of what is sent then may get lost as well."""


class ManagedNode(Protocol):
    """
    What `run_node` needs of a node.

    `exit_code` stays None until the node has ended its work by itself.
    """

    exit_code: int | None

    def destroy_node(self) -> None:
        """Free what the node holds (rclpy's own)."""

    def start(self) -> None:
        """Begin the work; called once, by the thread that spins."""

    def finish(self) -> None:
        """End the work in order: the robot at rest, files complete. May be called twice."""


def prefer_udp() -> None:
    """Let DDS go by UDP in this process, unless the environment says otherwise."""
    os.environ.setdefault(_TRANSPORTS, 'UDPv4')


def wait_until_read(node: Node) -> None:
    """
    Wait until all that `node` sent reliably has arrived, 6.5 s at most.

    Who ends before that leaves readers that missed a packet without all that followed it.
    """
    deadline = time.monotonic() + _REPAIR
    for publisher in node.publishers:
        left = max(deadline - time.monotonic(), 0.0)
        publisher.wait_for_all_acked(Duration(seconds=left))


def run_node(make: Callable[[], ManagedNode], argv: list[str] | None = None) -> int:
    """
    Spin a node in this thread until it ends itself or SIGINT, SIGTERM or SIGHUP asks for it.

    ROS's own handlers would close the context at once, and no last zero velocity could be sent;
    here a signal only asks, and the node ends its work while it can still publish. DDS goes by UDP
    unless the environment says otherwise.
    """
    prefer_udp()
    stop: list[int] = []

    def ask(number: int, _: FrameType | None) -> None:
        stop.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)
    rclpy.init(args=argv, signal_handler_options=SignalHandlerOptions.NO)
    node = None
    try:
        node = make()
        return _spin(node, stop)
    except RfsnError as error:
        print(f'{sys.argv[0]}: {error}', file=sys.stderr)
        return 2
    finally:
        if node is not None:
            node.finish()
            node.destroy_node()
        rclpy.try_shutdown()


def _spin(node: ManagedNode, stop: list[int]) -> int:
    executor = _make_executor()
    executor.add_node(node)
    node.start()
    gc.collect()
    gc.freeze()  # what start-up made stays; looking through it again would delay commands
    try:
        while not stop and node.exit_code is None:
            executor.spin_once(timeout_sec=0.1)
    except ExternalShutdownException:
        return 1
    finally:
        executor.shutdown()
    return node.exit_code or 0


def _make_executor() -> Any:
    """
    Return the executor that works off events as they come, where rclpy has it (from Jazzy on).

    The other one asks all of a node's entities at each turn; that costs as much as a decision.
    """
    try:
        from rclpy.experimental import EventsExecutor
    except ImportError:
        return SingleThreadedExecutor()
    return EventsExecutor()
