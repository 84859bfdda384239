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

"""A way that cannot be driven is given up for another."""

import numpy as np
from rfsn_ros.navigation import NavigationConfig, Pose2D
from rfsn_ros.navigation.guidance import Guidance
from rfsn_ros.navigation.impasse import Impasses
from rfsn_ros.navigation.memory import OccupancyMemory
from rfsn_ros.navigation.perception import Perception

WALL = [(2.0, y, 0.1) for y in np.arange(-3.0, 3.0, 0.1) if abs(y) > 0.4 and abs(y - 2.0) > 0.6]


def seen(count, *, moves=False, max_speed=2.0):
    """Return what is closed after `count` decisions."""
    impasses = Impasses(max_speed)
    for number in range(count):
        x = 0.1 * number if moves else 0.05 * (number % 2)
        impasses.observe(0.2 * number, Pose2D(x, 0.0, 0.0), 0.0)
    return impasses.spots


def test_only_a_robot_that_stays_around_one_place_is_stuck():
    assert len(seen(90, moves=True)) == 0
    assert len(seen(45)) == 0
    spots = seen(60)
    assert spots.shape == (1, 3)
    assert 0.3 < spots[0, 0] < 0.5


def test_a_slow_robot_that_moves_is_not_stuck():
    impasses = Impasses(0.13)
    for number in range(200):
        impasses.observe(0.2 * number, Pose2D(0.02 * number, 0.0, 0.0), 0.0)
    assert len(impasses.spots) == 0


def test_guidance_leads_round_what_is_closed(observe):
    config = NavigationConfig()
    memory = OccupancyMemory(config.memory)
    perception = Perception(config)
    perception.memory = memory
    perception.update(observe(WALL))
    guidance = Guidance(config.guidance, 0.255)

    def aside(*closed):
        field = guidance.field(
            guidance.terrain(memory, 0.0, 0.0, (4.0, 0.0)),
            closed=np.array(closed).reshape(-1, 3))

        def cost(x, y):
            return field.value[int((x - field.origin_x) / field.resolution),
                               int((y - field.origin_y) / field.resolution)]
        return cost(1.5, 2.0) < cost(1.5, 0.0)

    assert not aside()
    assert aside((2.0, 0.0, 0.4))


def test_a_robot_that_gets_nowhere_is_sent_another_way(observe):
    perception = Perception(NavigationConfig())
    before = perception.update(observe(WALL, goal=(4.0, 0.0))).value
    for number in range(1, 60):
        percept = perception.update(observe(WALL, stamp=0.2 * number, goal=(4.0, 0.0)))
    assert percept.value > before + 0.3
    perception.reset()
    assert abs(perception.update(observe(WALL, goal=(4.0, 0.0))).value - before) < 1e-6


def test_it_is_so_too_where_something_moves_all_the_time(observe):
    perception = Perception(NavigationConfig())
    moving = []
    for number in range(60):
        time = 0.2 * number
        y = -0.9 + abs(0.5 * time % 3.6 - 1.8)  # to and fro between the robot and the wall
        percept = perception.update(
            observe([*WALL, (1.2, y, 0.2)], stamp=time, goal=(4.0, 0.0)))
        moving.append(len(percept.discs) > 0)
    assert np.mean(moving[-50:]) > 0.8
    assert len(perception.impasses.spots) == 1
