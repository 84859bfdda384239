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

"""Gazebo `.world` files: upright cylinders and boxes on a ground plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
import logging
import math
from pathlib import Path
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
from rfsn_ros.errors import WorldError
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.sim.reference_path import shortest_length
from rfsn_ros.sim.worlds import task_name, time_limit, World

__all__ = ['read_barn_directory', 'read_gazebo_world']

LOWEST, HIGHEST = 0.02, 0.5
"""An obstacle must reach into this range of heights to stand in a robot's way, metres."""
UPRIGHT = math.cos(1e-2)
"""Cosine of roll and pitch from which on a shape stands upright."""
GROUND = ('model://ground_plane', 'model://sun')
PASSAGE_RADIUS = 0.25
DETOUR = 10.0
"""How far beyond start and goal the reference path may lead, metres."""
CYLINDER_RADIUS = 0.075
BARN_START = Pose2D(-2.25, 3.0, 1.57)
BARN_GOAL = (-2.25, 13.0)
"""Start and goal of BARN's runs since February 2024, in the frame of its world files."""

_Pose = tuple[float, float, float, float]
_UNMOVED = ElementTree.Element('model')
"""State of a model of which no state speaks."""
_log = logging.getLogger(__name__)


def read_gazebo_world(
    path: str | Path, start: Pose2D, goal: tuple[float, float], *,
    reference_length: float | None = None, name: str | None = None,
) -> World:
    """
    Read a world file; what cannot be represented is named in `World.skipped` and logged.

    Understood are models, moved, scaled, inserted or deleted by the world's `<state>`, whose
    collisions are cylinders, boxes and the ground. Meshes, nested models, includes other than
    ground and sun, shapes that are tilted or upside down, other planes, actors and whatever
    passes above or below the robot are skipped by name. Left out, `reference_length` is that of
    the shortest way of a disc of 0.25 m, and the time is that of `time_limit`.

    :raises WorldError: the file is unreadable or no SDF world, a number in it is malformed, a
        pose belongs to another frame, or the goal cannot be reached.
    """
    path = Path(path)
    try:
        root = ElementTree.parse(path).getroot()
    except OSError as error:
        raise WorldError(f'{path}: {error.strerror or error}') from None
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise WorldError(f'{path}: not XML ({error})') from None
    world = root.find('world') if root.tag == 'sdf' else None
    if world is None:
        raise WorldError(f'{path}: holds no <sdf><world>')
    shapes = _Shapes(str(path))
    shapes.read(world)
    shapes.skipped += [
        f'world {other.get("name", "unnamed")}' for other in root.findall('world')[1:]]
    for item in shapes.skipped:
        _log.warning('%s: skipped %s', path, item)
    circles = np.array(shapes.circles).reshape(-1, 3)
    boxes = np.array(shapes.boxes).reshape(-1, 5)
    made = World(
        name=name or task_name(f'gazebo:{path.stem}', start, goal),
        start=start, goal=goal, circles=circles, boxes=boxes,
        reference_length=1.0 if reference_length is None else reference_length,
        skipped=tuple(shapes.skipped))
    if reference_length is not None:
        return made
    length = shortest_length(start, goal, circles=made.circles, edges=made.edges,
                             boxes=made.boxes, radius=PASSAGE_RADIUS, reach=DETOUR)
    if not 0.0 < length < math.inf:
        raise WorldError(f'{path}: the goal {goal} cannot be reached from {start}')
    return World(name=made.name, start=start, goal=goal, circles=circles, boxes=boxes,
                 reference_length=length, timeout=time_limit(length), skipped=made.skipped)


