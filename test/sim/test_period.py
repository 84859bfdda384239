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

"""How long a simulated decision period is."""

import numpy as np
import pytest
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.navigator import Navigator
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.navigation.registry import make_policy
from rfsn_ros.sim import make_simulator, SimConfig, World
from rfsn_ros.sim.episode import EpisodeMonitor
from rfsn_ros.sim.period import drive_period, falls_due, steps_to_decision

AWAY = World(name='away', start=Pose2D(), goal=(50.0, 0.0), reference_length=50.0, timeout=100.0)


def decided_at(period, rate, count):
    """Return when decisions are made in a drive, seconds from its start."""
    config = NavigationConfig(decision_period=period, control_rate=rate)
    navigator = Navigator(config, make_policy('greedy', config))
    monitor = EpisodeMonitor(AWAY)
    with make_simulator(SimConfig.for_robot('jackal', disturbances='ideal')) as sim:
        sim.reset(AWAY, 0)
        times = [sim.time]
        for _ in range(count):
            drive_period(sim, navigator, monitor)
            times.append(sim.time)
    return np.array(times)


@pytest.mark.parametrize(('period', 'rate'), [
    (0.2, 25.0), (0.25, 25.0), (0.21, 25.0), (0.3, 10.0), (0.15, 10.0), (0.25, 10.0), (0.1, 10.0),
    (0.07, 50.0)])
def test_decisions_are_a_period_apart_on_average_and_never_early(period, rate):
    late = decided_at(period, rate, 40) - period * np.arange(41)
    assert late.min() > -1e-9
    assert late.max() < 1.0 / rate - 1e-9


def test_each_period_of_a_whole_number_of_steps_has_as_many():
    for step, period, count in ((0.04, 0.2, 5), (0.02, 0.2, 10), (0.1, 0.3, 3), (0.01, 0.07, 7)):
        done = np.arange(0, 100_000 * count, count)
        assert {steps_to_decision(step * k, period, step) for k in done.tolist()} == {count}


@pytest.mark.parametrize(('rate', 'step', 'kept'), [
    (10.0, 0.02, 10.0), (15.0, 0.02, 15.0), (8.0, 0.04, 8.0), (40.0, 0.02, 40.0), (7.0, 0.1, 7.0),
    (100.0, 0.02, 50.0)])
def test_a_rate_that_does_not_fit_the_steps_is_kept_on_average(rate, step, kept):
    due = [done for done in range(round(100.0 / step)) if falls_due(done, rate, step)]
    assert due[0] == 0
    assert len(due) == pytest.approx(100.0 * kept, abs=1)
    assert np.ptp(np.diff(due)) <= 1


def test_a_step_longer_than_the_period_is_one():
    assert [steps_to_decision(0.1 * k, 0.05, 0.1) for k in range(5)] == [1] * 5
