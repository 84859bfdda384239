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

import math

import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not installed')

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rfsn_ros.cli import main
from rfsn_ros.nodes.health import Health, Latencies


def test_quantiles_of_the_newest_durations():
    latencies = Latencies(size=3)
    assert math.isnan(latencies.quantile(0.5))
    for value in (9.0, 1.0, 2.0, 3.0):
        latencies.add(value)
    assert len(latencies) == 3
    assert latencies.quantile(0.5) == 2.0


@pytest.mark.parametrize(('problems', 'error', 'level'), [
    ([], False, DiagnosticStatus.OK), (['late', 'hot'], False, DiagnosticStatus.WARN),
    (['late'], True, DiagnosticStatus.ERROR)])
def test_one_status_with_all_problems_and_counts(ros, problems, error, level):
    found = ros.collect(DiagnosticArray, '/diagnostics')
    health = Health(ros.node)
    health.counts['jumps'] += 2
    ros.until(lambda: ros.node.count_subscribers('/diagnostics'), what='the subscription')
    ros.until(lambda: health._publisher.get_subscription_count(), what='the match')
    health.publish(problems, {'age': 0.123456789}, error=error)
    ros.until(lambda: found, what='diagnostics')
    status = found[0].status[0]
    assert status.level == level
    assert status.message == ('; '.join(problems) or 'ok')
    assert {pair.key: pair.value for pair in status.values} == {'age': '0.123457', 'jumps': '2'}


def test_health_asks_no_node_whose_name_cannot_be(capsys):
    assert main(['health', '--node', 'a b']) == 2
    assert "'/a b'" in capsys.readouterr().err
