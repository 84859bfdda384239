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

"""Watches a navigation graph from outside: episodes with their rewards, as they happen."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
import math
from typing import Any

from rclpy.node import Node
from rfsn_ros.msg import Decision, Episode, Reward
from rfsn_ros.nodes import convert, qos
from rfsn_ros.nodes.episodes import outcome_of
from rfsn_ros.training.results import EpisodeResult

__all__ = ['EpisodeObserver', 'Progress']


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a graph stands: simulated and wall seconds of the episodes that have ended."""

    simulated: float = 0.0
    wall: float = 0.0

    @property
    def real_time_factor(self) -> float:
        """Return simulated over wall time so far; NaN before the first episode has ended."""
        return self.simulated / self.wall if self.wall > 0.0 else math.nan


@dataclass(slots=True)
class _Running:
    """What is known of one episode before its rewards are complete."""

    begun: float
    decisions: int = 0
    overrides: int = 0
    rewards: float = 0.0
    valid: int = 0


class EpisodeObserver:
    """
    Builds one `EpisodeResult` per ended episode of the graph in `namespace`.

    `max_speed` (m/s) is what the straight-line time counts with. `results` grow by one when an
    episode ends; rewards that come after that are still added to it.
    """

    def __init__(
        self, node: Node, namespace: str, *, max_speed: float,
        on_result: Callable[[EpisodeResult], None] | None = None,
    ) -> None:
        prefix = f'/{namespace}' if namespace else ''
        self._max_speed = max_speed
        self._on_result = on_result
        self._running: dict[str, _Running] = {}
        self._episode_of: OrderedDict[str, str] = OrderedDict()
        self._ended: dict[str, EpisodeResult] = {}
        self.progress = Progress()
        self._topics: list[Any] = [
            node.create_subscription(Episode, f'{prefix}/episode', self._on_episode, qos.EPISODES),
            node.create_subscription(
                Decision, f'{prefix}/decision', self._on_decision, qos.EVENTS),
            node.create_subscription(Reward, f'{prefix}/reward', self._on_reward, qos.EVENTS),
        ]

    @property
    def results(self) -> list[EpisodeResult]:
        """Return the ended episodes in order."""
        return [self._complete(name, result) for name, result in self._ended.items()]

    def _on_decision(self, message: Decision) -> None:
        self._episode_of[message.id] = message.episode
        while len(self._episode_of) > 10_000:
            self._episode_of.popitem(last=False)
        running = self._running.setdefault(
            message.episode, _Running(convert.seconds(message.header.stamp)))
        running.decisions += 1
        running.overrides += sum(message.feasible) <= 1

    def _on_reward(self, message: Reward) -> None:
        running = self._running.get(self._episode_of.get(message.decision_id, ''))
        if running is not None and message.valid:
            running.rewards += message.total
            running.valid += 1

    def _on_episode(self, message: Episode) -> None:
        stamp = convert.seconds(message.header.stamp)
        if message.outcome == Episode.RUNNING:
            self._running.setdefault(message.id, _Running(stamp)).begun = stamp
            return
        if message.id in self._ended:
            return
        running = self._running.setdefault(message.id, _Running(stamp))
        result = EpisodeResult(
            number=message.number, world=message.world, seed=message.seed,
            outcome=outcome_of(message).value, time=message.time,
            optimal_time=message.optimal_time,
            straight_time=math.hypot(message.goal.x, message.goal.y) / self._max_speed,
            path_length=message.path_length, score=message.score,
            min_clearance=message.min_clearance, mean_reward=0.0, decisions=0,
            wall_time=message.wall_time)
        self._ended[message.id] = result
        self.progress = Progress(
            self.progress.simulated + max(0.0, stamp - running.begun),
            self.progress.wall + message.wall_time)
        if self._on_result is not None:
            self._on_result(self._complete(message.id, result))

    def _complete(self, name: str, result: EpisodeResult) -> EpisodeResult:
        running = self._running[name]
        return replace(
            result, decisions=running.decisions, overrides=running.overrides,
            mean_reward=running.rewards / running.valid if running.valid else 0.0)
