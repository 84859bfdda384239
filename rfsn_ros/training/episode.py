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

"""One drive to one goal: simulator, navigator and reward in one loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import math
import time

from rfsn_ros.errors import SensorError
from rfsn_ros.navigation.navigator import NavDecision, Navigator
from rfsn_ros.navigation.observation import Glimpse, Observation
from rfsn_ros.navigation.reward import Reward, RewardTracker
from rfsn_ros.sim.episode import EpisodeMonitor, Outcome
from rfsn_ros.sim.period import drive_period
from rfsn_ros.sim.simulator import Simulator
from rfsn_ros.sim.worlds import World
from rfsn_ros.training.results import EpisodeResult

__all__ = ['Experience', 'run_episode']


@dataclass(frozen=True, slots=True)
class Experience:
    """A decision with its reward, in the order in which rewards became final."""

    decision: NavDecision
    reward: Reward


def run_episode(
    sim: Simulator, navigator: Navigator, world: World, *, number: int, seed: int,
    learn: bool = True, on_decision: Callable[[NavDecision], None] | None = None,
    on_experience: Callable[[Experience], None] | None = None,
    on_tick: Callable[[Simulator], None] | None = None,
) -> EpisodeResult:
    """
    Drive from the world's start until the monitor says how it ended.

    :param seed: seed of the simulator's noise.
    :param learn: whether the navigator's policy learns each reward as it becomes final.
    :param on_decision: called with each decision before it is driven.
    :param on_experience: called with each decision whose reward has become final.
    :param on_tick: called after every control tick.
    """
    began = time.perf_counter()
    sim.reset(world, seed)
    navigator.reset()
    tracker = RewardTracker(navigator.config)
    monitor = EpisodeMonitor(world)
    goal = world.goal_from_start
    open_decisions: dict[str, NavDecision] = {}
    total, valid, decisions, overrides = 0.0, 0, 0, 0

    def settle(rewards: list[Reward]) -> None:
        nonlocal total, valid
        for reward in rewards:
            decision = open_decisions.pop(reward.decision_id)
            if reward.valid:
                total += reward.total
                valid += 1
                if learn:
                    navigator.learn(decision, reward.total)
            if on_experience is not None:
                on_experience(Experience(decision, reward))

    midway: Glimpse | None = None
    while monitor.outcome is Outcome.RUNNING:
        observation = Observation(sim.scan(), sim.odometry(), goal, midway)
        try:
            decision = navigator.decide(observation, sim.time)
        except SensorError:
            navigator.stop()
        else:
            decisions += 1
            overrides += decision.override
            # Rewards that this observation completes are learned after the choice, as in the
            # graph, where they arrive once reward_node has seen the same observation.
            open_decisions[decision.id] = decision
            settle(tracker.decision(decision.id, observation, percept=decision.percept))
            if on_decision is not None:
                on_decision(decision)
        midway = drive_period(sim, navigator, monitor, on_tick=on_tick)
    navigator.stop()
    last = Observation(sim.scan(), sim.odometry(), goal, midway)
    try:
        percept = navigator.perception.update(last)
    except SensorError:
        settle(tracker.finish(contact=sim.contact))
    else:
        settle(tracker.finish(percept=percept, contact=sim.contact))
    return EpisodeResult(
        number=number, world=world.name, seed=seed, outcome=monitor.outcome.value,
        time=monitor.time, optimal_time=monitor.optimal_time,
        straight_time=math.dist((world.start.x, world.start.y), world.goal)
        / navigator.config.robot.max_speed,
        path_length=monitor.path_length, score=monitor.score,
        min_clearance=monitor.min_clearance, mean_reward=total / valid if valid else 0.0,
        decisions=decisions, overrides=overrides, wall_time=time.perf_counter() - began)
