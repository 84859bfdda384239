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

"""Gazebo world files: what is understood, what is named, what is refused."""

import math

import numpy as np
import pytest
from rfsn_ros.errors import WorldError
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.sim import parse_worlds
from rfsn_ros.sim.gazebo import read_gazebo_world


def model(name, geometry, pose='0 0 0 0 0 0', link='0 0 0 0 0 0', collision='0 0 0 0 0 0'):
    return f'''<model name="{name}"><static>1</static><pose frame="">{pose}</pose>
      <link name="link"><pose>{link}</pose><collision name="collision"><pose>{collision}</pose>
      <geometry>{geometry}</geometry></collision><visual name="v"/></link></model>'''


def cylinder(radius='0.075', length='1'):
    return f'<cylinder><radius>{radius}</radius><length>{length}</length></cylinder>'


def box(size):
    return f'<box><size>{size}</size></box>'


PLANE = '<plane><normal>0 0 1</normal><size>100 100</size></plane>'


def write(path, *parts):
    path.write_text('<sdf version="1.6"><world name="default"><light name="sun"/>'
                    + ''.join(parts) + '</world></sdf>')
    return path


def read(path):
    return read_gazebo_world(path, Pose2D(), (5.0, 0.0), reference_length=5.0)


def test_cylinders_boxes_and_ground_are_understood(tmp_path):
    world = read(write(
        tmp_path / 'w.world', model('ground_plane', PLANE),
        model('unit_cylinder', cylinder(), '1 2 0 0 0 0'),
        model('unit_box', box('2 1 1'), '3 4 0.5 0 0 0.5')))
    np.testing.assert_allclose(world.circles, [[1.0, 2.0, 0.075]])
    np.testing.assert_allclose(world.boxes, [[3.0, 4.0, 1.0, 0.5, 0.5]])
    assert world.skipped == ()


def test_poses_of_model_link_and_collision_add_up(tmp_path):
    world = read(write(tmp_path / 'w.world', model(
        'a', cylinder(), f'1 0 0 0 0 {math.pi / 2}', link='1 0 0 0 0 0', collision='0 1 0 0 0 0')))
    np.testing.assert_allclose(world.circles[:, :2], [[0.0, 1.0]], atol=1e-12)


def test_the_state_of_the_world_moves_its_models(tmp_path):
    world = read(write(
        tmp_path / 'w.world', model('a', cylinder(), '1 2 0 0 0 0'),
        '<state world_name="default"><model name="a"><pose>7 8 0 0 0 0</pose></model></state>'))
    np.testing.assert_allclose(world.circles[:, :2], [[7.0, 8.0]])


def state(name, *parts):
    return f'<state world_name="default"><model name="{name}">{"".join(parts)}</model></state>'


@pytest.mark.parametrize(('flag', 'yaw'), [('true', math.pi / 2), ('1', math.pi / 2),
                                           ('false', 90.0)])
def test_angles_may_be_given_in_degrees(tmp_path, flag, yaw):
    world = read(write(tmp_path / 'w.world', model('a', box('2 1 1'), '0 0 0.5 0 0 90').replace(
        '<pose frame="">', f'<pose degrees="{flag}">')))
    np.testing.assert_allclose(world.boxes, [[0.0, 0.0, 1.0, 0.5, yaw]])
    assert world.skipped == ()


def test_the_state_of_the_world_scales_shapes_and_not_where_they_are(tmp_path):
    world = read(write(
        tmp_path / 'w.world', model('a', box('2 1 0.1'), '5 0 1 0 0 0', link='1 0 0 0 0 0'),
        model('b', cylinder(), '0 3 0 0 0 0'),
        state('a', '<pose>5 0 1 0 0 0</pose><scale>2 3 20</scale>'),
        state('b', '<scale>2 4 1</scale>')))
    np.testing.assert_allclose(world.boxes, [[6.0, 0.0, 2.0, 1.5, 0.0]])
    np.testing.assert_allclose(world.circles, [[0.0, 3.0, 0.3]])
    assert world.skipped == ()


def test_the_state_of_the_world_gives_links_in_the_frame_of_the_world(tmp_path):
    world = read(write(
        tmp_path / 'w.world', model('a', cylinder(), '1 2 0 0 0 0', link='1 0 0 0 0 0',
                                    collision='0 1 0 0 0 0'),
        state('a', '<pose>3 0 0 0 0 0</pose>',
              f'<link name="link"><pose>7 8 0 0 0 {math.pi / 2}</pose></link>')))
    np.testing.assert_allclose(world.circles[:, :2], [[6.0, 8.0]])


