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

"""Which obstacle is nearest: against plain definitions over all of them."""

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from rfsn_ros.navigation.clearance import Caution, clearances, clearances_along, Footprint
from rfsn_ros.navigation.grids import Grid, HIT, UNKNOWN
from rfsn_ros.navigation.nearest import (
    cells_of,
    FREE,
    hides,
    hiding,
    near_window,
    Nearest,
    UNSEEN,
)
from rfsn_ros.navigation.sight import beside

SEEDS = st.integers(0, 2**31)


def scene(seed, share):
    """Return scores of a grid with obstacles and cells never seen, and its points."""
    generator = np.random.default_rng(seed)
    score = generator.choice([0, UNKNOWN, HIT], (24, 24), p=[
        1.0 - share, 0.7 * share, 0.3 * share]).astype(np.int8)
    x, y = np.indices(score.shape) + generator.random((2, 24, 24))
    return score, x, y


def surroundings(score, x, y, at=(-1, -1), count=(26, 26)):
    """Return a window of a grid with cells of a metre."""
    return cells_of(Grid(score, x, y, 0.0, 0.0, 1.0), *at, *count)


def hidden_in(score):
    """Return which cells were never seen and belong to a block of two by two that is not free."""
    filled = np.pad(score != 0, 1)
    blocks = filled[:-1, :-1] & filled[1:, :-1] & filled[:-1, 1:] & filled[1:, 1:]
    return (score < 0) & (
        blocks[:-1, :-1] | blocks[1:, :-1] | blocks[:-1, 1:] | blocks[1:, 1:])


def check(near, sites, first, reach):
    """See to it that each cell of a box from `first` on has the nearest of sites within reach."""
    points = near.points
    for (ix, iy), nearest in np.ndenumerate(near.cells):
        here = np.array([ix, iy]) + first
        away = np.hypot(*(sites - here).T) if len(sites) else np.array([np.inf])
        if away.min() <= reach:
            found = np.floor(points[nearest]) - here
            assert np.hypot(*found) == pytest.approx(away.min())
        elif nearest >= 0:
            assert np.hypot(*(np.floor(points[nearest]) - here)) > reach


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.floats(0.0, 0.9), st.floats(0.0, 30.0), st.data())
def test_nearest_points_are_those_of_the_nearest_cells(seed, share, reach, data):
    """In any box of any window, as far as asked; what was never seen counts where it may hide."""
    score, x, y = scene(seed, share)
    at = np.array(data.draw(st.tuples(st.integers(0, 20), st.integers(0, 20)))) - 2
    count = np.array(data.draw(st.tuples(st.integers(3, 22), st.integers(3, 22))))
    around = surroundings(score, x, y, at.tolist(), count.tolist())
    low = [data.draw(st.integers(1, int(n) - 2)) for n in count]
    high = [data.draw(st.integers(lowest + 1, int(n) - 1))
            for lowest, n in zip(low, count, strict=True)]
    seen, veto = near_window(around, (*low, *high), reach, True)
    inside = np.zeros(score.shape, dtype=bool)
    inside[tuple(slice(max(a + 1, 0), max(a + n - 1, 0))
                 for a, n in zip(at, count, strict=True))] = True
    # beyond the window's rim nothing is known of what may hide
    looked_at = np.zeros(score.shape, dtype=np.int8)
    rim = tuple(slice(max(a, 0), max(a + n, 0)) for a, n in zip(at, count, strict=True))
    looked_at[rim] = score[rim]
    check(seen, np.argwhere((score > 0) & inside), at + low, reach)
    check(veto, np.argwhere(((score > 0) | hidden_in(looked_at)) & inside), at + low, reach)


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.floats(0.1, 1.0))
def test_one_cell_hides_what_all_together_do(seed, share):
    cells = surroundings(*scene(seed, share)).cells
    together = hiding(cells, 1, 25, 1, 25)
    np.testing.assert_array_equal(together, hidden_in(scene(seed, share)[0]))
    assert together.tolist() == [
        [int(hides(cells, ix, iy)) for iy in range(1, 25)] for ix in range(1, 25)]


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.floats(0.0, 1.0))
def test_beside_a_cell_is_what_is_nearest_to_it(seed, share):
    around = surroundings(*scene(seed, share))
    near, _ = near_window(around, (1, 1, 25, 25), 2.0, False)
    for (ix, iy), nearest in np.ndenumerate(near.cells):
        found = beside(around.cells, ix + 1, iy + 1)
        away = np.floor(near.points[nearest]) - (ix, iy) if nearest >= 0 else [9, 9]
        assert found == (nearest if np.abs(away).max() <= 1 else -1)


def test_a_window_may_reach_over_the_border():
    score = np.zeros((6, 6), dtype=np.int8)
    score[1, 2] = HIT
    score[3:5, 4:6] = UNKNOWN
    point_x, point_y = np.indices(score.shape) + 0.25
    around = surroundings(score, point_x, point_y, (-3, -3), (12, 12))
    assert around.cells[4, 5] == 0
    assert (around.cells[6:8, 7:9] == UNSEEN).all()
    assert np.count_nonzero(around.cells == FREE) == 144 - 5
    assert around.points.tolist() == [[1.25, 2.25]]
    seen, veto = near_window(around, (1, 1, 11, 11), 20.0, True)
    assert (seen.cells == 0).all()
    assert veto.points[veto.cells[3, 4]].tolist() == [1.25, 2.25]
    assert veto.points[veto.cells[9, 9]].tolist() == [4.5, 5.5]


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.floats(0.0, 0.05), st.floats(0.1, 3.0))
def test_clearances_are_known_as_far_as_is_asked(seed, share, heeded):
    """They are those with everything known, except where both are more than that."""
    generator = np.random.default_rng(seed)
    around = surroundings(*scene(seed, share))
    for _ in range(20):
        place = (*generator.uniform(0.0, 24.0, 2), generator.uniform(-3.0, 3.0))
        near, far = (
            clearances(*place, Footprint(1.3, 0.9), around, Caution(0.0, 0.0, looked, True))
            for looked in (heeded, 100.0))
        assert np.minimum(near, heeded).tolist() == np.minimum(far, heeded).tolist()


@settings(max_examples=60, deadline=None)
@given(SEEDS, st.integers(0, 3), st.booleans())
def test_what_leaves_the_window_is_never_clear(seed, count, falling):
    """Also where nothing is near what of the robot is still in it, and little of it is outside."""
    generator = np.random.default_rng(seed)
    near = np.full((80, 60), -1, dtype=np.int32)
    points = generator.uniform(0.0, 3.0, (count, 2))
    if count:
        near[:] = generator.integers(0, count, near.shape)
    states = np.zeros((50, 6))
    states[:, 0], states[:, 1] = generator.uniform(-0.5, 4.5, 50), generator.uniform(-0.5, 3.5, 50)
    states[:, 2] = generator.uniform(-4.0, 4.0, 50)
    result = np.empty(50)
    least = clearances_along(
        states, 0, 50, Footprint(0.25, 0.2),
        Nearest(np.asfortranarray(near), points, 0.0, 0.0, 0.05), 0.0, 0.5, 0.0, falling, 1.0,
        result)
    for (x, y, yaw), clear in zip(states[:, :3].tolist(), result.tolist(), strict=True):
        along = np.array([-0.1875, -0.0625, 0.0625, 0.1875])
        places = np.stack([x + np.cos(yaw) * along, y + np.sin(yaw) * along])
        if ((places < 0.0) | (places >= np.array([[4.0], [3.0]]))).any():
            assert clear <= 0.0
    if not falling:
        assert least == min(1.0, result.min())
