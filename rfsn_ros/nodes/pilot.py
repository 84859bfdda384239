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
bandit_node without ROS: who decides, who learns, what is written down.

One thread owns it, because the bandit belongs to the thread that made it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
import math
from pathlib import Path
from typing import Any

from rfsn_ros.bandit import Choice, DecisionLog, invert_cdf, make_bandit, new_session
from rfsn_ros.bandit.base import BaseBandit
from rfsn_ros.bandit.container import checksum
from rfsn_ros.config import Mode, RFSNConfig
from rfsn_ros.errors import InputError, LogError
from rfsn_ros.navigation import (
    BanditPolicy,
    make_policy,
    NavDecision,
    Navigator,
    Observation,
    Odometry,
    Policy,
)
from rfsn_ros.navigation.observation import Glimpse
from rfsn_ros.navigation.policies import Drive, Situation
from rfsn_ros.nodes.inputs import Pair
from rfsn_ros.nodes.join import RewardJoin, Verdict

__all__ = ['Decided', 'Pilot']

_BEYOND, _FURTHER, _ROUNDER = 1.5, 0.3, 0.5
"""Odometry jumps where it moves more than this many times full speed, and metres or radians more.
"""


@dataclass(frozen=True, slots=True)
class Decided:
    """
    A decision with who did what.

    `requested` is the bandit's (or another policy's) choice, `driven` the primitive that is
    driven (-1 = none of this node's) and `driven_probability` its propensity. `learned` are the
    decisions whose rewards were learned since the decision before.
    """

    navigation: NavDecision
    episode: str
    requested: Choice
    driven: int
    driven_probability: float
    learned: tuple[str, ...]


class _Learner(BanditPolicy):
    """The bandit, of whose choices a share is drawn evenly from what is feasible."""

    def __init__(self, bandit: BaseBandit, share: float) -> None:
        super().__init__(bandit)
        self.share = share

    def choose(self, situation: Situation) -> Drive:
        """Draw from the mixture with the bandit's own draw; its pmf is what is logged."""
        drive = super().choose(situation)
        if not self.share:
            return drive
        choice, mask = drive.choice, situation.mask
        pmf = (1.0 - self.share) * choice.pmf + self.share * mask / mask.sum()
        action = invert_cdf(pmf.tolist(), choice.draw)
        return Drive(choice._replace(action=action, probability=float(pmf[action]), pmf=pmf))


class _Guided:
    """A baseline drives; what the bandit would have done in the same situation is noted."""

    learns = True

    def __init__(self, baseline: Policy, bandit: BaseBandit) -> None:
        self.name = f'apprentice of {baseline.name}'
        self._baseline = baseline
        self._bandit = bandit
        self.choice: Choice | None = None

    def choose(self, situation: Situation) -> Drive:
        """Let the baseline choose."""
        _, self.choice = self._bandit.select_action(
            situation.context, actions=situation.actions, mask=situation.mask)
        return self._baseline.choose(situation)

    def learn(self, *_: Any) -> None:
        """Leave learning to the pilot."""


