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

"""One policy drives and logs; others are trained from the log without driving."""

from pathlib import Path
import tempfile

import numpy as np
from rfsn_ros.bandit import (
    DecisionLog,
    LinearConfig,
    make_bandit,
    new_session,
    train_from_log,
    VWConfig,
)

path = Path(tempfile.mkdtemp(), 'decisions.jsonl')
generator = np.random.default_rng(0)
careless = make_bandit(VWConfig(
    n_actions=4, context_dim=6, exploration='epsilon_greedy', epsilon=1.0))
session = new_session()
with DecisionLog(path) as log:
    for number in range(2000):
        context = generator.normal(size=6)
        action, choice = careless.select_action(context)
        log.decision(f'{session}-{number}', float(number), context, choice)
        log.reward(f'{session}-{number}', float(number), float(action == context[:4].argmax()))

for config in (VWConfig(n_actions=4, context_dim=6), LinearConfig(n_actions=4, context_dim=6)):
    learner = make_bandit(config)
    train_from_log(learner, path)
    probes = generator.normal(size=(500, 6))
    right = [learner.predict(probe)[probe[:4].argmax()] for probe in probes]
    print(f'{type(config).__name__}: right with probability {np.mean(right):.2f}')
