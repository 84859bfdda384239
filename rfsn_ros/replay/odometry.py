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


"""Odometry over time from what was recorded: in order, finite, with velocities."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from rfsn_ros.errors import BagError
from rfsn_ros.navigation.agreement import agrees, share_of_way
from rfsn_ros.replay.clock import CLOCK_JUMP, stray
from rfsn_ros.replay.recording import FloatArray, OdometryTrack, Quality
from rfsn_ros.replay.scans import GAP
from rfsn_ros.replay.transforms import yaw_of

__all__ = ['track_of']

_FASTEST = 15.0  # m/s; a pose that moved faster was set anew or is damaged
_LARGEST = 1e12
_STANDING = 0.05  # m; who goes no further stands
_REACH = 0.05  # s before and after a pose; the way in between gives its velocities


def track_of(
    stamp: FloatArray, values: FloatArray, offsets: Sequence[float], quality: Quality, bag: str,
) -> OdometryTrack:
    """
    Return odometry of messages at `stamp` (s), shape (n,), and count in `quality` what is odd.

    `values` has rows (x, y, qx, qy, qz, qw, v, w), in SI units; `offsets` (s) are those by which
    the scans of the bag were moved where its clock was set back.

    :raises BagError: none is finite; it names the `bag`.
    """
    yaw = [yaw_of(*turn) for turn in values[:, 2:6].tolist()]
    table = np.column_stack((stamp, values[:, :2], yaw, values[:, 6:]))
    # NaN fails the comparison
    finite = np.all(np.abs(table) < _LARGEST, axis=1)
    quality.odometry += len(table)
    quality.not_finite_odometry += int(np.sum(~finite))
    table = table[finite]
    if not len(table):
        raise BagError(f'{bag}: none of {quality.odometry} odometry messages is finite')
    apart = stray(table[:, 0])
    quality.stray_odometry += int(np.sum(apart))
    table = _in_order(table[~apart], offsets)
    steps = np.diff(table, axis=0)
    quality.pose_jumps += int(np.sum(
        np.hypot(steps[:, 1], steps[:, 2]) > 0.5 + _FASTEST * steps[:, 0]))
    if quality.pose_jumps:
        quality.notes.append(f'odometry jumps {quality.pose_jumps} times (pose set anew, or '
                             'damaged data)')
    if (reach := np.ptp(table[:, 1:3], axis=0).max()) < _STANDING:
        quality.notes.append(
            f'the robot did not leave its place (its poses lie within {100.0 * reach:.0f} cm); '
            'candidates are compared with that')
    twist = table[:, 4:6]
    if not np.any(twist) and len(table) > 2 and np.ptp(table[:, 1:4], axis=0).max() > 0.05:
        quality.notes.append('odometry has no velocities; they were taken from its poses')
        twist = _velocities(table)
    elif not agrees(share := share_of_way(table)):
        quality.notes.append(
            f'by the velocities of its odometry it went {share:.2g} times as far as by the poses; '
            'they were taken from the poses')
        twist = _velocities(table)
    return OdometryTrack(table[:, 0].copy(), table[:, 1:4].copy(), twist.copy())


def _in_order(table: FloatArray, offsets: Sequence[float]) -> FloatArray:
    """Return the rows (time, ...) whose time goes on, moved where the clock was set back."""
    if np.all(np.diff(table[:, 0]) > 0.0):
        return table
    kept: list[int] = []
    times: list[float] = []
    offset, jumps = 0.0, 0
    for number, stamp in enumerate(table[:, 0].tolist()):
        time = stamp + offset
        if times and time < times[-1] - CLOCK_JUMP:
            # The same shift as that of the scans, so that both stay together.
            own = offset + times[-1] - time + GAP + 0.1
            shifted = offsets[jumps] if jumps < len(offsets) else own
            time += shifted - offset
            offset, jumps = shifted, jumps + 1
        if not times or time > times[-1]:
            kept.append(number)
            times.append(time)
    return np.column_stack((times, table[kept, 1:]))


def _velocities(table: FloatArray) -> FloatArray:
    """
    Return body velocities, shape (n, 2), by the way between poses (t, x, y, yaw) around each.

    Poses of motion capture may come some microseconds after each other, and each is a little off.
    """
    times = table[:, 0]
    reach = max(_REACH, float(np.median(np.diff(times))))
    first, last = np.maximum(times - reach, times[0]), np.minimum(times + reach, times[-1])
    yaw = np.unwrap(table[:, 3])
    dx, dy, turn = (
        (np.interp(last, times, along) - np.interp(first, times, along)) / (last - first)
        for along in (table[:, 1], table[:, 2], yaw))
    return np.column_stack((dx * np.cos(yaw) + dy * np.sin(yaw), turn))
