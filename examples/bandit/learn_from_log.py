"""One policy drives and logs; others are trained from the log without driving."""

import tempfile
from pathlib import Path

import numpy as np

from rfsn_ros.bandit import (
    DecisionLog,
    LinearConfig,
    VWConfig,
    make_bandit,
    new_session,
    train_from_log,
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
