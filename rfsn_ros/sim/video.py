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
Pictures of drives from above: single scenes, GIF and MP4.

`EpisodeRecorder` looks over the shoulder of a drive without touching the simulator's random
numbers; `write_video` turns what it saw into a film.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
import contextlib
from dataclasses import dataclass, field
from importlib.util import find_spec
import itertools
import math
from pathlib import Path
import shutil
import subprocess
import tempfile
from typing import Any, TYPE_CHECKING

import numpy as np
from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.errors import InputError, MissingDependencyError
from rfsn_ros.navigation.navigator import NavDecision
from rfsn_ros.navigation.observation import FloatArray, Pose2D, Twist2D
from rfsn_ros.navigation.primitives import PrimitiveLibrary
from rfsn_ros.outputs import check_output
from rfsn_ros.sim.config import RobotConfig
from rfsn_ros.sim.episode import EpisodeMonitor, Outcome
from rfsn_ros.sim.simulator import Simulator
from rfsn_ros.sim.worlds import World

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = [
    'VIDEO_SUFFIXES', 'EpisodeRecorder', 'Scene', 'check_video', 'draw_scene', 'write_video',
]

VIDEO_SUFFIXES = ('.gif', '.mp4')
WIDTH, HEADER, BORDER = 960, 58, 0.4
"""Width and strip for text (pixels); border around the world (m)."""
SURROUNDINGS = 4.0
"""How far from start and goal the world is shown, metres."""
LARGEST_HEIGHT = 1.2
"""Largest height of a picture, as a multiple of its width."""
OVERSAMPLING = 2
HORIZON, STEPS = 0.8, 12
"""How far ahead primitives are drawn (s) and with how many points."""
SIGHT = 6.0
"""How long beams are drawn, metres."""
GAP = 9
"""So many lost beams in a row are a blind sector, not dropouts."""
HOLD = 1.0
"""How long the last picture of a drive stands, seconds."""
COLOURS = 128

