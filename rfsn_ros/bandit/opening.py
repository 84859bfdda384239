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
Saved bandits opened with the settings they were made with.

All but where and when to save: a file does not say what is written, or deleted, on this machine.
"""

from __future__ import annotations

from pathlib import Path

from rfsn_ros.bandit.base import BaseBandit
from rfsn_ros.bandit.container import read_file, unpack
from rfsn_ros.bandit.registry import BACKENDS, make_bandit
from rfsn_ros.errors import CheckpointError, ConfigError

__all__ = ['bandit_of', 'open_bandit']


def open_bandit(path: str | Path) -> BaseBandit:
    """
    Return the bandit of a file, whatever backend and settings it was saved with.

    It does not save itself, whatever the file says. `BaseBandit.load` is for a bandit that is
    configured already and refuses another's file.

    :raises CheckpointError: the file is unreadable, damaged or of an unknown backend.
    """
    data = read_file(path)
    try:
        return bandit_of(data)
    except CheckpointError as error:
        raise CheckpointError(f'{path}: {error}') from None


def bandit_of(data: bytes) -> BaseBandit:
    """
    Return the bandit of a saved state, as `open_bandit` does that of a file.

    :raises CheckpointError: the state is damaged or of an unknown backend.
    """
    manifest, payload = unpack(data)
    name = manifest.get('backend')
    if not isinstance(name, str) or name not in BACKENDS:
        raise CheckpointError(f'made by backend {name!r}; known are {", ".join(BACKENDS)}')
    settings, backend = BACKENDS[name]
    try:
        config = settings.from_dict(manifest.get('config'))  # type: ignore[arg-type]
        backend.check_size(config, len(payload))
        bandit = make_bandit(config.replace(save_frequency=0))
    except ConfigError as error:
        raise CheckpointError(f'its settings are not usable: {error}') from None
    try:
        bandit.load_bytes(data)
    except CheckpointError:
        bandit.close()
        raise
    return bandit
