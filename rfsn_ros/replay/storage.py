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
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cache, partial
from importlib import import_module
from pathlib import Path
import re
import shutil
import sqlite3
import sys
import tempfile
from types import TracebackType
from typing import Any

from rfsn_ros.errors import BagError, MissingDependencyError
from rfsn_ros.replay.salvage import RawMessage, salvage_mcap
from rfsn_ros.replay.samples import Layout, Samples, samples_of, Serialized
import yaml

__all__ = ['TRANSFORMS', 'BagFiles', 'Topic', 'bag_files', 'load_types', 'recordings']

_SUFFIXES = ('.mcap', '.db3', '.bag')
# the same by libyaml, in less time, where PyYAML was built with it
_YAML_LOADER = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)
TRANSFORMS = ('tf2_msgs/msg/TFMessage', 'tf/msg/tfMessage')
_USUAL = ('sensor_msgs/msg/LaserScan', 'nav_msgs/msg/Odometry', 'geometry_msgs/msg/Twist',
          *TRANSFORMS)
# rosbag record --split: PREFIX_DATE_NUMBER; rosbag2: PREFIX_NUMBER
_PART = re.compile(r'(_?\d{4}(-\d\d){5})?_(\d+)$')
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


def bag_files(path: Path) -> list[Path]:
    """
    Return the storage files of a bag (a file, or a folder of split files) in order.

    :raises BagError: there is no bag.
    """
    if not path.exists():
        raise BagError(f'{path}: there is no such bag')
    if path.is_file():
        if _storage(path) is None:
            raise BagError(f'{path}: not a bag; known are {", ".join(_SUFFIXES)} and .zstd of '
                           'these')
        return [path]
    files = _stored(path)
    if not files:
        raise BagError(f'{path}: holds no bag file ({", ".join(_SUFFIXES)})')
    return files


def recordings(folder: Path) -> list[Path]:
    """
    Return the bags that a folder holds, not those in folders below it.

    Files with a metadata.yaml, or whose names differ in their number only, are parts of one
    recording: then it is the folder. Else every file is one. A folder that may not be read counts
    as a bag, for reading it says why.
    """
    try:
        files = _stored(folder)
    except BagError:
        return [folder]
    if not files or (folder / 'metadata.yaml').exists():
        return [folder] if files else []
    parts = {_part(file) for file in files}
    # ROS 1 counts the parts of a recording from 0; people number their bags from 1
    several = len({name for name, _ in parts}) > 1 or (
        len(files) > 1 and files[0].suffix == '.bag' and min(number for _, number in parts) != 0)
    return files if several else [folder]


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
        storage = _storage(path)
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
        _usual_types(True)
        from rosbags.rosbag1 import Reader
        self._add(path, self._stack.enter_context(Reader(path)), ros1=True)

    def _open_ros2(self, path: Path) -> None:
        _usual_types(False)
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
        decode = _decoder({topic.type: (topic.definition, False) for topic in topics
                           if topic.encoding == 'ros2msg'})
        for topic in topics:
            known = self.topics.setdefault(topic.name, Topic(topic.name, topic.type))
            known.count += sum(message[0] == topic.name for message in messages)

        def chosen(names: set[str]) -> Iterator[RawMessage]:
            return (message for message in messages if message[0] in names)

        return _File(path, chosen, decode)

    def _add(self, path: Path, reader: Any, *, ros1: bool = False) -> None:
        connections = list(reader.connections)
        decode = _decoder({
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
        except (yaml.YAMLError, KeyError, TypeError, OSError, UnicodeDecodeError):
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


def _storage(path: Path) -> str | None:
    suffixes = [suffix for suffix in path.suffixes if suffix not in ('.zstd', '.zst')]
    return suffixes[-1] if suffixes and suffixes[-1] in _SUFFIXES else None


def _stored(folder: Path) -> list[Path]:
    """
    Return the storage files in a folder, in order.

    :raises BagError: it may not be read.
    """
    try:
        return sorted((file for file in folder.iterdir()
                       if file.is_file() and _storage(file) is not None), key=_natural)
    except OSError as error:
        raise BagError(f'{folder}: cannot be read ({error.strerror})') from None


def _part(file: Path) -> tuple[str, int]:
    """Return the name of the recording that a file is a part of, and its number, else 0."""
    name = file.name
    while Path(name).suffix in (*_SUFFIXES, '.zstd', '.zst'):
        name = Path(name).stem
    found = _PART.search(name)
    return (name[:found.start()], int(found[3])) if found else (name, 0)


def _natural(path: Path) -> list[Any]:
    """Sort key that puts part 10 behind part 9."""
    return [int(part) if part.isdigit() else part for part in re.split(r'(\d+)', path.name)]


def _words(error: Exception) -> str:
    """Return an error in one short line."""
    text = ' '.join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:157] + '...'


def _decoder(
    definitions: dict[str, tuple[str, bool]], *, ros1: bool = False,
) -> Callable[[str, bytes], Any]:
    """
    Return what decodes a message of a type: the usual ones, and those of `definitions`.

    A definition is its text, and whether that is IDL. The store of the usual types is shared,
    because it compiles a decoder per type; a bag gets a store of its own once a message of a type
    of its own is wanted.
    """
    usual = _usual_types(ros1)

    @cache
    def extended() -> Any:
        store = _usual_types.__wrapped__(ros1)
        for name, (text, idl) in definitions.items():
            if name not in usual.fielddefs:
                _register(store, name, text, idl=idl)
        return store

    def decode(kind: str, data: bytes) -> Any:
        store = usual if kind in usual.fielddefs else extended()
        return store.deserialize_ros1(data, kind) if ros1 else store.deserialize_cdr(data, kind)

    return decode


def load_types(path: Path) -> None:
    """
    Load what reads the kind of bag at `path`, and its usual messages, once in a process.

    :raises BagError: there is no bag.
    """
    ros1 = _storage(bag_files(path)[0]) == '.bag'
    store = _usual_types(ros1)
    for name in _USUAL:
        if name in store.fielddefs:
            store.get_msgdef(name)
    import_module('rosbags.rosbag1' if ros1 else 'rosbags.rosbag2')


@cache
def _usual_types(ros1: bool) -> Any:
    try:
        from rosbags.typesys import get_typestore, Stores
    except ImportError as error:
        raise MissingDependencyError(
            "bags are read with rosbags: pip install 'rfsn_ros[replay]'") from error
    store = get_typestore(Stores.ROS1_NOETIC if ros1 else Stores.ROS2_JAZZY)
    if ros1:  # those of ROS 1 lack transforms
        for name in TRANSFORMS:
            if name not in store.fielddefs:
                _register(store, name, 'geometry_msgs/TransformStamped[] transforms', idl=False)
    return store


def _register(store: Any, name: str, definition: str, *, idl: bool) -> None:
    """Teach the store a type from the bag; unreadable definitions are left alone."""
    from rosbags.typesys import get_types_from_idl, get_types_from_msg
    try:
        if idl:
            types: dict[str, Any] = {}
            parts = definition.split('=' * 80 + '\n')[1:] or ['\n' + definition]
            for part in parts:
                types.update(get_types_from_idl(part.split('\n', 1)[1]))
        else:
            types = dict(get_types_from_msg(definition, name))
        store.register({key: value for key, value in types.items()
                        if key not in store.fielddefs})
    # A definition that cannot be parsed only makes its own topic unreadable.
    except Exception:
        return


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
