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
What is still whole in a damaged mcap file: records are read one by one from its start.

The index at the end of the file is not needed, and parts that fail their checksum are passed
over, so that a recording cut off by a power failure gives everything up to its last whole chunk.
Format: https://mcap.dev/spec
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
import struct
import zlib

from rfsn_ros.errors import BagError

__all__ = ['MAGIC', 'RawMessage', 'SalvagedTopic', 'salvage_mcap']

MAGIC = b'\x89MCAP0\r\n'
_SCHEMA, _CHANNEL, _MESSAGE, _CHUNK = 3, 4, 5, 6
_LAST_CONTENT = 7  # operation codes above are index and metadata
_MAX_CHUNK = 1 << 30

RawMessage = tuple[str, int, bytes]
"""Topic, bag time in nanoseconds, serialized message."""


@dataclass(frozen=True, slots=True)
class SalvagedTopic:
    """Name, message type, encoding and text of its definition."""

    name: str
    type: str
    encoding: str
    definition: str


@dataclass(slots=True)
class _Salvage:
    topics: dict[str, SalvagedTopic] = field(default_factory=dict)
    messages: list[RawMessage] = field(default_factory=list)
    schemas: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    channels: dict[int, str] = field(default_factory=dict)
    lost: int = 0


def salvage_mcap(
    path: Path, decompressors: dict[str, Callable[[bytes], bytes]],
) -> tuple[list[SalvagedTopic], list[RawMessage], int]:
    """
    Return topics, messages in time order and the number of bytes that could not be read.

    :raises BagError: this is no mcap file.
    """
    data = path.read_bytes()
    if not data.startswith(MAGIC):
        raise BagError(f'{path}: not an mcap file')
    found = _Salvage()
    position = len(MAGIC)
    for code, start, end in _records(data, position):
        position = end
        body = data[start:end]
        try:
            if code == _CHUNK:
                raw = _chunk(body, decompressors)
                for inner, first, last in _records(raw, 0):
                    _take(found, inner, raw[first:last])
            elif code <= _LAST_CONTENT:
                _take(found, code, body)
        except (ValueError, struct.error, KeyError):
            found.lost += len(body)
    tail = data[position:]
    found.lost += 0 if tail == MAGIC else len(tail)
    found.messages.sort(key=lambda message: message[1])
    return list(found.topics.values()), found.messages, found.lost


def _records(data: bytes, position: int) -> Iterator[tuple[int, int, int]]:
    """Yield operation code, start and end of each whole record from `position` on."""
    while position + 9 <= len(data):
        code, size = data[position], int.from_bytes(data[position + 1:position + 9], 'little')
        start, end = position + 9, position + 9 + size
        if end > len(data) or code == 0:
            return
        yield code, start, end
        position = end


def _chunk(body: bytes, decompressors: dict[str, Callable[[bytes], bytes]]) -> bytes:
    size, checksum = struct.unpack_from('<QI', body, 16)
    name, position = _text(body, 28)
    (stored,) = struct.unpack_from('<Q', body, position)
    packed = body[position + 8:position + 8 + stored]
    if size > _MAX_CHUNK:
        raise ValueError('chunk size is not plausible')
    try:
        raw = decompressors[name](packed) if name else packed
    # Each library has an error of its own for damaged data.
    except Exception as error:
        raise ValueError('chunk cannot be unpacked') from error
    if len(raw) != size or (checksum and zlib.crc32(raw) != checksum):
        raise ValueError('chunk does not match its size or checksum')
    return raw


def _take(found: _Salvage, code: int, body: bytes) -> None:
    if code == _SCHEMA:
        (key,) = struct.unpack_from('<H', body)
        name, position = _text(body, 2)
        encoding, position = _text(body, position)
        definition, _ = _text(body, position)
        found.schemas[key] = name, encoding, definition
    elif code == _CHANNEL:
        key, schema = struct.unpack_from('<HH', body)
        topic, _ = _text(body, 4)
        found.channels[key] = topic
        found.topics[topic] = SalvagedTopic(topic, *found.schemas[schema])
    elif code == _MESSAGE:
        key, _, stamp = struct.unpack_from('<HIQ', body)
        found.messages.append((found.channels[key], stamp, body[22:]))


def _text(body: bytes, position: int) -> tuple[str, int]:
    (size,) = struct.unpack_from('<I', body, position)
    start, end = position + 4, position + 4 + size
    if end > len(body):
        raise ValueError('text reaches beyond its record')
    return body[start:end].decode(), end
