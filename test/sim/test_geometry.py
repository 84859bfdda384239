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

"""The compiled kernels against brute force: every beam, every obstacle, plain formulas."""

import math

from hypothesis import assume, given, settings
from hypothesis import strategies as st
import numpy as np
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.sim.config import LidarConfig
from rfsn_ros.sim.geometry import block_cells, rectangle_clearance
from rfsn_ros.sim.lidar import Lidar
from rfsn_ros.sim.worlds import World

coordinate = st.floats(-8, 8)
size = st.floats(0.05, 1.5)
angle = st.floats(-10, 10)
circle = st.tuples(coordinate, coordinate, size)
segment = st.tuples(coordinate, coordinate, coordinate, coordinate)
box = st.tuples(coordinate, coordinate, size, size, angle)
lidars = st.sampled_from([
    LidarConfig(beams=91),
    LidarConfig(beams=90, angle_min=0.0, angle_max=2 * math.pi * 89 / 90, range_max=3.5),
    LidarConfig(beams=37, angle_min=-math.pi, angle_max=math.pi, mount_yaw=2.0, mount_y=0.1),
    LidarConfig(beams=5, angle_min=2.0, angle_max=2.5),
])


def brute_force(lidar, pose, circles, edges):
    """Ranges by solving every beam against every obstacle."""
    config, mount = lidar.config, lidar.config.mount
    x = pose.x + math.cos(pose.yaw) * mount.x - math.sin(pose.yaw) * mount.y
    y = pose.y + math.sin(pose.yaw) * mount.x + math.cos(pose.yaw) * mount.y
    ranges = []
    for a in lidar.angles + pose.yaw + mount.yaw:
        best, ux, uy = math.inf, math.cos(a), math.sin(a)
        for cx, cy, r in circles:
            dx, dy = cx - x, cy - y
            along, across = dx * ux + dy * uy, dx * uy - dy * ux
            if math.hypot(dx, dy) <= r:
                best = 0.0
            elif abs(across) <= r and along > 0:
                best = min(best, along - math.sqrt(r * r - across * across))
        for x1, y1, x2, y2 in edges:
            ex, ey = x2 - x1, y2 - y1
            cross = ux * ey - uy * ex
            if abs(cross) < 1e-12:
                continue
            t = ((x1 - x) * ey - (y1 - y) * ex) / cross
            s = ((x1 - x) * uy - (y1 - y) * ux) / cross
            if t >= 0 and 0 <= s <= 1:
                best = min(best, t)
        ranges.append(best if best <= config.range_max else math.inf)
    return np.array(ranges)


def grazes(lidar, pose, circles, edges):
    """Beams that pass an obstacle's border by less than rounding: either answer is right."""
    wider = [(x, y, r + 1e-7) for x, y, r in circles]
    longer = [(x1 - (x2 - x1) * 1e-6, y1 - (y2 - y1) * 1e-6, x2 + (x2 - x1) * 1e-6,
               y2 + (y2 - y1) * 1e-6) for x1, y1, x2, y2 in edges]
    narrower = [(x, y, r - 1e-7) for x, y, r in circles]
    shorter = [(x1 + (x2 - x1) * 1e-6, y1 + (y2 - y1) * 1e-6, x2 - (x2 - x1) * 1e-6,
                y2 - (y2 - y1) * 1e-6) for x1, y1, x2, y2 in edges]
    a = brute_force(lidar, pose, wider, longer)
    b = brute_force(lidar, pose, narrower, shorter)
    with np.errstate(invalid='ignore'):
        return ~((a == b) | (np.abs(a - b) < 1e-3))


@settings(max_examples=150, deadline=None)
@given(lidars, coordinate, coordinate, angle, st.lists(circle, max_size=8),
       st.lists(segment, max_size=6))
def test_ranges_are_those_of_brute_force(config, x, y, yaw, circles, edges):
    lidar, pose = Lidar(config), Pose2D(x, y, yaw)
    mount = config.mount
    laser = (x + math.cos(yaw) * mount.x - math.sin(yaw) * mount.y,
             y + math.sin(yaw) * mount.x + math.cos(yaw) * mount.y)
    # On top of a wall, which beams meet it is a matter of rounding.
    assume(rectangle_clearance(*laser, 0.0, 0.0, 0.0, np.zeros((0, 3)),
                               np.array(edges).reshape(-1, 4), np.zeros((0, 5))) > 1e-4)
    cast = lidar.cast(pose, np.array(circles).reshape(-1, 3), np.array(edges).reshape(-1, 4))
    expected = brute_force(lidar, pose, circles, edges)
    sure = ~grazes(lidar, pose, circles, edges)
    assert sure.sum() >= len(sure) // 2 or len(sure) < 10
    np.testing.assert_allclose(cast[sure], expected[sure], rtol=1e-6, atol=1e-6)


