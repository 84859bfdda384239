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
Scans, odometry and episode states of one robot, brought into the order of their stamps.

Messages of different topics arrive in any order. What a node decides must not depend on it, or
neither a repeated run nor a recorded bag would give the same decisions. So scans wait for the
odometry of their instant, and episode states take effect with the first scan that is not older.
"""

from __future__ import annotations

from bisect import insort
from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from rfsn_ros.navigation.observation import Glimpse, halfway, LaserScan, Odometry

__all__ = ['Arrival', 'Inputs', 'Pair']

_E = TypeVar('_E')
_T = TypeVar('_T')
_NANO = 1_000_000_000
_JUMP = _NANO
"""Stamps that go back by more than this begin a new time; by less they are late messages."""
_EVENTS = 1000
"""So many events wait at most; those of the most distant future are dropped."""


class Arrival(Enum):
    """What became of a message; one that jumped is the first of a new time and was taken."""

    TAKEN = 'taken'
    OLD = 'old'
    JUMPED = 'jumped'


@dataclass(frozen=True, slots=True)
class Pair:
    """
    A scan and the odometry of its instant, with their exact stamps in nanoseconds.

    `arrived` is when the scan came, seconds on the steady clock.
    """

    scan: LaserScan
    odometry: Odometry
    scan_stamp: int
    odometry_stamp: int
    arrived: float


class Inputs(Generic[_E]):
    """
    Buffers of one robot's messages; all `now` are seconds on a steady clock.

    `keep` bounds, in seconds of stamps, how long messages are remembered.
    """

    def __init__(self, *, keep: float, pairing_timeout: float = 0.0) -> None:
        self._keep = round(keep * _NANO)
        self._pairing_timeout = pairing_timeout
        self._scans: OrderedDict[int, LaserScan] = OrderedDict()
        self._numbers: OrderedDict[int, int] = OrderedDict()
        self._count = 0
        self._odometry: OrderedDict[int, Odometry] = OrderedDict()
        self._waiting: OrderedDict[int, float] = OrderedDict()
        self._events: list[tuple[int, _E]] = []
        self._scan_at: float | None = None
        self._odometry_at: float | None = None

    def restart(self, stamp: int) -> None:
        """
        Forget what is from a time later than `stamp`, where the new time begins; ages too.

        Events of the new time may have come before anything else of it; they stay.
        """
        self._scans.clear()
        self._numbers.clear()
        self._odometry.clear()
        self._events = [
            (begun, event) for begun, event in self._events if begun - stamp < _JUMP]
        self._waiting.clear()
        self._scan_at = self._odometry_at = None

    def add_scan(self, stamp: int, scan: LaserScan, now: float) -> Arrival:
        """Take a scan; a repeated stamp is a frozen sensor and does not count as new."""
        arrival = self._arrival(self._scans, stamp)
        self._count += 1
        if arrival is not Arrival.OLD:
            _append(self._scans, stamp, scan, self._keep)
            _append(self._numbers, stamp, self._count, self._keep)
            _append(self._waiting, stamp, now, self._keep)
            self._scan_at = now
        return arrival

    def add_odometry(self, stamp: int, odometry: Odometry, now: float) -> Arrival:
        """Take odometry; as `add_scan`."""
        arrival = self._arrival(self._odometry, stamp)
        if arrival is not Arrival.OLD:
            _append(self._odometry, stamp, odometry, self._keep)
            self._odometry_at = now
        return arrival

    def add_event(self, stamp: int, event: _E) -> None:
        """
        Note an event that takes effect with the first scan at or after `stamp`.

        One with a damaged stamp, far ahead, does not hold up those that come after it.
        """
        insort(self._events, (stamp, event), key=lambda entry: entry[0])
        del self._events[_EVENTS:]

    def due_events(self, scan_stamp: int | None = None) -> list[_E]:
        """Remove and return the events in force by a scan (None: all of them), in order."""
        count = sum(scan_stamp is None or stamp <= scan_stamp for stamp, _ in self._events)
        due = [event for _, event in self._events[:count]]
        del self._events[:count]
        return due

    def pair(self, now: float) -> Pair | None:
        """
        Return the newest scan that need not wait with its odometry, once; None without any.

        The odometry is the first at or after the scan; when none came within the pairing
        timeout, the newest before it.
        """
        if not self._odometry:
            return None
        newest = next(reversed(self._odometry))
        ready = [stamp for stamp, arrived in self._waiting.items()
                 if stamp <= newest or now - arrived >= self._pairing_timeout]
        if not ready:
            return None
        stamp = ready[-1]
        chosen = next((key for key in self._odometry if key >= stamp), newest)
        arrived = self._waiting[stamp]
        while self._waiting and next(iter(self._waiting)) <= stamp:
            self._waiting.popitem(last=False)
        return Pair(self._scans[stamp], self._odometry[chosen], stamp, chosen, arrived)

    def find(self, scan_stamp: int, odometry_stamp: int) -> Pair | None:
        """Return the pair with exactly these stamps, or None where one is not there."""
        scan = self._scans.get(scan_stamp)
        odometry = self._odometry.get(odometry_stamp)
        if scan is None or odometry is None:
            return None
        return Pair(scan, odometry, scan_stamp, odometry_stamp, self._scan_at or 0.0)

    def scans_between(self, first: int, last: int) -> int:
        """
        Return how many scans came after that of stamp `first` until that of `last`.

        The last one counts, and so do repeated ones.
        """
        return self._numbers[last] - self._numbers.get(first, 0)

    def midway(self, first: int, last: int) -> Glimpse | None:
        """Return a scan from about half way between two stamps, and the odometry after it."""
        stamps = list(self._scans)
        number = halfway(stamps, first, last)
        if number is None:
            return None
        stamp = stamps[number]
        followed = (value for key, value in self._odometry.items() if stamp <= key <= last)
        odometry = next(followed, None)
        return None if odometry is None else (self._scans[stamp], odometry)

    @property
    def newest_odometry(self) -> Odometry | None:
        """Return the newest odometry, or None before the first."""
        return self._odometry[next(reversed(self._odometry))] if self._odometry else None

    @property
    def newest_stamp(self) -> int:
        """Return the newest stamp of all scans and odometry, nanoseconds; 0 before the first."""
        return max((next(reversed(buffer)) for buffer in (self._scans, self._odometry) if buffer),
                   default=0)

    def ages(self, now: float) -> tuple[float | None, float | None]:
        """Return seconds since the last new scan and the last new odometry; None before."""
        return (None if self._scan_at is None else now - self._scan_at,
                None if self._odometry_at is None else now - self._odometry_at)

    def mistimed(self, clock: float, limit: float) -> str:
        """
        Say which source's newest stamp is off, and by how much; empty where they agree.

        No two of scan, odometry and `clock` (the time their stamps are of, seconds) may differ by
        more than `limit`. What a wrong clock has stamped cannot be told from what is old.
        """
        if not self._scans or not self._odometry:
            return ''
        scan = 1e-9 * next(reversed(self._scans))
        odometry = 1e-9 * next(reversed(self._odometry))
        for source, stamp, other, reference in (
                ('scan', scan, 'the clock', clock), ('odom', odometry, 'the clock', clock),
                ('scan', scan, 'odom', odometry)):
            off = stamp - reference
            if abs(off) > limit:
                side = 'after' if off > 0.0 else 'before'
                return f'{source}: stamped {abs(off):.3g} s {side} {other}'
        return ''

    def _arrival(self, buffer: OrderedDict[int, _T], stamp: int) -> Arrival:
        behind = next(reversed(buffer)) - stamp if buffer else -1
        if behind >= _JUMP:
            self.restart(stamp)
            return Arrival.JUMPED
        return Arrival.OLD if behind >= 0 else Arrival.TAKEN


def _append(buffer: OrderedDict[int, _T], stamp: int, value: _T, keep: int) -> None:
    buffer[stamp] = value
    while next(iter(buffer)) < stamp - keep:
        buffer.popitem(last=False)