def test_the_state_of_the_world_inserts_and_deletes_models(tmp_path):
    world = read(write(
        tmp_path / 'w.world', model('old', cylinder(), '1 2 0 0 0 0'),
        model('kept', cylinder(), '3 4 0 0 0 0'),
        f'<state><insertions>{model("new", cylinder(), "5 6 0 0 0 0")}'
        '<include><uri>model://cafe</uri></include></insertions>'
        '<deletions><name>old</name></deletions></state>'))
    np.testing.assert_allclose(world.circles[:, :2], [[3.0, 4.0], [5.0, 6.0]])
    assert world.skipped == ('include model://cafe',)


def test_several_collisions_of_a_link_are_shapes_of_their_own(tmp_path):
    ends = ''.join(
        f'<collision name="c{y}"><pose>0 {y} 0 0 0 0</pose><geometry>{cylinder()}</geometry>'
        '</collision>' for y in (1, 2))
    world = read(write(tmp_path / 'w.world',
                       f'<model name="a"><pose>1 0 0 0 0 0</pose><link>{ends}</link></model>'))
    np.testing.assert_allclose(world.circles[:, :2], [[1.0, 1.0], [1.0, 2.0]])


def test_a_second_world_is_named(tmp_path):
    file = write(tmp_path / 'w.world', model('a', cylinder()))
    file.write_text(file.read_text().replace('</sdf>', '<world name="other"/></sdf>'))
    assert read(file).skipped == ('world other',)


@pytest.mark.parametrize(('part', 'named'), [
    (model('house', '<mesh><uri>model://house.dae</uri></mesh>'), 'house/collision: mesh'),
    (model('tilted', cylinder(), '0 0 0 0.5 0 0'), 'tilted: tilted model'),
    (model('flipped', box('1 1 1'), f'0 0 0 {math.pi} 0 0'), 'flipped: tilted model'),
    (model('backwards', box('1 1 1'), link=f'0 0 0 0 {math.pi} 0'), 'collision: tilted shape'),
    (model('hills', '<heightmap><uri>a.png</uri></heightmap>'), 'hills/collision: heightmap'),
    (model('platform', PLANE, '0 0 1 0 0 0'), 'platform/collision: plane at a height of 1 m'),
    (model('leaning', cylinder(), collision='0 0 0 0 1 0'), 'leaning/collision: tilted shape'),
    (model('shelf', box('1 1 0.1'), '0 0 2 0 0 0'), 'shelf/collision: above the robot'),
    (model('carpet', box('1 1 0.01'), '0 0 0 0 0 0'), 'carpet/collision: below the robot'),
    (model('wall', '<plane><normal>1 0 0</normal></plane>'), 'plane that is not horizontal'),
    ('<include><uri>model://cafe</uri></include>', 'include model://cafe'),
    ('<actor name="walker"/>', 'actor walker'),
    ('<model name="outer"><model name="inner"/></model>', 'outer: nested model inner'),
])
def test_what_is_not_understood_is_named_and_logged(tmp_path, caplog, part, named):
    world = read(write(tmp_path / 'w.world', part, model('a', cylinder())))
    assert len(world.circles) == 1
    assert len(world.skipped) == 1
    assert named in world.skipped[0]
    assert named in caplog.text


def test_ground_and_sun_need_no_words(tmp_path):
    world = read(write(tmp_path / 'w.world', '<include><uri>model://ground_plane</uri></include>',
                       '<include><uri>model://sun</uri></include>'))
    assert world.skipped == ()


@pytest.mark.parametrize(('part', 'words'), [
    (model('a', cylinder(radius='wide')), '<radius> must be 1 finite numbers'),
    (model('a', cylinder(radius='nan')), '<radius> must be 1 finite numbers'),
    (model('a', box('1 2')), '<size> must be 3 finite numbers'),
    (model('a', cylinder(), '1 2 3'), '<pose> must be 6 finite numbers'),
    ('<model name="a"><pose relative_to="b">0 0 0 0 0 0</pose></model>', "frame 'b'"),
    ('<model name="a" placement_frame="b"/>', "frame 'b'"),
    (model('a', cylinder()) + state('a', '<scale>2</scale>'), '<scale> must be 3 finite numbers'),
])
def test_malformed_numbers_are_refused(tmp_path, part, words):
    with pytest.raises(WorldError, match=words):
        read(write(tmp_path / 'w.world', part))


