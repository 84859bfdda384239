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

import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not installed')

from rcl_interfaces.srv import GetParameters, ListParameters
from rclpy.parameter import Parameter, parameter_value_to_python
from rfsn_ros.config import Mode, RFSNConfig
from rfsn_ros.errors import ConfigError
from rfsn_ros.nodes.bandit_node import BanditNode
from rfsn_ros.nodes.params import NodeParameters
from rfsn_ros.nodes.reward_node import RewardNode
from rfsn_ros.nodes.sim_bridge import SimBridge
from rfsn_ros.schema import parameters
import yaml

SECTIONS = ('driving', 'navigation', 'bandit', 'bridge', 'sim', 'frames', 'scoring')


def node_with(ros, **overrides):
    import rclpy

    return ros.add(rclpy.create_node(
        'settings', context=ros.context, use_global_arguments=False,
        parameter_overrides=[Parameter(k.replace('__', '.'), value=v)
                             for k, v in overrides.items()]))


def test_without_overrides_the_defaults_hold(ros):
    assert NodeParameters(node_with(ros), SECTIONS).config == RFSNConfig()


def test_every_setting_is_a_described_parameter(ros):
    node = node_with(ros)
    NodeParameters(node, SECTIONS)
    for info in parameters(RFSNConfig):
        if node.has_parameter(info.name):
            descriptor = node.describe_parameter(info.name)
            assert info.description in descriptor.description
            assert descriptor.read_only == info.read_only
    assert node.has_parameter('navigation.robot.max_speed')
    assert node.has_parameter('sim.lidar.beams')


def test_an_integer_is_a_value_of_a_float_setting(ros):
    config = NodeParameters(
        node_with(ros, bandit__learning_rate=1, navigation__primitives__arc_speeds=[1]),
        SECTIONS).config
    assert config.bandit.learning_rate == 1.0
    assert config.navigation.primitives.arc_speeds == (1.0,)


@pytest.mark.parametrize(('name', 'value'), [
    ('bandit__epsilon', 3.0), ('driving__mode', 'x'), ('bridge__episodes', -1),
    ('driving__stale_after', 0.0), ('navigation__robot__max_speed', 'fast')])
def test_a_bad_value_is_an_error_that_names_the_parameter(ros, name, value):
    with pytest.raises(ConfigError, match=name.replace('__', '.')):
        NodeParameters(node_with(ros, **{name: value}), SECTIONS)


def test_a_misspelt_parameter_is_an_error(ros):
    with pytest.raises(ConfigError, match=r'driving\.mod:'):
        NodeParameters(node_with(ros, driving__mod='online'), SECTIONS)


def test_parameters_of_other_nodes_are_no_error(ros):
    node = node_with(ros, bridge__seed=5)
    NodeParameters(node, ('driving',))
    assert not node.has_parameter('bridge.seed')


def test_changes_while_running_are_checked_and_applied(ros):
    node = node_with(ros)
    seen = []
    settings = NodeParameters(node, SECTIONS, on_change=seen.append)
    good, bad, fixed = node.set_parameters([
        Parameter('driving.mode', value='frozen'), Parameter('driving.mode', value='x'),
        Parameter('bandit.seed', value=7)])
    assert good.successful
    assert not bad.successful
    assert 'driving.mode' in bad.reason
    assert not fixed.successful, 'read-only'
    assert settings.config.driving.mode is Mode.FROZEN
    assert [config.driving.mode for config in seen] == [Mode.FROZEN]


@pytest.mark.parametrize('kind', [BanditNode, RewardNode, SimBridge])
def test_what_a_node_dumps_configures_it_again(ros, tmp_path, kind):
    """As `ros2 param dump` asks and writes, and `--params-file` reads."""
    node = ros.make(kind, navigation__safety__margin=0.07)
    name = node.get_name()
    listed = ros.call(ListParameters, f'{name}/list_parameters', ListParameters.Request())
    names = list(listed.result.names)
    values = ros.call(
        GetParameters, f'{name}/get_parameters', GetParameters.Request(names=names)).values
    file = tmp_path / 'dump.yaml'
    file.write_text(yaml.safe_dump({f'/{name}': {'ros__parameters': {
        name: parameter_value_to_python(value)
        for name, value in zip(names, values, strict=True)}}}))
    again = ros.add(kind(
        context=ros.context, cli_args=['--ros-args', '--params-file', str(file)],
        use_global_arguments=False))
    assert again.config == node.config
    assert again.config.navigation.safety.margin == 0.07
    assert RFSNConfig.from_yaml(file).navigation == node.config.navigation
