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
Messages of one kind as numbers, thousands at once.

Of odometry and commands, which come by the thousand, a few numbers are wanted. These messages end
in doubles, and before them lie only a stamp and names of frames; so all that have the same names
are rows of one table. What is not alike is decoded by the library, one message at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.replay.recording import FloatArray

__all__ = ['LAYOUTS', 'ODOMETRY', 'Layout', 'Samples', 'Serialized', 'header_stamp', 'samples_of']

_FEW = 8  # so few messages are decoded one by one


@dataclass(frozen=True, slots=True)
class Layout:
    """
    Messages that end in `doubles` doubles, of which `columns` are wanted.

    `numbers` takes the same from a decoded message. Before the doubles there is a header, and
    names, or nothing.
    """

    doubles: int
    columns: tuple[int, ...]
    header: bool
    numbers: Callable[[Any], tuple[float, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """
    n messages as numbers: bag times `arrived` and header stamps `stamp` (s), and `values` (n, k).

    Messages without a header have their bag time for a stamp. `frame` is that of the first header.
    """

    arrived: FloatArray
    stamp: FloatArray
    values: FloatArray
    frame: str = ''

    def __len__(self) -> int:
        return len(self.arrived)


class Serialized(NamedTuple):
    """A message as recorded: bag time in nanoseconds, bytes (CDR, else ROS 1), and its decoder."""

    arrived: int
    data: bytes
    cdr: bool
    decode: Callable[[bytes], Any]


def header_stamp(message: Any) -> float:
    """Return the stamp of a message's header, seconds."""
    stamp = message.header.stamp
    return float(stamp.sec) + 1e-9 * float(stamp.nanosec)


def samples_of(messages: Sequence[Serialized], layout: Layout) -> tuple[Samples, int]:
    """Return messages of one type as numbers, and how many could not be decoded."""
    arrived = np.array([one.arrived for one in messages], dtype=np.float64) * 1e-9
    rows = np.full((len(messages), 1 + len(layout.columns)), np.nan)
    known = np.zeros(len(messages), dtype=np.bool_)
    by_size: dict[tuple[int, bool], list[int]] = {}
    for number, one in enumerate(messages):
        by_size.setdefault((len(one.data), one.cdr), []).append(number)
    for numbers in by_size.values():
        group = np.array(numbers)
        if len(group) >= _FEW:
            alike, table = _alike([messages[number] for number in numbers], layout)
            if not layout.header:
                table[:, 0] = arrived[group[alike]]
            # the library says whether it has been read aright
            first = _decoded(messages[numbers[0]], layout)
            if first is not None and np.array_equal(table[:1], [first], equal_nan=True):
                rows[group[alike]] = table
                known[group[alike]] = True
        for number in group[~known[group]].tolist():
            row = _decoded(messages[number], layout)
            if row is not None:
                rows[number], known[number] = row, True
    frame = ''
    if layout.header and known.any():
        first_known = messages[int(np.argmax(known))]
        frame = str(first_known.decode(first_known.data).header.frame_id)
    return (Samples(arrived[known], rows[known, 0], rows[known, 1:], frame),
            len(messages) - int(known.sum()))


def _decoded(one: Serialized, layout: Layout) -> tuple[float, ...] | None:
    """Return stamp and numbers of a message, None where it cannot be decoded."""
    try:
        message = one.decode(one.data)
        stamp = header_stamp(message) if layout.header else one.arrived * 1e-9
        return stamp, *map(float, layout.numbers(message))
    # Damaged bytes make the decoders raise whatever they stumble over.
    except Exception:
        return None


def _alike(messages: Sequence[Serialized], layout: Layout) -> tuple[BoolArray, FloatArray]:
    """Return which messages of one size have the names of the first, (n,), and rows of these."""
    content = np.frombuffer(
        b''.join(one.data for one in messages), dtype=np.uint8).reshape(len(messages), -1)
    head = content.shape[1] - 8 * layout.doubles
    if head < 12 * layout.header:
        return np.zeros(len(messages), dtype=np.bool_), np.zeros((0, 1 + len(layout.columns)))
    # the stamp follows 4 bytes: what CDR says of itself, in ROS 1 a number that counts up
    fixed = [*range(4 if messages[0].cdr else 0), *range(12 if layout.header else 4, head)]
    alike: BoolArray = np.all(content[:, fixed] == content[0, fixed], axis=1)
    content = content[alike]
    doubles = np.ascontiguousarray(content[:, head:]).view('<f8')
    stamp = np.zeros(len(content))
    if layout.header:
        seconds = np.ascontiguousarray(content[:, 4:8]).view('<i4' if messages[0].cdr else '<u4')
        fraction = np.ascontiguousarray(content[:, 8:12]).view('<u4')
        stamp = (seconds.astype(np.float64) + 1e-9 * fraction.astype(np.float64))[:, 0]
    return alike, np.column_stack((stamp, doubles[:, layout.columns]))


def _odometry(message: Any) -> tuple[float, ...]:
    return *_pose(message.pose.pose), *_twist(message.twist.twist)


def _pose(pose: Any) -> tuple[float, ...]:
    at, turn = pose.position, pose.orientation
    return at.x, at.y, turn.x, turn.y, turn.z, turn.w


def _twist(twist: Any) -> tuple[float, ...]:
    return twist.linear.x, twist.angular.z


# position, orientation, covariance; linear and angular velocity, covariance
ODOMETRY = Layout(3 + 4 + 36 + 3 + 3 + 36, (0, 1, 3, 4, 5, 6, 43, 48), True, _odometry)
LAYOUTS = {
    'nav_msgs/msg/Odometry': ODOMETRY,
    'geometry_msgs/msg/PoseStamped': Layout(
        7, (0, 1, 3, 4, 5, 6), True, lambda message: _pose(message.pose)),
    'geometry_msgs/msg/PoseWithCovarianceStamped': Layout(
        7 + 36, (0, 1, 3, 4, 5, 6), True, lambda message: _pose(message.pose.pose)),
    'geometry_msgs/msg/Twist': Layout(6, (0, 5), False, _twist),
    'geometry_msgs/msg/TwistStamped': Layout(
        6, (0, 5), True, lambda message: _twist(message.twist)),
}
"""
Odometry gives (x, y, qx, qy, qz, qw, v, w), poses the first six of these, commands (v, w), in the
units of the messages.
"""
