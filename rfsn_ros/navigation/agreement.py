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

"""
Whether velocities and poses of odometry tell of the same drive.

On real robots they often do not: drivers divide by a period that a stumbling clock has made
short, or give velocities in the frame of the world, against REP 105.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from rfsn_ros.navigation.observation import FloatArray, Odometry

__all__ = ['Agreement', 'agrees', 'share_of_way']

_AGREES = 1.25  # ways by velocities and by poses differ by no larger factor
_SOME_WAY = 0.5  # with less (m) there is nothing to compare


def share_of_way(table: FloatArray) -> float:
    """
    Return what the velocities say of the way gone ahead, as a share of what the poses say.

    `table` has rows (t, x, y, yaw, v), SI units, in the order of time. The share is 1 where the
    robot has hardly moved. The largest steps, one in a hundred, do not count: among them are
    those of poses that were set anew.
    """
    if len(table) < 2:
        return 1.0
    elapsed, dx, dy = np.diff(table[:, :3], axis=0).T
    gone = np.abs(dx * np.cos(table[:-1, 3]) + dy * np.sin(table[:-1, 3]))
    real = (elapsed < 1.0) & (gone <= np.quantile(gone, 0.99))
    way = float(gone[real].sum())
    return float((np.abs(table[:-1, 4]) * elapsed)[real].sum()) / way if way > _SOME_WAY else 1.0


def agrees(share: float) -> bool:
    """Return whether a share of the way is as near to 1 as honest odometry comes."""
    return 1.0 / _AGREES <= share <= _AGREES


class Agreement:
    """Compares velocities and poses of the newest `size` messages of a robot's odometry."""

    def __init__(self, size: int = 1000) -> None:
        self._rows: deque[tuple[float, ...]] = deque(maxlen=size)

    def clear(self) -> None:
        """Begin anew: time or place is another one."""
        self._rows.clear()

    def add(self, odometry: Odometry) -> None:
        """Take in what came after what is known."""
        pose = odometry.pose
        self._rows.append((odometry.stamp, pose.x, pose.y, pose.yaw, odometry.twist.v))

    def doubt(self) -> str:
        """Return in words that they do not agree, empty where they do."""
        share = share_of_way(np.array(self._rows).reshape(-1, 5))
        return '' if agrees(share) else (
            f'by the velocities of its odometry the robot went {share:.2g} times as far as by the '
            'poses')
