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

import numpy as np
import pytest
from rfsn_ros.evaluation import LoggedData


class SyntheticWorld:
    """Contexts, action sets of varying size and a known mean reward; so values are known."""

    def __init__(self, *, features=0, actions=8, varying=False, curved=False, seed=0):
        generator = np.random.default_rng(seed)
        self.dim, self.actions, self.features = 5, actions, features
        self.varying, self.curved = varying, curved
        width = features or actions
        self.slopes = generator.normal(size=(self.dim, width)) / np.sqrt(self.dim)
        self.offsets = generator.normal(size=width) if features else np.zeros(width)
        self.other = generator.normal(size=(self.dim, width)) / np.sqrt(self.dim)

    def rounds(self, count, generator):
        context = generator.normal(size=(count, self.dim))
        features = generator.normal(size=(count, self.actions, self.features)) \
            if self.features else None
        available = np.ones((count, self.actions), dtype=bool)
        if self.varying:
            available = generator.random((count, self.actions)) < 0.7
            available[:, 0] = True
        return context, features, available

    def score(self, context, features, slopes, offsets):
        per_feature = offsets + context @ slopes
        if features is None:
            return per_feature
        return np.einsum('nka,na->nk', features, per_feature) / np.sqrt(self.features)

    def mean_reward(self, context, features):
        score = self.score(context, features, self.slopes, self.offsets)
        return 0.5 + (0.4 * np.sin(2.0 * score) if self.curved else 0.2 * score)

    def policy(self, rounds, strength):
        """Prefer good actions by `strength` (0 is uniform; negative prefers bad ones)."""
        return self._softmax(strength * self.mean_reward(*rounds[:2]), rounds[2])

    def skewed_policy(self, rounds, strength):
        """Prefer actions by something that has nothing to do with the reward."""
        score = self.score(*rounds[:2], self.other, np.zeros_like(self.offsets))
        return self._softmax(strength * score, rounds[2])

    def _softmax(self, score, available):
        score = np.where(available, score, -np.inf)
        weight = np.exp(score - score.max(axis=1, keepdims=True))
        return weight / weight.sum(axis=1, keepdims=True)

    def log(self, count, seed, *, skew=0.0):
        generator = np.random.default_rng(seed)
        rounds = context, features, available = self.rounds(count, generator)
        pmf, rows = self.skewed_policy(rounds, skew), np.arange(count)
        action = (pmf.cumsum(axis=1) < generator.random(count)[:, None]).sum(axis=1)
        action = np.where(available[rows, action % self.actions], action, pmf.argmax(axis=1))
        reward = self.mean_reward(context, features)[rows, action]
        return LoggedData(
            context=context, action=action, features=features, available=available, pmf=pmf,
            reward=reward + 0.3 * generator.normal(size=count), probability=pmf[rows, action])

    def value(self, strength, count=100_000):
        rounds = self.rounds(count, np.random.default_rng(10**6))
        return float((self.policy(rounds, strength) * self.mean_reward(*rounds[:2])).sum(1).mean())


@pytest.fixture(scope='session')
def synthetic_world():
    return SyntheticWorld


@pytest.fixture(scope='session')
def candidate():
    def pmf(world, data, strength):
        return world.policy((data.context, data.features, data.available), strength)
    return pmf
