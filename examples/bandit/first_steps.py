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

"""A bandit learns which of three actions suits the context."""

import numpy as np
from rfsn_ros.bandit import VWConfig, VWContextualBandit

generator = np.random.default_rng(0)
rewards = []
with VWContextualBandit(VWConfig(n_actions=3, context_dim=4)) as bandit:
    for _ in range(2000):
        context = generator.normal(size=4)
        action, choice = bandit.select_action(context)
        reward = float(action == context[:3].argmax())
        bandit.update(context, action, reward, probability=choice.probability)
        rewards.append(reward)
print(f'first 200 rounds: {np.mean(rewards[:200]):.2f}, last 200: {np.mean(rewards[-200:]):.2f}')
