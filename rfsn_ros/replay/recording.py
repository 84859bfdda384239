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

"""What a bag says about one drive, in the package's own words, and how good the data are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.navigation.observation import LaserScan, Odometry, Pose2D, Twist2D

__all__ = ['Commands', 'OdometryTrack', 'Quality', 'Recording']

FloatArray = NDArray[np.float64]


@dataclass(slots=True)
class Quality:
    """
    Counts of what was seen in a bag; every count is of messages or beams left as they are.

    `notes` are sentences, one per odd thing.
    """

    notes: list[str] = field(default_factory=list)
    scans: int = 0
    odometry: int = 0
    commands: int = 0
    undecodable: int = 0
    undecodable_own: int = 0
    repeated_own: int = 0
    repeated_stamps: int = 0
    backward_stamps: int = 0
    stray_stamps: int = 0
    clock_jumps: int = 0
    gaps: int = 0
    longest_gap: float = 0.0
    empty_scans: int = 0
    refused_scans: int = 0
    beam_counts: list[int] = field(default_factory=list)
    beams: int = 0
    beams_inf: int = 0
    beams_nan: int = 0
    beams_zero: int = 0
    beams_below_min: int = 0
    beams_above_max: int = 0
    not_finite_odometry: int = 0
    stray_odometry: int = 0
    pose_jumps: int = 0
    scans_without_odometry: int = 0
    scans_seeing_nothing: int = 0
    clock: str = 'header'

    @property
    def damaged(self) -> bool:
        """Whether part of the bag could not be read."""
        return self.undecodable > 0 or any(
            word in note for note in self.notes for word in ('damaged', 'cannot be', 'empty file'))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        counted = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return counted | {'damaged': self.damaged}


@dataclass(frozen=True, slots=True, eq=False)
class OdometryTrack:
    """Odometry over time: `stamp` (n,) strictly increasing, `pose` (n, 3), `twist` (n, 2)."""

    stamp: FloatArray
    pose: FloatArray
    twist: FloatArray

    def __len__(self) -> int:
        return len(self.stamp)

    def at(self, time: float) -> Odometry:
        """Return the newest odometry that is not after `time`, or the first one."""
        return self.number(self.newest(np.array([time]))[0])

    def newest(self, times: FloatArray) -> list[int]:
        """Return the number of the newest entry that is not after each time, or the first one."""
        found: list[int] = np.maximum(
            np.searchsorted(self.stamp, times, side='right') - 1, 0).tolist()
        return found

    def number(self, index: int) -> Odometry:
        """Return one entry."""
        return Odometry(float(self.stamp[index]), Pose2D(*self.pose[index].tolist()),
                        Twist2D(*self.twist[index].tolist()))

    @property
    def path_length(self) -> float:
        """Driven distance, metres."""
        return float(np.sum(np.hypot(*np.diff(self.pose[:, :2], axis=0).T)))


@dataclass(frozen=True, slots=True, eq=False)
class Commands:
    """Velocity commands over time: `stamp` (n,), `twist` (n, 2)."""

    stamp: FloatArray
    twist: FloatArray


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Recording:
    """
    One bag: scans and odometry in time order, and this package's own messages if any.

    `decisions`, `rewards`, `models` and `episodes` hold messages as they were decoded, each once,
    decisions in the order of their making. `goals` are (time, x, y), `topics` types by name.
    `breaks` are scan numbers that begin a new drive (after a gap or a jump of the clock).
    """

    name: str
    scans: tuple[LaserScan, ...]
    odometry: OdometryTrack
    commands: Commands
    quality: Quality
    goals: tuple[tuple[float, float, float], ...] = ()
    breaks: tuple[int, ...] = ()
    decisions: tuple[Any, ...] = ()
    rewards: tuple[Any, ...] = ()
    models: tuple[Any, ...] = ()
    episodes: tuple[Any, ...] = ()
    topics: dict[str, str] = field(default_factory=dict)
    laser_frame: str = ''

    @property
    def duration(self) -> float:
        """Time from the first to the last scan, seconds."""
        return self.scans[-1].stamp - self.scans[0].stamp if len(self.scans) > 1 else 0.0

    @property
    def own(self) -> bool:
        """Whether the bag holds decisions of this package."""
        return len(self.decisions) > 0
