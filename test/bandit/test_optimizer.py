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

"""The training loop: learning, evaluation, early stop, exact resume, outputs."""

import csv

import numpy as np
import pytest
from rfsn_ros.bandit import (
    CheckpointStore,
    DecisionLog,
    LinearBandit,
    LinearConfig,
    LogEnvironment,
    OptimizerConfig,
    SupervisedEnvironment,
    VWBanditOptimizer,
    VWConfig,
    VWContextualBandit,
)
from rfsn_ros.errors import CheckpointError, ConfigError, InputError


def environment():
    generator = np.random.default_rng(0)
    contexts = generator.normal(size=(300, 4))
    return SupervisedEnvironment(contexts, contexts[:, :3].argmax(axis=1))


def bandit(**changes):
    return VWContextualBandit(VWConfig(n_actions=3, context_dim=4, **changes))


def quiet(**changes):
    return OptimizerConfig(**{'progress': False, 'outputs': ('csv',), **changes})


def probe(learner):
    """Return a figure of the policy that changes with the model."""
    return float(learner.predict(np.array([1.0, 0.0, -1.0, 0.5]))[0])


class Killed(Exception):
    pass


class KillAt:
    """An environment that stops the process in the middle of a round."""

    def __init__(self, number):
        self.number = number

    def rounds(self, start):
        for offset, entry in enumerate(environment().rounds(start)):
            if start + offset == self.number:
                raise Killed
            yield entry


def test_learns_and_accounts():
    result = VWBanditOptimizer(bandit(), environment(), quiet(rounds=1500, window=200)).run()
    first, last = result.history[0], result.history[-1]
    assert result.rounds == last.round == 1500
    assert last.window_reward > 0.85 > first.window_reward
    assert last.regret == pytest.approx(1500 * (1.0 - last.mean_reward))
    assert len(result.history) == 15


def test_works_with_any_backend():
    learner = LinearBandit(LinearConfig(n_actions=3, context_dim=4))
    result = VWBanditOptimizer(learner, environment(), quiet(rounds=800, window=200)).run()
    assert result.history[-1].window_reward > 0.85


@pytest.mark.parametrize('kill_at', [1, 399, 400, 401, 777])
def test_resume_after_a_kill_is_exact(tmp_path, kill_at):
    settings = quiet(rounds=1000, checkpoint_every=100, evaluate_every=250, window=130)
    whole = VWBanditOptimizer(
        bandit(), environment(), settings.replace(folder=str(tmp_path / 'whole')),
        evaluation=probe)
    expected = whole.run()
    killed = settings.replace(folder=str(tmp_path / 'killed'))
    with pytest.raises(Killed):
        VWBanditOptimizer(bandit(), KillAt(kill_at), killed, evaluation=probe).run()
    again = VWBanditOptimizer(bandit(), environment(), killed, evaluation=probe)
    assert again.run() == expected
    assert again.bandit.state_bytes() == whole.bandit.state_bytes()
    assert again.example_count == 1000
    texts = [(tmp_path / name / 'history.csv').read_text() for name in ('whole', 'killed')]
    assert texts[0] == texts[1]


def test_a_finished_run_is_not_run_again(tmp_path):
    settings = quiet(rounds=50, folder=str(tmp_path))
    first = VWBanditOptimizer(bandit(), environment(), settings).run()
    assert VWBanditOptimizer(bandit(), KillAt(50), settings).run() == first


def test_resume_can_be_refused(tmp_path):
    settings = quiet(rounds=50, folder=str(tmp_path))
    VWBanditOptimizer(bandit(), environment(), settings).run()
    fresh = VWBanditOptimizer(bandit(), environment(), settings)
    assert fresh.run(resume=False).rounds == 50
    assert fresh.example_count == 50


def test_early_stop():
    values = iter([0.1, 0.3, 0.2, 0.25, 0.3, 0.9])
    result = VWBanditOptimizer(
        bandit(), environment(), quiet(rounds=1000, evaluate_every=50, patience=3),
        evaluation=lambda _: next(values)).run()
    assert result.stopped_early
    assert result.rounds == 250
    assert result.history[-1].evaluation == 0.3


