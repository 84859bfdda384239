"""A driving robot on its own DDS domain; on a machine without ROS 2 these tests are skipped."""

import sys
from pathlib import Path

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
