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

"""Scaling while learning: the right figures, states that go on, and what it is for."""

import numpy as np
import pytest
from rfsn_ros.bandit import CheckpointStore, VWConfig, VWContextualBandit
from rfsn_ros.bandit.container import pack, unpack
from rfsn_ros.bandit.scaling import RunningScale
from rfsn_ros.errors import CheckpointError


@pytest.mark.parametrize('together', [1, 5])
def test_scales_by_mean_and_deviation_of_all_rows(together):
    generator = np.random.default_rng(0)
    rows = generator.normal(size=(15, 3)) * [1e-3, 1.0, 1e5] + [1.0, 0.0, -1e6]
    scale = RunningScale(3)
    for part in rows.reshape(-1, together, 3):
        assert scale.learn(part if together > 1 else part[0])
    expected = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    assert scale.apply(rows) == pytest.approx(expected, abs=1e-6)
    assert scale.apply(rows[4]) == pytest.approx(expected[4], abs=1e-6)


def test_is_renewed_ever_more_seldom_but_never_far_behind():
    generator = np.random.default_rng(1)
    scale = RunningScale(1)
    renewed = [scale.learn(generator.normal(size=1)) for _ in range(2000)]
    assert all(renewed[:15])
    assert 60 < sum(renewed) < 150
    assert all(any(renewed[start:start + start // 16 + 2]) for start in range(1800))


def test_what_never_varied_is_nothing_and_what_is_far_off_is_clipped():
    scale = RunningScale(3)
    assert scale.apply(np.array([1e6, -1e6, 0.0])).tolist() == [0.0, 0.0, 0.0]
    for value in (1.0, 2.0, 3.0):
        scale.learn(np.array([0.1, value, 1e6 + 1e-12 * value]))
    assert scale.apply(np.array([1e6, 1e6, -1e6])).tolist() == [0.0, 8.0, 0.0]
    assert scale.apply(np.array([0.1, -1e6, 1e6])).tolist() == [0.0, -8.0, 0.0]


def test_goes_on_from_a_dumped_state():
    generator = np.random.default_rng(2)
    scale = RunningScale(4)
    for row in generator.normal(size=(40, 4)):
        scale.learn(row)
    other = RunningScale(4).parse(scale.dump())
    for row in generator.normal(size=(40, 4)):
        assert scale.learn(row) == other.learn(row)
        assert scale.apply(row).tolist() == other.apply(row).tolist()
    with pytest.raises(CheckpointError, match='do not fit the settings'):
        scale.parse(scale.dump()[:-8])


def earned(config, contexts, labels):
    rewards = []
    with VWContextualBandit(config) as bandit:
        for context, label in zip(contexts, labels, strict=True):
            action, choice = bandit.select_action(context)
            rewards.append(float(action == label))
            bandit.update(context, action, rewards[-1], probability=choice.probability)
    return rewards


def test_what_is_earned_does_not_depend_on_scale_and_mean():
    generator = np.random.default_rng(3)
    contexts = generator.normal(size=(1500, 8))
    labels = contexts[:, :4].argmax(axis=1)
    moved = contexts * 10.0 ** generator.uniform(-3, 3, size=8) * 4 + 7.0
    config = VWConfig.standardised(n_actions=4, context_dim=8)
    plain, other = earned(config, contexts, labels), earned(config, moved, labels)
    assert np.mean(plain[-500:]) > 0.85
    assert np.mean(plain) == pytest.approx(np.mean(other), abs=0.02)
    assert np.mean(earned(config.replace(standardise=False), moved, labels)) < 0.6


def test_a_payload_without_its_scales_is_refused():
    bandit = VWContextualBandit(VWConfig.standardised(n_actions=2, context_dim=3))
    manifest, payload = unpack(bandit.state_bytes())
    for cut in (payload[:10], payload[8:]):
        with pytest.raises(CheckpointError):
            bandit.load_bytes(pack(manifest, cut))


def test_checkpoints_from_before_there_was_the_choice_still_load(tmp_path):
    bandit = VWContextualBandit(VWConfig(n_actions=2, context_dim=3))
    bandit.update(np.ones(3), 1, 1.0)
    manifest, payload = unpack(bandit.state_bytes())
    del manifest['config']['standardise']
    store = CheckpointStore(tmp_path)
    store.save(bandit, 'old').path.write_bytes(pack(manifest, payload))
    assert store.load(bandit, 'old').example_count == 1
    with pytest.raises(CheckpointError, match='standardise is False there and True here'):
        store.load(VWContextualBandit(VWConfig(n_actions=2, context_dim=3, standardise=True)))
