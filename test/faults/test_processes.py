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

"""Killed processes over DDS, once each; `make soak` kills them at random instants, often."""

import os
from pathlib import Path
import subprocess
import sys

import numpy as np
import pytest

processes = pytest.importorskip('processes')
processes.SLACK = 2.0  # other tests run beside this one; the long form judges the time itself

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope='module')
def sim(tmp_path_factory, domains):
    with domains.reserved() as domain:
        graph = processes.SimGraph(domain, tmp_path_factory.mktemp('sim'))
        try:
            graph.works(60.0)
            yield graph
        finally:
            graph.close()


@pytest.mark.parametrize('fault', processes.FAULTS, ids=lambda fault: fault.inject.__name__)
def test_fault(sim, fault):
    fault.inject(sim, np.random.default_rng(1))


def test_full_disk(tmp_path, domain_id):
    graph = processes.SimGraph(domain_id, tmp_path, limit=processes.small_files)
    try:
        processes.fill_disk(graph, np.random.default_rng(1))
    finally:
        graph.close()


def test_health_asks_the_node(sim):
    environment = {**os.environ, 'ROS_DOMAIN_ID': str(sim.graph.domain)}

    def health(*words):
        done = subprocess.run(
            [sys.executable, '-m', 'rfsn_ros', 'health', *words], cwd=ROOT, env=environment,
            capture_output=True, text=True, timeout=60, check=False)
        # Fast DDS may have complained on stdout before, of shared memory left by killed processes.
        return done.returncode, done.stdout.splitlines()[-1]

    assert health('--timeout', '20') == (0, '/bandit_node: active')
    assert health('--namespace', 'nobody', '--timeout', '1') == (
        1, '/nobody/bandit_node: no answer')
