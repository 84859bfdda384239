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

import dataclasses
import json
import math

import numpy as np
import pytest
from rfsn_ros.bandit import invert_cdf
from rfsn_ros.bandit.opening import bandit_of
from rfsn_ros.cli import main
from rfsn_ros.errors import BagError
from rfsn_ros.navigation.registry import default_checkpoint
from rfsn_ros.replay.candidates import untaught
from rfsn_ros.replay.digest import digest_of
from rfsn_ros.replay.jobs import BagJob, run_job, run_jobs
from rfsn_ros.replay.reader import read_bag
from rfsn_ros.replay.topics import ReaderConfig
from rfsn_ros.replay.verify import verify

QUICK = ('--model', 'ridge')
"""For what hangs on no reward model: trees take most of a second to grow."""


def published(message, **changes):
    """Return a message as a node would have published it with these changes."""
    message = dataclasses.replace(message, **changes)
    return dataclasses.replace(message, digest=digest_of(message))


def test_everything_is_recomputed(own_bag):
    recording = read_bag(own_bag)
    result = verify(recording)
    assert result.lines == []
    assert result.ok
    assert result.probabilities == result.generator == len(recording.decisions) > 40
    assert result.rewards == len(recording.rewards)
    assert result.rewards_without_data == 0
    assert result.largest_difference == 0.0


def refuted(bag, capsys):
    """Verify a bag in vain; return what is said to be wrong with it."""
    assert main(['replay', str(bag), '--verify']) == 1
    found, *lines = capsys.readouterr().out.splitlines()
    assert 'NOT VERIFIED' in found
    return lines


@pytest.mark.parametrize(('topic', 'change', 'words'), [
    ('/decision', {'draw': None}, 'does not give primitive'),
    ('/decision', {'probability': 0.123}, 'is not that of'),
    ('/decision', {'example_count': 999}, '999 rewards learned'),
    ('/decision', {'probability': math.nan}, 'is not that of'),
    ('/decision', {'draw': math.nan}, 'draw nan does not give'),
    ('/decision', {'pmf': np.full(41, math.nan)}, 'do not sum to 1'),
    ('/decision', {'pmf': np.zeros(0)}, '0 probabilities, 41 feasible or not'),
    ('/decision', {'requested': 4_000_000_000}, 'primitives 4000000000 (requested)'),
    ('/decision', {'executed': 99}, 'and 99 (driven) are not among 41'),
    ('/decision', {'executed': -7}, 'and -7 (driven) are not among 41'),
    ('/decision', {'executed_probability': math.nan}, 'with probability nan'),
    ('/decision', {'context': np.full(19, math.inf)}, 'a feature is not finite and within'),
    ('/decision', {'id': ''}, 'learned from'),
    ('/reward', {'total': math.nan}, 'recomputed from its scans'),
    ('/decision', {'executed': -1}, 'primitive -1 was driven'),
    ('/decision', {'executed_probability': 0.5}, 'with probability 0.5'),
    ('/decision', {'mode': 3}, 'requested in mode 3'),
    ('/reward', {'total': 0.77}, 'recomputed from its scans'),
    ('/model_info', {'checksum': 'f' * 64}, 'checksum'),
])
def test_one_changed_number_is_found(
    own_rows, write_bag, tmp_path, capsys, topic, change, words,
):
    rows, changed = [], False
    for row in own_rows.rows:
        late = topic == '/model_info' or row[2] > 12.0
        if row[0] == topic and late and not changed:
            message = row[3]
            if change.get('draw', 0.0) is None:
                drawn = [draw for draw in (0.0, 0.5, 0.999999)
                         if invert_cdf(message.pmf.tolist(), draw) != message.requested]
                change = {'draw': drawn[0]} if drawn else {}
            changed = bool(change)
            row = (*row[:3], published(message, **change))
            change = change or {'draw': None}
        rows.append(row)
    assert any(words in line for line in refuted(
        write_bag(tmp_path / 'changed', rows), capsys))


