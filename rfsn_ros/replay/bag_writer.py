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
Writes a rosbag2 folder: split mcap files and the metadata.yaml that names them.

metadata.yaml is written anew whenever a file is begun or closed, so that it is never far behind;
`rfsn replay` does without it, and `ros2 bag reindex` makes it anew after a crash.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from rfsn_ros.errors import BagError, ConfigError
from rfsn_ros.replay.mcap_writer import Compression, McapWriter, zstd_compression
import yaml

__all__ = ['BagWriter']


@dataclass(frozen=True, slots=True)
class _Topic:
    name: str
    type: str
    definition: str
    qos: str


class BagWriter:
    """
    A bag in the making; a context manager.

    A new file is begun when the present one reaches `split_size` bytes or `split_duration`
    seconds (0 = never). `flush` should be called every second.

    :raises BagError: the folder exists or cannot be made.
    """

    def __init__(
        self, folder: str | Path, *, split_size: int = 0, split_duration: float = 0.0,
        compression: Compression | None = None, fsync: bool = False,
    ) -> None:
        if split_size < 0 or split_duration < 0.0:
            raise ConfigError(f'split_size = {split_size}, split_duration = {split_duration}: '
                              'must be >= 0')
        self.folder = Path(folder)
        try:
            self.folder.mkdir(parents=True)
        except FileExistsError:
            raise BagError(f'{folder}: exists already; a bag is never overwritten') from None
        except OSError as error:
            raise BagError(f'{folder}: cannot be made ({error.strerror})') from None
        self._split_size, self._split_duration = split_size, split_duration
        self._compression = zstd_compression() if compression is None else compression
        self._fsync = fsync
        self._topics: dict[str, _Topic] = {}
        self._counts: dict[str, int] = {}
        self._channels: dict[str, int] = {}
        self._closed: list[dict[str, Any]] = []
        self._writer: McapWriter | None = None
        self._begin()

    def __enter__(self) -> BagWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def counts(self) -> dict[str, int]:
        """Messages written per topic."""
        return dict(self._counts)

    def add_topic(self, name: str, kind: str, definition: str, *, qos: str = '') -> None:
        """Announce a topic: its message type (``package/msg/Name``) and definition text."""
        if name not in self._topics:
            self._topics[name] = _Topic(name, kind, definition, qos)
            self._counts[name] = 0

    def write(self, topic: str, stamp: int, data: bytes) -> None:
        """
        Append a serialized message of an announced topic, received at `stamp` nanoseconds.

        :raises BagError: the topic was not announced, or the bag is closed.
        """
        if topic not in self._topics:
            raise BagError(f'topic {topic!r} was not announced')
        writer = self._live()
        if self._full(writer, stamp):
            self._end(writer)
            writer = self._begin()
        if topic not in self._channels:
            known = self._topics[topic]
            self._channels[topic] = writer.add_channel(
                known.name, known.type, known.definition, known.qos)
        writer.write(self._channels[topic], stamp, data)
        self._counts[topic] += 1

    def flush(self) -> None:
        """Make everything written so far safe against the end of this process."""
        self._live().flush()

    def close(self) -> None:
        """Finish the bag; closing twice is fine."""
        if self._writer is not None:
            self._end(self._writer)
            self._writer = None
            self._write_metadata()

    def _live(self) -> McapWriter:
        if self._writer is None:
            raise BagError(f'{self.folder}: the bag was closed')
        return self._writer

    def _full(self, writer: McapWriter, stamp: int) -> bool:
        if not writer.count:
            return False
        too_long = self._split_duration and stamp - (writer.first or stamp) >= int(
            self._split_duration * 1e9)
        return bool(too_long or (self._split_size and writer.size >= self._split_size))

    def _begin(self) -> McapWriter:
        name = f'{self.folder.name}_{len(self._closed)}.mcap'
        self._writer = McapWriter(self.folder / name, self._compression, fsync=self._fsync)
        self._channels.clear()
        self._write_metadata()
        return self._writer

    def _end(self, writer: McapWriter) -> None:
        self._closed.append(self._file_facts(writer))
        writer.close()

    def _file_facts(self, writer: McapWriter) -> dict[str, Any]:
        first = writer.first or 0
        return {
            'path': f'{self.folder.name}_{len(self._closed)}.mcap',
            'starting_time': {'nanoseconds_since_epoch': first},
            'duration': {'nanoseconds': max(writer.last - first, 0)},
            'message_count': writer.count,
        }

    def _write_metadata(self) -> None:
        files = list(self._closed)
        if self._writer is not None:
            files.append(self._file_facts(self._writer))
        starts = [one['starting_time']['nanoseconds_since_epoch'] for one in files
                  if one['message_count']]
        ends = [one['starting_time']['nanoseconds_since_epoch'] + one['duration']['nanoseconds']
                for one in files if one['message_count']]
        first = min(starts, default=0)
        document = {'rosbag2_bagfile_information': {
            'version': 5, 'storage_identifier': 'mcap',
            'duration': {'nanoseconds': max(ends, default=0) - first},
            'starting_time': {'nanoseconds_since_epoch': first},
            'message_count': sum(one['message_count'] for one in files),
            'topics_with_message_count': [
                {'topic_metadata': {
                    'name': topic.name, 'type': topic.type, 'serialization_format': 'cdr',
                    'offered_qos_profiles': topic.qos},
                 'message_count': self._counts[topic.name]} for topic in self._topics.values()],
            'compression_format': '', 'compression_mode': '',
            'relative_file_paths': [one['path'] for one in files], 'files': files,
        }}
        partial = self.folder / 'metadata.yaml.partial'
        partial.write_text(yaml.safe_dump(document, sort_keys=False), encoding='utf-8')
        partial.replace(self.folder / 'metadata.yaml')
