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

"""The quality benchmark: its streams, its figures, its protocol."""

import numpy as np
import pytest
from rfsn_ros.bench.quality import (
    CEILING,
    Curve,
    LEARNERS,
    measure_quality,
    REPORTING_SEEDS,
    rounds_to,
    score,
    SELECTION_SEEDS,
)

pytest.importorskip('sklearn')

from rfsn_ros.bench.datasets import DATASETS, load_stream

SHAPES = {'digits': (64, 10), 'many_classes': (64, 10), 'label_noise': (24, 5),
          'clusters': (24, 4)}


@pytest.mark.parametrize('name', DATASETS)
def test_streams_have_the_described_shape(name):
    stream = load_stream(name, 2500, 0)
    width, classes = SHAPES[name]
    assert stream.contexts.shape == (2500, width)
    assert stream.n_classes == classes
    assert set(stream.labels) == set(range(classes))
    assert np.isfinite(stream.contexts).all()
    assert abs(stream.contexts.mean()) < 0.05


@pytest.mark.parametrize('name', DATASETS)
def test_the_seed_decides_a_stream(name):
    one, same, other = (load_stream(name, 300, seed) for seed in (1, 1, 2))
    assert (one.contexts == same.contexts).all()
    assert (one.labels == same.labels).all()
    assert (one.contexts != other.contexts).any()


def test_a_moved_stream_is_the_same_but_for_scales_and_means():
    stream = load_stream('label_noise', 800, 3)
    moved = stream.moved(3)
    assert (moved.labels == stream.labels).all()
    back = (moved.contexts - moved.contexts.mean(axis=0)) / moved.contexts.std(axis=0)
    assert back == pytest.approx(stream.contexts, abs=1e-9)
    assert moved.contexts.std(axis=0).max() > 10 * moved.contexts.std(axis=0).min()
    assert (moved.contexts == stream.moved(3).contexts).all()


def test_settings_are_not_chosen_with_the_reported_seeds():
    assert not set(REPORTING_SEEDS) & set(SELECTION_SEEDS)
    assert len(REPORTING_SEEDS) == 5


def test_score_and_rounds_to_known_answer():
    ceiling = Curve(CEILING, 'set', 0, np.ones(2000))
    ramp = Curve('slow', 'set', 0, (np.arange(2000) >= 1000).astype(float))
    never = Curve('never', 'set', 0, np.zeros(2000))
    curves = [ceiling, ramp, never]
    assert score(curves, 'slow') == 0.5
    assert rounds_to(curves, 'slow', 'set', 0.8) == 1200
    assert rounds_to(curves, CEILING, 'set', 0.9) == 250
    assert rounds_to(curves, 'never', 'set', 0.8) is None


def test_learners_are_ordered_as_they_should_be():
    names = (CEILING, 'LinUCB (default, alpha .1)', 'VW tuned (default): squarecb',
             'epsilon-greedy AdaGrad, NumPy', 'preset production', 'uniform')
    chosen = [learner for learner in LEARNERS if learner.name in names]
    assert len(chosen) == len(names)
    curves = measure_quality(chosen, rounds=1500, seeds=(7,), datasets=('digits',))
    figures = {name: score(curves, name) for name in names}
    assert figures[CEILING] > 0.85
    assert figures[CEILING] > figures['LinUCB (default, alpha .1)'] > 0.7
    assert figures['VW tuned (default): squarecb'] > 0.65
    assert figures['VW tuned (default): squarecb'] > figures['preset production']
    assert 0.05 < figures['uniform'] < 0.15


def test_every_learner_plays_and_repeats():
    for learner in LEARNERS:
        one, same = (measure_quality([learner], rounds=30, seeds=(3,), datasets=('clusters',))
                     for _ in range(2))
        assert (one[0].rewards == same[0].rewards).all()
        assert set(one[0].rewards) <= {0.0, 1.0}
