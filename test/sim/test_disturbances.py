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

"""Each disturbance alone: the statistics it promises."""

import math

import numpy as np
import pytest
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.sim.config import (
    BlindSectorConfig,
    CommandLatencyConfig,
    DropoutsConfig,
    LidarNoiseConfig,
    MovingObstaclesConfig,
    OdometryDriftConfig,
    SlipConfig,
)
from rfsn_ros.sim.disturbances import (
    BlindSector,
    CommandLatency,
    Dropouts,
    LidarNoise,
    MovingObstacles,
    OdometryDrift,
    Slip,
)
from rfsn_ros.sim.worlds import World


def rng():
    return np.random.default_rng(1)


def test_noise_has_its_sigma_and_leaves_inf():
    ranges = np.concatenate([np.full(20000, 5.0), [np.inf]])
    LidarNoise(LidarNoiseConfig(sigma=0.05), rng()).apply(ranges)
    assert np.std(ranges[:-1]) == pytest.approx(0.05, rel=0.03)
    assert np.mean(ranges[:-1]) == pytest.approx(5.0, abs=0.002)
    assert math.isinf(ranges[-1])


def test_noise_makes_no_range_negative():
    ranges = np.zeros(1000)
    LidarNoise(LidarNoiseConfig(sigma=0.5), rng()).apply(ranges)
    assert ranges.min() == 0.0


def test_dropouts_have_their_rate():
    ranges = np.ones(20000)
    Dropouts(DropoutsConfig(rate=0.1), rng()).apply(ranges)
    assert np.isnan(ranges).mean() == pytest.approx(0.1, abs=0.01)


def test_the_blind_sector_is_where_it_is_said_to_be():
    directions = np.radians(np.arange(-135.0, 136.0))
    ranges = np.ones(len(directions))
    BlindSector(BlindSectorConfig(width=60.0, center=45.0), rng(), directions).apply(ranges)
    blind = np.degrees(directions[np.isnan(ranges)])
    assert blind.min() == pytest.approx(15.0, abs=1.1)
    assert blind.max() == pytest.approx(75.0, abs=1.1)


def test_a_blind_sector_behind_wraps_around():
    directions = np.radians(np.arange(0.0, 360.0))
    ranges = np.ones(len(directions))
    BlindSector(BlindSectorConfig(width=20.0, center=0.0), rng(), directions).apply(ranges)
    assert 20 <= np.isnan(ranges).sum() <= 21
    assert np.isnan(ranges[[0, 5, 355]]).all()


def test_a_drawn_blind_sector_differs_between_seeds_and_not_within_one():
    directions = np.radians(np.arange(-135.0, 136.0))
    config = BlindSectorConfig(width=60.0)

    def blind(seed):
        ranges = np.ones(len(directions))
        BlindSector(config, np.random.default_rng(seed), directions).apply(ranges)
        return np.isnan(ranges)

    assert np.array_equal(blind(1), blind(1))
    assert not np.array_equal(blind(1), blind(2))


def test_drift_of_the_distance_is_one_scale_per_seed():
    scales = []
    for seed in range(300):
        drift = OdometryDrift(
            OdometryDriftConfig(distance_sigma=0.02, heading_sigma=0.0, twist_sigma=0.0),
            np.random.default_rng(seed))
        for _ in range(10):
            drift.advance(0.1, 0.0, 0.0)
        scales.append(drift.x)
    assert np.std(scales) == pytest.approx(0.02, rel=0.2)


def test_drift_of_the_heading_grows_with_the_root_of_the_way():
    headings = []
    for seed in range(300):
        drift = OdometryDrift(
            OdometryDriftConfig(distance_sigma=0.0, heading_sigma=0.01, twist_sigma=0.0),
            np.random.default_rng(seed))
        for _ in range(90):
            drift.advance(0.1, 0.0, 0.0)
        headings.append(drift.yaw)
    assert np.std(headings) == pytest.approx(0.03, rel=0.2)


