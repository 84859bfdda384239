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

"""
From a scan to the velocity command it causes, over DDS: bandit_node beside a node that echoes.

    python -m rfsn_ros.nodes.measure_latency

Each runs in a process of its own; the scans (720 beams) of a robot that creeps through a simulated
world, at and half way between decisions, are sent from this one. The echo node shows what rclpy
and DDS cost by themselves.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
import os
import subprocess
import sys
import time

from geometry_msgs.msg import PoseStamped, Twist
from nav_msgs.msg import Odometry as OdometryMsg
import numpy as np
from numpy.typing import NDArray
import rclpy
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions
from rclpy.utilities import remove_ros_args
from rfsn_ros.arguments import whole
from rfsn_ros.errors import RfsnError
from rfsn_ros.navigation import Twist2D
from rfsn_ros.nodes import convert, qos
from rfsn_ros.sim import make_simulator, parse_worlds, SimConfig
from rfsn_ros.sim.config import DISTURBANCES
from rfsn_ros.sim.simulator import Simulator
from rich.console import Console
from rich.table import Table
from sensor_msgs.msg import LaserScan as LaserScanMsg

__all__ = ['main']

_PERIOD = 0.2
_WARM_UP = 20
_CREEP = Twist2D(0.01, 0.0)
_EPOCH = 100.0  # stamp of the first scan, s
_DEADLINE = 30.0
_ECHO = 'from rfsn_ros.nodes.measure_latency import echo; echo()'
# One command per decision: repeated ones would be taken for answers. Scans come as fast as the
# probe sends them, not at the pace of their stamps; the newest stamp is the time, none is stale.
_BANDIT = (
    'import sys; from rfsn_ros.entry_points import bandit_node; sys.exit(bandit_node())',
    '--ros-args', '-p', 'navigation.control_rate:=5.0', '-p', 'driving.stale_after:=10.0',
    '-p', 'use_sim_time:=true')


def echo() -> None:
    """Answer every scan with a zero command until ended."""
    # rclpy's own handler of SIGTERM leaves it waiting now and then (once in 40 here)
    rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
    node = rclpy.create_node('echo')
    commands = node.create_publisher(Twist, 'cmd_vel', qos.COMMANDS)
    node.create_subscription(
        LaserScanMsg, 'scan', lambda _: commands.publish(Twist()), qos.SENSORS)
    rclpy.spin(node)


class _Probe:
    """Sends scans and waits for the commands that answer them."""

    def __init__(self) -> None:
        self.node = rclpy.create_node('probe')
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self.node)
        self._heard: list[float] = []
        self._answered = False
        self.node.create_subscription(
            Twist, 'cmd_vel', lambda _: self._heard.append(time.perf_counter()), qos.EVENTS)
        self._scans = self.node.create_publisher(LaserScanMsg, 'scan', qos.SIMULATED_SENSORS)
        self._odometry = self.node.create_publisher(OdometryMsg, 'odom', qos.SIMULATED_SENSORS)
        self._goals = self.node.create_publisher(PoseStamped, 'goal_pose', qos.COMMANDS)

    def round_trips(
        self, child: subprocess.Popen[bytes], count: int, disturbances: str,
    ) -> NDArray[np.float64]:
        """Return the times of `count` answered scans after warming up, ms, shape (count,)."""
        simulator = make_simulator(SimConfig(disturbances=DISTURBANCES[disturbances]))
        simulator.reset(parse_worlds('generated:1')[0], 1)
        goal = PoseStamped()
        goal.header.frame_id = 'odom'
        goal.pose.position.x = 10.0
        times: list[float] = []
        give_up = time.monotonic() + _DEADLINE
        while len(times) < count + _WARM_UP:
            if child.poll() is not None or time.monotonic() > give_up:
                raise RfsnError(f'no answer to a scan within {_DEADLINE:g} s')
            simulator.step(_CREEP, 0.5 * _PERIOD)
            self._send(simulator)
            self._drain()
            if not self._answered:
                # half way to the next decision, so that it is made on the next scan
                self._goals.publish(goal)
                self._drain()
            simulator.step(_CREEP, 0.5 * _PERIOD)
            sent = self._send(simulator)
            until = sent + 1.0
            while not self._heard and time.perf_counter() < until:
                self._executor.spin_once(timeout_sec=0.05)
            self._answered = bool(self._heard)
            if self._answered:
                times.append(1e3 * (self._heard[0] - sent))
                give_up = time.monotonic() + _DEADLINE
        return np.array(times[_WARM_UP:])

    def _send(self, simulator: Simulator) -> float:
        """Publish what the robot sees and where it is; return when the scan was sent, seconds."""
        odometry = simulator.odometry()
        odometry = replace(odometry, stamp=_EPOCH + odometry.stamp)
        scan = convert.laser_scan_message(simulator.scan(), 'laser')
        scan.header.stamp = convert.time_message(odometry.stamp)
        self._odometry.publish(convert.odometry_message(odometry, 'odom', 'base_link'))
        sent = time.perf_counter()
        self._scans.publish(scan)
        return sent

    def _drain(self) -> None:
        """Forget commands that answer no scan."""
        while True:
            before = len(self._heard)
            self._executor.spin_once(timeout_sec=0.02)
            if len(self._heard) == before:
                break
        self._heard.clear()


def main(argv: list[str] | None = None) -> int:
    """Measure all and print a table."""
    parser = argparse.ArgumentParser(prog='python -m rfsn_ros.nodes.measure_latency')
    parser.add_argument('--count', type=whole(1), default=500, help='scans (default: %(default)s)')
    options = parser.parse_args(remove_ros_args(argv if argv is not None else sys.argv)[1:])
    # A measurement stays on this machine and hears no other graph.
    os.environ.setdefault('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    os.environ.setdefault('ROS_DOMAIN_ID', str(1 + os.getpid() % 100))
    table = Table(title='scan received to cmd_vel published, 720 beams, over DDS [ms]')
    for name in ('node', 'p50', 'p99', 'largest'):
        table.add_column(name, justify='left' if name == 'node' else 'right')
    for name, command, disturbances in (
            ('rclpy echo', (_ECHO,), 'default'), ('bandit_node', _BANDIT, 'default'),
            ('bandit_node, moving obstacles', _BANDIT, 'moving')):
        rclpy.init(args=[])
        child = subprocess.Popen([sys.executable, '-c', *command], stderr=subprocess.DEVNULL)
        try:
            times = _Probe().round_trips(child, options.count, disturbances)
        finally:
            child.terminate()
            child.wait()
            rclpy.shutdown()
        table.add_row(name, *(
            f'{value:.2f}' for value in (np.median(times), np.quantile(times, 0.99), times.max())))
    Console().print(table)
    return 0


if __name__ == '__main__':
    sys.exit(main())
