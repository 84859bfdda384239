"""Moving obstacles: what appears where free space was seen, followed from scan to scan."""

from __future__ import annotations

import math

import numpy as np

from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.memory import Beams
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['Tracker', 'appeared']

_RADIUS = 0.25  # of the disc that stands for a moving obstacle, m
_GATE = 0.5  # largest distance between a track's prediction and its measurement, m
_KEEP = 0.7  # how long a track outlives its last measurement, s
_RANGE = 5.0  # farther away, drift looks like motion, m
_FASTEST = 2.0  # m/s


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


class Tracker:
    """Alpha-beta tracks of moving discs in the odom frame.

    `discs` has rows (x, y, vx, vy, radius) of the tracks whose velocity is known.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all tracks."""
        # x, y, vx, vy, time of the last measurement, number of measurements
        self._tracks: list[list[float]] = []
        self._time = 0.0

    def observe(self, beams: Beams, new: BoolArray, time: float) -> FloatArray:
        """Take in one scan, `new` marking beams that `appeared`; return the discs, (m, 5)."""
        elapsed = min(max(time - self._time, 0.0), 1.0)
        self._time = time
        for track in self._tracks:
            track[0] += track[2] * elapsed
            track[1] += track[3] * elapsed
        self._tracks = [track for track in self._tracks if time - track[4] <= _KEEP]
        for x, y in _clusters(beams, new):
            self._measure(x, y, time, elapsed)
        moving = [
            (*track[:4], _RADIUS) for track in self._tracks
            if track[5] >= 2 and math.hypot(track[2], track[3]) > 0.15]
        return np.array(moving).reshape(-1, 5)

    def _measure(self, x: float, y: float, time: float, elapsed: float) -> None:
        near = min(
            self._tracks, key=lambda track: math.hypot(track[0] - x, track[1] - y), default=None)
        if near is None or math.hypot(near[0] - x, near[1] - y) > _GATE or near[4] == time:
            self._tracks.append([x, y, 0.0, 0.0, time, 1.0])
            return
        dx, dy = x - near[0], y - near[1]
        gain = 1.0 if near[5] == 1.0 else 0.5
        if elapsed > 0.0:
            near[2] += gain * dx / elapsed
            near[3] += gain * dy / elapsed
        speed = math.hypot(near[2], near[3])
        if speed > _FASTEST:
            near[2] *= _FASTEST / speed
            near[3] *= _FASTEST / speed
        near[0] += 0.8 * dx
        near[1] += 0.8 * dy
        near[4] = time
        near[5] += 1.0


def _clusters(beams: Beams, new: BoolArray) -> list[tuple[float, float]]:
    """Return the centres of groups of neighbouring new points."""
    index = np.flatnonzero(new & (beams.ranges <= _RANGE))
    if len(index) < 2:
        return []
    x, y = beams.end_x[index], beams.end_y[index]
    gaps = np.flatnonzero(np.hypot(np.diff(x), np.diff(y)) > 0.3) + 1
    centres = []
    for group in np.split(np.arange(len(index)), gaps):
        if len(group) < 2:
            continue
        cx, cy = float(x[group].mean()), float(y[group].mean())
        # all that the laser sees of the obstacle, and its middle behind the visible face
        whole = (beams.hit > 0.0) & (np.hypot(beams.end_x - cx, beams.end_y - cy) < 0.35)
        mx, my = float(beams.end_x[whole].mean()), float(beams.end_y[whole].mean())
        away = math.hypot(mx - beams.sensor[0], my - beams.sensor[1])
        push = 0.12 / away if away > 0.0 else 0.0
        centres.append((
            mx + push * (mx - beams.sensor[0]), my + push * (my - beams.sensor[1])))
    return centres