def test_standing_still_nothing_drifts():
    drift = OdometryDrift(OdometryDriftConfig(), rng())
    for _ in range(100):
        drift.advance(0.0, 0.0, 0.0)
    assert (drift.x, drift.y, drift.yaw) == (0.0, 0.0, 0.0)


def test_commands_never_overtake_each_other():
    latency = CommandLatency(CommandLatencyConfig(seconds=0.3))
    latency.push(0.0, 1.0, 0.0)
    latency.configure(CommandLatencyConfig(seconds=0.0))
    latency.push(0.1, 2.0, 0.0)
    assert latency.at(0.2) == (0.0, 0.0)
    assert latency.at(0.3) == (2.0, 0.0)


def test_slip_has_its_mean_and_variation_and_stays_a_share():
    slip = Slip(SlipConfig(linear=0.2, angular=0.3, variation=0.05), rng(), 0.02)
    grips = np.array([slip.grip() for _ in range(50000)])
    np.testing.assert_allclose(grips.mean(axis=0), [0.8, 0.7], atol=0.01)
    np.testing.assert_allclose(grips.std(axis=0), [0.05, 0.05], atol=0.01)
    assert grips.min() >= 0.0
    assert grips.max() <= 1.0


def moving(seed, config, clearance=lambda x, y, radius: 1.0):
    world = World(name='w', start=Pose2D(0, 0, 0), goal=(10.0, 0.0), reference_length=10.0)
    return MovingObstacles(config, np.random.default_rng(seed), world, clearance)


def test_moving_obstacles_cross_the_way_and_keep_their_speed_limit():
    obstacles = moving(3, MovingObstaclesConfig(count=6, max_speed=1.0, reach=2.0))
    tracks = np.array([obstacles.circles(t)[:, :2] for t in np.arange(0.0, 20.0, 0.01)])
    speeds = np.hypot(*np.diff(tracks, axis=0).transpose(2, 0, 1)) / 0.01
    assert speeds.max() <= 1.0 + 1e-6
    assert np.median(speeds, axis=0).min() >= 0.5 - 1e-6
    assert (tracks[:, :, 1].min(axis=0) < -1.0).all()
    assert (tracks[:, :, 1].max(axis=0) > 1.0).all()
    assert (tracks[:, :, 0] > 0.0).all()


def test_moving_obstacles_turn_round_before_walls():
    obstacles = moving(3, MovingObstaclesConfig(count=6, reach=3.0),
                       clearance=lambda x, y, radius: 1.0 - abs(y) - radius)
    heights = np.array([obstacles.circles(t)[:, 1] for t in np.arange(0.0, 20.0, 0.01)])
    assert np.abs(heights).max() <= 0.8
    assert np.abs(heights).max() > 0.6


def test_moving_obstacles_slow_down_to_turn_round():
    obstacles = moving(3, MovingObstaclesConfig(count=6, max_speed=1.0))
    tracks = np.array([obstacles.circles(t)[:, :2] for t in np.arange(0.0, 20.0, 0.01)])
    change = np.hypot(*np.diff(tracks, n=2, axis=0).transpose(2, 0, 1)) / 0.01 ** 2
    assert change.max() <= MovingObstacles.TURNING * 1.05
    assert change.max() > 0.9 * MovingObstacles.TURNING


def test_moving_obstacles_leave_the_way_and_never_meet():
    obstacles = moving(3, MovingObstaclesConfig(count=6, reach=2.5))
    tracks = np.array([obstacles.circles(t)[:, :2] for t in np.arange(0.0, 40.0, 0.05)])
    spans = np.hypot(*(tracks.max(axis=0) - tracks.min(axis=0)).T)
    assert spans.min() >= MovingObstacles.LINE - 0.05
    apart = np.linalg.norm(tracks[:, :, None] - tracks[:, None], axis=-1)
    assert (apart + 9.0 * np.eye(6)).min() > 0.4


def test_no_moving_obstacles_are_no_circles():
    assert moving(0, MovingObstaclesConfig(count=0)).circles(1.0).shape == (0, 3)
