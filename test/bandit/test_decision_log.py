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

"""The decision log: what goes in comes out, whatever happens to the process and the file."""

import errno
import json
import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from rfsn_ros.bandit import (
    Choice,
    decision_log,
    DecisionLog,
    LinearBandit,
    LinearConfig,
    new_session,
    read_log,
    read_rounds,
    train_from_log,
    VWConfig,
    VWContextualBandit,
)
from rfsn_ros.bandit.decision_log import log_files
from rfsn_ros.errors import LogError

CHOICE = Choice(1, 0.75, np.array([0.25, 0.75]), 0.5, 3)


@pytest.fixture
def path(tmp_path):
    return tmp_path / 'log.jsonl'


def test_records_come_back_as_they_were(path):
    actions, mask = np.array([[0.1, 0.2], [0.3, 1e-17]]), np.array([True, True])
    with DecisionLog(path) as log:
        log.decision('s-0', 12.5, np.array([1 / 3, -2.0]), CHOICE, actions=actions, mask=mask,
                     model='abc', extra={'world': 'w1'})
        log.reward('s-0', 13.0, 0.1 + 0.2, terms={'progress': 0.3}, valid=True)
        log.decision('s-1', 13.0, np.array([0.0, 0.0]), CHOICE)
    first, reward, second = read_log(path)
    assert (first.id, first.stamp, first.action, first.probability) == ('s-0', 12.5, 1, 0.75)
    assert (first.draw, first.examples, first.model) == (0.5, 3, 'abc')
    assert first.extra == {'world': 'w1'}
    assert first.context.tolist() == [1 / 3, -2.0]
    assert (first.actions == actions).all()
    assert first.mask.dtype == bool
    assert (reward.reward, reward.terms, reward.valid) == (0.1 + 0.2, {'progress': 0.3}, True)
    assert (second.actions, second.mask) == (None, None)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=5),
       st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_survive_bit_for_bit(tmp_path_factory, context, reward):
    path = tmp_path_factory.mktemp('log') / 'log.jsonl'
    with DecisionLog(path) as log:
        log.decision('s-0', 0.0, np.array(context), CHOICE)
        log.reward('s-0', 0.0, reward)
    [entry] = read_rounds(path)
    assert entry.decision.context.tolist() == context
    assert entry.reward.reward == reward


def test_the_format_is_one_json_object_per_line(path):
    with DecisionLog(path) as log:
        log.decision('s-0', 1.0, np.ones(1), CHOICE)
        log.reward('s-0', 2.0, 1.0)
    decision, reward = (json.loads(line) for line in path.read_text().splitlines())
    assert decision == {
        'kind': 'decision', 'id': 's-0', 'stamp': 1.0, 'context': [1.0], 'actions': None,
        'mask': None, 'pmf': [0.25, 0.75], 'action': 1, 'probability': 0.75, 'draw': 0.5,
        'examples': 3, 'model': '', 'extra': {}}
    assert reward == {'kind': 'reward', 'id': 's-0', 'stamp': 2.0, 'reward': 1.0, 'terms': {},
                      'valid': True}


@pytest.mark.parametrize('cut', range(1, 60, 7))
def test_a_torn_last_line_is_passed_over_and_mended(path, cut):
    with DecisionLog(path) as log:
        for number in range(3):
            log.reward(f's-{number}', 0.0, 1.0)
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    assert [record.id for record in read_log(path)] == ['s-0', 's-1']
    with DecisionLog(path) as log:
        log.reward('s-3', 0.0, 1.0)
    assert [record.id for record in read_log(path)] == ['s-0', 's-1', 's-3']


def test_a_file_that_is_all_torn_is_mended(path):
    path.write_bytes(b'{"kind":"rew' * 10_000)
    with DecisionLog(path) as log:
        log.reward('s-0', 0.0, 1.0)
    assert [record.id for record in read_log(path)] == ['s-0']


@pytest.mark.parametrize('line', [
    b'nonsense', b'[]', b'{}', b'{"kind":"song"}', b'{"kind":"reward","id":"s"}',
    b'{"kind":"decision","id":"s"}', b'\xff\xfe', pytest.param(b'[' * 100_000, id='deep')])
