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

"""How long a decision of the navigator takes, part by part, in drives that are simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import time
from typing import TypeVar

import numpy as np
from rfsn_ros.bandit.contract import BoolArray, FloatArray
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.navigator import Navigator
from rfsn_ros.navigation.observation import Observation
from rfsn_ros.navigation.policies import Drive, Policy, Situation
from rfsn_ros.navigation.registry import make_policy
from rfsn_ros.sim import make_simulator, parse_worlds, SimConfig
from rfsn_ros.sim.config import DISTURBANCES
from rfsn_ros.training.episode import run_episode

__all__ = ['PARTS', 'DecisionTiming', 'measure_decisions']

PARTS = ('situation', 'choose', 'learn', 'decision', 'rest')

_Result = TypeVar('_Result')


@dataclass(frozen=True, slots=True)
class DecisionTiming:
    """
    Processor time of one part of a decision [us]: median and 99th percentile over `count`.

    `disturbances` names what the drives were like. Of the `PARTS`, `situation` is perception,
    roll-outs and features, `decision` that and the choice, and `rest` what a training drive needs
    besides (simulator, rewards), on average per decision.
    """

    disturbances: str
    part: str
    median_us: float
    p99_us: float
    count: int


def measure_decisions(episodes: int = 10) -> list[DecisionTiming]:
    """Measure drives of the shipped learner with its usual disturbances and among moving discs."""
    return [timing for name in ('default', 'moving') for timing in _measure(name, episodes)]


def _measure(disturbances: str, episodes: int) -> list[DecisionTiming]:
    config = NavigationConfig()
    clock = _Clock()
    navigator = _TimedNavigator(config, make_policy('bandit', config, checkpoint='default'), clock)
    sim = make_simulator(SimConfig(disturbances=DISTURBANCES[disturbances]))
    rest = []
    worlds = parse_worlds(f'generated:0-{episodes - 1}')
    # the first drive loads what is compiled
    for number, world in enumerate([worlds[0], *worlds]):
        before = time.thread_time_ns()
        result = run_episode(sim, navigator, world, number=number, seed=number)
        taken = time.thread_time_ns() - before
        if number:
            rest.append((taken - clock.total) / result.decisions)
        else:
            clock.taken.clear()
        clock.total = 0
    taken_by = {**clock.taken, 'rest': rest}
    taken_by['decision'] = [
        sum(parts) for parts in zip(clock.taken['situation'], clock.taken['choose'], strict=True)]
    return [
        DecisionTiming(
            disturbances, part, float(np.median(taken_by[part])) / 1e3,
            float(np.percentile(taken_by[part], 99)) / 1e3, len(taken_by[part]))
        for part in PARTS]


class _Clock:
    """Processor time by part, ns; `total` is that of all parts since it was last set to 0."""

    def __init__(self) -> None:
        self.taken: dict[str, list[float]] = {}
        self.total = 0

    def timed(self, part: str, call: Callable[[], _Result]) -> _Result:
        """Return what a call returns."""
        before = time.thread_time_ns()
        result = call()
        taken = time.thread_time_ns() - before
        self.taken.setdefault(part, []).append(taken)
        self.total += taken
        return result


class _TimedPolicy:
    """Another policy, timed."""

    def __init__(self, policy: Policy, clock: _Clock) -> None:
        self.name, self.learns = policy.name, policy.learns
        self._policy, self._clock = policy, clock

    def choose(self, situation: Situation) -> Drive:
        return self._clock.timed('choose', lambda: self._policy.choose(situation))

    def learn(
        self, context: FloatArray, actions: FloatArray, mask: BoolArray, action: int,
        probability: float, reward: float,
    ) -> None:
        self._clock.timed('learn', lambda: self._policy.learn(
            context, actions, mask, action, probability, reward))


class _TimedNavigator(Navigator):
    """A navigator that times how it sees a situation and how its policy chooses and learns."""

    def __init__(self, config: NavigationConfig, policy: Policy, clock: _Clock) -> None:
        super().__init__(config, _TimedPolicy(policy, clock))
        self._clock = clock

    def situation(self, observation: Observation, now: float | None = None) -> Situation:
        return self._clock.timed('situation', lambda: super(_TimedNavigator, self).situation(
            observation, now))
