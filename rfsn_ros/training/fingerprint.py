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

"""Short digests of what results depend on, so that results of other settings are told apart."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import Any

import numpy as np
from rfsn_ros.bandit.container import checksum, read_file
from rfsn_ros.navigation.registry import checkpoint_file
from rfsn_ros.schema import Settings

__all__ = ['checkpoint_fingerprint', 'fingerprint']

_LENGTH = 12


def fingerprint(value: Any) -> str:
    """
    Return a digest that changes with every setting and number in settings, worlds or tuples.

    >>> fingerprint((1, 'a')) == fingerprint((1, 'a')) != fingerprint((2, 'a'))
    True
    """
    text = json.dumps(value, default=_plain, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def checkpoint_fingerprint(checkpoint: str | None) -> str | None:
    """
    Return a digest of what a model's file holds, whatever its name; None where there is none.

    :raises CheckpointError: the file cannot be read.
    """
    if checkpoint is None:
        return None
    return checksum(read_file(checkpoint_file(checkpoint)))[:_LENGTH]


def _plain(value: Any) -> Any:
    if isinstance(value, Settings):
        return value.to_dict()
    if isinstance(value, np.ndarray):
        return value.tolist()
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