def test_a_damaged_line_is_named(path, line):
    with DecisionLog(path) as log:
        log.reward('s-0', 0.0, 1.0)
    with path.open('ab') as file:
        file.write(line + b'\n')
    with pytest.raises(LogError, match=r'log\.jsonl:2: not a record'):
        list(read_log(path))


@pytest.mark.parametrize(('old', 'new'), [
    ('"id":"s-0"', '"id":["s-0"]'), ('"id":"s-0"', '"id":{}'), ('"stamp":1.5', '"stamp":"1.5"'),
    ('"context":[1.0]', '"context":null'), ('"context":[1.0]', '"context":[[1.0]]'),
    ('"context":[1.0]', '"context":[NaN]'), ('"context":[1.0]', f'"context":[1{"0" * 400}]'),
    ('"actions":null', '"actions":[1.0]'), ('"mask":null', '"mask":true'),
    ('"pmf":[0.25,0.75]', '"pmf":null'), ('"action":1', '"action":"1"'),
    ('"action":1', '"action":1.0'), ('"probability":0.75', '"probability":null'),
    ('"extra":{}', '"extra":null'), ('"extra":{}', '"extra":5'), ('"model":""', '"model":0'),
], ids=lambda text: text[:30])
def test_a_decision_with_a_value_of_another_kind_is_damaged(path, old, new):
    with DecisionLog(path) as log:
        log.decision('s-0', 1.5, np.ones(1), CHOICE)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(LogError, match=r'log\.jsonl:1: not a record'):
        list(read_rounds(path))


@pytest.mark.parametrize(('old', 'new'), [
    ('"reward":1.0', '"reward":"x"'), ('"reward":1.0', '"reward":NaN'),
    ('"reward":1.0', '"reward":1e999'), ('"terms":{"a":0.5}', '"terms":null'),
    ('"terms":{"a":0.5}', '"terms":{"a":"b"}'), ('"valid":true', '"valid":"no"')])
def test_a_reward_with_a_value_of_another_kind_is_damaged(path, old, new):
    with DecisionLog(path) as log:
        log.reward('s-0', 1.5, 1.0, terms={'a': 0.5})
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(LogError, match=r'log\.jsonl:1: not a record'):
        list(read_log(path))


def test_what_cannot_be_read_is_named(path):
    path.mkdir()
    with pytest.raises(LogError, match=r'cannot read .*log\.jsonl: Is a directory'):
        list(read_log(path))


def test_rotation_loses_nothing(path):
    for part in range(3):  # the writer is opened again and again
        with DecisionLog(path, max_bytes=400) as log:
            for number in range(10):
                log.reward(f'{part}-{number}', 0.0, 1.0)
    files = log_files(path)
    assert len(files) > 5
    assert files[-1] == path
    assert files[0].name == 'log.000001.jsonl'
    assert all(file.stat().st_size <= 400 for file in files)
    assert [record.id for record in read_log(path)] == [
        f'{part}-{number}' for part in range(3) for number in range(10)]


def test_a_part_never_takes_the_place_of_another(path, tmp_path):
    with DecisionLog(path, max_bytes=200) as log:
        for number in range(8):
            log.reward(f's-{number}', 0.0, 1.0)
    archived, *kept = log_files(path)
    archived.rename(tmp_path / 'archive')
    left = [record.id for record in read_log(path)]
    with DecisionLog(path, max_bytes=200) as log:
        for number in range(8, 16):
            log.reward(f's-{number}', 0.0, 1.0)
    assert set(kept) <= set(log_files(path))
    assert [record.id for record in read_log(path)] == [
        *left, *(f's-{number}' for number in range(8, 16))]


def test_a_log_goes_on_where_no_new_file_could_be_begun(path, monkeypatch):
    def full(self, mode):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with DecisionLog(path, max_bytes=200) as log:
        for n in range(2):
            log.reward(f's-{n}', float(n), 0.5)
        with monkeypatch.context() as disk:
            disk.setattr(Path, 'open', full)
            with pytest.raises(LogError, match='No space left'):
                log.reward('lost', 2.0, 0.5)
        assert log_files(path) == [path]
        log.reward('s-3', 3.0, 0.5)
    assert [record.id for record in read_log(path)] == ['s-0', 's-1', 's-3']


