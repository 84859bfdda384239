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

"""Worlds, their sources and the specifications that name them."""

import itertools
import json
import math

import numpy as np
import pytest
from rfsn_ros.errors import WorldError
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.sim import parse_worlds, World
from rfsn_ros.sim.generator import generate_world
from rfsn_ros.sim.spec import endless_worlds, parse_indices


@pytest.fixture
def barn(tmp_path):
    content = {
        'meta': {'cylinder_radius': 0.075, 'start': [-2.25, 3.0, 1.57], 'goal': [-2.25, 13.0],
                 'goal_tolerance': 1.0, 'timeout_s': 100.0},
        'worlds': {'7': {'c': [-1.0, 5.0, -2.0, 6.0], 'L': 11.5},
                   '11': {'c': [], 'L': 10.0}, '13': {'c': [-3.0, 7.0], 'L': 10.5}},
    }
    file = tmp_path / 'a:b.json'
    file.write_text(json.dumps(content))
    return file


def change(file, edit):
    content = json.loads(file.read_text())
    edit(content)
    file.write_text(json.dumps(content))


def test_barn_json_is_read_as_it_is(barn):
    seven, eleven, thirteen = parse_worlds(f'barn:{barn}')
    assert [seven.name, eleven.name, thirteen.name] == ['barn:7', 'barn:11', 'barn:13']
    np.testing.assert_allclose(seven.circles, [[-1.0, 5.0, 0.075], [-2.0, 6.0, 0.075]])
    assert seven.start == Pose2D(-2.25, 3.0, 1.57)
    assert seven.goal == (-2.25, 13.0)
    assert (seven.reference_length, seven.goal_tolerance, seven.timeout) == (11.5, 1.0, 100.0)
    assert eleven.circles.shape == (0, 3)


def test_indices_select_and_order(barn):
    assert [w.name for w in parse_worlds(f'barn:{barn}:13,7')] == ['barn:13', 'barn:7']


@pytest.mark.parametrize(('edit', 'words'), [
    (lambda c: c.pop('meta'), 'not a compact BARN file'),
    (lambda c: c['worlds']['7'].pop('L'), 'not a compact BARN file'),
    (lambda c: c['worlds']['7'].update(c=[1.0, 2.0, 3.0]), 'flat list'),
    (lambda c: c['worlds']['7'].update(c=[1.0, 'x']), 'flat list'),
    (lambda c: c['worlds']['7'].update(c=[{}]), r'c = \[\{\}\]: must be a flat list'),
    (lambda c: c['worlds']['7'].update(c=[10 ** 400, 0]), 'flat list'),
    (lambda c: c['worlds']['7'].update(L='x'), "barn:7: L = 'x': must be a number"),
    (lambda c: c['worlds']['7'].update(L=10 ** 400), 'L = 10.*: must be a number'),
    (lambda c: c['meta'].update(cylinder_radius='abc'), "cylinder_radius = 'abc': must be"),
    (lambda c: c['meta'].update(start=[1, 2]), r'start = \[1, 2\]: must be 3 numbers'),
    (lambda c: c['meta'].update(start='123'), "start = '123': must be 3 numbers"),
    (lambda c: c['meta'].update(goal=[1, 2, 3]), r'goal = \[1, 2, 3\]: must be 2 numbers'),
    (lambda c: c['meta'].update(goal=None), 'goal = None: must be 2 numbers'),
    (lambda c: c['meta'].update(timeout_s=[9]), r'timeout_s = \[9\]: must be a number'),
    (lambda c: c['worlds']['7'].update(c=[math.nan, 2.0]), 'finite'),
    (lambda c: c['worlds']['7'].update(L=-1.0), 'reference_length'),
    (lambda c: c['meta'].update(cylinder_radius=0.0), 'sizes'),
])
def test_a_malformed_barn_file_is_refused_with_the_reason(barn, edit, words):
    change(barn, edit)
    with pytest.raises(WorldError, match=words):
        parse_worlds(f'barn:{barn}')


def test_what_is_no_barn_file_is_refused(tmp_path):
    (tmp_path / 'x.json').write_text('{"worlds": ')
    with pytest.raises(WorldError, match='not JSON'):
        parse_worlds(f'barn:{tmp_path}/x.json')
    with pytest.raises(WorldError, match='No such file'):
        parse_worlds(f'barn:{tmp_path}/y.json')
    (tmp_path / 'deep.json').write_text('[' * 100_000)
    with pytest.raises(WorldError, match='not JSON'):
        parse_worlds(f'barn:{tmp_path}/deep.json')
    (tmp_path / 'z.json').write_text('[]')
    with pytest.raises(WorldError, match='not a compact BARN file'):
        parse_worlds(f'barn:{tmp_path}/z.json')


