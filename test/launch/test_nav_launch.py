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

"""nav.launch.py run by ROS 2's own launch; skipped where launch is not installed."""

import asyncio
from pathlib import Path
import subprocess
import sys

import pytest

launch_pytest = pytest.importorskip(
    'launch_pytest', reason='ROS 2 launch is not installed (it is not on PyPI)')

from geometry_msgs.msg import Twist
import launch
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
import rclpy
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rfsn_ros.msg import Decision, Episode, ModelInfo, Reward
from rfsn_ros.nodes import qos
from rfsn_ros.srv import ListCheckpoints, LoadCheckpoint, SaveCheckpoint

LAUNCH_FILE = Path(__file__).resolve().parents[2] / 'launch' / 'nav.launch.py'
EPISODES = 12  # enough that the graph still runs when the services are called


@pytest.fixture(scope='module')
def own_domain(domains):
    with domains.reserved() as domain, pytest.MonkeyPatch.context() as environment:
        environment.setenv('ROS_DOMAIN_ID', str(domain))
        yield domain


@pytest.fixture(scope='module')
def listener(own_domain):
    """A node beside the graph, with everything it heard."""
    context = Context()
    rclpy.init(args=[], context=context, domain_id=own_domain)
    node = rclpy.create_node('listener', context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    heard = {}
    for name, kind, profile in (
            ('decision', Decision, qos.EVENTS), ('reward', Reward, qos.EVENTS),
            ('episode', Episode, qos.EPISODES), ('model_info', ModelInfo, qos.LATCHED),
            ('cmd_vel', Twist, qos.EVENTS)):
        heard[name] = []
        node.create_subscription(kind, f'robot1/{name}', heard[name].append, profile)
    node.heard = heard
    node.spin_once = lambda: executor.spin_once(timeout_sec=0.02)
    yield node
    node.destroy_node()
    rclpy.shutdown(context=context)


@launch_pytest.fixture(scope='module')
def graph(listener, tmp_path_factory):
    folder = tmp_path_factory.mktemp('checkpoints')
    return launch.LaunchDescription([
        IncludeLaunchDescription(
            PythonLaunchDescriptionSource(str(LAUNCH_FILE)),
            launch_arguments={
                'namespace': 'robot1', 'real_time_factor': '0', 'seed': '3',
                'episodes': str(EPISODES), 'checkpoint_dir': str(folder)}.items()),
        launch_pytest.actions.ReadyToTest(),
    ])


async def until(listener, condition, what, within=60.0):
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while not condition():
        assert loop.time() < deadline, f'{what} did not come true in {within} s'
        listener.spin_once()
        await asyncio.sleep(0.001)


async def ask(listener, kind, name, request):
    client = listener.create_client(kind, f'robot1/bandit_node/{name}')
    await until(listener, client.service_is_ready, f'service {name}')
    future = client.call_async(request)
    await until(listener, future.done, f'answer of {name}')
    return future.result()


@pytest.mark.launch(fixture=graph)
async def test_scans_become_decisions_commands_rewards_and_learning(listener):
    heard = listener.heard
    await until(listener, lambda: heard['model_info'], 'the latched model')
    await until(listener, lambda: len(heard['reward']) > 3, 'rewards')
    # Each publisher is discovered in its own time; the episode's state is latched.
    await until(
        listener, lambda: heard['decision'] and heard['cmd_vel'] and heard['episode'],
        'decisions, commands, episodes')
    await until(listener, lambda: heard['decision'][-1].example_count > 0, 'learning')
    decided = heard['decision'][-1].episode
    await until(
        listener, lambda: decided in {episode.id for episode in heard['episode']}, 'its episode')
    assert heard['decision'][-1].model_checksum == heard['model_info'][0].checksum


@pytest.mark.launch(fixture=graph)
async def test_checkpoints_are_saved_listed_and_loaded_over_services(listener):
    saved = await ask(
        listener, SaveCheckpoint, 'save_checkpoint', SaveCheckpoint.Request(name='a'))
    assert saved.success, saved.message
    listed = await ask(
        listener, ListCheckpoints, 'list_checkpoints', ListCheckpoints.Request())
    assert [c.name for c in listed.checkpoints] == ['a']
    loaded = await ask(
        listener, LoadCheckpoint, 'load_checkpoint', LoadCheckpoint.Request(name='a'))
    assert loaded.success, loaded.message
    assert loaded.checkpoint.checksum == saved.checkpoint.checksum


@pytest.mark.launch(fixture=graph)
async def test_the_launch_ends_with_the_episodes_and_the_robot_stands(
        listener, launch_context):
    heard = listener.heard
    await until(
        listener,
        lambda: sum(e.outcome != Episode.RUNNING for e in heard['episode']) == EPISODES,
        'the end of all episodes', within=240.0)
    await until(listener, lambda: launch_context.is_shutdown, 'the end of the launch')
    await until(listener, lambda: heard['cmd_vel'][-1] == Twist(), 'the last zero')


RUN = """
import sys
import launch
from launch.actions import IncludeLaunchDescription
from launch.launch_description_sources import PythonLaunchDescriptionSource
service = launch.LaunchService(noninteractive=True)
service.include_launch_description(launch.LaunchDescription([IncludeLaunchDescription(
    PythonLaunchDescriptionSource(sys.argv[1]),
    launch_arguments=[tuple(word.split(':=')) for word in sys.argv[2:]])]))
sys.exit(service.run())
"""


def run(*arguments, file=LAUNCH_FILE):
    """Run a launch file to its end in a process of its own, as `ros2 launch` does."""
    return subprocess.run(
        [sys.executable, '-c', RUN, str(file), *arguments], capture_output=True,
        text=True, timeout=120, check=False)


@pytest.mark.parametrize(('given', 'words'), [
    ('mode:=sideways', "driving.mode = 'sideways': must be one of"),
    ('seed:=1.5', 'seed:=1.5: must be a whole number'),
    ('real_time_factor:=fast', 'real_time_factor:=fast: must be a number'),
    ('record:=perhaps', 'record:=perhaps: must be true or false')])
def test_a_wrong_setting_ends_the_launch_before_anything_starts(own_domain, given, words):
    ended = run(given)
    assert ended.returncode != 0
    assert words in ended.stdout + ended.stderr
    assert 'process started' not in ended.stdout + ended.stderr


@pytest.mark.parametrize(('given', 'words'), [
    (['bag:=nowhere'], "bag:='nowhere': there is no such bag"),
    (['bag:=/', 'goal:=3'], 'goal:=3: must be X,Y in metres')])
def test_a_wrong_replay_ends_before_anything_starts(own_domain, given, words):
    ended = run(*given, file=LAUNCH_FILE.with_name('replay.launch.py'))
    assert ended.returncode != 0
    assert words in ended.stdout + ended.stderr
    assert 'process started' not in ended.stdout + ended.stderr


def test_a_node_that_cannot_start_ends_the_launch_with_an_error(own_domain, tmp_path):
    ended = run('checkpoint:=nothing', f'checkpoint_dir:={tmp_path}', 'namespace:=robot2')
    assert ended.returncode != 0
    assert 'bandit_node-1 died with 1' in ended.stdout + ended.stderr


def test_every_argument_has_a_description(own_domain):
    description = PythonLaunchDescriptionSource(str(LAUNCH_FILE)).get_launch_description(
        launch.LaunchContext())
    arguments = {a.name: a.description for a in description.get_launch_arguments()}
    assert set(arguments) >= {
        'params_file', 'namespace', 'use_sim', 'world', 'seed', 'real_time_factor', 'mode',
        'checkpoint', 'record'}
    assert all(len(words) > 10 for words in arguments.values())
