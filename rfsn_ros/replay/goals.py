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

"""Goals as they were recorded, in the frame of the odometry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
import math
from typing import Any

from rfsn_ros.replay.recording import Quality
from rfsn_ros.replay.transforms import Frames

__all__ = ['goals_of', 'lying_elsewhere']

_SAME = 0.03  # m between a goal and the same one said again, in its own frame,
_MOVED = 0.5  # and in odom, for the map may be corrected meanwhile


def goals_of(
    messages: Iterable[tuple[float, Any]], frames: Frames, odom: str, quality: Quality,
) -> list[tuple[float, float, float]]:
    """
    Return goals as (bag time, x, y) in the frame `odom`, by the transforms of their time.

    A goal without a frame is in `odom`; one that is said again counts once. Goals of which no
    transform says where they lie are left out, and `quality` notes how many.
    """
    goals: list[tuple[float, float, float]] = []
    before = '', 0.0, 0.0
    lost = Counter[str]()
    for arrived, message in messages:
        at, frame = message.pose.position, message.header.frame_id or odom
        if not math.isfinite(at.x + at.y):
            continue
        pose = frames.pose(frame, odom, arrived)
        if pose is None:
            lost[frame] += 1
            continue
        x, y = (pose @ (at.x, at.y, 0.0, 1.0))[:2].tolist()
        again = bool(goals) and frame == before[0] and (
            math.dist(before[1:], (at.x, at.y)) < _SAME
            and math.dist(goals[-1][1:], (x, y)) < _MOVED)
        if not again:
            before = frame, at.x, at.y
            goals.append((arrived, x, y))
    quality.notes.extend(
        f'goals in {frame!r} left out, for no transform leads from there to {odom!r}: {count}'
        for frame, count in lost.items())
    return goals


def lying_elsewhere(messages: Iterable[tuple[float, Any]], frames: Frames, odom: str) -> bool:
    """Return whether there are goals of which `frames` do not say where in `odom` they lie."""
    named = {message.header.frame_id or odom for _, message in messages}
    return any(frames.pose(frame, odom) is None for frame in named)
