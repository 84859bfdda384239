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

"""Every policy by its name, behind one contract."""

import numpy as np
import pytest
from rfsn_ros.bandit import make_bandit
from rfsn_ros.config import RFSNConfig
from rfsn_ros.errors import ConfigError
from rfsn_ros.navigation import (
    make_policy,
    Navigator,
    PrimitiveKind,
    PrimitiveLibrary,
    ROBOTS,
    settings_of,
    Twist2D,
)
from rfsn_ros.navigation.registry import bandit_config

NAMES = ['bandit', 'frozen', 'greedy', 'greedy:told', 'random', 'fixed:gap_2.00', 'dwa', 'dwa:0.5']


@pytest.mark.parametrize('name', NAMES)
def test_every_policy_gives_a_pmf_over_the_feasible_set(observe, config, name):
    navigator = Navigator(config, make_policy(name, config, seed=3))
    decision = navigator.decide(observe([(1.5, 0.1, 0.2)]))
    assert decision.pmf.shape == (len(navigator.library),)
    assert decision.pmf.sum() == pytest.approx(1.0)
    assert decision.probability == pytest.approx(decision.pmf[decision.action])
    if decision.executed >= 0:
        assert decision.mask[decision.action]
        assert not decision.pmf[~decision.mask].any()


@pytest.mark.parametrize('name', ['best', 'fixed:nothing', 'dwa:fast', 'dwa:-1', 'greedy:x'])
def test_unknown_names_are_refused(config, name):
    with pytest.raises(ConfigError):
        make_policy(name, config)


def test_dwa_keeps_its_speed_limit(observe, config):
    navigator = Navigator(config, make_policy('dwa:0.5', config))
    decision = navigator.decide(observe([], twist=Twist2D(0.4, 0.0)))
    assert decision.executed == -1
    assert 0.0 < decision.command.v <= 0.5 / 0.5


def test_the_bandit_learns_only_when_it_is_not_frozen(observe, config):
    for name, count in (('bandit', 1), ('frozen', 0)):
        policy = make_policy(name, config)
        navigator = Navigator(config, policy)
        navigator.learn(navigator.decide(observe([])), 0.5)
        assert policy.bandit.example_count == count


def test_no_policy_saves_itself(observe, config, tmp_path):
    folder = str(tmp_path / 'own')
    settings = bandit_config(config).replace(save_frequency=1, checkpoint_dir=folder)
    with make_bandit(settings) as bandit:
        bandit.save(tmp_path / 'saved')
    for given in ({'bandit': settings}, {'checkpoint': tmp_path / 'saved'}):
        policy = make_policy('bandit', config, **given)
        navigator = Navigator(config, policy)
        navigator.learn(navigator.decide(observe([])), 0.5)
        assert policy.bandit.example_count == 1
    assert [path.name for path in tmp_path.iterdir()] == ['saved']


@pytest.mark.parametrize('robot', ROBOTS)
def test_primitives_are_named_once_and_keep_the_limits(robot):
    config = settings_of(robot)
    library = PrimitiveLibrary(config.primitives, config.robot)
    assert len(set(library.names)) == len(library) > 30
    assert library[0].kind is PrimitiveKind.STOP
    assert (library.table[:, 0] <= config.robot.max_speed + 1e-9).all()
    assert (library.table[:, 0] >= -config.robot.max_reverse - 1e-9).all()
    assert (np.abs(library.table[:, 1]) <= config.robot.max_turn_rate + 1e-9).all()
    for k, name in enumerate(library.names):
        assert library.index(name) == k


def test_names_tell_alike_primitives_apart_by_more_decimals():
    config, robot = settings_of('jackal').primitives, settings_of('jackal').robot
    assert 'arc_0.50_left_0.32' in PrimitiveLibrary(config, robot).names
    close = PrimitiveLibrary(config.replace(arc_speeds=(0.25, 0.252, 1.0)), robot)
    slow = PrimitiveLibrary(config, robot.replace(max_speed=0.03))
    assert {'arc_0.500', 'arc_0.504'} < set(close.names)
    for library in (close, slow):
        assert len(set(library.names)) == len(library)


def test_a_primitive_that_is_there_twice_is_named():
    with pytest.raises(ConfigError, match=r'primitives: gap_1\.0+: must each be there once'):
        RFSNConfig().updated({'navigation.primitives.gap_speeds': [0.0, 0.5, 0.5]})
