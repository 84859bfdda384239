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

"""Nodes in this process, each test with a context of its own; deadlines instead of sleeps."""

import time
from types import SimpleNamespace

import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not installed')

import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.parameter import Parameter


class Ros:
    """A context with an executor, and a node that speaks for the rest of the world."""

    def __init__(self, domain_id):
        self.context = Context()
        rclpy.init(args=[], context=self.context, domain_id=domain_id)
        self.executor = SingleThreadedExecutor(context=self.context)
        self.nodes = []
        self.node = self.add(rclpy.create_node('tester', context=self.context))

    def add(self, node):
        self.nodes.append(node)
        self.executor.add_node(node)
        return node

    def make(self, kind, **parameters):
        """Make a node with dotted parameters, `__` standing for the dots."""
        overrides = [
            Parameter(name.replace('__', '.'), value=value) for name, value in parameters.items()]
        return self.add(kind(
            context=self.context, parameter_overrides=overrides, use_global_arguments=False))

    def until(self, condition, *, within=20.0, what='the condition'):
        """Spin until something holds."""
        deadline = time.monotonic() + within
        while not condition():
            assert time.monotonic() < deadline, f'{what} did not come true in {within} s'
            self.executor.spin_once(timeout_sec=0.05)

    def collect(self, kind, topic, profile=10):
        """Return the list that messages of a topic are put into."""
        found = []
        self.node.create_subscription(kind, topic, found.append, profile)
        return found

    def call(self, kind, name, request, *, within=20.0):
        """Call a service and return its response."""
        client = self.node.create_client(kind, name)
        self.until(client.service_is_ready, within=within, what=f'service {name}')
        future = client.call_async(request)
        self.until(future.done, within=within, what=f'answer of {name}')
        self.node.destroy_client(client)
        return future.result()

    def close(self):
        for node in reversed(self.nodes):
            if hasattr(node, 'finish'):
                node.finish()
            node.destroy_node()
        self.executor.shutdown()
        rclpy.shutdown(context=self.context)


@pytest.fixture
def ros(domain_id):
    world = Ros(domain_id)
    yield world
    world.close()


@pytest.fixture
def messages():
    """Makers of scans and odometry at a time in seconds."""
    from rfsn_ros.navigation import LaserScan, Odometry, Pose2D, Twist2D
    from rfsn_ros.nodes import convert

    def scan(stamp, distance=4.0, beams=180):
        import numpy as np

        return convert.laser_scan_message(LaserScan(
            stamp=stamp, ranges=np.full(beams, distance), angle_min=-2.3,
            angle_increment=4.6 / (beams - 1), range_min=0.1, range_max=30.0), 'laser')

    def odometry(stamp, x=0.0, y=0.0, yaw=0.0, v=0.0, w=0.0):
        return convert.odometry_message(
            Odometry(stamp, Pose2D(x, y, yaw), Twist2D(v, w)), 'odom', 'base_link')

    return SimpleNamespace(scan=scan, odometry=odometry)
