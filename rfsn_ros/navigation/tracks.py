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

Each is taken as a disc that keeps its speed on its line and turns round before known obstacles.
What turned out to move is kept out of the occupancy memory, and its traces there are erased.
"""

from __future__ import annotations

from dataclasses import dataclass, field
import itertools
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
from rfsn_ros.navigation.memory import Beams, OccupancyMemory
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.navigation.pacing import paced, TURNING

__all__ = ['Tracker']

_GATE = 0.5  # largest distance between a track's prediction and its measurement, m
_RANGE = 5.0  # farther away, drift looks like motion, m
_FASTEST = 2.0  # m/s
_FIRST_PACE = 1.4  # what was seen once is not found again farther off than this allows, m/s
_DEPTH = 0.05  # by so much (m) beams have to reach farther than what they passed through
_PASSED, _FEWEST = 4, 2  # so many of its points at most and at least,
_COVERED = 0.028  # else as many as cover this angle, rad
_SLOWEST = 0.2  # below this it does not count as moving, m/s
_SLOWEST_WHOLE, _CAME = 0.3, 0.1  # what is seen whole moves from this speed and way on, m/s, m
_UNPROVEN = 5  # measurements within which a track has to have moved
_LOST = 0.3  # how long what has not moved yet outlives its last measurement, s
_FAR, _LOST_FAR = 6.0, 0.7  # farther away than this (m) what moves is given up after so long (s)
_KEEP = 2.0  # how long a track outlives its last measurement while it may be hidden, s
_HIDDEN = 0.3  # s after its last measurement it may have done anything
_NOISE = 0.008  # standard deviation of where a disc was seen, m
_STEADY = 0.3  # unknown acceleration of what keeps its pace, m/s^2
_SURPRISE = 3.0  # standard deviations off what was expected, it slows down, turns or sets off
_SETTLING = 0.45  # s after a surprise from which on its speed is its pace
_SLOWED = 0.85  # share of its pace below which it is about to turn round or has turned
_AT_WALL = 0.1  # with less way than this left it turns round now, m
_HELD_OFF = 0.02  # how far from walls obstacles turn round at least, m
_NARROW = 0.1  # where less is left beside them they may turn round, m
_ROOM = 0.15  # what has less way on its line than this is part of a wall and a wrong pose, m
_WIDEST = 0.7  # what appears wider than this is no disc, m
_AT_ONCE = 3  # of more than these that appear at once the pose is the likelier reason
_WINDOW = 6  # measurements over which what moves keeps its line and its pace
_SOON = 5  # measurements within which what appears alone is taken at its word
_STRAIGHT = 0.85  # share of the walked way that is gained
_EVEN = 0.2  # share of the mean pace that each step has at least
_STANDS, _STANDING = 4, 0.06  # what stays within this (m) for so many measurements stands
_RESTLESS = 3.0  # how long a track counts as moving after it last moved steadily, s


_NOWHERE = np.zeros(0), np.zeros(0)


@compiled
def way_until(
    score: FloatArray, point_x: FloatArray, point_y: FloatArray, origin_x: float,
    origin_y: float, res: float, x: float, y: float, ux: float, uy: float, radius: float,
    reach: float,
) -> float:
    """Return how far a disc can go from (x, y) along (ux, uy) before it meets what is known."""
    n = score.shape[0]
    cells = int(radius / res) + 1
    along = 0.0
    while along < reach:
        cx = x + ux * along
        cy = y + uy * along
        ix = math.floor((cx - origin_x) / res)
        iy = math.floor((cy - origin_y) / res)
        for jx in range(max(ix - cells, 0), min(ix + cells + 1, n)):
            for jy in range(max(iy - cells, 0), min(iy + cells + 1, n)):
                if score[jx, jy] < 0.5:
                    continue
                dx = point_x[jx, jy] - cx
                dy = point_y[jx, jy] - cy
                # only what lies ahead: it is where it is, whatever is beside it
                if dx * dx + dy * dy < radius * radius and dx * ux + dy * uy > 0.0:
                    return along
        along += 0.5 * res
    return 1000.0


@dataclass(slots=True)
class _Track:
    """
    One thing that may move: `count` measurements, the last at `seen`, (mx, my).

    Position and velocity come of a Kalman filter that expects a steady pace; `spread` holds the
    variances of position and velocity along each axis and what they share. `cruise` is the pace
    away from turns, `change` -1 while it slows down for one and 1 while it speeds up after it.
    """

    x: float
    y: float
    seen: float
    born_x: float
    born_y: float
    mx: float
    my: float
    vx: float = 0.0
    vy: float = 0.0
    spread: tuple[float, float, float] = (_NOISE * _NOISE, 0.0, 1.0)
    count: int = 1
    missed: int = 0
    whole: int = 0
    passed: bool = False
    moving: bool = False
    change: int = 0
    cruise: float = 0.0
    surprised_at: float = -math.inf
    steady_at: float = -math.inf
    ahead: float = 1000.0
    behind: float = 1000.0
    narrow: float = 1000.0
    line: tuple[float, float] = (0.0, 0.0)
    trail: list[tuple[float, float]] = field(default_factory=list)
    face: tuple[FloatArray, FloatArray] = _NOWHERE

    @property
    def speed(self) -> float:
        return math.hypot(self.vx, self.vy)

    @property
    def settled(self) -> bool:
        return self.count > 1

    def expected(self) -> tuple[float, ...]:
        """
        Return what it is expected to do, (x, y, vx, vy, radius, ahead, behind).

        It is expected to be as fast as it was. Where it is slower it is about to turn round or
        has just done so.
        """
        pace = max(self.cruise, self.speed)
        ahead, behind = self.ahead, self.behind
        if self.speed < _SLOWED * pace:
            turn = self.speed * self.speed / (2.0 * TURNING)
            if self.change < 0 or ahead < _AT_WALL or (self.change == 0 and ahead < behind):
                ahead = min(ahead, turn)
            else:
                behind = min(behind, turn)
        share = pace / max(self.speed, 1e-6)
        return self.x, self.y, share * self.vx, share * self.vy, RADIUS + 0.02, ahead, behind

    def predict(self, elapsed: float) -> None:
        """Move on as expected."""
        pos, both, vel = self.spread
        change = _STEADY * elapsed
        self.spread = (
            pos + 2.0 * elapsed * both + elapsed * elapsed * vel + (0.5 * elapsed * change) ** 2,
            both + elapsed * vel + 0.5 * elapsed * change * change, vel + change * change)
        _, _, vx, vy, _, ahead, behind = self.expected()
        pace = math.hypot(vx, vy)
        if pace <= 0.0:
            return
        way, speed, sense = paced(pace, ahead, behind, elapsed)
        self.x += vx / pace * way
        self.y += vy / pace * way
        self.vx, self.vy = sense * speed * vx / pace, sense * speed * vy / pace
        if sense < 0.0:
            self.ahead, self.behind, self.change = behind + way, ahead - way, 1
        else:
            self.ahead, self.behind = max(self.ahead - way, 0.0), self.behind + way

    def hypotheses(self, time: float) -> list[tuple[float, ...]]:
        """
        Return what it may do from now.

        It may turn round already where it would only just get through; out of sight it may have
        turned round unseen.
        """
        rows = [self.expected()]
        if self.ahead - self.narrow > 0.15:
            rows.append((*rows[0][:5], min(self.narrow, rows[0][5]), rows[0][6]))
        if time - self.seen > _HIDDEN and self.ahead > 3.0:
            x, y, vx, vy, radius, ahead, behind = rows[0]
            rows.append((x, y, -vx, -vy, radius, behind, ahead))
        return rows

    def measure(self, cluster: Cluster, time: float) -> None:
        """Take in where it was seen."""
        elapsed = time - self.seen
        off_x, off_y = cluster.x - self.x, cluster.y - self.y
        noise = _NOISE * _NOISE
        pos, both, vel = self.spread
        if self.settled and off_x * off_x + off_y * off_y > _SURPRISE ** 2 * (pos + noise):
            # it slowed down, turned round or set off, since when is not known
            change = TURNING * elapsed
            pos += (0.5 * elapsed * change) ** 2
            both += 0.5 * elapsed * change * change
            vel += change * change
            self.surprised_at = time
        gain, turn = pos / (pos + noise), both / (pos + noise)
        self.spread = (1.0 - gain) * pos, (1.0 - gain) * both, vel - turn * both
        vx, vy = self.vx, self.vy
        self.x += gain * off_x
        self.y += gain * off_y
        self.vx += turn * off_x
        self.vy += turn * off_y
        if self.surprised_at == time:
            slower = vx * self.vx + vy * self.vy > 0.0 and self.speed < math.hypot(vx, vy)
            self.change = -1 if slower else 1
        self._keep_line()
        self.mx, self.my, self.seen, self.missed = cluster.x, cluster.y, time, 0
        self.whole = self.whole + 1 if cluster.whole else 0
        self.face = cluster.face_x, cluster.face_y
        self.count += 1
        self._pace(time)
        self.trail = [*self.trail[1 - _WINDOW:], (cluster.x, cluster.y)]
        if self._steady():
            self.steady_at = time

    def _keep_line(self) -> None:
        """Bound the speed; slow motion says nothing about the line that fast motion has shown."""
        speed = self.speed
        if speed > _FASTEST:
            self.vx *= _FASTEST / speed
            self.vy *= _FASTEST / speed
        if speed >= _SLOWED * self.cruise:
            self.change = 0
            self.line = (self.vx / max(speed, 1e-6), self.vy / max(speed, 1e-6))
        elif speed < 0.7 * self.cruise:
            along = self.vx * self.line[0] + self.vy * self.line[1]
            self.vx, self.vy = along * self.line[0], along * self.line[1]

    def _pace(self, time: float) -> None:
        """Take its speed for its pace where it does not turn."""
        if self.count < 3 or time - self.surprised_at < 0.25:
            return
        if not self.cruise:
            self.cruise = self.speed
            return
        turn = max(self.cruise, self.speed) ** 2 / (2.0 * TURNING) + 0.05
        if time - self.surprised_at > _SETTLING and min(self.ahead, self.behind) > turn:
            self.cruise += 0.5 * (self.speed - self.cruise)
        elif self.speed > _SLOWED * self.cruise:
            self.cruise += 0.3 * (self.speed - self.cruise)

    def judge(self, time: float, *, doubtful: bool) -> None:
        """Decide whether it moves; where much is doubtful only a steady way says so."""
        away = math.hypot(self.mx - self.born_x, self.my - self.born_y)
        if self.moving:
            self.moving = time - self.steady_at <= _RESTLESS and not self._stands()
        elif self.passed and (self._seen_to_move() or (
                self.speed > _SLOWEST and away > 0.08 and (
                    self.steady_at == time or (self.count <= _SOON and not doubtful)))):
            self.moving, self.steady_at = True, time

    def _seen_to_move(self) -> bool:
        """Say whether it came along while it was seen whole."""
        return self.whole > 1 and self.speed > _SLOWEST_WHOLE and (
            math.dist(self.trail[-min(self.whole, 3)], self.trail[-1]) > _CAME)

    def _stands(self) -> bool:
        """Say whether it has stayed where it is for longer than turning round takes."""
        # a disc seen whole is no part of a wall: it may only turn round slowly
        scans = _WINDOW if self.whole else _STANDS
        if len(self.trail) < scans:
            return False
        *before, last = self.trail[-scans:]
        return all(math.dist(place, last) < _STANDING for place in before)

    def _steady(self) -> bool:
        """Say whether the last measurements lie along a line, at an even pace."""
        if len(self.trail) < _WINDOW:
            return False
        (x, y), last = self.trail[0], self.trail[-1]
        net = math.dist((x, y), last)
        if net < 0.15:
            return False
        ux, uy = (last[0] - x) / net, (last[1] - y) / net
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(self.trail)]
        walked = math.fsum(math.hypot(*step) for step in steps)
        return net > _STRAIGHT * walked and all(
            dx * ux + dy * uy > _EVEN * net / len(steps) for dx, dy in steps)


class Tracker:
    """Tracks of moving discs in the odom frame."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all tracks."""
        self._tracks: list[_Track] = []
        self._time = 0.0
        self._before: Beams | None = None

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
        for track in self._tracks:
            track.predict(elapsed)
            # what is seen whole may as well stand: its marks are kept until it moves
            if not (track.moving or track.whole):
                memory.forget(track.mx, track.my, RADIUS + 0.07, young=True)
        new = appeared(
            memory.score, *memory.origin, memory.config.resolution, beams.end_x, beams.end_y,
            beams.hit) & (beams.ranges <= _RANGE)
        whole = whole_discs(
            beams.end_x, beams.end_y, beams.hit, beams.ranges, beams.bearings,
            *beams.sensor) & (beams.ranges <= _RANGE)
        for cluster in clusters(
                beams, new | self._on_tracks(beams, memory), whole, self._tracks):
            self._measure(cluster, beams, time)
        self._before = beams
        self._judge(time, memory)
        self._tracks = [track for track in self._tracks if self._lives(track, beams, time)]
        theirs = np.zeros(len(beams.end_x), dtype=np.bool_)
        rows = []
        for track in self._tracks:
            if not track.moving:
                continue
            self._look_around(track, memory)
            if track.ahead + track.behind < _ROOM and track.steady_at < time:
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
        on[index[(known < 0.0) | (known >= 0.5)]] = False
        return on

    def _look_around(self, track: _Track, memory: OccupancyMemory) -> None:
        """Find out where the track's line ends."""
        speed = track.speed
        if speed <= 0.0:
            return
        ux, uy = track.vx / speed, track.vy / speed
        grid = (memory.score, memory.point_x, memory.point_y, *memory.origin,
                memory.config.resolution, track.x, track.y)
        radius = RADIUS + _HELD_OFF
        track.ahead = way_until(*grid, ux, uy, radius, 3.0)
        track.behind = way_until(*grid, -ux, -uy, radius, 3.0)
        track.narrow = way_until(*grid, ux, uy, RADIUS + _NARROW, 3.0)

    def _lives(self, track: _Track, beams: Beams, time: float) -> bool:
        if track.seen == time:
            # what stays where it appeared is no moving obstacle
            return track.moving or track.count < _UNPROVEN or track.whole > 0
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
        return track.missed < 2 and time - track.seen <= _KEEP

    def _measure(self, cluster: Cluster, beams: Beams, time: float) -> None:
        x, y = cluster.x, cluster.y
        near = min(
            (track for track in self._tracks if track.seen < time),
            key=lambda track: math.hypot(track.x - x, track.y - y), default=None)
        if near is not None and math.hypot(near.x - x, near.y - y) <= (
                _GATE if near.settled else _FIRST_PACE * (time - near.seen)):
            if not near.moving:
                near.passed = near.passed or self._passed(near, cluster, beams)
            near.measure(cluster, time)
        elif cluster.width <= _WIDEST:
            self._tracks.append(_Track(
                x, y, time, x, y, x, y, whole=int(cluster.whole), trail=[(x, y)],
                face=(cluster.face_x, cluster.face_y)))

    def _passed(self, track: _Track, cluster: Cluster, beams: Beams) -> bool:
        """Say whether enough of what is seen was free before, or was seen and is free."""
        count = 0
        for face, scan in (((cluster.face_x, cluster.face_y), self._before), (track.face, beams)):
            if scan is not None:
                count += int(seen_through(
                    *face, *scan.sensor, scan.yaw, scan.bearings, scan.ranges, scan.spacing,
                    _DEPTH).sum())
        # the coarser the laser, the fewer points there are
        fine = round(_COVERED / max(beams.spacing, 1e-6))
        return count >= min(max(fine, _FEWEST), _PASSED)

    def _judge(self, time: float, memory: OccupancyMemory) -> None:
        """Decide what moves of all that was measured at `time`."""
        unsure = sum(not track.moving for track in self._tracks)
        for track in self._tracks:
            if track.seen < time or track.count < 2:
                continue
            was = track.moving
            track.judge(time, doubtful=unsure > _AT_ONCE)
            if track.moving and not was:
                # what it left behind before it was known to move
                for back in (0.0, 0.2, 0.4, 0.6):
                    memory.forget(track.x - back * track.vx, track.y - back * track.vy,
                                  RADIUS + 0.07)
