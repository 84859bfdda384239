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
`rfsn health`: ask a running lifecycle node for its state; for container health checks.

The answer comes from the node itself over DDS, so a process that hangs is not healthy.
"""

from __future__ import annotations

import argparse
import time
from typing import Any

from rfsn_ros.arguments import amount
from rfsn_ros.errors import InputError

__all__ = ['ask_state', 'main']

_ATTEMPT = 1.5


def ask_state(node_name: str, *, timeout: float) -> str | None:
    """
    Return the label of a lifecycle node's state, or None where none answers in time.

    `node_name` is the full name, such as ``/robot1/bandit_node``; `timeout` is in seconds.

    :raises InputError: no node can have that name.
    """
    from lifecycle_msgs.srv import GetState
    import rclpy
    from rclpy.context import Context
    from rclpy.exceptions import InvalidServiceNameException
    from rclpy.executors import SingleThreadedExecutor

    deadline = time.monotonic() + timeout
    context = Context()
    rclpy.init(args=[], context=context)
    try:
        node = rclpy.create_node('rfsn_health', context=context, enable_rosout=False,
                                 start_parameter_services=False)
        try:
            client = node.create_client(GetState, f'{node_name}/get_state')
        except InvalidServiceNameException:
            raise InputError(f'node = {node_name!r}: is no name of a node') from None
        if not client.wait_for_service(timeout_sec=timeout):
            return None
        executor = SingleThreadedExecutor(context=context)
        executor.add_node(node)
        # A service may answer before it has discovered who asked; then the answer is lost.
        while time.monotonic() < deadline:
            future: Any = client.call_async(GetState.Request())
            executor.spin_until_future_complete(
                future, timeout_sec=min(_ATTEMPT, max(0.0, deadline - time.monotonic())))
            if future.done() and future.result() is not None:
                return str(future.result().current_state.label)
            client.remove_pending_request(future)
        return None
    finally:
        rclpy.shutdown(context=context)


def main(argv: list[str]) -> int:
    """Return 0 where the node answers that it is in the wanted state, 1 otherwise."""
    parser = argparse.ArgumentParser(
        prog='rfsn health', description='Ask a running lifecycle node for its state.')
    parser.add_argument(
        '--node', default='bandit_node', help='name of the node (default: %(default)s)')
    parser.add_argument('--namespace', default='', help='namespace of the node, e.g. robot1')
    parser.add_argument(
        '--state', default='active', help='state that counts as healthy (default: %(default)s)')
    parser.add_argument(
        '--timeout', type=amount, default=6.0, help='seconds to wait (default: %(default)s)')
    options = parser.parse_args(argv)
    name = '/'.join(['', *filter(None, options.namespace.split('/')), options.node])
    state = ask_state(name, timeout=options.timeout)
    print(f'{name}: {state or "no answer"}')
    return 0 if state == options.state else 1
