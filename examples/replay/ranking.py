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

"""Rank policies from one log of random driving, then drive them all and compare the order.

    python examples/replay/ranking.py                     # some minutes
    python examples/replay/ranking.py --decisions 150 --drives 1
"""

import argparse
from pathlib import Path
import tempfile

import numpy as np
from rfsn_ros.bandit import Choice, DecisionLog, VWContextualBandit
from rfsn_ros.evaluation import compare, ESTIMATORS
from rfsn_ros.navigation import NavigationConfig, Navigator
from rfsn_ros.navigation.policies import BanditPolicy
from rfsn_ros.navigation.registry import bandit_config
from rfsn_ros.replay.jobs import BagJob, run_job
from rfsn_ros.sim import make_simulator, parse_worlds, SimConfig
from rfsn_ros.training.episode import run_episode
from rfsn_ros.training.worker import Drive, Policies, run_drive, set_up, Setting
from scipy.stats import spearmanr

RULES = ('random', 'greedy', 'fixed:gap_2.00', 'fixed:gap_1.00', 'fixed:arc_0.50')


def main() -> None:
    """Make the log, estimate, drive, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--decisions', type=int, default=2000)
    parser.add_argument('--drives', type=int, default=10, help='per policy, for the true value')
    parser.add_argument('--seed', type=int, default=1)
    options = parser.parse_args()
    navigation, worlds = NavigationConfig(), parse_worlds('generated:0-59')
    set_up(Policies(Setting(navigation, SimConfig(), None, worlds)))
    with tempfile.TemporaryDirectory() as folder:
        log, trained = Path(folder, 'random.jsonl'), Path(folder, 'trained.rfsn')
        write_log(log, options.decisions, options.seed)
        train(trained, navigation, worlds)
        policies = (*RULES, str(trained))
        true = {name: drive(name, options.drives) for name in policies}
        trace = run_job(BagJob(
            path=str(log), policies=policies, navigation=navigation.to_dict()))
        result = compare(trace.logged_data(), trace.candidates)
    for name in policies:
        print(f'{Path(name).name:15} mean reward per episode {true[name]:+.3f}')
    shown = [report.name for report in result.candidates]
    order = spearmanr(range(len(shown), 0, -1), [true[name] for name in shown])[0]
    print(f'as ranked    Spearman {order:+.2f}  {", ".join(Path(name).name for name in shown)}')
    for estimator in ESTIMATORS:
        values = [result[name].estimates[estimator].value for name in policies]
        order = spearmanr(values, [true[name] for name in policies])[0]
        print(f'{estimator:12} Spearman {order:+.2f}  {np.round(values, 3)}')


def write_log(path: Path, decisions: int, seed: int) -> None:
    """Let the random policy drive until there are enough decisions with a reward."""
    written = number = 0
    with DecisionLog(path) as log:
        while written < decisions:
            outcome = run_drive(Drive(
                number=number, policy='random', world=number % 60, seed=1000 * seed + number,
                keep=True, session=f's{seed}'))
            number += 1
            for one in outcome.rounds[:decisions - written]:
                made, reward = one.decision, one.reward
                log.decision(
                    made.id, made.stamp, made.context,
                    Choice(made.action, made.probability, made.pmf, made.draw, made.examples),
                    actions=made.actions, mask=made.mask, extra=made.extra)
                log.reward(reward.id, reward.stamp, reward.reward, valid=reward.valid)
                written += reward.valid


def train(path: Path, navigation: NavigationConfig, worlds: tuple) -> None:
    """Let a learner drive six episodes in other worlds and save it."""
    with VWContextualBandit(bandit_config(navigation)) as bandit:
        navigator = Navigator(navigation, BanditPolicy(bandit))
        for number in range(6):
            run_episode(make_simulator(SimConfig()), navigator, worlds[30 + number],
                        number=number, seed=number, learn=True)
        bandit.save(path)


def drive(name: str, drives: int) -> float:
    """Return the mean reward per episode when the policy drives itself."""
    checkpoint = name if name.endswith('.rfsn') else None
    return float(np.mean([
        run_drive(Drive(
            number=number, policy='frozen' if checkpoint else name, checkpoint=checkpoint,
            world=10 + number, seed=77 + number)).result.mean_reward
        for number in range(drives)]))


if __name__ == '__main__':
    main()
