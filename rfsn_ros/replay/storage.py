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
Raw messages out of bags of any storage: sqlite3, mcap, ROS 1 .bag; whole or damaged.

The storage files themselves are read; metadata.yaml is only compared with them, so that a stale
or missing one costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
import shutil
import sqlite3
import sys
import tempfile
from types import TracebackType
from typing import Any

from rfsn_ros.errors import BagError, MissingDependencyError
from rfsn_ros.replay.decoders import decoder, TRANSFORMS, usual_types
from rfsn_ros.replay.places import bag_files, storage_of
from rfsn_ros.replay.salvage import RawMessage, salvage_mcap
from rfsn_ros.replay.samples import Layout, Samples, samples_of, Serialized
from rfsn_ros.replay.unpacking import unpacked_ahead
from rfsn_ros.schema import YAML_ERRORS
import yaml

__all__ = ['BagFiles', 'Topic', 'load_types']

# the same by libyaml, in less time, where PyYAML was built with it
_YAML_LOADER = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
_USUAL = ('sensor_msgs/msg/LaserScan', 'nav_msgs/msg/Odometry', 'geometry_msgs/msg/Twist',
          *TRANSFORMS)
_POINTER = b'version https://git-lfs.github.com/spec/'
_LOGS = {'-wal': 'write-ahead log', '-journal': 'rollback journal'}


@dataclass(slots=True)
class Topic:
    """One topic of a bag: type name as in ROS 2 (``package/msg/Name``), number of messages."""

    name: str
    type: str
    count: int = 0


@dataclass(slots=True)
class _File:
    """One storage file: how to iterate its raw messages and how to decode one."""

    path: Path
    messages: Callable[[set[str]], Iterator[RawMessage]]
    decode: Callable[[str, bytes], Any]
    cdr: bool = True


