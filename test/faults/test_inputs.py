"""Broken sensors, goals and rewards over DDS, in short form; `make soak` repeats them often."""

import numpy as np
import pytest

scenarios = pytest.importorskip('scenarios')
scenarios.SLACK = 2.0  # other tests run beside this one; the long form judges the time itself


@pytest.mark.parametrize('fault', scenarios.FAULTS, ids=lambda fault: fault.inject.__name__)
def test_fault(robot, fault):
    scenarios.goes_on(robot)
    try:
        fault.inject(robot, np.random.default_rng(1))
    finally:
        robot.heal()
    assert robot.graph.alive('bandit_node'), robot.graph.said('bandit_node')
    assert robot.graph.alive('reward_node'), robot.graph.said('reward_node')
    ids = [decision.id for _, decision in robot.decisions]
    assert len(ids) == len(set(ids))