def changed_at(rows, topic, number, change):
    """Return rows with one message of a topic changed behind its digest's back."""
    places = [place for place, row in enumerate(rows) if row[0] == topic]
    rows, place = list(rows), places[number]
    rows[place] = (*rows[place][:3], dataclasses.replace(
        rows[place][3], **change(rows[place][3])))
    return rows


@pytest.mark.parametrize(('topic', 'change'), [
    ('/decision', lambda message: {'context': message.context + 1e-6}),
    ('/decision', lambda message: {'goal': dataclasses.replace(message.goal, x=3.0)}),
    ('/decision', lambda message: {'command': dataclasses.replace(
        message.command, linear=dataclasses.replace(message.command.linear, x=1.5))}),
    ('/decision', lambda message: {'seed': message.seed + 1}),
    ('/reward', lambda message: {'term_values': message.term_values[::-1].copy()}),
    ('/reward', lambda message: {'valid': not message.valid}),
    ('/model_info', lambda message: {'primitives': message.primitives[::-1]}),
])
def test_what_changes_no_probability_is_found_too(
    own_rows, write_bag, tmp_path, capsys, topic, change,
):
    number = 0 if topic == '/model_info' else -2
    bag = write_bag(tmp_path / 'changed', changed_at(own_rows.rows, topic, number, change),
                    storage='sqlite3')
    assert any('altered after it was published' in line for line in refuted(bag, capsys))


@pytest.fixture(scope='module')
def judged(own_bag):
    """Return what is judged of the bag as it is."""
    return run_job(BagJob(path=str(own_bag), policies=('random', 'recorded')))


@pytest.mark.parametrize('change', [
    {'executed': 99}, {'requested': 99}, {'pmf': np.zeros(0)}, {'pmf': np.full(41, math.nan)},
    {'executed_probability': 7.0}, {'context': np.full(19, math.nan)},
    {'action_features': np.zeros(7)}, {'feasible': np.zeros(3, dtype=np.bool_)},
])
def test_damaged_decisions_are_left_out_of_the_judgement(
    own_rows, judged, write_bag, tmp_path, change,
):
    bag = write_bag(tmp_path / 'less', changed_at(
        own_rows.rows, '/decision', 20, lambda _: change))
    less = run_job(BagJob(path=str(bag), policies=('random', 'recorded')))
    assert len(less) == len(judged) - 1
    assert sum(less.facts['left_out'].values()) == 1


def test_a_message_that_cannot_be_decoded_is_no_proof(own_bag, own_rows):
    recording = read_bag(own_bag)
    recording.quality.undecodable_own = 1
    result = verify(recording)
    assert not result.ok
    assert result.lines == ['1 messages of this package cannot be decoded']


def test_repeated_and_mixed_messages_change_nothing(own_rows, write_bag, tmp_path):
    rows = list(own_rows.rows)
    places = [place for place, row in enumerate(rows) if row[0] in ('/decision', '/reward')]
    for first, second in zip(places[10:20], places[20:30], strict=True):
        rows[first], rows[second] = rows[second], rows[first]
    rows = [row for place, row in enumerate(rows) for _ in range(2 if place in places[::3] else 1)]
    recording = read_bag(write_bag(tmp_path / 'bag', rows, storage='sqlite3'))
    result = verify(recording)
    assert (result.ok, result.lines) == (True, [])
    assert result.generator == len(recording.decisions)
    assert recording.quality.repeated_own == len(places[::3])


def test_a_recording_begun_late_is_verified_in_part(own_rows, write_bag, tmp_path):
    """The model is latched, so it is there; what it learned before the recording is not."""
    made = [row[2] for row in own_rows.rows if row[0] == '/decision']
    late = [row for row in own_rows.rows if row[0] == '/model_info' or row[2] > made[20]]
    result = verify(read_bag(write_bag(tmp_path / 'late', late)))
    assert result.ok
    assert result.probabilities == 0
    assert result.unknown == result.decisions == len(made) - 21
    # The drive that was under way is not known to the end, the one after it is.
    assert 0 < result.rewards < result.rewards_without_data + result.rewards
    assert 'verified in part' in result.summary()
    altered = changed_at(late, '/decision', 5, lambda message: {'draw': 0.5 * message.draw})
    assert not verify(read_bag(write_bag(tmp_path / 'altered', altered))).ok