def test_a_missing_index_is_named(barn):
    with pytest.raises(WorldError, match='holds no world 8, 9'):
        parse_worlds(f'barn:{barn}:7-9')


@pytest.mark.parametrize('spec', ['', 'barn', 'barn:', 'generated:', 'generated:a', 'mars:1',
                                  'generated:1-', 'map:', 'gazebo:x.world', 'generated:-1'])
def test_a_specification_that_is_none_is_refused(spec):
    with pytest.raises(WorldError, match='expected'):
        parse_worlds(spec)


def test_specifications_are_joined(barn):
    names = [w.name for w in parse_worlds(f'generated:1,3 ; barn:{barn}:11')]
    assert names == ['generated:1', 'generated:3', 'barn:11']


def test_a_range_that_runs_backwards_is_refused():
    with pytest.raises(WorldError, match='backwards'):
        parse_indices('5-3')


def test_a_generated_world_follows_from_its_seed():
    first, again, other = generate_world(5), generate_world(5), generate_world(6)
    np.testing.assert_array_equal(first.circles, again.circles)
    assert first.reference_length == again.reference_length
    assert not np.array_equal(first.circles, other.circles)
    with pytest.raises(WorldError, match='>= 0'):
        generate_world(-1)


@pytest.mark.parametrize('seed', range(12))
def test_a_generated_world_can_be_driven_through(seed):
    world = generate_world(seed)
    assert 9.9 <= world.reference_length < 20.0
    gaps = np.hypot(world.circles[:, 0] - world.start.x, world.circles[:, 1] - world.start.y)
    assert gaps.min() > 1.0
    assert 100 < len(world.circles) < 500


def test_the_goal_is_seen_from_the_start_pose():
    world = World(name='w', start=Pose2D(1.0, 2.0, math.pi / 2), goal=(1.0, 7.0),
                  reference_length=5.0, goal_tolerance=0.5)
    assert world.goal_from_start == pytest.approx((5.0, 0.0))
    assert world.straight_length == pytest.approx(4.5)


def test_edges_of_a_box_are_its_sides():
    world = World(name='w', start=Pose2D(), goal=(1.0, 0.0), reference_length=1.0,
                  boxes=[(1.0, 2.0, 2.0, 0.5, math.pi / 2)], segments=[(0, 0, 1, 1)])
    lengths = np.hypot(*(world.edges[:, 2:] - world.edges[:, :2]).T)
    np.testing.assert_allclose(sorted(lengths), sorted([math.sqrt(2), 4, 4, 1, 1]))
    x_min, y_min, x_max, y_max = world.bounds
    assert (x_min, y_min, x_max, y_max) == pytest.approx((0.0, 0.0, 1.5, 4.0))


def test_a_world_cannot_be_changed_by_accident():
    rows = np.array([[1.0, 2.0, 0.1]])
    world = World(name='w', start=Pose2D(), goal=(1.0, 0.0), reference_length=1.0, circles=rows)
    rows[0, 0] = 9.0
    assert world.circles[0, 0] == 1.0
    with pytest.raises(ValueError, match='read-only'):
        world.circles[0, 0] = 3.0


@pytest.mark.parametrize('change', [
    {'circles': [[0.0, 0.0]]}, {'circles': [[0.0, 0.0, math.inf]]}, {'boxes': [[0, 0, 0, 1, 0]]},
    {'goal': (math.nan, 0.0)}, {'timeout': 0.0}, {'reference_length': math.inf},
    {'goal': (0.0, 0.0)}, {'goal': (0.6, 0.7)},
])
def test_a_world_that_makes_no_sense_is_refused(change):
    good = {'name': 'w', 'start': Pose2D(), 'goal': (1.0, 0.0), 'reference_length': 1.0}
    with pytest.raises(WorldError):
        World(**{**good, **change})


def test_worlds_without_end():
    names = [world.name for world in itertools.islice(endless_worlds('generated', 2), 3)]
    assert names == ['generated:2000', 'generated:2001', 'generated:2002']
    names = [world.name for world in itertools.islice(endless_worlds('generated:4-5', 1), 3)]
    assert names == ['generated:4', 'generated:5', 'generated:4']
    with pytest.raises(WorldError):
        endless_worlds('mars', 1)
