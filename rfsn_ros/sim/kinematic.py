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

"""The fast simulator: a unicycle that obeys acceleration, torque and friction limits."""

from __future__ import annotations

import math

from rfsn_ros.sim.simulator import Simulator
from rfsn_ros.sim.worlds import World

__all__ = ['GRAVITY', 'KinematicSimulator']

GRAVITY = 9.81


class KinematicSimulator(Simulator):
    """
    The commanded twist ramps as in the base's controller; the body follows on an arc.

    How fast the body can follow is bounded by what the two wheels can transmit (torque and
    friction) to robot and payload; slip takes its share of the motion.
    """

    def _place(self, world: World) -> None:
        self._wanted_v = self._wanted_w = 0.0
        self._wheel_v = self._wheel_w = 0.0

    def _disturb(self) -> None:
        robot, disturbances, tick = self.config.robot, self._disturbances, self.config.tick
        scale, mass = disturbances.acceleration.scale, robot.mass + disturbances.payload.mass
        inertia = mass * (robot.length ** 2 + robot.width ** 2) / 12.0
        self._step_v = robot.acceleration * scale * tick
        self._step_w = robot.angular_acceleration * scale * tick
        self._most = tick * min(robot.wheel_torque * scale / robot.wheel_radius,
                                disturbances.slip.friction * 0.5 * mass * GRAVITY)
        """Largest momentum that one wheel can transmit in a tick, N s."""
        self._half_mass, self._turning = 0.5 * mass, inertia / robot.track

    def _advance(self, v: float, w: float, grip: tuple[float, float]) -> None:
        if self._contact:
            self._v = self._w = 0.0
            return
        tick, most = self.config.tick, self._most
        self._wanted_v += min(max(v - self._wanted_v, -self._step_v), self._step_v)
        self._wanted_w += min(max(w - self._wanted_w, -self._step_w), self._step_w)
        straight = self._half_mass * (self._wanted_v - self._wheel_v)
        turning = self._turning * (self._wanted_w - self._wheel_w)
        right = min(max(straight + turning, -most), most)
        left = min(max(straight - turning, -most), most)
        self._wheel_v += 0.5 * (right + left) / self._half_mass
        self._wheel_w += 0.5 * (right - left) / self._turning
        self._v, self._w = self._wheel_v * grip[0], self._wheel_w * grip[1]
        middle = self._yaw + 0.5 * self._w * tick
        self._x += self._v * math.cos(middle) * tick
        self._y += self._v * math.sin(middle) * tick
        self._yaw += self._w * tick
