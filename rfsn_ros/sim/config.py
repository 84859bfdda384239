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

"""Settings of the simulators: robot, lidar, what disturbs them, and the clock."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
import math

from rfsn_ros.errors import ConfigError
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.schema import param, section, Settings

__all__ = [
    'DISTURBANCES',
    'ROBOTS',
    'AccelerationConfig',
    'BlindSectorConfig',
    'CommandLatencyConfig',
    'DisturbancesConfig',
    'DropoutsConfig',
    'Engine',
    'LidarConfig',
    'LidarNoiseConfig',
    'MovingObstaclesConfig',
    'OdometryDriftConfig',
    'PayloadConfig',
    'RobotConfig',
    'SensorDelayConfig',
    'SimConfig',
    'SlipConfig',
]


class Engine(str, Enum):
    """Which simulator moves the robot."""

    KINEMATIC = 'kinematic'
    BULLET = 'bullet'


@dataclass(frozen=True, kw_only=True)
class LidarConfig(Settings):
    """A planar lidar; the first beam points at `angle_min`, the last at `angle_max`."""

    beams: int = param(720, 'Number of beams', ge=2, le=10000)
    angle_min: float = param(-2.35619, 'Direction of the first beam in the laser frame',
                             unit='rad', ge=-2 * math.pi, le=2 * math.pi)
    angle_max: float = param(2.35619, 'Direction of the last beam in the laser frame',
                             unit='rad', ge=-2 * math.pi, le=2 * math.pi)
    range_min: float = param(0.1, 'Shortest valid range', unit='m', ge=0.0)
    range_max: float = param(30.0, 'Longest valid range', unit='m', gt=0.0)
    mount_x: float = param(-0.065, 'Forward offset of the laser from base_link', unit='m')
    mount_y: float = param(0.0, 'Leftward offset of the laser from base_link', unit='m')
    mount_yaw: float = param(0.0, 'Rotation of the laser against base_link', unit='rad')

    def __post_init__(self) -> None:
        """
        Check the order of angles and ranges.

        :raises ConfigError: they are not ordered or the beams span more than one turn.
        """
        super().__post_init__()
        if not 0.0 < self.angle_max - self.angle_min <= 2 * math.pi:
            raise ConfigError(
                f'angle_max = {self.angle_max}: must be above angle_min = {self.angle_min} by at '
                'most one turn')
        if self.range_min >= self.range_max:
            raise ConfigError(
                f'range_min = {self.range_min}: must be < range_max = {self.range_max}')

    @property
    def angle_increment(self) -> float:
        """Angle between neighbouring beams, rad."""
        return (self.angle_max - self.angle_min) / (self.beams - 1)

    @property
    def mount(self) -> Pose2D:
        """Pose of the laser in base_link."""
        return Pose2D(self.mount_x, self.mount_y, self.mount_yaw)


@dataclass(frozen=True, kw_only=True)
class RobotConfig(Settings):
    """A differential-drive robot with a rectangular footprint centred on base_link."""

    name: str = param('jackal', 'Name of the robot; its URDF is NAME.urdf')
    length: float = param(0.508, 'Footprint along x', unit='m', gt=0.0)
    width: float = param(0.430, 'Footprint along y', unit='m', gt=0.0)
    max_speed: float = param(2.0, 'Largest forward speed', unit='m/s', gt=0.0)
    max_reverse_speed: float = param(1.0, 'Largest backward speed', unit='m/s', ge=0.0)
    max_turn_rate: float = param(4.0, 'Largest turn rate', unit='rad/s', gt=0.0)
    acceleration: float = param(3.0, 'Largest change of forward speed', unit='m/s^2', gt=0.0)
    angular_acceleration: float = param(10.0, 'Largest change of turn rate', unit='rad/s^2',
                                        gt=0.0)
    mass: float = param(17.0, 'Mass of the whole robot without payload', unit='kg', gt=0.0)
    wheel_radius: float = param(0.098, 'Radius of the driven wheels', unit='m', gt=0.0)
    track: float = param(0.37558, 'Distance between the two driven wheels', unit='m', gt=0.0)
    wheel_torque: float = param(3.5, 'Largest torque of each driven wheel', unit='N m', gt=0.0)


ROBOTS: dict[str, tuple[RobotConfig, LidarConfig]] = {
    'jackal': (RobotConfig(), LidarConfig()),
    'turtlebot3': (
        RobotConfig(
            name='turtlebot3', length=0.138, width=0.178, max_speed=0.22,
            max_reverse_speed=0.22, max_turn_rate=2.84, acceleration=1.0,
            angular_acceleration=6.0, mass=1.0, wheel_radius=0.033, track=0.160,
            wheel_torque=0.5),
        LidarConfig(
            beams=360, angle_min=0.0, angle_max=2 * math.pi * 359 / 360, range_min=0.12,
            range_max=3.5, mount_x=-0.032),
    ),
}
"""Robots that are known by name, each with the lidar it carries."""


@dataclass(frozen=True, kw_only=True)
class LidarNoiseConfig(Settings):
    """Gaussian noise on every range."""

    sigma: float = param(0.01, 'Standard deviation of a range', unit='m', ge=0.0, le=1.0)


@dataclass(frozen=True, kw_only=True)
class DropoutsConfig(Settings):
    """Beams that return nothing valid (NaN)."""

    rate: float = param(0.005, 'Probability that a beam is invalid', ge=0.0, le=1.0)


@dataclass(frozen=True, kw_only=True)
class BlindSectorConfig(Settings):
    """A sector in which every beam is invalid (NaN), as behind a cable or a smeared window."""

    width: float = param(0.0, 'Opening of the sector', unit='deg', ge=0.0, le=360.0)
    center: float | None = param(
        None, 'Middle of the sector in base_link; drawn anew for each seed if not given',
        unit='deg', ge=-360.0, le=360.0)


@dataclass(frozen=True, kw_only=True)
class OdometryDriftConfig(Settings):
    """Errors of the odometry, which otherwise sees the motion that really happened."""

    distance_sigma: float = param(
        0.01, 'Standard deviation of the scale error of distances, one draw per seed',
        ge=0.0, le=0.5)
    heading_sigma: float = param(
        0.005, 'Growth of the heading error with the square root of the distance driven',
        unit='rad/sqrt(m)', ge=0.0, le=1.0)
    twist_sigma: float = param(
        0.01, 'Standard deviation of the measured v (m/s) and w (rad/s)', ge=0.0, le=1.0)


@dataclass(frozen=True, kw_only=True)
class CommandLatencyConfig(Settings):
    """Time from a command to its effect on the motors."""

    seconds: float = param(0.1, 'Delay of every command', unit='s', ge=0.0, le=2.0)


@dataclass(frozen=True, kw_only=True)
class SensorDelayConfig(Settings):
    """Time from a measurement to its arrival; stamps tell the time of the measurement."""

    seconds: float = param(0.0, 'Delay of scan and odometry', unit='s', ge=0.0, le=2.0)


@dataclass(frozen=True, kw_only=True)
class SlipConfig(Settings):
    """Share of the wheels' motion that is lost on the ground, and the ground's friction."""

    linear: float = param(0.05, 'Mean share of the forward speed that is lost', ge=0.0, lt=1.0)
    angular: float = param(0.1, 'Mean share of the turn rate that is lost', ge=0.0, lt=1.0)
    variation: float = param(
        0.02, 'Standard deviation of both shares over time (correlated over half a second)',
        ge=0.0, le=0.5)
    friction: float = param(0.9, 'Coefficient of friction between wheels and ground',
                            gt=0.0, le=2.0)


@dataclass(frozen=True, kw_only=True)
class AccelerationConfig(Settings):
    """How much of the robot's acceleration is left (battery, motor, ramps)."""

    scale: float = param(1.0, 'Factor on both accelerations', gt=0.0, le=2.0)


