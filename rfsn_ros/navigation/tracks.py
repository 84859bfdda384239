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
from numpy.typing import NDArray
from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.memory import Beams, OccupancyMemory
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.navigation.pacing import paced, TURNING

__all__ = ['Tracker', 'appeared']

IntArray = NDArray[np.intp]

_RADIUS = 0.2  # at first, m
_RADII = (0.1, 0.3)
_GATE = 0.5  # largest distance between a track's prediction and its measurement, m
_RANGE = 5.0  # farther away, drift looks like motion, m
_FASTEST = 2.0  # m/s
_SLOWEST = 0.2  # below this it does not count as moving, m/s
_KEEP = 2.0  # how long a track outlives its last measurement while it may be hidden, s
_HIDDEN = 0.3  # s after its last measurement it may have done anything
_SURPRISE = 0.3  # off the expected velocity by more, it slows down, turns or sets off, m/s
_SLOWED = 0.85  # share of its pace below which it is about to turn round or has turned
_HELD_OFF = 0.03  # how far from walls obstacles turn round at least, m
_NARROW = 0.1  # where less is left beside them they may turn round, m
_ROOM = 0.15  # what has less way on its line than this is part of a wall and a wrong pose, m
_WIDEST = 0.7  # what appears wider than this is no disc, m
_AT_ONCE = 3  # of more than these that appear at once the pose is the likelier reason
_WINDOW = 5  # measurements over which what moves keeps its line and its pace
_STRAIGHT = 0.85  # share of the walked way that is gained
_EVEN = 0.2  # share of the mean pace that each step has at least
_RESTLESS = 3.0  # how long a track counts as moving after it last moved steadily, s


@compiled
def appeared(
    score: FloatArray, origin_x: float, origin_y: float, res: float, end_x: FloatArray,
    end_y: FloatArray, hit: FloatArray,
) -> BoolArray:
    """Return which beams end in space that was free, with nothing known beside it."""
    n = score.shape[0]
    result = np.zeros(end_x.shape[0], dtype=np.bool_)
    for i in range(end_x.shape[0]):
        if hit[i] == 0:
            continue
        ix = math.floor((end_x[i] - origin_x) / res)
        iy = math.floor((end_y[i] - origin_y) / res)
        if ix < 1 or iy < 1 or ix >= n - 1 or iy >= n - 1 or score[ix, iy] != 0.0:
            continue
        alone = True
        for jx in range(ix - 1, ix + 2):
            for jy in range(iy - 1, iy + 2):
                if score[jx, jy] != 0.0:
                    alone = False
        result[i] = alone
    return result


