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
The simulator with wheel dynamics: PyBullet, headless.

The base's controller is the usual one: the commanded twist ramps within the robot's acceleration
limits, becomes wheel speeds through the wheels' distance, and motors of limited torque turn the
wheels. What the body then does follows from friction. Ranges and the contact of the footprint
are computed exactly in the plane, as in the kinematic simulator; the physics sees the same
obstacles as one static triangle mesh.
"""

from __future__ import annotations

from collections.abc import Sequence
import ctypes
import math
import os
from pathlib import Path
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.errors import ConfigError, MissingDependencyError
from rfsn_ros.navigation.observation import FloatArray
from rfsn_ros.sim.config import SimConfig
from rfsn_ros.sim.kinematic import GRAVITY
from rfsn_ros.sim.meshes import HEIGHT, Mesh, obstacle_mesh
from rfsn_ros.sim.simulator import Simulator
from rfsn_ros.sim.worlds import World

__all__ = ['BulletSimulator', 'find_urdf', 'import_pybullet']

GROUND, CHASSIS, WHEELS, OBSTACLES = 1, 2, 4, 8
"""Collision groups: wheels touch only the ground, the chassis only obstacles."""
SETTLING_STEPS = 100
PARKED = (0.0, 0.0, -10.0)

_Point = tuple[float, float, float]
_Quaternion = tuple[float, float, float, float]
_Frame = tuple[_Point, _Quaternion]
UNMOVED: _Frame = ((0.0, 0.0, 0.0), (0.0, 0.0, 0.0, 1.0))


class BulletSimulator(Simulator):
    """Wheels, motors, friction; one physics client per instance."""

    touching = 1e-3
    """The physics engine holds bodies pressed on each other some tenths of a millimetre apart."""

    def __init__(self, config: SimConfig) -> None:
        """
        Start a physics server; what it holds is built by `reset`.

        :raises MissingDependencyError: PyBullet is not installed.
        :raises ConfigError: the robot's URDF is missing.
        """
        super().__init__(config)
        self._bullet = import_pybullet()
        self._client: int = self._bullet.connect(self._bullet.DIRECT)
        if self._client < 0:
            raise MissingDependencyError('PyBullet refused to start a physics server')
        self._substeps = round(config.physics_rate * config.tick)
        self._urdf = find_urdf(config.robot.name)
        self._built: World | None = None
        self._lists = _ReusedLists()
        self._height = self._resting_height()

    def close(self) -> None:
        """Disconnect from the physics server."""
        if not self._closed:
            self._bullet.disconnect(physicsClientId=self._client)
        super().close()

    # -- building --------------------------------------------------------------------------

    def _resting_height(self) -> float:
        """Let the robot settle on the ground once; return how high base_link then is."""
        bullet, client = self._bullet, self._client
        self._build(())
        for _ in range(SETTLING_STEPS):
            bullet.stepSimulation(physicsClientId=client)
        return float(self._base()[0][2])

    def _build(self, meshes: Sequence[Mesh]) -> None:
        """Start from an empty server, because only that frees the mesh of the world before."""
        bullet, client = self._bullet, self._client
        bullet.resetSimulation(physicsClientId=client)
        bullet.setGravity(0.0, 0.0, -GRAVITY, physicsClientId=client)
        # With a friction cone the two wheels, which share one axle, press against each other
        # sideways and have less grip left to drive with.
        bullet.setPhysicsEngineParameter(
            fixedTimeStep=1.0 / self.config.physics_rate, deterministicOverlappingPairs=1,
            enableConeFriction=0, physicsClientId=client)
        self._movers: list[int] = []
        self._mover_radius = 0.0
        self._load_robot()
        for vertices, faces in meshes:
            self._add_mesh(vertices, faces)

    def _load_robot(self) -> None:
        bullet, client = self._bullet, self._client
        plane = bullet.createCollisionShape(bullet.GEOM_PLANE, physicsClientId=client)
        ground = bullet.createMultiBody(0.0, plane, physicsClientId=client)
        self._filter(ground, -1, GROUND, WHEELS)
        # Bullet multiplies the coefficients of both partners: this leaves the wheels' own.
        bullet.changeDynamics(ground, -1, lateralFriction=1.0, physicsClientId=client)
        try:
            self._robot = bullet.loadURDF(
                str(self._urdf), (0.0, 0.0, self.config.robot.wheel_radius),
                physicsClientId=client)
        except bullet.error as error:
            raise ConfigError(f'{self._urdf}: {error}') from None
        self._filter(self._robot, -1, CHASSIS, OBSTACLES)
        left, right = [], []
        for joint in range(bullet.getNumJoints(self._robot, physicsClientId=client)):
            name = bullet.getJointInfo(self._robot, joint, physicsClientId=client)[1].decode()
            self._filter(self._robot, joint, WHEELS, GROUND)
            bullet.changeDynamics(self._robot, joint, lateralFriction=0.0,
                                  spinningFriction=0.0, rollingFriction=0.0,
                                  physicsClientId=client)
            if 'left' in name:
                left.append(joint)
            elif 'right' in name:
                right.append(joint)
        if not left or not right:
            raise ConfigError(
                f'{self._urdf}: needs driven joints with left and right in their names')
        self._wheels = [*left, *right]
        self._side = [-1.0] * len(left) + [1.0] * len(right)
        # Bullet damps free bodies by default, as if in syrup.
        for link in (-1, *range(bullet.getNumJoints(self._robot, physicsClientId=client))):
            bullet.changeDynamics(self._robot, link, linearDamping=0.0, angularDamping=0.0,
                                  jointDamping=0.0, physicsClientId=client)
        body, *links = (
            bullet.getDynamicsInfo(self._robot, link, physicsClientId=client)
            for link in (-1, *range(bullet.getNumJoints(self._robot, physicsClientId=client))))
        self._drawn_mass, self._inertia = body[0], body[2]
        if body[0] <= 0.0:
            raise ConfigError(f'{self._urdf}: mass of the first link = {body[0]:g}: must be > 0')
        self._centre = body[3], body[4]
        """Centre of mass in base_link: position and quaternion."""
        others = sum(link[0] for link in links)
        # The mass is a setting: the body takes up what the drawing has more or less.
        self._mass = body[0] + (self.config.robot.mass - (body[0] + others))
        if self._mass <= 0.0:
            raise ConfigError(f'mass = {self.config.robot.mass}: must be > {others:g} kg, the '
                              f'mass of wheels and other links in {self._urdf}')

    def _filter(self, body: int, link: int, group: int, mask: int) -> None:
        self._bullet.setCollisionFilterGroupMask(
            body, link, group, mask, physicsClientId=self._client)

    def _place(self, world: World) -> None:
        bullet, client = self._bullet, self._client
        if world is not self._built:
            self._build(obstacle_mesh(world))
            self._built = world
        self._wheel_v = self._wheel_w = 0.0
        # PyBullet places bodies by their centre of mass.
        position, attitude = self._moved(
            (world.start.x, world.start.y, self._height),
            bullet.getQuaternionFromEuler((0.0, 0.0, world.start.yaw)), self._centre)
        bullet.resetBasePositionAndOrientation(
            self._robot, position, attitude, physicsClientId=client)
        bullet.resetBaseVelocity(
            self._robot, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), physicsClientId=client)
        for joint in self._wheels:
            bullet.resetJointState(self._robot, joint, 0.0, 0.0, physicsClientId=client)

    def _add_mesh(self, vertices: FloatArray, faces: NDArray[np.int64]) -> None:
        bullet, client = self._bullet, self._client
        points, indices = self._lists.fill(vertices, faces)
        shape = bullet.createCollisionShape(
            bullet.GEOM_MESH, vertices=points, indices=indices,
            flags=bullet.GEOM_FORCE_CONCAVE_TRIMESH, physicsClientId=client)
        body = bullet.createMultiBody(0.0, shape, physicsClientId=client)
        self._filter(body, -1, OBSTACLES, CHASSIS)

    def _disturb(self) -> None:
        robot, disturbances = self.config.robot, self._disturbances
        bullet, client = self._bullet, self._client
        payload, friction = disturbances.payload.mass, disturbances.slip.friction
        scale = disturbances.acceleration.scale
        mass = self._mass + payload
        bullet.changeDynamics(
            self._robot, -1, mass=mass,
            localInertiaDiagonal=[i * mass / self._drawn_mass for i in self._inertia],
            physicsClientId=client)
        for joint in self._wheels:
            bullet.changeDynamics(self._robot, joint, lateralFriction=friction,
                                  physicsClientId=client)
        self._step_v = robot.acceleration * scale * self.config.tick
        self._step_w = robot.angular_acceleration * scale * self.config.tick
        self._torque = robot.wheel_torque * scale
        moving = disturbances.moving_obstacles
        if len(self._movers) != moving.count or self._mover_radius != moving.radius:
            for body in self._movers:
                bullet.removeBody(body, physicsClientId=client)
            self._movers.clear()
            self._mover_radius = moving.radius
            for _ in range(moving.count):
                shape = bullet.createCollisionShape(
                    bullet.GEOM_CYLINDER, radius=moving.radius, height=HEIGHT,
                    physicsClientId=client)
                self._movers.append(bullet.createMultiBody(
                    0.0, shape, basePosition=PARKED, physicsClientId=client))
                self._filter(self._movers[-1], -1, OBSTACLES, CHASSIS)

    # -- driving ---------------------------------------------------------------------------

    def _advance(self, v: float, w: float, grip: tuple[float, float]) -> None:
        bullet, client = self._bullet, self._client
        if self._contact:
            self._v = self._w = 0.0
            return
        self._wheel_v += min(max(v - self._wheel_v, -self._step_v), self._step_v)
        self._wheel_w += min(max(w - self._wheel_w, -self._step_w), self._step_w)
        self._spin((self._wheel_v * grip[0], self._wheel_w * grip[1]), self._torque)
        for body, (x, y, _) in zip(
                self._movers, self.moving_obstacles().tolist(), strict=True):
            bullet.resetBasePositionAndOrientation(
                body, (x, y, HEIGHT / 2), (0.0, 0.0, 0.0, 1.0), physicsClientId=client)
        for _ in range(self._substeps):
            bullet.stepSimulation(physicsClientId=client)
        (x, y, _), _ = bullet.getBasePositionAndOrientation(self._robot, physicsClientId=client)
        (self._x, self._y, _), attitude = self._base()
        yaw = bullet.getEulerFromQuaternion(attitude)[2]
        self._yaw += (yaw - self._yaw + math.pi) % (2 * math.pi) - math.pi
        (vx, vy, _), (_, _, self._w) = bullet.getBaseVelocity(
            self._robot, physicsClientId=client)
        # the velocity is that of the centre of mass
        vx, vy = vx + self._w * (y - self._y), vy - self._w * (x - self._x)
        self._v = math.cos(yaw) * vx + math.sin(yaw) * vy

    def _base(self) -> _Frame:
        """Return where base_link is and how it is turned."""
        bullet = self._bullet
        position, attitude = bullet.getBasePositionAndOrientation(
            self._robot, physicsClientId=self._client)
        return self._moved(position, attitude, bullet.invertTransform(*self._centre))

    def _moved(self, position: _Point, attitude: _Quaternion, by: _Frame) -> _Frame:
        """Return the frame that lies at `by` in another."""
        if self._centre == UNMOVED:
            return position, attitude  # nor is anything rounded
        moved: _Frame = self._bullet.multiplyTransforms(position, attitude, *by)
        return moved

    def _spin(self, twist: tuple[float, float], torque: float) -> None:
        """Set the wheels' speeds for a body twist (v, w)."""
        robot = self.config.robot
        half_track = 0.5 * robot.track
        self._bullet.setJointMotorControlArray(
            self._robot, self._wheels, self._bullet.VELOCITY_CONTROL,
            targetVelocities=[(twist[0] + side * half_track * twist[1]) / robot.wheel_radius
                              for side in self._side],
            forces=[torque] * len(self._wheels), physicsClientId=self._client)


