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

"""Looking: where the robot turns when the way ahead lies in a blind sector."""

import numpy as np
import pytest
from rfsn_ros.navigation import make_policy, Navigator
from rfsn_ros.navigation.observation import LaserScan, Observation


def blinded(observation, low, high):
    """Return the observation without the beams between two bearings, degrees."""
    scan = observation.scan
    bearings = np.degrees(scan.angles)
    ranges = np.where((bearings > low) & (bearings < high), np.nan, scan.ranges)
    return Observation(
        LaserScan(scan.stamp, ranges, scan.angle_min, scan.angle_increment, scan.range_min,
                  scan.range_max, scan.mount),
        observation.odometry, observation.goal)


@pytest.mark.parametrize(('low', 'high', 'side'), [(-20, 40, 1.0), (-40, 20, -1.0)])
def test_looking_turns_the_short_way_to_see_the_way_ahead(observe, config, low, high, side):
    """A left turn shows more than a right one of the way and its sides, if -20 to 40 is blind."""
    navigator = Navigator(config, make_policy('greedy:told', config))
    decision = navigator.decide(blinded(observe([]), low, high))
    looks = decision.velocities[navigator.library.index('look_0.00'), 2]
    assert len(decision.percept.lane)
    assert 20.0 <= side * np.degrees(looks) <= 60.0


def test_where_all_is_seen_looking_means_facing_the_way(observe, config):
    navigator = Navigator(config, make_policy('greedy:told', config))
    decision = navigator.decide(observe([], goal=(5.0, 5.0)))
    assert not len(decision.percept.lane)
    looks = decision.velocities[navigator.library.index('look_0.00'), 2]
    assert np.degrees(looks) == pytest.approx(45.0, abs=3.0)
