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

"""Recompute what a bag of this package says: every probability, draw and reward."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from rfsn_ros.bandit import ContextualBandit, invert_cdf
from rfsn_ros.bandit.container import checksum
from rfsn_ros.errors import BagError, InputError, SensorError
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.observation import LaserScan, Observation
from rfsn_ros.navigation.reward import Reward, RewardTracker
from rfsn_ros.replay.decided import drives_of, recorded_driver, recorded_settings
from rfsn_ros.replay.models import bandit_of
from rfsn_ros.replay.recording import Recording

__all__ = ['Verification', 'verify']

_EXACT = 1e-9
_SHOWN = 10


@dataclass(slots=True)
class Verification:
    """What was recomputed and what did not match; `ok` is the answer for scripts."""

    decisions: int = 0
    draws: int = 0
    probabilities: int = 0
    generator: int = 0
    rewards: int = 0
    rewards_without_data: int = 0
    mismatches: int = 0
    largest_difference: float = 0.0
    lines: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether something was recomputed and all of it matched."""
        return self.mismatches == 0 and self.draws > 0

    def wrong(self, line: str) -> None:
        """Note a mismatch; the first ten are kept in words."""
        self.mismatches += 1
        if len(self.lines) < _SHOWN:
            self.lines.append(line)

    def summary(self) -> str:
        """Return the result in one line."""
        verdict = 'verified' if self.ok else 'NOT VERIFIED'
        return (f'{verdict}: {self.decisions} decisions, {self.probabilities} distributions and '
                f'{self.generator} draws recomputed by the model, {self.rewards} rewards from '
                f'scans ({self.rewards_without_data} lack them), {self.mismatches} mismatches')


def verify(recording: Recording, *, model: bytes | None = None) -> Verification:
    """
    Recompute a bag of this package.

    Every draw must follow from its distribution; every distribution and draw from the model (the
    one in the bag, or `model`) as it learns what the bag says was learned; every reward from the
    scans and odometry.

    :raises BagError: the bag has no decisions, or no model and none was given.
    """
    if not recording.own:
        raise BagError(f'{recording.name}: holds no decisions to verify')
    states = {info.checksum: bytes(info.model) for info in recording.models if len(info.model)}
    if model is not None:
        states = dict.fromkeys(states, model) | {'': model}
    if not states:
        raise BagError(f'{recording.name}: holds no model (ModelInfo) and no checkpoint was given')
    result = Verification(decisions=len(recording.decisions))
    for name, state in states.items():
        if model is None and checksum(state) != name:
            result.wrong(f'model {name[:12]}: its content does not have this checksum')
    _check_draws(recording.decisions, result)
    # A wrong reward spoils what was learned from it: the cause is named before its effects.
    _check_rewards(recording, result)
    driver = recorded_driver(recording)
    if driver != 'bandit':
        result.lines.append(f'driven by {driver}: its probabilities are not those of a model')
    else:
        _check_model(recording, states, result)
    return result


def _check_draws(decisions: Sequence[Any], result: Verification) -> None:
    for decision in decisions:
        pmf, asked = np.asarray(decision.pmf), int(decision.requested)
        result.draws += 1
        if not len(pmf) or not np.all(np.isfinite(pmf)) or abs(pmf.sum() - 1.0) > 1e-6:
            result.wrong(f'{decision.id}: the probabilities do not sum to 1')
        elif np.any(pmf[~np.asarray(decision.feasible, dtype=np.bool_)] > 0.0):
            result.wrong(f'{decision.id}: something not feasible has a probability')
        elif asked >= len(pmf) or abs(pmf[asked] - decision.probability) > _EXACT:
            result.wrong(f'{decision.id}: probability {decision.probability:g} is not that of '
                         f'primitive {asked}')
        elif invert_cdf(pmf.tolist(), float(decision.draw)) != asked:
            result.wrong(f'{decision.id}: draw {decision.draw:g} does not give primitive {asked}')
        elif not _driven_as_said(decision):
            result.wrong(f'{decision.id}: primitive {decision.executed} was driven with '
                         f'probability {decision.executed_probability:g}, which does not go with '
                         f'primitive {asked} requested in mode {decision.mode}')


def _driven_as_said(decision: Any) -> bool:
    """Return whether what was driven follows from what was requested, as far as the mode says."""
    driven, probability = int(decision.executed), float(decision.executed_probability)
    requested, its_own = int(decision.requested), float(decision.probability)
    if driven == decision.NOT_EXECUTED:
        return probability == 0.0
    if decision.mode in (decision.MODE_ONLINE, decision.MODE_FROZEN):
        return driven == requested and abs(probability - its_own) <= _EXACT
    guided = bool(decision.mode == decision.MODE_APPRENTICE)
    return guided and 0 <= driven < len(decision.pmf) and 0.0 <= probability <= 1.0


