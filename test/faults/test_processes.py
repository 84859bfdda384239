"""Killed processes over DDS, once each; `make soak` kills them at random instants, often."""

import numpy as np
import pytest
from conftest import domain

processes = pytest.importorskip('processes')


@pytest.fixture(scope='module')
def sim(tmp_path_factory):
    graph = processes.SimGraph(domain(1), tmp_path_factory.mktemp('sim'))
    try:
        graph.works(60.0)
        yield graph
    finally:
        graph.close()


@pytest.mark.parametrize('fault', processes.FAULTS, ids=lambda fault: fault.inject.__name__)
def test_fault(sim, fault):
    fault.inject(sim, np.random.default_rng(1))


def test_full_disk(tmp_path):
    graph = processes.SimGraph(domain(2), tmp_path, limit=processes.small_files)
    try:
        processes.fill_disk(graph, np.random.default_rng(1))
    finally:
        graph.close()
