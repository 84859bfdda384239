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

"""Drawing an action from a pmf, in a way that a log can repeat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ['Draws', 'invert_cdf']

_BLOCK = 64


class Draws:
    """
    Uniform numbers in [0, 1) of NumPy's PCG64, drawn ahead in blocks.

    They are those of ``Generator(PCG64(seed)).random()`` called again and again, at a fifth of
    its time. `state` is that of a generator which has drawn only what was handed out.

    >>> draws = Draws(7)
    >>> draws.next() == np.random.Generator(np.random.PCG64(7)).random()
    True
    """

    def __init__(self, seed: int) -> None:
        self._generator = np.random.Generator(np.random.PCG64(seed))
        self._refill()

    @classmethod
    def from_state(cls, state: Any) -> Draws:
        """
        Return draws that go on from a state.

        :raises KeyError, TypeError, ValueError, OverflowError: it is no state of PCG64.
        """
        draws = cls(0)
        draws._generator.bit_generator.state = state
        draws._refill()
        return draws

    @property
    def state(self) -> Mapping[str, Any]:
        """Plain values from which `from_state` goes on."""
        bits = np.random.PCG64(0)
        bits.state = self._start
        bits.advance(_BLOCK - len(self._ahead))
        return bits.state

    def next(self) -> float:
        """Return the next number."""
        if not self._ahead:
            self._refill()
        return self._ahead.pop()

    def _refill(self) -> None:
        self._start: Any = self._generator.bit_generator.state
        self._ahead: list[float] = self._generator.random(_BLOCK)[::-1].tolist()


def invert_cdf(pmf: Sequence[float], draw: float) -> int:
    """
    Return the action at which the cumulative sum of `pmf` first exceeds `draw`.

    Actions of probability 0 are never returned, whatever rounding did to the sum.

    >>> invert_cdf([0.25, 0.0, 0.75], 0.25)
    2
    """
    total = 0.0
    for action, probability in enumerate(pmf):
        total += probability
        if draw < total:  # never at a probability of 0, which leaves the sum as it was
            return action
    return max((action for action, probability in enumerate(pmf) if probability > 0.0), default=0)