def test_even_exploration_and_models_loaded_anew_are_followed(own_rows, write_bag, tmp_path):
    """A share of the choices is even; in the middle, the model of the beginning is loaded."""
    share, state, rows, since = 0.3, own_rows.initial, [], 0
    model = next(row for row in own_rows.rows if row[0] == '/model_info')[3]
    config = own_rows.config
    config = config.replace(driving=config.driving.replace(exploration=share))
    model = published(model, config=config.to_yaml())
    known = {row[3].id: row[3] for row in own_rows.rows if row[0] == '/decision'}
    rewards = {row[3].decision_id: row[3] for row in own_rows.rows if row[0] == '/reward'}
    bandit = bandit_of(state)
    for row in own_rows.rows:
        if row[0] == '/model_info':
            row = (*row[:3], model)
        elif row[0] == '/decision':
            message, learned = row[3], list(row[3].learned)
            if message.id.endswith('-30'):
                bandit.close()
                bandit, learned, since = bandit_of(state), [], 30
                again = published(model, header=message.header)
                rows.append(('/model_info', 'rfsn_ros/msg/ModelInfo', row[2], again))
            learned = [name for name in learned if int(name.rpartition('-')[2]) >= since]
            for name in learned:
                bandit.update(
                    known[name].context, int(known[name].executed), rewards[name].total,
                    probability=known[name].executed_probability,
                    actions=known[name].action_features.reshape(41, -1),
                    mask=known[name].feasible)
            mask = np.asarray(message.feasible)
            _, choice = bandit.select_action(
                message.context, actions=message.action_features.reshape(41, -1), mask=mask)
            pmf = (1.0 - share) * choice.pmf + share * mask / mask.sum()
            action = invert_cdf(pmf.tolist(), choice.draw)
            known[message.id] = published(
                message, pmf=pmf, requested=action, executed=action, draw=choice.draw,
                probability=pmf[action], executed_probability=pmf[action], learned=learned,
                example_count=bandit.example_count)
            row = (*row[:3], known[message.id])
        rows.append(row)
    bandit.close()
    result = verify(read_bag(write_bag(tmp_path / 'bag', rows)))
    assert (result.ok, result.lines) == (True, [])
    assert result.generator == result.probabilities > 40


def test_robots_in_namespaces_are_verified_and_judged_one_by_one(
    own_rows, write_bag, tmp_path, capsys,
):
    """The second robot drives as the first does, and one of its draws is wrong."""
    altered = changed_at(own_rows.rows, '/decision', 7, lambda message: {'draw': 0.999999})
    rows = [(f'/fleet/r2{row[0]}', *row[1:]) for row in altered] + own_rows.rows
    bag = write_bag(tmp_path / 'bag', sorted(rows, key=lambda row: row[2]))
    assert main(['replay', str(bag), '--verify']) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if 'erified' in line.lower()]
    assert ['NOT' in line for line in lines] == [False, True]
    assert '(/)' in lines[0]
    assert '(fleet/r2)' in lines[1]
    assert main(['replay', str(bag), '--verify', '--namespace', '/']) == 0
    assert main(['replay', str(bag), '--verify', '--namespace', 'fleet/r2']) == 1
    capsys.readouterr()
    assert main(['replay', str(bag), '--policy', 'random', '--jobs', '1', *QUICK]) == 0
    alone = sum(row[0] == '/decision' for row in own_rows.rows)
    assert f'2 bags, {2 * alone} decisions' in capsys.readouterr().out


