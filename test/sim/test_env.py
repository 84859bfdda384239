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

"""The Gymnasium environment, as learners from outside use it."""

import math

import gymnasium
from gymnasium.utils.env_checker import check_env
import numpy as np
from PIL import Image
import pytest
from rfsn_ros.errors import ConfigError, InputError
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.navigation.robots import settings_of
from rfsn_ros.sim import SimConfig, World
from rfsn_ros.sim.config import DropoutsConfig, RobotConfig
from rfsn_ros.sim.env import ENV_ID, NavigationEnv

SHORT = World(name='short', start=Pose2D(), goal=(3.0, 0.0), reference_length=3.0, timeout=5.0)
WALL = World(name='wall', start=Pose2D(), goal=(6.0, 0.0), reference_length=6.0,
             boxes=[(2.0, 0.0, 0.1, 3.0, 0.0)])
IDEAL = SimConfig.for_robot('jackal', disturbances='ideal')


@pytest.fixture
def make():
    made = []

    def build(worlds, **settings):
        made.append(NavigationEnv(worlds, **{'sim': IDEAL, **settings}))
        return made[-1]

    yield build
    for env in made:
        env.close()


@pytest.mark.parametrize('action', ['primitive', 'twist'])
@pytest.mark.filterwarnings('error')
def test_gymnasium_finds_nothing_wrong(action):
    env = gymnasium.make(f'rfsn_ros.sim.env:{ENV_ID}', worlds='generated:0-1', action=action,
                         render_mode='rgb_array')
    check_env(env.unwrapped)
    env.close()


def drive(env, choose, *, seed=3, options=None, steps=1000):
    observation, info = env.reset(seed=seed, options=options)
    rows, done = [observation['context']], False
    total = 0.0
    while not done and len(rows) <= steps:
        observation, reward, terminated, truncated, info = env.step(choose(env, info))
        rows.append(observation['context'])
        total += reward
        done = terminated or truncated
    return np.array(rows), total, info, terminated


