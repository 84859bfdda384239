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

"""A lifecycle node that comes up by itself and ends in order (`rfsn_ros.nodes.process`)."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rfsn_ros.nodes.guard import guard_services
from rfsn_ros.nodes.process import wait_until_read

__all__ = ['AutostartNode']


class AutostartNode(LifecycleNode):
    """
    Base of the lifecycle nodes.

    `exit_code` stays None until the node has ended its work by itself; `_active` is kept by the
    node's own `on_activate` and `on_deactivate`.
    """

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(name, **options)
        guard_services(self)
        self.exit_code: int | None = None
        self._active = False

    @property
    @abstractmethod
    def autostart(self) -> bool:
        """Whether `start` configures and activates."""

    @property
    @abstractmethod
    def configured(self) -> bool:
        """Whether there is something for cleanup to free."""

    def start(self) -> None:
        """Come up active by itself where the settings say so."""
        if self.autostart:
            for transition in (self.trigger_configure, self.trigger_activate):
                if transition() is not TransitionCallbackReturn.SUCCESS:
                    self.exit_code = 1
                    return

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """End from any state, and the process with it."""
        if self._active:
            self.on_deactivate(state)
        if self.configured:
            wait_until_read(self)
            self.on_cleanup(state)
        self.exit_code = 0
        return TransitionCallbackReturn.SUCCESS

    def finish(self) -> None:
        """Deactivate (the robot at rest, the episode ended), be heard, free what is held."""
        if self._active:
            self.trigger_deactivate()
        if self.configured:
            wait_until_read(self)
            self.trigger_cleanup()