def read_barn_directory(path: str | Path, indices: Sequence[int] | None = None) -> list[World]:
    """
    Read BARN's `world_N.world` files with the official length from `path_N.npy`.

    The path lies beside the world or in `path_files/` there. `indices` selects and orders; None
    takes all by ascending N.

    :raises WorldError: the folder holds no world, or a world or its path is missing.
    """
    folder = Path(path)
    found = {
        int(match[1]): file for file in folder.glob('world_*.world')
        if (match := re.fullmatch(r'world_(\d+)\.world', file.name))}
    if not found:
        raise WorldError(f'{folder}: holds no world_N.world')
    chosen = sorted(found) if indices is None else list(indices)
    missing = [str(index) for index in chosen if index not in found]
    if missing:
        raise WorldError(f'{folder}: holds no world_N.world for N = {", ".join(missing)}')
    return [
        read_gazebo_world(found[index], BARN_START, BARN_GOAL, name=f'barn:{index}',
                          reference_length=_official_length(folder, index))
        for index in chosen]


def _official_length(folder: Path, index: int) -> float:
    """Return the length of start, official path, goal, as BARN's own runner measures it."""
    candidates = [folder / f'path_{index}.npy', folder / 'path_files' / f'path_{index}.npy']
    file = next((candidate for candidate in candidates if candidate.is_file()), None)
    if file is None:
        raise WorldError(f'{folder}: path_{index}.npy is missing beside world_{index}.world')
    try:
        cells = np.asarray(np.load(file, allow_pickle=False), dtype=np.float64)
    except (OSError, ValueError, EOFError) as error:
        raise WorldError(f'{file}: not a NumPy array of numbers ({error})') from None
    if cells.ndim != 2 or cells.shape[1] != 2 or not np.isfinite(cells).all():
        raise WorldError(f'{file}: expected finite rows (x, y), got shape {cells.shape}')
    # Cells of the planner's grid in the frame of the world file.
    size = 2 * CYLINDER_RADIUS
    points = cells * size + (-CYLINDER_RADIUS - 30 * size, CYLINDER_RADIUS + 5.0)
    way = np.vstack([[BARN_START.x, BARN_START.y], points, BARN_GOAL])
    return float(np.hypot(*np.diff(way, axis=0).T).sum())