@dataclass(slots=True)
class BagFiles:
    """
    All files of one bag, opened for reading; a context manager.

    `notes` collects in plain words what was odd about the files.
    """

    path: Path
    topics: dict[str, Topic] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    undecodable: dict[str, int] = field(default_factory=dict)
    _files: list[_File] = field(default_factory=list)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> BagFiles:
        """
        Open every file.

        :raises BagError: no file can be read at all; one line that says why.
        """
        try:
            paths = bag_files(self.path)
            self._compare_metadata(paths)
            refusals = []
            for path in paths:
                try:
                    self._open(path)
                except BagError as error:
                    refusals.append(str(error))
            if not self._files:
                raise BagError(refusals[0])
            self.notes.extend(refusals)
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def read(
        self, names: set[str], layouts: Mapping[str, Layout],
    ) -> tuple[dict[str, list[tuple[float, Any]]], dict[str, Samples]]:
        """
        Return the messages of topics in the order of the files.

        Those of topics in `layouts` come second, as numbers; all others first, as pairs (bag time
        in seconds, message). What cannot be decoded is counted in `undecodable` by topic.
        """
        found: dict[str, list[tuple[float, Any]]] = {name: [] for name in names - set(layouts)}
        serialized: dict[str, list[Serialized]] = {name: [] for name in layouts}
        last: dict[str, tuple[bytes, Any]] = {}
        for file in self._files:
            decoders = {name: partial(file.decode, self.topics[name].type) for name in names}
            for name, stamp, data in file.messages(names):
                if name in serialized:
                    serialized[name].append(Serialized(stamp, data, file.cdr, decoders[name]))
                    continue
                try:
                    # some publish what is fixed over and over again
                    if name not in last or last[name][0] != data:
                        last[name] = data, decoders[name](data)
                    found[name].append((stamp * 1e-9, last[name][1]))
                # Damaged bytes make the decoders raise whatever they stumble over.
                except Exception:
                    self._lost(name, 1)
        samples = {}
        for name, layout in layouts.items():
            samples[name], lost = samples_of(serialized[name], layout)
            self._lost(name, lost)
        return found, samples

    def _lost(self, name: str, count: int) -> None:
        if count:
            self.undecodable[name] = self.undecodable.get(name, 0) + count

    def _open(self, path: Path) -> None:
        storage = storage_of(path)
        if path.suffix in ('.zstd', '.zst'):
            path = self._unpacked(path)
        try:
            with path.open('rb') as file:
                if file.read(len(_POINTER)) == _POINTER:
                    raise BagError(f'{path}: a Git LFS pointer, not the bag itself; '
                                   '`git lfs pull` fetches that')
            if path.stat().st_size == 0:
                raise BagError(f'{path}: empty file')
            if storage == '.bag':
                self._open_ros1(path)
            elif storage == '.db3':
                self._open_ros2(self._settled(path))
            else:
                self._open_mcap(path)
        except (BagError, MissingDependencyError):
            raise
        # The libraries raise anything from struct.error to UnicodeDecodeError on damaged files.
        except Exception as error:
            raise BagError(f'{path}: cannot be read ({_words(error)})') from None

    def _open_ros1(self, path: Path) -> None:
        usual_types(True)
        from rosbags.rosbag1 import Reader
        self._add(path, self._stack.enter_context(Reader(path)), ros1=True)

    def _open_ros2(self, path: Path) -> None:
        usual_types(False)
        from rosbags.rosbag2 import Reader
        self._add(path, self._stack.enter_context(Reader(path)))

    def _open_mcap(self, path: Path) -> None:
        try:
            self._open_ros2(path)
        # Without its end the file has no index, and reading it record by record still works.
        except MissingDependencyError:
            raise
        except Exception:  # readers raise whatever damaged bytes make them stumble over
            self._files.append(self._salvage(path))

    def _salvage(self, path: Path) -> _File:
        topics, messages, lost = salvage_mcap(path, _decompressors())
        if not messages:
            raise BagError(f'{path}: damaged, no message in it is whole')
        note = (f'{path.name}: damaged or not closed; {len(messages)} messages are whole, '
                f'{lost} bytes are lost')
        if note not in self.notes:
            self.notes.append(note)
        decode = decoder({topic.type: (topic.definition, False) for topic in topics
                           if topic.encoding == 'ros2msg'})
        for topic in topics:
            known = self.topics.setdefault(topic.name, Topic(topic.name, topic.type))
            known.count += sum(message[0] == topic.name for message in messages)

        def chosen(names: set[str]) -> Iterator[RawMessage]:
            return (message for message in messages if message[0] in names)

        return _File(path, chosen, decode)

    def _add(self, path: Path, reader: Any, *, ros1: bool = False) -> None:
        connections = list(reader.connections)
        decode = decoder({
            connection.msgtype: (connection.msgdef.data, connection.msgdef.format.name == 'IDL')
            for connection in connections if connection.msgdef.data}, ros1=ros1)
        for connection in connections:
            topic = self.topics.setdefault(
                connection.topic, Topic(connection.topic, connection.msgtype))
            topic.count += connection.msgcount

        def chosen(names: set[str]) -> Iterator[RawMessage]:
            wanted = [one for one in connections if one.topic in names]
            found: list[RawMessage] = []
            if not wanted:
                return iter(found)
            try:
                with unpacked_ahead(reader, path, wanted) if ros1 else nullcontext():
                    for connection, stamp, raw in reader.messages(connections=wanted):
                        found.append((connection.topic, stamp, _unzipped(bytes(raw))))
            # See _open: damaged files make the libraries raise anything.
            except Exception as error:
                if path.suffix == '.mcap':
                    return self._salvage(path).messages(names)
                self.notes.append(
                    f'{path.name}: damaged; what follows is lost ({_words(error)})')
            return iter(found)

        self._files.append(_File(path, chosen, decode, cdr=not ros1))

    def _compare_metadata(self, paths: list[Path]) -> None:
        """Note where metadata.yaml says something else than the files do."""
        if not self.path.is_dir() or paths[0].suffix == '.bag':
            return
        file = self.path / 'metadata.yaml'
        if not file.exists():
            self.notes.append('metadata.yaml is missing; the files were read without it')
            return
        try:
            content = yaml.load(file.read_text(), _YAML_LOADER)
            named = content['rosbag2_bagfile_information']['relative_file_paths']
            named = {Path(str(name)).name for name in named}
        except (*YAML_ERRORS, TypeError, OSError):
            self.notes.append('metadata.yaml cannot be read; the files were read without it')
            return
        real = {path.name for path in paths}
        if named - real:
            self.notes.append(f'metadata.yaml names {", ".join(sorted(named - real))}, which '
                              'is missing')
        if real - named:
            self.notes.append(f'metadata.yaml does not name {", ".join(sorted(real - named))}, '
                              'which was read')

    def _unpacked(self, path: Path) -> Path:
        folder = self._stack.enter_context(tempfile.TemporaryDirectory())
        target = Path(folder, path.stem)
        try:
            target.write_bytes(_decompressors()['zstd'](path.read_bytes()))
        except Exception as error:
            raise BagError(f'{path}: cannot be unpacked ({_words(error)})') from None
        return target

    def _settled(self, path: Path) -> Path:
        """Return a database without a log or journal: a settled copy where there is one."""
        logs = {path.with_name(path.name + end): name for end, name in _LOGS.items()}
        beside = {log: name for log, name in logs.items()
                  if log.exists() and log.stat().st_size > 0}
        if not beside:
            return path
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        for file in (path, *beside):
            shutil.copyfile(file, folder / file.name)
        names = 'its ' + ' and '.join(beside.values())
        connection = sqlite3.connect(folder / path.name)
        try:
            # Reading plays an unfinished transaction back, before the log is merged.
            connection.execute('SELECT count(*) FROM sqlite_master')
            connection.execute('PRAGMA wal_checkpoint(TRUNCATE)')
            connection.execute('PRAGMA journal_mode=DELETE')
        except sqlite3.DatabaseError as error:
            raise BagError(f'{path}: {names} cannot be merged ({error})') from None
        finally:
            connection.close()
        self.notes.append(f'{path.name}: was not closed; {names} was merged')
        return folder / path.name


def _words(error: Exception) -> str:
    """Return an error in one short line."""
    text = ' '.join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:157] + '...'


def load_types(path: Path) -> None:
    """
    Load what reads the kind of bag at `path`, and its usual messages, once in a process.

    :raises BagError: there is no bag.
    """
    ros1 = storage_of(bag_files(path)[0]) == '.bag'
    store = usual_types(ros1)
    for name in _USUAL:
        if name in store.fielddefs:
            store.get_msgdef(name)
    import_module('rosbags.rosbag1' if ros1 else 'rosbags.rosbag2')


def _decompressors() -> dict[str, Callable[[bytes], bytes]]:
    # rosbags brings both; Python has zstd of its own from 3.14 on.
    from lz4.frame import decompress as lz4
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return {'zstd': zstd.decompress, 'lz4': lz4}


def _unzipped(raw: bytes) -> bytes:
    """Unpack a message that was compressed by itself (rosbag2's compression mode 'message')."""
    return _decompressors()['zstd'](raw) if raw.startswith(b'\x28\xb5\x2f\xfd') else raw
