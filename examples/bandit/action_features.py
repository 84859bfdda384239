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

"""Routes change from round to round; the bandit learns what makes a route good."""

import numpy as np
from rfsn_ros.bandit import VWConfig, VWContextualBandit

generator = np.random.default_rng(0)
earned, possible = [], []
config = VWConfig(context_dim=2, action_dim=3, reward_min=-1.0, reward_max=1.0)
with VWContextualBandit(config) as bandit:
    for _ in range(2000):
        hurry, rain = context = generator.random(2)
        routes = generator.random((generator.integers(2, 8), 3))  # speed, roof, scenery
        mask = routes[:, 0] > 0.1  # routes that do not move are not offered
        mask[0] = True
        value = np.clip((routes - 0.5) @ [hurry, rain, 0.3], -1.0, 1.0)
        action, choice = bandit.select_action(context, actions=routes, mask=mask)
        bandit.update(context, action, value[action], actions=routes, mask=mask,
                      probability=choice.probability)
        earned.append(value[action])
        possible.append(value[mask].max())
print(f'last 500 rounds: {np.mean(earned[-500:]):.3f} of {np.mean(possible[-500:]):.3f}')
