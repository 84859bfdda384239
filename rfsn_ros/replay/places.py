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

"""Where bags are: which files are bags, which are parts of one, in what storage they are."""

from __future__ import annotations

from pathlib import Path
import re
from typing import Any

from rfsn_ros.errors import BagError

__all__ = ['bag_files', 'recordings', 'storage_of']

_SUFFIXES = ('.mcap', '.db3', '.bag')
# rosbag record --split: PREFIX_DATE_NUMBER; rosbag2: PREFIX_NUMBER
_PART = re.compile(r'(_?\d{4}(-\d\d){5})?_(\d+)$')


def bag_files(path: Path) -> list[Path]:
    """
    Return the storage files of a bag (a file, or a folder of split files) in order.

    :raises BagError: there is no bag.
    """
    if not path.exists():
        raise BagError(f'{path}: there is no such bag')
    if path.is_file():
        if storage_of(path) is None:
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


def storage_of(path: Path) -> str | None:
    """Return the suffix that says how a bag is stored, None where a file is no bag."""
    suffixes = [suffix for suffix in path.suffixes if suffix not in ('.zstd', '.zst')]
    return suffixes[-1] if suffixes and suffixes[-1] in _SUFFIXES else None


def _stored(folder: Path) -> list[Path]:
    """
    Return the storage files in a folder, in order.

    :raises BagError: it may not be read.
    """
    try:
        return sorted((file for file in folder.iterdir()
                       if file.is_file() and storage_of(file) is not None), key=_natural)
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
