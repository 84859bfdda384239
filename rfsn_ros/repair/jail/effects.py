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

"""What a line put in would do, as a value: names that probed texts use, and the functions."""

from __future__ import annotations

from typing import Any

__all__ = ['EFFECTS', 'GROW', 'PLUS', 'RETURNED', 'SLOT']

SLOT, PLUS, GROW = '__slot__', '__plus__', '__grow__'
RETURNED = '__returned__'
"""Stands for what the line has returned."""


def _slot(container: Any, key: Any, value: Any) -> Any:
    """Return the value where it can be put at a key; raise where it cannot."""
    if isinstance(container, list):
        container[key]
    elif isinstance(container, dict):
        hash(key)
    elif not hasattr(container, '__setitem__'):
        raise TypeError
    return value


def _plus(one: Any, other: Any) -> Any:
    """Return what ``one += other`` makes of `one`, which stays as it is."""
    return one + list(other) if isinstance(one, list) else one + other


def _grow(container: Any, method: str, *values: Any) -> Any:
    """Return what a method is called with, None where it changes nothing; raise as it would."""
    getattr(container, method)
    if isinstance(container, (set, frozenset)) and values:
        inside = values[0] in container if method in ('add', 'remove', 'discard') else None
        if method == 'remove' and not inside:
            raise KeyError
        if (method == 'add' and inside) or (method == 'discard' and not inside):
            return None
    elif method == 'remove' and values[0] not in container:
        raise ValueError
    elif method in ('extend', 'update') and not hasattr(values[0], '__iter__'):
        raise TypeError
    return (method, *values)


EFFECTS: dict[str, Any] = {SLOT: _slot, PLUS: _plus, GROW: _grow}
