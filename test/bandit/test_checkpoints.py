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

"""The checkpoint store and its command."""

import json
import os
import sys

import numpy as np
import pytest
from rfsn_ros.bandit import CheckpointStore, VWConfig, VWContextualBandit
from rfsn_ros.bandit.checkpoint_command import main
from rfsn_ros.bandit.container import checksum, pack, unpack
from rfsn_ros.bandit.opening import bandit_of, open_bandit
from rfsn_ros.errors import CheckpointError

CONFIG = VWConfig(n_actions=2, context_dim=1)
CONTEXT = np.ones(1)


@pytest.fixture
def bandit():
    with VWContextualBandit(CONFIG) as made:
        yield made


def learn(bandit, rounds=1):
    for _ in range(rounds):
        bandit.update(CONTEXT, 0, 1.0, probability=0.5)


def test_save_and_load_by_name(bandit, tmp_path):
    store = CheckpointStore(tmp_path / 'new' / 'folder')
    learn(bandit, 3)
    saved = store.save(bandit, 'before-the-race')
    assert (saved.name, saved.example_count) == ('before-the-race', 3)
    assert saved.checksum == checksum(saved.path.read_bytes())
    assert saved.size == saved.path.stat().st_size
    learn(bandit, 2)
    assert store.load(bandit, 'before-the-race') == saved
    assert bandit.example_count == 3


def test_manifest_tells_what_is_needed_to_judge_it(bandit, tmp_path):
    manifest = CheckpointStore(tmp_path).save(bandit).manifest
    assert manifest['backend'] == 'vw'
    assert manifest['library_version'].startswith('9.')
    assert manifest['command_line'] == ' '.join(CONFIG.arguments())
    assert manifest['config'] == CONFIG.to_dict()


@pytest.mark.parametrize('name', [
    '..', '.', '../x', 'a/b', '/etc/passwd', 'a b', 'é', 'x' * 65, '.hidden', 'a\n', 'a\0'])
def test_bad_names_are_refused(bandit, tmp_path, name):
    store = CheckpointStore(tmp_path / 'store')
    for call in (lambda: store.save(bandit, name), lambda: store.read(name),
                 lambda: store.load(bandit, name)):
        with pytest.raises(CheckpointError, match='checkpoint name'):
            call()
    assert list(tmp_path.iterdir()) == []


def test_latest_is_no_name_to_save_under(bandit, tmp_path):
    with pytest.raises(CheckpointError, match='stands for the newest'):
        CheckpointStore(tmp_path).save(bandit, 'latest')


def test_the_name_of_an_automatic_one_is_not_given_by_hand(bandit, tmp_path):
    store = CheckpointStore(tmp_path, keep=1)
    with pytest.raises(CheckpointError, match="'auto-000000000007': is that of an automatic"):
        store.save(bandit, 'auto-000000000007')
    assert store.entries() == []
    for name in ('auto-mine', 'auto-7'):
        store.save(bandit, name)
    for _ in range(3):
        learn(bandit)
        store.save(bandit)
    assert [entry.name for entry in store.entries()] == [
        'auto-000000000003', 'auto-7', 'auto-mine']


def test_newest_automatic_ones_are_kept_and_named_ones_stay(bandit, tmp_path):
    store = CheckpointStore(tmp_path, keep=2)
    store.save(bandit, 'first')
    for _ in range(5):
        learn(bandit)
        store.save(bandit)
    assert [entry.name for entry in store.entries()] == [
        'auto-000000000005', 'auto-000000000004', 'first']
    assert store.latest().example_count == 5


def test_latest_passes_over_damaged_ones(bandit, tmp_path):
    store = CheckpointStore(tmp_path)
    for _ in range(3):
        learn(bandit)
        newest = store.save(bandit)
    newest.path.write_bytes(newest.path.read_bytes()[:-1])
    assert store.latest().example_count == 2
    assert len(store.entries()) == 2
    assert list(store.verify()) == [newest.name]
    with pytest.raises(CheckpointError, match=f'checkpoint {newest.name}: damaged'):
        store.load(bandit, newest.name)


