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
The navigation graph: bandit_node and reward_node, with a simulated robot or a real one.

The launch ends when sim_bridge has driven its episodes (exit code 0) or when any node dies
(non-zero exit code).
"""

from pathlib import Path
from tempfile import NamedTemporaryFile

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
from launch.events.process import ProcessExited
from launch.launch_description_entity import LaunchDescriptionEntity
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from rfsn_ros.config import RFSNConfig
from rfsn_ros.nodes.supervisor import TOPICS

ARGUMENTS = {
    'params_file': (
        '', 'settings for all nodes (see config/); empty = config/default.yaml of the package'),
    'namespace': ('', 'namespace of all nodes and topics; one per robot'),
    'use_sim': ('true', 'true = drive a simulated robot; false = real robot: bandit_node and '
                        'reward_node only, scan and odom come from the robot'),
    'world': ('', 'worlds of the episodes: generated, generated:SEEDS or barn:FILE[:INDICES]'),
    'episodes': ('', 'how many episodes sim_bridge drives; 0 = without end'),
    'seed': ('', 'seed of worlds, noise and bandit'),
    'real_time_factor': ('', 'simulated over wall time; 0 = lockstep, as fast as the machine '
                             'and the same for the same seed'),
    'mode': ('', 'online, frozen, apprentice or shadow'),
    'checkpoint': ('', 'name of the checkpoint to start from; latest = the newest'),
    'checkpoint_dir': ('', 'folder of the checkpoints'),
    'record': ('false', 'true = record all topics of the graph with ros2 bag'),
}
"""Name: default and description; an empty text leaves the value of params_file."""

SETTINGS = {
    'world': ('bridge.world',), 'episodes': ('bridge.episodes',),
    'seed': ('bridge.seed', 'bandit.seed'), 'real_time_factor': ('bridge.real_time_factor',),
    'mode': ('driving.mode',), 'checkpoint': ('driving.checkpoint',),
    'checkpoint_dir': ('bandit.checkpoint_dir',)}
NUMBERS = {
    'episodes': (int, 'a whole number'), 'seed': (int, 'a whole number'),
    'real_time_factor': (float, 'a number')}


def generate_launch_description() -> LaunchDescription:
    """Return the description that `ros2 launch rfsn_ros nav.launch.py` starts."""
    return LaunchDescription([
        *(DeclareLaunchArgument(name, default_value=default, description=words)
          for name, (default, words) in ARGUMENTS.items()),
        OpaqueFunction(function=graph),
    ])


def graph(context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """Return the nodes; settings are validated before anything is started."""
    given = {name: LaunchConfiguration(name).perform(context) for name in ARGUMENTS}
    share = Path(get_package_share_directory('rfsn_ros'))
    params = Path(given['params_file'] or share / 'config' / 'default.yaml')
    changes = {
        setting: value_of(name, given[name])
        for name, ours in SETTINGS.items() if given[name] for setting in ours}
    simulated = truth('use_sim', given['use_sim'])
    config = RFSNConfig.from_yaml(params).updated(changes)
    if simulated and config.bridge.real_time_factor == 0.0:
        config = config.updated({'driving.lockstep': True})
    settings = written(config)
    names = ['bandit_node', 'reward_node'] + (['sim_bridge'] if simulated else [])
    # Where SROS2 is on, a node's keys and permissions are those of its enclave.
    prefix = f'/{given["namespace"].strip("/")}' if given['namespace'] else ''
    clock = [('/clock', 'clock')] if simulated and given['namespace'] else []
    nodes = [
        Node(
            package='rfsn_ros', executable=name, namespace=given['namespace'], output='screen',
            remappings=clock, ros_arguments=['--enclave', f'{prefix}/{name}'],
            parameters=[settings, {'use_sim_time': simulated}])
        for name in names]
    processes = [*nodes, *recorder(prefix, clock, truth('record', given['record']))]
    ends = [
        RegisterEventHandler(OnProcessExit(target_action=process, on_exit=end))
        for process in processes]
    return [*ends, *processes]


def written(config: RFSNConfig) -> str:
    """Return a file with settings that hold for all nodes, for whichever they were given."""
    with NamedTemporaryFile('w', prefix='rfsn_ros_', suffix='.yaml', delete=False) as file:
        file.write(config.to_yaml())
    return file.name


def end(event: ProcessExited, context: LaunchContext) -> list[LaunchDescriptionEntity]:
    """End the launch with the first node that ends; a failed one makes the launch fail."""
    if context.is_shutdown:
        return []
    name = event.process_name
    if event.returncode == 0:
        return [EmitEvent(event=Shutdown(reason=f'{name} has done its work'))]
    return [OpaqueFunction(function=fail, args=[f'{name} died with {event.returncode}'])]


def fail(context: LaunchContext, reason: str) -> None:
    """Make the launch end with an error."""
    raise RuntimeError(reason)


def recorder(
    prefix: str, clock: list[tuple[str, str]], record: bool,
) -> list[ExecuteProcess]:
    """Return the process that records the graph, where it is wanted."""
    if not record:
        return []
    topics = [f'{prefix}/{topic}' for topic in TOPICS]
    topics += [f'{prefix}/clock' if clock else '/clock', '/tf', '/tf_static', '/diagnostics']
    return [ExecuteProcess(cmd=['ros2', 'bag', 'record', '--topics', *topics], output='screen')]


def value_of(name: str, text: str) -> int | float | str:
    """Return what the text of a launch argument stands for."""
    if name not in NUMBERS:
        return text
    kind, words = NUMBERS[name]
    try:
        return kind(text)
    except ValueError:
        raise ValueError(f'{name}:={text}: must be {words}') from None


def truth(name: str, text: str) -> bool:
    """Return whether a launch argument says true."""
    if text.lower() in ('true', '1', 'yes'):
        return True
    if text.lower() in ('false', '0', 'no'):
        return False
    raise ValueError(f'{name}:={text}: must be true or false')