def feasible(env, info):
    return int(np.flatnonzero(info['mask'])[len(np.flatnonzero(info['mask'])) // 2])


def test_the_same_seed_gives_the_same_drive(make):
    env = make('generated:0-5', sim=SimConfig.for_robot('jackal'))
    first, again = (drive(env, feasible, steps=25) for _ in range(2))
    np.testing.assert_array_equal(first[0], again[0])
    assert first[1] == again[1]
    other = drive(env, feasible, seed=4, steps=25)
    assert not np.array_equal(first[0], other[0])


def test_straight_ahead_reaches_the_goal(make):
    env = make([SHORT])
    straight = next(i for i, p in enumerate(env.navigator.library.primitives)
                    if p.kind.value == 'arc' and p.turn_rate == 0.0)
    _, total, info, terminated = drive(env, lambda env, info: straight)
    assert terminated
    assert info['is_success']
    assert info['outcome'] == 'success'
    assert info['score'] > 0.3
    assert total > 0.0


def test_driving_into_a_wall_by_twist_is_a_collision(make):
    env = make([WALL], action='twist')
    env.reset(seed=0)
    terminated = False
    while not terminated:
        _, _, terminated, _, info = env.step(np.array([1.0, 0.0], dtype=np.float32))
    assert (info['outcome'], info['score'], info['is_success']) == ('collision', 0.0, False)


def test_a_primitive_that_is_not_feasible_becomes_a_stop(make):
    env = make([WALL])
    _, info = env.reset(seed=0)
    fastest = int(np.argmax(env.navigator.library.table[:, 0]))
    for _ in range(20):
        info = env.step(fastest)[4]
        if info['override']:
            break
    assert info['override']
    for _ in range(30):
        _, _, terminated, _, _ = env.step(fastest)
    assert not terminated
    assert env.sim.contact is False


def test_standing_still_is_truncated(make):
    env = make([World(name='w', start=Pose2D(), goal=(9.0, 0.0), reference_length=9.0,
                      timeout=2.0)])
    _, _, info, terminated = drive(env, lambda env, info: 0)
    assert not terminated
    assert info['outcome'] == 'timeout'


def test_the_world_can_be_chosen(make):
    env = make([SHORT, WALL])
    assert env.reset(seed=0, options={'world': 1})[1]['world'] == 'wall'
    assert env.reset(seed=0, options={'world': 0})[1]['world'] == 'short'
    assert env.reset(seed=0, options={'world': np.int64(1)})[1]['world'] == 'wall'
    with pytest.raises(InputError, match='must be in'):
        env.reset(options={'world': np.int64(2)})


def test_a_drive_does_not_begin_with_what_the_drive_before_saw(make):
    env = make([SHORT])
    env.reset(seed=0)
    env.sim.config = IDEAL.replace(
        disturbances=IDEAL.disturbances.replace(dropouts=DropoutsConfig(rate=1.0)))
    with pytest.raises(InputError, match='nothing usable'):
        env.reset(seed=0)
    with pytest.raises(InputError, match='reset'):
        env.step(0)


def test_drives_through_a_map_begin_with_room_for_the_robot(make, tmp_path):
    pixels = np.full((100, 100), 254, dtype=np.uint8)
    pixels[::99] = pixels[:, ::99] = 0
    Image.fromarray(pixels).save(tmp_path / 'map.pgm')
    (tmp_path / 'map.yaml').write_text('{image: map.pgm, resolution: 0.04, origin: [0, 0, 0]}')
    robot = RobotConfig(length=2.0, width=1.0)
    env = make(f'map:{tmp_path}/map.yaml:0-19', sim=IDEAL.replace(robot=robot))
    for index in range(20):
        env.reset(seed=0, options={'world': index})
        assert not env.sim.contact


def test_masks_are_where_sb3_contrib_looks_for_them(make):
    env = make([WALL])
    with pytest.raises(InputError, match='reset'):
        env.action_masks()
    _, info = env.reset(seed=0)
    np.testing.assert_array_equal(env.action_masks(), info['mask'])
    assert env.action_masks()[0]


def test_misuse_is_refused(make):
    env = make([SHORT])
    with pytest.raises(InputError, match='reset'):
        env.step(0)
    env.reset(seed=0)
    with pytest.raises(InputError, match='must be in'):
        env.step(10_000)
    with pytest.raises(ConfigError, match='at least one'):
        NavigationEnv([])
    with pytest.raises(ConfigError, match='primitive or twist'):
        NavigationEnv([SHORT], action='joystick')
    with pytest.raises(ConfigError, match='rgb_array'):
        NavigationEnv([SHORT], render_mode='human')
    with pytest.raises(ConfigError, match='control_rate = 30: '):
        NavigationEnv([SHORT], navigation=NavigationConfig(control_rate=30.0))
    with pytest.raises(InputError, match='reset'):
        NavigationEnv([SHORT], render_mode='rgb_array').render()


@pytest.mark.parametrize('action', [[1.0, -1.0], (1, -1), np.array([1.0, -1.0])])
@pytest.mark.filterwarnings('error')
def test_a_twist_may_be_numbers_of_any_kind(make, action):
    env = make([SHORT], action='twist')
    env.reset(seed=0)
    expected = env.step(np.array([1.0, -1.0], dtype=np.float32))[0]['context']
    env.reset(seed=0)
    np.testing.assert_array_equal(env.step(action)[0]['context'], expected)


@pytest.mark.parametrize('action', [[math.nan, 0.0], [1.5, 0.0], [0.0], None, 'ahead'])
def test_a_twist_out_of_its_space_is_refused(make, action):
    env = make([SHORT], action='twist')
    env.reset(seed=0)
    with pytest.raises(InputError, match='must be in Box'):
        env.step(action)


def test_the_driver_believes_in_the_robot_that_is_simulated(make):
    burger = make([SHORT], sim=SimConfig.for_robot('turtlebot3')).navigator.config
    assert burger == settings_of('turtlebot3')
    own = IDEAL.robot.replace(length=1.0, width=0.8, max_speed=1.2)
    model = make([SHORT], sim=IDEAL.replace(robot=own)).navigator.config.robot
    assert (model.length, model.width, model.max_speed) == (1.0, 0.8, 1.2)
    assert make([SHORT]).navigator.config == NavigationConfig()
