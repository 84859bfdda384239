"""Training on the digits of scikit-learn that can be stopped and started at any time.

Usage: python train_and_resume.py [FOLDER]; run it again with the same folder to go on.
"""

import sys
import tempfile

from sklearn.datasets import load_digits

from rfsn_ros.bandit import (
    OptimizerConfig,
    SupervisedEnvironment,
    VWBanditOptimizer,
    VWConfig,
    VWContextualBandit,
)

folder = sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()
images, labels = load_digits(return_X_y=True)
bandit = VWContextualBandit(VWConfig(n_actions=10, context_dim=64))
settings = OptimizerConfig(rounds=3000, window=500, checkpoint_every=500, folder=folder)
result = VWBanditOptimizer(bandit, SupervisedEnvironment(images / 16.0, labels), settings).run()
print(f'{result.rounds} rounds, newest 500: {result.history[-1].window_reward:.3f} right')
print(f'checkpoints, history.csv and history.png are in {folder}')
