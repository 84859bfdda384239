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

"""Real processes over real DDS, a robot that can be broken on purpose, and what was observed.

`Graph` starts and kills the package's nodes as processes in a DDS domain of their own. `Robot`
is a base with a laser in a square room, made of the same topics as a real one; every message it
sends can be changed, dropped or repeated, and it notes what it is commanded.
"""

from collections import deque
import json
import math
import os
from pathlib import Path
import signal
import subprocess
import sys
import threading
import time

from diagnostic_msgs.msg import DiagnosticArray
from geometry_msgs.msg import PoseStamped, Twist
from nav_msgs.msg import Odometry
import numpy as np
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile
from rfsn_ros.msg import Decision, Episode, Reward
from rfsn_ros.nodes import qos
from sensor_msgs.msg import LaserScan

ROOT = Path(__file__).resolve().parents[2]
START = 'import sys; from rfsn_ros.entry_points import {0}; sys.exit({0}())'
RATE = 20.0
ROOM = 8.0
ACCELERATION, TURN_ACCELERATION = 3.0, 10.0
"""What the robot's settings say, m/s2 and rad/s2: the mask counts on it."""


class Graph:
    """Node processes in one DDS domain; everything still running is killed at the end."""

    def __init__(self, domain, folder):
        self.domain = domain
        self.folder = Path(folder)
        self.processes = {}

    def start(self, node, *, key=None, namespace='', limit=None, **parameters):
        """Start a node; keyword names write ``__`` for the dot of a parameter's name."""
        arguments = ['--ros-args', '--log-level', 'warn']
        if namespace:
            arguments += ['-r', f'__ns:=/{namespace}']
        for name, value in parameters.items():
            arguments += ['-p', f'{name.replace("__", ".")}:={json.dumps(value)}']
        environment = {
            **os.environ, 'ROS_DOMAIN_ID': str(self.domain),
            'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST', 'ROS_LOG_DIR': str(self.folder / 'log')}
        key = key or node
        with (self.folder / f'{key}.txt').open('ab') as output:
            self.processes[key] = subprocess.Popen(
                [sys.executable, '-c', START.format(node), *arguments], cwd=ROOT,
                env=environment, stdout=output, stderr=output, preexec_fn=limit)
        return self.processes[key]

    def signal(self, key, number):
        """Send a signal; SIGKILL is waited for."""
        process = self.processes[key]
        process.send_signal(number)
        if number == signal.SIGKILL:
            process.wait()

    def alive(self, key):
        """Whether the process is still there."""
        return self.processes[key].poll() is None

    def said(self, key):
        """Return all a node has printed."""
        return (self.folder / f'{key}.txt').read_text()

    def close(self):
        """Kill what is left."""
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
            process.wait()


