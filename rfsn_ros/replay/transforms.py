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

"""How frames lie to each other, and with that where the laser sits in the base."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
import math
from operator import itemgetter
from typing import Any

import numpy as np
from rfsn_ros.navigation.observation import FloatArray, Pose2D

__all__ = ['BASE_FRAMES', 'Frames', 'Mount', 'find_mount', 'mount_of', 'pose_of', 'yaw_of']

BASE_FRAMES = ('base_link', 'base_footprint', 'base')


@dataclass(frozen=True, slots=True)
class Mount:
    """Pose of the laser in the base frame; `upside_down` lasers turn the other way."""

    pose: Pose2D
    upside_down: bool = False
    base: str = BASE_FRAMES[0]

    def seen_from_above(self, start: float, step: float) -> tuple[float, float]:
        """Return angle and increment of the beams (rad), counterclockwise for who looks down."""
        return (-start, -step) if self.upside_down else (start, step)


def mount_of(stamped: Any, base: str) -> Mount | None:
    """Return where a geometry_msgs/TransformStamped puts a laser; None where it does not say."""
    return _mount(_matrix(stamped.transform), base) if _says_where(stamped) else None


class Frames:
    """How frames lie to each other, by transforms that count until the next of a pair comes."""

    def __init__(self, transforms: Iterable[tuple[float, Any]]) -> None:
        """Take pairs of bag time (s) and geometry_msgs/TransformStamped."""
        self._pairs: dict[frozenset[str], list[tuple[float, Any]]] = {}
        for arrived, stamped in sorted(transforms, key=itemgetter(0)):
            if _says_where(stamped):
                pair = frozenset((_frame(stamped.header.frame_id), _frame(stamped.child_frame_id)))
                self._pairs.setdefault(pair, []).append((arrived, stamped))

    def edges(self, time: float = math.inf) -> dict[str, dict[str, FloatArray]]:
        """Return at a bag time (s), by frame, the poses of its neighbours in it, (4, 4)."""
        edges: dict[str, dict[str, FloatArray]] = {}
        for found in self._pairs.values():
            # before the first one of a pair, that is the nearest in time
            newest = max(bisect_right(found, time, key=itemgetter(0)) - 1, 0)
            stamped = found[newest][1]
            parent, child = _frame(stamped.header.frame_id), _frame(stamped.child_frame_id)
            matrix = _matrix(stamped.transform)
            edges.setdefault(parent, {})[child] = matrix
            edges.setdefault(child, {})[parent] = np.asarray(np.linalg.inv(matrix))
        return edges

    def pose(self, frame: str, base: str, time: float = math.inf) -> FloatArray | None:
        """Return the pose of a frame in another at a bag time (s), (4, 4), None if not known."""
        frame, base = _frame(frame), _frame(base)
        return np.eye(4) if frame == base else _chain(self.edges(time), base, frame)


def find_mount(frames: Frames, laser: str, bases: Iterable[str]) -> Mount | None:
    """Return where `laser` sits in the first of the base frames it hangs together with."""
    edges, laser = frames.edges(), _frame(laser)
    for wanted in bases:
        named = [frame for frame in edges if frame.split('/')[-1] == wanted]
        for base in named:
            found = _chain(edges, base, laser)
            if found is not None:
                return _mount(found, base)
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


def _mount(matrix: FloatArray, base: str) -> Mount:
    yaw = math.atan2(matrix[1, 0], matrix[0, 0])
    return Mount(
        Pose2D(float(matrix[0, 3]), float(matrix[1, 3]), yaw), bool(matrix[2, 2] < 0.0), base)


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
