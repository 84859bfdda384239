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

"""A way around a wall is found however far its end is from the straight line to the goal."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from rfsn_ros.navigation import make_policy, NavigationConfig, Navigator, Pose2D
from rfsn_ros.navigation.reachable import joined
from rfsn_ros.sim import make_simulator, SimConfig
from rfsn_ros.sim.worlds import World
from rfsn_ros.training.episode import run_episode
from scipy.ndimage import label

BLOCKED = 36.0


@given(
    seed=st.integers(0, 10_000), density=st.floats(0.1, 0.6), width=st.integers(12, 40),
    height=st.integers(12, 40))
def test_cells_are_joined_as_a_library_says(seed, density, width, height):
    generator = np.random.default_rng(seed)
    cost = np.where(generator.random((width, height)) < density, BLOCKED, 1.0)
    first, last = generator.integers((width, height), size=(2, 2))
    cost[tuple(first)] = cost[tuple(last)] = 1.0
    regions, _ = label(cost < BLOCKED)
    assert joined(cost, BLOCKED, *first, *last) == (regions[tuple(first)] == regions[tuple(last)])


def test_a_robot_close_to_a_wall_is_on_its_side_of_it():
    cost = np.ones((40, 40))
    cost[:, 18:24] = BLOCKED
    assert not joined(cost, BLOCKED, 20, 20, 20, 38)
    assert joined(cost, BLOCKED, 20, 20, 20, 2)
    assert joined(cost, BLOCKED, 20, 21, 20, 38)


def test_where_there_is_no_room_near_nothing_is_joined():
    cost = np.full((40, 40), BLOCKED)
    cost[30:, 30:] = 1.0
    assert not joined(cost, BLOCKED, 5, 5, 35, 35)


@pytest.mark.parametrize('goal', [(2.0, 2.0), (2.0, -2.0)], ids=['left', 'right'])
def test_the_robot_drives_around_a_long_wall(goal):
    """7.5 m of wall between start and goal; the planned box is 3 m wider than both."""
    side = 1.0 if goal[1] > 0.0 else -1.0
    world = World(
        name='wall', start=Pose2D(2.0, -2.0 * side, 0.5 * np.pi * side), goal=goal,
        reference_length=14.0, timeout=40.0,
        segments=np.array([
            [-3.5, 0.0, 4.0, 0.0], [4.0, -5.0, 4.0, 5.0], [-6.0, -5.0, -6.0, 5.0],
            [-6.0, -5.0, 4.0, -5.0], [-6.0, 5.0, 4.0, 5.0]]))
    config = NavigationConfig()
    navigator = Navigator(config, make_policy('greedy', config))
    result = run_episode(make_simulator(SimConfig()), navigator, world, seed=1, number=0)
    assert result.success
