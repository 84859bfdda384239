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

"""What `ros2 run rfsn_ros NAME` starts; each imports only what it needs."""

from importlib import import_module

__all__ = ['bandit_node', 'repair', 'reward_node', 'rfsn', 'sim_bridge']


def bandit_node() -> int:
    """Run the bandit node."""
    return _run('bandit_node')


def reward_node() -> int:
    """Run the reward node."""
    return _run('reward_node')


def sim_bridge() -> int:
    """Run the simulation bridge."""
    return _run('sim_bridge')


def _run(name: str) -> int:
    """Run a node; an interrupt before it has begun is no failure."""
    try:
        return int(import_module(f'rfsn_ros.nodes.{name}').main())
    except KeyboardInterrupt:
        return 0


def repair() -> int:
    """Run the repair process (no ROS)."""
    from rfsn_ros.repair.cli import main
    return main()


def rfsn() -> int:
    """Run the command line."""
    from rfsn_ros.cli import main
    return main()


if __name__ == '__main__':
    import sys

    sys.exit(globals()[sys.argv.pop(1)]())