class Watcher:
    """A node in this process that notes commands, decisions, rewards and diagnostics."""

    def __init__(self, domain, *, namespace=''):
        self.context = Context()
        rclpy.init(args=[], context=self.context, domain_id=domain)
        self.node = rclpy.create_node(
            'watcher', context=self.context, namespace=namespace, enable_rosout=False,
            start_parameter_services=False)
        self.commands = deque(maxlen=4000)
        self.decisions = []
        self.rewards = []
        self.truths = deque(maxlen=4000)
        self.episodes = []
        self.status = {}
        subscribe = self.node.create_subscription
        subscribe(Twist, 'cmd_vel', self._on_command, qos.COMMANDS)
        subscribe(Decision, 'decision', self._on_decision, qos.EVENTS)
        subscribe(Reward, 'reward', self.rewards.append, qos.EVENTS)
        subscribe(Episode, 'episode', self.episodes.append, qos.EPISODES)
        subscribe(Odometry, 'ground_truth', self._on_truth, qos.SIMULATED_SENSORS)
        subscribe(DiagnosticArray, '/diagnostics', self._on_diagnostics, QoSProfile(depth=50))
        self._executor = SingleThreadedExecutor(context=self.context)
        self._executor.add_node(self.node)
        self._spinner = threading.Thread(target=self._executor.spin, daemon=True)
        self._spinner.start()

    def _on_command(self, message):
        self.commands.append((time.monotonic(), message.linear.x, message.angular.z))

    def _on_decision(self, message):
        self.decisions.append((time.monotonic(), message))

    def _on_truth(self, message):
        twist = message.twist.twist
        stamp = message.header.stamp
        self.truths.append((
            time.monotonic(), twist.linear.x, twist.angular.z, stamp.sec + 1e-9 * stamp.nanosec))

    def _on_diagnostics(self, message):
        for status in message.status:
            values = {item.key: item.value for item in status.values}
            self.status[status.name] = (int.from_bytes(status.level, 'little'), status.message,
                                        values)

    def wait(self, condition, timeout, what):
        """Wait until `condition()` holds; return its value, fail naming `what` otherwise."""
        deadline = time.monotonic() + timeout
        while not (value := condition()):
            assert time.monotonic() < deadline, (
                f'not within {timeout} s: {what}; {self.account()}')
            time.sleep(0.01)
        return value

    def call(self, kind, service, /, **fields):
        """Call a service of a node; ask again where an answer got lost in discovery."""
        client = self.node.create_client(kind, service)
        try:
            self.wait(client.service_is_ready, 20.0, service)
            for _ in range(4):
                future = client.call_async(kind.Request(**fields))
                deadline = time.monotonic() + 4.0
                while not future.done() and time.monotonic() < deadline:
                    time.sleep(0.02)
                if future.done():
                    return future.result()
            raise AssertionError(f'no answer from {service}')
        finally:
            self.node.destroy_client(client)

    def value(self, node, name):
        """Return a number of a node's newest diagnostics, 0 where it is not there."""
        return float(self.status.get(node, (0, '', {}))[2].get(name, 0))

    def moving(self, since):
        """Whether a velocity other than zero was commanded after `since`."""
        return any(at > since and (v or w) for at, v, w in tuple(self.commands))

    def account(self):
        """Tell what was heard last, for whoever asks why something did not happen."""
        said = {name: message for name, (_, message, _) in self.status.items()}
        if not self.decisions:
            return f'no decision was heard; diagnostics {said}'
        at, last = self.decisions[-1]
        offered = [index for index, may in enumerate(last.feasible) if may]
        return (f'{len(self.decisions)} decisions, the last {time.monotonic() - at:.1f} s ago: '
                f'executed {last.executed} of {offered}; diagnostics {said}')

    def drives(self, timeout=20.0):
        """Wait until the robot is commanded to move; return after how long."""
        begun = time.monotonic()
        self.wait(lambda: self.moving(begun), timeout, 'the robot moves')
        return time.monotonic() - begun

    def stops(self, since, timeout=3.0, *, lasting=0.4):
        """Wait until zero is commanded (or nothing) for `lasting` s; return seconds after `since`.
        """
        def standing():
            now = time.monotonic()
            moved = [at for at, v, w in tuple(self.commands) if v or w]
            return now - max(moved, default=0.0) > lasting

        self.wait(standing, timeout + lasting, 'the robot stops')
        return max((at for at, v, w in tuple(self.commands) if v or w), default=since) - since

    def close(self):
        """Leave the graph."""
        self._executor.shutdown()
        rclpy.shutdown(context=self.context)
        self._spinner.join(timeout=5.0)


