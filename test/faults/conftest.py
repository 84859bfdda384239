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

"""A driving robot on its own DDS domain; on a machine without ROS 2 these tests are skipped."""

from pathlib import Path
import sys

import pytest

pytest.importorskip('rclpy')
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope='module')
def robot(tmp_path_factory, domains):
    """A robot that drives and learns; every test leaves it driving."""
    with domains.reserved() as domain:
        yield from driving(domain, tmp_path_factory.mktemp('robot'))


def driving(domain, folder):
    from harness import Graph, Robot

    graph = Graph(domain, folder)
    robot = Robot(domain)
    robot.graph = graph
    try:
        log = str(folder / 'decisions.jsonl')
        graph.start(
            'bandit_node', driving__decision_log=log, driving__checkpoint='default',
            frames__laser_x=0.0)
        graph.start('reward_node', frames__laser_x=0.0)
        robot.wait(lambda: robot._goals.get_subscription_count(), 60.0, 'bandit_node is there')
        robot.wait(lambda: robot.node.count_publishers('reward') > 1, 60.0, 'reward_node is there')
        robot.to_goal()
        robot.drives(30.0)
        yield robot
    finally:
        graph.close()
        robot.close()
