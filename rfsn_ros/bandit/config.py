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

"""Settings of the Vowpal Wabbit bandit, and the one place where VW's arguments are built."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rfsn_ros.bandit.explorers import COST_TYPES, explorer_arguments, EXPLORERS
from rfsn_ros.errors import ConfigError
from rfsn_ros.schema import param, read_yaml, Settings
import yaml

__all__ = ['BanditConfig', 'VWConfig']


@dataclass(frozen=True, kw_only=True)
class BanditConfig(Settings):
    """What every backend needs to know: shapes, rewards, seed, checkpoints."""

    n_actions: int = param(2, 'Number of actions of the fixed form; unused with action features',
                           ge=1, le=10_000)
    context_dim: int = param(1, 'Length of the context vector', ge=1, le=100_000)
    action_dim: int = param(
        0, 'Features per action; 0 is the fixed form, where an action is only its number',
        ge=0, le=10_000)
    reward_min: float = param(0.0, 'Smallest reward')
    reward_max: float = param(1.0, 'Largest reward')
    feature_limit: float = param(1e6, 'Largest admitted magnitude of a feature', gt=0.0, le=1e9)
    propensity_floor: float = param(
        0.01, 'Smaller propensities are raised to this when learning', gt=0.0, le=1.0)
    imagined: int = param(
        0, 'So many other offered actions learn from each reward, too: what they would have '
        'earned instead by the last action feature, a promised reward over reward_max; '
        'no effect in the fixed form', ge=0, le=10_000)
    seed: int = param(1, 'Seed of every random number of the bandit', ge=0, le=2**31 - 1)
    save_frequency: int = param(0, 'Updates between automatic checkpoints; 0 makes none', ge=0)
    checkpoint_dir: str = param(
        '', 'Folder of checkpoints; empty: ~/.ros/rfsn_ros for bandit_node, none elsewhere')
    keep_checkpoints: int = param(5, 'How many automatic checkpoints to keep', ge=1, le=10_000)

    def __post_init__(self) -> None:
        """Check what concerns more than one field."""
        super().__post_init__()
        if not self.reward_min < self.reward_max:
            raise ConfigError(
                f'reward_min = {self.reward_min:g}: must be below reward_max = '
                f'{self.reward_max:g}')

    @classmethod
    def from_yaml(cls, source: str | Path) -> Any:
        """
        Read settings from YAML text or from a file (a `Path`).

        :raises ConfigError: no YAML mapping, an unknown key or a bad value.
        """
        values = read_yaml(source)
        return cls.from_dict({} if values is None else values)

    def to_yaml(self) -> str:
        """Return the settings as YAML text that `from_yaml` reads back to an equal object."""
        return yaml.safe_dump(self.to_dict(), sort_keys=False)


@dataclass(frozen=True, kw_only=True)
class VWConfig(BanditConfig):
    """
    Settings of `VWContextualBandit`; the defaults are the preset `tuned`.

    >>> VWConfig(n_actions=5, context_dim=10).exploration
    'squarecb'
    >>> VWConfig(n_actions=5, context_dim=10, epsilon=2)
    Traceback (most recent call last):
        ...
    rfsn_ros.errors.ConfigError: epsilon = 2: must be >= 0 and <= 1
    """

    learning_rate: float = param(0.75, 'Step size (-l)', gt=0.0, le=100.0)
    power_t: float = param(0.5, 'Exponent of the step size decay', ge=0.0, le=1.0)
    normalized: bool = param(
        True, "Make learning independent of the features' scales; without, inputs should be "
        'standardised and the learning rate near 0.1')
    standardise: bool = param(
        False, 'Scale every feature by its running mean and deviation, learned with the rewards')
    bits: int = param(18, 'Size of the weight table as a power of two (-b)', ge=8, le=30)
    l1: float = param(0.0, 'L1 regularisation', ge=0.0, le=1.0)
    l2: float = param(0.0, 'L2 regularisation', ge=0.0, le=1.0)
    cb_type: str = param('mtr', 'How unobserved costs are estimated',
                         choices=('mtr', 'ips', 'dr', 'dm', 'sm'))
    interactions: tuple[str, ...] = param(
        ('sa',), 'Products of the namespaces s (context) and a (action)')
    context_linear: bool = param(
        False, 'Also learn what the context is worth whatever the action')
    action_identity: bool = param(
        False, 'With action features: also a feature for the place of the action in the set')
    hash: str = param('all', 'What VW hashes feature names with', choices=('all', 'strings'))
    exploration: str = param('squarecb', 'Explorer', choices=tuple(EXPLORERS))
    epsilon: float = param(0.05, 'Uniform share of epsilon_greedy, bag and rnd', ge=0.0, le=1.0)
    softmax_lambda: float = param(50.0, 'Inverse temperature of softmax', gt=0.0, le=1e4)
    gamma_scale: float = param(30.0, 'Greediness of squarecb', gt=0.0, le=1e6)
    gamma_exponent: float = param(0.5, 'Growth of the greediness of squarecb', ge=0.0, le=2.0)
    mellowness: float = param(
        0.1, 'Width of the confidence set of regcb; too small, and it never tries again',
        gt=0.0, le=10.0)
    bag_size: int = param(5, 'Policies of bag', ge=1, le=100)
    cover_size: int = param(5, 'Policies of cover', ge=1, le=100)
    cover_psi: float = param(0.1, 'Diversity of cover', ge=0.0, le=10.0)
    rnd_size: int = param(3, 'Random networks of rnd', ge=1, le=100)
    rnd_alpha: float = param(0.1, 'Size of the bonus of rnd', gt=0.0, le=100.0)

    def __post_init__(self) -> None:
        """Check that the context matters and that the explorer learns from such costs."""
        super().__post_init__()
        admitted = COST_TYPES.get(self.exploration)
        if admitted is not None and self.cb_type not in admitted:
            raise ConfigError(
                f'cb_type = {self.cb_type!r}: {self.exploration} needs one of '
                f'{", ".join(admitted)}')
        for product in self.interactions:
            if not product or set(product) - set('sa'):
                raise ConfigError(
                    f'interactions = {list(self.interactions)}: {product!r} must consist of '
                    'the namespaces s (context) and a (action)')
        if not any({'s', 'a'} <= set(product) for product in self.interactions):
            raise ConfigError(
                f'interactions = {list(self.interactions)}: one must join s and a, or the '
                'context has no effect on the choice')

    def arguments(self) -> list[str]:
        """Return VW's whole argument list."""
        return [
            '--quiet', '--cb_explore_adf', '--cb_type', self.cb_type, *explorer_arguments(self),
            '--example_queue_limit', '4', '--bit_precision', str(self.bits),
            '--learning_rate', f'{self.learning_rate:.9g}', '--power_t', f'{self.power_t:.9g}',
            '--l1', f'{self.l1:.9g}', '--l2', f'{self.l2:.9g}',
            *([] if self.normalized else ['--adaptive', '--invariant']),
            *([] if self.context_linear else ['--ignore_linear', 's']),
            *(word for product in self.interactions for word in ('--interactions', product)),
            '--hash', self.hash, '--random_seed', str(self.seed),
        ]

    @classmethod
    def development(cls, **changes: Any) -> VWConfig:
        """Return the preset for trying things out: explores much, saves every 10 updates."""
        return cls._preset(0.1, 0.2, 18, 10, changes)

    @classmethod
    def staging(cls, **changes: Any) -> VWConfig:
        """Return the preset between development and production; saves every 100 updates."""
        return cls._preset(0.08, 0.1, 19, 100, changes)

    @classmethod
    def production(cls, **changes: Any) -> VWConfig:
        """Return the preset that explores little and saves every 1000 updates."""
        return cls._preset(0.05, 0.05, 20, 1000, changes)

    @classmethod
    def tuned(cls, **changes: Any) -> VWConfig:
        """Return the default, chosen by measurement (docs/benchmarks.md)."""
        return cls(**changes)

    @classmethod
    def standardised(cls, **changes: Any) -> VWConfig:
        """
        Return the setting that earns most where features have any scale and mean.

        Plain regression on features scaled while learning; costs a little more time per choice.
        """
        return cls(**{
            'exploration': 'softmax', 'softmax_lambda': 25.0, 'learning_rate': 0.05,
            'normalized': False, 'standardise': True, 'propensity_floor': 1.0, **changes})

    @classmethod
    def _preset(
        cls, learning_rate: float, epsilon: float, bits: int, save_frequency: int,
        changes: dict[str, Any],
    ) -> VWConfig:
        return cls(**{
            'learning_rate': learning_rate, 'exploration': 'epsilon_greedy', 'epsilon': epsilon,
            'bits': bits, 'save_frequency': save_frequency, **changes})