@compiled
def way_until(
    score: FloatArray, origin_x: float, origin_y: float, res: float, x: float, y: float,
    ux: float, uy: float, radius: float, reach: float,
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
                dx = origin_x + (jx + 0.5) * res - cx
                dy = origin_y + (jy + 0.5) * res - cy
                # only what lies ahead: it is where it is, whatever is beside it
                if dx * dx + dy * dy < radius * radius and dx * ux + dy * uy > 0.0:
                    return along
        along += 0.5 * res
    return 1000.0


@dataclass(frozen=True, slots=True)
class _Cluster:
    """Neighbouring points that may show one disc: its middle, their extent and number."""

    x: float
    y: float
    width: float
    points: int


@dataclass(slots=True)
class _Track:
    """One thing that may move; `count` measurements, the last at `seen`."""

    x: float
    y: float
    seen: float
    born_x: float
    born_y: float
    mx: float
    my: float
    vx: float = 0.0
    vy: float = 0.0
    radius: float = _RADIUS
    count: int = 1
    missed: int = 0
    moving: bool = False
    change: int = 0
    cruise: float = 0.0
    steady_at: float = -math.inf
    ahead: float = 1000.0
    behind: float = 1000.0
    narrow: float = 1000.0
    line: tuple[float, float] = (0.0, 0.0)
    trail: list[tuple[float, float]] = field(default_factory=list)

    @property
    def speed(self) -> float:
        return math.hypot(self.vx, self.vy)

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
            if self.change < 0 or (self.change == 0 and ahead < behind):
                ahead = min(ahead, turn)
            else:
                behind = min(behind, turn)
        share = pace / max(self.speed, 1e-6)
        return (self.x, self.y, share * self.vx, share * self.vy, self.radius + 0.02, ahead,
                behind)

    def predict(self, elapsed: float) -> None:
        """Move on as expected."""
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

    def measure(self, cluster: _Cluster, time: float) -> None:
        """Take in where it was seen."""
        x, y, width = cluster.x, cluster.y, cluster.width
        elapsed = time - self.seen
        dx, dy = (x - self.mx) / elapsed, (y - self.my) / elapsed
        off_x, off_y = x - self.x, y - self.y
        off = math.hypot(off_x, off_y)
        self.radius = min(max(max(0.98 * self.radius, 0.5 * width), _RADII[0]), _RADII[1])
        surprise = False
        if self.count == 1 or (elapsed > 0.45 and off > 0.2):
            self.vx, self.vy = dx, dy
        elif elapsed <= 0.45:
            surprise = off > _SURPRISE * elapsed and self.count >= 3 and cluster.points >= 6
            if surprise:
                self._surprised(dx, dy, elapsed)
            else:
                gain = {2: 0.7, 3: 0.5}.get(self.count, 0.35)
                self.vx += gain * off_x / elapsed
                self.vy += gain * off_y / elapsed
        self._keep_line()
        gain = 0.85 if off < 0.2 else 1.0
        self.x += gain * off_x
        self.y += gain * off_y
        self.mx, self.my, self.seen, self.missed = x, y, time, 0
        self.count += 1
        if self.count >= 4 and not surprise:
            self.cruise = max(self.speed, 0.98 * self.cruise)
        self.trail = [*self.trail[1 - _WINDOW:], (x, y)]
        if self._steady():
            self.steady_at = time

    def _surprised(self, dx: float, dy: float, elapsed: float) -> None:
        """
        Take over what it did of late, (dx, dy) m/s, and that it went on like that.

        It slowed down, turned round or set off; the average is half the time old.
        """
        mean = math.hypot(dx, dy)
        more = 0.5 * TURNING * elapsed
        slower = dx * self.vx + dy * self.vy > 0.0 and mean < self.speed
        speed = mean - more if slower else min(mean + more, max(self.cruise, mean))
        self.change = -1 if slower and speed > 0.0 else 1
        self.vx, self.vy = speed / max(mean, 1e-6) * dx, speed / max(mean, 1e-6) * dy

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

    def judge(self, time: float, *, doubtful: bool) -> None:
        """Decide whether it moves; where much is doubtful only a steady way says so."""
        away = math.hypot(self.mx - self.born_x, self.my - self.born_y)
        if self.moving:
            self.moving = time - self.steady_at <= _RESTLESS
        elif self.speed > _SLOWEST and away > 0.08 and (
                self.steady_at == time or (self.count <= _WINDOW and not doubtful)):
            self.moving, self.steady_at = True, time

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
            if not track.moving:
                memory.forget(track.mx, track.my, track.radius + 0.07, young=True)
        new = appeared(
            memory.score, memory.origin[0], memory.origin[1], memory.config.resolution,
            beams.end_x, beams.end_y, beams.hit) & (beams.ranges <= _RANGE)
        for cluster in _clusters(beams, new | self._on_tracks(beams, memory), self._tracks):
            self._measure(cluster, time)
        self._judge(time, memory)
        self._tracks = [track for track in self._tracks if self._lives(track, beams, time)]
        theirs = np.zeros(len(beams.end_x), dtype=np.bool_)
        rows = []
        for track in self._tracks:
            if not track.moving:
                continue
            self._look_around(track, memory)
            if track.ahead + track.behind < _ROOM:
                continue
            rows.extend(track.hypotheses(time))
            theirs |= (np.hypot(beams.end_x - track.x, beams.end_y - track.y)
                       < track.radius + 0.07)
        return np.array(rows).reshape(-1, 7), theirs

    def _on_tracks(self, beams: Beams, memory: OccupancyMemory) -> BoolArray:
        """
        Return which beams end where a moving obstacle's face is expected, and no wall is.

        Where it turns round it comes so near to walls that nothing would count as appeared.
        """
        on = np.zeros(len(beams.end_x), dtype=np.bool_)
        for track in self._tracks:
            if track.moving:
                off = np.hypot(beams.end_x - track.x, beams.end_y - track.y) - track.radius
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
        grid = (memory.score, memory.origin[0], memory.origin[1], memory.config.resolution,
                track.x, track.y)
        radius = track.radius + _HELD_OFF
        track.ahead = way_until(*grid, ux, uy, radius, 3.0)
        track.behind = way_until(*grid, -ux, -uy, radius, 3.0)
        track.narrow = way_until(*grid, ux, uy, track.radius + _NARROW, 3.0)

    def _lives(self, track: _Track, beams: Beams, time: float) -> bool:
        if track.seen == time:
            # what stays where it appeared is no moving obstacle
            return track.moving or track.count < 5
        if not track.moving:
            return time - track.seen <= 0.3
        dx, dy = track.x - beams.sensor[0], track.y - beams.sensor[1]
        reach = math.hypot(dx, dy)
        if reach > 6.0:
            return time - track.seen <= 0.7
        bx, by = beams.end_x - beams.sensor[0], beams.end_y - beams.sensor[1]
        size = np.maximum(beams.ranges, 1e-6)
        along = (bx * dx + by * dy) / size
        across = np.abs(bx * dy - by * dx) / size
        through = (along > 0.0) & (across < 0.5 * track.radius) & (
            beams.ranges > reach + track.radius)
        if int(through.sum()) >= 2:
            track.missed += 1
        return track.missed < 2 and time - track.seen <= _KEEP

    def _measure(self, cluster: _Cluster, time: float) -> None:
        x, y = cluster.x, cluster.y
        near = min(
            (track for track in self._tracks if track.seen < time),
            key=lambda track: math.hypot(track.x - x, track.y - y), default=None)
        if near is not None and math.hypot(near.x - x, near.y - y) <= _GATE:
            near.measure(cluster, time)
        elif cluster.width <= _WIDEST:
            self._tracks.append(_Track(x, y, time, x, y, x, y))

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
                                  track.radius + 0.07)


