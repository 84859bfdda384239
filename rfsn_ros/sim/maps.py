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

"""Maps of map_server (YAML beside PGM or PNG): any map that Nav2 loads is a world."""

from __future__ import annotations

from dataclasses import dataclass
import logging
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.errors import MissingDependencyError, WorldError
from rfsn_ros.navigation.observation import FloatArray, Pose2D
from rfsn_ros.schema import load_yaml, YAML_ERRORS
from rfsn_ros.sim.config import RobotConfig, ROBOTS
from rfsn_ros.sim.reference_path import path_lengths
from rfsn_ros.sim.worlds import task_name, time_limit, World

__all__ = ['read_map']

KNOWN_KEYS = ('image', 'resolution', 'origin', 'negate', 'occupied_thresh', 'free_thresh', 'mode')
MODES = ('trinary', 'scale', 'raw')
PASSAGE_RADIUS = 0.3
MARGIN = 0.05
"""Clearance of a robot at a drawn start or goal, however it is turned, metres."""
LENGTHS = (5.0, 15.0)
"""Sampled goals lie this far along the shortest way, metres, if the map is large enough."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Map:
    """Cells in image order turned upside down: row 0 is the lowest y."""

    occupied: NDArray[np.bool_]
    free: NDArray[np.bool_]
    resolution: float
    origin: Pose2D

    def to_world(self, column: float, row: float) -> tuple[float, float]:
        """Return the world position of grid coordinates (cell centres end in .5)."""
        x, y = column * self.resolution, row * self.resolution
        cos, sin = math.cos(self.origin.yaw), math.sin(self.origin.yaw)
        return self.origin.x + cos * x - sin * y, self.origin.y + sin * x + cos * y

    def to_cell(self, x: float, y: float) -> tuple[int, int]:
        """Return (row, column) of a world position; it may lie outside the map."""
        dx, dy = x - self.origin.x, y - self.origin.y
        cos, sin = math.cos(self.origin.yaw), math.sin(self.origin.yaw)
        return (math.floor((cos * dy - sin * dx) / self.resolution),
                math.floor((cos * dx + sin * dy) / self.resolution))


def read_map(
    path: str | Path, *, start: Pose2D | None = None, goal: tuple[float, float] | None = None,
    seed: int = 0, goal_tolerance: float = 0.5, robot: RobotConfig | None = None,
) -> World:
    """
    Read a map as map_server of Jazzy and later does; occupied cells become boxes.

    Colours count by their luminance; pixels that are not opaque are unknown, except in raw mode,
    where those above 100 are. Left out, `mode` is trinary, `negate` 0 and the thresholds are 0.65
    and 0.25. In raw mode, too, cells are occupied from `occupied_thresh` on (1 = 100).
    Unknown cells are no obstacles to the lidar, but neither start, goal nor the reference path
    lie in them. Left out, start and goal are drawn with `seed` among the places where every robot
    known by name can turn, and `robot` if it is larger, 5 to 15 m apart along the shortest way
    of a disc of 0.3 m (or as far as the map allows). The time is that of `time_limit`.

    :raises WorldError: YAML or image is unreadable or malformed, only one of start and goal is
        given, they are not free, or no way leads from one to the other.
    """
    path = Path(path)
    content = _read_yaml(path)
    skipped = tuple(f'key {key}' for key in content if key not in KNOWN_KEYS)
    for item in skipped:
        _log.warning('%s: skipped %s', path, item)
    grid = _read_grid(path, content)
    distances = _distances(grid)
    passable = distances >= PASSAGE_RADIUS
    if (start is None) != (goal is None):
        raise WorldError(f'{path}: start and goal must both be given, or neither')
    if start is None or goal is None:
        start, goal, length = _sample(path, grid, distances, _turning_room(grid, robot), seed)
        name = f'map:{path.stem}:{seed}'
    else:
        first, last = grid.to_cell(start.x, start.y), grid.to_cell(*goal)
        for cell, words in ((first, f'start {start}'), (last, f'goal {goal}')):
            inside = 0 <= cell[0] < passable.shape[0] and 0 <= cell[1] < passable.shape[1]
            if not inside or not passable[cell]:
                raise WorldError(
                    f'{path}: {words} is not {PASSAGE_RADIUS} m away from what is not free')
        length = float(path_lengths(passable, first, grid.resolution, last=last)[last])
        name = task_name(f'map:{path.stem}', start, goal)
    if not 0.0 < length < math.inf:
        raise WorldError(f'{path}: no way leads from {start} to {goal}')
    return World(name=name, start=start, goal=goal, reference_length=length,
                 boxes=_boxes(grid), goal_tolerance=goal_tolerance, timeout=time_limit(length),
                 skipped=skipped)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = load_yaml(path.read_text(encoding='utf-8'))
    except OSError as error:
        raise WorldError(f'{path}: {error.strerror or error}') from None
    except YAML_ERRORS as error:
        raise WorldError(f'{path}: not YAML ({" ".join(str(error).split())})') from None
    if not isinstance(content, dict):
        raise WorldError(f'{path}: expected a mapping with image, resolution and origin')
    missing = [key for key in ('image', 'resolution', 'origin') if key not in content]
    if missing:
        raise WorldError(f'{path}: lacks {", ".join(missing)}')
    return content


def _read_grid(path: Path, content: dict[str, Any]) -> _Map:
    try:
        resolution = float(content['resolution'])
        x, y, yaw = (float(number) for number in content['origin'])
        occupied_from = float(content.get('occupied_thresh', 0.65))
        free_below = float(content.get('free_thresh', 0.25))
    except (TypeError, ValueError, OverflowError) as error:
        raise WorldError(f'{path}: malformed number ({error})') from None
    numbers = (resolution, x, y, yaw, occupied_from, free_below)
    if not all(map(math.isfinite, numbers)) or resolution <= 0.0:
        raise WorldError(f'{path}: resolution must be > 0 and all numbers finite')
    if not 0.0 <= free_below <= occupied_from <= 1.0:
        raise WorldError(
            f'{path}: 0 <= free_thresh <= occupied_thresh <= 1 must hold, got {free_below} and '
            f'{occupied_from}')
    mode = str(content.get('mode', 'trinary')).lower()
    if mode not in MODES:
        raise WorldError(f'{path}: mode = {mode!r}: must be one of {", ".join(MODES)}')
    negate = content.get('negate', 0)
    if not isinstance(negate, int):
        raise WorldError(f'{path}: negate = {negate!r}: must be 0 or 1')
    grey, sheer = _read_image(path.parent / str(content['image']))
    if mode == 'raw':
        share, unknown = grey / 100.0, grey > 100.0
    else:
        share, unknown = grey / 255.0 if negate else 1.0 - grey / 255.0, sheer
    free = (share <= free_below) & ~unknown
    occupied = (share >= occupied_from) & ~unknown & ~free
    return _Map(occupied[::-1], free[::-1], resolution, Pose2D(x, y, yaw))


def _read_image(path: Path) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return grey values in [0, 255] and which pixels are not opaque."""
    try:
        from PIL import Image
    except ImportError:
        raise MissingDependencyError('maps need pillow: pip install rfsn_ros[sim]') from None
    try:
        with Image.open(path) as image:
            mode = image.mode
            # Pillow would cut 16 bits off at 255 and not scale them.
            pixels = np.asarray(image if mode.startswith(('I', 'F')) else image.convert('LA'),
                                dtype=np.float64)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise WorldError(f'{path}: not a readable image ({error})') from None
    if mode == 'F':
        raise WorldError(f'{path}: pixels are no whole numbers: must be of 8 or 16 bits')
    if mode.startswith('I'):
        return np.round(pixels / 257.0), np.zeros(pixels.shape, dtype=np.bool_)
    return pixels[:, :, 0], pixels[:, :, 1] < 255.0


