"""Backends by name; a new one is a file and a line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rfsn_ros.bandit.base import BaseBandit
from rfsn_ros.bandit.config import BanditConfig, VWConfig
from rfsn_ros.bandit.linear import LinearBandit, LinearConfig
from rfsn_ros.bandit.vw_bandit import VWContextualBandit
from rfsn_ros.errors import ConfigError

__all__ = ['BACKENDS', 'make_bandit']

BACKENDS: dict[str, tuple[type[BanditConfig], Callable[[Any], BaseBandit]]] = {
    'vw': (VWConfig, VWContextualBandit),
    'linear': (LinearConfig, LinearBandit),
}


def make_bandit(config: BanditConfig) -> BaseBandit:
    """Return the bandit that a configuration is for.

    :raises ConfigError: no backend has this kind of configuration.
    """
    for settings, backend in BACKENDS.values():
        if type(config) is settings:
            return backend(config)
    known = ', '.join(settings.__name__ for settings, _ in BACKENDS.values())
    raise ConfigError(f'{type(config).__name__} belongs to no backend; known are {known}')
