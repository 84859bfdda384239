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

"""Appraises what a robot sighted, and rewards it, at best beside the thread that sights."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.navigation.navigator import Navigator, Sighting
from rfsn_ros.navigation.observation import Odometry
from rfsn_ros.navigation.planner import reach_of
from rfsn_ros.navigation.policies import Situation
from rfsn_ros.navigation.reward import Reward, RewardTracker
from rfsn_ros.replay.trace import FloatArray

__all__ = ['Appraised', 'Appraiser', 'Step']

_AHEAD = 50  # sightings that wait to be appraised at most
_LONG = 2.0  # m; the roll-outs of robots that come less far are done before a thread takes over


@dataclass(frozen=True, slots=True)
class Appraised:
    """What the trace needs of a situation, and all of it where that is asked for."""

    context: FloatArray
    actions: FloatArray
    forecast: FloatArray
    mask: BoolArray
    situation: Situation | None


@dataclass(slots=True)
class Step:
    """One rebuilt decision."""

    odometry: Odometry
    action: int
    drive: int
    seen: Appraised | None = None
    reward: Reward | None = None


class Appraiser:
    """
    Appraises what was sighted and hands out rewards, in a thread of its own where that pays.

    Nothing that is sighted depends on that, so both can go on at once; `_AHEAD` bounds by how
    much the one may be ahead of the other, for sightings are large.
    """

    def __init__(self, navigator: Navigator, *, keep: bool) -> None:
        self._navigator, self._keep = navigator, keep
        far = reach_of(0.0, navigator.identification.dynamics, 0.0, navigator.config)
        self._thread = ThreadPoolExecutor(1) if far > _LONG else None
        self._pending: deque[Future[None]] = deque()
        self._tracker = RewardTracker(navigator.config)
        self._steps: dict[str, Step] = {}

    def __enter__(self) -> Appraiser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=kind is not None)
        while self._pending and kind is None:
            self._pending.popleft().result()

    def decision(self, step: Step, sighting: Sighting) -> None:
        """Begin to appraise a decision."""
        self._submit(self._appraise, step, sighting)

    def finish(self) -> None:
        """End a drive: its newest decision has no outcome; it is the end of the one before."""
        self._submit(lambda: self._hand_out(self._tracker.finish()))

    def _submit(self, work: Callable[..., None], *arguments: Any) -> None:
        if self._thread is None:
            work(*arguments)
            return
        if len(self._pending) >= _AHEAD:
            self._pending.popleft().result()
        self._pending.append(self._thread.submit(work, *arguments))

    def _appraise(self, step: Step, sighting: Sighting) -> None:
        situation = self._navigator.appraise(sighting)
        name = str(len(self._steps))
        self._steps[name] = step
        self._hand_out(self._tracker.decision(
            name, situation.percept.observation, percept=situation.percept))
        step.seen = Appraised(situation.context, situation.actions, situation.forecast,
                               situation.mask, situation if self._keep else None)

    def _hand_out(self, rewards: list[Reward]) -> None:
        for reward in rewards:
            self._steps[reward.decision_id].reward = reward
