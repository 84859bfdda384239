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

"""The measurement of a decision's latency, as the docs have it run."""

import os
import subprocess
import sys


def test_all_nodes_answer_and_the_measurement_ends(domain_id):
    """Echo and bandit_node answer every scan, over DDS and in processes of their own."""
    done = subprocess.run(
        [sys.executable, '-m', 'rfsn_ros.nodes.measure_latency', '--count', '3'],
        env=os.environ | {'ROS_DOMAIN_ID': str(domain_id), 'COLUMNS': '120'},
        capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    times = {
        line.split('│')[1].strip(): [float(cell) for cell in line.split('│')[2:5]]
        for line in done.stdout.splitlines() if line.count('│') == 5}
    assert set(times) == {
        'rclpy echo', 'bandit_node', 'bandit_node, moving obstacles'}, done.stdout
    for median, late, largest in times.values():
        assert 0.0 < median <= late <= largest < 1000.0
