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

"""Stamps in the order they came: how long a pause is usual, and which of them are none."""

from __future__ import annotations

import numpy as np
from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.replay.recording import FloatArray

__all__ = ['CLOCK_JUMP', 'pause', 'stray']

CLOCK_JUMP = 1.0
"""Seconds backwards from which on the clock was set, not merely late."""
_AROUND = 2  # stamps to either side that say what time it was


def pause(stamps: FloatArray, least: float) -> float:
    """Return how long nothing may come before something is missing (s): `least`, more if slow."""
    steps = np.diff(stamps)
    steps = steps[steps > 0.0]
    return max(least, 3.0 * float(np.median(steps))) if len(steps) else least


def stray(stamps: FloatArray) -> BoolArray:
    """
    Return which stamps lie apart from those before and after them, shape (n,).

    So are one or two zeros in a row, or a damaged number. Where the clock was set, the stamps that
    follow go on from there: none is stray.
    """
    if len(stamps) <= 2 * _AROUND:
        return np.zeros(len(stamps), dtype=np.bool_)
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(stamps, _AROUND, mode='reflect'), 2 * _AROUND + 1)
    apart = np.abs(stamps - np.median(windows, axis=1)) > pause(stamps, CLOCK_JUMP)
    # in a muddle in which no stamp goes with another, none is the odd one
    return np.asarray(apart & ~np.all(apart))