def test_a_wall_ahead_is_as_far_as_it_is():
    lidar = Lidar(LidarConfig(beams=3, angle_min=-0.5, angle_max=0.5, mount_x=0.2))
    ranges = lidar.cast(Pose2D(1.0, 0.0, 0.0), np.zeros((0, 3)), np.array([[3.2, -5, 3.2, 5.0]]))
    np.testing.assert_allclose(ranges, [2 / math.cos(0.5), 2.0, 2 / math.cos(0.5)])


def test_what_lies_beyond_the_reach_is_inf():
    lidar = Lidar(LidarConfig(range_max=3.0, mount_x=0.0))
    ranges = lidar.cast(Pose2D(), np.array([[4.0, 0.0, 0.5]]), np.zeros((0, 4)))
    assert np.isinf(ranges).all()


def outline(x, y, half_length, half_width, yaw, count=80):
    """Points on the border of a rectangle."""
    t = np.linspace(-1, 1, count)
    ones = np.ones(count)
    px = np.concatenate([t, t, ones, -ones]) * half_length
    py = np.concatenate([ones, -ones, t, t]) * half_width
    return np.column_stack([x + math.cos(yaw) * px - math.sin(yaw) * py,
                            y + math.sin(yaw) * px + math.cos(yaw) * py])


def inside(points, x, y, half_length, half_width, yaw):
    dx, dy = points[:, 0] - x, points[:, 1] - y
    return ((np.abs(math.cos(yaw) * dx + math.sin(yaw) * dy) <= half_length)
            & (np.abs(math.cos(yaw) * dy - math.sin(yaw) * dx) <= half_width))


@settings(max_examples=80, deadline=None)
@given(coordinate, coordinate, angle, st.lists(circle, max_size=5), st.lists(segment, max_size=4),
       st.lists(box, max_size=3))
def test_clearance_is_that_of_sampled_borders(x, y, yaw, circles, segments, boxes):
    world = World(name='w', start=Pose2D(), goal=(1.0, 0.0), reference_length=1.0,
                  circles=circles, segments=segments, boxes=boxes)
    found = rectangle_clearance(
        x, y, yaw, 0.5, 0.3, world.circles, world.edges, world.boxes)
    border = outline(x, y, 0.5, 0.3, yaw)
    expected = math.inf
    for cx, cy, r in circles:
        expected = min(expected, np.hypot(*(border - (cx, cy)).T).min() - r)
        if inside(np.array([[cx, cy]]), x, y, 0.5, 0.3, yaw).any():
            expected = 0.0
    others = [np.linspace((a, b), (c, d), 300) for a, b, c, d in segments]
    others += [outline(*b) for b in boxes]
    for points in others:
        gaps = np.hypot(*(border[:, None] - points[None]).transpose(2, 0, 1))
        expected = min(expected, gaps.min())
        if inside(points, x, y, 0.5, 0.3, yaw).any():
            expected = 0.0
    for b in boxes:
        if inside(border, *b).any():
            expected = 0.0
    if math.isinf(expected):
        assert math.isinf(found)
    else:
        # Sampling can only overestimate, by at most the spacing of the samples.
        assert found <= max(expected, 0.0) + 1e-9
        assert found >= expected - 0.06


@settings(max_examples=50, deadline=None)
@given(st.lists(circle, max_size=4), st.lists(segment, max_size=3), st.lists(box, max_size=3))
def test_blocked_cells_are_those_without_clearance(circles, segments, boxes):
    world = World(name='w', start=Pose2D(), goal=(1.0, 0.0), reference_length=1.0,
                  circles=circles, segments=segments, boxes=boxes)
    free = np.ones((20, 25), dtype=np.bool_)
    block_cells(free, -6.0, -5.0, 0.5, 0.3, world.circles, world.edges, world.boxes)
    for i in range(20):
        for j in range(25):
            clearance = rectangle_clearance(-6.0 + 0.5 * j, -5.0 + 0.5 * i, 0.0, 0.0, 0.0,
                                            world.circles, world.edges, world.boxes)
            if abs(clearance - 0.3) > 1e-9:
                assert free[i, j] == (clearance > 0.3)
