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
Moving obstacles: what appears where free space was seen, followed from scan to scan.

What turned out to move is kept out of the occupancy memory, and its traces there are erased.
"""

from __future__ import annotations

from collections import deque
import math

import numpy as np
from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.navigation.clusters import (
    appeared,
    Cluster,
    clusters,
    RADIUS,
    seen_through,
    whole_discs,
)
from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.grids import Grid
from rfsn_ros.navigation.memory import Beams, OccupancyMemory
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.navigation.track import Track

__all__ = ['Tracker']

_GATE = 0.5  # largest distance between a track's prediction and its measurement, m
_RANGE = 5.0  # farther away, drift looks like motion, m
_FIRST_PACE = 1.4  # what was seen once is not found again farther off than this allows, m/s
_DEPTH = 0.1  # by so much (m) beams have to reach farther than what they passed through
_PASSED, _FEWEST = 4, 2  # so many of its points at most and at least,
_COVERED = 0.028  # else as many as cover this angle, rad
_BEFORE = 0.25  # the scan that says what was free before is at most so old, s
_UNPROVEN = 0.75  # time watched within which a track has to have moved, s
_LOST = 0.3  # how long what has not moved yet outlives its last measurement, s
_FAR, _LOST_FAR = 6.0, 0.7  # farther away than this (m) what moves is given up after so long (s)
_KEEP = 2.0  # how long a track outlives its last measurement while it may be hidden, s
_KEEP_KNOWN = 4.0  # and one of which both ends are known, s
_HELD_OFF = 0.02  # how far from walls obstacles turn round at least, m
_NARROW = 0.1  # where less is left beside them they may turn round, m
_DEEPER = 0.03  # by so much (m) they have to come nearer to what they touch to turn round there
_ROOM = 0.15  # what has less way on its line than this is part of a wall and a wrong pose, m
_WIDEST = 0.7  # what appears wider than this is no disc, m
_AT_ONCE = 3  # of more than these that appear at once the pose is the likelier reason,
_MOSTLY = 0.35  # and surely where so large a share of all that is seen appears


@compiled
def way_until(
    grid: Grid, x: float, y: float, ux: float, uy: float, radius: float, reach: float,
    deeper: float,
) -> float:
    """
    Return how far a disc can go from (x, y) along (ux, uy) before it meets what is known.

    What it touches there already ends its way where it would come nearer to that by `deeper`.
    """
    score, point_x, point_y, origin_x, origin_y, res = grid
    n = score.shape[0]
    cells = int(radius / res) + 1
    along = 0.0
    while along < reach:
        nearest = radius
        cx = x + ux * along
        cy = y + uy * along
        ix = math.floor((cx - origin_x) / res)
        iy = math.floor((cy - origin_y) / res)
        for jx in range(max(ix - cells, 0), min(ix + cells + 1, n)):
            for jy in range(max(iy - cells, 0), min(iy + cells + 1, n)):
                if score[jx, jy] <= 0:
                    continue
                dx = point_x[jx, jy] - cx
                dy = point_y[jx, jy] - cy
                # only what lies ahead: it is where it is, whatever is beside it
                if dx * ux + dy * uy > 0.0:
                    nearest = min(nearest, math.sqrt(dx * dx + dy * dy))
        if nearest < radius:
            if along > 0.0 or deeper == 0.0:
                return along
            radius = nearest - deeper
        along += 0.5 * res
    return 1000.0


class Tracker:
    """Tracks of moving discs in the odom frame."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all tracks."""
        self._tracks: list[Track] = []
        self._time = 0.0
        self._scans: deque[tuple[float, Beams]] = deque()

    def observe(
        self, beams: Beams, memory: OccupancyMemory, time: float,
    ) -> tuple[FloatArray, BoolArray]:
        """
        Take in one scan before the memory does.

        Return the moving discs, rows (x, y, vx, vy, radius, ahead, behind), shape (m, 7), and
        which beams ended on them.
        """
        elapsed = min(max(time - self._time, 0.0), 1.0)
        self._time = time
        while self._scans and time - self._scans[0][0] > _BEFORE:
            self._scans.popleft()
        for track in self._tracks:
            track.predict(elapsed)
            # what is seen whole may as well stand: its marks are kept until it moves
            if track.moving or not track.whole:
                memory.forget(track.mx, track.my, RADIUS + 0.07, young=True)
        new = appeared(
            memory.grid, beams.end_x, beams.end_y, beams.hit) & (beams.ranges <= _RANGE)
        whole = whole_discs(
            beams.end_x, beams.end_y, beams.hit, beams.ranges, beams.bearings,
            *beams.sensor) & (beams.ranges <= _RANGE)
        for cluster in clusters(
                beams, new | self._on_tracks(beams, memory), whole, self._tracks):
            self._measure(cluster, beams, time)
        self._scans.append((time, beams))
        seen = int(np.count_nonzero((beams.hit > 0.0) & (beams.ranges <= _RANGE)))
        self._judge(time, memory, int(np.count_nonzero(new)) / max(seen, 1))
        self._tracks = [track for track in self._tracks if self._lives(track, beams, time)]
        theirs = np.zeros(len(beams.end_x), dtype=np.bool_)
        rows = []
        for track in self._tracks:
            if not track.moving:
                continue
            self._look_around(track, memory)
            if track.room < _ROOM and track.steady_at < time:
                continue
            rows.extend(track.hypotheses(time))
            theirs |= (np.hypot(beams.end_x - track.x, beams.end_y - track.y)
                       < RADIUS + 0.07)
        return np.array(rows).reshape(-1, 7), theirs

    def _on_tracks(self, beams: Beams, memory: OccupancyMemory) -> BoolArray:
        """
        Return which beams end where a moving obstacle's face is expected, and no wall is.

        Where it turns round it comes so near to walls that nothing would count as appeared.
        """
        on = np.zeros(len(beams.end_x), dtype=np.bool_)
        if not any(track.moving for track in self._tracks):
            return on
        for track in self._tracks:
            if track.moving:
                off = np.hypot(beams.end_x - track.x, beams.end_y - track.y) - RADIUS
                on |= np.abs(off) < 0.12
        on &= beams.hit > 0.0
        index = np.flatnonzero(on)
        known = memory.scores_at(beams.end_x[index], beams.end_y[index])
        on[index[known != 0]] = False
        return on

    def _look_around(self, track: Track, memory: OccupancyMemory) -> None:
        """Find out where the track's line ends."""
        speed = track.speed
        if speed <= 0.0:
            return
        ux, uy = track.vx / speed, track.vy / speed
        start = (memory.grid, track.x, track.y)
        radius = RADIUS + _HELD_OFF
        track.ahead = way_until(*start, ux, uy, radius, 3.0, _DEEPER)
        track.behind = way_until(*start, -ux, -uy, radius, 3.0, _DEEPER)
        track.narrow = way_until(*start, ux, uy, RADIUS + _NARROW, 3.0, _DEEPER)
        track.room = way_until(*start, ux, uy, radius, _ROOM, 0.0) + way_until(
            *start, -ux, -uy, radius, _ROOM, 0.0)
        ahead, behind = track.ends_on(ux, uy)
        if math.isfinite(ahead):
            track.ahead = track.narrow = ahead
        if math.isfinite(behind):
            track.behind = behind

    def _lives(self, track: Track, beams: Beams, time: float) -> bool:
        if track.seen == time:
            # what stays where it appeared is no moving obstacle
            return track.moving or track.watched < _UNPROVEN or track.whole > 0
        if not track.moving:
            return time - track.seen <= _LOST
        dx, dy = track.x - beams.sensor[0], track.y - beams.sensor[1]
        reach = math.hypot(dx, dy)
        if reach > _FAR:
            return time - track.seen <= _LOST_FAR
        bx, by = beams.end_x - beams.sensor[0], beams.end_y - beams.sensor[1]
        size = np.maximum(beams.ranges, 1e-6)
        along = (bx * dx + by * dy) / size
        across = np.abs(bx * dy - by * dx) / size
        through = (along > 0.0) & (across < 0.5 * RADIUS) & (
            beams.ranges > reach + RADIUS)
        if int(through.sum()) >= 2:
            track.missed += 1
        keep = _KEEP if len(track.ends) < 2 else _KEEP_KNOWN
        return track.missed < 2 and time - track.seen <= keep

    def _measure(self, cluster: Cluster, beams: Beams, time: float) -> None:
        near, away = None, math.inf
        for track in self._tracks:
            if track.seen < time:
                off = math.hypot(track.x - cluster.x, track.y - cluster.y)
                if off < away:
                    near, away = track, off
        if near is not None and away <= (
                _GATE if near.settled else _FIRST_PACE * (time - near.seen)):
            if not near.moving:
                near.passed = near.passed or self._passed(near, cluster, beams)
            near.measure(cluster, time)
        elif cluster.width <= _WIDEST:
            self._tracks.append(Track.of(cluster, time))

    def _passed(self, track: Track, cluster: Cluster, beams: Beams) -> bool:
        """Say whether enough of what is seen was free before, or was seen and is free."""
        looks = [(track.face, beams)]
        if self._scans:
            looks.append(((cluster.face_x, cluster.face_y), self._scans[0][1]))
        count = sum(int(np.count_nonzero(seen_through(
            *face, *scan.sensor, scan.yaw, scan.bearings, scan.ranges, scan.spacing,
            _DEPTH))) for face, scan in looks)
        # the coarser the laser, the fewer points there are
        fine = round(_COVERED / max(beams.spacing, 1e-6))
        return count >= min(max(fine, _FEWEST), _PASSED)

    def _judge(self, time: float, memory: OccupancyMemory, share: float) -> None:
        """Decide what moves of all that was measured at `time`; `share` of the scan appeared."""
        doubtful = sum(not track.moving for track in self._tracks) > _AT_ONCE
        lost = doubtful and share > _MOSTLY
        for track in self._tracks:
            was = track.moving
            if track.seen < time or track.count < 2 or (lost and not was):
                continue
            track.judge(time, doubtful=doubtful)
            if track.moving and not was:
                # what it left behind before it was known to move
                for back in (0.0, 0.2, 0.4, 0.6):
                    memory.forget(track.x - back * track.vx, track.y - back * track.vy,
                                  RADIUS + 0.07)
