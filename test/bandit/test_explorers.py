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

"""What tells the explorers apart."""

import numpy as np
import pytest
from rfsn_ros.bandit import VWConfig, VWContextualBandit

CONTEXT = np.array([1.0, -1.0])


def taught(rounds=300, **changes):
    """Return a bandit that was shown that action 1 of 4 is the good one."""
    bandit = VWContextualBandit(VWConfig(n_actions=4, context_dim=2, **changes))
    for number in range(rounds):
        bandit.update(CONTEXT, number % 4, float(number % 4 == 1), probability=0.25)
    return bandit


def test_epsilon_greedy_spreads_epsilon():
    pmf = taught(exploration='epsilon_greedy', epsilon=0.2).predict(CONTEXT)
    assert pmf == pytest.approx([0.05, 0.85, 0.05, 0.05], abs=1e-6)


def test_greedy_is_sure():
    assert taught(exploration='greedy').predict(CONTEXT).tolist() == [0.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize(('name', 'mild', 'strong'), [
    ('softmax', {'softmax_lambda': 1.0}, {'softmax_lambda': 10.0}),
    ('squarecb', {'gamma_scale': 1.0}, {'gamma_scale': 100.0}),
    ('bag', {'epsilon': 0.5}, {'epsilon': 0.0}),
    ('rnd', {'rnd_alpha': 2.0}, {'rnd_alpha': 0.05}),
])
def test_parameters_say_how_greedy(name, mild, strong):
    low = taught(exploration=name, **mild).predict(CONTEXT)[1]
    high = taught(exploration=name, **strong).predict(CONTEXT)[1]
    assert 0.25 < low < high <= 1.0


def test_cover_prefers_the_good_action():
    pmf = taught(exploration='cover', rounds=2000).predict(CONTEXT)
    assert pmf[1] == max(pmf) > 0.5
    assert min(pmf) > 0.0


def test_regcb_drops_implausible_actions():
    pmf = taught(exploration='regcb', rounds=2000).predict(CONTEXT)
    assert pmf.tolist() == [0.0, 1.0, 0.0, 0.0]
