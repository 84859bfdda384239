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
Explorers: how the pmf follows from the learned costs; each is a name and a few VW arguments.

A new explorer is one function and one line in `EXPLORERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TYPE_CHECKING

if TYPE_CHECKING:
    from rfsn_ros.bandit.config import VWConfig

__all__ = ['COST_TYPES', 'EXPLORERS', 'explorer_arguments', 'unread_settings']


def _epsilon_greedy(config: VWConfig) -> list[str]:
    """Take the best action with probability 1 - epsilon, else any."""
    return ['--epsilon', _number(config.epsilon)]


def _greedy(_: VWConfig) -> list[str]:
    """Take the best action; probabilities are 0 and 1."""
    return ['--epsilon', '0']


def _softmax(config: VWConfig) -> list[str]:
    """Take an action with probability proportional to exp(-softmax_lambda * cost)."""
    return ['--softmax', '--lambda', _number(config.softmax_lambda)]


def _bag(config: VWConfig) -> list[str]:
    """Let policies vote that were trained on Poisson-resampled data (Bietti et al. 2021)."""
    return ['--bag', str(config.bag_size), '--epsilon', _number(config.epsilon)]


def _cover(config: VWConfig) -> list[str]:
    """Mix a small cover of diverse policies (Agarwal et al. 2014, ILOVETOCONBANDITS)."""
    return ['--cover', str(config.cover_size), '--psi', _number(config.cover_psi)]


def _squarecb(config: VWConfig) -> list[str]:
    """
    Weight by the inverse gap to the best cost (Foster and Rakhlin 2020).

    The weight of a gap is gamma = gamma_scale * t ** gamma_exponent.
    """
    return ['--squarecb', '--gamma_scale', _number(config.gamma_scale),
            '--gamma_exponent', _number(config.gamma_exponent), *_cost_bounds()]


def _regcb(config: VWConfig) -> list[str]:
    """Take the action of the most optimistic plausible cost (Foster et al. 2018)."""
    return ['--regcbopt', '--mellowness', _number(config.mellowness), *_cost_bounds()]


def _rnd(config: VWConfig) -> list[str]:
    """Add a bonus for unfamiliar contexts, told by random networks (Burda et al. 2018)."""
    return ['--rnd', str(config.rnd_size), '--rnd_alpha', _number(config.rnd_alpha),
            '--epsilon', _number(config.epsilon)]


def _cost_bounds() -> list[str]:
    """Costs are rewards mapped into [-1, 0]; explorers that build on cost bounds are told."""
    return ['--cb_min_cost', '-1', '--cb_max_cost', '0']


def _number(value: float) -> str:
    return f'{value:.9g}'


EXPLORERS: dict[str, Callable[[VWConfig], list[str]]] = {
    'epsilon_greedy': _epsilon_greedy,
    'greedy': _greedy,
    'softmax': _softmax,
    'bag': _bag,
    'cover': _cover,
    'squarecb': _squarecb,
    'regcb': _regcb,
    'rnd': _rnd,
}

# Explorers for which VW admits only some ways of estimating unobserved costs.
COST_TYPES: dict[str, tuple[str, ...]] = {
    'squarecb': ('mtr',),
    'regcb': ('mtr',),
    'cover': ('mtr', 'ips', 'dr'),
}


def explorer_arguments(config: VWConfig) -> list[str]:
    """Return the VW arguments of the configured explorer."""
    return EXPLORERS[config.exploration](config)


def unread_settings(config: VWConfig, usual: VWConfig) -> list[str]:
    """
    Return the settings of other explorers than the chosen one that are not the `usual` ones.

    >>> from rfsn_ros.bandit import VWConfig
    >>> unread_settings(VWConfig(epsilon=0.3, gamma_scale=10.0), VWConfig())
    ['epsilon']
    """
    known = {name for explorer in EXPLORERS.values() for name in _read(explorer, config)}
    unread = known - _read(EXPLORERS[config.exploration], config)
    return sorted(name for name in unread if getattr(config, name) != getattr(usual, name))


def _read(explorer: Callable[[Any], list[str]], config: VWConfig) -> set[str]:
    """Return the names of the settings that an explorer looks at."""
    names = set()

    class Watched:
        def __getattr__(self, name: str) -> Any:
            names.add(name)
            return getattr(config, name)

    explorer(Watched())
    return names