@dataclass(frozen=True, kw_only=True)
class PayloadConfig(Settings):
    """Additional mass on the robot."""

    mass: float = param(0.0, 'Mass of the payload', unit='kg', ge=0.0, le=500.0)


@dataclass(frozen=True, kw_only=True)
class MovingObstaclesConfig(Settings):
    """Discs that go to and fro across the way from start to goal."""

    count: int = param(0, 'Number of moving obstacles', ge=0, le=100)
    max_speed: float = param(1.0, 'Largest speed; each draws between half of it and all',
                             unit='m/s', gt=0.0, le=5.0)
    radius: float = param(0.2, 'Radius of each', unit='m', gt=0.0, le=2.0)
    reach: float = param(2.5, 'Largest way to either side of the line from start to goal',
                         unit='m', gt=0.0, le=50.0)


@dataclass(frozen=True, kw_only=True)
class DisturbancesConfig(Settings):
    """All that keeps the robot from being ideal; both simulators honour every one."""

    lidar_noise: LidarNoiseConfig = section(LidarNoiseConfig, 'Noise of the ranges')
    dropouts: DropoutsConfig = section(DropoutsConfig, 'Invalid beams')
    blind_sector: BlindSectorConfig = section(BlindSectorConfig, 'Blind sector')
    odometry_drift: OdometryDriftConfig = section(OdometryDriftConfig, 'Errors of odometry')
    command_latency: CommandLatencyConfig = section(CommandLatencyConfig, 'Delay of commands')
    sensor_delay: SensorDelayConfig = section(SensorDelayConfig, 'Delay of sensors')
    slip: SlipConfig = section(SlipConfig, 'Slip and friction')
    acceleration: AccelerationConfig = section(AccelerationConfig, 'Loss of acceleration')
    payload: PayloadConfig = section(PayloadConfig, 'Additional mass')
    moving_obstacles: MovingObstaclesConfig = section(MovingObstaclesConfig, 'Moving obstacles')

    @classmethod
    def ideal(cls) -> DisturbancesConfig:
        """Return settings under which nothing disturbs the robot."""
        return cls(
            lidar_noise=LidarNoiseConfig(sigma=0.0), dropouts=DropoutsConfig(rate=0.0),
            odometry_drift=OdometryDriftConfig(
                distance_sigma=0.0, heading_sigma=0.0, twist_sigma=0.0),
            command_latency=CommandLatencyConfig(seconds=0.0),
            slip=SlipConfig(linear=0.0, angular=0.0, variation=0.0))


