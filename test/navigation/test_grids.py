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

"""Compiled grid work against plain definitions and a library."""

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from rfsn_ros.navigation.costs import march, traversal_cost
from rfsn_ros.navigation.grids import Grid, HIT


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 3), st.floats(0.0, 0.2), st.floats(0.0, 2.0))
def test_the_cost_grows_near_obstacles_and_not_in_the_open(seed, factor, density, comfort):
    generator = np.random.default_rng(seed)
    score = np.where(generator.random((24, 24)) < density, HIT, 0).astype(np.int8)
    point_x, point_y = np.indices(score.shape) + generator.random((2, 24, 24))
    cost = traversal_cost(
        Grid(score, point_x, point_y, 0.0, 0.0, 1.0), 0, 0, factor, 24 // factor, 24 // factor,
        0.7, comfort + 1e-6, 2.0, 36.0)
    for ix, iy in np.ndindex(cost.shape):
        # of the obstacles in one cell the last counts, so the distance is known to a cell
        middle = factor * (np.array([ix, iy]) + 0.5)
        points = np.argwhere(score > 0)
        nearest = np.inf if not len(points) else np.hypot(
            *(middle - np.stack([point_x, point_y], -1)[tuple(points.T)]).T).min()
        slack = 2.0 * np.sqrt(2.0) * factor
        if nearest - 0.7 >= comfort + 1e-6:
            assert cost[ix, iy] == 1.0
        if nearest + slack <= 0.7:
            assert cost[ix, iy] == 36.0
        assert 1.0 <= cost[ix, iy] <= 36.0


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**31))
def test_the_cost_to_go_solves_its_equation(seed):
    cost = np.random.default_rng(seed).choice([1.0, 2.0, 36.0], (21, 17), p=[0.6, 0.2, 0.2])
    value = march(cost, 0.1, 3, 5, 20, 16, 1e6)
    padded = np.pad(value, 1, constant_values=np.inf)
    a = np.minimum(padded[:-2, 1:-1], padded[2:, 1:-1])
    b = np.minimum(padded[1:-1, :-2], padded[1:-1, 2:])
    step = 0.1 * cost
    gap = np.minimum(np.abs(a - b), step)
    both = np.abs(a - b) < step
    wanted = np.where(
        both, np.minimum(a, b) + 0.5 * (gap + np.sqrt(2.0 * step**2 - gap**2)),
        np.minimum(a, b) + step)
    wanted[3, 5] = 0.0
    np.testing.assert_allclose(value, wanted, rtol=1e-12)


def test_march_gives_straight_line_distances_in_free_space():
    value = march(np.ones((61, 61)), 0.1, 30, 30, 0, 0, 100.0)
    ix, iy = np.indices(value.shape)
    distance = 0.1 * np.hypot(ix - 30, iy - 30)
    assert np.abs(value - distance).max() < 0.2
    assert value[30, 30] == 0.0


def test_march_agrees_with_the_shortest_paths_of_a_library():
    graph = pytest.importorskip('skimage.graph')
    cost = np.ones((50, 40))
    cost[20, :30] = 50.0
    cost[35, 10:] = 50.0
    value = march(cost, 1.0, 5, 5, 49, 39, 1e6)
    reference, _ = graph.MCP_Geometric(cost).find_costs([(5, 5)])
    free = (cost == 1.0) & (reference > 5.0)
    # the library walks in eight directions, up to 8 % longer than the straight line
    ratio = value[free] / reference[free]
    assert ratio.min() > 0.88
    assert ratio.max() < 1.12


def test_march_may_stop_once_the_robot_is_reached():
    cost = np.ones((80, 80))
    whole = march(cost, 0.1, 40, 40, 0, 0, 1e6)
    part = march(cost, 0.1, 40, 40, 45, 40, 1.0)
    near = whole < 1.4
    np.testing.assert_allclose(part[near], whole[near], atol=1e-9)
    assert part.max() < whole.max()
