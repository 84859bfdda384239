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

"""What progress is measured against."""

from __future__ import annotations

from rfsn_ros.navigation.compiled import compiled

__all__ = ['attainable', 'progress_share']

_AMONG_MOVING = 2.5  # how many times progress counts where something moves


def attainable(
    speed: float, time: float, *, limit: float, acceleration: float, latency: float,
) -> float:
    """
    Return how far a robot at `speed` (m/s) gets in `time` (s) at most, metres.

    It accelerates up to `limit` once the latency is over. Never less than what a fifth of the
    limit brings.
    """
    start = min(max(speed, 0.0), limit)
    rest = max(time - latency, 0.0)
    rising = min((limit - start) / acceleration, rest)
    gained = acceleration * rising
    way = start * time + 0.5 * gained * rising + gained * (rest - rising)
    return max(way, 0.2 * limit * time)


@compiled
def progress_share(gained: float, best: float, most: float, moving: bool) -> float:
    """
    Return progress over the best possible, cut to [-1, 1.5].

    Gains (m) are measured against what is `attainable`, `best` (m): a robot that sets off slowly
    would else rather turn to and fro than move. Losses are measured against full speed, `most`
    (m): backing out of a corner must stay cheap.

    Where something is `moving` it counts 2.5 times before it is cut: what gets on at 60 % of the
    best is as good then as all of it. Keeping to the way, seeing it and what can follow decide.
    """
    share = gained / best if gained > 0.0 else gained / most
    return min(max(_AMONG_MOVING * share if moving else share, -1.0), 1.5)
