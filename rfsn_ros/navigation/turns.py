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

"""Where and when what keeps its pace on a line turns round, told by where it was seen."""

from __future__ import annotations

from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.navigation.pacing import TURNING

__all__ = ['bend_of', 'from_end', 'turn_of']

_STEP = 0.02  # between the instants that are tried, s
_PACES = 5  # that are tried


@compiled
def from_end(time: float, pace: float) -> float:
    """Return the way (m) from where it turns round, `time` (s) before or after that."""
    ramp = pace / TURNING
    since = abs(time)
    if since < ramp:
        return 0.5 * TURNING * since * since
    return pace * (since - 0.5 * ramp)


@compiled
def bend_of(times: FloatArray, places: FloatArray) -> tuple[float, float, float]:
    """
    Fit a line and a parabola to places (m) at `times` (s), shape (n,) each, n > 2.

    Return the line's speed (m/s), the sum of squares off it (m^2), and the parabola's
    acceleration (m/s^2).
    """
    n = times.shape[0]
    mean_t, mean_s = times.mean(), places.mean()
    tt = ttt = ts = ss = 0.0
    for i in range(n):
        t, s = times[i] - mean_t, places[i] - mean_s
        tt += t * t
        ttt += t * t * t
        ts += t * s
        ss += s * s
    qq = qs = 0.0
    for i in range(n):
        t, s = times[i] - mean_t, places[i] - mean_s
        q = t * t - ttt / tt * t - tt / n
        qq += q * q
        qs += q * s
    return ts / tt, ss - ts * ts / tt, 2.0 * qs / max(qq, 1e-12)


@compiled
def turn_of(
    times: FloatArray, places: FloatArray, pace: float, doubt: float, noise: float,
) -> tuple[float, float, float, float, float, float]:
    """
    Fit a turn to places (m) along a line at `times` (s, now is 0), shape (n,) each, n > 2.

    Its pace (m/s) is about `pace`, give or take the share `doubt`; places are known to `noise`
    (m, standard deviation). Return (time, end, place, pace, gain, error): when and where it
    turns; where it is now; the pace; by how much the turn explains the places better than a line
    does, and what is left to explain (chi squared both). The gain is 0.0 where no turn is better.
    """
    n = times.shape[0]
    _, straight, change = bend_of(times, places)
    side = 1.0 if change < 0.0 else -1.0
    straight /= noise * noise
    best, best_time, best_end, best_pace = straight, 0.0, 0.0, pace
    for number in range(_PACES):
        off = 0.6 * (number - _PACES // 2)
        tried = pace * (1.0 + off * doubt)
        ramp = tried / TURNING
        for k in range(1, int((2.0 * ramp - times[0]) / _STEP)):
            turn = times[0] - ramp + k * _STEP
            end = 0.0
            for i in range(n):
                end += (places[i] + side * from_end(times[i] - turn, tried)) / n
            error = 0.0
            for i in range(n):
                error += (places[i] + side * from_end(times[i] - turn, tried) - end) ** 2
            error = error / (noise * noise) + off * off
            if error < best:
                best, best_time, best_end, best_pace = error, turn, end, tried
    place = best_end - side * from_end(best_time, best_pace)
    return best_time, best_end, place, best_pace, straight - best, best
