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

"""rclpy's own services, made so that a bad request is refused and does not end the node."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from rclpy.node import Node

__all__ = ['guard_services']


def guard_services(node: Node) -> None:
    """
    Let the services a node has by now refuse requests on which they raise.

    Meant for those that rclpy makes: before any others are made. It raises for a transition that
    does not begin here (its issue 1209, not mended in Jazzy) and for a parameter of no known type.
    """
    for service in node.services:
        service.callback = partial(_answer, node, service.srv_name, service.callback)


def _answer(
    node: Node, name: str, callback: Callable[[Any, Any], Any], request: Any, response: Any,
) -> Any:
    """Return the answer, or one that says nothing was done."""
    try:
        return callback(request, response)
    except Exception as error:
        # whatever it is: raised from here, it would end the process that drives
        node.get_logger().warning(f'{name}: request refused: {error}')
        return type(response)()
