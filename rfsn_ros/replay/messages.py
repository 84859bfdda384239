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

"""Decisions and rewards as recorded: their order, repeats, and whether they hold together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from rfsn_ros.replay.digest import digest_of

__all__ = ['flaw_of', 'in_order', 'numbered', 'without_repeats']

_LARGEST = 1e6  # what learners admit; features are about 1


def numbered(decision_id: str) -> tuple[str, int]:
    """Return session and number of a decision's id, number 0 where it has none."""
    session, _, number = decision_id.rpartition('-')
    return (session, int(number)) if number.isascii() and number.isdigit() else (decision_id, 0)


def without_repeats(messages: Iterable[Any]) -> list[Any]:
    """Return messages each once, in their order; equal content makes a repeat."""
    return list({digest_of(message): message for message in reversed(list(messages))}.values())[
        ::-1]


def in_order(decisions: Iterable[Any]) -> list[Any]:
    """Return decisions as they were made: by number within a session, sessions as they came."""
    decisions = list(decisions)
    sessions: dict[str, int] = {}
    for decision in decisions:
        sessions.setdefault(numbered(decision.id)[0], len(sessions))

    def place(decision: Any) -> tuple[int, int]:
        session, number = numbered(decision.id)
        return sessions[session], number

    return sorted(decisions, key=place)


def flaw_of(decision: Any) -> str:
    """Return in words why the numbers of a decision do not hold together, empty where they do."""
    pmf, feasible = np.asarray(decision.pmf), np.asarray(decision.feasible, dtype=np.bool_)
    features, context = np.asarray(decision.action_features), np.asarray(decision.context)
    count = len(pmf)
    if not count or len(feasible) != count or not len(features) or len(features) % count:
        return (f'{count} probabilities, {len(feasible)} feasible or not and {len(features)} '
                'features do not go together')
    if not all(np.all(np.abs(values) <= _LARGEST) for values in (context, features)):
        return f'a feature is not finite and within +-{_LARGEST:g}'
    if not np.all(np.isfinite(pmf)) or not abs(pmf.sum() - 1.0) <= 1e-6 or np.any(pmf < 0.0):
        return 'the probabilities do not sum to 1'
    if np.any(pmf[~feasible] > 0.0):
        return 'something not feasible has a probability'
    if not decision.NOT_EXECUTED <= decision.executed < count or decision.requested >= count:
        return (f'primitives {decision.requested} (requested) and {decision.executed} (driven) '
                f'are not among {count}')
    return ''