@pytest.mark.parametrize(('text', 'words'), [
    ('<sdf><world>', 'not XML'), ('<robot/>', 'no <sdf><world>'), ('<sdf/>', 'no <sdf><world>'),
    ('<?xml version="1.0" encoding="shift_jis"?><sdf/>', 'not XML'),
    ('<?xml version="1.0" encoding="none"?><sdf/>', 'not XML'),
])
def test_what_is_no_world_file_is_refused(tmp_path, text, words):
    (tmp_path / 'w.world').write_text(text)
    with pytest.raises(WorldError, match=words):
        read(tmp_path / 'w.world')
    with pytest.raises(WorldError, match='No such file'):
        read(tmp_path / 'v.world')


def test_any_world_file_with_a_task(tmp_path):
    write(tmp_path / 'w.world', model('wall', box('0.2 4 1'), '3 0 0 0 0 0'))
    world, = parse_worlds(f'gazebo:{tmp_path}/w.world:0,0,0/6,0')
    # Around the end of the wall, 2 m aside, with a grid's overestimate of up to 8 %.
    assert 2 * math.hypot(3.0, 2.2) < world.reference_length < 1.1 * 2 * math.hypot(3.0, 2.4)
    with pytest.raises(WorldError, match='cannot be reached'):
        parse_worlds(f'gazebo:{tmp_path}/w.world:3,0,0/6,0')


def test_on_a_long_way_there_is_more_time(tmp_path):
    write(tmp_path / 'w.world', model('unit_box', box('1 1 1'), '3 4 0.5 0 0 0'))
    near, far = parse_worlds(
        f'gazebo:{tmp_path}/w.world:0,0,0/5,0;gazebo:{tmp_path}/w.world:0,0,0/30,0')
    assert (near.timeout, far.timeout) == (100.0, pytest.approx(300.0, abs=2.0))


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / 'world_10.world', model('a', cylinder(), '-1 6 0 0 0 0'))
    write(tmp_path / 'world_2.world', model('a', cylinder(), '-2 6 0 0 0 0'))
    cells = np.array([[15, 0], [15, 10], [15, 29]])
    np.save(tmp_path / 'path_2.npy', cells)
    (tmp_path / 'path_files').mkdir()
    np.save(tmp_path / 'path_files' / 'path_10.npy', cells)
    return tmp_path


def test_a_barn_folder_takes_the_official_length(folder):
    two, ten = parse_worlds(f'barn:{folder}')
    assert [two.name, ten.name] == ['barn:2', 'barn:10']
    # Cells of 0.15 m; column 15 is x = -2.325, row 0 is y = 5.075 and row 29 is y = 9.425.
    first, last = math.hypot(0.075, 2.075), math.hypot(0.075, 13.0 - 9.425)
    assert two.reference_length == pytest.approx(first + 4.35 + last)
    assert ten.reference_length == two.reference_length
    assert (two.start, two.goal, two.goal_tolerance, two.timeout) == (
        Pose2D(-2.25, 3.0, 1.57), (-2.25, 13.0), 1.0, 100.0)
    assert [w.name for w in parse_worlds(f'barn:{folder}:10')] == ['barn:10']


def test_a_barn_folder_without_what_it_needs_is_refused(folder, tmp_path):
    with pytest.raises(WorldError, match='N = 3'):
        parse_worlds(f'barn:{folder}:2-3')
    (folder / 'path_2.npy').write_bytes(b'no array')
    with pytest.raises(WorldError, match='not a NumPy array'):
        parse_worlds(f'barn:{folder}:2')
    np.save(folder / 'path_2.npy', np.zeros(7))
    with pytest.raises(WorldError, match='rows'):
        parse_worlds(f'barn:{folder}:2')
    (folder / 'path_2.npy').unlink()
    with pytest.raises(WorldError, match=r'path_2\.npy is missing'):
        parse_worlds(f'barn:{folder}:2')
    (tmp_path / 'empty').mkdir()
    with pytest.raises(WorldError, match='holds no world_N'):
        parse_worlds(f'barn:{tmp_path}/empty')
