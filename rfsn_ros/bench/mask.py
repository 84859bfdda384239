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

"""What random drivers show of the mask: what they touch, and whether its claim holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.navigator import NavDecision, Navigator
from rfsn_ros.navigation.registry import make_policy
from rfsn_ros.navigation.rollout import OUTCOMES
from rfsn_ros.sim import make_simulator, parse_worlds, SimConfig
from rfsn_ros.sim.config import Engine
from rfsn_ros.sim.simulator import Simulator
from rfsn_ros.training.episode import run_episode
from rfsn_ros.training.parallel import Workers

__all__ = ['MaskTrial', 'measure_mask']

_WORLDS = 'generated:100-199'
_FIRST_SEED, _NEXT_SEEDS = 5000, 1000
_BRAKING = OUTCOMES.index('braking_clearance')


@dataclass(frozen=True, slots=True)
class MaskTrial:
    """
    Drives with uniform choice in one simulator, or in one of its worlds.

    `decisions` are those that the mask found feasible and that another followed. After `short` of
    them stopping kept less than half of the margin, after `broken` none.
    """

    simulator: str
    drives: int
    contacts: int
    decisions: int
    short: int
    broken: int


def measure_mask(
    drives: int, *, workers: int = 1, report: Callable[[], None] = lambda: None,
) -> list[MaskTrial]:
    """
    Drive at random in each simulator, with the usual disturbances; `report` follows each drive.

    Each hundred drives goes through the same worlds with seeds of its own.
    """
    jobs = [(engine, number) for engine in Engine for number in range(drives)]
    trials: dict[str, list[MaskTrial]] = {engine.value: [] for engine in Engine}
    with Workers(min(workers, len(jobs)), _set_up) as pool:
        for trial in pool.map(_drive, jobs):
            trials[trial.simulator].append(trial)
            report()
    return [
        MaskTrial(name, *(sum(getattr(one, field) for one in found) for field in (
            'drives', 'contacts', 'decisions', 'short', 'broken')))
        for name, found in trials.items()]


_sims: dict[Engine, Simulator] = {}


def _set_up() -> None:
    """Make the simulators of this process."""
    _sims.update((engine, make_simulator(SimConfig(engine=engine))) for engine in Engine)


def _drive(job: tuple[Engine, int]) -> MaskTrial:
    engine, number = job
    config = NavigationConfig()
    worlds = parse_worlds(_WORLDS)
    turn, world = divmod(number, len(worlds))
    seed = _FIRST_SEED + _NEXT_SEEDS * turn + world
    made: list[NavDecision] = []
    result = run_episode(
        _sims[engine], Navigator(config, make_policy('random', config, seed=seed + 1)),
        worlds[world], number=number, seed=seed, learn=False, on_decision=made.append)
    margin = config.safety.margin
    kept = [
        after.outcomes[0, _BRAKING] for before, after in pairwise(made)
        if before.outcomes[before.action, _BRAKING] >= margin
        and not len(before.percept.discs) and not len(after.percept.discs)]
    return MaskTrial(
        engine.value, 1, int(result.collision), len(kept),
        sum(bool(clearance < 0.5 * margin) for clearance in kept),
        sum(bool(clearance < 0.0) for clearance in kept))
