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

"""The process around a node."""

import os
import signal

import pytest
import rclpy
from rclpy.node import Node
from rfsn_ros.errors import RfsnError
from rfsn_ros.nodes.process import run_node

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TRANSPORTS = 'FASTDDS_BUILTIN_TRANSPORTS'


@pytest.fixture(autouse=True)
def handlers():
    """Give this process its signal handlers back."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(('given', 'used'), [(None, 'UDPv4'), ('SHM', 'SHM')])
def test_dds_goes_by_udp_unless_told_otherwise(monkeypatch, capsys, given, used):
    """What a killed process leaves locked in shared memory would hold up the others."""
    monkeypatch.setenv(TRANSPORTS, given or '')
    if given is None:
        monkeypatch.delenv(TRANSPORTS)
    seen = []

    def make():
        seen.append((os.environ[TRANSPORTS], rclpy.ok()))
        raise RfsnError('no node today')

    assert run_node(make, []) == 2
    assert seen == [(used, True)]
    assert 'no node today' in capsys.readouterr().err


class Ending(Node):
    """Is told to end as soon as it has begun; notes whether it could still publish at its end."""

    exit_code = None

    def __init__(self, number):
        super().__init__('ending', start_parameter_services=False)
        self.number = number
        self.ended = []

    def start(self):
        os.kill(os.getpid(), self.number)

    def finish(self):
        self.ended.append(self.context.ok())


@pytest.mark.parametrize('number', SIGNALS)
def test_signals_let_a_node_end_its_work(monkeypatch, domain_id, number):
    monkeypatch.setenv('ROS_DOMAIN_ID', str(domain_id))
    made = []

    def make():
        made.append(Ending(number))
        return made[0]

    assert run_node(make, []) == 0
    assert made[0].ended == [True]