def test_a_log_that_was_moved_away_goes_on_in_a_new_file(path, tmp_path):
    with DecisionLog(path, max_bytes=200) as log:
        for n in range(4):
            log.reward(f's-{n}', float(n), 0.5)
            if n == 1:
                path.rename(tmp_path / 'archive.jsonl')
    moved = [record.id for record in read_log(tmp_path / 'archive.jsonl')]
    assert [*moved, *(record.id for record in read_log(path))] == ['s-0', 's-1', 's-2', 's-3']


def test_no_part_follows_the_last_number(path):
    last = path.with_name('log.999999.jsonl')
    last.write_bytes(b'')
    with DecisionLog(path, max_bytes=1) as log:
        log.reward('s-0', 0.0, 1.0)
        with pytest.raises(LogError, match=r'log\.999999\.jsonl is the last'):
            log.reward('s-1', 0.0, 1.0)
    assert [record.id for record in read_log(path)] == ['s-0']


def test_a_name_with_brackets_is_a_name(tmp_path):
    path = tmp_path / 'run[1].jsonl'
    with DecisionLog(path, max_bytes=200) as log:
        for number in range(10):
            log.reward(f's-{number}', 0.0, 1.0)
    assert len(list(read_log(path))) == 10


def test_flushed_as_configured(path):
    with DecisionLog(path, flush_every=3) as log:
        seen = []
        for number in range(6):
            log.reward(f's-{number}', 0.0, 1.0)
            seen.append(len(list(read_log(path))))
        assert seen == [0, 0, 3, 3, 3, 6]
        log.reward('s-6', 0.0, 1.0)
        log.flush()
        assert len(list(read_log(path))) == 7


def test_fsync_reaches_the_disk(path, monkeypatch):
    synced = []
    monkeypatch.setattr('rfsn_ros.bandit.decision_log.os.fsync', synced.append)
    with DecisionLog(path, fsync=True) as log:
        log.reward('s-0', 0.0, 1.0)
        assert len(synced) == 1


@pytest.mark.parametrize('value', [float('nan'), float('inf')])
def test_what_is_not_finite_is_refused_and_not_written(path, value):
    with DecisionLog(path) as log:
        with pytest.raises(LogError, match='cannot be written'):
            log.reward('s-0', 0.0, value)
        with pytest.raises(LogError, match='cannot be written'):
            log.decision('s-0', 0.0, np.array([value]), CHOICE)
    assert list(read_log(path)) == []


def test_without_orjson_the_same_comes_back_and_the_same_is_refused(path, monkeypatch):
    actions, mask = np.random.default_rng(1).normal(size=(9, 4)), np.arange(9) > 3
    extra = {'null': 'null', 'nothing': None, 'pose': [1e-7, 1e22], 'name': 'T\u00fcr'}
    for encoder in (decision_log.orjson, None):
        monkeypatch.setattr(decision_log, 'orjson', encoder)
        with DecisionLog(path) as log:
            log.decision('s-0', 1e-7, actions[0], CHOICE, actions=actions[:, ::2], mask=mask,
                         extra=extra)
            with pytest.raises(LogError, match='cannot be written'):
                log.reward('s-0', 0.0, 1.0, terms={'progress': float('nan')})
            with pytest.raises(LogError, match='cannot be written'):
                log.decision('s-0', 0.0, actions[0], CHOICE, extra={'pose': object()})
    first, second = read_log(path)
    for record in (first, second):
        assert (record.stamp, record.extra) == (1e-7, extra)
        assert (record.context == actions[0]).all()
        assert (record.actions == actions[:, ::2]).all()
        assert (record.mask == mask).all()


def test_misuse_is_refused(path, tmp_path):
    log = DecisionLog(path)
    log.close()
    log.close()
    with pytest.raises(LogError, match='closed'):
        log.reward('s-0', 0.0, 1.0)
    with pytest.raises(LogError, match='ends with'):
        DecisionLog(tmp_path / 'log.txt')
    with pytest.raises(LogError, match='flush_every = 0'):
        DecisionLog(path, flush_every=0)
    with pytest.raises(LogError, match='max_bytes = 0'):
        DecisionLog(path, max_bytes=0)
    with pytest.raises(LogError, match='cannot write'):
        DecisionLog(path / 'below' / 'log.jsonl')
    with pytest.raises(LogError, match='no such log'):
        list(read_log(tmp_path / 'none.jsonl'))