def _check_model(
    recording: Recording, states: Mapping[str, bytes], result: Verification,
) -> None:
    rewards = {reward.decision_id: reward for reward in recording.rewards}
    by_id = {decision.id: decision for decision in recording.decisions}
    bandit: Any = None
    live, number, drawing = '', 0, True
    for decision in recording.decisions:
        before, number = number, int(decision.id.rpartition('-')[2])
        # The generator can be followed only where no draw is missing.
        drawing = drawing and number == before + 1
        if bandit is None or decision.model_checksum != live:
            if bandit is not None:
                bandit.close()
            live = decision.model_checksum
            state = states.get(live, states.get(''))
            if state is None:
                result.wrong(f'{decision.id}: its model {live[:12]} is not in the bag')
                return
            bandit, drawing = bandit_of(state), number == before + 1
        for name in decision.learned:
            if name not in by_id or name not in rewards:
                result.wrong(f'{decision.id}: learned from {name}, which is not in the bag')
                return
            try:
                _learn(bandit, by_id[name], rewards[name])
            except (InputError, ValueError) as error:
                result.wrong(f'{decision.id}: what {name} did cannot be learned ({error})')
                return
        _check_choice(bandit, decision, result, drawing)
    bandit.close()


def _learn(bandit: ContextualBandit, decision: Any, reward: Any) -> None:
    count = len(decision.pmf)
    bandit.update(
        np.asarray(decision.context), int(decision.executed), float(reward.total),
        probability=float(decision.executed_probability),
        actions=np.reshape(decision.action_features, (count, -1)),
        mask=np.asarray(decision.feasible, dtype=np.bool_))


def _check_choice(bandit: Any, decision: Any, result: Verification, drawing: bool) -> None:
    count = len(decision.pmf)
    try:
        action, choice = bandit.select_action(
            np.asarray(decision.context),
            actions=np.reshape(decision.action_features, (count, -1)),
            mask=np.asarray(decision.feasible, dtype=np.bool_))
    except (InputError, ValueError) as error:
        result.wrong(f'{decision.id}: the model cannot use it ({error})')
        return
    difference = float(np.abs(choice.pmf - np.asarray(decision.pmf)).max())
    result.largest_difference = max(result.largest_difference, difference)
    result.probabilities += 1
    if bandit.example_count != decision.example_count:
        result.wrong(f'{decision.id}: {decision.example_count} rewards learned according to the '
                     f'bag, {bandit.example_count} when recomputed')
    elif difference > _EXACT:
        result.wrong(f'{decision.id}: probabilities differ by up to {difference:g}')
    elif drawing:
        result.generator += 1
        if choice.draw != decision.draw or action != decision.requested:
            result.wrong(f'{decision.id}: draw {decision.draw:g} and primitive '
                         f'{decision.requested} according to the bag, {choice.draw:g} and '
                         f'{action} when recomputed')


def _check_rewards(recording: Recording, result: Verification) -> None:
    config = recorded_settings(recording)
    said = {reward.decision_id: reward for reward in recording.rewards}
    found = {} if config is None else _recomputed(recording, config, said)
    for name, reward in said.items():
        if not reward.valid:
            continue
        again = found.get(name)
        if again is None:
            result.rewards_without_data += 1
            continue
        result.rewards += 1
        if abs(again.total - reward.total) > 1e-6:
            result.wrong(f'{name}: reward {reward.total:.6g} according to the bag, '
                         f'{again.total:.6g} when recomputed from its scans')


def _recomputed(
    recording: Recording, config: NavigationConfig, said: Mapping[str, Any],
) -> dict[str, Reward]:
    """Return the rewards that follow from the scans and odometry in the bag."""
    scans = {_key(scan.stamp): scan for scan in recording.scans}
    track = {_key(float(stamp)): recording.odometry.number(row)
             for row, stamp in enumerate(recording.odometry.stamp)}
    collided = {episode.id for episode in recording.episodes
                if episode.outcome == episode.COLLISION}
    tracker, found = RewardTracker(config), dict[str, Reward]()

    def take(rewards: list[Reward]) -> None:
        found.update((one.decision_id, one) for one in rewards)

    for decisions in _drives(recording.decisions):
        tracker.reset()
        for decision in decisions:
            goal = float(decision.goal.x), float(decision.goal.y)
            scan = scans.get(_of_message(decision.scan_stamp))
            odometry = track.get(_of_message(decision.odom_stamp))
            # A scan that is not in the bag leaves a hole in the memory of what was seen.
            if scan is None or odometry is None:
                break
            try:
                take(tracker.decision(decision.id, Observation(scan, odometry, goal)))
            except SensorError:
                continue
            reward = said.get(decision.id)
            if reward is not None and reward.final:
                end = track.get(_of_message(reward.header.stamp))
                last = None if end is None or end.stamp <= odometry.stamp else Observation(
                    scans.get(_key(end.stamp)) or _nearest(recording.scans, end.stamp), end, goal)
                take(tracker.finish(last, contact=decision.episode in collided))
    return found


def _drives(decisions: Sequence[Any]) -> Iterator[list[Any]]:
    numbers = drives_of(decisions)
    for number in np.unique(numbers):
        yield [decisions[row] for row in np.flatnonzero(numbers == number).tolist()]


def _nearest(scans: Sequence[LaserScan], time: float) -> LaserScan:
    return min(scans, key=lambda scan: abs(scan.stamp - time))


def _of_message(stamp: Any) -> int:
    return _key(float(stamp.sec) + 1e-9 * float(stamp.nanosec))


def _key(seconds: float) -> int:
    """Return a stamp in microseconds, which survive the way through floating point."""
    return round(seconds * 1e6)