@pytest.mark.parametrize('change', [
    {'example_count': None}, {'example_count': -1}, {'example_count': True},
    {'example_count': 1e3}, {'example_count': 2**63}, {'backend': None}], ids=str)
def test_what_its_manifest_says_is_checked_before_it_is_shown(bandit, tmp_path, change):
    store = CheckpointStore(tmp_path)
    saved = store.save(bandit, 'good')
    manifest, payload = unpack(saved.path.read_bytes())
    (tmp_path / 'bad.rfsn').write_bytes(pack({**manifest, **change}, payload))
    assert store.entries() == [saved]
    assert store.latest() == saved
    assert list(store.verify()) == ['bad']
    with pytest.raises(CheckpointError, match=f'checkpoint bad: damaged: {next(iter(change))} = '):
        store.load(bandit, 'bad')


def test_a_manifest_deeper_than_can_be_read_is_damaged(bandit, tmp_path):
    store = CheckpointStore(tmp_path)
    saved = store.save(bandit, 'good')
    body = b'[' * 200_000 + b'\n'
    (tmp_path / 'deep.rfsn').write_bytes(
        b'RFSN-BANDIT 1\n' + checksum(body).encode() + b'\n' + body)
    assert store.latest() == saved
    assert list(store.verify()) == ['deep']


def test_what_is_no_file_holds_nothing_up(bandit, tmp_path):
    (tmp_path / 'loop.rfsn').symlink_to('loop.rfsn')
    (tmp_path / '.a.rfsn.abcdefgh').symlink_to('.a.rfsn.abcdefgh')
    (tmp_path / 'auto-000000000000.rfsn').mkdir()
    store = CheckpointStore(tmp_path, keep=1)
    saved = store.save(bandit, 'a')
    learn(bandit)
    automatic = store.save(bandit)
    assert store.entries() == [automatic, saved]
    assert store.verify() == {}
    with pytest.raises(CheckpointError, match='cannot read'):
        store.load(bandit, 'loop')


def test_order_does_not_follow_a_clock_set_back(bandit, tmp_path):
    store = CheckpointStore(tmp_path)
    first = store.save(bandit, 'first')
    future = first.path.stat().st_mtime_ns + 10**15
    os.utime(first.path, ns=(future, future))
    store.save(bandit, 'second')
    assert store.latest().name == 'second'


def test_saving_again_under_a_name_makes_it_the_newest(bandit, tmp_path):
    store = CheckpointStore(tmp_path)
    for name in ('one', 'two', 'one'):
        store.save(bandit, name)
    assert store.latest().name == 'one'


def test_leftovers_of_killed_writers_are_removed(bandit, tmp_path):
    old, young = tmp_path / '.auto-1.rfsn.abcdefgh', tmp_path / '.auto-2.rfsn.abcdefgh'
    foreign = tmp_path / '.keep'
    for path in (old, young, foreign):
        path.write_text('')
    os.utime(old, (1, 1))
    os.utime(foreign, (1, 1))
    CheckpointStore(tmp_path).save(bandit)
    assert not old.exists()
    assert young.exists()
    assert foreign.exists()


def test_empty_store(bandit, tmp_path):
    store = CheckpointStore(tmp_path / 'none')
    assert store.entries() == []
    assert store.verify() == {}
    with pytest.raises(CheckpointError, match='no complete checkpoint'):
        store.load(bandit)
    with pytest.raises(CheckpointError, match="no checkpoint 'x'"):
        store.read('x')
    with pytest.raises(CheckpointError, match='keep = 0'):
        CheckpointStore(tmp_path, keep=0)


def test_the_bandit_saves_itself(tmp_path):
    config = CONFIG.replace(checkpoint_dir=str(tmp_path), save_frequency=3, keep_checkpoints=2)
    with VWContextualBandit(config) as bandit:
        learn(bandit, 10)
        bandit.batch_update(np.ones((3, 1)), [0, 1, 0], [0.0, 1.0, 0.5], [0.5] * 3)
    counts = [entry.example_count for entry in CheckpointStore(tmp_path).entries()]
    assert counts == [12, 9]


