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

"""A scene drawn from above: world, robot, what it sees and what it could do."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
import math
from typing import Any, TYPE_CHECKING

from rfsn_ros.errors import MissingDependencyError
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.sim.episode import Outcome
from rfsn_ros.sim.pictures.scene import Scene
from rfsn_ros.sim.pictures.view import OVERSAMPLING, View

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ['CHANGING', 'GROUND', 'WIDTH', 'draw_scene', 'need_pillow']

WIDTH = 960
"""Width of a picture, pixels."""
GROUND, INK, FAINT = '#f7f7f4', '#22262b', '#6b7280'
OBSTACLE, MOVING, ROBOT, NOSE = '#3b4048', '#c2410c', '#1d4ed8', '#dbeafe'
SEEN, BEAM_END, TRAIL = (59, 130, 246, 34), (37, 99, 235, 200), '#7c9cf0'
INFEASIBLE, FEASIBLE, CHOSEN = (220, 38, 38, 70), (5, 150, 105, 170), '#f59e0b'
GOAL, GOAL_EDGE = (22, 163, 74, 50), (22, 163, 74, 180)
ENDS = {
    Outcome.RUNNING: INK, Outcome.SUCCESS: '#15803d', Outcome.COLLISION: '#b91c1c',
    Outcome.TIMEOUT: '#b45309', Outcome.ABORTED: FAINT,
}
CHANGING = (TRAIL, MOVING, CHOSEN, *ENDS.values())
"""Colours that the first picture of a drive may lack."""


def draw_scene(
    scene: Scene, *, width: int = WIDTH, way: Sequence[tuple[float, float]] | None = None,
) -> Image:
    """
    Draw a scene; the way from start to goal runs from left to right.

    :param width: pixels; the height follows from the world.
    :param way: places (m) that have to be in the picture, the scene's trail if not given.
    :raises MissingDependencyError: Pillow is not installed.
    """
    return _Canvas(scene, width, scene.trail if way is None else way).draw()


def need_pillow() -> None:
    """
    See to it that pictures can be drawn.

    :raises MissingDependencyError: Pillow is not installed.
    """
    if find_spec('PIL') is None:
        raise MissingDependencyError('pictures need pillow: pip install "rfsn_ros[sim]"')


class _Canvas:
    """One picture while it is drawn."""

    def __init__(
        self, scene: Scene, width: int, way: Sequence[tuple[float, float]],
    ) -> None:
        need_pillow()
        from PIL import Image, ImageDraw, ImageFont

        self._scene = scene
        self._view = View(scene.world, scene.robot, width=width, way=way)
        across, down = self._view.size
        self._image = Image.new('RGB', (OVERSAMPLING * across, OVERSAMPLING * down), GROUND)
        self._draw = ImageDraw.Draw(self._image, 'RGBA')
        self._fonts = [ImageFont.load_default(OVERSAMPLING * size) for size in (17, 13)]

    def draw(self) -> Image:
        """Draw everything, from the ground up."""
        from PIL.Image import Resampling

        scene, world = self._scene, self._scene.world
        self._disc(*world.goal, world.goal_tolerance, GOAL, GOAL_EDGE)
        if len(scene.scan):
            self._polygon([scene.laser, *map(tuple, scene.scan.tolist())], SEEN)
        self._obstacles()
        for (x, y), hit in zip(scene.scan.tolist(), scene.hits.tolist(), strict=True):
            if hit:
                self._disc(x, y, 0.025, BEAM_END)
        for x, y, radius in scene.moving.tolist():
            self._disc(x, y, radius, MOVING)
        self._line(scene.trail[::2], TRAIL, 0.06)
        self._primitives()
        self._robot()
        self._text()
        return self._image.resize(self._view.size, Resampling.LANCZOS)

    def _disc(self, x: float, y: float, radius: float, fill: Any, edge: Any = None) -> None:
        px, py = self._view.pixel(x, y)
        r = radius * self._view.scale
        self._draw.ellipse((px - r, py - r, px + r, py + r), fill=fill, outline=edge,
                           width=OVERSAMPLING)

    def _polygon(self, points: Sequence[Sequence[float]], fill: Any) -> None:
        self._draw.polygon([self._view.pixel(x, y) for x, y in points], fill=fill)

    def _line(self, points: Sequence[Sequence[float]], fill: Any, width: float) -> None:
        if len(points) > 1:
            self._draw.line([self._view.pixel(x, y) for x, y in points], fill=fill,
                            width=max(round(width * self._view.scale), 1), joint='curve')

    def _obstacles(self) -> None:
        world = self._scene.world
        for x, y, radius in world.circles.tolist():
            self._disc(x, y, radius, OBSTACLE)
        for x, y, half_length, half_width, yaw in world.boxes.tolist():
            self._polygon(_rectangle(Pose2D(x, y, yaw), half_length, half_width), OBSTACLE)
        for x1, y1, x2, y2 in world.segments.tolist():
            self._line([(x1, y1), (x2, y2)], OBSTACLE, 0.04)

    def _primitives(self) -> None:
        scene = self._scene
        for feasible, colour in ((False, INFEASIBLE), (True, FEASIBLE)):
            for arc, is_feasible in zip(scene.arcs, scene.feasible, strict=True):
                if is_feasible == feasible:
                    self._line(arc.tolist(), colour, 0.025)
        if scene.chosen >= 0 and scene.arcs:
            self._line(scene.arcs[scene.chosen].tolist(), CHOSEN, 0.07)

    def _robot(self) -> None:
        scene = self._scene
        length, width = scene.robot.length / 2, scene.robot.width / 2
        colour = ROBOT if scene.outcome is not Outcome.COLLISION else ENDS[Outcome.COLLISION]
        self._polygon(_rectangle(scene.pose, length, width), colour)
        cos, sin = math.cos(scene.pose.yaw), math.sin(scene.pose.yaw)
        self._polygon([
            (scene.pose.x + cos * a * length - sin * b * width,
             scene.pose.y + sin * a * length + cos * b * width)
            for a, b in ((0.8, 0.0), (0.1, 0.6), (0.1, -0.6))], NOSE)

    def _text(self) -> None:
        scene, large, small = self._scene, *self._fonts
        unit, right = OVERSAMPLING, self._image.width - OVERSAMPLING * 16
        draw = self._draw
        draw.text((16 * unit, 10 * unit), scene.label or scene.world.name, INK, large)
        below = scene.world.name if scene.label else ''
        draw.text((16 * unit, 34 * unit), '   '.join(
            text for text in (below, scene.caption) if text), FAINT, small)
        end = scene.outcome.value
        if scene.outcome is Outcome.SUCCESS:
            end += f', score {scene.score:.2f}'
        draw.text((right, 10 * unit), f'{scene.time:.1f} s   {end}', ENDS[scene.outcome], large,
                  anchor='ra')
        free = f'{scene.clearance:.2f} m' if math.isfinite(scene.clearance) else 'open'
        draw.text((right, 34 * unit), f'{scene.twist.v:+.2f} m/s   {scene.twist.w:+.2f} rad/s   '
                  f'clearance {free}', FAINT, small, anchor='ra')


def _rectangle(
    pose: Pose2D, half_length: float, half_width: float,
) -> list[tuple[float, float]]:
    cos, sin = math.cos(pose.yaw), math.sin(pose.yaw)
    return [
        (pose.x + cos * a * half_length - sin * b * half_width,
         pose.y + sin * a * half_length + cos * b * half_width)
        for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1))]