def test_rounds_join_in_the_order_of_rewards(path):
    with DecisionLog(path) as log:
        for name in 'abcd':
            log.decision(name, 0.0, np.ones(1), CHOICE)
        log.reward('c', 1.0, 0.3)
        log.reward('a', 1.0, 0.1)
        log.reward('b', 1.0, 0.2, valid=False)
        log.reward('a', 2.0, 0.9)
        log.reward('z', 2.0, 0.9)
    assert [(r.decision.id, r.reward.reward) for r in read_rounds(path)] == [('c', 0.3),
                                                                             ('a', 0.1)]
    assert [r.decision.id for r in read_rounds(path, invalid=True)] == ['c', 'a', 'b']


def test_a_log_written_twice_over_holds_each_round_once(path):
    with DecisionLog(path) as log:
        for name in 'ab':
            log.decision(name, 0.0, np.ones(1), CHOICE)
            log.reward(name, 1.0, 0.5)
    path.write_bytes(2 * path.read_bytes())
    assert [r.decision.id for r in read_rounds(path)] == ['a', 'b']


def test_what_was_not_carried_out_is_no_round(path):
    with DecisionLog(path) as log:
        for name, executed in (('said', 1), ('nobody', -1), ('another', 0)):
            log.decision(name, 0.0, np.ones(1), CHOICE, extra={'executed': executed})
            log.reward(name, 1.0, 0.5)
    assert [r.decision.id for r in read_rounds(path)] == ['said']
    assert len(list(read_rounds(path, invalid=True))) == 3
    bandit = VWContextualBandit(VWConfig(n_actions=2, context_dim=1))
    assert train_from_log(bandit, path).learned == bandit.example_count == 1


def test_sessions_differ():
    assert len({new_session() for _ in range(100)}) == 100


@pytest.mark.parametrize('make', [
    lambda: VWContextualBandit(VWConfig(context_dim=3, action_dim=2)),
    lambda: LinearBandit(LinearConfig(context_dim=3, action_dim=2, epsilon=0.2)),
], ids=['vw', 'linear'])
def test_a_log_rebuilds_the_model(path, make):
    live, generator = make(), np.random.default_rng(0)
    probe = generator.normal(size=3), {'actions': generator.normal(size=(4, 2))}
    with DecisionLog(path, max_bytes=20_000) as log:
        for number in range(120):
            context, offer = generator.normal(size=3), {
                'actions': generator.normal(size=(4, 2)), 'mask': generator.random(4) < 0.8}
            offer['mask'][0] = True
            action, choice = live.select_action(context, **offer)
            log.decision(f's-{number}', 0.0, context, choice, **offer)
            log.reward(f's-{number}', 0.0, float(action == 0))
            live.update(context, action, float(action == 0), probability=choice.probability,
                        **offer)
            if number == 60:
                early = live.state_bytes()
    rebuilt, continued = make(), make()
    outcome = train_from_log(rebuilt, path)
    assert (outcome.learned, outcome.skipped) == (120, 0)
    assert 0.0 < outcome.mean_reward < 1.0
    continued.load_bytes(early)
    assert train_from_log(continued, path, skip=continued.example_count).learned == 59
    expected = live.predict(probe[0], **probe[1]).tolist()
    assert rebuilt.predict(probe[0], **probe[1]).tolist() == expected
    assert continued.predict(probe[0], **probe[1]).tolist() == expected


def test_a_log_of_another_shape_is_refused(path):
    with DecisionLog(path) as log:
        log.decision('s-0', 0.0, np.ones(2), CHOICE)
        log.reward('s-0', 0.0, 1.0)
    with pytest.raises(LogError, match='decision s-0: context: shape'):
        train_from_log(VWContextualBandit(VWConfig(n_actions=2, context_dim=5)), path)
