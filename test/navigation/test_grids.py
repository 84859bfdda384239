"""Compiled grid work against plain definitions and a library."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfsn_ros.navigation.grids import FAR, march, nearest_points


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 23), st.integers(1, 17), st.floats(0.0, 0.4))
def test_nearest_points_are_those_of_the_nearest_cells(seed, nx, ny, density):
    generator = np.random.default_rng(seed)
    occupied = generator.random((nx, ny)) < density
    x, y = np.where(occupied, np.arange(nx)[:, None], FAR), np.where(occupied, np.arange(ny), FAR)
    found_x, found_y = nearest_points(x.astype(float), y.astype(float))
    cells = np.argwhere(occupied)
    for ix in range(nx):
        for iy in range(ny):
            if not len(cells):
                assert found_x[ix, iy] == FAR
                continue
            best = np.hypot(*(cells - (ix, iy)).T).min()
            assert np.hypot(found_x[ix, iy] - ix, found_y[ix, iy] - iy) == pytest.approx(best)


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
