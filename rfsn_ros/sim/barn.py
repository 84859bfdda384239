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
import json
from pathlib import Path
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

    :raises WorldError: the file is unreadable, lacks a key or an index.
    """
    path = Path(path)
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except OSError as error:
        raise WorldError(f'{path}: {error.strerror or error}') from None
    except ValueError as error:
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
    except ValueError:
        raise WorldError(f'barn:{name}: c must be a flat list x0, y0, x1, y1, ...') from None
    radius = np.full(len(centres), float(meta['cylinder_radius']))
    x, y, yaw = meta['start']
    goal_x, goal_y = meta['goal']
    return World(
        name=f'barn:{name}', circles=np.column_stack([centres, radius]),
        start=Pose2D(float(x), float(y), float(yaw)), goal=(float(goal_x), float(goal_y)),
        goal_tolerance=float(meta['goal_tolerance']), timeout=float(meta['timeout_s']),
        reference_length=float(entry['L']))
