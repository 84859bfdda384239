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

"""Drawing: the block-wise generator against NumPy's own, and the inverted cumulative sum."""

import numpy as np
import pytest
from rfsn_ros.bandit.sampling import Draws, invert_cdf


@pytest.mark.parametrize('seed', [0, 7, 2**31 - 1])
def test_draws_are_those_of_the_generator_one_by_one(seed):
    draws, generator = Draws(seed), np.random.Generator(np.random.PCG64(seed))
    for _ in range(200):
        assert draws.state == generator.bit_generator.state
        assert draws.next() == generator.random()


@pytest.mark.parametrize('drawn', [0, 1, 63, 64, 65, 150])
def test_draws_go_on_from_a_state(drawn):
    first = Draws(3)
    for _ in range(drawn):
        first.next()
    second = Draws.from_state(first.state)
    assert [first.next() for _ in range(150)] == [second.next() for _ in range(150)]
    assert first.state == second.state


@pytest.mark.parametrize('state', [None, {}, {'bit_generator': 'MT19937', 'state': {}}])
def test_a_strange_state_is_refused(state):
    with pytest.raises((KeyError, TypeError, ValueError)):
        Draws.from_state(state)


def test_actions_of_no_probability_are_never_returned():
    for pmf in ([0.0, 0.5, 0.0, 0.5, 0.0], [0.0, 0.3, 0.0, 0.6, 0.0]):  # the second sums to 0.9
        for draw in (0.0, 0.25, 0.5, 0.75, 0.95, np.nextafter(1.0, 0.0)):
            assert pmf[invert_cdf(pmf, draw)] > 0.0
            assert pmf[invert_cdf(np.array(pmf), draw)] > 0.0


def test_boundaries_belong_to_the_action_above():
    assert [invert_cdf([0.25, 0.75], draw) for draw in (0.0, 0.2499, 0.25, 0.999)] == [0, 0, 1, 1]
    assert invert_cdf([0.0, 0.0], 0.5) == 0
