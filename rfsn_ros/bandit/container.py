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
A saved bandit as one block of bytes: a checksum, a manifest and the state of the learner.

Layout: the line ``RFSN-BANDIT 1``, a line with the SHA-256 of all that follows, a line with the
manifest as JSON, then the payload. One file holds everything, so one rename makes it visible.
"""

from __future__ import annotations

from collections.abc import Mapping
import hashlib
import json
import os
from pathlib import Path
import stat
import tempfile
from typing import Any

from rfsn_ros.bandit.signing import unseal
from rfsn_ros.errors import CheckpointError

__all__ = [
    'MAX_BYTES', 'checksum', 'example_count', 'pack', 'read_file', 'unpack', 'write_atomic',
]

MAX_BYTES = 2**30
"""Nothing larger is read: a model of 26 bits has half of it."""

_MAGIC = b'RFSN-BANDIT 1'
_MOST_EXAMPLES = 2**63 - 1


def checksum(data: bytes) -> str:
    """Return the SHA-256 of `data`, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def pack(manifest: Mapping[str, Any], payload: bytes) -> bytes:
    """Return manifest and payload as one block."""
    head = json.dumps({**manifest, 'size': len(payload)}, sort_keys=True, allow_nan=False)
    body = head.encode() + b'\n' + payload
    return b'\n'.join((_MAGIC, checksum(body).encode(), body))


def unpack(data: bytes) -> tuple[dict[str, Any], bytes]:
    """
    Return manifest and payload of a block made by `pack`.

    :raises CheckpointError: foreign, cut short or changed in any byte.
    """
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise CheckpointError(f'not a saved bandit: {type(data).__name__} instead of bytes')
    magic, _, rest = unseal(bytes(data), None).partition(b'\n')
    if magic != _MAGIC:
        raise CheckpointError('not a saved bandit: the first line is not RFSN-BANDIT 1')
    digest, _, body = rest.partition(b'\n')
    if checksum(body).encode() != digest:
        raise CheckpointError('damaged: the checksum does not fit the content')
    head, _, payload = body.partition(b'\n')
    try:
        manifest = json.loads(head)
        json.dumps(manifest, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise CheckpointError(f'damaged: the manifest is unreadable ({error})') from None
    if not isinstance(manifest, dict) or manifest.pop('size', None) != len(payload):
        raise CheckpointError('damaged: the manifest does not fit the content')
    return manifest, payload


def example_count(manifest: Mapping[str, Any]) -> int:
    """
    Return how many rewards the model of a manifest had learned.

    :raises CheckpointError: it says no such number.
    """
    count = manifest.get('example_count')
    if type(count) is not int or not 0 <= count <= _MOST_EXAMPLES:
        raise CheckpointError(
            f'damaged: example_count = {count!r}: must be an integer >= 0 and <= {_MOST_EXAMPLES}')
    return count


def read_file(path: str | Path, *, links: bool = True) -> bytes:
    """
    Return the bytes of a saved bandit; `links` says whether a symbolic link is followed.

    :raises CheckpointError: the file cannot be read, is no file, or is larger than `MAX_BYTES`.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | (0 if links else os.O_NOFOLLOW)
    try:
        with open(os.open(path, flags), 'rb') as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise CheckpointError(f'{path}: not a regular file')
            if status.st_size > MAX_BYTES:
                raise CheckpointError(
                    f'{path}: {status.st_size} bytes, must be <= {MAX_BYTES}')
            return file.read()
    except OSError as error:
        raise CheckpointError(f'cannot read {path}: {error.strerror}') from None
    except (TypeError, ValueError) as error:
        raise CheckpointError(f'{path!r} is no path: {error}') from None


def write_atomic(path: str | Path, data: bytes) -> None:
    """
    Write a file so that at every instant either the old or the whole new one is there.

    :raises CheckpointError: the file cannot be written; what was there stays.
    """
    try:
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f'.{target.name}.', dir=target.parent)
        try:
            with os.fdopen(handle, 'wb') as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise CheckpointError(f'cannot write {path}: {error.strerror}') from None
    except (TypeError, ValueError) as error:
        raise CheckpointError(f'{path!r} is no path: {error}') from None
