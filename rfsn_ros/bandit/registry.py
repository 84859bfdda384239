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

"""Backends by name; a new one is a file and a line here."""

from __future__ import annotations

from rfsn_ros.bandit.base import BaseBandit
from rfsn_ros.bandit.config import BanditConfig, VWConfig
from rfsn_ros.bandit.linear import LinearBandit, LinearConfig
from rfsn_ros.bandit.vw_bandit import VWContextualBandit
from rfsn_ros.errors import ConfigError

__all__ = ['BACKENDS', 'make_bandit']

BACKENDS: dict[str, tuple[type[BanditConfig], type[BaseBandit]]] = {
    'vw': (VWConfig, VWContextualBandit),
    'linear': (LinearConfig, LinearBandit),
}


def make_bandit(config: BanditConfig) -> BaseBandit:
    """
    Return the bandit that a configuration is for.

    :raises ConfigError: no backend has this kind of configuration.
    """
    for settings, backend in BACKENDS.values():
        if type(config) is settings:
            return backend(config)
    known = ', '.join(settings.__name__ for settings, _ in BACKENDS.values())
    raise ConfigError(f'{type(config).__name__} belongs to no backend; known are {known}')
