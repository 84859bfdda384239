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

"""What is read from where something was seen: its pace, its turn."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from rfsn_ros.navigation.observation import halfway
from rfsn_ros.navigation.pacing import paced
from rfsn_ros.navigation.turns import bend_of, from_end, turn_of

NOISE = 0.008
TIMES = np.arange(-0.7, 0.05, 0.1)


@given(pace=st.floats(0.2, 2.0), time=st.floats(-2.0, 2.0))
def test_the_way_from_an_end_is_that_of_what_paces(pace, time):
    way, _, _ = paced(pace, 100.0, 0.0, abs(time))
    assert from_end(time, pace) == pytest.approx(way, abs=1e-9)


@given(
    pace=st.floats(0.5, 1.2), wrong=st.floats(0.95, 1.05), side=st.sampled_from([-1.0, 1.0]),
    when=st.floats(-0.3, 0.05), end=st.floats(-3.0, 3.0), seed=st.integers(0, 9))
def test_a_turn_is_found_where_and_when_it_was(pace, wrong, side, when, end, seed):
    noise = np.random.default_rng(seed).normal(0.0, 0.5 * NOISE, len(TIMES))
    places = end - side * np.array([from_end(t - when, pace) for t in TIMES]) + noise
    found, at, now, _, gain, error = turn_of(TIMES, places, wrong * pace, 0.08, NOISE)
    assert now == pytest.approx(end - side * from_end(when, pace), abs=0.03)
    assert found == pytest.approx(when, abs=0.06)
    assert at == pytest.approx(end, abs=0.03)
    assert gain > 9.0
    assert error < 2.0 * len(TIMES)


@given(speed=st.floats(-1.5, 1.5), pace=st.floats(0.3, 1.5), seed=st.integers(0, 9))
def test_what_keeps_its_pace_does_not_turn(speed, pace, seed):
    noise = np.random.default_rng(seed).normal(0.0, 0.5 * NOISE, len(TIMES))
    *_, gain, _ = turn_of(TIMES, speed * TIMES + noise, pace, 0.08, NOISE)
    assert gain < 9.0


@given(st.lists(st.floats(-3.0, 3.0), min_size=len(TIMES), max_size=len(TIMES)))
def test_line_and_parabola_are_those_of_least_squares(places):
    places = np.array(places)
    speed, error, change = bend_of(TIMES, places)
    line = np.polyfit(TIMES, places, 1)
    assert speed == pytest.approx(line[0], abs=1e-6)
    assert error == pytest.approx(np.sum((np.polyval(line, TIMES) - places) ** 2), abs=1e-6)
    assert change == pytest.approx(2.0 * np.polyfit(TIMES, places, 2)[0], abs=1e-6)


@given(st.lists(st.floats(0.0, 1.0)))
def test_halfway_is_the_nearest_to_the_middle_if_near_enough(stamps):
    number = halfway(stamps, 0.0, 1.0)
    off = [abs(stamp - 0.5) for stamp in stamps]
    if number is None:
        assert all(one > 0.25 for one in off)
    else:
        assert off[number] == min(off) <= 0.25
