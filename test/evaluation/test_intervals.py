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

from hypothesis import given, settings
from hypothesis import strategies as st
import numpy as np
import pytest
from rfsn_ros.errors import InputError
from rfsn_ros.evaluation import (
    bootstrap_interval,
    bootstrap_ratio_interval,
    confidence_sequence,
    empirical_bernstein_interval,
    wilson_interval,
)


@pytest.mark.parametrize(('draw', 'mean'), [
    (lambda rng: rng.normal(size=60), 0.0),
    (lambda rng: rng.exponential(size=200), 1.0),
    (lambda rng: 5.0 * (rng.random(200) < 0.2), 1.0),
])
def test_bootstrap_covers_the_mean(draw, mean):
    rng = np.random.default_rng(3)
    covered = np.mean([
        mean in bootstrap_interval(draw(rng), seed=seed, resamples=400) for seed in range(400)])
    assert 0.92 <= covered <= 0.98


def test_groups_widen_the_interval_of_dependent_rows():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(30), 20)
    values = rng.normal(size=30)[groups] + 0.1 * rng.normal(size=600)
    alone, together = bootstrap_interval(values), bootstrap_interval(values, groups=groups)
    assert together.half_width > 3.0 * alone.half_width
    assert together.value == pytest.approx(alone.value)


@given(st.integers(5, 50), st.integers(0, 1000), st.floats(-10, 10), st.floats(0.1, 10))
@settings(max_examples=50, deadline=None)
def test_bootstrap_moves_and_scales_with_the_values(count, seed, shift, scale):
    values = np.random.default_rng(seed).normal(size=count)
    plain = bootstrap_interval(values, resamples=200)
    moved = bootstrap_interval(shift + scale * values, resamples=200)
    assert plain.low <= plain.value <= plain.high
    assert moved.low == pytest.approx(shift + scale * plain.low)
    assert moved.high == pytest.approx(shift + scale * plain.high)


def test_difference_is_resampled_in_pairs():
    rng = np.random.default_rng(1)
    common = rng.normal(size=(500, 1)) * 10
    first, second = common + 0.3, common + 0.1 * rng.normal(size=(500, 1))
    ones = np.ones((500, 2))
    difference = bootstrap_ratio_interval(np.hstack((first, -second)), ones)
    assert difference.half_width < 0.02
    assert 0.3 in difference


def test_bootstrap_same_seed_same_interval():
    values = np.random.default_rng(0).normal(size=50)
    assert bootstrap_interval(values, seed=4) == bootstrap_interval(values, seed=4)
    assert bootstrap_interval(values, seed=4) != bootstrap_interval(values, seed=5)


def test_one_row_says_nothing():
    interval = bootstrap_interval([2.0])
    assert (interval.value, interval.low, interval.high) == (2.0, -math.inf, math.inf)


def test_equal_rows_have_no_width():
    interval = bootstrap_interval([0.3] * 7)
    assert interval.half_width == 0.0


@pytest.mark.parametrize(('successes', 'trials', 'low', 'high'), [
    (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634),
])
def test_wilson_known_values(successes, trials, low, high):
    interval = wilson_interval(successes, trials)
    assert interval.low == pytest.approx(low, abs=1e-4)
    assert interval.high == pytest.approx(high, abs=1e-4)
    assert successes / trials in interval


def test_bernstein_holds_and_shrinks():
    rng = np.random.default_rng(0)
    widths = []
    for count in (50, 500, 5000):
        values = rng.random((100, count)) * (rng.random((100, count)) < 0.3)
        intervals = [empirical_bernstein_interval(row, low=0.0, high=1.0) for row in values]
        assert np.mean([0.15 in interval for interval in intervals]) >= 0.95
        widths.append(np.mean([interval.half_width for interval in intervals]))
    assert widths[0] > 2.0 * widths[1] > 4.0 * widths[2]


def test_sequence_holds_at_all_times_at_once():
    rng = np.random.default_rng(0)
    missed = 0
    for _ in range(200):
        reward = (rng.random(1000) < 0.3).astype(float)
        weight = np.where(rng.random(1000) < 0.25, 4.0, 0.0)
        lower, upper = confidence_sequence(weight * reward, weight * (1.0 - reward))
        missed += bool(np.any(lower > 0.3) or np.any(upper < 0.3))
        assert np.all(np.diff(lower) >= 0.0)
        assert np.all(np.diff(upper) <= 0.0)
    assert missed <= 10
    assert upper[-1] - lower[-1] < 0.45


@pytest.mark.parametrize('call', [
    lambda: bootstrap_interval([]),
    lambda: bootstrap_interval([1.0, math.nan]),
    lambda: bootstrap_interval([1.0, 2.0], groups=[1]),
    lambda: bootstrap_interval([1.0, 2.0], level=1.0),
    lambda: bootstrap_ratio_interval(np.ones((3, 1)), np.zeros((3, 1))),
    lambda: bootstrap_ratio_interval(np.ones((3, 1)), np.ones((3, 2))),
    lambda: wilson_interval(3, 2),
    lambda: wilson_interval(0, 0),
    lambda: empirical_bernstein_interval([0.5], low=0.0, high=1.0),
    lambda: empirical_bernstein_interval([0.5, 1.5], low=0.0, high=1.0),
    lambda: confidence_sequence([0.1, -0.1], [0.1, 0.1]),
    lambda: confidence_sequence([0.1], [0.1, 0.1]),
])
def test_bad_input_is_refused(call):
    with pytest.raises(InputError):
        call()