DISTURBANCES: dict[str, DisturbancesConfig] = {
    'ideal': DisturbancesConfig.ideal(),
    'default': DisturbancesConfig(),
    'shift': DisturbancesConfig(
        lidar_noise=LidarNoiseConfig(sigma=0.02),
        blind_sector=BlindSectorConfig(width=60.0),
        command_latency=CommandLatencyConfig(seconds=0.25),
        slip=SlipConfig(linear=0.25, angular=0.25, variation=0.05, friction=0.6),
        acceleration=AccelerationConfig(scale=0.4)),
    'moving': DisturbancesConfig(moving_obstacles=MovingObstaclesConfig(count=6)),
}
"""Disturbances that are known by name."""


@dataclass(frozen=True, kw_only=True)
class SimConfig(Settings):
    """One simulator: engine, clock, robot, lidar and disturbances."""

    engine: Engine = param(Engine.KINEMATIC, 'Simulator: kinematic (fast) or bullet (wheels)')
    tick: float = param(0.02, 'Time step of commands, odometry and contact checks', unit='s',
                        gt=0.0, le=0.1)
    physics_rate: int = param(250, 'Steps of the physics engine per second (bullet); a whole '
                              'multiple of 1 / tick', unit='Hz', ge=10, le=10000)
    robot: RobotConfig = section(RobotConfig, 'The robot')
    lidar: LidarConfig = section(LidarConfig, 'Its lidar')
    disturbances: DisturbancesConfig = section(DisturbancesConfig, 'What disturbs it')

    def __post_init__(self) -> None:
        """
        Check that the clocks fit.

        :raises ConfigError: physics_rate is no whole multiple of 1 / tick.
        """
        super().__post_init__()
        steps = self.physics_rate * self.tick
        if abs(steps - round(steps)) > 1e-9 or round(steps) < 1:
            raise ConfigError(
                f'physics_rate = {self.physics_rate}: must be a whole multiple of 1 / tick = '
                f'{1.0 / self.tick:g} Hz')

    @classmethod
    def for_robot(
        cls, robot: str, *, engine: Engine = Engine.KINEMATIC,
        disturbances: str | DisturbancesConfig = 'default',
    ) -> SimConfig:
        """
        Return the settings of a robot and of disturbances known by name.

        :raises ConfigError: one of the names is unknown.
        """
        if robot not in ROBOTS:
            raise ConfigError(f'robot = {robot!r}: must be one of {", ".join(ROBOTS)}')
        if isinstance(disturbances, str):
            if disturbances not in DISTURBANCES:
                raise ConfigError(f'disturbances = {disturbances!r}: must be one of '
                                  f'{", ".join(DISTURBANCES)}')
            disturbances = DISTURBANCES[disturbances]
        body, lidar = ROBOTS[robot]
        return cls(engine=engine, robot=body, lidar=lidar, disturbances=disturbances)
