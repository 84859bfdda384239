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

"""The SROS2 policies are those of the graph of today."""

import importlib.util
from pathlib import Path
import xml.etree.ElementTree as ET

import pytest

pytest.importorskip('rclpy', reason='ROS 2 is not installed')

ROOT = Path(__file__).resolve().parents[2]


def script():
    spec = importlib.util.spec_from_file_location(
        'make_policies', Path(__file__).with_name('make_policies.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_policies_are_current(domain_id):
    made = script()
    graph = made.graph_of(domain_id)
    assert made.policies(graph) == (ROOT / 'config' / 'sros2' / 'policies.xml').read_text()


def test_only_the_bandit_commands_the_robot():
    root = ET.parse(ROOT / 'config' / 'sros2' / 'policies.xml').getroot()
    publishers = {
        profile.get('node') for profile in root.iter('profile')
        for topics in profile.iter('topics') if topics.get('publish')
        for topic in topics if topic.text == 'cmd_vel'}
    assert publishers == {'bandit_node'}
