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

"""How fast the simulators are and how far they differ: ``python -m rfsn_ros.sim.measure``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
import math
import sys
import time

import numpy as np
from rfsn_ros.arguments import whole
from rfsn_ros.navigation.observation import FloatArray, Pose2D, Twist2D
from rfsn_ros.sim import make_simulator, SimConfig, World
from rfsn_ros.sim.bullet import import_pybullet
from rfsn_ros.sim.config import Engine
from rfsn_ros.sim.lidar import Lidar
from rfsn_ros.sim.meshes import obstacle_mesh
from rfsn_ros.sim.simulator import Simulator
from rich.console import Console
from rich.table import Table

__all__ = ['difference', 'main', 'rays_of_bullet', 'stopping_distance']

OPEN = World(name='open', start=Pose2D(), goal=(100.0, 0.0), reference_length=100.0)
PILLARS = 400
REPEATS = 200
COMMAND_PERIOD = 0.5


def main(argv: Sequence[str]) -> int:
    """Print the tables; return the exit code."""
    parser = argparse.ArgumentParser(
        prog='python -m rfsn_ros.sim.measure', description=__doc__)
    parser.add_argument('--drives', type=whole(1), default=20, metavar='N',
                        help='random drives per row of the comparison (default: %(default)s)')
    drives = parser.parse_args(argv).drives
    console = Console()
    for table in (_costs(), _differences(drives)):
        console.print(table)
    return 0


def _costs() -> Table:
    world, config = _pillars(), SimConfig.for_robot('jackal')
    lidar = Lidar(config.lidar)
    table = Table(title=f'cost of one call, {PILLARS} pillars', title_justify='left')
    table.add_column('what')
    table.add_column('median', justify='right')
    table.add_column('95 %', justify='right')
    pose = Pose2D(0.0, 0.0, 0.3)
    rows: list[tuple[str, Callable[[], object]]] = [
        ('lidar, 720 beams, exact ranges',
         lambda: lidar.cast(pose, world.circles, world.edges))]
    sims = [make_simulator(config.replace(engine=engine)) for engine in Engine]
    for sim in sims:
        sim.reset(world, 0)
        name = sim.config.engine.value
        rows += [(f'{name}: scan with noise', sim.scan),
                 (f'{name}: tick of {sim.config.tick} s', _ticker(sim))]
    with rays_of_bullet(world, lidar, pose) as cast:
        for name, call in (*rows, ('the same rays by rayTestBatch', cast)):
            low, high = _time(call)
            table.add_row(name, f'{low * 1e3:.3f} ms', f'{high * 1e3:.3f} ms')
    for sim in sims:
        sim.close()
    return table


def _differences(drives: int) -> Table:
    table = Table(title=f'wheel dynamics against kinematic mode, same commands, {drives} drives '
                  'of 5 s (median, largest)', title_justify='left')
    for column in ('robot', 'commands', 'disturbances', 'position', 'heading', 'stopping'):
        table.add_column(column, justify='left' if column in ('robot', 'commands', 'disturbances')
                         else 'right')
    for robot, share, name in (
            ('jackal', 0.5, 'ideal'), ('jackal', 1.0, 'ideal'), ('jackal', 1.0, 'default'),
            ('jackal', 1.0, 'shift'), ('turtlebot3', 1.0, 'ideal')):
        errors = difference(robot, share, name, drives)
        stops = stopping_distance(robot, name)
        words = 'up to half speed' if share < 1.0 else 'up to full speed'
        table.add_row(
            robot, words, name,
            *(f'{np.median(column):.3f}, {column.max():.3f} {unit}'
              for column, unit in zip(errors.T, ('m', 'rad'), strict=True)),
            f'{stops[Engine.BULLET]:.3f} / {stops[Engine.KINEMATIC]:.3f} m')
    return table


def difference(robot: str, share: float, disturbances: str, drives: int) -> FloatArray:
    """
    Return position (m) and heading (rad) errors after 5 s of random commands, (drives, 2).

    Both simulators get the same commands, new ones every half second: speeds up to `share` of
    the largest, turn rates within a quarter of it. Random parts (slip, drift) have one seed.
    """
    config = SimConfig.for_robot(robot, disturbances=disturbances)
    rng = np.random.default_rng(0)
    rows = []
    with make_simulator(config.replace(engine=Engine.BULLET)) as bullet, \
            make_simulator(config) as kinematic:
        for seed in range(drives):
            commands = [
                Twist2D(rng.uniform(0.0, share) * config.robot.max_speed,
                        rng.uniform(-0.25, 0.25) * share * config.robot.max_turn_rate)
                for _ in range(10)]
            ends = [_end(sim, commands, seed) for sim in (bullet, kinematic)]
            rows.append((math.hypot(ends[0].x - ends[1].x, ends[0].y - ends[1].y),
                         abs(ends[0].yaw - ends[1].yaw)))
    return np.array(rows)


def stopping_distance(robot: str, disturbances: str) -> dict[Engine, float]:
    """Return the way from the stop command at full speed to standstill, metres."""
    result = {}
    for engine in Engine:
        config = SimConfig.for_robot(robot, engine=engine, disturbances=disturbances)
        with make_simulator(config) as sim:
            sim.reset(OPEN, 0)
            sim.step(Twist2D(config.robot.max_speed, 0.0), 5.0)
            begin = sim.truth().pose
            sim.step(Twist2D(), 4.0)
            end = sim.truth().pose
            result[engine] = math.hypot(end.x - begin.x, end.y - begin.y)
    return result


@contextmanager
def rays_of_bullet(
    world: World, lidar: Lidar, pose: Pose2D,
) -> Iterator[Callable[[], FloatArray]]:
    """Yield a call that casts the lidar's rays in PyBullet's mesh and returns ranges, (n,)."""
    pybullet = import_pybullet()
    client = pybullet.connect(pybullet.DIRECT)
    for vertices, faces in obstacle_mesh(world):
        shape = pybullet.createCollisionShape(
            pybullet.GEOM_MESH, vertices=vertices.tolist(), indices=faces.ravel().tolist(),
            flags=pybullet.GEOM_FORCE_CONCAVE_TRIMESH, physicsClientId=client)
        pybullet.createMultiBody(0.0, shape, physicsClientId=client)
    mount, reach = lidar.config.mount, lidar.config.range_max
    x = pose.x + math.cos(pose.yaw) * mount.x - math.sin(pose.yaw) * mount.y
    y = pose.y + math.sin(pose.yaw) * mount.x + math.cos(pose.yaw) * mount.y
    angles = lidar.angles + pose.yaw + mount.yaw
    starts = [(x, y, 0.3)] * len(angles)
    ends = np.column_stack([x + reach * np.cos(angles), y + reach * np.sin(angles),
                            np.full(len(angles), 0.3)]).tolist()

    def cast() -> FloatArray:
        hits = pybullet.rayTestBatch(starts, ends, physicsClientId=client)
        return np.array([hit[2] * reach if hit[0] >= 0 else math.inf for hit in hits])

    yield cast
    pybullet.disconnect(physicsClientId=client)


def _pillars() -> World:
    """Return a world of pillars of BARN's size around the origin, none within 1 m."""
    rng = np.random.default_rng(0)
    distance, angle = rng.uniform(1.0, 6.0, PILLARS), rng.uniform(-math.pi, math.pi, PILLARS)
    return World(
        name='pillars', start=Pose2D(), goal=(5.0, 0.0), reference_length=5.0,
        circles=np.column_stack([distance * np.cos(angle), distance * np.sin(angle),
                                 np.full(PILLARS, 0.075)]))


def _ticker(sim: Simulator) -> Callable[[], object]:
    """Return a call that advances one tick, to and fro."""
    state = {'count': 0}

    def tick() -> None:
        state['count'] += 1
        sim.step(Twist2D(0.2 * (-1) ** (state['count'] // 25), 0.3), sim.config.tick)

    return tick


def _time(call: Callable[[], object]) -> tuple[float, float]:
    """Return median and 95th percentile of the time of a call, seconds."""
    call()
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    low, high = np.percentile(times, [50.0, 95.0])
    return float(low), float(high)


def _end(sim: Simulator, commands: Sequence[Twist2D], seed: int) -> Pose2D:
    sim.reset(OPEN, seed)
    for command in commands:
        sim.step(command, COMMAND_PERIOD)
    return sim.truth().pose


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
