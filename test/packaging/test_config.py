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

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
import pytest
from rfsn_ros.bandit import make_bandit, VWConfig
from rfsn_ros.config import annotated_yaml, Mode, RFSNConfig
from rfsn_ros.errors import ConfigError
from rfsn_ros.navigation import ROBOTS, settings_of
from rfsn_ros.navigation.registry import default_checkpoint
from rfsn_ros.schema import parameters
import yaml

FOLDER = Path(__file__).resolve().parents[2] / 'config'


@pytest.mark.parametrize('path', sorted(FOLDER.rglob('*.yaml')), ids=lambda path: path.name)
def test_every_shipped_file_is_valid_and_survives_a_round_trip(path):
    config = RFSNConfig.from_yaml(path)
    assert RFSNConfig.from_yaml(config.to_yaml()) == config


def test_default_lists_every_setting_as_the_code_describes_it():
    assert (FOLDER / 'default.yaml').read_text() == annotated_yaml(), 'run `make config`'
    assert RFSNConfig.from_yaml(FOLDER / 'default.yaml') == RFSNConfig()


@pytest.mark.parametrize('name', ['development', 'staging', 'production'])
def test_a_stage_saves_as_often_as_the_preset_of_its_name(name):
    bandit = RFSNConfig.from_yaml(FOLDER / f'{name}.yaml').bandit
    assert bandit.save_frequency == getattr(VWConfig, name)().save_frequency


@pytest.mark.parametrize('path', sorted(FOLDER.glob('*.yaml')), ids=lambda path: path.name)
def test_the_shipped_checkpoint_can_be_loaded_under_every_preset(path):
    with make_bandit(RFSNConfig.from_yaml(path).bandit) as bandit:
        bandit.load(default_checkpoint())
        assert bandit.example_count > 0


@pytest.mark.parametrize(('changes', 'expected'), [
    ({}, []),
    ({'bandit.gamma_scale': 10.0, 'driving.exploration': 0.3}, []),
    ({'bandit.exploration': 'softmax'}, []),
    ({'bandit.exploration': 'bag', 'bandit.epsilon': 0.3}, []),
    ({'bandit.epsilon': 0.3},
     ['bandit.epsilon = 0.3 has no effect: the explorer squarecb does not read it']),
    ({'bandit.exploration': 'bag', 'bandit.gamma_scale': 10.0, 'bandit.cover_size': 3}, [
        'bandit.cover_size = 3 has no effect: the explorer bag does not read it',
        'bandit.gamma_scale = 10 has no effect: the explorer bag does not read it']),
])
def test_a_setting_that_the_explorer_does_not_read_is_named(changes, expected):
    assert RFSNConfig().updated(changes).without_effect() == expected


def test_every_robot_has_a_file_that_says_what_the_code_says():
    files = {path.stem: path for path in (FOLDER / 'robots').glob('*.yaml')}
    assert set(files) == set(ROBOTS)
    for name, path in files.items():
        assert RFSNConfig.from_yaml(path).navigation == settings_of(name)


def form(text):
    return yaml.safe_dump({'/**': {'ros__parameters': yaml.safe_load(text)}})


@pytest.mark.parametrize(('text', 'names'), [
    ('driving: {mod: online}', ['driving.mod', 'online']),
    ('driving: {mode: sideways}', ['driving.mode', 'sideways']),
    ('bandit: {epsilon: 3}', ['bandit.epsilon', '3']),
    ('navigation: {robot: {max_speed: fast}}', ['navigation.robot.max_speed', 'fast']),
    ('navigation: {robot: {max_speed: -1.0}}', ['navigation.robot.max_speed', '-1.0']),
    ('bandit: {epsilon: .nan}', ['bandit.epsilon', 'nan']),
    ('drivign: {mode: online}', ['drivign']),
    ('driving.policy: best', ['policy', 'best']),
])
def test_an_unknown_key_or_a_bad_value_is_an_error_that_names_both(text, names):
    with pytest.raises(ConfigError) as caught:
        RFSNConfig.from_yaml(form(text))
    for name in names:
        assert name in str(caught.value)


