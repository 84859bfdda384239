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
Policies to be judged: a checkpoint, the recorded model, a learner trained on the log, a rule.

recorded             the model in the bag as it was at the start, not learning
FILE                 a checkpoint
default              the checkpoint that is shipped
train[:KEY=VALUE,..] a new learner with these settings, trained on the other half of the log
greedy, random, fixed:NAME, dwa[:SPEED]   the baselines
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from rfsn_ros.bandit import ContextualBandit, make_bandit, VWConfig
from rfsn_ros.bandit.container import unpack
from rfsn_ros.bandit.opening import bandit_of, open_bandit
from rfsn_ros.errors import BagError, ConfigError, InputError
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.features import ACTION_FEATURES
from rfsn_ros.navigation.identification import Dynamics
from rfsn_ros.navigation.policies import Policy, Situation
from rfsn_ros.navigation.primitives import PrimitiveLibrary
from rfsn_ros.navigation.registry import default_checkpoint, make_policy
from rfsn_ros.replay.trace import FloatArray, Trace
from rfsn_ros.schema import load_yaml, YAML_ERRORS

__all__ = [
    'RECORDED', 'candidate_pmf', 'check_names', 'learner_pmf', 'needs_scans', 'train_on',
    'untaught',
]

RECORDED = 'recorded'
_RULES = ('greedy', 'random', 'fixed', 'dwa')


def check_names(names: Sequence[str]) -> None:
    """
    Refuse names of no policy before any bag is read.

    :raises ConfigError: a name is neither a policy nor an existing file, or settings of ``train``
        are none.
    """
    for name in names:
        kind, _, words = name.partition(':')
        if kind == 'train':
            # of whatever shape: what else is wrong is the same for every log
            VWConfig.from_dict({'n_actions': 2, 'context_dim': 1, 'action_dim': 1,
                                **_changes(words)})
        known = name in (RECORDED, 'default') or kind in (*_RULES, 'train')
        if not known and not Path(name).is_file():
            raise ConfigError(
                f'policy {name!r} is neither a file nor one of {RECORDED}, default, train, '
                f'{", ".join(_RULES)}')


def needs_scans(name: str) -> bool:
    """Return whether a policy looks at more than features."""
    return name.partition(':')[0] == 'dwa'


def untaught(model: bytes) -> bool:
    """
    Return whether a saved model had learned nothing yet.

    :raises CheckpointError: it is damaged.
    """
    return unpack(model)[0].get('example_count') == 0


def candidate_pmf(
    name: str, trace: Trace, config: NavigationConfig, *, model: bytes | None = None,
    situations: Sequence[Situation] | None = None, seed: int = 1,
) -> FloatArray:
    """
    Return the probabilities, shape (n, K), that a policy gives in the situations of a trace.

    `model` is the state recorded in the bag; `situations` are there where scans were replayed.

    :raises BagError: the policy needs what the bag does not have.
    :raises ConfigError: no such policy, or settings that do not fit.
    :raises CheckpointError: the checkpoint cannot be used.
    """
    kind, _, argument = name.partition(':')
    if name == RECORDED:
        if model is None:
            raise BagError(f'{trace.source}: holds no model (ModelInfo)')
        return learner_pmf(bandit_of(model), trace, name)
    if kind == 'train':
        return _trained_pmf(argument, trace, seed)
    if kind in _RULES:
        return _rule_pmf(make_policy(name, config, seed=seed), trace, config, situations)
    return learner_pmf(
        open_bandit(default_checkpoint() if name == 'default' else name), trace, name)


def learner_pmf(bandit: ContextualBandit, trace: Trace, name: str) -> FloatArray:
    """
    Return a learner's probabilities without letting it learn; closes the learner.

    :raises BagError: it was made for other features; `name` says in the words which it is.
    """
    pmf = np.zeros(trace.mask.shape)
    try:
        for row in range(len(trace)):
            pmf[row] = bandit.predict(
                trace.context[row], actions=trace.features[row], mask=trace.mask[row])
    except InputError as error:
        raise BagError(f'{trace.source}: {name} is a model of other features ({error})') from None
    finally:
        bandit.close()
    return pmf