class Robot(Watcher):
    """A base in a square room of half width `ROOM`; it stops half a second after a command.

    `scan_fault` and `odom_fault` take the message that is due and return those that are sent.
    """

    def __init__(self, domain, *, namespace='', beams=180):
        super().__init__(domain, namespace=namespace)
        self.x = self.y = self.yaw = self.v = self.w = 0.0
        self.beams = beams
        self.scan_fault = self.odom_fault = staticmethod(lambda message: [message])
        self.nearest = math.inf
        self._scans = self.node.create_publisher(LaserScan, 'scan', qos.SIMULATED_SENSORS)
        self._odometry = self.node.create_publisher(Odometry, 'odom', qos.SIMULATED_SENSORS)
        self._goals = self.node.create_publisher(PoseStamped, 'goal_pose', qos.COMMANDS)
        self._own_rewards = self.node.create_publisher(Reward, 'reward', qos.EVENTS)
        self._moving = threading.Lock()
        self._closing = threading.Event()
        self._loop = threading.Thread(target=self._run, daemon=True)
        self._loop.start()

    def heal(self):
        """End every fault."""
        self.scan_fault = self.odom_fault = lambda message: [message]

    def to_goal(self, x=None, y=None):
        """Send a goal; by default one 6 m away through the middle of the room."""
        if x is None:
            bearing = math.atan2(-self.y, -self.x)
            x, y = self.x + 6.0 * math.cos(bearing), self.y + 6.0 * math.sin(bearing)
        message = PoseStamped()
        message.header.frame_id = 'odom'
        message.pose.position.x, message.pose.position.y = float(x), float(y)
        message.pose.orientation.w = 1.0
        self._goals.publish(message)

    def put(self, x, y, yaw):
        """Set the robot down somewhere."""
        with self._moving:
            self.x, self.y, self.yaw = x, y, yaw

    def account(self):
        """Tell also where the robot is, and how near a wall it ever came."""
        return (f'at ({self.x:.2f}, {self.y:.2f}, {self.yaw:.2f}) at {self.v:.2f} m/s, never '
                f'nearer to a wall than {self.nearest:.2f} m; {super().account()}')

    def reward(self, decision_id, total, *, stamp=None):
        """Publish a reward as if this were a second reward_node."""
        message = Reward(decision_id=decision_id, total=total, valid=True)
        message.header.stamp = stamp or self.node.get_clock().now().to_msg()
        self._own_rewards.publish(message)

    def close(self):
        """Stop publishing, then leave the graph."""
        self._closing.set()
        self._loop.join()
        super().close()

    def _run(self):
        tick = 0
        next_at = time.monotonic()
        while not self._closing.is_set():
            with self._moving:
                self._move()
                stamp = self.node.get_clock().now().to_msg()
                odometry = self._odom(stamp)
                scan = self._scan(stamp) if tick % 2 == 0 else None
            for message in self.odom_fault(odometry):
                self._odometry.publish(message)
            if scan is not None:
                for message in self.scan_fault(scan):
                    self._scans.publish(message)
            tick += 1
            next_at = max(next_at + 1.0 / RATE, time.monotonic() - 1.0)
            self._closing.wait(max(0.0, next_at - time.monotonic()))

    def _move(self):
        at, v, w = self.commands[-1] if self.commands else (0.0, 0.0, 0.0)
        if time.monotonic() - at > 0.5:
            v = w = 0.0
        v = self.v = float(np.clip(
            v, self.v - ACCELERATION / RATE, self.v + ACCELERATION / RATE))
        w = self.w = float(np.clip(
            w, self.w - TURN_ACCELERATION / RATE, self.w + TURN_ACCELERATION / RATE))
        self.yaw += w / RATE
        self.x += v * math.cos(self.yaw) / RATE
        self.y += v * math.sin(self.yaw) / RATE
        self.nearest = min(self.nearest, ROOM - max(abs(self.x), abs(self.y)))

    def _odom(self, stamp):
        message = Odometry()
        message.header.stamp = stamp
        message.header.frame_id, message.child_frame_id = 'odom', 'base_link'
        pose, twist = message.pose.pose, message.twist.twist
        pose.position.x, pose.position.y = self.x, self.y
        pose.orientation.z = math.sin(self.yaw / 2)
        pose.orientation.w = math.cos(self.yaw / 2)
        twist.linear.x, twist.angular.z = self.v, self.w
        return message

    def _scan(self, stamp):
        increment = 2.0 * math.pi / self.beams
        bearing = self.yaw - math.pi + increment * np.arange(self.beams)
        with np.errstate(divide='ignore'):
            ranges = np.minimum(
                (ROOM - np.sign(np.cos(bearing)) * self.x) / np.abs(np.cos(bearing)),
                (ROOM - np.sign(np.sin(bearing)) * self.y) / np.abs(np.sin(bearing)))
        message = LaserScan(
            angle_min=-math.pi, angle_max=math.pi - increment, angle_increment=increment,
            range_min=0.05, range_max=30.0, ranges=ranges.astype(np.float32))
        message.header.stamp = stamp
        message.header.frame_id = 'laser'
        return message
