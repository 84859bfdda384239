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

"""How a laser of which no transform tells is turned: so that its scans fit the odometry."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
import math

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.navigation.observation import LaserScan
from rfsn_ros.replay.recording import OdometryTrack

__all__ = ['fitting_yaw']

Points = NDArray[np.complex128]  # x + iy, m

_YAWS = (0.0, 0.5 * math.pi, math.pi, -0.5 * math.pi)
"""How lasers are mounted: ahead, or as a Neato's (behind) or a TurtleBot 4's (to the left)."""
_APART, _MEANWHILE = 0.3, 10.0  # m between the places of two scans, s in which odometry holds
_PAIRS, _FEWEST = 8, 4  # of scans that are compared
_BEAMS, _HITS, _FAR = 120, 20, 8.0  # looked at, needed; m
_CLEARLY = 1.0 / 3.0
"""What is seen from two places differs by 1 to 7 cm in recorded bags where the yaw is right, by
six times that or more where it is not. A straight corridor looks the same ahead and behind."""


def fitting_yaw(scans: Sequence[LaserScan], track: OdometryTrack) -> float | None:
    """
    Return by how much a laser in the middle of the robot is turned (rad), None if nothing tells.

    The odometry says from where each of two scans was taken; of the right angles that one is
    returned with which both see the same things at the same places, if no other comes near.
    """
    stamps = [scan.stamp for scan in scans]
    x, y, yaws = (np.interp(stamps, track.stamp, along) for along in (
        track.pose[:, 0], track.pose[:, 1], np.unwrap(track.pose[:, 2])))
    places = x + 1j * y
    differences: list[list[float]] = []
    for pair in _pairs(stamps, places):
        hits = [_hits(scans[number]) for number in pair]
        if min(map(len, hits)) >= _HITS:
            differences.append([_difference(*(
                places[number] + np.exp(1j * (yaws[number] + yaw)) * seen
                for number, seen in zip(pair, hits, strict=True))) for yaw in _YAWS])
    if len(differences) < _FEWEST:
        return None
    medians = np.median(differences, axis=0)
    best, other = np.argsort(medians)[:2]
    return _YAWS[best] if medians[best] < _CLEARLY * medians[other] else None


def _pairs(stamps: Sequence[float], places: Points) -> list[tuple[int, int]]:
    """Return pairs of scans from places apart, at most `_PAIRS`, spread over all."""
    apart = [0]
    for number, place in enumerate(places.tolist()):
        if abs(place - places[apart[-1]]) > _APART:
            apart.append(number)
    found = [(first, second) for first, second in pairwise(apart)
             if stamps[second] - stamps[first] < _MEANWHILE]
    some = np.linspace(0, len(found) - 1, min(len(found), _PAIRS)).astype(int)
    return [found[number] for number in some]


def _hits(scan: LaserScan) -> Points:
    """Return what a scan hit as points in the frame of the laser, at most `_BEAMS`."""
    hit = np.flatnonzero((scan.ranges >= scan.range_min)
                         & (scan.ranges <= min(scan.range_max, _FAR)))
    hit = hit[::len(hit) // _BEAMS + 1]
    return np.asarray(scan.ranges[hit] * np.exp(1j * scan.angles[hit]))


def _difference(seen: Points, again: Points) -> float:
    """Return how far what is seen again typically lies from what was seen (m)."""
    return float(np.median(np.abs(again[:, None] - seen).min(axis=1)))
