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

"""Whatever is asked of rclpy's own services, a node answers and stays."""

import math
import random

import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not installed')

from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.msg import Parameter as ParameterMsg
from rcl_interfaces.msg import ParameterValue
from rcl_interfaces.srv import SetParameters, SetParametersAtomically
from rclpy.parameter import Parameter
from rfsn_ros.nodes.bandit_node import BanditNode
from rfsn_ros.nodes.reward_node import RewardNode
from rfsn_ros.nodes.sim_bridge import SimBridge

NODES = [BanditNode, RewardNode, SimBridge]
LIFECYCLE = [BanditNode, SimBridge]
WORDS = ['', 'use_sim_time', 'navigation.robot.length', '/', 'é', 'x' * 300, 'driving.mode']
SHUTDOWNS = range(5, 9)


def anything(kind, dice):
    """Return a value of a field's type such as nobody in their right mind would send."""
    if kind.startswith('sequence<'):
        inner = kind[9:-1].split(',')[0]
        return [anything(inner, dice) for _ in range(dice.choice([0, 1, 3]))]
    if kind in ('double', 'float'):
        return dice.choice([math.nan, math.inf, -1.0, 0.0, 1e300 if kind == 'double' else 1e30])
    if kind == 'boolean':
        return dice.random() < 0.5
    if kind.startswith('string'):
        return dice.choice(WORDS)
    if kind in ('octet', 'byte'):
        return bytes([dice.randrange(256)])
    if kind.startswith(('int', 'uint')):
        bits, signed = int(kind.lstrip('uint')), not kind.startswith('u')
        return dice.choice([0, 1, 2, 2 ** (bits - signed) - 1, -(2 ** (bits - 1)) * signed])
    made = {'rcl_interfaces/Parameter': ParameterMsg, 'lifecycle_msgs/Transition': Transition,
            'rcl_interfaces/ParameterValue': ParameterValue}
    return filled(made[kind](), dice)


def filled(message, dice):
    for name, kind in message.get_fields_and_field_types().items():
        setattr(message, name, anything(kind, dice))
    return message


@pytest.mark.parametrize('kind', NODES)
def test_no_request_ends_a_node(ros, kind):
    node = ros.make(kind)
    node.start()
    dice = random.Random(1)
    services = [one for one in node.services if one.srv_type.__module__.startswith(
        ('rcl_interfaces', 'lifecycle_msgs'))]
    assert len(services) >= (11 if kind in LIFECYCLE else 6)
    for service in services:
        client = ros.node.create_client(service.srv_type, service.srv_name)
        ros.until(client.service_is_ready, what=service.srv_name)
        for _ in range(20):
            request = filled(service.srv_type.Request(), dice)
            if service.srv_type is ChangeState and request.transition.id in SHUTDOWNS:
                continue
            answer = client.call_async(request)
            ros.until(answer.done, what=f'answer to {request}')
        ros.node.destroy_client(client)


@pytest.mark.parametrize('kind', LIFECYCLE)
def test_an_impossible_transition_is_refused(ros, kind):
    node = ros.make(kind)
    node.start()
    for transition in (
            Transition(id=Transition.TRANSITION_CONFIGURE), Transition(id=99),
            Transition(id=0, label='dance')):
        request = ChangeState.Request(transition=transition)
        assert not ros.call(ChangeState, f'{node.get_name()}/change_state', request).success
    state = ros.call(GetState, f'{node.get_name()}/get_state', GetState.Request())
    assert state.current_state.id == State.PRIMARY_STATE_ACTIVE


def test_a_parameter_of_no_known_type_is_refused(ros):
    node = ros.make(RewardNode)
    wrong = [ParameterMsg(name='use_sim_time', value=ParameterValue(type=255))]
    done = ros.call(
        SetParameters, 'reward_node/set_parameters', SetParameters.Request(parameters=wrong))
    assert not any(one.successful for one in done.results)
    done = ros.call(
        SetParametersAtomically, 'reward_node/set_parameters_atomically',
        SetParametersAtomically.Request(parameters=wrong))
    assert not done.result.successful
    assert node.get_parameter('use_sim_time').value is False


@pytest.mark.parametrize('kind', LIFECYCLE)
@pytest.mark.parametrize(('number', 'begun'), [
    (Transition.TRANSITION_UNCONFIGURED_SHUTDOWN, False),
    (Transition.TRANSITION_ACTIVE_SHUTDOWN, True)])
def test_a_shutdown_ends_the_process_in_order(ros, kind, number, begun):
    node = ros.make(kind)
    if begun:
        node.start()
    request = ChangeState.Request(transition=Transition(id=number))
    assert ros.call(ChangeState, f'{node.get_name()}/change_state', request).success
    assert node.exit_code == 0
    assert not node.configured
    node.finish()


@pytest.mark.parametrize(('kind', 'section'), [(BanditNode, 'driving'), (SimBridge, 'bridge')])
def test_parameters_can_be_set_where_a_node_was_cleaned_up(ros, kind, section):
    node = ros.make(kind)
    node.start()
    node.finish()
    name = f'{section}.diagnostics_period'
    assert node.set_parameters([Parameter(name, value=2.5)])[0].successful
    node.start()
    assert node.get_parameter(name).value == 2.5
    assert 2.5e9 in [timer.timer_period_ns for timer in node.timers]
