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

"""
Checkpoints of a running bandit_node: services by name, automatic saving, start and end.

Names only: a caller on the network never says where on the disk something is written or read.
A checkpoint that cannot be written does not stop the robot; diagnostics and log tell.
"""

from __future__ import annotations

from collections.abc import Callable
import os
from pathlib import Path

from rclpy.node import Node
from rfsn_ros.bandit.checkpoints import Checkpoint, CheckpointStore, LATEST
from rfsn_ros.bandit.signing import read_key
from rfsn_ros.errors import CheckpointError
from rfsn_ros.msg import CheckpointInfo
from rfsn_ros.navigation.registry import default_checkpoint
from rfsn_ros.nodes import convert
from rfsn_ros.nodes.pilot import Pilot
from rfsn_ros.srv import ListCheckpoints, LoadCheckpoint, SaveCheckpoint

__all__ = ['CheckpointServices', 'default_folder']

SHIPPED = 'default'


def default_folder(namespace: str) -> Path:
    """
    Return where a node in a namespace keeps checkpoints unless `bandit.checkpoint_dir` says.

    ``$ROS_HOME/rfsn_ros/NAMESPACE/checkpoints``; ROS_HOME is ``~/.ros`` where it is not set.
    """
    home = os.environ.get('ROS_HOME') or Path.home() / '.ros'
    return Path(home, 'rfsn_ros', *namespace.strip('/').split('/'), 'checkpoints')


class CheckpointServices:
    """
    `~/save_checkpoint`, `~/load_checkpoint`, `~/list_checkpoints` and automatic saving.

    `on_loaded` is called after another model became the live one.
    """

    def __init__(self, node: Node, pilot: Pilot, on_loaded: Callable[[], None]) -> None:
        self._node = node
        self._pilot = pilot
        self._on_loaded = on_loaded
        settings = pilot.config.bandit
        key_file = pilot.config.driving.checkpoint_key_file
        self._store = CheckpointStore(
            settings.checkpoint_dir or default_folder(node.get_namespace()),
            keep=settings.keep_checkpoints, key=read_key(key_file) if key_file else None)
        self._first_examples = self._saved_examples = 0
        self.problems: list[str] = []
        self.saved_at: float | None = None
        self._services = [
            node.create_service(SaveCheckpoint, '~/save_checkpoint', self._save),
            node.create_service(LoadCheckpoint, '~/load_checkpoint', self._load),
            node.create_service(ListCheckpoints, '~/list_checkpoints', self._list),
        ]

    def destroy(self) -> None:
        """Take the services away."""
        for service in self._services:
            self._node.destroy_service(service)

    def load_first(self) -> None:
        """
        Load the checkpoint to start from, where one is configured.

        `latest` in a folder without checkpoints starts untrained: it is the first start. Where
        there are some and none can be used (another key, damage), that is an error: a robot that
        has learned for weeks must not drive as if it had not, and nobody told.

        :raises CheckpointError: it cannot be loaded.
        """
        name = self._pilot.config.driving.checkpoint
        if not name:
            return
        if name == SHIPPED:
            self._pilot.bandit.load(default_checkpoint())
        elif name == LATEST and self._store.empty:
            self._node.get_logger().info('there is no checkpoint yet: starting untrained')
        else:
            loaded = self._store.load(self._pilot.bandit, name)
            self._node.get_logger().info(
                f'checkpoint {loaded.name}: {loaded.example_count} rewards learned')
        self._pilot.refresh_model()
        self._first_examples = self._saved_examples = self._pilot.bandit.example_count

    def save_last(self) -> None:
        """Save under the name configured for the end, where more was learned than was loaded."""
        name = self._pilot.config.driving.checkpoint_on_exit
        if name and self._pilot.bandit.example_count > self._first_examples:
            self._try_to_save(name)

    def after_reward(self) -> None:
        """Save where enough has been learned since the last automatic checkpoint."""
        every = self._pilot.config.bandit.save_frequency
        if every and self._pilot.bandit.example_count >= self._saved_examples + every:
            self._try_to_save('')

    def _try_to_save(self, name: str) -> None:
        # A failed attempt waits for its turn again instead of slowing down every reward.
        self._saved_examples = self._pilot.bandit.example_count
        try:
            self._saved(self._store.save(self._pilot.bandit, name))
        except CheckpointError as error:
            self._failed(error)

    def _saved(self, checkpoint: Checkpoint) -> None:
        self.saved_at = checkpoint.stamp
        self.problems = []

    def _failed(self, error: CheckpointError) -> None:
        self.problems = [f'no checkpoint: {error}']
        self._node.get_logger().error(str(error), throttle_duration_sec=10.0)

    def _save(
        self, request: SaveCheckpoint.Request, response: SaveCheckpoint.Response,
    ) -> SaveCheckpoint.Response:
        try:
            checkpoint = self._store.save(self._pilot.bandit, request.name)
        except CheckpointError as error:
            self._failed(error)
            response.message = str(error)
            return response
        self._saved(checkpoint)
        response.success = True
        response.message = f'saved {checkpoint.name}: {checkpoint.example_count} rewards learned'
        response.checkpoint = _info(checkpoint)
        return response

    def _load(
        self, request: LoadCheckpoint.Request, response: LoadCheckpoint.Response,
    ) -> LoadCheckpoint.Response:
        try:
            checkpoint = self._store.load(self._pilot.bandit, request.name)
            self._pilot.join.drop_all()
            self._pilot.refresh_model()
        except CheckpointError as error:
            response.message = str(error)
            return response
        self._first_examples = self._saved_examples = checkpoint.example_count
        self._on_loaded()
        response.success = True
        response.message = f'loaded {checkpoint.name}: {checkpoint.example_count} rewards learned'
        response.checkpoint = _info(checkpoint)
        return response

    def _list(
        self, request: ListCheckpoints.Request, response: ListCheckpoints.Response,
    ) -> ListCheckpoints.Response:
        try:
            response.checkpoints = [_info(entry) for entry in self._store.entries()]
        except CheckpointError as error:
            response.message = str(error)
            return response
        response.success = True
        response.message = f'{len(response.checkpoints)} checkpoints'
        return response


def _info(checkpoint: Checkpoint) -> CheckpointInfo:
    return CheckpointInfo(
        name=checkpoint.name, stamp=convert.time_message(checkpoint.stamp),
        checksum=checkpoint.checksum, example_count=checkpoint.example_count,
        size=checkpoint.size)
