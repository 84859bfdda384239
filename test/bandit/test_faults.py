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

"""Threads, closing, damaged and foreign files: a typed error, and the live model untouched."""

import concurrent.futures
import json
import resource

import numpy as np
import pytest
from rfsn_ros.bandit import LinearBandit, LinearConfig, VWConfig, VWContextualBandit
from rfsn_ros.bandit.container import checksum, pack, unpack, write_atomic
from rfsn_ros.bandit.opening import open_bandit
from rfsn_ros.errors import (
    CheckpointError,
    ClosedError,
    InputError,
    ModelError,
    RfsnError,
    ThreadError,
)

CONTEXT = np.array([0.5, -1.0, 2.0])
CONFIG = VWConfig(n_actions=3, context_dim=3)

USES = {
    'predict': lambda bandit: bandit.predict(CONTEXT),
    'select_action': lambda bandit: bandit.select_action(CONTEXT),
    'update': lambda bandit: bandit.update(CONTEXT, 0, 1.0),
    'batch_update': lambda bandit: bandit.batch_update(CONTEXT[None], [0], [1.0], [0.5]),
    'state_bytes': lambda bandit: bandit.state_bytes(),
    'load_bytes': lambda bandit: bandit.load_bytes(b''),
}


def trained(config=CONFIG, rounds=30):
    bandit = VWContextualBandit(config)
    for number in range(rounds):
        bandit.update(CONTEXT, number % 3, float(number % 3 == 1), probability=0.5)
    return bandit


def block(head, payload=b''):
    """Return a saved bandit with any text for a manifest."""
    body = head.encode() + b'\n' + payload
    return b'RFSN-BANDIT 1\n' + checksum(body).encode() + b'\n' + body


@pytest.mark.parametrize('use', USES.values(), ids=USES)
def test_use_after_close(use):
    bandit = trained()
    bandit.close()
    bandit.close()
    with pytest.raises(ClosedError):
        use(bandit)


@pytest.mark.parametrize('use', [*USES.values(), lambda b: b.close()], ids=[*USES, 'close'])
def test_use_from_another_thread(use):
    bandit = trained()
    before = bandit.state_bytes()
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        future = pool.submit(use, bandit)
        with pytest.raises(ThreadError):
            future.result()
    assert bandit.state_bytes() == before


def test_a_diverged_model_is_an_error_not_an_action(monkeypatch):
    bandit = trained()
    for weights in ([np.nan, 0.5, 0.5], [0.0, 0.0, 0.0], [np.inf, 0.0, 0.0], [-0.1, 0.6, 0.5]):
        monkeypatch.setattr(bandit._engine, 'predict', lambda *_, w=weights: w)
        with pytest.raises(ModelError, match='no usable pmf'):
            bandit.select_action(CONTEXT)


def test_every_truncation_and_byte_flip_is_refused():
    data = trained().state_bytes()
    live = trained(rounds=10)
    before = live.state_bytes()
    generator = np.random.default_rng(0)
    for cut in [0, 1, 13, 14, 80, len(data) - 1, *generator.integers(len(data), size=200)]:
        with pytest.raises(CheckpointError):
            live.load_bytes(data[:cut])
    for position in [0, 13, 14, 79, len(data) - 1, *generator.integers(len(data), size=200)]:
        flipped = bytearray(data)
        flipped[position] ^= 1 << int(generator.integers(8))
        with pytest.raises(CheckpointError):
            live.load_bytes(bytes(flipped))
    with pytest.raises(CheckpointError):
        live.load_bytes(data + b'x')
    assert live.state_bytes() == before


@pytest.mark.parametrize(('change', 'reason'), [
    ({'exploration': 'softmax'}, "exploration is 'softmax' there and 'squarecb' here"),
    ({'bits': 20}, 'bits is 20 there and 18 here'),
    ({'n_actions': 4}, 'n_actions is 4 there and 3 here'),
    ({'learning_rate': 0.1}, 'learning_rate is 0.1 there'),
    ({'interactions': ('sa', 'ssa')}, 'interactions is'),
    ({'reward_max': 2.0}, 'reward_max is 2.0 there'),
])
def test_other_settings_are_refused_with_the_reason(change, reason):
    data = VWContextualBandit(CONFIG.replace(**change)).state_bytes()
    live = trained()
    before = live.state_bytes()
    with pytest.raises(CheckpointError) as caught:
        live.load_bytes(data)
    assert reason in str(caught.value)
    assert live.state_bytes() == before


def test_seed_and_place_of_checkpoints_do_not_matter():
    data = trained(CONFIG.replace(seed=3, save_frequency=5)).state_bytes()
    assert trained().load_bytes(data)['example_count'] == 30


@pytest.mark.parametrize(('key', 'value', 'reason'), [
    ('backend', 'linear', "made by backend 'linear'"),
    ('library_version', '8.11.0', 'made with version 8.11.0'),
    ('command_line', '--cb_explore_adf --bag 3', 'made with the arguments'),
    ('state', None, 'the manifest lacks something'),
    ('example_count', 'many', "example_count = 'many': must be an integer >= 0"),
    ('example_count', -1, 'example_count = -1: must be'),
    ('example_count', 2**63, 'must be an integer >= 0 and <= 9223372036854775807'),
    ('config', [], 'made under other settings'),
])
def test_a_strange_manifest_is_refused(key, value, reason):
    manifest, payload = unpack(trained().state_bytes())
    with pytest.raises(CheckpointError, match=reason):
        trained().load_bytes(pack({**manifest, key: value}, payload))


