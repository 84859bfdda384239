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

"""Steps of many roll-outs at once are those of one."""

import math

from hypothesis import example, given, settings
from hypothesis import strategies as st
import numpy as np
from rfsn_ros.navigation.batch import (
    advance_all,
    disc_clearances,
    rooms,
    rooms_at,
    surely_clear,
)
from rfsn_ros.navigation.clearance import disc_clearance, Footprint, footprint_clearance
from rfsn_ros.navigation.grids import Grid, HIT
from rfsn_ros.navigation.motion import advance, Mobility
from rfsn_ros.navigation.nearest import cells_of, near_window

SEEDS = st.integers(0, 2**31)
FOOTPRINT, RES = Footprint(0.254, 0.215), 0.05


@given(SEEDS, st.integers(1, 50))
def test_all_move_as_each_would(seed, count):
    rng = np.random.default_rng(seed)
    state = rng.uniform(-3.0, 3.0, (5, count))
    asked = rng.uniform(-3.0, 3.0, (2, count)) * rng.integers(0, 2, (2, count))
    mobility = Mobility(*rng.uniform(0.5, 4.0, 4).tolist(), 2.0, 0.5, 1.5)
    moved = [row.copy() for row in state]
    advance_all(*moved, *asked, mobility, 0.1)
    for k in range(count):
        assert tuple(row[k] for row in moved) == advance(
            *state[:, k], *asked[:, k], mobility, 0.1)


@given(SEEDS, st.integers(0, 6))
def test_all_are_as_far_from_discs_as_each(seed, count):
    rng = np.random.default_rng(seed)
    x, y, yaw = rng.uniform(-2.0, 2.0, (3, 40))
    discs = np.column_stack([rng.uniform(-2.0, 2.0, (count, 2)), rng.uniform(0.1, 0.5, count)])
    found, cosine, sine = np.empty((3, 40))
    disc_clearances(x, y, yaw, FOOTPRINT, discs, cosine, sine, found)
    assert found.tolist() == [
        disc_clearance(x[k], y[k], yaw[k], FOOTPRINT, discs) for k in range(40)]


@settings(max_examples=40, deadline=None)
@given(SEEDS, st.integers(0, 12), st.floats(0.0, 0.2), st.floats(0.5, 6.0))
@example(2**24, 11, 0.0, 0.5)
def test_what_is_surely_clear_is_clear(seed, count, margin, reach):
    rng = np.random.default_rng(seed)
    score = np.zeros((80, 80), dtype=np.int8)
    x, y = np.zeros((80, 80)), np.zeros((80, 80))
    for ix, iy in rng.integers(0, 80, (count, 2)):
        score[ix, iy] = HIT
        x[ix, iy], y[ix, iy] = RES * (ix + rng.uniform()), RES * (iy + rng.uniform())
    cells = cells_of(Grid(score, x, y, 0.0, 0.0, RES), -1, -1, 82, 82)
    near, _ = near_window(cells, (1, 1, 81, 81), reach, False)
    room = rooms(near, reach)
    where = rng.uniform(-0.5, 4.5, (2, 100))
    around = np.empty(100)
    rooms_at(*where, room, near, around)
    sure = 0
    for k, (px, py) in enumerate(where.T):
        obstacles = np.hypot(x[score > 0] - px, y[score > 0] - py)
        assert around[k] <= obstacles.min(initial=math.inf)
        yaw = rng.uniform(-math.pi, math.pi)
        if surely_clear(px, py, yaw, FOOTPRINT, margin, room, near):
            sure += 1
            assert footprint_clearance(px, py, yaw, FOOTPRINT, near) >= margin
    assert sure or count
