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

"""Numba's decorator with this project's defaults, or a clear error where Numba is missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
import logging
from typing import Any, cast, TypeVar

from rfsn_ros.errors import MissingDependencyError

__all__ = ['compiled', 'compiled_exact', 'compiled_unlocked']

_F = TypeVar('_F', bound=Callable[..., object])

_log = logging.getLogger(__name__)


def compiled(function: _F) -> _F:
    """
    Compile a numeric function on its first call; the machine code is cached on disk.

    :raises MissingDependencyError: Numba is not installed.
    """
    return _compiled(function, error_model='numpy')


def compiled_unlocked(function: _F) -> _F:
    """
    Compile like `compiled` a function that takes long enough for other threads to go on by it.

    :raises MissingDependencyError: Numba is not installed.
    """
    return _compiled(function, error_model='numpy', nogil=True)


def compiled_exact(function: _F) -> _F:
    """
    Compile like `compiled`, but a division by 0 is an error as in Python.

    :raises MissingDependencyError: Numba is not installed.
    """
    return _compiled(function)


def _compiled(function: _F, **options: Any) -> _F:
    try:
        from numba import njit
    except ImportError as error:
        raise MissingDependencyError(
            'this needs numba: pip install "rfsn_ros[sim]"') from error
    try:
        return cast('_F', njit(cache=True, **options)(function))
    except RuntimeError:  # neither beside the source nor in the home folder can be written
        _say_that_nothing_is_kept()
        return cast('_F', njit(**options)(function))


@cache
def _say_that_nothing_is_kept() -> None:
    """Say once why every start takes a minute."""
    _log.warning('no folder for compiled code can be written: compiling takes a minute at each '
                 'start; NUMBA_CACHE_DIR names a folder that can')
