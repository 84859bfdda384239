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
