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
Identification of the robot that is really there: latency, gain (slip) and acceleration.

A grid of candidate robots is run beside the real one. Each candidate predicts from the measured
velocity one decision ago and the commands sent what the velocity should be now; the candidate
with the smallest discounted squared error is the model that roll-outs and mask use. Old errors
are forgotten exponentially, so a robot that changes is found again.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

import numpy as np
from rfsn_ros.navigation.compiled import compiled
from rfsn_ros.navigation.config import IdentificationConfig, RobotModel
from rfsn_ros.navigation.observation import FloatArray, Odometry, Twist2D

__all__ = ['CommandHistory', 'Dynamics', 'Identification']

_QUIET = 0.05
_LONGEST = 2.0  # s between two measurements
_BEYOND = 1.5  # times the limits of the robot: one such velocity would outweigh minutes of others
_LATENCIES = np.arange(0.0, 0.4001, 0.05)
_GAINS = np.array([0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0, 1.05])
_SHARES = np.array([0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.35])


@dataclass(frozen=True, slots=True)
class Dynamics:
    """How the robot answers to commands: latency in s, gains, accelerations in m/s^2, rad/s^2."""

    latency: float
    gain: float
    acceleration: float
    turn_gain: float
    turn_acceleration: float

    @classmethod
    def nominal(cls, robot: RobotModel) -> Dynamics:
        """Return the robot of the data sheet."""
        return cls(robot.latency, 1.0, robot.acceleration, 1.0, robot.turn_acceleration)


class CommandHistory:
    """The commands sent of late; a command holds until the next one."""

    def __init__(self, span: float = 4.0) -> None:
        self._span = span
        self._sent: FloatArray = np.zeros((256, 3))
        self._begin = self._end = 0

    def clear(self) -> None:
        """Forget all; before the first command the robot was told to stand."""
        self._begin = self._end = 0

    def add(self, time: float, command: Twist2D) -> None:
        """Note a command sent at `time`; one that is older than the newest is ignored."""
        if self._end > self._begin and time < self._sent[self._end - 1, 0]:
            return
        if self._end == len(self._sent):
            kept = self._sent[self._begin:].copy()
            if 2 * len(kept) > len(self._sent):
                self._sent = np.zeros((2 * len(self._sent), 3))
            self._sent[:len(kept)] = kept
            self._begin, self._end = 0, len(kept)
        self._sent[self._end] = time, command.v, command.w
        self._end += 1
        while self._sent[self._begin, 0] < time - self._span:
            self._begin += 1

    def sampled(self, first: float, count: int, step: float) -> FloatArray:
        """Return what was asked for in the middle of `count` steps from `first`, (count, 2)."""
        return _sampled(self._sent[self._begin:self._end], first, count, step)


class Identification:
    """The grid of candidate robots and what they have been worth."""

    def __init__(self, config: IdentificationConfig, robot: RobotModel, step: float) -> None:
        self.config = config
        self._robot = robot
        self._step = step
        self._beyond = _BEYOND * np.array([robot.max_speed, robot.max_turn_rate])
        self._linear = _shares_of(robot.acceleration)
        self._angular = _shares_of(robot.turn_acceleration)
        shape = (len(_LATENCIES), len(_GAINS), len(_SHARES))
        self._errors: FloatArray = np.zeros((2, *shape))
        self._prior = self._prior_errors()
        self._last: Odometry | None = None
        self.dynamics = Dynamics.nominal(robot)

    def restart(self) -> None:
        """Begin a new drive: what was learned stays, the last measurement does not."""
        self._last = None

    def observe(self, odometry: Odometry, history: CommandHistory) -> None:
        """Compare every candidate's prediction with a new measurement and pick the best."""
        last = self._last
        elapsed = math.inf if last is None else odometry.stamp - last.stamp
        if 0.0 <= elapsed < 0.5 * self._step:
            return  # too soon to tell: what is measured later is compared with `last`
        self._last = odometry
        if last is None or not self.config.enabled or not 0.0 < elapsed <= _LONGEST:
            return
        # whole steps as long as need be, for decisions come at any period
        steps = max(round(elapsed / self._step), 1)
        step = elapsed / steps
        before = round(float(_LATENCIES[-1]) / step)
        asked = history.sampled(last.stamp - before * step, before + steps, step)
        fade = math.exp(-1.0 / self.config.memory)
        measured = np.array([last.twist.v, last.twist.w, odometry.twist.v, odometry.twist.w])
        _compare(self._errors, asked, measured, steps, before, step, _LATENCIES, _GAINS,
                 self._linear, self._angular, fade, self._beyond)
        self.dynamics = self._best()

    def _best(self) -> Dynamics:
        latency, gain, share, turn_gain, turn_share = _least(
            self._errors[0], self._errors[1], self._prior)
        return Dynamics(
            float(_LATENCIES[latency]), float(_GAINS[gain]), float(self._linear[share]),
            float(_GAINS[turn_gain]), float(self._angular[turn_share]))

    def _prior_errors(self) -> FloatArray:
        """Return a slight preference for the nominal robot, so that ties are broken its way."""
        latency = (_LATENCIES - self._robot.latency)[:, None, None]
        gain = (_GAINS - 1.0)[None, :, None]
        share = np.log(_SHARES)[None, None, :]
        prior: FloatArray = 0.02 * (latency**2 / 0.04 + gain**2 / 0.04 + share**2 / 0.25)
        return prior

    def state(self) -> dict[str, list[float]]:
        """Return what has been identified in a JSON-ready form."""
        return {'errors': self._errors.ravel().tolist()}

    def restore(self, state: dict[str, list[float]]) -> None:
        """Continue from a saved state."""
        self._errors = np.array(state['errors']).reshape(self._errors.shape)
        self.dynamics = self._best()


