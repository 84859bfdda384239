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

"""Maps of map_server."""

import math

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
import numpy as np
from PIL import Image
import pytest
from rfsn_ros.errors import WorldError
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.sim import parse_worlds
from rfsn_ros.sim.config import RobotConfig, ROBOTS
from rfsn_ros.sim.geometry import rectangle_clearance
from rfsn_ros.sim.maps import read_map
from rfsn_ros.sim.reference_path import path_lengths
import yaml

FREE, UNKNOWN, OCCUPIED = 254, 205, 0


def room(rows=80, columns=120):
    """A room with a wall that leaves a gap at the top of the picture."""
    pixels = np.full((rows, columns), FREE, dtype=np.uint8)
    pixels[0] = pixels[-1] = pixels[:, 0] = pixels[:, -1] = OCCUPIED
    pixels[20:, 60:62] = OCCUPIED
    return pixels


def save(folder, pixels, *, image='map.pgm', **changes):
    picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    picture.save(folder / image)
    content = {'image': image, 'resolution': 0.1, 'origin': [-1.0, 2.0, 0.0], 'negate': 0,
               'occupied_thresh': 0.65, 'free_thresh': 0.196, **changes}
    (folder / 'map.yaml').write_text(yaml.safe_dump(content))
    return folder / 'map.yaml'


def occupied(world, x, y):
    return rectangle_clearance(x, y, 0.0, 0.0, 0.0, world.circles, world.edges,
                               world.boxes) == 0.0


@pytest.mark.parametrize('image', ['map.pgm', 'map.png'])
def test_every_occupied_cell_is_an_obstacle_and_no_other(tmp_path, image):
    pixels = room()
    pixels[10:13, 30:33] = OCCUPIED
    pixels[5, 5] = UNKNOWN
    world = read_map(save(tmp_path, pixels, image=image), seed=1)
    for row in range(80):
        for column in range(0, 120):
            x, y = -1.0 + 0.1 * (column + 0.5), 2.0 + 0.1 * (80 - row - 0.5)
            assert occupied(world, x, y) == (pixels[row, column] == OCCUPIED), (row, column)
    assert len(world.boxes) < 12


def test_the_task_can_be_given(tmp_path):
    save(tmp_path, room())
    world, = parse_worlds(f'map:{tmp_path}/map.yaml:1,4,1.5/9,4')
    assert world.start == Pose2D(1.0, 4.0, 1.5)
    assert world.goal == (9.0, 4.0)
    # Over the wall's end at y = 8 with 0.3 m to spare.
    assert world.reference_length > math.hypot(4.0, 4.3) + math.hypot(4.0, 4.3)
    assert world.reference_length < 13.5


@given(arrays(np.bool_, (12, 17), elements=st.sampled_from([True] * 3 + [False])),
       st.tuples(st.integers(0, 11), st.integers(0, 16)),
       st.tuples(st.integers(0, 11), st.integers(0, 16)), st.floats(0.1, 4.0))
def test_a_search_that_ends_early_finds_the_same_ways(free, first, last, within):
    lengths = path_lengths(free, first, 0.1)
    np.testing.assert_equal(path_lengths(free, first, 0.1, last=last)[last], lengths[last])
    near = path_lengths(free, first, 0.1, within=within)
    np.testing.assert_equal(near[lengths <= within], lengths[lengths <= within])
    assert (near[lengths > within] > within).all()


def test_tasks_in_one_map_are_worlds_of_different_names(tmp_path):
    file = f'map:{save(tmp_path, room())}'
    worlds = parse_worlds(f'{file}:1,4,1.5/9,4;{file}:1,4,1.5/9,4.5;{file}:1,4,1.5/.9e1,+5.')
    assert [world.name for world in worlds] == [
        'map:map:1,4,1.5/9,4', 'map:map:1,4,1.5/9,4.5', 'map:map:1,4,1.5/9,5']


def test_on_a_long_way_there_is_more_time(tmp_path):
    file = save(tmp_path, room(), resolution=0.5)
    far = read_map(file, start=Pose2D(5.0, 10.0, 0.0), goal=(50.0, 10.0))
    assert far.reference_length > 60.0
    assert far.timeout == pytest.approx(10.0 * far.reference_length)
    assert read_map(file, start=Pose2D(5.0, 10.0, 0.0), goal=(9.0, 10.0)).timeout == 100.0
    for world in parse_worlds(f'map:{file}:0-9'):
        assert world.timeout == max(100.0, 10.0 * world.reference_length)


