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


"""Laser scans from what was recorded: in order, cut into drives where clock or data jump."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
import math
from typing import Any

import numpy as np
from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.errors import BagError, SensorError
from rfsn_ros.navigation.observation import LaserScan
from rfsn_ros.replay.clock import CLOCK_JUMP, pause, stray
from rfsn_ros.replay.recording import FloatArray, Quality
from rfsn_ros.replay.transforms import Mount

__all__ = ['GAP', 'Scans', 'scans_of']

GAP = 0.75
"""Seconds without a scan that end a drive, more for slow lasers."""
_SPARSE = 36  # beams up to which a scan is of single sensors, not of a turning laser


@dataclass(frozen=True, slots=True, eq=False)
class Scans:
    """
    Usable scans in order, and the `numbers` of their messages.

    `breaks` are the numbers of scans that begin a new drive. `offsets` say by how much in all (s)
    the stamps were moved from each place on where the clock was set back.
    """

    scans: list[LaserScan]
    numbers: list[int]
    breaks: list[int]
    offsets: list[float]


def scans_of(
    messages: Sequence[Any], stamps: FloatArray, mount: Mount, quality: Quality, bag: str,
) -> Scans:
    """
    Return usable scans of messages at `stamps` (s), and count in `quality` what is odd.

    :raises BagError: no scan is usable; it names the `bag`.
    """
    kept, numbers, breaks, counted = list[LaserScan](), list[int](), list[int](), list[int]()
    offsets: list[float] = []
    offset = 0.0
    gap = pause(stamps, GAP)
    beams = _Beams(messages)
    apart = stray(stamps)
    quality.stray_stamps += int(np.sum(apart))
    for number in np.flatnonzero(~apart).tolist():
        message, stamp = messages[number], float(stamps[number]) + offset
        if kept:
            step = stamp - kept[-1].stamp
            if step < -CLOCK_JUMP:
                # The clock was set back: time goes on, and a new drive begins.
                quality.clock_jumps += 1
                offset -= step - gap - 0.1
                stamp = kept[-1].stamp + gap + 0.1
                offsets.append(offset)
                breaks.append(len(kept))
            elif step == 0.0:
                quality.repeated_stamps += 1
                continue
            elif step < 0.0:
                quality.backward_stamps += 1
                continue
            elif step > gap:
                quality.gaps += 1
                quality.longest_gap = max(quality.longest_gap, step)
                breaks.append(len(kept))
        ranges = beams.ranges(number)
        if not len(ranges):
            quality.empty_scans += 1
            continue
        counted.append(number)
        try:
            kept.append(_scan(stamp, ranges, message, mount))
            numbers.append(number)
        except SensorError as error:
            quality.refused_scans += 1
            if quality.refused_scans == 1:
                quality.notes.append(f'a scan was refused: {error}')
    quality.scans += len(messages)
    beams.count(counted, quality)
    counts = {len(scan.ranges) for scan in kept}
    if counts and max(counts) <= _SPARSE:
        kept = _nothing_seen(kept, quality)
    if not kept:
        why = f' ({quality.notes[-1]})' if quality.refused_scans else ' (they have no beams)'
        raise BagError(f'{bag}: none of {quality.scans} scans is usable{why}')
    if quality.clock_jumps:
        quality.notes.append(
            'the clock was set back while recording; bag times may serve better (--clock bag)')
    if len(counts) > 1:
        quality.notes.append(f'the number of beams varies: {min(counts)} to {max(counts)}')
    quality.beam_counts = sorted(counts)[:20]
    return Scans(kept, numbers, breaks, offsets)


def _scan(stamp: float, ranges: FloatArray, message: Any, mount: Mount) -> LaserScan:
    step, start = float(message.angle_increment), float(message.angle_min)
    if step == 0.0 and len(ranges) > 1:
        step = (float(message.angle_max) - start) / (len(ranges) - 1)
    start, step = mount.seen_from_above(start, step)
    if not abs(step) * len(ranges) < 4.0 * math.pi:
        raise SensorError('scan: beams turn by more than two rounds')
    return LaserScan(stamp, ranges, start, step, float(message.range_min),
                     float(message.range_max), mount.pose)


@dataclass(slots=True)
class _Kinds:
    """Which of all beams, shape (n,), say what."""

    inf: BoolArray
    nan: BoolArray
    zero: BoolArray
    below_min: BoolArray
    above_max: BoolArray


class _Beams:
    """The ranges of many scans, one after the other: looked at all at once."""

    def __init__(self, messages: Sequence[Any]) -> None:
        rows = [np.asarray(message.ranges) for message in messages]
        self._lengths = np.array([len(row) for row in rows])
        self._ends = np.cumsum(self._lengths)
        with np.errstate(invalid='ignore'):
            self._all = np.concatenate(rows).astype(np.float64)
        low, high = (
            np.repeat([float(value) for value in limits], self._lengths) for limits in (
                [message.range_min for message in messages],
                [message.range_max for message in messages]))
        finite = np.isfinite(self._all)
        self._kinds = _Kinds(
            np.isinf(self._all), np.isnan(self._all), self._all == 0.0,
            finite & (self._all < low), finite & (self._all > high))
        # Many drivers say 0 for a beam without an answer, whatever range_min they give.
        self._all[self._kinds.zero | np.isneginf(self._all)] = np.nan

    def ranges(self, number: int) -> FloatArray:
        """Return the ranges of one scan; NaN where a beam has no answer."""
        end = int(self._ends[number])
        return self._all[end - int(self._lengths[number]):end]

    def count(self, numbers: Sequence[int], quality: Quality) -> None:
        """Count the beams of some scans by what they say."""
        chosen = np.zeros(len(self._lengths), dtype=np.bool_)
        chosen[list(numbers)] = True
        among = np.repeat(chosen, self._lengths)
        quality.beams += int(np.sum(among))
        for name in _Kinds.__slots__:
            total = int(np.sum(getattr(self._kinds, name) & among))
            setattr(quality, f'beams_{name}', getattr(quality, f'beams_{name}') + total)


def _nothing_seen(scans: list[LaserScan], quality: Quality) -> list[LaserScan]:
    """
    Take scans without a valid beam for open space, where other scans have valid beams.

    Rings of single sensors answer only to what is near; nothing there is no fault of theirs.
    """
    valid = [_valid(scan) for scan in scans]
    answering = np.zeros(max(len(scan.ranges) for scan in scans), dtype=np.bool_)
    for beams in valid:
        answering[:len(beams)] |= beams
    silent = {number for number, beams in enumerate(valid) if not beams.any()}
    if not silent or not answering.any():
        return scans
    quality.scans_seeing_nothing = len(silent)
    quality.notes.append(
        f'{len(silent)} of {len(scans)} scans see nothing within reach; they were taken for '
        'open space')
    return [replace(scan, ranges=np.where(answering[:len(scan.ranges)], np.inf, scan.ranges))
            if number in silent else scan for number, scan in enumerate(scans)]


def _valid(scan: LaserScan) -> BoolArray:
    """Return which beams say something, shape (n,)."""
    ranges = scan.ranges
    valid: BoolArray = (ranges == np.inf) | (
        (ranges >= scan.range_min) & (ranges <= scan.range_max))
    return valid
