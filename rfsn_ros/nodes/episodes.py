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

"""Episodes as messages."""

from __future__ import annotations

from rfsn_ros.config import RFSNConfig
from rfsn_ros.msg import Episode
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.nodes import convert
from rfsn_ros.sim.episode import Outcome
from rfsn_ros.sim.series import EpisodeSeries

__all__ = ['episode_message', 'outcome_of']

_NUMBERS = {
    Outcome.RUNNING: Episode.RUNNING, Outcome.SUCCESS: Episode.SUCCESS,
    Outcome.COLLISION: Episode.COLLISION, Outcome.TIMEOUT: Episode.TIMEOUT,
    Outcome.ABORTED: Episode.ABORTED}
_OUTCOMES = {number: outcome for outcome, number in _NUMBERS.items()}


def outcome_of(message: Episode) -> Outcome:
    """Return how an episode stands or ended."""
    return _OUTCOMES[message.outcome]


def episode_message(series: EpisodeSeries, config: RFSNConfig, wall_time: float) -> Episode:
    """Return how the episode under way stands, `wall_time` seconds after it began."""
    monitor, world = series.monitor, series.sim.world
    assert monitor is not None
    message = Episode()
    message.header.stamp = convert.time_message(series.now)
    message.header.frame_id = config.frames.odom
    message.id = f'episode-{config.bridge.seed}-{series.number}'
    message.number = series.number
    message.total = config.bridge.episodes
    message.world = world.name
    message.seed = series.seed
    message.outcome = _NUMBERS[monitor.outcome]
    message.start = convert.pose_message(Pose2D())
    message.goal = convert.point_message(world.goal_from_start)
    message.goal_tolerance = float(world.goal_tolerance)
    message.time = float(monitor.time)
    message.path_length = float(monitor.path_length)
    message.optimal_time = float(monitor.optimal_time)
    message.score = float(monitor.score)
    message.min_clearance = float(max(0.0, min(monitor.min_clearance, 1e6)))
    message.wall_time = wall_time
    return message