@pytest.mark.parametrize('value', [float('nan'), float('inf'), float('-inf')])
def test_an_evaluation_that_is_no_figure_is_refused_and_nothing_saved_is_lost(tmp_path, value):
    settings = quiet(rounds=60, evaluate_every=20, checkpoint_every=10)
    whole = VWBanditOptimizer(bandit(), environment(), settings, evaluation=probe).run()
    settings = settings.replace(folder=str(tmp_path))
    figures = [probe, lambda _: value]
    optimizer = VWBanditOptimizer(bandit(), environment(), settings,
                                  evaluation=lambda learner: figures.pop(0)(learner))
    with pytest.raises(InputError, match=f'evaluation = {value} after 40 rounds: must be finite'):
        optimizer.run()
    again = VWBanditOptimizer(bandit(), environment(), settings, evaluation=probe)
    assert CheckpointStore(tmp_path / 'checkpoints').latest().example_count == 30
    assert again.run() == whole


def test_checkpoints_of_other_trainings_are_refused(tmp_path):
    settings = quiet(rounds=20, folder=str(tmp_path))
    VWBanditOptimizer(bandit(), environment(), settings).run()
    with pytest.raises(CheckpointError, match='window is 500 there and 7 here'):
        VWBanditOptimizer(bandit(), environment(), settings.replace(window=7)).run()
    with pytest.raises(CheckpointError, match='exploration'):
        VWBanditOptimizer(bandit(exploration='softmax'), environment(), settings).run()
    optimizer = VWBanditOptimizer(bandit(), environment(), quiet())
    with pytest.raises(CheckpointError, match='not a checkpoint of a training'):
        optimizer.load_bytes(bandit().state_bytes())


def test_logged_data_is_learned_and_judged(tmp_path):
    path, generator = tmp_path / 'log.jsonl', np.random.default_rng(0)
    uniform = bandit(exploration='epsilon_greedy', epsilon=1.0)
    with DecisionLog(path) as log:
        for number in range(1500):
            context = generator.normal(size=4)
            action, choice = uniform.select_action(context)
            log.decision(f's-{number}', 0.0, context, choice)
            log.reward(f's-{number}', 0.0, float(action == context[:3].argmax()))
    result = VWBanditOptimizer(
        bandit(), LogEnvironment(path), quiet(rounds=10_000, window=500)).run()
    assert result.rounds == 1500
    assert result.history[-1].window_reward > 0.75
    assert result.history[-1].regret is None


def test_every_output(tmp_path):
    pytest.importorskip('pyarrow')
    pytest.importorskip('tensorboard')
    import pyarrow.parquet
    settings = OptimizerConfig(
        rounds=300, folder=str(tmp_path), progress=True, evaluate_every=100,
        outputs=('csv', 'parquet', 'plot', 'tensorboard'))
    result = VWBanditOptimizer(bandit(), environment(), settings, evaluation=probe).run()
    rows = list(csv.DictReader((tmp_path / 'history.csv').read_text().splitlines()))
    assert [int(row['round']) for row in rows] == [100, 200, 300]
    assert float(rows[-1]['regret']) == result.history[-1].regret
    table = pyarrow.parquet.read_table(tmp_path / 'history.parquet').to_pylist()
    assert [row['mean_reward'] for row in table] == [row.mean_reward for row in result.history]
    assert (tmp_path / 'history.png').read_bytes().startswith(b'\x89PNG')
    [events] = (tmp_path / 'tensorboard').iterdir()
    assert b'window_reward' in events.read_bytes()


def test_misuse_is_refused():
    with pytest.raises(ConfigError, match='no evaluation was given'):
        VWBanditOptimizer(bandit(), environment(), quiet(evaluate_every=10))
    with pytest.raises(ConfigError, match='needs evaluate_every'):
        quiet(patience=2)
    with pytest.raises(InputError, match='as many'):
        SupervisedEnvironment(np.zeros((2, 1)), np.zeros(3, int))
