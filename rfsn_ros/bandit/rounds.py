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

"""A round: what was offered in it, and what was chosen in the newest ones."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ['Content', 'RecentChoices', 'Round']

_REMEMBERED = 32

Content = tuple[bytes, bytes]
"""Context and action features."""


@dataclass(slots=True)
class Round:
    """
    A checked round: context, actions and mask as bytes, the actions on offer in rising order.

    `prepared` is what the backend made of context and action features.
    """

    content: Content
    mask: bytes
    n_actions: int
    allowed: Sequence[int]
    prepared: Any


class RecentChoices:
    """The newest 32 choices: what was offered, the action and its probability."""

    def __init__(self, choices: Iterable[tuple[Content, int, float]] = ()) -> None:
        self._choices = deque(choices, maxlen=_REMEMBERED)

    @classmethod
    def from_state(cls, state: Any, check: Callable[[Any], float]) -> RecentChoices:
        """
        Return the choices of a state; `check` takes a probability and returns or refuses it.

        :raises KeyError, TypeError, ValueError, OverflowError: it is no state of choices.
        """
        return cls([
            ((base64.b64decode(context), base64.b64decode(actions)), int(action),
             check(probability))
            for context, actions, action, probability in state])

    @property
    def state(self) -> list[Any]:
        """Plain values from which `from_state` goes on."""
        return [
            [base64.b64encode(context).decode(), base64.b64encode(actions).decode(),
             action, probability]
            for (context, actions), action, probability in self._choices]

    def add(self, content: Content, action: int, probability: float) -> None:
        """Remember a choice."""
        self._choices.append((content, action, probability))

    def probability(self, content: Content, action: int) -> float | None:
        """Return the probability of the newest choice of this action there, None without one."""
        for offered, chosen, probability in reversed(self._choices):
            if chosen == action and offered == content:
                return probability
        return None