def _groups(beams: Beams, new: BoolArray, tracks: list[_Track]) -> list[IntArray]:
    """Return the new points by the track that is nearest to them, the others by neighbourhood."""
    index = np.flatnonzero(new)
    if not len(index):
        return []
    x, y = beams.end_x[index], beams.end_y[index]
    owner = np.full(len(index), -1)
    nearest = np.full(len(index), 0.2)
    for number, track in enumerate(tracks):
        if track.count < 2:
            continue
        off = np.abs(np.hypot(x - track.x, y - track.y) - track.radius)
        closer = off < nearest
        owner[closer], nearest[closer] = number, off[closer]
    apart = (np.hypot(np.diff(x), np.diff(y)) > 0.25) | (np.diff(owner) != 0)
    groups: list[IntArray] = []
    for number in range(len(tracks)):
        groups.append(index[owner == number])
    left = owner < 0
    cut = np.flatnonzero(apart) + 1
    groups.extend(
        group[left[np.searchsorted(index, group)]] for group in np.split(index, cut))
    return [group for group in groups if len(group) >= 2]


def _clusters(beams: Beams, new: BoolArray, tracks: list[_Track]) -> list[_Cluster]:
    """Return the groups of new points as discs."""
    found = []
    for group in _groups(beams, new, tracks):
        px, py = beams.end_x[group], beams.end_y[group]
        width = math.hypot(float(px[-1] - px[0]), float(py[-1] - py[0]))
        mx, my = float(px.mean()), float(py.mean())
        near = min(
            tracks, key=lambda track: math.hypot(track.x - mx, track.y - my), default=None)
        if near is not None and math.hypot(near.x - mx, near.y - my) < 0.4 and near.count > 1:
            x, y = fitted(px, py, near.x, near.y, near.radius)
        else:
            away = math.hypot(mx - beams.sensor[0], my - beams.sensor[1])
            push = 0.7 * _RADIUS / max(away, 1e-6)
            x, y = fitted(px, py, mx + push * (mx - beams.sensor[0]),
                          my + push * (my - beams.sensor[1]), _RADIUS)
        found.append(_Cluster(x, y, width, len(group)))
    return found


@compiled
def fitted(
    x: FloatArray, y: FloatArray, cx: float, cy: float, radius: float,
) -> tuple[float, float]:
    """Return the centre of the circle of a known radius through points (Gauss-Newton)."""
    for _ in range(5):
        # few points on one side say little across: damping keeps the first guess there
        a = d = 0.05 * x.shape[0]
        b = p = q = 0.0
        for i in range(x.shape[0]):
            dx, dy = x[i] - cx, y[i] - cy
            size = max(math.sqrt(dx * dx + dy * dy), 1e-6)
            ux, uy, off = dx / size, dy / size, size - radius
            a += ux * ux
            b += ux * uy
            d += uy * uy
            p += ux * off
            q += uy * off
        det = a * d - b * b
        cx += (d * p - b * q) / det
        cy += (a * q - b * p) / det
    return cx, cy
