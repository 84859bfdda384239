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

"""Settings: presets, VW's argument list, refusals, YAML."""

import pytest
from rfsn_ros.bandit import LinearConfig, VWConfig
from rfsn_ros.bandit.explorers import EXPLORERS
from rfsn_ros.errors import ConfigError


def test_argument_list_of_the_default():
    assert VWConfig(n_actions=5, context_dim=10).arguments() == [
        '--quiet', '--cb_explore_adf', '--cb_type', 'mtr',
        '--squarecb', '--gamma_scale', '30', '--gamma_exponent', '0.5',
        '--cb_min_cost', '-1', '--cb_max_cost', '0',
        '--example_queue_limit', '4', '--bit_precision', '18',
        '--learning_rate', '0.75', '--power_t', '0.5', '--l1', '0', '--l2', '0',
        '--ignore_linear', 's', '--interactions', 'sa', '--hash', 'all', '--random_seed', '1']


@pytest.mark.parametrize(('exploration', 'words'), [
    ('epsilon_greedy', '--epsilon 0.05'),
    ('greedy', '--epsilon 0'),
    ('softmax', '--softmax --lambda 50'),
    ('bag', '--bag 5 --epsilon 0.05'),
    ('cover', '--cover 5 --psi 0.1'),
    ('regcb', '--regcbopt --mellowness 0.1 --cb_min_cost -1 --cb_max_cost 0'),
    ('rnd', '--rnd 3 --rnd_alpha 0.1 --epsilon 0.05'),
])
def test_arguments_of_the_explorers(exploration, words):
    assert f' {words} ' in ' '.join(VWConfig(exploration=exploration).arguments())


def test_every_other_argument_reaches_vw():
    config = VWConfig(
        exploration='epsilon_greedy', cb_type='dr', bits=20, learning_rate=0.25, power_t=0.3,
        l1=1e-7, l2=1e-6, interactions=('sa', 'ssa'), context_linear=True, normalized=False,
        hash='strings', seed=42)
    words = ' '.join(config.arguments())
    for expected in ('--cb_type dr', '--bit_precision 20', '--learning_rate 0.25', '--power_t 0.3',
                     '--l1 1e-07', '--l2 1e-06', '--adaptive --invariant',
                     '--interactions sa --interactions ssa', '--hash strings',
                     '--random_seed 42'):
        assert expected in words
    assert '--ignore_linear' not in words


@pytest.mark.parametrize(('preset', 'rate', 'epsilon', 'bits', 'frequency'), [
    (VWConfig.development, 0.1, 0.2, 18, 10),
    (VWConfig.staging, 0.08, 0.1, 19, 100),
    (VWConfig.production, 0.05, 0.05, 20, 1000),
])
def test_presets(preset, rate, epsilon, bits, frequency):
    config = preset(n_actions=5, context_dim=10)
    assert (config.learning_rate, config.epsilon, config.bits, config.save_frequency) == (
        rate, epsilon, bits, frequency)
    assert config.exploration == 'epsilon_greedy'
    assert preset(n_actions=5, bits=22).bits == 22


def test_standardised_is_regression_on_scaled_features():
    config = VWConfig.standardised(n_actions=5, seed=3)
    assert (config.standardise, config.normalized, config.propensity_floor) == (True, False, 1.0)
    assert (config.n_actions, config.seed) == (5, 3)


def test_tuned_is_the_default():
    assert VWConfig.tuned(n_actions=3) == VWConfig(n_actions=3)


@pytest.mark.parametrize(('field', 'value', 'message'), [
    ('n_actions', 0, 'n_actions = 0: must be >= 1'),
    ('context_dim', 0, 'context_dim = 0: must be >= 1'),
    ('n_actions', 2.5, 'n_actions = 2.5: must be of type int'),
    ('learning_rate', 0.0, 'learning_rate = 0.0: must be > 0'),
    ('learning_rate', float('nan'), 'must be finite'),
    ('epsilon', 1.5, 'epsilon = 1.5: must be >= 0 and <= 1'),
    ('bits', 40, 'bits = 40: must be >= 8 and <= 30'),
    ('power_t', -0.1, 'power_t = -0.1'),
    ('l1', -1.0, 'l1 = -1.0'),
    ('cb_type', 'best', "cb_type = 'best': must be one of mtr"),
    ('exploration', 'psychic', "exploration = 'psychic': must be one of epsilon_greedy"),
    ('interactions', ('s',), 'one must join s and a'),
    ('interactions', (), 'one must join s and a'),
    ('interactions', ('sx',), "'sx' must consist of"),
    ('interactions', 'sa', 'must be a list'),
    ('hash', 'sha', "hash = 'sha'"),
    ('propensity_floor', 0.0, 'propensity_floor = 0.0: must be > 0'),
    ('reward_min', 1.0, 'reward_min = 1: must be below reward_max = 1'),
    ('seed', -1, 'seed = -1'),
    ('save_frequency', -1, 'save_frequency = -1'),
    ('keep_checkpoints', 0, 'keep_checkpoints = 0'),
    ('cb_type', 'dr', 'squarecb needs one of mtr'),
])
def test_refusals_name_value_and_bound(field, value, message):
    with pytest.raises(ConfigError) as caught:
        VWConfig(**{field: value})
    assert message in str(caught.value)


@pytest.mark.parametrize('config', [
    VWConfig(n_actions=7, context_dim=3, interactions=('sa', 'saa'), seed=9),
    VWConfig.production(n_actions=2, context_dim=2, checkpoint_dir='a folder'),
    LinearConfig(n_actions=3, context_dim=2, policy='ts', alpha=0.5),
], ids=lambda config: type(config).__name__)
def test_yaml_both_ways(config, tmp_path):
    text = config.to_yaml()
    assert type(config).from_yaml(text) == config
    path = tmp_path / 'settings.yaml'
    path.write_text(text)
    assert type(config).from_yaml(path) == config


@pytest.mark.parametrize(('text', 'message'), [
    ('speed: 3', 'unknown key'), ('- 1', 'expected a mapping'), ('a: [', 'cannot read settings'),
    ('seed: !!int x', 'cannot read settings'),
    pytest.param('[' * 5000, 'cannot read settings', id='deep')])
def test_bad_yaml_is_refused(text, message):
    with pytest.raises(ConfigError, match=message):
        VWConfig.from_yaml(text)


def test_missing_yaml_file_is_refused(tmp_path):
    with pytest.raises(ConfigError, match='cannot read settings'):
        VWConfig.from_yaml(tmp_path / 'none.yaml')


def test_every_explorer_can_be_configured():
    for name in EXPLORERS:
        assert VWConfig(exploration=name).exploration == name
