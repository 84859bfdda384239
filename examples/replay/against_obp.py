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

"""Value the same logs with this package and with Open Bandit Pipeline, where it is installed.

    pip install obp
    python examples/replay/against_obp.py                # 200 logs of 1000 rounds
    python examples/replay/against_obp.py --logs 3

The logs are those of its synthetic data set (10 actions, logistic rewards), whose values are
known. Both get the same reward model first, so that the formulas alone are compared, then each
its own.
"""

import argparse
import inspect

import numpy as np
from rfsn_ros.evaluation import (
    cross_fit,
    DRos,
    ESTIMATORS,
    LoggedData,
    make_estimator,
    Rounds,
    SwitchDR,
)

ACTIONS, DIMENSIONS, STRENGTH = 10, 5, 8.0
THRESHOLD, SHRINKAGE = 5.0, 50.0  # theirs must be told
NAMES = {
    'ips': 'InverseProbabilityWeighting', 'snips': 'SelfNormalizedInverseProbabilityWeighting',
    'dm': 'DirectMethod', 'dr': 'DoublyRobust', 'sndr': 'SelfNormalizedDoublyRobust',
    'switch-dr': 'SwitchDoublyRobust', 'dros': 'DoublyRobustWithShrinkage',
}


def main() -> None:
    """Make the logs, value them both ways, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--logs', type=int, default=200)
    parser.add_argument('--rounds', type=int, default=1000)
    options = parser.parse_args()
    source = make_source()
    value = float(np.mean(np.sum(candidate(many := source.obtain_batch_bandit_feedback(
        200_000)['expected_reward']) * many, axis=1)))
    errors: dict[str, list[float]] = {name: [] for name in ESTIMATORS}
    theirs: dict[str, list[float]] = {name: [] for name in NAMES}
    covered: dict[str, list[bool]] = {name: [] for name in ESTIMATORS}
    apart = dict.fromkeys(NAMES, 0.0)
    for number in range(options.logs):
        feedback = source.obtain_batch_bandit_feedback(options.rounds)
        policy, data = candidate(feedback['expected_reward']), logged(feedback)
        predictions = cross_fit(data, seed=number)
        rounds = Rounds.of(data, policy, predictions)
        for name in ESTIMATORS:
            estimate = make_estimator(name).estimate(rounds, seed=number)
            errors[name].append(abs(estimate.value - value) / value)
            covered[name].append(value in estimate.bootstrap)
        for name, difference in differences(feedback, policy, rounds, predictions.q).items():
            apart[name] = max(apart[name], difference)
        model = their_model(feedback)
        for name in NAMES:
            theirs[name].append(abs(their_value(name, feedback, policy, model) - value) / value)
    print(f'{options.logs} logs of {options.rounds} rounds, value {value:.4f}')
    print('estimator    same model: largest difference   relative error  theirs   95 % cover')
    for name in ESTIMATORS:
        other = f'{apart[name]:31.1e}' if name in NAMES else ' ' * 31
        their = f'{np.mean(theirs[name]):.4f}' if name in NAMES else '      '
        print(f'{name:12} {other} {np.mean(errors[name]):16.4f}  {their} '
              f'{100.0 * np.mean(covered[name]):11.1f}')


def make_source(seed: int = 12345):
    """Return Open Bandit Pipeline's synthetic data set."""
    from obp.dataset import (
        linear_behavior_policy,
        logistic_reward_function,
        SyntheticBanditDataset,
    )
    return SyntheticBanditDataset(
        n_actions=ACTIONS, dim_context=DIMENSIONS, reward_function=logistic_reward_function,
        behavior_policy_function=linear_behavior_policy, random_state=seed)


def candidate(expected_reward):
    """Return the candidate's probabilities, shape (n, K): it prefers what earns more."""
    weight = np.exp(STRENGTH * expected_reward)
    return weight / weight.sum(axis=1, keepdims=True)


def logged(feedback) -> LoggedData:
    """Return their log as this package's."""
    return LoggedData(
        context=feedback['context'], action=feedback['action'], reward=feedback['reward'],
        probability=feedback['pscore'], reward_range=(0.0, 1.0),
        available=np.ones((feedback['n_rounds'], ACTIONS), dtype=bool))


def differences(feedback, policy, rounds, predictions) -> dict[str, float]:
    """Return how far both are apart per estimator when they have the same reward model."""
    mine = {name: make_estimator(name) for name in NAMES} | {
        'switch-dr': SwitchDR(threshold=THRESHOLD), 'dros': DRos(strength=SHRINKAGE)}
    return {name: abs(mine[name].terms(rounds).value
                      - their_value(name, feedback, policy, predictions[:, :, None]))
            for name in NAMES}


def their_model(feedback):
    """Return what their regression model (logistic, three folds) expects, shape (n, K, 1)."""
    from obp.ope import RegressionModel
    from sklearn.linear_model import LogisticRegression
    return RegressionModel(
        n_actions=ACTIONS, base_model=LogisticRegression(max_iter=1000),
        action_context=np.eye(ACTIONS),
    ).fit_predict(context=feedback['context'], action=feedback['action'],
                  reward=feedback['reward'], n_folds=3, random_state=1)


def their_value(name: str, feedback, policy, model) -> float:
    """Return the value by their estimator."""
    from obp import ope
    kind = getattr(ope, NAMES[name])
    settings = {'switch-dr': THRESHOLD, 'dros': SHRINKAGE}.get(name)
    known = [word for word in inspect.signature(kind.__init__).parameters
             if word in ('lambda_', 'tau')]
    estimator = kind() if settings is None else kind(**{known[0]: settings})
    return float(estimator.estimate_policy_value(
        reward=feedback['reward'], action=feedback['action'], pscore=feedback['pscore'],
        action_dist=policy[:, :, None], estimated_rewards_by_reg_model=model,
        position=np.zeros(feedback['n_rounds'], dtype=int)))


if __name__ == '__main__':
    main()
