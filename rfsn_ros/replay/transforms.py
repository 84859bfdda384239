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

"""Where the laser sits: the chain of /tf_static from the base to the laser's frame."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
import math
from typing import Any

import numpy as np
from rfsn_ros.navigation.observation import FloatArray, Pose2D

__all__ = ['BASE_FRAMES', 'Mount', 'find_mount', 'pose_of', 'yaw_of']

BASE_FRAMES = ('base_link', 'base_footprint', 'base')


@dataclass(frozen=True, slots=True)
class Mount:
    """Pose of the laser in the base frame; `upside_down` lasers turn the other way."""

    pose: Pose2D
    upside_down: bool
    base: str


def find_mount(transforms: Iterable[Any], laser: str, bases: Iterable[str]) -> Mount | None:
    """
    Return where `laser` sits in the first of the base frames it hangs together with.

    `transforms` are geometry_msgs/TransformStamped; the newest of a pair of frames counts.
    """
    newest: dict[tuple[str, str], Any] = {}
    for stamped in transforms:
        parent, child = _frame(stamped.header.frame_id), _frame(stamped.child_frame_id)
        if _says_where(stamped):
            newest.pop((child, parent), None)
            newest[parent, child] = stamped.transform
    edges: dict[str, dict[str, FloatArray]] = {}
    for (parent, child), transform in newest.items():
        matrix = _matrix(transform)
        edges.setdefault(parent, {})[child] = matrix
        edges.setdefault(child, {})[parent] = np.asarray(np.linalg.inv(matrix))
    laser = _frame(laser)
    for wanted in bases:
        named = [frame for frame in edges if frame.split('/')[-1] == wanted]
        for base in named:
            found = _chain(edges, base, laser)
            if found is not None:
                yaw = math.atan2(found[1, 0], found[0, 0])
                return Mount(Pose2D(float(found[0, 3]), float(found[1, 3]), yaw),
                             bool(found[2, 2] < 0.0), base)
    return None


def pose_of(stamped: Any) -> tuple[float, ...]:
    """Return a transform as numbers, (x, y, qx, qy, qz, qw)."""
    at, turn = stamped.transform.translation, stamped.transform.rotation
    return at.x, at.y, turn.x, turn.y, turn.z, turn.w


def yaw_of(x: float, y: float, z: float, w: float) -> float:
    """Return the yaw of a quaternion; not finite where it has no direction."""
    norm = x * x + y * y + z * z + w * w
    if not norm > 1e-6:
        return math.nan
    return math.atan2(2.0 * (w * z + x * y) / norm, 1.0 - 2.0 * (y * y + z * z) / norm)


def _chain(edges: dict[str, dict[str, FloatArray]], start: str, end: str) -> FloatArray | None:
    reached: dict[str, FloatArray] = {start: np.eye(4)}
    waiting = deque([start])
    while waiting:
        frame = waiting.popleft()
        if frame == end:
            return reached[frame]
        for below, matrix in edges.get(frame, {}).items():
            if below not in reached:
                reached[below] = reached[frame] @ matrix
                waiting.append(below)
    return None


def _frame(name: str) -> str:
    return name.strip('/')


def _says_where(stamped: Any) -> bool:
    """Return whether all numbers of a transform are finite and its quaternion has a direction."""
    at, turn = stamped.transform.translation, stamped.transform.rotation
    norm = turn.x * turn.x + turn.y * turn.y + turn.z * turn.z + turn.w * turn.w
    return 1e-6 < norm < math.inf and math.isfinite(at.x + at.y + at.z)


def _matrix(transform: Any) -> FloatArray:
    q, t = transform.rotation, transform.translation
    x, y, z, w = q.x, q.y, q.z, q.w
    s = 2.0 / (x * x + y * y + z * z + w * w)
    return np.array([
        [1 - s * (y * y + z * z), s * (x * y - z * w), s * (x * z + y * w), t.x],
        [s * (x * y + z * w), 1 - s * (x * x + z * z), s * (y * z - x * w), t.y],
        [s * (x * z - y * w), s * (y * z + x * w), 1 - s * (x * x + y * y), t.z],
        [0.0, 0.0, 0.0, 1.0]])
