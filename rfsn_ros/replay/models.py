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

"""The settings that a bag tells of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from rfsn_ros.errors import BagError, ConfigError
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.schema import load_yaml, YAML_ERRORS

__all__ = ['navigation_of', 'recorded_yaml']


@lru_cache(maxsize=8)
def recorded_yaml(text: str) -> Any:
    """
    Return what ModelInfo.config holds, to be read only.

    Reading YAML takes longer than all else in a short bag, and each part of the settings is asked
    for on its own.

    :raises YAML_ERRORS: it is no YAML of plain values.
    """
    return load_yaml(text)


def navigation_of(text: str) -> NavigationConfig:
    """
    Return the navigation settings out of ModelInfo.config, a ROS parameter file.

    :raises BagError: the text holds no usable settings.
    """
    try:
        document: Any = recorded_yaml(text)
        for key in ('/**', 'ros__parameters'):
            if isinstance(document, Mapping) and key in document:
                document = document[key]
        if not isinstance(document, Mapping) or 'navigation' not in document:
            raise BagError('the settings in the bag say nothing of navigation')
        return NavigationConfig.from_dict(document['navigation'])
    except (*YAML_ERRORS, ConfigError) as error:
        words = ' '.join(str(error).split())
        raise BagError(f'the settings in the bag cannot be used: {words}') from None