def test_drawn_tasks_follow_from_their_seed_and_are_free(tmp_path):
    save(tmp_path, room())
    worlds = parse_worlds(f'map:{tmp_path}/map.yaml:0-4')
    again = parse_worlds(f'map:{tmp_path}/map.yaml:0-4')
    assert [w.start for w in worlds] == [w.start for w in again]
    assert len({w.start for w in worlds}) == 5
    for world in worlds:
        assert 4.5 <= world.reference_length <= 15.0


def pillars():
    """A room of 10 m with little room between pillars."""
    pixels = np.full((200, 200), FREE, dtype=np.uint8)
    pixels[:2] = pixels[-2:] = pixels[:, :2] = pixels[:, -2:] = OCCUPIED
    for row, column in np.random.default_rng(3).integers(8, 192, (40, 2)):
        pixels[row - 3:row + 3, column - 3:column + 3] = OCCUPIED
    return pixels


LONG = RobotConfig(name='long', length=1.1, width=0.6)


@pytest.mark.parametrize('robot', [*(body for body, _ in ROBOTS.values()), LONG],
                         ids=lambda robot: robot.name)
def test_a_robot_can_turn_at_drawn_starts_and_goals(tmp_path, robot):
    save(tmp_path, pillars(), resolution=0.05)
    radius = 0.5 * math.hypot(robot.length, robot.width)
    for world in parse_worlds(f'map:{tmp_path}/map.yaml:0-29', robot=robot):
        for x, y in ((world.start.x, world.start.y), world.goal):
            assert rectangle_clearance(x, y, 0.0, 0.0, 0.0, world.circles, world.edges,
                                       world.boxes) >= radius + 0.05


def test_tasks_are_the_same_for_every_robot_known_by_name(tmp_path):
    save(tmp_path, pillars(), resolution=0.05)
    spec = f'map:{tmp_path}/map.yaml:0-2'
    assert len({tuple((world.start, world.goal) for world in parse_worlds(spec, robot=robot))
                for robot in (None, *(body for body, _ in ROBOTS.values()))}) == 1


def test_a_turned_origin_turns_everything(tmp_path):
    world = read_map(save(tmp_path, room(), origin=[1.0, 2.0, math.pi / 2]), seed=0)
    # Grid point (6.1 m, 0.5 m), inside the wall, turned by 90 degrees about the origin.
    assert occupied(world, 1.0 - 0.5, 2.0 + 6.1)
    assert not occupied(world, 1.0 - 0.5, 2.0 + 5.0)


def test_negate_swaps_black_and_white(tmp_path):
    world = read_map(save(tmp_path, 255 - room(), negate=1), seed=0)
    assert occupied(world, -0.95, 5.0)
    assert not occupied(world, 0.5, 5.0)


PIXEL = (40, 30)
THERE = (-1.0 + 3.05, 2.0 + 3.95)
"""A pixel in the free part of the room, and where it is in the world."""


def kind_of(file):
    """Return what `PIXEL` is to a robot: free, occupied or unknown."""
    if occupied(read_map(file, seed=0), *THERE):
        return 'occupied'
    try:
        read_map(file, start=Pose2D(*THERE, 0.0), goal=(THERE[0] + 1.0, THERE[1]))
    except WorldError:
        return 'unknown'
    return 'free'


@pytest.mark.parametrize('mode', ['trinary', 'scale'])
@pytest.mark.parametrize(('colour', 'kind'), [
    ((0, 0, 0, 255), 'occupied'), ((0, 0, 0, 254), 'unknown'), ((0, 0, 0, 0), 'unknown'),
    ((255, 255, 255, 255), 'free'), ((255, 255, 255, 0), 'unknown'),
])
def test_pixels_that_are_not_opaque_are_unknown(tmp_path, mode, colour, kind):
    picture = Image.fromarray(room()).convert('RGBA')
    picture.putpixel(PIXEL[::-1], colour)
    assert kind_of(save(tmp_path, picture, image='map.png', mode=mode)) == kind


@pytest.mark.parametrize('palette', [False, True])
@pytest.mark.parametrize(('colour', 'kind'), [
    ((255, 255, 0), 'free'), ((0, 255, 0), 'unknown'), ((255, 0, 0), 'occupied'),
])
def test_colours_count_by_their_luminance(tmp_path, colour, kind, palette):
    picture = Image.fromarray(room()).convert('RGB')
    picture.putpixel(PIXEL[::-1], colour)
    if palette:
        picture = picture.quantize(8)
    assert kind_of(save(tmp_path, picture, image='map.png')) == kind


@pytest.mark.parametrize('image', ['map.pgm', 'map.png'])
def test_16_bits_are_scaled(tmp_path, image):
    pixels = room().astype(np.uint16) * 257
    for value, kind in ((10_000, 'occupied'), (45_000, 'unknown'), (65_000, 'free')):
        pixels[PIXEL] = value
        assert kind_of(save(tmp_path, pixels, image=image)) == kind


