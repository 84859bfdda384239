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

"""Worlds of BARN (Perille et al., "Benchmarking Metric Ground Navigation", SSRR 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
import json
from pathlib import Path
import reprlib
from typing import Any

import numpy as np
from rfsn_ros.errors import WorldError
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.sim.worlds import World

__all__ = ['read_barn_json']


def read_barn_json(path: str | Path, indices: Sequence[int] | None = None) -> list[World]:
    """
    Read worlds from BARN's compact JSON.

    The file's `meta` block holds what all worlds share (radius, start, goal, tolerance,
    timeout); each world holds `c`, the flat list of cylinder centres, and `L`, the length of
    the official path. `indices` selects and orders worlds; None takes all in the file's order.

    :raises WorldError: the file is unreadable, lacks a key or an index, or a value is malformed.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except OSError as error:
        raise WorldError(f'{path}: {error.strerror or error}') from None
    except (ValueError, RecursionError) as error:
        raise WorldError(f'{path}: not JSON ({error})') from None
    try:
        meta: dict[str, Any] = content['meta']
        worlds: dict[str, Any] = content['worlds']
        names = list(worlds) if indices is None else [str(index) for index in indices]
        missing = [name for name in names if name not in worlds]
        if missing:
            raise WorldError(f'{path}: holds no world {", ".join(missing)}')
        return [_world(name, worlds[name], meta) for name in names]
    except (KeyError, TypeError, AttributeError, IndexError) as error:
        raise WorldError(f'{path}: not a compact BARN file ({error!r})') from None


def _world(name: str, entry: dict[str, Any], meta: dict[str, Any]) -> World:
    try:
        centres = np.array(entry['c'], dtype=np.float64).reshape(-1, 2)
    except (TypeError, ValueError, OverflowError):
        raise WorldError(f'barn:{name}: c = {reprlib.repr(entry["c"])}: must be a flat list '
                         'x0, y0, x1, y1, ...') from None
    numbers = partial(_numbers, f'barn:{name}')
    radius, = numbers(meta, 'cylinder_radius')
    goal_x, goal_y = numbers(meta, 'goal', 2)
    tolerance, = numbers(meta, 'goal_tolerance')
    timeout, = numbers(meta, 'timeout_s')
    length, = numbers(entry, 'L')
    return World(
        name=f'barn:{name}',
        circles=np.column_stack([centres, np.full(len(centres), radius)]),
        start=Pose2D(*numbers(meta, 'start', 3)), goal=(goal_x, goal_y),
        goal_tolerance=tolerance, timeout=timeout, reference_length=length)


def _numbers(where: str, group: dict[str, Any], key: str, count: int = 1) -> list[float]:
    """Return the numbers of a key: one that stands alone, or a list of `count`."""
    value = group[key]
    values = [value] if count == 1 else value
    try:
        numbers = [float(each) for each in values] if isinstance(values, list) else []
    except (TypeError, ValueError, OverflowError):
        numbers = []
    if len(numbers) != count:
        raise WorldError(f'{where}: {key} = {reprlib.repr(value)}: must be '
                         f'{"a number" if count == 1 else f"{count} numbers"}')
    return numbers
