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

"""How far the two simulators differ, and that physics and lidar see the same obstacles."""

import numpy as np
import pytest
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.sim import World
from rfsn_ros.sim.config import Engine, LidarConfig
from rfsn_ros.sim.lidar import Lidar

pytest.importorskip('pybullet')
from rfsn_ros.sim import measure


def test_the_mesh_is_what_the_lidar_sees():
    rng = np.random.default_rng(3)
    circles = np.column_stack([rng.uniform(-6, 6, (60, 2)), np.full(60, 0.075)])
    circles = circles[np.hypot(*circles[:, :2].T) > 1.0]
    world = World(
        name='w', start=Pose2D(), goal=(1.0, 0.0), reference_length=1.0, circles=circles,
        boxes=[(3.0, 3.0, 1.0, 0.3, 0.6), (-3.0, 2.0, 0.2, 2.0, -0.4)],
        segments=[(-5.0, -5.0, 5.0, -6.0)])
    lidar, pose = Lidar(LidarConfig()), Pose2D(0.1, -0.2, 0.7)
    exact = lidar.cast(pose, world.circles, world.edges)
    with measure.rays_of_bullet(world, lidar, pose) as cast:
        meshed = cast()
    both = np.isfinite(exact) & np.isfinite(meshed)
    assert (np.isfinite(exact) != np.isfinite(meshed)).mean() < 0.02
    # The mesh lies within the circles: never nearer (but for half a segment's thickness).
    assert (meshed[both] - exact[both]).min() > -0.02
    assert np.quantile(np.abs(meshed[both] - exact[both]), 0.9) < 0.02


@pytest.mark.parametrize(('robot', 'position', 'heading'), [
    ('jackal', 0.15, 0.06), ('turtlebot3', 0.01, 0.01)])
def test_the_simulators_agree_on_random_commands(robot, position, heading):
    errors = measure.difference(robot, 1.0, 'ideal', 4)
    assert errors[:, 0].max() < position
    assert errors[:, 1].max() < heading


@pytest.mark.parametrize('disturbances', ['ideal', 'shift'])
def test_the_simulators_stop_alike(disturbances):
    stops = measure.stopping_distance('jackal', disturbances)
    assert stops[Engine.BULLET] == pytest.approx(stops[Engine.KINEMATIC], rel=0.05)


def test_the_tables_are_printed(capsys, monkeypatch):
    monkeypatch.setattr(measure, 'REPEATS', 5)
    assert measure.main(['--drives', '1']) == 0
    text = capsys.readouterr().out
    assert 'rayTestBatch' in text
    assert 'turtlebot3' in text
