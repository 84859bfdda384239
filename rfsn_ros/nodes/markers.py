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

"""A decision as markers for RViz and Foxglove: primitives, mask, choice and goal."""

from __future__ import annotations

from collections.abc import Iterable
import math

from builtin_interfaces.msg import Time
from geometry_msgs.msg import Point
import numpy as np
from rfsn_ros.navigation import NavDecision, Pose2D, PrimitiveLibrary
from rfsn_ros.navigation.observation import FloatArray
from std_msgs.msg import ColorRGBA
from visualization_msgs.msg import Marker, MarkerArray

__all__ = ['decision_markers', 'path_of']

_SEGMENTS = 16
_HEIGHT = 0.05


def decision_markers(
    decision: NavDecision, library: PrimitiveLibrary, pose: Pose2D, goal: tuple[float, float], *,
    stamp: Time, frame: str, horizon: float,
) -> MarkerArray:
    """
    Return the markers of one decision; a later one replaces them.

    Paths are what the primitives ask for over `horizon` seconds from `pose` in `frame`. Feasible
    ones are the more opaque the more probable, infeasible ones dashed, the chosen one wide.
    """
    feasible = _marker(Marker.LINE_LIST, 'feasible', stamp, frame, width=0.015)
    masked = _marker(Marker.LINE_LIST, 'infeasible', stamp, frame, width=0.01)
    chosen = _marker(Marker.LINE_STRIP, 'chosen', stamp, frame, width=0.05)
    chosen.color = ColorRGBA(r=0.2, g=0.75, b=0.35, a=1.0)
    largest = float(decision.pmf.max())
    for action, primitive in enumerate(library.primitives):
        heading = float(decision.velocities[action, 2])
        path = path_of(primitive.speed, primitive.turn_rate, pose, horizon, heading=heading)
        if action == decision.action:
            chosen.points = _points(path)
        elif decision.mask[action]:
            alpha = 0.15 + 0.85 * float(decision.pmf[action]) / largest
            _add(feasible, path, ColorRGBA(r=0.2, g=0.55, b=0.95, a=alpha), step=1)
        else:
            _add(masked, path, ColorRGBA(r=0.9, g=0.3, b=0.1, a=0.6), step=2)
    target = _marker(Marker.CYLINDER, 'goal', stamp, frame, width=0.4)
    target.scale.y, target.scale.z = 0.4, 0.02
    target.pose.position.x, target.pose.position.y = goal
    target.color = ColorRGBA(r=0.85, g=0.7, b=0.1, a=0.8)
    return MarkerArray(markers=[feasible, masked, chosen, target])


def path_of(
    speed: float, turn_rate: float, pose: Pose2D, horizon: float, *,
    heading: float = math.nan,
) -> FloatArray:
    """
    Return points of a path, shape (n, 2), in the frame of `pose`.

    An arc of `speed` (m/s) and `turn_rate` (rad/s); with `heading` (rad) a straight line there.
    """
    time = np.linspace(0.0, horizon, _SEGMENTS + 1)
    steers = not math.isnan(heading)
    start = heading if steers else pose.yaw
    yaw = start + (0.0 * time if steers else turn_rate * time)
    step = speed * horizon / _SEGMENTS
    middle = 0.5 * (yaw[1:] + yaw[:-1])
    x = pose.x + np.concatenate(([0.0], np.cumsum(step * np.cos(middle))))
    y = pose.y + np.concatenate(([0.0], np.cumsum(step * np.sin(middle))))
    return np.column_stack((x, y))


def _marker(kind: int, name: str, stamp: Time, frame: str, *, width: float) -> Marker:
    marker = Marker(type=kind, action=Marker.ADD, ns=name, id=0)
    marker.header.stamp = stamp
    marker.header.frame_id = frame
    marker.scale.x = width
    marker.pose.orientation.w = 1.0
    return marker


def _add(marker: Marker, path: FloatArray, colour: ColorRGBA, *, step: int) -> None:
    """Add every `step`-th segment of a path to a line list; paths without length are left out."""
    if math.dist(path[0], path[-1]) < 1e-3:
        return
    points = _points(path)
    for index in range(0, len(points) - 1, step):
        marker.points.extend(points[index:index + 2])
        marker.colors.extend((colour, colour))


def _points(path: Iterable[FloatArray]) -> list[Point]:
    return [Point(x=float(x), y=float(y), z=_HEIGHT) for x, y in path]
