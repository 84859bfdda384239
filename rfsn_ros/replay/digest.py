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
The digest of a message: one number that changes with anything in it.

Nodes put it into what they publish, so that a bag tells what was altered in it later, also where
an altered number leaves no other trace (a feature that changes no probability). Messages of rclpy
and of rosbags give the same.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import numpy as np

__all__ = ['digest_of', 'whole']

_FIELD = 'digest'


def digest_of(message: Any) -> str:
    """Return the SHA-256 (hexadecimal) of all fields of a message but its own digest."""
    hasher = hashlib.sha256()
    _feed(hasher, message)
    return hasher.hexdigest()


def whole(message: Any) -> bool:
    """Return whether a message is as published; recordings of older versions cannot tell."""
    return getattr(message, _FIELD, '') in ('', digest_of(message))


def _feed(hasher: Any, value: Any) -> None:
    if isinstance(value, str):
        text = value.encode()
        hasher.update(b's%d:' % len(text) + text)
    elif isinstance(value, (bool, int, np.integer, np.bool_)):
        hasher.update(b'i%d:' % int(value))
    elif isinstance(value, (float, np.floating)):
        hasher.update(np.float64(value).tobytes())
    elif hasattr(value, '__len__'):
        numbers = np.asarray(value) if len(value) else np.zeros(0)
        hasher.update(b'a%d:' % len(value))
        if numbers.dtype.kind in 'biuf':
            hasher.update(numbers.astype(np.float64).tobytes())
        else:
            for one in value:
                _feed(hasher, one)
    else:
        for name in _fields(value):
            if name != _FIELD:
                _feed(hasher, getattr(value, name))


def _fields(message: Any) -> list[str]:
    if dataclasses.is_dataclass(message):
        # rosbags lists the constants (in capitals) and the type's name with the fields.
        return [field.name for field in dataclasses.fields(message) if field.name[0].islower()]
    return list(message.get_fields_and_field_types())
