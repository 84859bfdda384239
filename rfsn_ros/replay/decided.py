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

"""Traces of bags of this package and of decision logs: the choices are in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
import math
from pathlib import Path
from typing import Any

import numpy as np
from rfsn_ros.bandit import LoggedRound, read_rounds
from rfsn_ros.errors import BagError
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.primitives import PrimitiveLibrary
from rfsn_ros.navigation.reward import REWARD_TERMS
from rfsn_ros.replay.messages import flaw_of
from rfsn_ros.replay.models import navigation_of, recorded_yaml
from rfsn_ros.replay.recording import Recording
from rfsn_ros.replay.trace import Trace, TraceKind
from rfsn_ros.schema import YAML_ERRORS

__all__ = [
    'decided_trace', 'drives_of', 'log_trace', 'recorded_driver', 'recorded_exploration',
    'recorded_model', 'recorded_settings',
]


def recorded_settings(recording: Recording) -> NavigationConfig | None:
    """
    Return the settings the bag was driven with, None where it holds no ModelInfo.

    :raises BagError: they are there and cannot be used.
    """
    return navigation_of(recording.models[0].config) if recording.models else None


def recorded_driver(recording: Recording) -> str:
    """Return whose probabilities the decisions hold: 'bandit', or the name of a baseline."""
    said = [_driving(info) for info in recording.models[:1]]
    return str(said[0].get('policy', 'bandit')) if said else 'bandit'


def recorded_exploration(info: Any) -> float:
    """Return the share of choices that were drawn evenly, from a ModelInfo."""
    share = _driving(info).get('exploration', 0.0)
    return float(share) if isinstance(share, (int, float)) else 0.0


def _driving(info: Any) -> Mapping[str, Any]:
    """Return the settings of driving a ModelInfo tells of, empty where they cannot be read."""
    try:
        settings = recorded_yaml(info.config)['/**']['ros__parameters']['driving']
    except (*YAML_ERRORS, TypeError):
        return {}
    return settings if isinstance(settings, Mapping) else {}


def recorded_model(recording: Recording) -> bytes | None:
    """Return the saved state of the learner the bag begins with, None where it holds none."""
    states = [bytes(model.model) for model in recording.models]
    return next((state for state in states if state), None)


def drives_of(decisions: Sequence[Any]) -> np.ndarray:
    """Return the number of the drive of each decision, shape (n,); episodes make the drives."""
    names = [decision.episode for decision in decisions]
    changes = [0] + [int(now != before) for before, now in pairwise(names)]
    return np.cumsum(changes)


def decided_trace(recording: Recording) -> Trace:
    """
    Return the decisions of a bag of this package that have a reward and known probabilities.

    :raises BagError: it has none, or the messages disagree with each other.
    """
    rewards: dict[str, Any] = {}
    for reward in recording.rewards:
        if math.isfinite(reward.total):
            rewards.setdefault(reward.decision_id, reward)
    drives = drives_of(recording.decisions)
    kept, numbers = [], []
    left_out = {'no reward': 0, 'reward not valid': 0, 'not executed': 0,
                'probability not known': 0, 'damaged numbers': 0}
    for decision, drive in zip(recording.decisions, drives, strict=True):
        reward = rewards.get(decision.id)
        if reward is None:
            left_out['no reward'] += 1
        elif not reward.valid:
            left_out['reward not valid'] += 1
        elif decision.executed < 0:
            left_out['not executed'] += 1
        elif not 0.0 < decision.executed_probability <= 1.0:
            left_out['probability not known'] += 1
        elif flaw_of(decision) or not np.all(np.isfinite(_terms(reward))):
            left_out['damaged numbers'] += 1
        else:
            kept.append((decision, reward))
            numbers.append(drive)
    if not kept:
        why = ', '.join(f'{count} with {name}' for name, count in left_out.items() if count)
        raise BagError(f'{recording.name}: none of {len(recording.decisions)} decisions can be '
                       f'judged ({why})')
    count = len(kept[0][0].pmf)
    for what in ('pmf', 'context', 'action_features'):
        if len({len(getattr(decision, what)) for decision, _ in kept}) > 1:
            raise BagError(f'{recording.name}: the length of {what} changes within the bag')
    config = recorded_settings(recording) or NavigationConfig()
    names = tuple(recording.models[0].primitives) if recording.models else tuple(
        PrimitiveLibrary(config.primitives, config.robot).names)
    if len(names) != count:
        names = tuple(f'primitive {number}' for number in range(count))
    # The pmf is the driver's own only where the bandit itself drove.
    own = all(decision.executed == decision.requested
              and abs(decision.executed_probability - decision.probability) < 1e-9
              for decision, _ in kept)
    limits = config.reward.lowest, config.reward.highest
    totals = np.array([reward.total for _, reward in kept])
    return Trace(
        source=recording.name, kind=TraceKind.DECIDED, primitives=names,
        term_names=REWARD_TERMS,
        reward_range=(min(limits[0], float(totals.min())), max(limits[1], float(totals.max()))),
        stamp=np.array([_seconds(decision.header.stamp) for decision, _ in kept]),
        pose=np.array([[decision.pose.x, decision.pose.y, decision.pose.theta]
                       for decision, _ in kept]),
        drive=np.array(numbers), context=np.array([decision.context for decision, _ in kept]),
        features=np.array([np.reshape(decision.action_features, (count, -1))
                           for decision, _ in kept]),
        mask=np.array([decision.feasible for decision, _ in kept], dtype=np.bool_),
        action=np.array([decision.executed for decision, _ in kept]),
        probability=np.array([decision.executed_probability for decision, _ in kept]),
        reward=totals,
        terms=np.array([_terms(reward) for _, reward in kept]),
        pmf=np.array([decision.pmf for decision, _ in kept]) if own else None,
        quality=recording.quality.to_dict(),
        facts={'decisions': len(recording.decisions), 'left_out': left_out,
               'duration': recording.duration,
               'path_length': recording.odometry.path_length})


def log_trace(path: Path, config: NavigationConfig) -> Trace:
    """
    Return the decisions of a decision log (NAME.jsonl) that have a reward.

    :raises LogError: the log cannot be read.
    :raises BagError: it holds no decision with a reward.
    """
    rounds = list(read_rounds(path))
    if not rounds:
        raise BagError(f'{path}: no decision in it has a reward')
    first = rounds[0].decision
    count = len(first.pmf)
    for what in ('pmf', 'context', 'actions', 'mask'):
        if len({np.shape(getattr(one.decision, what)) for one in rounds}) > 1:
            raise BagError(f'{path}: the shape of {what} changes within the log')
    if first.actions is None:
        features = np.broadcast_to(np.eye(count), (len(rounds), count, count))
    else:
        features = np.array([one.decision.actions for one in rounds])
    names = PrimitiveLibrary(config.primitives, config.robot).names
    rewards = np.array([one.reward.reward for one in rounds])
    limits = config.reward.lowest, config.reward.highest
    terms = sorted({name for one in rounds for name in one.reward.terms})
    return Trace(
        source=path.name, kind=TraceKind.DECIDED,
        primitives=tuple(names) if len(names) == count else tuple(
            f'action {number}' for number in range(count)),
        term_names=tuple(terms),
        reward_range=(min(limits[0], float(rewards.min())), max(limits[1], float(rewards.max()))),
        stamp=np.array([one.decision.stamp for one in rounds]),
        pose=np.array([_logged_pose(one) for one in rounds]),
        drive=_logged_drives(rounds),
        context=np.array([one.decision.context for one in rounds]), features=features,
        mask=np.array([np.ones(count, dtype=np.bool_) if one.decision.mask is None
                       else one.decision.mask for one in rounds]),
        action=np.array([one.decision.action for one in rounds]),
        probability=np.array([one.decision.probability for one in rounds]), reward=rewards,
        terms=np.array([[one.reward.terms.get(name, 0.0) for name in terms] for one in rounds]),
        pmf=np.array([one.decision.pmf for one in rounds]), facts={'decisions': len(rounds)})


def _logged_pose(one: LoggedRound) -> Sequence[float]:
    pose = one.decision.extra.get('pose')
    return pose if pose is not None and len(pose) == 3 else (np.nan, np.nan, np.nan)


def _logged_drives(rounds: Sequence[LoggedRound]) -> np.ndarray:
    names = [str(one.decision.extra.get('episode', one.decision.id.rpartition('-')[0]))
             for one in rounds]
    return np.unique(names, return_inverse=True)[1]


def _terms(reward: Any) -> list[float]:
    values = dict(zip(reward.term_names, reward.term_values, strict=False))
    return [float(values.get(name, 0.0)) for name in REWARD_TERMS]


def _seconds(stamp: Any) -> float:
    return float(stamp.sec) + 1e-9 * float(stamp.nanosec)
