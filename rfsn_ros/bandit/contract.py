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
The contract between a contextual bandit and those who use it.

A bandit sees a context vector and either a fixed number of actions or one feature row per action
(the action set may then vary from round to round). It returns the whole probability mass function
over the actions, draws one from it, and learns from the reward of the action that was executed.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

__all__ = ['BoolArray', 'Choice', 'ContextualBandit', 'FloatArray']

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


class Choice(NamedTuple):
    """
    One drawn action with everything needed to judge it later.

    `pmf` has shape (K,), sums to 1 and is 0 where the mask forbids; `probability` is
    ``pmf[action]``, the propensity. `draw` is the uniform number in [0, 1) from which `action`
    follows by inverting the cumulative sum of `pmf` (`bandit.sampling.invert_cdf`).
    `example_count` is how many rewards the model had learned when it chose.
    """

    action: int
    probability: float
    pmf: FloatArray
    draw: float
    example_count: int


@runtime_checkable
class ContextualBandit(Protocol):
    """
    What every backend offers; one battery of tests runs over all of them.

    `context` has shape (context_dim,). `actions`, where the backend was configured for action
    features, has shape (K, action_dim); `mask`, shape (K,), is true where an action is allowed.
    All raise `InputError` for what they cannot use and then leave the model unchanged.
    """

    @property
    def example_count(self) -> int:
        """How many rewards the model has learned."""

    def predict(
        self, context: FloatArray, *, actions: FloatArray | None = None,
        mask: BoolArray | None = None,
    ) -> FloatArray:
        """Return the pmf, shape (K,), without drawing and without any side effect."""

    def select_action(
        self, context: FloatArray, *, actions: FloatArray | None = None,
        mask: BoolArray | None = None,
    ) -> tuple[int, Choice]:
        """Draw an action from the pmf with the bandit's own seeded generator."""

    def update(
        self, context: FloatArray, action: int, reward: float, *,
        probability: float | None = None, actions: FloatArray | None = None,
        mask: BoolArray | None = None,
    ) -> None:
        """
        Learn the reward of an executed action.

        `probability` is the propensity with which it was chosen; left out, it is that of the
        newest choice made for the same context and action, and of the current pmf where there
        was none.
        """

    def save(self, path: str | Path) -> Mapping[str, Any]:
        """Write the whole state (model, generator, counts); return the manifest."""

    def load(self, path: str | Path) -> Mapping[str, Any]:
        """Replace the state by a saved one, or raise `CheckpointError` and change nothing."""

    def close(self) -> None:
        """Free the model; later use raises `ClosedError`."""
