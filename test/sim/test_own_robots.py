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

"""Robots of one's own: a URDF and a few settings."""

import math

import pytest
from rfsn_ros.errors import ConfigError
from rfsn_ros.navigation.observation import Pose2D, Twist2D
from rfsn_ros.sim import DisturbancesConfig, make_simulator, SimConfig, World
from rfsn_ros.sim.bullet import find_urdf
from rfsn_ros.sim.config import Engine, RobotConfig

pytest.importorskip('pybullet')

BODY = '<mass value="15.95"/>'
OPEN = World(name='open', start=Pose2D(1.0, 2.0, 0.5), goal=(21.0, 2.0), reference_length=20.0)


@pytest.fixture
def urdf(tmp_path, monkeypatch):
    """Write a Jackal whose body has something else as mass; it is then the robot `own`."""
    monkeypatch.setenv('AMENT_PREFIX_PATH', str(tmp_path))
    folder = tmp_path / 'share' / 'rfsn_ros' / 'urdf'
    folder.mkdir(parents=True)

    def write(body):
        (folder / 'own.urdf').write_text(
            find_urdf('jackal').read_text(encoding='utf-8').replace(BODY, body))

    return write


def simulator(engine=Engine.BULLET, **robot):
    return make_simulator(SimConfig(
        engine=engine, robot=RobotConfig(**robot), disturbances=DisturbancesConfig.ideal()))


def speed_after_half_a_second(engine, **robot):
    with simulator(engine, **robot) as sim:
        sim.reset(OPEN, 1)
        sim.step(Twist2D(2.0, 0.0), 0.5)
        return sim.truth().twist.v


@pytest.mark.parametrize('mass', [8.0, 17.0, 50.0])
def test_the_mass_that_the_motors_have_to_move_is_the_one_in_the_settings(mass):
    force = 2 * 0.3 / RobotConfig().wheel_radius
    for engine in Engine:
        assert speed_after_half_a_second(engine, mass=mass, wheel_torque=0.3) == pytest.approx(
            0.5 * force / mass, rel=0.06), engine


def test_a_mass_below_that_of_the_wheels_is_refused():
    with pytest.raises(ConfigError, match=r'mass = 1.0: must be > 1.05 kg'):
        simulator(mass=1.0)


def test_a_body_without_mass_is_refused(urdf):
    urdf('<mass value="0"/>')
    with pytest.raises(ConfigError, match=r'own\.urdf: mass of the first link = 0: must be > 0'):
        simulator(name='own')


def test_the_pose_is_that_of_base_link_wherever_the_centre_of_mass_is(urdf):
    urdf(f'<origin xyz="0.05 0.02 0.06" rpy="0 0 1.5"/>{BODY}')
    start = OPEN.start
    with simulator(name='own') as sim:
        sim.reset(OPEN, 1)
        for _ in range(40):
            sim.step(Twist2D(0.0, 1.0), 0.1)
            truth = sim.truth()
            assert math.dist((truth.pose.x, truth.pose.y), (start.x, start.y)) < 0.01
            assert truth.twist.v == pytest.approx(0.0, abs=0.01)
        assert truth.pose.yaw == pytest.approx(start.yaw + 4.0, abs=0.1)
