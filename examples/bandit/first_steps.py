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