def _shares_of(nominal: float) -> FloatArray:
    result: FloatArray = nominal * _SHARES
    return result


@compiled
def _sampled(sent: FloatArray, first: float, count: int, step: float) -> FloatArray:
    """Return (v, w) of the newest row (time, v, w) at each time; before the first row zeros."""
    asked = np.zeros((count, 2))
    coming = 0
    for j in range(count):
        time = first + (j + 0.5) * step + 1e-9
        while coming < sent.shape[0] and sent[coming, 0] <= time:
            coming += 1
        if coming > 0:
            asked[j, 0] = sent[coming - 1, 1]
            asked[j, 1] = sent[coming - 1, 2]
    return asked


@compiled
def _compare(
    errors: FloatArray, asked: FloatArray, measured: FloatArray, steps: int, before: int,
    dt: float, latencies: FloatArray, gains: FloatArray, linear: FloatArray,
    angular: FloatArray, fade: float, beyond: FloatArray,
) -> None:
    """
    Let old errors fade and add the newest, in place, shape (2, latencies, gains, shares).

    `measured` is (v, w) before and after; what is `beyond` (v, w) is no motion of this robot.
    """
    for axis in range(2):
        start, end = measured[axis], measured[2 + axis]
        wanted = asked[:, axis].copy()
        # a robot that was told nothing and does nothing says nothing about itself
        if max(abs(start), abs(end), np.abs(wanted).max()) < _QUIET:
            continue
        if max(abs(start), abs(end)) > beyond[axis]:
            continue
        errors[axis] *= fade
        _accumulate(
            errors[axis], wanted, start, end, steps, before, dt, latencies, gains,
            linear if axis == 0 else angular, 1.0 if axis == 0 else 0.25)


@compiled
def _accumulate(
    errors: FloatArray, asked: FloatArray, start: float, end: float, steps: int, before: int,
    dt: float, latencies: FloatArray, gains: FloatArray, accelerations: FloatArray,
    weight: float,
) -> None:
    """Add each candidate's squared prediction error to `errors`, in place."""
    reach = accelerations * dt
    v = np.empty(accelerations.shape[0])
    for i in range(latencies.shape[0]):
        delay = round(latencies[i] / dt)
        for j in range(gains.shape[0]):
            v[:] = start
            for s in range(steps):
                wanted = gains[j] * asked[before + s - delay]
                for k in range(v.shape[0]):  # innermost, so that several are done at once
                    v[k] += min(max(wanted - v[k], -reach[k]), reach[k])
            for k in range(v.shape[0]):
                errors[i, j, k] += weight * (v[k] - end) * (v[k] - end)


@compiled
def _least(
    linear: FloatArray, angular: FloatArray, prior: FloatArray,
) -> tuple[int, int, int, int, int]:
    """Return the latency with the smallest sum of best errors, and gain and share of either."""
    latency, least = 0, np.inf
    gain, share, turn_gain, turn_share = 0, 0, 0, 0
    for i in range(prior.shape[0]):
        best, at_gain, at_share = np.inf, 0, 0
        turn_best, at_turn_gain, at_turn_share = np.inf, 0, 0
        for j in range(prior.shape[1]):
            for k in range(prior.shape[2]):
                error = linear[i, j, k] + prior[i, j, k]
                if error < best:
                    best, at_gain, at_share = error, j, k
                error = angular[i, j, k] + prior[i, j, k]
                if error < turn_best:
                    turn_best, at_turn_gain, at_turn_share = error, j, k
        if best + turn_best < least:
            latency, least = i, best + turn_best
            gain, share = at_gain, at_share
            turn_gain, turn_share = at_turn_gain, at_turn_share
    return latency, gain, share, turn_gain, turn_share
