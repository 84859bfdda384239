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

"""What bandit_node tells of its decisions and its model, as messages."""

from __future__ import annotations

from builtin_interfaces.msg import Time
from rfsn_ros.config import Mode, RFSNConfig
from rfsn_ros.msg import Decision, ModelInfo
from rfsn_ros.nodes import convert
from rfsn_ros.nodes.inputs import Pair
from rfsn_ros.nodes.pilot import Decided, Pilot
from rfsn_ros.replay.digest import digest_of

__all__ = ['decision_message', 'model_message']

_MODES = {
    Mode.ONLINE: Decision.MODE_ONLINE, Mode.FROZEN: Decision.MODE_FROZEN,
    Mode.APPRENTICE: Decision.MODE_APPRENTICE, Mode.SHADOW: Decision.MODE_SHADOW}


def decision_message(
    decided: Decided, pair: Pair, pilot: Pilot, config: RFSNConfig,
) -> Decision:
    """Return a decision with all that is needed to make it anew, and its propensity."""
    made, requested = decided.navigation, decided.requested
    assert pilot.goal is not None
    message = Decision()
    message.header.stamp = convert.time_message(made.stamp)
    message.header.frame_id = config.frames.odom
    message.id = made.id
    message.episode = decided.episode
    message.mode = _MODES[config.driving.mode]
    message.scan_stamp = convert.stamp_message(pair.scan_stamp)
    message.odom_stamp = convert.stamp_message(pair.odometry_stamp)
    message.pose = convert.pose_message(pair.odometry.pose)
    message.goal = convert.point_message(pilot.goal)
    message.context = convert.doubles(made.context)
    message.action_features = convert.doubles(made.actions)
    message.feasible = made.mask.tolist()
    message.pmf = convert.doubles(requested.pmf)
    message.requested = requested.action
    message.probability = requested.probability
    message.seed = config.bandit.seed
    message.draw = requested.draw
    message.executed = decided.driven
    message.executed_probability = decided.driven_probability
    message.command = convert.twist_message(made.command)
    message.model_checksum = pilot.model_checksum
    message.example_count = requested.example_count
    message.learned = list(decided.learned)
    message.digest = digest_of(message)
    return message


def model_message(pilot: Pilot, config: RFSNConfig, stamp: Time) -> ModelInfo:
    """Return the model with the names of its features."""
    message = ModelInfo()
    message.header.stamp = stamp
    message.backend = pilot.bandit.backend
    message.version = pilot.bandit.library_version
    message.command_line = pilot.bandit.command_line
    message.checksum = pilot.model_checksum
    message.example_count = pilot.bandit.example_count
    message.seed = config.bandit.seed
    message.primitives = list(pilot.navigator.library.names)
    message.context_features = list(pilot.navigator.context_names)
    message.action_features = list(pilot.navigator.action_names)
    message.config = config.to_yaml()
    message.model = pilot.model_bytes
    message.digest = digest_of(message)
    return message