def test_a_robot_in_the_namespace_of_another_is_another(own_rows, write_bag, tmp_path, capsys):
    first, second = own_rows.rows, own_rows.rows[:len(own_rows.rows) // 2]
    rows = [(f'/fleet{row[0]}', *row[1:]) for row in first]
    rows += [(f'/fleet/r1{row[0]}', *row[1:]) for row in second]
    bag = write_bag(tmp_path / 'bag', sorted(rows, key=lambda row: row[2]))
    for name, expected in (('fleet', first), ('fleet/r1', second)):
        recording = read_bag(bag, ReaderConfig(namespace=name))
        assert [decision.id for decision in recording.decisions] == [
            row[3].id for row in expected if row[0] == '/decision']
        assert len(recording.scans) == sum(row[0] == '/scan' for row in expected)
    count = sum(row[0] == '/decision' for row in first + second)
    assert main(['replay', str(bag), '--policy', 'random', '--jobs', '1', *QUICK]) == 0
    judged = int(capsys.readouterr().out.split(' decisions')[0].split()[-1])
    assert count - 5 <= judged <= count


@pytest.mark.parametrize('scan', ['/scan', '/front/scan'])
def test_a_second_node_listens_to_the_sensors_of_the_robot(
    scan, own_rows, write_bag, tmp_path, capsys,
):
    made = ('/decision', '/reward', '/model_info')
    rows = [(scan if row[0] == '/scan' else row[0], *row[1:]) for row in own_rows.rows]
    rows += [(f'/shadow{row[0]}', *row[1:]) for row in changed_at(
        own_rows.rows, '/decision', 7, lambda message: {'draw': 0.999999}) if row[0] in made]
    bag = write_bag(tmp_path / 'bag', sorted(rows, key=lambda row: row[2]))
    assert main(['replay', str(bag), '--verify']) == 1
    lines = [line for line in capsys.readouterr().out.splitlines() if 'erified' in line.lower()]
    assert ['NOT' in line for line in lines] == [False, True]
    assert all('(0 lack them)' in line for line in lines)
    assert '(shadow)' in lines[1]
    # a namespace in which nobody decides is mistyped
    assert main(['replay', str(bag), '--policy', 'random', '--namespace', 'shade']) == 2


def test_of_several_robots_one_without_a_model_fails_alone(
    own_rows, write_bag, tmp_path, capsys,
):
    rows = own_rows.rows + [
        (f'/second{row[0]}', *row[1:]) for row in own_rows.rows if row[0] != '/model_info']
    bag = write_bag(tmp_path / 'bag', sorted(rows, key=lambda row: row[2]))
    assert main(['replay', str(bag), '--verify']) == 1
    lines = capsys.readouterr().out.splitlines()
    assert '(/): verified' in lines[0]
    assert lines[1].startswith('NOT VERIFIED')
    assert 'holds no model' in lines[1]


def test_of_several_bags_a_broken_one_fails_alone(own_bag, tmp_path, capsys):
    broken = tmp_path / 'broken.mcap'
    broken.write_bytes(b'')
    assert main(['replay', str(broken), str(own_bag), '--verify']) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition('verified')[1] for line in lines] == ['', 'verified']
    assert lines[0].startswith('NOT VERIFIED')


def test_verify_against_another_model_fails(own_bag, own_rows, tmp_path, capsys):
    right, wrong = tmp_path / 'first.rfsn', tmp_path / 'last.rfsn'
    right.write_bytes(own_rows.initial)
    wrong.write_bytes(own_rows.final)
    assert main(['replay', str(own_bag), '--verify', '--checkpoint', str(right)]) == 0
    assert main(['replay', str(own_bag), '--verify', '--checkpoint', str(wrong)]) == 1
    assert 'NOT VERIFIED' in capsys.readouterr().out


def test_trace_holds_what_was_decided(own_bag, own_rows):
    trace = run_job(BagJob(path=str(own_bag), policies=('recorded', 'random', 'greedy')))
    data = trace.logged_data()
    decisions = [row[3] for row in own_rows.rows if row[0] == '/decision']
    assert len(data) == len(decisions)
    np.testing.assert_array_equal(trace.pmf, [decision.pmf for decision in decisions])
    np.testing.assert_allclose(
        np.clip(trace.terms.sum(axis=1), *trace.reward_range), trace.reward, atol=1e-9)
    for pmf in trace.candidates.values():
        np.testing.assert_allclose(pmf.sum(axis=1), 1.0, atol=1e-6)
    # Before anything was learned the recorded model is the driver itself.
    np.testing.assert_allclose(trace.candidates['recorded'][0], trace.pmf[0])


