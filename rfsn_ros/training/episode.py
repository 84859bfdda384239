"""One drive to one goal in one process: simulator, navigator, rewards, ground truth."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from rfsn_ros.navigation.navigator import NavDecision, Navigator
from rfsn_ros.navigation.observation import Observation
from rfsn_ros.navigation.reward import Reward, RewardTracker
from rfsn_ros.sim.episode import EpisodeMonitor, Outcome
from rfsn_ros.sim.simulator import Simulator
from rfsn_ros.sim.worlds import World
from rfsn_ros.training.results import EpisodeResult

__all__ = ['OnReward', 'OnStep', 'run_episode']

OnReward = Callable[[NavDecision, Reward], None]
OnStep = Callable[[Simulator, NavDecision], None]


def run_episode(
    sim: Simulator, navigator: Navigator, world: World, seed: int, *, number: int = 0,
    on_reward: OnReward | None = None, on_step: OnStep | None = None,
) -> EpisodeResult:
    """Drive from start to goal; every reward goes to `on_reward` or else to the policy.

    `on_step` is called after every decision, before it is driven (for pictures).
    """
    begun = time.perf_counter()
    config = navigator.config
    tracker = RewardTracker(config)
    learn: OnReward = on_reward or (
        lambda decision, reward: navigator.learn(decision, reward.total))
    sim.reset(world, seed)
    navigator.reset()
    tracker.reset()
    monitor = EpisodeMonitor(world)
    goal = world.goal_from_start
    period = 1.0 / config.control_rate
    ticks = max(1, round(config.decision_period * config.control_rate))
    waiting: dict[str, NavDecision] = {}
    totals: list[float] = []
    overrides = 0

    def hand_out(rewards: list[Reward]) -> None:
        for reward in rewards:
            decision = waiting.pop(reward.decision_id)
            if reward.valid:
                totals.append(reward.total)
                learn(decision, reward)

    while monitor.outcome is Outcome.RUNNING:
        observation = Observation(sim.scan(), sim.odometry(), goal)
        decision = navigator.decide(observation)
        overrides += decision.override
        hand_out(tracker.decision(decision.id, observation, percept=decision.percept))
        waiting[decision.id] = decision
        if on_step is not None:
            on_step(sim, decision)
        for _ in range(ticks):
            sim.step(navigator.command(sim.odometry(), sim.time), period)
            if monitor.update(sim) is not Outcome.RUNNING:
                break
    observation = Observation(sim.scan(), sim.odometry(), goal)
    hand_out(tracker.finish(
        percept=navigator.perception.update(observation),
        contact=monitor.outcome is Outcome.COLLISION))
    return EpisodeResult(
        number=number, world=world.name, seed=seed, outcome=monitor.outcome.value,
        time=monitor.time, optimal_time=monitor.optimal_time,
        straight_time=math.hypot(*goal) / config.robot.max_speed, path_length=monitor.path_length,
        score=monitor.score, min_clearance=monitor.min_clearance,
        mean_reward=sum(totals) / len(totals) if totals else 0.0, decisions=len(totals),
        overrides=overrides, wall_time=time.perf_counter() - begun)
