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
Signed checkpoints: only the holder of a secret can have written what is loaded.

A checksum finds damage, not intent: whoever can write into the checkpoint folder can also write
a matching checksum. With a key every file begins with an HMAC-SHA256 (RFC 2104) of the rest.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from rfsn_ros.errors import CheckpointError

__all__ = ['read_key', 'seal', 'unseal']

_MAGIC = b'RFSN-SIGNED 1'
_SHORTEST = 16


def read_key(path: str | Path) -> bytes:
    """
    Return the secret in a file, without white space around it.

    :raises CheckpointError: it cannot be read, or has fewer than 16 bytes.
    """
    try:
        key = Path(path).read_bytes().strip()
    except OSError as error:
        raise CheckpointError(f'cannot read the key {path}: {error.strerror}') from None
    if len(key) < _SHORTEST:
        raise CheckpointError(f'key {path}: {len(key)} bytes, must be >= {_SHORTEST}')
    return key


def seal(data: bytes, key: bytes | None) -> bytes:
    """Return `data` signed with `key`; as it is without one."""
    return data if key is None else b'\n'.join((_MAGIC, _signature(data, key), data))


def unseal(data: bytes, key: bytes | None) -> bytes:
    """
    Return what was sealed; without a key the signature is passed over unchecked.

    :raises CheckpointError: there is a key, and the data is not signed with it.
    """
    magic, _, rest = data.partition(b'\n')
    if magic != _MAGIC:
        if key is not None:
            raise CheckpointError('not signed, and a key is configured')
        return data
    signature, _, content = rest.partition(b'\n')
    if key is not None and not hmac.compare_digest(signature, _signature(content, key)):
        raise CheckpointError('signed with another key, or changed afterwards')
    return content


def _signature(data: bytes, key: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).hexdigest().encode()
