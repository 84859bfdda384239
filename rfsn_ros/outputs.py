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

"""Files that a command is to write: seen to before the work whose results they are for."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
import os
from pathlib import Path

from rfsn_ros.errors import InputError, MissingDependencyError

__all__ = ['PLOT_SUFFIXES', 'check_output', 'check_plot', 'need_matplotlib']

PLOT_SUFFIXES = ('.png', '.pdf', '.svg')


def check_output(path: Path, suffixes: Sequence[str] = ()) -> None:
    """
    See to it that a file can be written, before the work whose results it is for.

    Its folder is made where there is none.

    :raises InputError: it cannot be written, or its name has none of the `suffixes`.
    """
    if suffixes and path.suffix not in suffixes:
        raise InputError(f'{path}: must be named {" or ".join(suffixes)}')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f'{path}: its folder cannot be made ({error.strerror})') from None
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise InputError(f'cannot write {path}: a folder, or no permission')


def check_plot(path: Path) -> None:
    """
    See to it that a chart can be drawn and written, before the work that it shows.

    :raises InputError: as for `check_output`; its name ends with none of `PLOT_SUFFIXES`.
    :raises MissingDependencyError: matplotlib is not installed.
    """
    check_output(path, PLOT_SUFFIXES)
    need_matplotlib()


def need_matplotlib() -> None:
    """
    See to it that charts can be drawn, before the work that they show.

    :raises MissingDependencyError: matplotlib is not installed.
    """
    if find_spec('matplotlib') is None:
        raise MissingDependencyError(
            'charts need matplotlib: pip install "rfsn_ros[replay]"')
