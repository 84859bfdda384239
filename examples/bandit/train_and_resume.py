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

"""Training on the digits of scikit-learn that can be stopped and started at any time.

Usage: python train_and_resume.py [FOLDER]; run it again with the same folder to go on.
"""

import sys
import tempfile

from rfsn_ros.bandit import (
    OptimizerConfig,
    SupervisedEnvironment,
    VWBanditOptimizer,
    VWConfig,
    VWContextualBandit,
)
from sklearn.datasets import load_digits

folder = sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp()
images, labels = load_digits(return_X_y=True)
bandit = VWContextualBandit(VWConfig(n_actions=10, context_dim=64))
settings = OptimizerConfig(rounds=3000, window=500, checkpoint_every=500, folder=folder)
result = VWBanditOptimizer(bandit, SupervisedEnvironment(images / 16.0, labels), settings).run()
print(f'{result.rounds} rounds, newest 500: {result.history[-1].window_reward:.3f} right')
print(f'checkpoints, history.csv and history.png are in {folder}')
