"""A driving robot on its own DDS domain; on a machine without ROS 2 these tests are skipped."""

import os
import sys
from pathlib import Path

import pytest

pytest.importorskip('rclpy')
os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
sys.path.insert(0, str(Path(__file__).parent))

DOMAIN = 31


def domain(offset):
    """Return a DDS domain that no other worker of this run uses."""
    worker = os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw')
    base = int(os.environ.get('ROS_DOMAIN_ID', DOMAIN))
    return (base + 7 * int(worker) + offset) % 100


@pytest.fixture(scope='module')
def robot(tmp_path_factory):
    """A robot that drives and learns; every test leaves it driving."""
    from harness import Graph, Robot

    folder = tmp_path_factory.mktemp('robot')
    graph = Graph(domain(0), folder)
    robot = Robot(domain(0))
    robot.graph = graph
    try:
        log = str(folder / 'decisions.jsonl')
        graph.start('bandit_node', driving__decision_log=log, frames__laser_x=0.0)
        graph.start('reward_node', frames__laser_x=0.0)
        robot.wait(lambda: robot._goals.get_subscription_count(), 60.0, 'bandit_node is there')
        robot.wait(lambda: robot.node.count_publishers('reward') > 1, 60.0, 'reward_node is there')
        robot.to_goal()
        robot.drives(30.0)
        yield robot
    finally:
        graph.close()
        robot.close()