def test_an_opened_bandit_leaves_the_folder_of_its_file_alone(tmp_path):
    config = CONFIG.replace(checkpoint_dir=str(tmp_path), save_frequency=1, keep_checkpoints=1)
    with VWContextualBandit(config) as bandit:
        learn(bandit, 2)
        mine = bandit.save(tmp_path / 'mine')
    before = sorted(tmp_path.iterdir())
    for opened in (open_bandit(tmp_path / 'mine'), bandit_of((tmp_path / 'mine').read_bytes())):
        with opened:
            assert opened.example_count == mine['example_count'] == 2
            learn(opened, 3)
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize('change', [
    {'backend': 'none'}, {'backend': ['vw']}, {'config': None}, {'config': {'bits': 99}},
    {'config': {'bits': 12}}], ids=str)
def test_what_cannot_be_opened_is_named(bandit, tmp_path, change):
    manifest, payload = unpack(bandit.state_bytes())
    (tmp_path / 'odd').write_bytes(pack({**manifest, **change}, payload))
    with pytest.raises(CheckpointError, match=f'{tmp_path}/odd: '):
        open_bandit(tmp_path / 'odd')


def test_command(bandit, tmp_path, capsys):
    store = CheckpointStore(tmp_path)
    learn(bandit, 4)
    saved = store.save(bandit, 'mine')
    assert main(['list', str(tmp_path)]) == 0
    header, _, row = capsys.readouterr().out.splitlines()
    assert header.split()[-3:] == ['learned', 'bytes', 'SHA-256']
    assert row.split()[0] == 'mine'
    assert row.split()[-3:] == ['4', str(saved.size), saved.checksum[:12]]
    assert main(['show', str(tmp_path)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown['name'], shown['checksum'], shown['example_count']) == (
        'mine', saved.checksum, 4)
    for words in ([str(tmp_path), 'mine'], [str(saved.path)]):
        assert main(['show', *words]) == 0
        assert json.loads(capsys.readouterr().out) == shown
    assert main(['verify', str(tmp_path)]) == 0
    saved.path.write_bytes(b'')
    capsys.readouterr()
    assert main(['verify', str(tmp_path)]) == 1
    assert '1 damaged' in capsys.readouterr().out


def test_the_command_shows_any_name_of_a_backend_as_it_is(bandit, tmp_path, capsys):
    manifest, payload = unpack(CheckpointStore(tmp_path).save(bandit, 'a').path.read_bytes())
    (tmp_path / 'b.rfsn').write_bytes(pack({**manifest, 'backend': '[/x]'}, payload))
    assert main(['list', str(tmp_path)]) == 0
    assert '[/x]' in capsys.readouterr().out


@pytest.mark.parametrize(('name', 'width'), [('episode-000100', 80), ('n' * 64, 0)])
def test_a_listed_name_is_whole(bandit, tmp_path, capsys, monkeypatch, name, width):
    CheckpointStore(tmp_path).save(bandit, name)
    if width:
        monkeypatch.setenv('COLUMNS', str(width))
        monkeypatch.setattr(sys.stdout, 'isatty', lambda: True)
    assert main(['list', str(tmp_path)]) == 0
    header, _, row = capsys.readouterr().out.splitlines()
    assert row.split()[0] == name
    assert '…' not in header + row


def test_command_with_a_key(bandit, tmp_path, capsys):
    secret, other = tmp_path / 'secret', tmp_path / 'other'
    secret.write_text('correct horse battery')
    other.write_text('another key altogether')
    CheckpointStore(tmp_path / 'store', key=secret.read_bytes()).save(bandit)
    folder = str(tmp_path / 'store')
    assert main(['verify', folder, '--key', str(secret)]) == 0
    assert main(['verify', folder, '--key', str(other)]) == 1
    assert 'signed with another key' in capsys.readouterr().out
