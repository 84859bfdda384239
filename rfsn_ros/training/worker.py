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
What one process needs to drive episodes, and the jobs it is handed.

A job names everything its result depends on, so results are the same on one core or on many.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

from rfsn_ros.bandit import BanditConfig, DecisionRecord, LoggedRound, RewardRecord
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.identification import Identification
from rfsn_ros.navigation.navigator import Navigator
from rfsn_ros.navigation.policies import BanditPolicy, Policy
from rfsn_ros.navigation.registry import bandit_config, make_policy
from rfsn_ros.sim import DisturbancesConfig, make_simulator, SimConfig, World
from rfsn_ros.sim.simulator import Simulator
from rfsn_ros.training.episode import Experience, run_episode
from rfsn_ros.training.results import EpisodeResult

__all__ = [
    'Drive', 'DriveOutcome', 'Policies', 'Setting', 'logged_round', 'run_drive', 'set_up',
]


@dataclass(frozen=True, slots=True)
class Setting:
    """What all drives of a run share; `shift` is what shifted drives are disturbed by."""

    navigation: NavigationConfig
    sim: SimConfig
    bandit: BanditConfig | None
    worlds: tuple[World, ...]
    shift: DisturbancesConfig | None = None

    def policy(self, name: str, checkpoint: str | None, *, seed: int) -> Policy:
        """
        Return a policy that begins with `seed`; the learner's settings do not follow from it.

        :raises ConfigError: no policy has this name.
        :raises CheckpointError: the checkpoint cannot be loaded.
        """
        policy = make_policy(
            name, self.navigation, seed=seed, checkpoint=checkpoint,
            bandit=self.bandit or bandit_config(self.navigation))
        if isinstance(policy, BanditPolicy):
            policy.bandit.reseed(seed)
        return policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """
    One episode: `policy` by name in `worlds[world]`.

    The learner starts from the state `model` (`state_bytes`), or else as `checkpoint` has it;
    `identification` is what earlier drives found out about the robot. `session` begins the ids
    of the decisions. With `keep` the experience is returned. `shifted` drives are disturbed by
    the setting's `shift`.
    """

    number: int
    policy: str
    world: int
    seed: int
    session: str = 'drive'
    model: bytes | None = None
    checkpoint: str | None = None
    identification: Identification | None = None
    learn: bool = False
    keep: bool = False
    shifted: bool = False


@dataclass(frozen=True, slots=True)
class DriveOutcome:
    """What a drive gave back."""

    drive: Drive
    result: EpisodeResult
    rounds: tuple[LoggedRound, ...]
    identification: Identification


class Policies:
    """
    The policies of a setting, by name and checkpoint: a learner is opened once.

    Handed to another process they are as they were opened, whatever became of the files since.
    """

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self._learners: dict[tuple[str, str | None], tuple[BanditPolicy, bytes]] = {}

    def policy(
        self, name: str, checkpoint: str | None, *, seed: int, model: bytes | None = None,
    ) -> Policy:
        """
        Return a policy that begins with `seed`, a learner from `model` or as it was opened.

        The same learner is returned again, so one that was returned before changes too.

        :raises ConfigError: no policy has this name.
        :raises CheckpointError: the checkpoint cannot be loaded.
        """
        key = (name, checkpoint)
        if key not in self._learners:
            made = self.setting.policy(name, checkpoint, seed=seed)
            if not isinstance(made, BanditPolicy):
                # Baselines are cheap and carry a generator: made anew, they start from the seed.
                return made
            self._learners[key] = made, made.bandit.state_bytes()
        policy, opened = self._learners[key]
        policy.bandit.load_bytes(opened if model is None else model)
        policy.bandit.reseed(seed)
        return policy


class _Process:
    """Simulators and policies of this process, made once."""

    def __init__(self, policies: Policies) -> None:
        self.setting = policies.setting
        self.policies = policies
        self._sims: dict[bool, Simulator] = {}

    def sim(self, *, shifted: bool) -> Simulator:
        """Return the simulator, as configured or shifted."""
        if shifted not in self._sims:
            config, shift = self.setting.sim, self.setting.shift
            if shifted and shift is not None:
                config = config.replace(disturbances=shift)
            self._sims[shifted] = make_simulator(config)
        return self._sims[shifted]


_process: _Process | None = None


def set_up(policies: Policies) -> None:
    """Make this process ready for `run_drive` in the setting of `policies`."""
    global _process
    _process = _Process(policies)


def run_drive(drive: Drive) -> DriveOutcome:
    """Drive one episode in this process."""
    assert _process is not None, 'set_up comes first'
    setting = _process.setting
    policy = _process.policies.policy(
        drive.policy, drive.checkpoint, seed=drive.seed + 1, model=drive.model)
    navigator = Navigator(
        setting.navigation, policy, session=f'{drive.session}-{drive.number}')
    if drive.identification is not None:
        # Every drive of a batch starts from the same knowledge, in this process as in another.
        navigator.identification = copy.deepcopy(drive.identification)
    rounds: list[LoggedRound] = []
    episode = f'{drive.session}-{drive.number}'

    def keep(experience: Experience) -> None:
        rounds.append(logged_round(experience, episode=episode))

    result = run_episode(
        _process.sim(shifted=drive.shifted), navigator, setting.worlds[drive.world],
        number=drive.number, seed=drive.seed, learn=drive.learn,
        on_experience=keep if drive.keep else None)
    # The sender has the model already.
    return DriveOutcome(
        replace(drive, model=None, identification=None), result, tuple(rounds),
        navigator.identification)


def logged_round(experience: Experience, *, episode: str) -> LoggedRound:
    """Return a decision and its reward as the decision log has them."""
    decision, reward = experience.decision, experience.reward
    pose, goal = decision.percept.odometry.pose, decision.percept.observation.goal
    return LoggedRound(
        DecisionRecord(
            id=decision.id, stamp=decision.stamp, context=decision.context,
            actions=decision.actions, mask=decision.mask, pmf=decision.pmf,
            action=decision.action, probability=decision.probability, draw=decision.draw,
            examples=decision.examples,
            extra={
                'episode': episode, 'pose': [pose.x, pose.y, pose.yaw], 'goal': list(goal),
                'primitive': decision.primitive.name, 'executed': decision.executed,
                'override': decision.override,
            }),
        RewardRecord(
            id=decision.id, stamp=reward.stamp, reward=reward.total, terms=reward.terms,
            valid=reward.valid and decision.executed >= 0))