GROUND, INK, FAINT = '#f7f7f4', '#22262b', '#6b7280'
OBSTACLE, MOVING, ROBOT, NOSE = '#3b4048', '#c2410c', '#1d4ed8', '#dbeafe'
SEEN, BEAM_END, TRAIL = (59, 130, 246, 34), (37, 99, 235, 200), '#7c9cf0'
INFEASIBLE, FEASIBLE, CHOSEN = (220, 38, 38, 70), (5, 150, 105, 170), '#f59e0b'
GOAL, GOAL_EDGE = (22, 163, 74, 50), (22, 163, 74, 180)
ENDS = {
    Outcome.RUNNING: INK, Outcome.SUCCESS: '#15803d', Outcome.COLLISION: '#b91c1c',
    Outcome.TIMEOUT: '#b45309', Outcome.ABORTED: FAINT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """
    One moment of a drive, world frame.

    `scan` are the ends of the beams from `laser`, shape (n, 2), of which `hits`, shape (n,), met
    something; `arcs` are the primitives as lines, with `feasible` and `chosen` (-1: none) saying
    how to draw them.
    """

    world: World
    robot: RobotConfig
    time: float
    pose: Pose2D
    twist: Twist2D
    clearance: float
    moving: FloatArray
    trail: tuple[tuple[float, float], ...] = ()
    laser: tuple[float, float] = (0.0, 0.0)
    scan: FloatArray = field(default_factory=lambda: np.zeros((0, 2)))
    hits: BoolArray = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    arcs: tuple[FloatArray, ...] = ()
    feasible: tuple[bool, ...] = ()
    chosen: int = -1
    label: str = ''
    caption: str = ''
    outcome: Outcome = Outcome.RUNNING
    score: float = 0.0

    @classmethod
    def of(cls, sim: Simulator, **more: Any) -> Scene:
        """Return what a simulator shows now; `more` fills the other fields."""
        truth = sim.truth()
        return cls(
            world=sim.world, robot=sim.config.robot, time=sim.time, pose=truth.pose,
            twist=truth.twist, clearance=sim.clearance(), moving=sim.moving_obstacles(), **more)


class EpisodeRecorder:
    """
    Collects scenes of one drive; hand its methods to `run_episode`.

    `decision` belongs to `on_decision` and `tick` to `on_tick`.
    """

    def __init__(
        self, library: PrimitiveLibrary | None = None, *, label: str = '', fps: float = 10.0,
    ) -> None:
        """
        `library` draws the primitives, `label` names the driver, `fps` is scenes per second.

        :raises InputError: fps is not > 0.
        """
        if not fps > 0.0:
            raise InputError(f'fps = {fps}: must be > 0')
        self.label, self.fps = label, fps
        self._library = library
        self.scenes: list[Scene] = []
        self.trail: list[tuple[float, float]] = []
        """True positions of the robot, one per control tick, world frame."""
        self.world: World | None = None
        self.outcome = Outcome.RUNNING
        self._decision: NavDecision | None = None
        self._pose: Pose2D | None = None
        self._decided_at: Pose2D | None = None
        self._seen: dict[str, Any] = {}
        self._monitor: EpisodeMonitor | None = None
        self._due = 0.0

    def decision(self, decision: NavDecision) -> None:
        """Take note of what was decided, before it is driven."""
        self._decision = decision
        self._decided_at = self._pose
        self._seen = {}

    def tick(self, sim: Simulator) -> None:
        """Look at the simulator (after every control tick)."""
        if self._monitor is None:
            self.world = sim.world
            self._monitor = EpisodeMonitor(sim.world)
        self.outcome = self._monitor.update(sim)
        self._pose = pose = sim.truth().pose
        self.trail.append((pose.x, pose.y))
        if sim.time + 1e-9 < self._due and self.outcome is Outcome.RUNNING:
            return
        self._due = sim.time + 1.0 / self.fps
        if self._decision is not None and not self._seen:
            self._seen = _seen(
                self._decision, self._decided_at or sim.world.start, self._library)
        self.scenes.append(Scene.of(
            sim, trail=tuple(self.trail), label=self.label, outcome=self.outcome,
            score=self._monitor.score, **self._seen))


def _seen(
    decision: NavDecision, pose: Pose2D, library: PrimitiveLibrary | None,
) -> dict[str, Any]:
    """Return beams and primitives of a decision, moved from the odom frame to its true pose."""
    scan = decision.percept.observation.scan
    mount = scan.mount
    cos, sin = math.cos(pose.yaw), math.sin(pose.yaw)
    laser = (pose.x + cos * mount.x - sin * mount.y, pose.y + sin * mount.x + cos * mount.y)
    valid = scan.ranges >= scan.range_min
    angles = pose.yaw + mount.yaw + scan.angles
    reach = np.minimum(_without_dropouts(scan.ranges, valid), SIGHT)
    seen: dict[str, Any] = {
        'laser': laser,
        'scan': np.column_stack([laser[0] + reach * np.cos(angles),
                                 laser[1] + reach * np.sin(angles)]),
        'hits': valid & (scan.ranges < SIGHT),
        'caption': f'{decision.primitive.name}   p {decision.probability:.2f}',
    }
    if library is not None:
        turned = np.array([0.0, 0.0, pose.yaw - decision.percept.odometry.pose.yaw])
        seen.update(arcs=_arcs(decision.velocities + turned, library.steer_gain, pose),
                    chosen=decision.executed,
                    feasible=tuple(bool(flag) for flag in decision.mask))
    return seen


def _without_dropouts(ranges: FloatArray, valid: BoolArray) -> FloatArray:
    """Return ranges with lost beams filled from their neighbours; 0 in a blind sector."""
    index = np.arange(len(ranges))
    if not valid.any():
        return np.zeros(len(ranges))
    filled = np.interp(index, index[valid], np.minimum(ranges[valid], SIGHT))
    around = np.convolve(valid, np.ones(GAP), mode='same')
    return np.where(valid | (around > 0), filled, 0.0)


def _arcs(velocities: FloatArray, gain: float, pose: Pose2D) -> tuple[FloatArray, ...]:
    """
    Return where each primitive leads an ideal robot, points (n, 2) in the world frame.

    `velocities` has rows (speed, turn rate, heading or NaN).
    """
    step = HORIZON / STEPS
    lines = []
    for speed, turn_rate, heading in velocities.tolist():
        x, y, yaw = pose.x, pose.y, pose.yaw
        points = [(x, y)]
        for _ in range(STEPS):
            error = (heading - yaw + math.pi) % (2 * math.pi) - math.pi
            yaw += step * (turn_rate if math.isnan(heading) else gain * error)
            x += step * speed * math.cos(yaw)
            y += step * speed * math.sin(yaw)
            points.append((x, y))
        lines.append(np.array(points))
    return tuple(lines)


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


def check_video(path: Path) -> None:
    """
    See to it that a video can be drawn and written, before the drives that it shows.

    :raises InputError: as for `check_output`; its name ends with none of `VIDEO_SUFFIXES`.
    :raises MissingDependencyError: Pillow, or for MP4 ffmpeg, is not installed.
    """
    check_output(path, VIDEO_SUFFIXES)
    _need_pillow()
    if path.suffix == '.mp4':
        _ffmpeg()


def write_video(
    path: str | Path, drives: Sequence[Iterable[Scene]], *, fps: float = 10.0,
    width: int = WIDTH,
) -> None:
    """
    Write drives one after the other as ``.gif`` or ``.mp4``.

    All pictures get the size of the largest, those of one drive show the same part of the world;
    each drive ends with a still of a second.

    :raises InputError: the name ends otherwise or there is nothing to show.
    :raises MissingDependencyError: Pillow, or for MP4 ffmpeg, is not installed.
    """
    path = Path(path)
    if path.suffix not in VIDEO_SUFFIXES:
        raise InputError(f'{path}: a video must be named {" or ".join(VIDEO_SUFFIXES)}')
    scenes = [list(drive) for drive in drives]
    scenes = [drive for drive in scenes if drive]
    if not scenes:
        raise InputError(f'{path}: there is no scene to show')
    size = _common_size(scenes, width)
    write = _write_gif if path.suffix == '.gif' else _write_mp4
    write(path, _sheets(scenes, size, fps, width), size, fps)


def _common_size(drives: list[list[Scene]], width: int) -> tuple[int, int]:
    """Return the size that holds the pictures of all drives; even, as video codecs want it."""
    sizes = [_Canvas(drive[0], width, drive[-1].trail).size for drive in drives]
    widest, highest = (max(column) for column in zip(*sizes, strict=True))
    return widest + widest % 2, highest + highest % 2


def _sheets(
    drives: list[list[Scene]], size: tuple[int, int], fps: float, width: int,
) -> Iterator[Image]:
    """Yield one picture after the other; only one is in memory."""
    from PIL import Image as Images

    for drive in drives:
        for number, scene in enumerate(drive):
            sheet = Images.new('RGB', size, GROUND)
            sheet.paste(draw_scene(scene, width=width, way=drive[-1].trail))
            for _ in range(1 if number < len(drive) - 1 else 1 + round(HOLD * fps)):
                yield sheet


def _write_gif(
    path: Path, sheets: Iterator[Image], size: tuple[int, int], fps: float,
) -> None:
    from PIL.Image import Dither

    # One palette for all: colours do not flicker and unchanged parts cost nothing. It is made
    # from the first picture and from patches of the colours that come later.
    first = next(sheets)
    sample = first.copy()
    for number, colour in enumerate((TRAIL, MOVING, CHOSEN, *ENDS.values())):
        sample.paste(colour, (0, 24 * number, 24, 24 * number + 24))
    palette = sample.quantize(COLOURS)
    frames = [
        image.quantize(palette=palette, dither=Dither.NONE)
        for image in itertools.chain([first], sheets)]
    frames[0].save(
        path, save_all=True, append_images=frames[1:], loop=0, duration=round(1000 / fps),
        optimize=True)


def _write_mp4(
    path: Path, sheets: Iterator[Image], size: tuple[int, int], fps: float,
) -> None:
    command = [
        _ffmpeg(), '-y', '-loglevel', 'error', '-f', 'rawvideo', '-pix_fmt', 'rgb24',
        '-s', f'{size[0]}x{size[1]}', '-r', f'{fps:g}', '-i', '-', '-c:v', 'libx264',
        '-pix_fmt', 'yuv420p', '-movflags', '+faststart', str(path)]
    with tempfile.TemporaryFile() as errors, subprocess.Popen(
            command, stdin=subprocess.PIPE, stderr=errors) as process:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
            for sheet in sheets:
                pipe.write(sheet.tobytes())
        if process.wait() != 0:
            errors.seek(0)
            words = errors.read().decode(errors='replace').strip()
            raise InputError(f'{path}: ffmpeg: {words}')


def _need_pillow() -> None:
    if find_spec('PIL') is None:
        raise MissingDependencyError('pictures need pillow: pip install "rfsn_ros[sim]"')


def _ffmpeg() -> str:
    found = shutil.which('ffmpeg')
    if found is not None:
        return found
    try:
        import imageio_ffmpeg
    except ImportError:
        raise MissingDependencyError(
            'MP4 needs ffmpeg on PATH or imageio-ffmpeg: pip install "rfsn_ros[sim]" '
            '(GIF needs neither)') from None
    return str(imageio_ffmpeg.get_ffmpeg_exe())


class _Canvas:
    """One picture: the mapping from metres to pixels and what is drawn with it."""

    def __init__(
        self, scene: Scene, width: int, way: Sequence[tuple[float, float]],
    ) -> None:
        _need_pillow()
        from PIL import Image, ImageDraw, ImageFont

        world = scene.world
        self._scene = scene
        heading = math.atan2(world.goal[1] - world.start.y, world.goal[0] - world.start.x)
        self._cos, self._sin = math.cos(heading), math.sin(heading)
        x_min, y_min, x_max, y_max = self._extent(way)
        self._scale = OVERSAMPLING * width * min(
            1.0 / (x_max - x_min), LARGEST_HEIGHT / (y_max - y_min))
        self._left = 0.5 * (x_min + x_max - OVERSAMPLING * width / self._scale)
        self._top = y_max
        self._header = OVERSAMPLING * HEADER
        self.size = (width, round(self._scale * (y_max - y_min) / OVERSAMPLING) + HEADER)
        self._image = Image.new(
            'RGB', (OVERSAMPLING * self.size[0], OVERSAMPLING * self.size[1]), GROUND)
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
        return self._image.resize(self.size, Resampling.LANCZOS)

    def _extent(
        self, way: Sequence[tuple[float, float]],
    ) -> tuple[float, float, float, float]:
        """Return the part of the plane that is shown, in the picture's axes (m)."""
        world = self._scene.world
        low_x, low_y, high_x, high_y = world.bounds
        corners = np.array([self._turn(x, y) for x in (low_x, high_x) for y in (low_y, high_y)])
        tasks = np.array([self._turn(world.start.x, world.start.y), self._turn(*world.goal)])
        low = np.maximum(corners.min(axis=0), tasks.min(axis=0) - SURROUNDINGS)
        high = np.minimum(corners.max(axis=0), tasks.max(axis=0) + SURROUNDINGS)
        # Whatever the obstacles leave out, the goal is shown whole.
        around = max(world.goal_tolerance, 1.0)
        low = np.minimum(low, tasks.min(axis=0) - around) - BORDER
        high = np.maximum(high, tasks.max(axis=0) + around) + BORDER
        if len(way):
            # nor does the robot leave the picture on a way around
            robot = self._scene.robot
            reach = 0.5 * math.hypot(robot.length, robot.width) + BORDER
            places = np.array([self._turn(*place) for place in way])
            low = np.minimum(low, places.min(axis=0) - reach)
            high = np.maximum(high, places.max(axis=0) + reach)
        return float(low[0]), float(low[1]), float(high[0]), float(high[1])

    def _turn(self, x: float, y: float) -> tuple[float, float]:
        return self._cos * x + self._sin * y, self._cos * y - self._sin * x

    def _pixel(self, x: float, y: float) -> tuple[float, float]:
        x, y = self._turn(x, y)
        return (x - self._left) * self._scale, (self._top - y) * self._scale + self._header

    def _disc(self, x: float, y: float, radius: float, fill: Any, edge: Any = None) -> None:
        px, py = self._pixel(x, y)
        r = radius * self._scale
        self._draw.ellipse((px - r, py - r, px + r, py + r), fill=fill, outline=edge,
                           width=OVERSAMPLING)

    def _polygon(self, points: Sequence[Sequence[float]], fill: Any) -> None:
        self._draw.polygon([self._pixel(x, y) for x, y in points], fill=fill)

    def _line(self, points: Sequence[Sequence[float]], fill: Any, width: float) -> None:
        if len(points) > 1:
            self._draw.line([self._pixel(x, y) for x, y in points], fill=fill,
                            width=max(round(width * self._scale), 1), joint='curve')

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
