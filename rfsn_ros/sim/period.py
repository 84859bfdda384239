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

"""One decision period of a simulated drive."""

from __future__ import annotations

from collections.abc import Callable

from rfsn_ros.navigation.navigator import Navigator
from rfsn_ros.navigation.observation import Glimpse
from rfsn_ros.sim.episode import EpisodeMonitor, Outcome
from rfsn_ros.sim.simulator import Simulator

__all__ = ['drive_period']


def drive_period(
    sim: Simulator, navigator: Navigator, monitor: EpisodeMonitor, *,
    on_tick: Callable[[Simulator], None] | None = None,
) -> Glimpse | None:
    """
    Drive the navigator's commands for one decision period, or until the episode ends.

    Return what was seen half way; None where the episode ended before.
    """
    config = navigator.config
    ticks = max(round(config.decision_period * config.control_rate), 1)
    midway: Glimpse | None = None
    for done in range(ticks):
        if 0 < done == ticks // 2:
            midway = sim.scan(), sim.odometry()
        sim.step(navigator.command(sim.odometry(), sim.time), 1.0 / config.control_rate)
        if on_tick is not None:
            on_tick(sim)
        if monitor.update(sim) is not Outcome.RUNNING:
            break
    return midway
