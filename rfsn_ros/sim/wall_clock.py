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

"""Simulated time that keeps up with the wall clock."""

from __future__ import annotations

__all__ = ['WallClock']

_MOST = 0.25
"""So much simulated time is made up for at once; what a busy machine is later is left out, s."""


class WallClock:
    """
    Says how many ticks are due; simulated time runs `factor` times as fast as the wall clock.

    It begins with the first question.
    """

    def __init__(self, factor: float, tick: float) -> None:
        """`tick` is that of the simulator, seconds."""
        self._factor = factor
        self._tick = tick
        self._started: float | None = None
        self._simulated = 0.0

    def due(self, now: float) -> int:
        """Return how many ticks to drive at `now`, seconds on a steady clock."""
        if self._started is None:
            self._started = now
        due = (now - self._started) * self._factor - self._simulated
        if due > _MOST:
            self._started += (due - _MOST) / self._factor
            due = _MOST
        ticks = int(due / self._tick)
        self._simulated += ticks * self._tick
        return ticks
