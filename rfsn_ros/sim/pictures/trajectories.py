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

"""Trajectories of several drivers in the same worlds, as one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import math
from pathlib import Path
from typing import Any

from rfsn_ros.errors import InputError
from rfsn_ros.outputs import need_matplotlib
from rfsn_ros.sim.episode import Outcome
from rfsn_ros.sim.worlds import World

__all__ = ['Trajectory', 'plot_trajectories']

OBSTACLE, GOAL = '#3b4048', '#16a34a'
PALETTE = ('#1d4ed8', '#ea580c', '#7c3aed', '#0f766e', '#be123c', '#a16207', '#475569')
MARKS = {Outcome.SUCCESS: 'o', Outcome.COLLISION: 'X', Outcome.TIMEOUT: 's'}
MOST_COLUMNS = 5
HEIGHT = 4.4
"""Height of a panel, inches."""
SURROUNDINGS = 2.0
"""How far beyond the world drives are shown, metres."""


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One drive: who drove, where, and how it ended; `points` are true positions (m)."""

    label: str
    world: World
    points: Sequence[tuple[float, float]]
    outcome: Outcome


def plot_trajectories(path: str | Path, trajectories: Sequence[Trajectory]) -> None:
    """
    Draw one panel per world with all its drives, the goal upwards; write PNG, PDF or SVG.

    A circle ends a drive that reached the goal, a cross one that touched something, a square one
    that ran out of time.

    :raises InputError: there is nothing to draw.
    :raises MissingDependencyError: matplotlib is not installed.
    """
    if not trajectories:
        raise InputError(f'{path}: there is no trajectory to draw')
    need_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    worlds = list({id(item.world): item.world for item in trajectories}.values())
    labels = list(dict.fromkeys(item.label for item in trajectories))
    columns = min(len(worlds), MOST_COLUMNS)
    rows = math.ceil(len(worlds) / columns)
    frames = [_frame(world) for world in worlds]
    aspect = max((x[1] - x[0]) / (y[1] - y[0]) for x, y in frames)
    figure = Figure(figsize=((HEIGHT * aspect + 0.6) * columns, (HEIGHT + 0.4) * rows + 0.6),
                    layout='constrained')
    FigureCanvasAgg(figure)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    for panel in panels[len(worlds):]:
        panel.set_visible(False)
    for panel, world, (x_limits, y_limits) in zip(panels, worlds, frames, strict=False):
        _draw_world(panel, world)
        panel.set(xlim=x_limits, ylim=y_limits)
        turn = _Upwards(world)
        for item in trajectories:
            if item.world is not world or not item.points:
                continue
            colour = PALETTE[labels.index(item.label) % len(PALETTE)]
            x, y = zip(*(turn(*point) for point in item.points), strict=True)
            panel.plot(x, y, color=colour, linewidth=1.4, alpha=0.85)
            mark = MARKS.get(item.outcome)
            if mark is not None:
                panel.plot(x[-1], y[-1], mark, color=colour, markersize=7,
                           markeredgecolor='white', markeredgewidth=0.8, zorder=5)
    handles = [
        panels[0].plot([], [], color=PALETTE[i % len(PALETTE)], linewidth=2, label=label)[0]
        for i, label in enumerate(labels)]
    handles += [
        panels[0].plot([], [], mark, color='#6b7280', markersize=7, label=outcome.value)[0]
        for outcome, mark in MARKS.items()
        if any(item.outcome is outcome for item in trajectories)]
    legend = figure.legend(handles=handles, loc='upper center', bbox_to_anchor=(0.5, 0.0),
                           ncol=min(len(handles), 5), frameon=False)
    for text in legend.get_texts():
        text.set_parse_math(False)
    figure.savefig(path, dpi=150, bbox_inches='tight')


class _Upwards:
    """Turns the plane so that the way from start to goal points up; the start is the origin."""

    def __init__(self, world: World) -> None:
        self._world = world
        dx, dy = world.goal[0] - world.start.x, world.goal[1] - world.start.y
        self.angle = math.pi / 2 - math.atan2(dy, dx)
        self._cos, self._sin = math.cos(self.angle), math.sin(self.angle)

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        x, y = x - self._world.start.x, y - self._world.start.y
        return self._cos * x - self._sin * y, self._sin * x + self._cos * y


def _frame(world: World) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the limits of a world's panel (x, then y), metres."""
    turn = _Upwards(world)
    low_x, low_y, high_x, high_y = world.bounds
    corners = [turn(x, y) for x in (low_x, high_x) for y in (low_y, high_y)]
    x, y = zip(*corners, strict=True)
    return ((min(x) - 0.5 * SURROUNDINGS, max(x) + 0.5 * SURROUNDINGS),
            (min(y) - 0.5, max(y) + SURROUNDINGS))


def _draw_world(panel: Any, world: World) -> None:
    from matplotlib.collections import LineCollection, PatchCollection
    from matplotlib.patches import Circle, Polygon

    turn = _Upwards(world)
    shapes: list[Any] = [
        Circle(turn(x, y), radius) for x, y, radius in world.circles.tolist()]
    for x, y, half_length, half_width, yaw in world.boxes.tolist():
        cos, sin = math.cos(yaw), math.sin(yaw)
        shapes.append(Polygon([
            turn(x + cos * a * half_length - sin * b * half_width,
                 y + sin * a * half_length + cos * b * half_width)
            for a, b in ((1, 1), (-1, 1), (-1, -1), (1, -1))]))
    panel.add_collection(PatchCollection(shapes, facecolor=OBSTACLE, edgecolor='none'))
    panel.add_collection(LineCollection(
        [[turn(x1, y1), turn(x2, y2)] for x1, y1, x2, y2 in world.segments.tolist()],
        colors=OBSTACLE))
    panel.add_patch(Circle(turn(*world.goal), world.goal_tolerance, facecolor=GOAL, alpha=0.2))
    panel.plot(0.0, 0.0, marker='^', color=OBSTACLE, markersize=6)
    panel.set_aspect('equal')
    panel.set_title(world.name, fontsize=10, parse_math=False)
    panel.tick_params(labelsize=7)
    for side in ('top', 'right'):
        panel.spines[side].set_visible(False)
