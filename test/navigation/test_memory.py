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

"""What the memory keeps and forgets."""

import numpy as np
from rfsn_ros.navigation import Pose2D
from rfsn_ros.navigation.config import MemoryConfig
from rfsn_ros.navigation.grids import UNKNOWN
from rfsn_ros.navigation.memory import beams_of, OccupancyMemory
from rfsn_ros.navigation.nearest import near_window

START = Pose2D()
DISC = [(2.0, 0.0, 0.2)]


def entered(observe, memory, circles, pose=START):
    memory.enter(beams_of(observe(circles, pose=pose).scan, pose, 6.0))


def test_points_lie_on_the_surface_that_was_seen(observe):
    memory = OccupancyMemory(MemoryConfig())
    memory.clear((0.0, 0.0))
    entered(observe, memory, DISC)
    points = memory.points()
    assert len(points)
    np.testing.assert_allclose(
        np.hypot(points[:, 0] - 2.0, points[:, 1]), 0.2, atol=0.02)


def test_what_left_is_forgotten_and_what_is_out_of_sight_is_kept(observe):
    memory = OccupancyMemory(MemoryConfig())
    memory.clear((0.0, 0.0))
    entered(observe, memory, DISC)
    entered(observe, memory, DISC, Pose2D(0.0, 0.0, np.pi))  # looks away
    assert len(memory.points())
    for _ in range(5):
        entered(observe, memory, [])
    assert not len(memory.points())


def test_the_square_follows_and_keeps_what_it_still_holds(observe):
    memory = OccupancyMemory(MemoryConfig(size=8.0))
    memory.clear((0.0, 0.0))
    entered(observe, memory, DISC)
    before = memory.points()
    memory.follow(2.5, 0.0)
    np.testing.assert_allclose(np.sort(memory.points(), axis=0), np.sort(before, axis=0))
    memory.follow(50.0, 50.0)
    assert not len(memory.points())


def test_without_memory_only_the_newest_scan_counts(observe):
    memory = OccupancyMemory(MemoryConfig(enabled=False))
    memory.clear((0.0, 0.0))
    entered(observe, memory, DISC)
    entered(observe, memory, [(0.0, 2.0, 0.2)])
    assert (memory.points()[:, 1] > 1.0).all()


def test_a_single_cell_never_seen_hides_nothing_but_a_block_may():
    memory = OccupancyMemory(MemoryConfig())
    memory.clear((0.0, 0.0))
    score = memory.grid.score
    score.fill(0)
    score[200, 200] = score[210:212, 210:212] = UNKNOWN
    around = memory.around(0.0, 0.0, 1.0)
    nx, ny = around.cells.shape
    seen, veto = near_window(around, (1, 1, nx - 1, ny - 1), 1.0, True)
    x, y = memory.grid.origin_x + 0.05 * 210.5, memory.grid.origin_y + 0.05 * 210.5
    assert len(veto.points) == 4
    assert (seen.cells == -1).all()
    assert set(np.unique(veto.cells)) >= {0, 1, 2, 3}
    np.testing.assert_allclose(veto.points.min(axis=0), (x, y), atol=1e-9)
