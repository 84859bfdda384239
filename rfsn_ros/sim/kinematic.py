"""The fast simulator: a unicycle with acceleration limits."""

from __future__ import annotations

import math

from rfsn_ros.sim.simulator import Simulator
from rfsn_ros.sim.worlds import World

__all__ = ['GRAVITY', 'KinematicSimulator']

GRAVITY = 9.81


class KinematicSimulator(Simulator):
    """Velocities ramp towards the command; the body follows them on an arc, less slip.

    The ramp is bounded by the robot's acceleration limits, by what the motors' torque does to
    robot and payload, and by what friction can transmit.
    """

    def _place(self, world: World) -> None:
        self._wheel_v = self._wheel_w = 0.0

    def _disturb(self) -> None:
        robot, disturbances, tick = self.config.robot, self._disturbances, self.config.tick
        scale, mass = disturbances.acceleration.scale, robot.mass + disturbances.payload.mass
        force = min(2.0 * robot.wheel_torque * scale / robot.wheel_radius,
                    disturbances.slip.friction * mass * GRAVITY)
        inertia = mass * (robot.length ** 2 + robot.width ** 2) / 12.0
        self._step_v = tick * min(robot.acceleration * scale, force / mass)
        self._step_w = tick * min(
            robot.angular_acceleration * scale, force * 0.5 * robot.track / inertia)

    def _advance(self, v: float, w: float, grip: tuple[float, float]) -> None:
        if self._contact:
            self._v = self._w = 0.0
            return
        tick = self.config.tick
        self._wheel_v += min(max(v - self._wheel_v, -self._step_v), self._step_v)
        self._wheel_w += min(max(w - self._wheel_w, -self._step_w), self._step_w)
        self._v, self._w = self._wheel_v * grip[0], self._wheel_w * grip[1]
        middle = self._yaw + 0.5 * self._w * tick
        self._x += self._v * math.cos(middle) * tick
        self._y += self._v * math.sin(middle) * tick
        self._yaw += self._w * tick
