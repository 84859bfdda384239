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
import math

from rfsn_ros.errors import ConfigError
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.navigator import Navigator
from rfsn_ros.navigation.observation import Glimpse
from rfsn_ros.sim.config import SimConfig
from rfsn_ros.sim.episode import EpisodeMonitor, Outcome
from rfsn_ros.sim.simulator import Simulator

__all__ = ['check_control_rate', 'drive_period', 'falls_due', 'steps_to_decision']

_ROUNDING = 1e-6  # steps


def check_control_rate(navigation: NavigationConfig, sim: SimConfig) -> None:
    """
    See to it that commands can be sent at the control rate, before the drives that need it.

    :raises ConfigError: the time between two commands is no whole multiple of the tick.
    """
    between = 1.0 / navigation.control_rate
    ticks = round(between / sim.tick)
    if ticks < 1 or abs(ticks * sim.tick - between) > 1e-6:
        raise ConfigError(
            f'navigation.control_rate = {navigation.control_rate:g}: in a simulator it must be '
            f'1 / sim.tick = {1.0 / sim.tick:g} Hz or a whole part of that')


def steps_to_decision(time: float, period: float, step: float) -> int:
    """
    Return how many steps, at least 1, a drive that is `time` old has to its next decision.

    Decisions fall on the first step at or after each multiple of `period`, so that they are one
    period apart on average also where that is no whole number of steps. All in seconds.

    >>> [steps_to_decision(time, 0.25, 0.04) for time in (0.0, 0.28, 0.52, 0.76)]
    [7, 6, 6, 6]
    """
    done, whole = round(time / step), period / step
    due = math.floor((done + _ROUNDING) / whole) + 1
    return max(math.ceil(due * whole - _ROUNDING) - done, 1)


def falls_due(done: int, rate: float, step: float) -> bool:
    """
    Return whether something done at a rate (Hz) is to be done after so many steps (s).

    It is done after the first step at or after each multiple of its period, so that the rate is
    kept on average also where the period is no whole number of steps; beyond the rate of the
    steps it is done after each.

    >>> [done for done in range(12) if falls_due(done, 15.0, 0.02)]
    [0, 4, 7, 10]
    """
    share = rate * step
    return math.floor(done * share + _ROUNDING) > math.floor((done - 1) * share + _ROUNDING)


def drive_period(
    sim: Simulator, navigator: Navigator, monitor: EpisodeMonitor, *,
    on_tick: Callable[[Simulator], None] | None = None,
) -> Glimpse | None:
    """
    Drive the navigator's commands until the next decision, or until the episode ends.

    Return what was seen half way; None where the episode ended before.
    """
    config = navigator.config
    tick = 1.0 / config.control_rate
    ticks = steps_to_decision(sim.time, config.decision_period, tick)
    midway: Glimpse | None = None
    for done in range(ticks):
        if 0 < done == ticks // 2:
            midway = sim.scan(), sim.odometry()
        sim.step(navigator.command(sim.odometry(), sim.time), tick)
        if on_tick is not None:
            on_tick(sim)
        if monitor.update(sim) is not Outcome.RUNNING:
            break
    return midway
