"""Numba's decorator with this project's defaults, or a clear error where Numba is missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from rfsn_ros.errors import MissingDependencyError

__all__ = ['compiled']

_F = TypeVar('_F', bound=Callable[..., object])


def compiled(function: _F) -> _F:
    """Compile a numeric function on its first call; the machine code is cached on disk.

    :raises MissingDependencyError: Numba is not installed.
    """
    try:
        from numba import njit
    except ImportError as error:
        raise MissingDependencyError(
            'navigation needs numba: pip install "rfsn_ros[sim]"') from error
    return cast('_F', njit(cache=True, error_model='numpy')(function))
