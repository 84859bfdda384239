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

"""Policies by name: `random`, `fixed:NAME`, `greedy`, `dwa`, `dwa:0.5`, `bandit`, `frozen`."""

from __future__ import annotations

from pathlib import Path

from rfsn_ros.bandit import BanditConfig, make_bandit, VWConfig
from rfsn_ros.bandit.base import BaseBandit
from rfsn_ros.bandit.opening import open_bandit
from rfsn_ros.errors import CheckpointError, ConfigError
from rfsn_ros.navigation.baselines import DWAPolicy, FixedPolicy, GreedyPolicy, UniformPolicy
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.features import ACTION_FEATURES, context_names
from rfsn_ros.navigation.policies import BanditPolicy, Policy
from rfsn_ros.navigation.primitives import PrimitiveLibrary

__all__ = ['POLICIES', 'bandit_config', 'checkpoint_file', 'default_checkpoint', 'make_policy']

POLICIES = {
    'bandit': 'the learner, exploring and learning',
    'frozen': 'the learner, neither exploring more than its pmf says nor learning',
    'greedy': 'rule over the same features',
    'greedy:told': 'the same, told the whole reward',
    'random': 'uniform over the feasible set',
    'fixed:NAME': 'always one primitive while it is feasible',
    'dwa': 'dynamic window approach',
    'dwa:SPEED': 'the same, limited to a speed in m/s',
}


def bandit_config(config: NavigationConfig, *, seed: int = 1) -> VWConfig:
    """Return the bandit's settings that go with navigation settings."""
    return VWConfig(
        n_actions=len(PrimitiveLibrary(config.primitives, config.robot)),
        context_dim=len(context_names(config)), action_dim=len(ACTION_FEATURES),
        reward_min=config.reward.lowest, reward_max=config.reward.highest, seed=seed,
        exploration='squarecb', gamma_scale=1000.0, learning_rate=0.5, context_linear=True,
        imagined=8, propensity_floor=1.0)


def default_checkpoint() -> Path:
    """Return the checkpoint that is shipped with the package."""
    return Path(__file__).parent / 'checkpoints' / 'default.rfsn'


def checkpoint_file(checkpoint: str | Path) -> Path:
    """Return the file of a checkpoint; 'default' is the shipped one."""
    return default_checkpoint() if str(checkpoint) == 'default' else Path(checkpoint)


def make_policy(
    name: str, config: NavigationConfig, *, seed: int = 1,
    bandit: BanditConfig | None = None, checkpoint: str | Path | None = None,
) -> Policy:
    """
    Return a policy by name; see `POLICIES`.

    `checkpoint` is a file that `bandit` and `frozen` start from ('default' = the shipped one);
    the learner then has the settings it was saved with. It never saves itself; who drives
    does.

    :raises ConfigError: no policy has this name.
    :raises CheckpointError: the checkpoint cannot be loaded.
    """
    kind, _, argument = name.partition(':')
    if kind in ('bandit', 'frozen') and not argument:
        learner: BaseBandit
        if checkpoint is None:
            settings = bandit or bandit_config(config, seed=seed)
            learner = make_bandit(settings.replace(save_frequency=0))
        else:
            learner = _opened(checkpoint_file(checkpoint), config)
            learner.reseed(seed)
        return BanditPolicy(learner, frozen=kind == 'frozen', name=name)
    if name in ('greedy', 'greedy:told'):
        return GreedyPolicy(told=name != 'greedy')
    if name == 'random':
        return UniformPolicy(seed)
    if kind == 'fixed' and argument:
        library = PrimitiveLibrary(config.primitives, config.robot)
        if argument not in library.names:
            raise ConfigError(
                f'policy = {name!r}: known primitives are {", ".join(library.names)}')
        return FixedPolicy(argument)
    if kind == 'dwa':
        try:
            limit = float(argument) if argument else None
        except ValueError:
            raise ConfigError(f'policy = {name!r}: {argument!r} is no speed') from None
        if limit is not None and not limit > 0.0:
            raise ConfigError(f'policy = {name!r}: the speed must be > 0')
        return DWAPolicy(speed_limit=limit)
    raise ConfigError(f'policy = {name!r}: must be one of {", ".join(POLICIES)}')


def _opened(path: Path, config: NavigationConfig) -> BaseBandit:
    """Open a model and check that it was made for these features."""
    learner = open_bandit(path)
    wanted = bandit_config(config)
    for name in ('context_dim', 'action_dim', 'reward_min', 'reward_max'):
        theirs, ours = getattr(learner.config, name), getattr(wanted, name)
        if theirs != ours:
            learner.close()
            raise CheckpointError(
                f'{path}: made for other navigation settings: {name} is {theirs} there and '
                f'{ours} here')
    return learner
