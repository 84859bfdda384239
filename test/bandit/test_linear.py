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

"""The NumPy backends against closed forms."""

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from rfsn_ros.bandit import invert_cdf, LinearBandit, LinearConfig
from rfsn_ros.bandit.linear import thompson_pmf


def test_weights_are_those_of_ridge_regression():
    generator = np.random.default_rng(0)
    contexts, rewards = generator.normal(size=(80, 5)), generator.random(80)
    bandit = LinearBandit(LinearConfig(n_actions=2, context_dim=5, ridge=0.7))
    for context, reward in zip(contexts, rewards, strict=True):
        bandit.update(context, 1, reward, probability=0.5)
    rows = np.hstack([contexts, np.ones((80, 1))])
    gram = rows.T @ rows + 0.7 * np.eye(6)
    assert bandit._weights[1] == pytest.approx(np.linalg.solve(gram, rows.T @ rewards))
    assert bandit._inverse[1] == pytest.approx(np.linalg.inv(gram))
    assert not bandit._weights[0].any()


def test_action_features_share_one_model():
    generator = np.random.default_rng(1)
    bandit = LinearBandit(LinearConfig(context_dim=2, action_dim=3, alpha=0.0))
    for _ in range(500):
        context, table = generator.normal(size=2), generator.normal(size=(4, 3))
        reward = 1.0 / (1.0 + np.exp(-table[0] @ [1.0, -1.0, 0.0] * context[0]))
        bandit.update(context, 0, reward, actions=table)
    table = np.array([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert bandit.predict(np.array([1.0, 0.0]), actions=table).argmax() == 0
    assert bandit.predict(np.array([-1.0, 0.0]), actions=table).argmax() == 1


def test_ties_share_and_unknown_actions_are_tried():
    bandit = LinearBandit(LinearConfig(n_actions=4, context_dim=1, alpha=0.5))
    assert bandit.predict(np.ones(1)).tolist() == [0.25] * 4
    bandit.update(np.ones(1), 0, 0.0)
    pmf = bandit.predict(np.ones(1))
    assert pmf[0] == 0.0
    assert pmf[1:] == pytest.approx([1 / 3] * 3)


@pytest.mark.parametrize(('mean', 'deviation'), [
    ([0.0, 0.3, -0.2], [0.5, 0.2, 1.0]),
    ([0.1, 0.1, 0.1, 0.1], [0.3, 0.3, 0.3, 0.3]),
    ([1.0, 0.0], [0.5, 0.5]),
])
def test_thompson_pmf_is_how_often_each_is_largest(mean, deviation):
    draws = np.random.default_rng(0).normal(mean, deviation, size=(200_000, len(mean)))
    counted = np.bincount(draws.argmax(axis=1), minlength=len(mean)) / 200_000
    assert thompson_pmf(np.array(mean), np.array(deviation)) == pytest.approx(counted, abs=0.02)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8).filter(lambda w: sum(w) > 0.0),
       st.floats(0.0, 1.0, exclude_max=True))
def test_drawn_actions_have_probability(weights, draw):
    pmf = np.array(weights) / sum(weights)
    action = invert_cdf(pmf, draw)
    assert pmf[action] > 0.0
    before, after = pmf[:action].sum(), pmf[:action + 1].sum()
    assert before - 1e-9 <= draw <= after + 1e-9


def test_draws_follow_the_pmf():
    pmf = [0.1, 0.0, 0.6, 0.3]
    draws = np.random.default_rng(0).random(20_000)
    counts = np.bincount([invert_cdf(pmf, draw) for draw in draws], minlength=4) / 20_000
    assert counts == pytest.approx(pmf, abs=0.02)
