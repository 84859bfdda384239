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
Chunks of ROS 1 bags that are packed by bzip2, unpacked by threads ahead of the reading.

Unpacking them takes most of the time of reading such a bag, and needs no lock of Python's.
"""

from __future__ import annotations

import bz2
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
import os
from pathlib import Path
from typing import Any

__all__ = ['unpacked_ahead']

_THREADS, _AHEAD = 2, 4


@contextmanager
def unpacked_ahead(reader: Any, path: Path, connections: Sequence[Any]) -> Iterator[None]:
    """
    Let an open `rosbags.rosbag1.Reader` of the file `path` find its chunks unpacked.

    Those with messages of some of its connections, a few at a time. What cannot be unpacked
    fails where the reader comes to it.
    """
    places = sorted({entry.chunk_pos for one in connections for entry in reader.indexes[one.id]})
    chunks = {place: reader.chunks[place] for place in places}
    packed = [place for place in places if chunks[place].decompressor is bz2.decompress]
    waiting: dict[int, Future[bytes]] = {}
    with path.open('rb') as file, ThreadPoolExecutor(_THREADS) as pool:
        coming = iter(packed)

        def unpack(place: int) -> bytes:
            chunk = chunks[place]
            return bz2.decompress(os.pread(file.fileno(), chunk.datasize, chunk.datapos))

        def begin(count: int) -> None:
            for place in islice(coming, count):
                waiting[place] = pool.submit(unpack, place)

        def take(raw: bytes, place: int) -> bytes:
            begin(1)
            future = waiting.pop(place, None)
            return bz2.decompress(raw) if future is None else future.result()

        begin(_AHEAD)
        for place in packed:
            reader.chunks[place] = chunks[place]._replace(
                decompressor=lambda raw, place=place: take(raw, place))
        try:
            yield
        finally:
            reader.chunks.update(chunks)
            pool.shutdown(cancel_futures=True)