class Pilot:
    """
    Decides with a policy, joins rewards to decisions, learns, logs.

    The mode and `explore` may be changed at any time. `session` begins all ids.
    """

    def __init__(self, config: RFSNConfig, *, session: str | None = None) -> None:
        self.config = config
        self.session = session or new_session()
        self.mode = config.driving.mode
        # The node saves (CheckpointServices), signed and when no reward waits; not the bandit.
        self.bandit = make_bandit(config.bandit.replace(save_frequency=0))
        seed = config.bandit.seed
        own = config.driving.policy
        self._learner: Policy = (
            _Learner(self.bandit, config.driving.exploration) if own == 'bandit'
            else make_policy(own, config.navigation, seed=seed))
        self._guided = _Guided(
            make_policy(config.driving.baseline, config.navigation, seed=seed), self.bandit)
        self.navigator = Navigator(config.navigation, self._learner, session=self.session)
        self.join: RewardJoin[Decided] = RewardJoin(window=config.driving.reward_window)
        self.log: DecisionLog | None = None
        self.log_problem = ''
        self.unlogged = 0
        if config.driving.decision_log:
            self.log = DecisionLog(
                Path(config.driving.decision_log), flush_every=config.driving.flush_every,
                fsync=config.driving.fsync)
        self.episode = ''
        self.goal: tuple[float, float] | None = None
        self.model_bytes = b''
        self.model_checksum = ''
        self._learned: list[str] = []
        self.refresh_model()
        self.decisions = 0
        self.overrides = 0
        self._in_episode = 0
        self._before: Odometry | None = None

    def explore(self, share: float) -> None:
        """Draw this share of the bandit's choices evenly from now on."""
        if isinstance(self._learner, _Learner):
            self._learner.share = share

    def refresh_model(self) -> None:
        """Make the live model the one that later decisions refer to."""
        self.model_bytes = self.bandit.state_bytes()
        self.model_checksum = checksum(self.model_bytes)
        self._learned.clear()

    def begin(
        self, episode: str, goal: tuple[float, float], *, driving: bool = False,
    ) -> None:
        """
        Begin a drive to a goal in the odom frame: empty memory.

        The robot is taken to be at rest, or still `driving` by the commands sent so far.
        """
        self.navigator.reset(driving=driving)
        self.episode = episode
        self.goal = goal
        self._in_episode = 0
        self._before = None

    def end(self) -> None:
        """Stand still until the next `begin`."""
        self.navigator.stop()
        self.goal = None

    def teleported(self, odometry: Odometry) -> bool:
        """Whether the robot cannot have come from where it last decided in this drive."""
        if self._before is None:
            return False
        before, robot = self._before, self.config.navigation.robot
        # Without a decision for longer than this it has been commanded zero.
        longest = self.config.driving.stale_after + 2.0 * self.config.navigation.decision_period
        time = _BEYOND * min(max(odometry.stamp - before.stamp, 0.0), longest)
        then, now = before.pose, odometry.pose
        return (
            math.hypot(now.x - then.x, now.y - then.y) > _FURTHER + time * robot.max_speed
            or abs(math.remainder(now.yaw - then.yaw, math.tau))
            > _ROUNDER + time * robot.max_turn_rate)

    def decide(self, pair: Pair, now: float, midway: Glimpse | None = None) -> Decided:
        """
        Choose at `now` (s) for a scan and its odometry; `navigator.command` follows the choice.

        `midway` comes from about half way since the decision before (`Observation`).

        `record` has to follow.

        :raises SensorError: they are not usable; nothing has changed.
        """
        assert self.goal is not None
        guided = self.mode is Mode.APPRENTICE
        self.navigator.policy = self._guided if guided else self._learner
        made = self.navigator.decide(
            Observation(pair.scan, pair.odometry, self.goal, midway), now)
        chosen = Choice(made.action, made.probability, made.pmf, made.draw, made.examples)
        requested = self._guided.choice if guided and self._guided.choice else chosen
        driven = -1 if self.mode is Mode.SHADOW else made.executed
        decided = Decided(
            made, self.episode, requested, driven,
            0.0 if driven < 0 else made.probability, tuple(self._learned))
        self._learned.clear()
        self.decisions += 1
        self._in_episode += 1
        self._before = pair.odometry
        self.overrides += made.override
        return decided

    def record(self, decided: Decided) -> None:
        """
        Write a decision down and let it wait for its reward.

        Follows `decide`, once the robot has its command: a disk may be slow.
        """
        made = decided.navigation
        chosen = Choice(made.action, made.probability, made.pmf, made.draw, made.examples)
        self._write(lambda log: log.decision(
            made.id, made.stamp, made.context, chosen, actions=made.actions, mask=made.mask,
            model=self.model_checksum, extra=self._extra(decided)))
        self.join.add(made.id, made.stamp, decided)

    def reward(
        self, decision_id: str, stamp: float, total: float, terms: Mapping[str, float], *,
        valid: bool,
    ) -> Verdict:
        """
        Take a reward; learn it where the mode says so.

        :raises InputError: a number is not finite or the total out of range; nothing was learned
            or logged, and the decision still waits for its reward.
        """
        self._check_reward(total, terms)
        verdict, decided = self.join.take(decision_id, stamp, valid=valid)
        driven = decided is not None and decided.driven >= 0
        if verdict in (Verdict.JOINED, Verdict.INVALID):
            self._write(lambda log: log.reward(
                decision_id, stamp, total, terms=terms, valid=driven))
        if decided is not None and driven and self._learns:
            made = decided.navigation
            self.bandit.update(
                made.context, decided.driven, total, probability=decided.driven_probability,
                actions=made.actions, mask=made.mask)
            self._learned.append(decision_id)
        return verdict

    def _check_reward(self, total: float, terms: Mapping[str, float]) -> None:
        limits = self.config.bandit
        if not limits.reward_min <= total <= limits.reward_max:
            raise InputError(
                f'reward = {total!r}: must be in [{limits.reward_min:g}, {limits.reward_max:g}]')
        for name, value in terms.items():
            if not math.isfinite(value):
                raise InputError(f'reward term {name} = {value!r}: must be finite')

    def _write(self, write: Callable[[DecisionLog], None]) -> None:
        """Log something; a full disk must not stop the robot, so it is only noted."""
        if self.log is None:
            return
        try:
            write(self.log)
        except LogError as error:
            self.log_problem = str(error)
            self.unlogged += 1
        else:
            self.log_problem = ''

    @property
    def _learns(self) -> bool:
        return self.config.driving.policy == 'bandit' and self.mode in (
            Mode.ONLINE, Mode.APPRENTICE)

    @property
    def waits(self) -> bool:
        """Whether rewards are due that the next decision should already know."""
        return len(self.join) > (
            self.config.navigation.reward.lag if self._in_episode else 0)

    def close(self) -> None:
        """Close the log and free the model."""
        self._write(lambda log: log.close())
        self.bandit.close()

    def _extra(self, decided: Decided) -> dict[str, Any]:
        made = decided.navigation
        pose = made.percept.odometry.pose
        return {
            'episode': decided.episode, 'mode': self.mode.value,
            'pose': [pose.x, pose.y, pose.yaw], 'goal': list(self.goal or ()),
            'primitive': made.primitive.name, 'executed': decided.driven,
            'override': made.override, 'requested': decided.requested.action,
            'requested_probability': decided.requested.probability,
        }