def test_a_recorded_model_that_had_learned_nothing_is_said_to(own_bag, own_rows):
    def notes(*policies):
        return ' '.join(run_job(BagJob(path=str(own_bag), policies=policies)).quality['notes'])

    assert 'recorded: the model in the bag had learned nothing yet' in notes('recorded', 'random')
    assert 'recorded:' not in notes('random')
    assert not untaught(own_rows.final)


def test_command_judges_reports_and_resumes(own_bag, own_rows, tmp_path, capsys):
    checkpoint = tmp_path / 'my model.rfsn'
    checkpoint.write_bytes(own_rows.final)
    out = tmp_path / 'out'
    arguments = ['replay', str(own_bag), '--policy', str(checkpoint), 'random',
                 'train:epsilon=0.2', '--out', str(out), '--verify']
    assert main(arguments) == 0
    facts = json.loads((out / 'report.json').read_text())
    assert {one['name'] for one in facts['comparison']['candidates']} == {
        str(checkpoint), 'random', 'train:epsilon=0.2'}
    page = (out / 'report.html').read_text()
    assert 'src=' not in page
    assert 'verified' in page
    assert page.count('<svg') >= 5
    cached = list((out / 'cache').glob('*.npz'))
    before = cached[0].stat().st_mtime_ns
    assert main(arguments) == 0
    assert cached[0].stat().st_mtime_ns == before
    assert json.loads((out / 'report.json').read_text())['comparison'] == facts['comparison']
    assert 'verified' in capsys.readouterr().out


def drawn_evenly(message):
    """Return a decision as if every primitive that was feasible had been as probable."""
    feasible = np.asarray(message.feasible, dtype=np.float64)
    pmf = feasible / feasible.sum()
    probability = float(pmf[message.executed])
    return published(
        message, pmf=pmf, probability=probability, executed_probability=probability)


def test_paths_are_printed_as_they_are(own_bag, own_rows, tmp_path, capsys):
    (tmp_path / '[old]').mkdir()
    bag, model = tmp_path / '[old]' / 'x[', tmp_path / '[old]' / ':a:.rfsn'
    bag.symlink_to(own_bag, target_is_directory=True)
    model.write_bytes(own_rows.final)
    out, start = tmp_path / '[red]out', tmp_path / '[old]' / 'warm.rfsn'
    assert main(['replay', str(bag), '--verify', '--policy', str(model), '--out', str(out),
                 '--warm-start', str(start), *QUICK]) == 0
    printed = capsys.readouterr().out
    for words in (f'{bag}: verified', f'on {model}:', f'report: {out}', f'saved as {start}'):
        assert words in printed


def test_promotion_marks_or_says_why_not(own_rows, write_bag, tmp_path, capsys):
    bag = write_bag(tmp_path / 'bag', [
        (topic, kind, time, drawn_evenly(message) if kind.endswith('/Decision') else message)
        for topic, kind, time, message in own_rows.rows])
    checkpoint = tmp_path / 'model.rfsn'
    checkpoint.write_bytes(own_rows.initial)
    base = ['replay', str(bag), '--policy', str(checkpoint), *QUICK]
    assert main([*base, '--promote-if', 'lower_bound > 10']) == 1
    assert 'not promoted: lower_bound > 10 does not hold' in capsys.readouterr().out
    assert not list(tmp_path.glob('*.promoted.json'))
    assert main([*base, '--promote-if', 'decisions >= 20 and upper_bound > -5']) == 0
    mark = json.loads((tmp_path / 'model.rfsn.promoted.json').read_text())
    assert mark['rule'].startswith('decisions')
    assert len(mark['checksum']) == 64
    assert main([*base, '--promote-if', 'lower_bound > 10']) == 1
    assert 'of before is removed' in capsys.readouterr().out
    assert not list(tmp_path.glob('*.promoted.json'))
    assert main([*base, '--promote-if', '']) == 2
    assert main(['replay', str(bag), '--promote-if', 'value > 0']) == 2
    assert main([*base, '--promote-if', 'wisdom > 0']) == 2