class _ReusedLists:
    """
    Lists for mesh data that are filled anew instead of being made anew.

    PyBullet never gives back its references to the lists it is handed, so fresh ones would cost
    megabytes per world.
    """

    def __init__(self) -> None:
        self._pool: list[list[float]] = []
        self._points: list[list[float]] = []
        self._indices: list[int] = []

    def fill(
        self, vertices: FloatArray, faces: NDArray[np.int64],
    ) -> tuple[list[list[float]], list[int]]:
        """Return both as plain lists, valid until the next call."""
        self._pool += [[] for _ in range(len(vertices) - len(self._pool))]
        for point, numbers in zip(self._pool, vertices.tolist(), strict=False):
            point[:] = numbers
        self._points[:] = self._pool[:len(vertices)]
        self._indices[:] = faces.ravel().tolist()
        return self._points, self._indices


def find_urdf(robot: str) -> Path:
    """
    Return the path of a robot's URDF, in a source tree or where the package is installed.

    :raises ConfigError: there is none; the message lists the folders that were searched.
    """
    prefixes = (*os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep), sys.prefix)
    folders = [
        Path(__file__).parents[2] / 'urdf',
        *(Path(prefix) / 'share' / 'rfsn_ros' / 'urdf' for prefix in prefixes if prefix),
    ]
    for folder in folders:
        path = folder / f'{robot}.urdf'
        if path.is_file():
            return path
    raise ConfigError(f'robot = {robot!r}: no {robot}.urdf in {", ".join(map(str, folders))}')


def import_pybullet() -> Any:
    """
    Return the module pybullet, without the line it prints when it is imported.

    The line comes from C, to standard output or error, where other programs read.

    :raises MissingDependencyError: PyBullet is not installed.
    """
    if (loaded := sys.modules.get('pybullet')) is not None:
        return loaded
    sys.stdout.flush()
    sys.stderr.flush()
    streams = {number: os.dup(number) for number in (1, 2)}
    try:
        with open(os.devnull, 'wb') as nowhere:
            for number in streams:
                os.dup2(nowhere.fileno(), number)
            import pybullet
    except ImportError:
        raise MissingDependencyError(
            'the simulator with wheel dynamics needs pybullet (Python < 3.12): '
            'pip install rfsn_ros[sim]') from None
    finally:
        ctypes.CDLL(None).fflush(None)
        for number, saved in streams.items():
            os.dup2(saved, number)
            os.close(saved)
    return pybullet
