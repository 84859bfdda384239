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

"""Drives as films, GIF or MP4, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
import contextlib
import itertools
from pathlib import Path
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING

from rfsn_ros.errors import InputError, MissingDependencyError
from rfsn_ros.outputs import check_output
from rfsn_ros.sim.pictures.drawing import CHANGING, draw_scene, GROUND, need_pillow, WIDTH
from rfsn_ros.sim.pictures.scene import Scene
from rfsn_ros.sim.pictures.view import View

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ['VIDEO_SUFFIXES', 'check_video', 'write_video']

VIDEO_SUFFIXES = ('.gif', '.mp4')
HOLD = 1.0
"""How long the last picture of a drive stands, seconds."""
COLOURS = 128


def check_video(path: Path) -> None:
    """
    See to it that a video can be drawn and written, before the drives that it shows.

    :raises InputError: as for `check_output`; its name ends with none of `VIDEO_SUFFIXES`.
    :raises MissingDependencyError: Pillow, or for MP4 ffmpeg, is not installed.
    """
    check_output(path, VIDEO_SUFFIXES)
    need_pillow()
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
    need_pillow()
    size = _common_size(scenes, width)
    write = _write_gif if path.suffix == '.gif' else _write_mp4
    write(path, _sheets(scenes, size, fps, width), size, fps)


def _common_size(drives: list[list[Scene]], width: int) -> tuple[int, int]:
    """Return the size that holds the pictures of all drives; even, as video codecs want it."""
    sizes = [
        View(drive[0].world, drive[0].robot, width=width, way=drive[-1].trail).size
        for drive in drives]
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
    for number, colour in enumerate(CHANGING):
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
