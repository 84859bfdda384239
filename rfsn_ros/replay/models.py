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

"""Learners from checkpoints, from the model in a bag, and the settings that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rfsn_ros.bandit import BACKENDS
from rfsn_ros.bandit.base import BaseBandit
from rfsn_ros.bandit.container import unpack
from rfsn_ros.errors import BagError, CheckpointError, ConfigError
from rfsn_ros.navigation.config import NavigationConfig
import yaml

__all__ = ['bandit_of', 'navigation_of', 'open_checkpoint']


def bandit_of(data: bytes) -> BaseBandit:
    """
    Return the learner that a saved state describes, with the settings it was made under.

    :raises CheckpointError: the state is damaged, or of a backend that is not known.
    """
    manifest, _ = unpack(data)
    backend = manifest.get('backend')
    if backend not in BACKENDS:
        raise CheckpointError(f'made by backend {backend!r}; known are {", ".join(BACKENDS)}')
    settings, make = BACKENDS[backend]
    config = manifest.get('config')
    if not isinstance(config, Mapping):
        raise CheckpointError('the manifest has no settings')
    bandit = make(settings.from_dict(config))
    bandit.load_bytes(data)
    return bandit


def open_checkpoint(path: str | Path) -> BaseBandit:
    """
    Return the learner saved in a file.

    :raises CheckpointError: it cannot be read or is damaged; names the file.
    """
    try:
        return bandit_of(Path(path).read_bytes())
    except OSError as error:
        raise CheckpointError(f'{path}: cannot be read ({error.strerror})') from None
    except CheckpointError as error:
        raise CheckpointError(f'{path}: {error}') from None


def navigation_of(text: str) -> NavigationConfig:
    """
    Return the navigation settings out of ModelInfo.config, a ROS parameter file.

    :raises BagError: the text holds no usable settings.
    """
    try:
        document: Any = yaml.safe_load(text)
        for key in ('/**', 'ros__parameters'):
            if isinstance(document, Mapping) and key in document:
                document = document[key]
        if not isinstance(document, Mapping) or 'navigation' not in document:
            raise BagError('the settings in the bag say nothing of navigation')
        return NavigationConfig.from_dict(document['navigation'])
    except (yaml.YAMLError, ConfigError) as error:
        words = ' '.join(str(error).split())
        raise BagError(f'the settings in the bag cannot be used: {words}') from None
