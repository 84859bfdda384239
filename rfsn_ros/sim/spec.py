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

"""Worlds named on the command line: `barn:PATH`, `generated:0-99`, `map:FILE` and so on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, cycle
from pathlib import Path
import re

from rfsn_ros.errors import WorldError
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.sim.barn import read_barn_json
from rfsn_ros.sim.config import RobotConfig
from rfsn_ros.sim.worlds import World

__all__ = ['endless_worlds', 'parse_indices', 'parse_worlds']

_INDICES = re.compile(r'\d+(-\d+)?(,\d+(-\d+)?)*')
_NUMBER = r'[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?'
_TASK = re.compile(rf'({_NUMBER}),({_NUMBER}),({_NUMBER})/({_NUMBER}),({_NUMBER})')


def parse_worlds(spec: str, *, robot: RobotConfig | None = None) -> list[World]:
    """
    Return the worlds that a specification names, in its order.

    ==================================  ===================================================
    ``generated:SEEDS``                 worlds by cellular automaton
    ``barn:FILE.json[:INDICES]``        BARN's compact JSON, all or some of its worlds
    ``barn:DIR[:INDICES]``              ``world_N.world`` with ``path_N.npy`` beside them
    ``map:FILE.yaml[:SEEDS]``           map_server's map; start and goal drawn, one per seed
    ``map:FILE.yaml:X,Y,YAW/X,Y``       the same with start pose and goal given (m, rad)
    ``gazebo:FILE.world:X,Y,YAW/X,Y``   any world file
    ==================================  ===================================================

    SEEDS and INDICES are lists of numbers and ranges, such as ``1,4,10-19``; several
    specifications are joined by ``;``. Drawn starts and goals of maps leave `robot` room to turn;
    they are the same for all robots known by name.

    :raises WorldError: the specification or a file it names is not usable.
    """
    if ';' in spec:
        return [world for part in spec.split(';')
                for world in parse_worlds(part.strip(), robot=robot)]
    kind, _, rest = spec.partition(':')
    path, _, tail = rest.rpartition(':')
    indices = parse_indices(tail) if path and _INDICES.fullmatch(tail) else None
    task = _TASK.fullmatch(tail) if path else None
    file = path if indices is not None or task is not None else rest
    if kind == 'generated' and _INDICES.fullmatch(rest):
        from rfsn_ros.sim.generator import generate_world

        return [generate_world(seed) for seed in parse_indices(rest)]
    if kind == 'barn' and file and task is None:
        if Path(file).is_dir():
            from rfsn_ros.sim.gazebo import read_barn_directory

            return read_barn_directory(file, indices)
        return read_barn_json(file, indices)
    if kind == 'map' and file:
        from rfsn_ros.sim.maps import read_map

        if task is not None:
            start, goal = _start_and_goal(task)
            return [read_map(file, start=start, goal=goal)]
        return [read_map(file, seed=seed, robot=robot) for seed in (indices or [0])]
    if kind == 'gazebo' and task is not None:
        from rfsn_ros.sim.gazebo import read_gazebo_world

        return [read_gazebo_world(file, *_start_and_goal(task))]
    raise WorldError(
        f'{spec!r}: expected generated:SEEDS, barn:PATH[:INDICES], map:FILE[:SEEDS], '
        'map:FILE:X,Y,YAW/X,Y or gazebo:FILE:X,Y,YAW/X,Y')


def endless_worlds(
    spec: str, seed: int, *, robot: RobotConfig | None = None,
) -> Iterator[World]:
    """
    Yield one world per episode without end.

    `generated` yields the worlds of the seeds from ``1000 * seed`` on; anything else names a set
    of worlds for `robot` (`parse_worlds`) that is gone through again and again.

    :raises WorldError: the specification or a file it names is not usable.
    """
    if spec != 'generated':
        return cycle(parse_worlds(spec, robot=robot))
    return (parse_worlds(f'generated:{number}')[0] for number in count(1000 * seed))


def parse_indices(text: str) -> list[int]:
    """
    Return the numbers of a list such as ``1,4,10-12``.

    :raises WorldError: the text is no such list or a range runs backwards.

    >>> parse_indices('1,4,10-12')
    [1, 4, 10, 11, 12]
    """
    if not _INDICES.fullmatch(text):
        raise WorldError(f'{text!r}: expected numbers and ranges such as 1,4,10-12')
    numbers: list[int] = []
    for part in text.split(','):
        first, _, last = part.partition('-')
        if last and int(last) < int(first):
            raise WorldError(f'{part!r}: the range runs backwards')
        numbers += range(int(first), int(last or first) + 1)
    return numbers


def _start_and_goal(task: re.Match[str]) -> tuple[Pose2D, tuple[float, float]]:
    x, y, yaw, goal_x, goal_y = (float(number) for number in task.groups())
    return Pose2D(x, y, yaw), (goal_x, goal_y)
