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

"""Scans, situations and drives that the tests share."""

import numpy as np
import pytest
from rfsn_ros.navigation import LaserScan, NavigationConfig, Observation, Odometry, Pose2D, Twist2D
from rfsn_ros.sim.config import LidarConfig
from rfsn_ros.sim.lidar import Lidar

START, STILL = Pose2D(), Twist2D()


@pytest.fixture
def config():
    return NavigationConfig()


@pytest.fixture
def observe():
    lidar = Lidar(LidarConfig())

    def make(circles, *, pose=START, twist=STILL, stamp=0.0, goal=(8.0, 0.0)):
        """Return what a perfect laser sees of circles (x, y, r) from a pose in the odom frame."""
        ranges = lidar.cast(pose, np.array(circles, float).reshape(-1, 3), np.zeros((0, 4)))
        ranges[ranges > 30.0] = np.inf
        scan = lidar.scan(stamp, ranges)
        assert isinstance(scan, LaserScan)
        return Observation(scan, Odometry(stamp, pose, twist), goal)

    return make
