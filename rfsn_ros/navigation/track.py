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
One thing that may move: where it is, how fast, and what it is expected to do.

It is taken as a disc that keeps its pace on a line and turns round at its ends, which are known
where it was seen to turn.
"""

from __future__ import annotations

from dataclasses import dataclass, field
import itertools
import math

import numpy as np
from rfsn_ros.navigation.clusters import Cluster, RADIUS
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.navigation.pacing import paced, TURNING
from rfsn_ros.navigation.turns import bend_of, turn_of

__all__ = ['Track']

_FASTEST = 2.0  # m/s
_SLOWEST = 0.2  # below this it does not count as moving, m/s
_SLOWEST_WHOLE = 0.3  # what is seen whole moves from this speed on, m/s
_AWAY = 0.1  # what moves has come so far, m,
_BRISK, _SOONER = 0.5, 0.05  # or if it is faster than this (m/s) so far (m)
_NOISE = 0.008  # standard deviation of where a disc was seen, m
_STEADY = 0.3  # unknown acceleration of what keeps its pace, m/s^2
_SURPRISE = 3.0  # standard deviations off what was expected, it slows down, turns or sets off
_SETTLING = 0.45  # s after a surprise from which on its speed is its pace
_SLOWED = 0.85  # share of its pace below which it is about to turn round or has turned
_AT_WALL = 0.1  # with less way than this left it turns round now, m
_HIDDEN = 0.3  # s after its last measurement it may have done anything
_GAP = 0.25  # between measurements more than this (s) does not count as watched
_WINDOW = 0.85  # time watched in which what moves keeps its line and its pace, s
_SOON = 0.45  # time watched in which what appears alone is taken at its word, s
_STRAIGHT = 0.85  # share of the walked way that is gained
_EVEN = 0.2  # share of the mean pace that each step has at least
_STANDS, _STANDING = 0.55, 0.06  # what is watched for so long (s) within this (m) stands
_RESTLESS = 3.0  # how long a track counts as moving after it last moved steadily, s
_FITTED = 0.75  # measurements up to so old (s) tell pace and turn
_FEWEST, _LEVEL = 4, 0.45  # so many of them over so long (s) tell the pace,
_BENT = 0.8  # where they show less change of it than this, m/s^2
_BLEND = 0.3  # share of a new pace in the pace
_MOST = 1.2  # times its pace, which it does not exceed once that is known
_USUAL = 0.75  # pace of what was only seen while it turns, m/s
_DOUBT, _NO_DOUBT = 0.2, 0.08  # shares by which that may be off, and one that is known
_CLEARLY, _WELL = 9.0, 6.25  # gain, and error per measurement, of a turn that is one
_APART, _BESIDE = 0.3, 0.2  # of ends from each other along a line and from the line, m
_HERE = 0.05  # an end is at most so far (m) on the wrong side of what turns there

_NOWHERE = np.zeros(0), np.zeros(0)


@dataclass(slots=True)
class Track:
    """
    One thing that may move: `count` measurements, the last at `seen`, (mx, my).

    Position and velocity come of a Kalman filter that expects a steady pace; `spread` holds the
    variances of position and velocity along each axis and what they share. `cruise` is the pace
    away from turns, `known` once it was seen to keep it; `change` -1 while it slows down for a
    turn and 1 while it speeds up after it. `ends` are where it was seen to turn. `ahead` and
    `behind` say how far its line goes on (m), `narrow` where that may end sooner, `room` how
    much of it is clear of what it touches. `watched` is the time (s) between measurements in
    all, without gaps; the `trail` has rows (time, watched, x, y) of the newest of them.
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
    known: bool = False
    surprised_at: float = -math.inf
    steady_at: float = -math.inf
    turned_at: float = -math.inf
    ahead: float = 1000.0
    behind: float = 1000.0
    narrow: float = 1000.0
    room: float = 1000.0
    line: tuple[float, float] = (0.0, 0.0)
    ends: list[tuple[float, float]] = field(default_factory=list)
    watched: float = 0.0
    trail: list[tuple[float, float, float, float]] = field(default_factory=list)
    face: tuple[FloatArray, FloatArray] = _NOWHERE

    @classmethod
    def of(cls, cluster: Cluster, time: float) -> Track:
        """Begin to follow what was seen."""
        x, y = cluster.x, cluster.y
        return cls(
            x, y, time, x, y, x, y, whole=int(cluster.whole), trail=[(time, 0.0, x, y)],
            face=(cluster.face_x, cluster.face_y))

    @property
    def speed(self) -> float:
        """Its speed now, m/s."""
        return math.hypot(self.vx, self.vy)

    @property
    def settled(self) -> bool:
        """Whether it was seen more than once."""
        return self.count > 1

    def expected(self) -> tuple[float, ...]:
        """
        Return what it is expected to do, (x, y, vx, vy, radius, ahead, behind).

        It is expected to be as fast as it was. Where it is slower it is about to turn round or
        has just done so.
        """
        speed = self.speed
        pace = max(self.cruise, speed)
        ahead, behind = self.ahead, self.behind
        turn = speed * speed / (2.0 * TURNING)
        if self.turned_at == self.seen:
            # it turns at an end that is known by that
            pace = pace if self.known else max(pace, _USUAL)
        elif speed >= _SLOWED * pace:
            # it could not be that fast so near to where it turns
            ahead, behind = max(ahead, turn), max(behind, turn)
        elif self.change < 0 or ahead < _AT_WALL or (self.change == 0 and ahead < behind):
            ahead = min(ahead, turn)
        else:
            behind = min(behind, turn)
        share = pace / max(speed, 1e-6)
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

    def ends_on(self, ux: float, uy: float) -> tuple[float, float]:
        """Return how far the ends it was seen at are along (ux, uy) and back; inf where none."""
        ahead = behind = math.inf
        for x, y in self.ends:
            dx, dy = x - self.x, y - self.y
            along = dx * ux + dy * uy
            if abs(dx * uy - dy * ux) > _BESIDE:
                continue
            if abs(along) < _HERE and self.change:
                along = math.copysign(along, -self.change)
            if math.copysign(1.0, along) > 0.0:
                ahead = along
            else:
                behind = -along
        return ahead, behind

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
        self.watched += min(elapsed, _GAP)
        self.trail.append((time, self.watched, cluster.x, cluster.y))
        self.trail = self._last(_WINDOW)
        if not (self._turn(time) or self._keep_pace(time)):
            self._pace(time)
        if self._steady():
            self.steady_at = time

    def _keep_line(self) -> None:
        """Bound the speed; slow motion says nothing about the line that fast motion has shown."""
        speed = self.speed
        most = _MOST * self.cruise if self.known else _FASTEST
        if speed > most:
            self.vx *= most / speed
            self.vy *= most / speed
            speed = most
        if speed >= _SLOWED * self.cruise:
            self.change = 0
            self.line = (self.vx / max(speed, 1e-6), self.vy / max(speed, 1e-6))
        elif speed < 0.7 * self.cruise:
            along = self.vx * self.line[0] + self.vy * self.line[1]
            self.vx, self.vy = along * self.line[0], along * self.line[1]

    def _along(self, ux: float, uy: float, time: float) -> tuple[FloatArray, FloatArray]:
        """Return when (s, from now) and where (m, from here) along (ux, uy) it was seen lately."""
        seen = [(then - time, (x - self.x) * ux + (y - self.y) * uy)
                for then, _, x, y in self.trail if time - then <= _FITTED]
        return np.array([one[0] for one in seen]), np.array([one[1] for one in seen])

    def _turn(self, time: float) -> bool:
        """See whether it turns round; where it does, the turn says where it is and how fast."""
        if not self.cruise:
            return False
        ux, uy = self.line
        times, places = self._along(ux, uy, time)
        if len(times) < 3:
            return False
        when, end, place, pace, gain, error = turn_of(
            times, places, self.cruise if self.known else max(self.cruise, _USUAL),
            _NO_DOUBT if self.known else _DOUBT, _NOISE)
        if gain < _CLEARLY or error > _WELL * len(times) or abs(when) >= pace / TURNING:
            return False
        speed = math.copysign(TURNING * when, when * (end - place))
        found = self.x + end * ux, self.y + end * uy
        self.x, self.y = self.x + place * ux, self.y + place * uy
        self.vx, self.vy = speed * ux, speed * uy
        self.spread = (0.5 * _NOISE * _NOISE, 0.0, 0.01)
        self.change = -1 if when > 0.0 else 1
        self.turned_at = time
        self.ends = [*(one for one in self.ends if math.dist(one, found) > _APART), found][-2:]
        return True

    def _keep_pace(self, time: float) -> bool:
        """Take its speed for its pace where it neither speeds up nor slows down."""
        gone_x, gone_y = (self.trail[-1][k] - self.trail[0][k] for k in (2, 3))
        net = math.hypot(gone_x, gone_y)
        if net < _AWAY:
            return False
        times, places = self._along(gone_x / net, gone_y / net, time)
        if len(times) < _FEWEST or times[-1] - times[0] < _LEVEL:
            return False
        speed, _, change = bend_of(times, places)
        if abs(change) > _BENT:
            return self.known
        self.cruise = self.cruise + _BLEND * (speed - self.cruise) if self.known else speed
        self.known = True
        return True

    def _pace(self, time: float) -> None:
        """Take its speed for its pace, until that is known, where it does not seem to turn."""
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
        if self.moving:
            self.moving = time - self.steady_at <= _RESTLESS and not self._stands()
        elif self.passed and (self._seen_to_move() or (
                self.speed > _SLOWEST and self._came((self.born_x, self.born_y)) and (
                    self.steady_at == time or (self.watched <= _SOON and not doubtful)))):
            self.moving, self.steady_at = True, time

    def _seen_to_move(self) -> bool:
        """Say whether it came along while it was seen whole."""
        return self.whole > 1 and self.speed > _SLOWEST_WHOLE and self._came(
            self.trail[-min(self.whole, 3)][2:])

    def _came(self, place: tuple[float, float]) -> bool:
        """Say whether it is far enough from where it was, however little poses are right."""
        away = math.dist(place, (self.mx, self.my))
        return away > (_SOONER if self.speed > _BRISK else _AWAY)

    def _last(self, span: float) -> list[tuple[float, float, float, float]]:
        """Return the end of the trail that was watched for `span` seconds, else all of it."""
        first = len(self.trail) - 1
        while first > 0 and self.watched - self.trail[first][1] < span:
            first -= 1
        return self.trail[first:]

    def _stands(self) -> bool:
        """Say whether it has stayed where it is for longer than turning round takes."""
        # a disc seen whole is no part of a wall: it may only turn round slowly
        span = _WINDOW if self.whole else _STANDS
        last = self._last(span)
        return self.watched - last[0][1] >= span and all(
            math.dist(row[2:], last[-1][2:]) < _STANDING for row in last)

    def _steady(self) -> bool:
        """Say whether the last measurements lie along a line, at an even pace."""
        if self.watched - self.trail[0][1] < _WINDOW:
            return False
        places = [row[2:] for row in self.trail]
        (x, y), last = places[0], places[-1]
        net = math.dist((x, y), last)
        if net < 0.15:
            return False
        ux, uy = (last[0] - x) / net, (last[1] - y) / net
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(places)]
        walked = math.fsum(math.hypot(*step) for step in steps)
        return net > _STRAIGHT * walked and all(
            dx * ux + dy * uy > _EVEN * net / len(steps) for dx, dy in steps)