@pytest.mark.parametrize('change', [
    {'floored': float('inf')}, {'choices': [['', '', float('inf'), 1.0]]},
    {'choices': [['', '', 0, float('nan')]]}, {'choices': [['', '', 0, 0.0]]},
    {'generator': {'state': {'state': -1, 'inc': 1}}},
    {'generator': {'state': {'state': 2**130, 'inc': 1}}},
    {'generator': {'uinteger': 10**30}},
], ids=str)
def test_numbers_that_do_not_fit_are_refused(change):
    live = trained()
    before = live.state_bytes()
    manifest, payload = unpack(before)
    generator = {**manifest['state']['generator'], **change.get('generator', {})}
    manifest['state'].update({**change, 'generator': generator})
    with pytest.raises(CheckpointError):
        live.load_bytes(block(json.dumps(manifest | {'size': len(payload)}), payload))
    assert live.state_bytes() == before


def test_a_payload_that_vw_cannot_read_is_refused():
    manifest, _ = unpack(trained().state_bytes())
    live = trained()
    before = live.state_bytes()
    with pytest.raises(CheckpointError, match='Vowpal Wabbit refuses the model'):
        live.load_bytes(pack(manifest, b'VW model no more'))
    assert live.state_bytes() == before


def test_a_linear_payload_of_the_wrong_size_is_refused():
    bandit = LinearBandit(LinearConfig(n_actions=3, context_dim=3))
    manifest, payload = unpack(bandit.state_bytes())
    with pytest.raises(CheckpointError, match='do not fit the settings'):
        bandit.load_bytes(pack(manifest, payload[:-8]))


def test_a_small_file_does_not_ask_for_much_memory(tmp_path):
    bandit = LinearBandit(LinearConfig(n_actions=2, context_dim=2))
    manifest, payload = unpack(bandit.state_bytes())
    manifest['config'].update(context_dim=100_000, n_actions=10_000)
    path = tmp_path / 'large.rfsn'
    path.write_bytes(pack(manifest, payload))
    with pytest.raises(CheckpointError, match=f'{len(payload)} bytes of weights do not fit'):
        open_bandit(path)


@pytest.mark.parametrize('size', [0, 100, 300])
def test_a_disk_that_is_full_leaves_the_live_model_as_it_was(size):
    live = trained()
    before = live.state_bytes()
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limit[1]))
    try:
        with pytest.raises(CheckpointError, match='cannot write a temporary file'):
            live.state_bytes()
        with pytest.raises(CheckpointError, match='cannot write a temporary file'):
            live.load_bytes(before)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    assert live.state_bytes() == before


def test_container_says_what_is_wrong():
    good = pack({'a': 1}, b'payload\nwith lines')
    assert unpack(good) == ({'a': 1}, b'payload\nwith lines')
    with pytest.raises(CheckpointError, match='not a saved bandit'):
        unpack(b'PK\x03\x04')
    with pytest.raises(CheckpointError, match='checksum'):
        unpack(good[:-1])
    for head in ('{', '[]', '{"size": 3}', '[' * 200_000, r'{"size": 0, "a": "\ud800"}'):
        with pytest.raises(CheckpointError, match='manifest'):
            unpack(block(head))


def test_missing_and_unwritable_files(tmp_path):
    bandit = trained()
    with pytest.raises(CheckpointError, match='cannot read'):
        bandit.load(tmp_path / 'none')
    (tmp_path / 'a file').write_text('')
    with pytest.raises(CheckpointError, match='cannot write'):
        bandit.save(tmp_path / 'a file' / 'model')
    for path in (None, 3.5, 'nul\0', ['a']):
        for call in (bandit.save, bandit.load):
            with pytest.raises(CheckpointError, match='is no path'):
                call(path)
    for data in (None, 'text', 7):
        with pytest.raises(CheckpointError, match='instead of bytes'):
            bandit.load_bytes(data)


def test_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / 'model'
    write_atomic(path, b'old')

    def fail(_):
        raise OSError(28, 'No space left on device')

    monkeypatch.setattr('rfsn_ros.bandit.container.os.fsync', fail)
    with pytest.raises(CheckpointError, match='No space left'):
        write_atomic(path, b'new')
    assert path.read_bytes() == b'old'
    assert list(tmp_path.iterdir()) == [path]


def test_the_first_description_works_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ctx = np.random.default_rng(0).normal(size=10)
    config = VWConfig(n_actions=5, context_dim=10)
    bandit = VWContextualBandit(config)
    action, _ = bandit.select_action(ctx)
    bandit.update(ctx, action, 1.0)
    bandit.save('test_model.vw')
    second = VWContextualBandit(config)
    second.load('test_model.vw')
    assert second.example_count == 1
    assert second.predict(ctx).tolist() == bandit.predict(ctx).tolist()


def test_a_seed_is_a_whole_number():
    bandit = trained()
    for seed in (-1, 1.5, True, '1', None):
        with pytest.raises(InputError, match='seed = '):
            bandit.reseed(seed)
    first = (bandit.reseed(np.int64(5)), bandit.select_action(CONTEXT)[1].draw)
    assert (bandit.reseed(5), bandit.select_action(CONTEXT)[1].draw) == first


def test_all_errors_have_one_root():
    for error in (CheckpointError, ClosedError, ModelError, ThreadError):
        assert issubclass(error, RfsnError)
