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

"""Write config/sros2/policies.xml from the running graph: what each node publishes, hears, serves.

    python test/security/make_policies.py [FILE]
"""

import os
from pathlib import Path
import subprocess
import sys
from tempfile import TemporaryDirectory
import time
import xml.etree.ElementTree as ET

import rclpy
from rclpy.context import Context

ROOT = Path(__file__).resolve().parents[2]
NODES = ('bandit_node', 'reward_node', 'sim_bridge')
START = 'import sys; from rfsn_ros.entry_points import {0}; sys.exit({0}())'
WHEN_UP = {'bandit_node': '/cmd_vel', 'reward_node': '/reward', 'sim_bridge': '/scan'}
OPTIONAL = {
    'bandit_node': {('topics', 'subscribe'): ('/cmd_vel', '/tf', '/tf_static')},
    'reward_node': {('topics', 'subscribe'): ('/tf', '/tf_static')},
    'sim_bridge': {('topics', 'publish'): ('/tf', '/tf_static')},
}
"""What only some settings use: mode shadow hears commands, and TF needs tf2_ros."""

HEAD = """<!-- From the running graph by test/security/make_policies.py; a test compares them. -->
"""


def graph_of(domain):
    """Start the nodes; return {node: {(kind, access): names}}."""
    environment = {
        **os.environ, 'ROS_DOMAIN_ID': str(domain), 'ROS_AUTOMATIC_DISCOVERY_RANGE': 'LOCALHOST'}
    context = Context()
    os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
    rclpy.init(args=[], context=context, domain_id=domain)
    processes = []
    with TemporaryDirectory() as folder:
        try:
            watcher = rclpy.create_node('policy_watcher', context=context)
            for name in NODES:
                parameters = [] if name == 'sim_bridge' else ['-p', 'use_sim_time:=true']
                processes.append(subprocess.Popen(
                    [sys.executable, '-c', START.format(name), '--ros-args', *parameters],
                    cwd=ROOT, env={**environment, 'ROS_LOG_DIR': folder},
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
            return _settled(watcher)
        finally:
            for process in processes:
                process.kill()
                process.wait()
            watcher.destroy_node()
            rclpy.shutdown(context=context)


def _settled(watcher):
    """Wait until the graph has all nodes and has not changed for three seconds."""
    seen, since = None, time.monotonic()
    deadline = since + 90.0
    while time.monotonic() < deadline:
        names = {name for name, _ in watcher.get_node_names_and_namespaces()}
        now = {name: _access(watcher, name) for name in NODES if name in names}
        up = all(topic in now.get(node, {}).get(('topics', 'publish'), ())
                 for node, topic in WHEN_UP.items())
        if now != seen or not up:
            seen, since = now, time.monotonic()
        elif time.monotonic() - since > 3.0:
            return now
        time.sleep(0.1)
    raise RuntimeError(f'the graph did not settle; nodes: {sorted(seen or ())}')


def _access(watcher, name):
    calls = {
        ('topics', 'publish'): watcher.get_publisher_names_and_types_by_node,
        ('topics', 'subscribe'): watcher.get_subscriber_names_and_types_by_node,
        ('services', 'reply'): watcher.get_service_names_and_types_by_node,
        ('services', 'request'): watcher.get_client_names_and_types_by_node,
    }
    try:
        return {
            key: sorted(topic for topic, _ in call(name, '/')) for key, call in calls.items()}
    except rclpy.node.NodeNameNonExistentError:
        return {}


def policies(graph):
    """Return the graph as an SROS2 policy document."""
    root = ET.Element('policy', version='0.2.0')
    enclaves = ET.SubElement(root, 'enclaves')
    for node, accesses in sorted(graph.items()):
        enclave = ET.SubElement(enclaves, 'enclave', path=f'/{node}')
        profile = ET.SubElement(
            ET.SubElement(enclave, 'profiles'), 'profile', ns='/', node=node)
        for (kind, access), used in accesses.items():
            names = sorted({*used, *OPTIONAL[node].get((kind, access), ())})
            if names:
                group = ET.SubElement(profile, kind, {access: 'ALLOW'})
                for name in names:
                    ET.SubElement(group, kind[:-1]).text = _relative(name, node)
    ET.indent(root)
    return HEAD + ET.tostring(root, encoding='unicode') + '\n'


def _relative(name, node):
    """Names of the robot's own graph are relative, so that a namespace moves them along."""
    if name.startswith(f'/{node}/'):
        return f'~{name.removeprefix("/" + node)}'
    shared = ('/clock', '/tf', '/tf_static', '/rosout', '/parameter_events', '/diagnostics')
    return name if name in shared else name.lstrip('/')


if __name__ == '__main__':
    target = Path(sys.argv[1]) if sys.argv[1:] else ROOT / 'config' / 'sros2' / 'policies.xml'
    target.parent.mkdir(parents=True, exist_ok=True)
    found = graph_of(int(os.environ.get('ROS_DOMAIN_ID', 33)))
    target.write_text(policies(found), encoding='utf-8')
    print(target)
