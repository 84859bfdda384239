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
import math
from typing import Any

import numpy as np
from rfsn_ros.bandit import invert_cdf
from rfsn_ros.bandit.container import checksum
from rfsn_ros.errors import BagError, SensorError
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.observation import LaserScan, Observation
from rfsn_ros.navigation.reward import Reward, RewardTracker
from rfsn_ros.replay.decided import (
    drives_of,
    recorded_driver,
    recorded_exploration,
    recorded_settings,
)
from rfsn_ros.replay.digest import whole
from rfsn_ros.replay.follow import EXACT, follow, KnownModel
from rfsn_ros.replay.messages import flaw_of, numbered
from rfsn_ros.replay.recording import Recording
from rfsn_ros.replay.verification import Verification

__all__ = ['verify']


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
    models = _models(recording, model)
    if not models:
        raise BagError(f'{recording.name}: holds no model (ModelInfo) and no checkpoint was given')
    result = Verification(decisions=len(recording.decisions))
    _check_content(recording, result)
    _check_draws(recording.decisions, result)
    # A wrong reward spoils what was learned from it: the cause is named before its effects.
    _check_rewards(recording, result)
    driver = recorded_driver(recording)
    if driver != 'bandit':
        result.note(f'driven by {driver}: its probabilities are not those of a model')
    else:
        follow(recording, models, result)
    if result.unknown:
        result.note('the recording began when the model had learned already')
    return result


def _models(recording: Recording, given: bytes | None) -> list[KnownModel]:
    """Return the models of a bag, or the given one in place of each."""
    models = [
        KnownModel(info.checksum, _seconds(info.header.stamp), int(info.example_count),
                   recorded_exploration(info), given or bytes(info.model))
        for info in recording.models if given or len(info.model)]
    if given and not models:
        models = [KnownModel('', -math.inf, 0, 0.0, given)]
    return models


def _check_content(recording: Recording, result: Verification) -> None:
    """Every message is as it was published, and there is one of each."""
    lost = recording.quality.undecodable_own
    if lost:
        result.wrong(f'{lost} messages of this package cannot be decoded')
    for info in recording.models:
        name = f'model {info.checksum[:12]}'
        if len(info.model) and checksum(bytes(info.model)) != info.checksum:
            result.wrong(f'{name}: its content does not have this checksum')
        elif not whole(info):
            result.wrong(f'{name}: its description was altered after it was published')
    for kind, messages in (('', recording.decisions), ('reward of ', recording.rewards)):
        seen = set[str]()
        for message in messages:
            name = message.decision_id if kind else message.id
            if not whole(message):
                result.wrong(f'{kind}{name}: was altered after it was published')
            elif name in seen:
                result.wrong(f'{kind}{name}: is there twice, and not the same')
            seen.add(name)


def _check_draws(decisions: Sequence[Any], result: Verification) -> None:
    for decision in decisions:
        pmf, asked = np.asarray(decision.pmf), int(decision.requested)
        result.draws += 1
        flaw = flaw_of(decision)
        if flaw:
            result.wrong(f'{decision.id}: {flaw}')
        elif not abs(pmf[asked] - decision.probability) <= EXACT:
            result.wrong(f'{decision.id}: probability {decision.probability:g} is not that of '
                         f'primitive {asked}')
        elif not 0.0 <= decision.draw < 1.0 or invert_cdf(
                pmf.tolist(), float(decision.draw)) != asked:
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
        return driven == requested and abs(probability - its_own) <= EXACT
    guided = bool(decision.mode == decision.MODE_APPRENTICE)
    return guided and 0 <= driven < len(decision.pmf) and 0.0 <= probability <= 1.0


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
        if not abs(again.total - reward.total) <= 1e-6:
            result.wrong(f'{name}: reward {reward.total:.6g} according to the bag, '
                         f'{again.total:.6g} when recomputed from its scans')


def _recomputed(
    recording: Recording, config: NavigationConfig, said: Mapping[str, Any],
) -> dict[str, Reward]:
    """Return the rewards that follow from the scans and odometry in the bag."""
    scans = {_key(scan.stamp): scan for scan in recording.scans}
    track = {_key(float(stamp)): recording.odometry.number(row)
             for row, stamp in enumerate(recording.odometry.stamp)}
    collided = {episode.id: _seconds(episode.header.stamp) for episode in recording.episodes
                if episode.outcome == episode.COLLISION}
    known = {numbered(decision.id) for decision in recording.decisions}
    tracker, found = RewardTracker(config), dict[str, Reward]()

    def take(rewards: list[Reward]) -> None:
        found.update((one.decision_id, one) for one in rewards)

    for decisions in _drives(recording.decisions):
        tracker.reset()
        session, number = numbered(decisions[0].id)
        # What was seen before the recording shapes the memory, and with it the rewards.
        if number != 1 and (session, number - 1) not in known:
            continue
        for decision in decisions:
            if numbered(decision.id) != (session, number):
                break
            number += 1
            reward = said.get(decision.id)
            if reward is not None and not reward.valid and not len(reward.term_names):
                # Its scan was not seen where rewards are made.
                continue
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
            if reward is not None and reward.final:
                end = track.get(_of_message(reward.header.stamp))
                if end is None or end.stamp <= odometry.stamp:
                    take(tracker.finish())
                    continue
                last = scans.get(_key(end.stamp)) or _nearest(recording.scans, end.stamp)
                # Rewards are closed early where no decision follows in time.
                contact = last.stamp >= collided.get(decision.episode, math.inf) - 1e-6
                take(tracker.finish(Observation(last, end, goal), contact=contact))
    return found


def _drives(decisions: Sequence[Any]) -> Iterator[list[Any]]:
    numbers = drives_of(decisions)
    for number in np.unique(numbers):
        yield [decisions[row] for row in np.flatnonzero(numbers == number).tolist()]


def _nearest(scans: Sequence[LaserScan], time: float) -> LaserScan:
    return min(scans, key=lambda scan: abs(scan.stamp - time))


def _of_message(stamp: Any) -> int:
    return _key(_seconds(stamp))


def _seconds(stamp: Any) -> float:
    return float(stamp.sec) + 1e-9 * float(stamp.nanosec)


def _key(seconds: float) -> int:
    """Return a stamp in microseconds, which survive the way through floating point."""
    return round(seconds * 1e6)
