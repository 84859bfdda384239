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

"""What somebody else put into the checkpoint folder is not loaded."""

import pytest
from rfsn_ros.bandit import VWConfig, VWContextualBandit
from rfsn_ros.bandit.checkpoints import CheckpointStore
from rfsn_ros.bandit.container import MAX_BYTES
from rfsn_ros.bandit.signing import read_key, seal, unseal
from rfsn_ros.errors import CheckpointError

KEY, OTHER = b'0123456789abcdef', b'fedcba9876543210'


@pytest.fixture
def bandit():
    with VWContextualBandit(VWConfig(n_actions=2, context_dim=1)) as made:
        made.update([1.0], 0, 1.0, probability=0.5)
        yield made


def test_signed_checkpoints_load_with_their_key_alone(bandit, tmp_path):
    CheckpointStore(tmp_path, key=KEY).save(bandit, 'a')
    before = bandit.state_bytes()
    assert CheckpointStore(tmp_path, key=KEY).load(bandit, 'a').example_count == 1
    with pytest.raises(CheckpointError, match='another key'):
        CheckpointStore(tmp_path, key=OTHER).load(bandit, 'a')
    assert bandit.state_bytes() == before
    assert CheckpointStore(tmp_path).load(bandit, 'a').example_count == 1


def test_unsigned_checkpoints_are_refused_where_there_is_a_key(bandit, tmp_path):
    CheckpointStore(tmp_path).save(bandit, 'a')
    signed = CheckpointStore(tmp_path, key=KEY)
    with pytest.raises(CheckpointError, match='not signed'):
        signed.load(bandit, 'a')
    assert signed.entries() == []


@pytest.mark.parametrize('position', [0, 20, 60, -1])
def test_any_changed_byte_is_noticed(position):
    sealed = bytearray(seal(b'a model', KEY))
    sealed[position] ^= 1
    with pytest.raises(CheckpointError):
        unseal(bytes(sealed), KEY)


def test_links_out_of_the_folder_are_not_followed(bandit, tmp_path):
    elsewhere = CheckpointStore(tmp_path / 'elsewhere').save(bandit, 'secret')
    store = CheckpointStore(tmp_path / 'here')
    store.folder.mkdir()
    (store.folder / 'link.rfsn').symlink_to(elsewhere.path)
    with pytest.raises(CheckpointError):
        store.load(bandit, 'link')
    assert store.entries() == []
    store.save(bandit, 'link')
    assert not (store.folder / 'link.rfsn').is_symlink()
    assert elsewhere.path.exists()


def test_what_is_no_file_or_too_large_is_refused(bandit, tmp_path):
    store = CheckpointStore(tmp_path)
    with (tmp_path / 'huge.rfsn').open('wb') as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(CheckpointError, match=str(MAX_BYTES)):
        store.load(bandit, 'huge')
    (tmp_path / 'folder.rfsn').mkdir()
    with pytest.raises(CheckpointError):
        store.load(bandit, 'folder')


def test_a_file_where_the_folder_should_be_is_a_checkpoint_error(bandit, tmp_path):
    (tmp_path / 'file').write_text('')
    store = CheckpointStore(tmp_path / 'file')
    for call in (lambda: store.save(bandit), store.latest, store.entries, store.verify):
        with pytest.raises(CheckpointError, match='file'):
            call()


@pytest.mark.parametrize(
    'name', ['../a', '/etc/passwd', 'a/b', '.hidden', 'a\0b', 'a' * 65, 'a b', 'ä', '', '~'])
def test_names_are_names(bandit, tmp_path, name):
    with pytest.raises(CheckpointError):
        CheckpointStore(tmp_path).read(name)


def test_short_keys_are_refused(tmp_path):
    (tmp_path / 'key').write_bytes(b'short\n')
    with pytest.raises(CheckpointError, match='5 bytes'):
        read_key(tmp_path / 'key')
    (tmp_path / 'key').write_bytes(KEY + b'\n')
    assert read_key(tmp_path / 'key') == KEY
