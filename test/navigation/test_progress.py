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

"""What progress is measured against."""

import pytest
from rfsn_ros.navigation.progress import attainable, progress_share

ROBOT = {'limit': 2.0, 'acceleration': 1.0, 'latency': 0.2}


def test_a_robot_at_full_speed_can_cover_the_straight_line():
    assert attainable(2.0, 1.0, **ROBOT) == pytest.approx(2.0)


def test_a_robot_that_sets_off_covers_what_its_acceleration_allows():
    assert attainable(0.0, 2.2, **ROBOT) == pytest.approx(2.0)  # two seconds up to full speed
    assert attainable(0.0, 3.2, **ROBOT) == pytest.approx(4.0)  # and one at full speed
    assert attainable(1.0, 0.7, **ROBOT) == pytest.approx(0.825)  # 0.2 s, then 0.5 s rising


def test_latency_leaves_a_standing_robot_a_fifth_of_full_speed():
    assert attainable(0.0, 0.2, **ROBOT) == pytest.approx(0.2 * 2.0 * 0.2)


def test_gains_are_measured_against_what_can_be_reached_and_losses_against_full_speed():
    shares = [progress_share(gained, 0.5, 2.0, False) for gained in (0.5, -0.5, 9.0, -9.0)]
    assert shares == pytest.approx([1.0, -0.25, 1.5, -1.0])


def test_where_something_moves_a_part_of_the_best_is_as_good_as_all_of_it():
    shares = [progress_share(gained, 0.5, 2.0, True) for gained in (0.1, 0.3, 0.5, -0.4, -0.9)]
    assert shares == pytest.approx([0.5, 1.5, 1.5, -0.5, -1.0])
