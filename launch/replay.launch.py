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
A recorded bag played to bandit_node in shadow mode: what would it have chosen.

Nothing is commanded; the choices go to `decision` and, where a file is given, to a decision log
that `rfsn replay` reads. The launch ends with the bag.
"""

from pathlib import Path

from ament_index_python.packages import get_package_share_directory
from launch import LaunchContext, LaunchDescription
from launch.actions import (
    DeclareLaunchArgument,
    EmitEvent,
    ExecuteProcess,
    OpaqueFunction,
    RegisterEventHandler,
)
from launch.event_handlers import OnProcessExit
from launch.events import Shutdown
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node

ARGUMENTS = {
    'bag': ('', 'folder of the bag'),
    'params_file': (
        '', 'settings of the node (see config/); empty = config/default.yaml of the package'),
    'namespace': ('', 'namespace of the node and of the topics in the bag'),
    'checkpoint': ('', 'name of the checkpoint that chooses; latest = the newest'),
    'checkpoint_dir': ('', 'folder of the checkpoints'),
    'decision_log': ('', 'file of the decision log, NAME.jsonl; empty = none'),
    'rate': ('1.0', 'speed of the bag over real time'),
    'scan': ('scan', 'topic of the scans in the bag'),
    'odom': ('odom', 'topic of the odometry in the bag'),
    'goal': ('', 'goal in the odom frame as X,Y; empty = goal_pose or episode in the bag'),
}
"""Name: default and description."""

SETTINGS = {
    'checkpoint': 'driving.checkpoint', 'checkpoint_dir': 'bandit.checkpoint_dir',
    'decision_log': 'driving.decision_log'}
OWN = ('decision', 'model_info', 'reward')


def generate_launch_description() -> LaunchDescription:
    """Return the description that `ros2 launch rfsn_ros replay.launch.py bag:=...` starts."""
    return LaunchDescription([
        *(DeclareLaunchArgument(name, default_value=default, description=words)
          for name, (default, words) in ARGUMENTS.items()),
        OpaqueFunction(function=graph),
    ])


def graph(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return player and node; both end when the bag does."""
    given = {name: LaunchConfiguration(name).perform(context) for name in ARGUMENTS}
    if not given['bag'] or not Path(given['bag']).exists():
        raise RuntimeError(f'bag:={given["bag"]!r}: there is no such bag')
    share = Path(get_package_share_directory('rfsn_ros'))
    params = given['params_file'] or str(share / 'config' / 'default.yaml')
    changes = {setting: given[name] for name, setting in SETTINGS.items() if given[name]}
    prefix = f'/{given["namespace"].strip("/")}' if given['namespace'] else ''
    node = Node(
        package='rfsn_ros', executable='bandit_node', namespace=given['namespace'],
        output='screen', ros_arguments=['--enclave', f'{prefix}/bandit_node'],
        remappings=[('scan', given['scan']), ('odom', given['odom'])],
        parameters=[params, {**changes, 'driving.mode': 'shadow', 'use_sim_time': True}])
    # What this package published itself when the bag was made gives way to what it says now.
    remaps = [f'{prefix}/{name}:={prefix}/recorded/{name}' for name in OWN]
    player = ExecuteProcess(
        cmd=['ros2', 'bag', 'play', given['bag'], '--clock', '--rate', given['rate'],
             '--remap', *remaps], output='screen')
    ends = RegisterEventHandler(OnProcessExit(
        target_action=player, on_exit=[EmitEvent(event=Shutdown(reason='the bag has ended'))]))
    return [ends, node, player, *goal_publisher(prefix, given['goal'])]


def goal_publisher(prefix: str, goal: str) -> list[LaunchDescriptionEntity]:
    """Return the process that gives the goal, where one was given."""
    if not goal:
        return []
    try:
        x, y = (float(part) for part in goal.split(','))
    except ValueError:
        raise ValueError(f'goal:={goal}: must be X,Y in metres') from None
    text = f'{{header: {{frame_id: odom}}, pose: {{position: {{x: {x}, y: {y}}}}}}}'
    return [ExecuteProcess(
        cmd=['ros2', 'topic', 'pub', '--times', '5', '--wait-matching-subscriptions', '1',
             f'{prefix}/goal_pose', 'geometry_msgs/msg/PoseStamped', text], output='screen')]
