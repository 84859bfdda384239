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
Writes mcap files that survive: chunks are closed and handed to the system as time passes.

A file that was not closed lacks its index and nothing else. Every chunk carries a checksum.
Format: https://mcap.dev/spec; message layout as rosbag2 writes it.
"""

from __future__ import annotations

from collections.abc import Callable
import os
from pathlib import Path
import struct
import zlib

from rfsn_ros.replay.salvage import MAGIC

__all__ = ['McapWriter', 'no_compression', 'zstd_compression']

_HEADER, _FOOTER, _SCHEMA, _CHANNEL, _MESSAGE, _CHUNK = 1, 2, 3, 4, 5, 6
_MESSAGE_INDEX, _CHUNK_INDEX, _STATISTICS, _SUMMARY_OFFSET, _DATA_END = 7, 8, 11, 14, 15
_CHUNK_SIZE = 1 << 20
_CHUNK_TIME = 1_000_000_000  # nanoseconds

Compression = tuple[str, Callable[[bytes], bytes]]


def no_compression() -> Compression:
    """Return chunks as they are."""
    return '', bytes


def zstd_compression() -> Compression:
    """Return chunks compressed by zstd (comes with rosbags)."""
    import sys
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return 'zstd', zstd.compress


class McapWriter:
    """
    One mcap file in the making.

    `flush` closes the chunk and hands it to the operating system, with `fsync` to the disk; a
    chunk that spans a second or holds a megabyte is closed by itself.
    """

    def __init__(self, path: Path, compression: Compression, *, fsync: bool = False) -> None:
        self._compression, self._compress = compression
        self._fsync = fsync
        self._file = path.open('xb')
        self._file.write(MAGIC)
        self._write(_record(_HEADER, _text('ros2') + _text('rfsn_ros')))
        self._schemas: dict[str, tuple[int, bytes]] = {}
        self._channels: list[bytes] = []
        self._counts: dict[int, int] = {}
        self._chunk = bytearray()
        self._index: dict[int, list[tuple[int, int]]] = {}
        self._chunk_indexes: list[bytes] = []
        self._times: list[int] = []
        self.first: int | None = None
        self.last = 0
        self._file.flush()

    @property
    def size(self) -> int:
        """Bytes written so far, the open chunk included."""
        return self._file.tell() + len(self._chunk)

    @property
    def count(self) -> int:
        """Messages written so far."""
        return sum(self._counts.values())

    def add_channel(self, topic: str, kind: str, definition: str, qos: str) -> int:
        """Announce a topic of a message type; return its number for `write`."""
        if kind not in self._schemas:
            number = len(self._schemas) + 1
            self._schemas[kind] = number, _record(_SCHEMA, struct.pack('<H', number) + _text(
                kind) + _text('ros2msg') + _text(definition))
            self._chunk += self._schemas[kind][1]
        channel = len(self._channels) + 1
        metadata = _text('offered_qos_profiles') + _text(qos)
        record = _record(_CHANNEL, struct.pack('<HH', channel, self._schemas[kind][0]) + _text(
            topic) + _text('cdr') + struct.pack('<I', len(metadata)) + metadata)
        self._channels.append(record)
        self._counts[channel] = 0
        self._chunk += record
        return channel

    def write(self, channel: int, stamp: int, data: bytes) -> None:
        """Append a serialized message received at `stamp` (nanoseconds)."""
        self._index.setdefault(channel, []).append((stamp, len(self._chunk)))
        self._chunk += _record(_MESSAGE, struct.pack(
            '<HIQQ', channel, self._counts[channel] & 0xffffffff, stamp, stamp) + data)
        self._counts[channel] += 1
        self._times.append(stamp)
        self.first = stamp if self.first is None else min(self.first, stamp)
        self.last = max(self.last, stamp)
        if len(self._chunk) >= _CHUNK_SIZE or stamp - self._times[0] >= _CHUNK_TIME:
            self.flush()

    def flush(self) -> None:
        """Close the chunk, so that nothing up to now can be lost with this process."""
        if self._chunk:
            self._close_chunk()
        self._file.flush()
        if self._fsync:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Write index and end of the file."""
        self.flush()
        self._write(_record(_DATA_END, struct.pack('<I', 0)))
        start = self._file.tell()
        groups = [
            (_SCHEMA, [record for _, record in self._schemas.values()]),
            (_CHANNEL, self._channels),
            (_CHUNK_INDEX, self._chunk_indexes),
            (_STATISTICS, [self._statistics()]),
        ]
        offsets = []
        for code, records in groups:
            first = self._file.tell()
            self._write(b''.join(records))
            if records:
                offsets.append(_record(_SUMMARY_OFFSET, struct.pack(
                    '<BQQ', code, first, self._file.tell() - first)))
        summary_offsets = self._file.tell()
        self._write(b''.join(offsets))
        self._write(_record(_FOOTER, struct.pack('<QQI', start, summary_offsets, 0)) + MAGIC)
        self._file.flush()
        if self._fsync:
            os.fsync(self._file.fileno())
        self._file.close()

    def _close_chunk(self) -> None:
        raw = bytes(self._chunk)
        first, last = (min(self._times), max(self._times)) if self._times else (0, 0)
        packed = self._compress(raw)
        start = self._file.tell()
        self._write(_record(_CHUNK, struct.pack(
            '<QQQI', first, last, len(raw), zlib.crc32(raw)) + _text(
            self._compression) + struct.pack('<Q', len(packed)) + packed))
        end = self._file.tell()
        offsets = b''
        for channel, entries in self._index.items():
            offsets += struct.pack('<HQ', channel, self._file.tell())
            table = b''.join(struct.pack('<QQ', *entry) for entry in entries)
            self._write(_record(_MESSAGE_INDEX, struct.pack('<HI', channel, len(table)) + table))
        self._chunk_indexes.append(_record(_CHUNK_INDEX, struct.pack(
            '<QQQQI', first, last, start, end - start, len(offsets)) + offsets + struct.pack(
            '<Q', self._file.tell() - end) + _text(self._compression) + struct.pack(
            '<QQ', len(packed), len(raw))))
        self._chunk.clear()
        self._index.clear()
        self._times.clear()

    def _statistics(self) -> bytes:
        counts = b''.join(struct.pack('<HQ', *entry) for entry in self._counts.items())
        return _record(_STATISTICS, struct.pack(
            '<QHIIIIQQI', self.count, len(self._schemas), len(self._channels), 0, 0,
            len(self._chunk_indexes), self.first or 0, self.last, len(counts)) + counts)

    def _write(self, data: bytes) -> None:
        self._file.write(data)


def _record(code: int, body: bytes) -> bytes:
    return struct.pack('<BQ', code, len(body)) + body


def _text(words: str) -> bytes:
    data = words.encode()
    return struct.pack('<I', len(data)) + data
