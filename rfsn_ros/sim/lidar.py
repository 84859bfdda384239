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

"""The lidar: exact ranges first, then what spoils them."""

from __future__ import annotations

import math

import numpy as np
from rfsn_ros.navigation.observation import FloatArray, LaserScan, Pose2D
from rfsn_ros.sim.config import LidarConfig
from rfsn_ros.sim.geometry import cast_circles, cast_edges

__all__ = ['Lidar']


class Lidar:
    """Casts every beam against circles and line segments, without error."""

    def __init__(self, config: LidarConfig) -> None:
        self.config = config
        self.angles: FloatArray = (
            config.angle_min + config.angle_increment * np.arange(config.beams, dtype=np.float64))
        """Beam directions in the laser frame, shape (beams,), radians."""
        self._cos, self._sin = np.cos(self.angles), np.sin(self.angles)
        self._mount = config.mount

    def cast(self, pose: Pose2D, circles: FloatArray, edges: FloatArray) -> FloatArray:
        """
        Return true ranges, shape (beams,), metres, of a robot at `pose`.

        inf where nothing lies within range_max; 0 everywhere inside a circle.
        """
        config, mount = self.config, self._mount
        cos, sin = math.cos(pose.yaw), math.sin(pose.yaw)
        x = pose.x + cos * mount.x - sin * mount.y
        y = pose.y + sin * mount.x + cos * mount.y
        ranges = np.full(config.beams, np.inf)
        arguments = (x, y, pose.yaw + mount.yaw, config.angle_min, config.angle_increment,
                     self._cos, self._sin)
        if len(circles):
            cast_circles(*arguments, circles, ranges)
        if len(edges):
            cast_edges(*arguments, edges, ranges)
        ranges[ranges > config.range_max] = np.inf
        return ranges

    def scan(self, stamp: float, ranges: FloatArray) -> LaserScan:
        """Return ranges as a scan measured at `stamp` (seconds)."""
        config = self.config
        return LaserScan(
            stamp=stamp, ranges=ranges, angle_min=config.angle_min,
            angle_increment=config.angle_increment, range_min=config.range_min,
            range_max=config.range_max, mount=self._mount)