def test_dwa_needs_the_scans_and_says_so(own_bag):
    with pytest.raises(BagError, match='--rebuild'):
        run_job(BagJob(path=str(own_bag), policies=('dwa',)))
    rebuilt = run_job(BagJob(path=str(own_bag), policies=('dwa',), rebuilt=True))
    assert rebuilt.candidates['dwa'].shape == rebuilt.mask.shape


def test_what_was_not_verified_promotes_nothing(own_rows, write_bag, tmp_path, capsys):
    model = tmp_path / 'model.rfsn'
    model.write_bytes(own_rows.final)
    rows = [(topic, kind, time, published(message, total=1.4) if kind.endswith('/Reward')
             else message) for topic, kind, time, message in own_rows.rows]
    bag = write_bag(tmp_path / 'bag', rows)
    assert main(['replay', str(bag), '--policy', str(model), '--verify',
                 '--promote-if', 'decisions > 1', *QUICK]) == 1
    assert 'not promoted: the bags were not verified' in capsys.readouterr().out
    assert not list(tmp_path.glob('*.promoted.json'))


def test_what_weighs_as_much_as_a_few_decisions_promotes_nothing(own_bag, tmp_path, capsys):
    model = tmp_path / 'model.rfsn'
    model.write_bytes(default_checkpoint().read_bytes())
    assert main(['replay', str(own_bag), '--policy', str(model),
                 '--promote-if', 'decisions > 1 and effective_size < 30', *QUICK]) == 1
    out = ' '.join(capsys.readouterr().out.split())
    assert f'not promoted: Not enough data on {model}:' in out
    assert 'of its own; about' in out
    assert not list(tmp_path.glob('*.promoted.json'))


def test_what_drove_without_choosing_tells_little_of_others(
        own_rows, write_bag, tmp_path, capsys):
    rows = [(topic, kind, time, published(
        message, executed=(message.executed + 1) % len(message.pmf), executed_probability=1.0)
        if kind.endswith('/Decision') else message)
        for topic, kind, time, message in own_rows.rows]
    bag = write_bag(tmp_path / 'bag', rows)
    model = tmp_path / 'model.rfsn'
    model.write_bytes(own_rows.final)
    assert main(['replay', str(bag), '--policy', str(model), 'random',
                 '--promote-if', 'decisions > 1', *QUICK]) == 1
    printed = capsys.readouterr().out
    assert 'Not enough data on random' in printed
    assert 'never tried' in printed
    assert 'not promoted: Not enough data on' in printed


def test_results_are_kept_under_the_name_of_what_was_read(
        own_bag, own_rows, tmp_path, monkeypatch):
    model = tmp_path / 'model.rfsn'
    model.write_bytes(own_rows.initial)
    job = BagJob(path=str(own_bag), policies=(str(model),))

    def learning(job):
        trace = run_job(job)
        model.write_bytes(own_rows.final)
        return trace

    monkeypatch.setattr('rfsn_ros.replay.jobs.run_job', learning)
    run_jobs([job], workers=1, cache=tmp_path / 'cache')
    monkeypatch.undo()
    cached = run_jobs([job], workers=1, cache=tmp_path / 'cache')[0].trace
    fresh = run_jobs([job], workers=1)[0].trace
    np.testing.assert_array_equal(cached.candidates[str(model)], fresh.candidates[str(model)])


def test_seeds_are_no_negative_numbers(own_bag, capsys):
    with pytest.raises(SystemExit):
        main(['replay', str(own_bag), '--seed', '-1'])
    assert '-1: must be >= 0' in capsys.readouterr().err