def _distances(grid: _Map) -> FloatArray:
    """Return the distances between the middles of cells and of the next not free, metres."""
    from scipy.ndimage import distance_transform_edt

    distances = distance_transform_edt(np.pad(grid.free, 1))[1:-1, 1:-1]
    return np.asarray(distances * grid.resolution, dtype=np.float64)


def _turning_room(grid: _Map, robot: RobotConfig | None) -> float:
    """Return the distance from which on the largest robot can turn in a cell, metres."""
    bodies = [body for body, _ in ROBOTS.values()] + ([] if robot is None else [robot])
    radius = max(0.5 * math.hypot(body.length, body.width) for body in bodies)
    # What is not free reaches up to half a diagonal from the middle of its cell.
    return radius + MARGIN + grid.resolution


def _sample(
    path: Path, grid: _Map, distances: FloatArray, room: float, seed: int,
) -> tuple[Pose2D, tuple[float, float], float]:
    passable, roomy = distances >= PASSAGE_RADIUS, distances >= room
    cells = np.argwhere(roomy)
    if len(cells) < 2:
        raise WorldError(f'{path}: has no room for a disc of {room:.2f} m: give start and goal')
    rng = np.random.default_rng([seed, 0x3A9])
    best: tuple[float, tuple[int, int], FloatArray] | None = None
    for _ in range(20):
        row, column = (int(index) for index in cells[rng.integers(len(cells))])
        lengths = np.where(
            roomy, path_lengths(
                passable, (row, column), grid.resolution, within=LENGTHS[1] + grid.resolution),
            math.inf)
        reach = float(lengths[np.isfinite(lengths)].max())
        if best is None or reach > best[0]:
            best = (reach, (row, column), lengths)
        if reach >= LENGTHS[0]:
            break
    assert best is not None
    reach, (row, column), lengths = best
    if reach <= 0.0:
        raise WorldError(f'{path}: has no two places with a way between them')
    low = min(LENGTHS[0], 0.9 * reach)
    goals = np.argwhere((lengths >= low) & (lengths <= LENGTHS[1]))
    goal_row, goal_column = (int(index) for index in goals[rng.integers(len(goals))])
    x, y = grid.to_world(column + 0.5, row + 0.5)
    goal = grid.to_world(goal_column + 0.5, goal_row + 0.5)
    start = Pose2D(x, y, float(rng.uniform(-math.pi, math.pi)))
    return start, goal, float(lengths[goal_row, goal_column])


def _boxes(grid: _Map) -> FloatArray:
    """Cover the occupied cells with few rectangles: runs along rows, joined where they agree."""
    rows = len(grid.occupied)
    padded = np.pad(grid.occupied, ((0, 0), (1, 1))).astype(np.int8)
    changes = np.diff(padded, axis=1)
    open_runs: dict[tuple[int, int], int] = {}
    boxes = []
    for row in range(rows + 1):
        runs = set() if row == rows else set(zip(
            np.flatnonzero(changes[row] == 1).tolist(),
            np.flatnonzero(changes[row] == -1).tolist(), strict=True))
        for run in [run for run in open_runs if run not in runs]:
            boxes.append((run[0], run[1], open_runs.pop(run), row))
        for run in sorted(runs):
            open_runs.setdefault(run, row)
    half = 0.5 * grid.resolution
    return np.array([
        (*grid.to_world((left + right) / 2, (bottom + top) / 2), (right - left) * half,
         (top - bottom) * half, grid.origin.yaw)
        for left, right, bottom, top in boxes]).reshape(-1, 5)
