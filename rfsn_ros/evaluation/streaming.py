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

"""Values of a candidate kept up to date round by round, in constant memory."""

from __future__ import annotations

from dataclasses import dataclass
import math

from rfsn_ros.errors import InputError
from rfsn_ros.evaluation.intervals import Interval, normal_quantile

__all__ = ['StreamingValue']


@dataclass(slots=True)
class StreamingValue:
    """
    Sums from which plain and self-normalised importance weighting follow at any time.

    Values of parts of a log (bags, processes) are merged by ``+``. Before the first round there
    is no estimate: `ips` and `snips` are None.

    >>> value = StreamingValue()
    >>> value.add(1.0, 0.5, 0.25)
    >>> value.add(0.0, 0.5, 0.25)
    >>> value.ips
    1.0
    """

    count: int = 0
    weights: float = 0.0
    squared_weights: float = 0.0
    rewards: float = 0.0
    squared_rewards: float = 0.0
    crossed: float = 0.0
    largest: float = 0.0

    def add(self, reward: float, probability: float, logged_probability: float) -> None:
        """
        Take one round: its reward and both policies' probabilities of the executed action.

        :raises InputError: a number is not finite, or a probability out of its range.
        """
        if not math.isfinite(reward):
            raise InputError(f'reward = {reward}: must be finite')
        if not 0.0 <= probability <= 1.0:
            raise InputError(f'probability = {probability}: must be >= 0 and <= 1')
        if not 0.0 < logged_probability <= 1.0:
            raise InputError(f'logged probability = {logged_probability}: must be > 0 and <= 1')
        weight = probability / logged_probability
        product = weight * reward
        self.count += 1
        self.weights += weight
        self.squared_weights += weight * weight
        self.rewards += product
        self.squared_rewards += product * product
        self.crossed += weight * product
        self.largest = max(self.largest, weight)

    def __add__(self, other: StreamingValue) -> StreamingValue:
        return StreamingValue(
            self.count + other.count, self.weights + other.weights,
            self.squared_weights + other.squared_weights, self.rewards + other.rewards,
            self.squared_rewards + other.squared_rewards, self.crossed + other.crossed,
            max(self.largest, other.largest))

    @property
    def effective_size(self) -> float:
        """Kish's effective sample size; 0 while all weights are 0."""
        return self.weights**2 / self.squared_weights if self.squared_weights > 0.0 else 0.0

    @property
    def ips(self) -> float | None:
        """``mean(w r)``."""
        return self.rewards / self.count if self.count else None

    @property
    def snips(self) -> float | None:
        """``sum(w r) / sum(w)``."""
        return self.rewards / self.weights if self.weights > 0.0 else None

    def interval(self, *, level: float = 0.95) -> Interval | None:
        """Return `snips` with its normal interval by linearisation, None where not defined."""
        value = self.snips
        if value is None or self.count < 2:
            return None
        squares = (self.squared_rewards - 2.0 * value * self.crossed
                   + value**2 * self.squared_weights)
        half = (normal_quantile(level) * math.sqrt(max(squares, 0.0)) / self.weights
                * math.sqrt(self.count / (self.count - 1.0)))
        return Interval(value, value - half, value + half, level, 'normal')
