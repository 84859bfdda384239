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

"""The raw engine against VW's public interface, bit for bit."""

import subprocess
import sys

import numpy as np
import pytest
from rfsn_ros.bandit import vw_bandit, vw_engine, VWConfig, VWContextualBandit
from rfsn_ros.bandit.explorers import EXPLORERS
from rfsn_ros.bandit.vw_engine import open_engine, PublicEngine, raw_available, RawEngine
from rfsn_ros.errors import CheckpointError, ConfigError

needs_raw = pytest.mark.skipif(not raw_available(), reason='this VW lacks the raw names')


def rounds(engine, count, n_actions, action_dim):
    """Yield rounds in which contexts and action features repeat now and then."""
    generator = np.random.default_rng(0)
    for number in range(count):
        if number % 3 != 2:
            context = list(zip(engine.context_hashes, generator.normal(size=8).tolist(),
                               strict=True))
            offered = int(generator.integers(1, n_actions + 1))
            actions = [
                [(engine.action_hash(f'f{i}'), value)
                 for i, value in enumerate(generator.normal(size=action_dim).tolist())]
                for _ in range(offered)]
        yield (context, actions, int(generator.integers(offered)), -float(generator.random()),
               float(generator.uniform(0.05, 1.0)))


@needs_raw
@pytest.mark.parametrize('exploration', EXPLORERS)
def test_raw_and_public_agree_bit_for_bit(exploration, tmp_path):
    arguments = VWConfig(n_actions=6, context_dim=8, exploration=exploration).arguments()
    raw, public = (kind(arguments, 8) for kind in (RawEngine, PublicEngine))
    for context, actions, chosen, cost, probability in rounds(raw, 300, 6, 3):
        assert raw.predict(context, actions) == public.predict(context, actions)
        raw.learn(context, actions, chosen, cost, probability)
        public.learn(context, actions, chosen, cost, probability)
    for name, engine in (('raw', raw), ('public', public)):
        engine.save(tmp_path / name)
        engine.close()
    crossed = (RawEngine(arguments, 8, tmp_path / 'public'),
               PublicEngine(arguments, 8, tmp_path / 'raw'))
    for context, actions, chosen, cost, probability in rounds(crossed[0], 50, 6, 3):
        assert crossed[0].predict(context, actions) == crossed[1].predict(context, actions)
        for engine in crossed:
            engine.learn(context, actions, chosen, cost, probability)


@needs_raw
def test_zero_features_and_empty_contexts_agree():
    arguments = VWConfig(n_actions=2, context_dim=8).arguments()
    raw, public = (kind(arguments, 8) for kind in (RawEngine, PublicEngine))
    identities = [[(raw.action_hash(f'k{k}'), 1.0)] for k in range(2)]
    for values in ([0.0] * 8, [1e-30] * 8, [1e6] * 8, [0.0, 1.0] * 4):
        context = list(zip(raw.context_hashes, values, strict=True))
        for engine in (raw, public):
            engine.learn(context, identities, 1, -1.0, 0.5)
        assert raw.predict(context, identities) == public.predict(context, identities)


def test_falls_back_to_the_public_engine(monkeypatch):
    monkeypatch.setattr(vw_engine, 'pylibvw', None)
    assert not raw_available()
    engine = open_engine(VWConfig(context_dim=8).arguments(), 8)
    assert type(engine) is PublicEngine
    bandit = VWContextualBandit(VWConfig(n_actions=3, context_dim=2))
    bandit.update(np.ones(2), 1, 1.0)
    assert bandit.predict(np.ones(2)).argmax() == 1


def test_opens_the_raw_engine_where_it_can():
    assert isinstance(open_engine(VWConfig().arguments(), 1), RawEngine) == raw_available()


def test_errors_of_vw_are_translated(tmp_path):
    with pytest.raises(ConfigError, match='Vowpal Wabbit refuses'):
        open_engine(['--quiet', '--no_such_option'], 1)
    path = tmp_path / 'model'
    path.write_bytes(b'not a model')
    with pytest.raises(CheckpointError, match='Vowpal Wabbit refuses the model'):
        open_engine(VWConfig().arguments(), 1, path)


def test_every_context_feature_has_its_own_weight():
    """Integer names would share weights between neighbours (see docs/bandit.md)."""
    bandit = VWContextualBandit(VWConfig(n_actions=16, context_dim=64, exploration='softmax'))
    for feature in range(64):
        context = np.zeros(64)
        context[feature] = 1.0
        for action in range(16):
            bandit.update(context, action, float(action == feature % 16), probability=1 / 16)
    best = []
    for feature in range(64):
        context = np.zeros(64)
        context[feature] = 1.0
        best.append(int(bandit.predict(context).argmax()) == feature % 16)
    assert all(best)


def test_only_the_executed_action_is_shown_to_mtr(monkeypatch):
    shown = []
    bandit = VWContextualBandit(VWConfig(n_actions=4, context_dim=2))
    monkeypatch.setattr(bandit._engine, 'learn', lambda *call: shown.append(call))
    bandit.update(np.ones(2), 2, 1.0, probability=0.5)
    [(_, actions, chosen, cost, probability)] = shown
    assert (len(actions), chosen, cost, probability) == (1, 0, -1.0, 0.5)


def test_costs_are_rewards_mapped_into_minus_one_to_zero(monkeypatch):
    costs = []
    bandit = VWContextualBandit(
        VWConfig(n_actions=2, context_dim=1, reward_min=-3.0, reward_max=1.0))
    monkeypatch.setattr(bandit._engine, 'learn', lambda *call: costs.append(call[3]))
    for reward in (-3.0, -1.0, 1.0):
        bandit.update(np.ones(1), 0, reward, probability=0.5)
    assert costs == [0.0, -0.5, -1.0]


def test_rss_stays_flat():
    """30,000 rounds, 150 checkpoints and 150 bandits leave the process as large as it was."""
    program = '''
import gc
import numpy as np
from rfsn_ros.bandit import VWConfig, VWContextualBandit
def rss():
    gc.collect()
    return int(open('/proc/self/statm').read().split()[1]) * 4096
generator = np.random.default_rng(0)
contexts = generator.normal(size=(500, 16))
table = generator.normal(size=(6, 3))
def work(rounds):
    for number in range(rounds):
        context = contexts[number % 500]
        action, choice = fixed.select_action(context)
        fixed.update(context, action, float(action == 1), probability=choice.probability)
        action, choice = varying.select_action(context, actions=table)
        varying.update(context, action, 0.5, actions=table)
        if number % 100 == 0:
            fixed.load_bytes(fixed.state_bytes())
            VWContextualBandit(VWConfig(n_actions=4, context_dim=16)).close()
fixed = VWContextualBandit(VWConfig(n_actions=4, context_dim=16))
varying = VWContextualBandit(VWConfig(context_dim=16, action_dim=3))
work(2000)
before = rss()
work(15000)
print(rss() - before)
'''
    result = subprocess.run(  # own process: nothing else may grow meanwhile
        [sys.executable, '-c', program], capture_output=True, text=True, check=True, timeout=120)
    assert int(result.stdout) < 2_000_000


def test_engine_is_the_only_place_that_imports_vw():
    assert vw_bandit.open_engine is open_engine