def test_a_file_may_name_nodes_that_agree():
    text = 'bandit_node: {{ros__parameters: {{navigation: {{control_rate: 20.0}}, {0}}}}}\n' \
        '/robot1/sim_bridge: {{ros__parameters: {{navigation.control_rate: {1}, {0}, ' \
        'bridge.seed: 7}}}}\n' \
        '/**: {{ros__parameters: {{driving.mode: shadow}}}}'
    own = 'use_sim_time: true, start_type_description_service: true'
    config = RFSNConfig.from_yaml(text.format(own, 20.0))
    assert config == RFSNConfig().updated({
        'navigation.control_rate': 20.0, 'bridge.seed': 7, 'driving.mode': 'shadow'})
    with pytest.raises(ConfigError, match=(
            r"navigation.control_rate is 20.0 under 'bandit_node' and 25.0 under "
            "'/robot1/sim_bridge': the nodes share their settings")):
        RFSNConfig.from_yaml(text.format(own, 25.0))


@pytest.mark.parametrize('text', ['', '[]', 'a: 1', '/**: {}', '/**: {ros__parameters: {}, x: 1}',
                                  '/**: [', '{"/**": {ros__parameters: {}}, other: {}}'])
def test_a_file_without_the_outer_form_is_refused(text):
    with pytest.raises(ConfigError):
        RFSNConfig.from_yaml(text)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match='cannot read'):
        RFSNConfig.from_yaml(tmp_path / 'nothing.yaml')


@pytest.mark.parametrize('text', [
    '/**: {ros__parameters: [1, 2]}', '/**: {ros__parameters: 5}', 'driving: 2001-13-45',
    '/**: {ros__parameters: {driving: !!int foo}}', '!!bool foo', '!!timestamp foo',
    pytest.param('[' * 5000, id='deep'),
    '/**: {}', 'a: 1'])
def test_a_file_that_is_not_usable_is_refused_by_name(text, tmp_path):
    path = tmp_path / 'my.yaml'
    path.write_text(text)
    with pytest.raises(ConfigError, match=r'my\.yaml: ') as caught:
        RFSNConfig.from_yaml(path)
    assert '\n' not in str(caught.value)


def test_few_lines_of_aliases_do_not_fill_the_memory(tmp_path):
    path = tmp_path / 'bomb.yaml'
    levels = [f'      - &a{n} [{", ".join([f"*a{n - 1}"] * 8)}]' for n in range(1, 12)]
    path.write_text('\n'.join(
        ['/**:', '  ros__parameters:', '    x:', '      - &a0 [x, x, x, x, x, x, x]', *levels]))
    with pytest.raises(ConfigError, match=r'alias \*a0: settings know no aliases') as caught:
        RFSNConfig.from_yaml(path)
    assert len(str(caught.value)) < 500


def test_yaml_is_never_executed():
    with pytest.raises(ConfigError):
        RFSNConfig.from_yaml('!!python/object/apply:os.system ["true"]')


def test_dotted_names_change_single_settings():
    config = RFSNConfig().updated({'driving.mode': 'frozen', 'navigation.robot.max_speed': 1})
    assert config.driving.mode is Mode.FROZEN
    assert config.navigation.robot.max_speed == 1.0
    assert config.bandit == RFSNConfig().bandit


def test_shapes_of_the_learner_follow_from_navigation():
    before = RFSNConfig()
    config = before.updated({
        'navigation.sectors': before.navigation.sectors + 5, 'bandit.context_dim': 7})
    assert config.bandit.context_dim == before.bandit.context_dim + 5


@settings(max_examples=15)
@given(st.data())
def test_any_number_within_bounds_survives_the_way_through_yaml(data):
    infos = [i for i in parameters(RFSNConfig) if i.type is float and i.name.startswith((
        'driving.', 'frames.', 'scoring.'))]
    info = data.draw(st.sampled_from(infos))
    value = data.draw(st.floats(
        info.ge if info.ge is not None else info.gt, info.le,
        exclude_min=info.gt is not None))
    config = RFSNConfig().updated({info.name: value})
    assert RFSNConfig.from_yaml(config.to_yaml()) == config