def train_on(bandit: ContextualBandit, trace: Trace, rows: Sequence[int]) -> int:
    """
    Let a learner learn what was driven in `rows`; return how many it could learn.

    What the mask forbids is passed over, and where the probability is not known the choice
    counts as certain.
    """
    learned = 0
    for row in rows:
        action = int(trace.action[row])
        if not trace.mask[row, action]:
            continue
        known = np.isfinite(trace.probability[row])
        bandit.update(
            trace.context[row], action, float(trace.reward[row]),
            probability=float(trace.probability[row]) if known else 1.0,
            actions=trace.features[row], mask=trace.mask[row])
        learned += 1
    return learned


def learner_settings(words: str, trace: Trace, seed: int) -> VWConfig:
    """
    Return settings of a learner for a trace, changed by ``key=value,key=value``.

    :raises ConfigError: an unknown key or a value out of bounds.
    """
    shape = {
        'n_actions': trace.mask.shape[1], 'context_dim': trace.context.shape[1],
        'action_dim': trace.features.shape[2], 'reward_min': trace.reward_range[0],
        'reward_max': trace.reward_range[1], 'seed': seed}
    return VWConfig.from_dict({**shape, **_changes(words)})


def _changes(words: str) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for word in filter(None, words.split(',')):
        key, equals, value = word.partition('=')
        if not equals:
            raise ConfigError(f'train:{words}: {word!r} is not of the form key=value')
        try:
            changes[key] = load_yaml(value)
        except YAML_ERRORS:
            raise ConfigError(f'train:{words}: {word!r} is no value of YAML') from None
    return changes


def _trained_pmf(words: str, trace: Trace, seed: int) -> FloatArray:
    """Judge each half of a log by a learner trained on the other half."""
    half = np.arange(len(trace)) < len(trace) // 2
    pmf = np.zeros(trace.mask.shape)
    for inside in (half, ~half):
        bandit = make_bandit(learner_settings(words, trace, seed))
        train_on(bandit, trace, np.flatnonzero(~inside).tolist())
        pmf[inside] = learner_pmf(bandit, trace, 'train')[inside]
    return pmf


def _rule_pmf(
    policy: Policy, trace: Trace, config: NavigationConfig,
    situations: Sequence[Situation] | None,
) -> FloatArray:
    known = len(ACTION_FEATURES)
    if policy.name.startswith('greedy') and trace.features.shape[2] != known:
        raise BagError(f'{trace.source}: was recorded with {trace.features.shape[2]} features per '
                       f'action, the rule knows {known}; replay with --rebuild')
    if situations is None:
        if policy.name.startswith('dwa'):
            raise BagError(f'{trace.source}: dwa needs the scans; replay with --rebuild')
        situations = _bare_situations(trace, config)
    if policy.name == 'random':
        return np.asarray(trace.mask / trace.mask.sum(axis=1, keepdims=True))
    return np.array([policy.choose(situation).choice.pmf for situation in situations])


def _bare_situations(trace: Trace, config: NavigationConfig) -> list[Situation]:
    """Return situations as far as a log of features knows them: without percept."""
    library = PrimitiveLibrary(config.primitives, config.robot)
    if library.names != trace.primitives:
        raise BagError(f'{trace.source}: was driven with other primitives than the settings have')
    nothing = np.zeros((0, 2))
    return [
        Situation(
            percept=cast(Any, None), context=trace.context[row], actions=trace.features[row],
            forecast=nothing, mask=trace.mask[row], velocities=nothing, outcomes=nothing,
            pending=nothing, dynamics=Dynamics.nominal(config.robot), library=library,
            config=config)
        for row in range(len(trace))]