def test_thresholds_belong_to_what_they_bound(tmp_path):
    pixels = np.where(room() == OCCUPIED, 0, 255).astype(np.uint8)
    pixels[PIXEL] = 0
    file = save(tmp_path, pixels, occupied_thresh=1.0, free_thresh=0.0)
    assert kind_of(file) == 'occupied'


def test_modes_may_be_written_large(tmp_path):
    assert occupied(read_map(save(tmp_path, room(), mode='Trinary'), seed=0), -0.95, 5.0)


def test_an_image_may_lie_elsewhere(tmp_path):
    file = save(tmp_path, room())
    (tmp_path / 'elsewhere').mkdir()
    (tmp_path / 'map.pgm').rename(tmp_path / 'elsewhere' / 'map.pgm')
    for image in ('elsewhere/map.pgm', str(tmp_path / 'elsewhere' / 'map.pgm')):
        file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text()), 'image': image}))
        assert occupied(read_map(file, seed=0), -0.95, 5.0)


def test_raw_mode_takes_the_values_as_percent(tmp_path):
    pixels = np.zeros((80, 120), dtype=np.uint8)
    pixels[:, :2] = 100
    pixels[:, -2:] = 255
    world = read_map(save(tmp_path, pixels, mode='raw'), seed=0)
    assert occupied(world, -0.95, 5.0)
    assert not occupied(world, 10.95, 5.0)


def test_an_unknown_key_is_named(tmp_path, caplog):
    world = read_map(save(tmp_path, room(), height=3.0), seed=0)
    assert world.skipped == ('key height',)
    assert 'key height' in caplog.text


@pytest.mark.parametrize(('changes', 'words'), [
    ({'resolution': 0.0}, 'resolution must be > 0'), ({'resolution': 'fine'}, 'malformed'),
    ({'origin': [0.0, 0.0, math.nan]}, 'finite'), ({'mode': 'fancy'}, 'must be one of'),
    ({'occupied_thresh': 0.1}, 'free_thresh <= occupied_thresh'), ({'origin': 3}, 'malformed'),
    ({'origin': [0.0, 0.0]}, 'malformed'), ({'resolution': 10 ** 400}, 'malformed'),
    ({'negate': '0'}, "negate = '0'"),
])
def test_a_malformed_description_is_refused(tmp_path, changes, words):
    with pytest.raises(WorldError, match=words):
        read_map(save(tmp_path, room(), **changes))


def test_what_cannot_be_read_is_refused(tmp_path):
    file = save(tmp_path, room())
    (tmp_path / 'map.pgm').write_bytes(b'P5 no image')
    with pytest.raises(WorldError, match='not a readable image'):
        read_map(file)
    (tmp_path / 'map.pgm').write_bytes(b'P5 40000 40000 255\n')
    with pytest.raises(WorldError, match='not a readable image'):
        read_map(file)
    (tmp_path / 'map.pgm').write_bytes(b'Pf 1 1 -1.0\n' + np.ones(1, dtype='<f4').tobytes())
    with pytest.raises(WorldError, match='8 or 16 bits'):
        read_map(file)
    file.write_text('image: map.pgm')
    with pytest.raises(WorldError, match='lacks resolution, origin'):
        read_map(file)
    for text in ('a: [', 'origin: 2001-99-99', '[' * 10_000):
        file.write_text(text)
        with pytest.raises(WorldError, match='not YAML'):
            read_map(file)
    file.write_text('hello')
    with pytest.raises(WorldError, match='expected a mapping'):
        read_map(file)
    with pytest.raises(WorldError, match='No such file'):
        read_map(tmp_path / 'none.yaml')


def test_a_task_that_cannot_be_done_is_refused(tmp_path):
    pixels = room()
    pixels[:, 60:62] = OCCUPIED
    file = save(tmp_path, pixels)
    with pytest.raises(WorldError, match='no way leads'):
        read_map(file, start=Pose2D(1.0, 4.0, 0.0), goal=(9.0, 4.0))
    with pytest.raises(WorldError, match='start'):
        read_map(file, start=Pose2D(-0.9, 4.0, 0.0), goal=(9.0, 4.0))
    with pytest.raises(WorldError, match='goal'):
        read_map(file, start=Pose2D(1.0, 4.0, 0.0), goal=(90.0, 4.0))
    with pytest.raises(WorldError, match='both'):
        read_map(file, start=Pose2D(1.0, 4.0, 0.0))
    with pytest.raises(WorldError, match='no room'):
        read_map(save(tmp_path, np.zeros((20, 20), dtype=np.uint8)))
