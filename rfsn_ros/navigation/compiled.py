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
from typing import cast, TypeVar

from rfsn_ros.errors import MissingDependencyError

__all__ = ['compiled', 'compiled_unlocked']

_F = TypeVar('_F', bound=Callable[..., object])


def compiled(function: _F) -> _F:
    """
    Compile a numeric function on its first call; the machine code is cached on disk.

    :raises MissingDependencyError: Numba is not installed.
    """
    return _compiled(function, nogil=False)


def compiled_unlocked(function: _F) -> _F:
    """
    Compile like `compiled` a function that takes long enough for other threads to go on by it.

    :raises MissingDependencyError: Numba is not installed.
    """
    return _compiled(function, nogil=True)


def _compiled(function: _F, *, nogil: bool) -> _F:
    try:
        from numba import njit
    except ImportError as error:
        raise MissingDependencyError(
            'navigation needs numba: pip install "rfsn_ros[sim]"') from error
    return cast('_F', njit(cache=True, error_model='numpy', nogil=nogil)(function))