@dataclass
class _Shapes:
    """Obstacles collected from one file."""

    file: str
    circles: list[tuple[float, float, float]] = field(default_factory=list)
    boxes: list[tuple[float, float, float, float, float]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def read(self, world: ElementTree.Element) -> None:
        states = {state.get('name', ''): state for state in world.findall('state/model')}
        deleted = {(name.text or '').strip() for name in world.findall('state/deletions/name')}
        for model in (*world.findall('model'), *world.findall('state/insertions/model')):
            name = model.get('name', 'unnamed')
            if name not in deleted:
                self._model(model, name, states.get(name, _UNMOVED))
        for include in (*world.findall('include'), *world.findall('state/insertions/include')):
            uri = (include.findtext('uri') or '').strip()
            if uri not in GROUND:
                self.skipped.append(f'include {uri or "without uri"}')
        for kind in ('actor', 'population', 'road'):
            self.skipped += [
                f'{kind} {item.get("name", "unnamed")}' for item in world.findall(kind)]

    def _model(
        self, model: ElementTree.Element, name: str, state: ElementTree.Element,
    ) -> None:
        self._refuse_frame(name, model.get('placement_frame'))
        base = self._pose(model if state.find('pose') is None else state, name)
        scale = (1.0, 1.0, 1.0) if state.find('scale') is None else tuple(
            self._numbers(state, 'scale', 3, name))
        moved = {link.get('name'): link for link in state.findall('link')
                 if link.find('pose') is not None}
        self.skipped += [
            f'{name}: nested {item.tag} {item.get("name") or item.findtext("uri") or ""}'.rstrip()
            for item in (*model.findall('model'), *model.findall('include'))]
        if base is None:
            self.skipped.append(f'{name}: tilted model')
            return
        for link in model.findall('link'):
            # A state gives links in the frame of the world.
            frame = (self._pose(moved[link.get('name')], name) if link.get('name') in moved
                     else _compose(base, self._pose(link, name)))
            for collision in link.findall('collision'):
                where = f'{name}/{collision.get("name", "collision")}'
                pose = _compose(frame, self._pose(collision, name))
                if pose is None:
                    self.skipped.append(f'{where}: tilted shape')
                else:
                    self._shape(collision, where, pose, scale)

    def _shape(
        self, collision: ElementTree.Element, where: str, pose: _Pose, scale: tuple[float, ...],
    ) -> None:
        geometry = collision.find('geometry')
        shape = None if geometry is None or not len(geometry) else geometry[0]
        x, y, z, yaw = pose
        if shape is None:
            self.skipped.append(f'{where}: no geometry')
        elif shape.tag == 'cylinder':
            radius, = self._numbers(shape, 'radius', 1, where)
            length, = self._numbers(shape, 'length', 1, where)
            if self._in_the_way(where, z, length * scale[2]):
                self.circles.append((x, y, radius * max(scale[:2])))
        elif shape.tag == 'box':
            size = [a * b for a, b in zip(
                self._numbers(shape, 'size', 3, where), scale, strict=True)]
            if self._in_the_way(where, z, size[2]):
                self.boxes.append((x, y, size[0] / 2, size[1] / 2, yaw))
        elif shape.tag == 'plane':
            normal = (0.0, 0.0, 1.0) if shape.find('normal') is None else tuple(
                self._numbers(shape, 'normal', 3, where))
            if abs(normal[0]) > 1e-3 or abs(normal[1]) > 1e-3:
                self.skipped.append(f'{where}: plane that is not horizontal')
            elif abs(z) > LOWEST:
                self.skipped.append(f'{where}: plane at a height of {z:g} m')
        else:
            self.skipped.append(f'{where}: {shape.tag}')

    def _in_the_way(self, where: str, z: float, height: float) -> bool:
        if z + height / 2 <= LOWEST or z - height / 2 >= HIGHEST:
            self.skipped.append(f'{where}: {"below" if z < HIGHEST else "above"} the robot')
            return False
        return True

    def _numbers(
        self, parent: ElementTree.Element, tag: str, count: int, where: str,
    ) -> list[float]:
        text = parent.findtext(tag) or ''
        try:
            numbers = [float(word) for word in text.split()]
        except ValueError:
            numbers = []
        if len(numbers) != count or not all(math.isfinite(number) for number in numbers):
            raise WorldError(
                f'{self.file}: {where}: <{tag}> must be {count} finite numbers, got {text!r}')
        return numbers

    def _pose(self, parent: ElementTree.Element, where: str) -> _Pose | None:
        """Return (x, y, z, yaw) of an element's pose; None if it is tilted or upside down."""
        pose = parent.find('pose')
        if pose is None or not (pose.text or '').strip():
            return 0.0, 0.0, 0.0, 0.0
        self._refuse_frame(where, pose.get('relative_to') or pose.get('frame'))
        x, y, z, *angles = self._numbers(parent, 'pose', 6, where)
        if pose.get('degrees', '').lower() in ('true', '1'):
            angles = [math.radians(angle) for angle in angles]
        roll, pitch, yaw = angles
        if min(math.cos(roll), math.cos(pitch)) < UPRIGHT:
            return None
        return x, y, z, yaw

    def _refuse_frame(self, where: str, frame: str | None) -> None:
        if frame:
            raise WorldError(f'{self.file}: {where}: pose in the frame {frame!r} is not supported')


def _compose(outer: _Pose | None, inner: _Pose | None) -> _Pose | None:
    if outer is None or inner is None:
        return None
    cos, sin = math.cos(outer[3]), math.sin(outer[3])
    return (outer[0] + cos * inner[0] - sin * inner[1], outer[1] + sin * inner[0] + cos * inner[1],
            outer[2] + inner[2], outer[3] + inner[3])
