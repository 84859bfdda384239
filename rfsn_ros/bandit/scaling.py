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

"""Features made comparable while learning: running mean and deviation, exact and saveable."""

from __future__ import annotations

import numpy as np
from rfsn_ros.bandit.contract import FloatArray
from rfsn_ros.errors import CheckpointError

__all__ = ['RunningScale']

_CLIP = 8.0       # farthest from the mean that a feature counts [deviations]
_ROUNDING = 1e-12  # share of the mean square below which a variance is rounding
_GROWTH = 16      # the scale is renewed when this fraction of the rows is new


class RunningScale:
    """
    Scales rows of features by the mean and deviation of all rows seen so far.

    A feature that never varied becomes 0, and so does everything before the second row. The scale
    is renewed after every row at first and ever more seldom later, so that what was learned under
    it stays valid for a while.

    >>> scale = RunningScale(1)
    >>> for value in (10.0, 20.0, 30.0):
    ...     renewed = scale.learn(np.array([value]))
    >>> scale.apply(np.array([20.0])).tolist(), scale.apply(np.array([1e9])).tolist()
    ([0.0], [8.0])
    """

    def __init__(self, width: int) -> None:
        self._counts = np.zeros(2)  # rows seen; at how many the scale is renewed next
        self._origin, self._sums, self._squares = np.zeros((3, width))  # sums about the origin
        self._gain, self._shift = np.zeros((2, width))

    def apply(self, rows: FloatArray) -> FloatArray:
        """Return rows, shape (width,) or (n, width), scaled."""
        scaled: FloatArray = rows * self._gain
        scaled += self._shift
        np.minimum(scaled, _CLIP, out=scaled)
        return np.maximum(scaled, -_CLIP, out=scaled)

    def learn(self, rows: FloatArray) -> bool:
        """Take rows, shape (width,) or (n, width), into account; tell whether that renewed it."""
        counts = self._counts
        if not counts[0]:
            self._origin[:] = rows if rows.ndim == 1 else rows[0]
        offsets = rows - self._origin
        squares = offsets * offsets
        if rows.ndim == 1:
            counts[0] += 1
        else:
            counts[0] += len(rows)
            offsets, squares = offsets.sum(axis=0), squares.sum(axis=0)
        self._sums += offsets
        self._squares += squares
        if counts[0] < counts[1]:
            return False
        self._renew()
        return True

    def dump(self) -> bytes:
        """Return the state; its length depends on the width alone."""
        return b''.join(part.tobytes() for part in self._parts())

    def parse(self, data: bytes) -> RunningScale:
        """
        Return a scale of the same width with a dumped state.

        :raises CheckpointError: it has another length.
        """
        if len(data) != self.size:
            raise CheckpointError(f'{len(data)} bytes of scales do not fit the settings')
        scale = RunningScale(len(self._origin))
        values = np.frombuffer(data)
        start = 0
        for part in scale._parts():
            part[:] = values[start:start + len(part)]
            start += len(part)
        return scale

    @property
    def size(self) -> int:
        """Length of a dumped state [bytes]."""
        return sum(part.nbytes for part in self._parts())

    def _parts(self) -> tuple[FloatArray, ...]:
        return (self._counts, self._origin, self._sums, self._squares, self._gain, self._shift)

    def _renew(self) -> None:
        count = float(self._counts[0])
        mean = self._sums / count
        mean_square = self._squares / count
        variance = mean_square - mean * mean
        varied = variance > _ROUNDING * mean_square
        self._gain[:] = np.where(varied, 1.0, 0.0) / np.sqrt(np.where(varied, variance, 1.0))
        self._shift[:] = -(self._origin + mean) * self._gain
        self._counts[1] = count + 1.0 + count // _GROWTH
