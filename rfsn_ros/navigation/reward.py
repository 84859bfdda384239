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

"""
The reward of a decision, from the same scans and odometry that the decisions are made from.

    progress / best possible progress * weight, more where something moves (`progress_share`)
    + cosine between the heading reached and the way down the cost-to-go * weight
    + how much of the way ahead came into view * weight
    - idle, times the share of the window's possible motion that was not used
    - near, where the footprint came nearer than near_distance, times the share of full speed
    - contact, shared with the decisions before it

Every term is measured between a decision and the end of its window of `span` decisions, so that
the latency between a command and its effect does not credit the wrong one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
import math

from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.observation import Observation
from rfsn_ros.navigation.perception import Percept, Perception
from rfsn_ros.navigation.progress import progress_share
from rfsn_ros.navigation.sight import sight_gain

__all__ = ['REWARD_TERMS', 'Reward', 'RewardTracker']

REWARD_TERMS = ('progress', 'alignment', 'sight', 'idle', 'near', 'contact')
_LIVELY = 0.1  # share of full speed below which the robot counts as idle


@dataclass(frozen=True, slots=True)
class Reward:
    """
    Reward of one decision; `terms` sum to the total before clipping.

    `duration` is the time from the decision to its outcome, seconds; `valid` is false where it
    must not be learned, `reason` then says why.
    """

    decision_id: str
    stamp: float
    total: float
    terms: dict[str, float]
    valid: bool = True
    reason: str = ''
    duration: float = 0.0
    final: bool = False


@dataclass(slots=True)
class _Open:
    """A decision whose reward is not final yet."""

    decision_id: str
    percept: Percept
    age: int = 0
    terms: dict[str, float] = field(default_factory=dict)
    after: Percept | None = None


class RewardTracker:
    """
    Turns the stream of decisions and observations into rewards.

    Without `percept` arguments the tracker perceives for itself (as reward_node does). The same
    observations then give nearly the same rewards: it looks distances up within 3 m, a navigator
    as far as it may come (differences up to .002 were seen). Where something moves they may
    differ more: without the scans between observations it is followed later.
    """

    def __init__(self, config: NavigationConfig) -> None:
        self.config = config
        self.perception = Perception(config)
        self._radius = 0.5 * math.hypot(config.robot.length, config.robot.width)
        self._open: deque[_Open] = deque()

    def reset(self) -> None:
        """Begin a new drive; decisions still open are dropped without a reward."""
        self.perception.reset()
        self._open.clear()

    def decision(
        self, decision_id: str, observation: Observation, *, percept: Percept | None = None,
        contact: bool = False,
    ) -> list[Reward]:
        """
        Note a decision made on an observation; return the rewards that are final by now.

        :raises SensorError: the observation is not usable; nothing has changed.
        """
        percept = percept or self.perception.update(observation)
        ready = self._advance(percept, contact)
        self._open.append(_Open(decision_id, percept))
        return ready

    def finish(
        self, observation: Observation | None = None, *, percept: Percept | None = None,
        contact: bool = False,
    ) -> list[Reward]:
        """
        End the drive; return the rewards of all open decisions.

        Without a last observation the decisions that saw no outcome are returned as not valid.
        """
        if observation is not None or percept is not None:
            if percept is None and observation is not None:
                percept = self.perception.update(observation)
            assert percept is not None
            self._advance_terms(percept, contact)
        rewards = [self._close(entry) for entry in self._open]
        self._open.clear()
        if rewards:
            last = rewards[-1]
            rewards[-1] = Reward(
                last.decision_id, last.stamp, last.total, last.terms, last.valid, last.reason,
                last.duration, final=True)
        return rewards

    def _advance(self, percept: Percept, contact: bool) -> list[Reward]:
        self._advance_terms(percept, contact)
        ready = []
        while self._open and self._open[0].age >= self.config.reward.lag:
            ready.append(self._close(self._open.popleft()))
        return ready

    def _advance_terms(self, percept: Percept, contact: bool) -> None:
        settings = self.config.reward
        touched = contact or percept.clearance <= settings.contact_distance
        newest = len(self._open) - 1
        for position, entry in enumerate(self._open):
            entry.age += 1
            if entry.age <= settings.span:
                entry.after = percept
            if percept.clearance < settings.near_distance and entry.age <= settings.span:
                speed = abs(percept.odometry.twist.v) / self.config.robot.max_speed
                entry.terms['near'] = min(
                    entry.terms.get('near', 0.0), -settings.near * min(speed, 1.0))
            back = newest - position
            if touched and back <= settings.reach_back:
                blame = -settings.contact * settings.decay**back
                entry.terms['contact'] = min(entry.terms.get('contact', 0.0), blame)

    def _motion_terms(self, before: Percept, after: Percept) -> dict[str, float]:
        settings, robot = self.config.reward, self.config.robot
        elapsed = max(after.odometry.stamp - before.odometry.stamp, 1e-3)
        then = before.odometry.pose
        gained = after.value_at(then.x, then.y) - after.value
        most = robot.max_speed * elapsed
        progress = progress_share(gained, most, most, len(before.discs) > 0)
        alignment = after.alignment_at(after.odometry.pose)
        # the turn counts as the way of the footprint's corner
        pose = after.odometry.pose
        swept = math.hypot(pose.x - then.x, pose.y - then.y) + self._radius * abs(
            math.remainder(pose.yaw - then.yaw, 2.0 * math.pi))
        idle = 1.0 - min(swept / (_LIVELY * robot.max_speed * elapsed), 1.0)
        lane = before.lane
        sight = float(sight_gain(lane, after.seen_by_now(lane)))
        return {
            'progress': settings.progress * progress, 'alignment': settings.alignment * alignment,
            'sight': settings.sight * sight, 'idle': -settings.idle * idle}

    def _close(self, entry: _Open) -> Reward:
        settings = self.config.reward
        stamp = entry.percept.odometry.stamp
        if entry.after is None:
            return Reward(
                entry.decision_id, stamp, 0.0, dict.fromkeys(REWARD_TERMS, 0.0), valid=False,
                reason='no outcome was seen')
        found = entry.terms | self._motion_terms(entry.percept, entry.after)
        terms = {name: found.get(name, 0.0) for name in REWARD_TERMS}
        end = entry.after.odometry.stamp
        total = min(max(math.fsum(terms.values()), settings.lowest), settings.highest)
        return Reward(
            entry.decision_id, end, total, terms, duration=max(end - stamp, 0.0))
