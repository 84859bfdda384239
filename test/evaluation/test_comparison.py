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

from dataclasses import replace
import io
import json

import numpy as np
import pytest
from rfsn_ros.errors import ConfigError, InputError
from rfsn_ros.evaluation import compare, Interval, judge, LoggedData, Rounds, Verdict
from rfsn_ros.evaluation.table import comparison_table, estimator_table
from rich.console import Console


def make(synthetic_world, candidate, count=1500):
    world = synthetic_world(features=4, actions=12, varying=True)
    data = world.log(count, 0, skew=0.3)
    return data, {
        'good': candidate(world, data, 5.0), 'bad': candidate(world, data, -5.0),
        'same': data.pmf,
    }


@pytest.fixture(scope='module')
def compared(synthetic_world, candidate):
    data, candidates = make(synthetic_world, candidate)
    return data, candidates, compare(data, candidates)


def test_verdicts_are_right_and_say_so(compared):
    _, _, result = compared
    assert [report.name for report in result.candidates] == ['good', 'same', 'bad']
    assert result['good'].judgement.verdict is Verdict.BETTER
    assert result['bad'].judgement.verdict is Verdict.WORSE
    same = result['same'].judgement
    assert same.verdict is Verdict.NOT_ENOUGH_DATA
    assert 'good is better: +' in result['good'].judgement.sentence
    assert 'more decisions are needed' in same.sentence or 'may well be equal' in same.sentence


def test_too_few_decisions_are_said_to_be_too_few(synthetic_world, candidate):
    data, candidates = make(synthetic_world, candidate, count=40)
    report = compare(data, {'good': candidates['good']})['good']
    assert report.judgement.verdict is Verdict.NOT_ENOUGH_DATA
    assert report.judgement.decisions_needed > 40


def test_what_was_never_tried_cannot_be_judged(synthetic_world, candidate):
    data, candidates = make(synthetic_world, candidate)
    narrow = np.where(np.arange(12) < 6, data.pmf, 0.0) + 1e-12 * data.available
    narrow = np.where(np.arange(12) < 6, narrow, 0.0)
    narrow /= narrow.sum(axis=1, keepdims=True)
    kept = np.flatnonzero(data.action < 6)
    log = LoggedData(
        context=data.context[kept], action=data.action[kept], reward=data.reward[kept],
        probability=narrow[kept, data.action[kept]], available=data.available[kept],
        features=data.features[kept], pmf=narrow[kept])
    report = compare(log, {'good': candidates['good'][kept]})['good']
    assert report.judgement.verdict is Verdict.NOT_ENOUGH_DATA
    assert 'never tried' in report.judgement.sentence
    assert report.unsupported > 0.1


def test_baseline_may_be_a_candidate(synthetic_world, candidate):
    data, candidates = make(synthetic_world, candidate)
    result = compare(data, candidates, baseline='good')
    assert result['same'].judgement.verdict is Verdict.WORSE
    assert result['good'].difference.value == pytest.approx(0.0)


def test_rewards_in_other_units_give_the_same_verdicts(compared):
    data, candidates, plain = compared
    scaled = LoggedData(
        context=data.context, action=data.action, reward=10.0 * data.reward - 30.0,
        probability=data.probability, available=data.available, features=data.features,
        pmf=data.pmf)
    other = compare(scaled, candidates)
    for name in candidates:
        assert plain[name].judgement.verdict == other[name].judgement.verdict
        assert other[name].anytime.half_width == pytest.approx(
            10.0 * plain[name].anytime.half_width)


def test_report_is_json_and_tables_print(synthetic_world, candidate):
    data, candidates = make(synthetic_world, candidate, count=200)
    result = compare(data, candidates, estimators=('ips', 'dr'))
    text = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert set(text['candidates'][0]['estimates']) == {'ips', 'dr', 'dm'}
    shown = printed(comparison_table(result), estimator_table(result))
    assert 'not enough data' in shown or 'better' in shown
    assert 'anytime' in shown


def printed(*tables):
    console = Console(width=140, record=True, file=io.StringIO())
    console.print(*tables)
    return console.export_text()


def test_tables_show_names_as_they_are(synthetic_world, candidate):
    data, candidates = make(synthetic_world, candidate, count=200)
    names = ('runs[red]/old[1].rfsn', 'a[/b', ':x:')
    result = compare(data, dict(zip(names, candidates.values(), strict=True)), baseline='a[/b')
    text = printed(comparison_table(result), estimator_table(result))
    assert 'against a[/b (' in text
    assert text.count('old[1].rfsn') == text.count(' :x: ') == 2


def test_what_is_printed_of_an_interval_holds_its_value_and_its_level(synthetic_world, candidate):
    data, candidates = make(synthetic_world, candidate, count=200)
    result = compare(data, candidates, level=0.999)
    narrow = replace(result['good'].difference, value=0.0034, low=0.0031, high=0.0044)
    table = comparison_table(replace(
        result, candidates=(replace(result['good'], difference=narrow, unsupported=0.004),)))
    assert '+0.003 +0.003 to +0.004' in printed(table)
    assert ' 0.4% ' in printed(table)
    assert '99.9% intervals' in printed(table)
    assert '(99.9% interval' in result['good'].judgement.sentence


def certain(count, action, actions=3):
    return np.eye(actions)[np.full(count, action)]


def logged_by(pmf, action, reward, *, known=True):
    count = len(pmf)
    return LoggedData(
        context=np.random.default_rng(0).normal(size=(count, 2)), action=action, reward=reward,
        probability=pmf[np.arange(count), action], available=np.ones(pmf.shape, dtype=bool),
        pmf=pmf if known else None)


@pytest.mark.parametrize(('headline', 'options'), [
    ('dm', {}),  # all estimators, by the best reward model
    *((name, {'estimators': (), 'model': 'ridge'}) for name in ('sndr', 'ips', 'dr'))])
def test_logs_that_can_tell_nothing_say_so(headline, options):
    rng, count = np.random.default_rng(1), 200
    even, first = np.full((count, 3), 1.0 / 3.0), certain(count, 0)
    action, reward = rng.integers(0, 3, count), rng.normal(size=count)
    mixed = 0.97 * first + 0.03 * certain(count, 1)
    for data, candidate, words in (
        (logged_by(first, first.argmax(axis=1), reward), first, 'both do the same'),
        (logged_by(first, first.argmax(axis=1), reward, known=False), first, 'both do the same'),
        (logged_by(first, first.argmax(axis=1), reward), certain(count, 1), 'never tried'),
        (logged_by(first, first.argmax(axis=1), reward, known=False), certain(count, 1),
         'never tried'),
        (logged_by(even, action, reward), np.eye(3)[(action + 1) % 3],
         'nothing of what was done'),
        (logged_by(even, action, np.ones(count)), first,
         '' if headline == 'ips' else 'earn the same'),
        (logged_by(even, action, np.zeros(count)), even, 'both do the same'),
        (logged_by(first, first.argmax(axis=1), reward), mixed, ''),
        (logged_by(even[:1], action[:1], reward[:1]), first[:1], ''),
        (logged_by(even[:2], action[:2], reward[:2]), first[:2], ''),
        (logged_by(even[:9], action[:9], reward[:9]), first[:9], 'weigh as much as'),
    ):
        judgement = compare(
            data, {'x': candidate}, headline=headline, **options)['x'].judgement
        assert judgement.verdict is Verdict.NOT_ENOUGH_DATA, judgement.sentence
        assert words in judgement.sentence, judgement.sentence


def test_bad_questions_are_refused(synthetic_world, candidate):
    data, candidates = make(synthetic_world, candidate, count=50)
    with pytest.raises(InputError, match='no candidate'):
        compare(data, {})
    with pytest.raises(InputError, match='baseline'):
        compare(data, candidates, baseline='nobody')
    with pytest.raises(ConfigError, match='magic'):
        compare(data, candidates, estimators=('magic',))


def test_anytime_bounds_never_cross():
    pmf, action = np.full((600, 2), 0.5), np.arange(600) % 2
    drifting = np.where(np.arange(600) < 300, 1.0, 0.0)
    bounds = compare(logged_by(pmf, action, drifting), {'same': pmf})['same'].anytime
    assert (bounds.low, bounds.high) == (0.0, 1.0)
    steady = compare(logged_by(pmf, action, action * 1.0), {'same': pmf})['same'].anytime
    assert 0.3 < steady.low < 0.5 < steady.high < 0.7


@pytest.mark.parametrize('tried', [1.0, 1.0 - 1e-6])
@pytest.mark.parametrize('known', [False, True])
def test_a_driver_that_always_does_the_same_tells_nothing_of_others(tried, known):
    rng = np.random.default_rng(3)
    count, actions = 1000, 5
    action = rng.integers(actions, size=count)
    pmf = np.full((count, actions), (1.0 - tried) / (actions - 1))
    pmf[np.arange(count), action] = tried
    log = LoggedData(
        context=rng.normal(size=(count, 3)), action=action, reward=rng.normal(0.3, 0.1, count),
        probability=np.full(count, tried), available=np.ones((count, actions), dtype=np.bool_),
        pmf=pmf if known else None)
    report = compare(log, {'random': np.full((count, actions), 1.0 / actions)})['random']
    assert report.effective_size == pytest.approx(count)
    assert report.judgement.verdict is Verdict.NOT_ENOUGH_DATA
    assert report.judgement.lacking
    assert report.unsupported == pytest.approx(0.8, abs=1e-5)


def test_enough_of_everything_is_judged_though_only_the_drawn_probability_is_known(
        synthetic_world, candidate):
    data, candidates = make(synthetic_world, candidate)
    log = LoggedData(
        context=data.context, action=data.action, reward=data.reward,
        probability=data.probability, available=data.available, features=data.features)
    result = compare(log, candidates)
    assert result['good'].judgement.verdict is Verdict.BETTER
    assert result['bad'].judgement.verdict is Verdict.WORSE
    assert result['good'].unsupported == 0.0


@pytest.mark.parametrize('groups', [1, 2, 3, 200])
def test_what_was_tried_is_hardly_ever_said_not_to_be_however_few_groups_there_are(groups):
    rng = np.random.default_rng(4)
    count, actions, draws, refused = 200, 5, 300, 0
    pmf = np.tile((0.6, 0.1, 0.1, 0.1, 0.1), (count, 1))
    candidate = np.tile((0.2, 0.2, 0.2, 0.2, 0.2), (count, 1))
    for _ in range(draws):
        action = rng.choice(actions, size=count, p=pmf[0])
        log = LoggedData(
            context=np.zeros((count, 1)), action=action, reward=np.zeros(count),
            probability=pmf[np.arange(count), action], pmf=pmf,
            available=np.ones((count, actions), dtype=np.bool_),
            groups=np.arange(count) * groups // count)
        refused += Rounds.of(log, candidate).untried > 0.0
    assert refused <= 0.02 * draws


def test_nothing_is_better_than_a_baseline_that_was_never_tried():
    rng = np.random.default_rng(0)
    count = 400
    action = rng.integers(2, size=count)
    pmf = np.tile((0.5, 0.5, 0.0), (count, 1))
    log = LoggedData(
        context=rng.normal(size=(count, 2)), action=action,
        reward=np.where(action == 0, 0.5, 0.4) + 0.1 * rng.normal(size=count),
        probability=np.full(count, 0.5), available=np.ones((count, 3), dtype=np.bool_), pmf=pmf)
    old = np.tile((0.02, 0.0, 0.98), (count, 1))
    judgement = compare(log, {'new': np.eye(3)[np.zeros(count, dtype=int)], 'old': old},
                        baseline='old')['new'].judgement
    assert judgement.verdict is Verdict.NOT_ENOUGH_DATA
    assert 'on old: 98%' in judgement.sentence


def test_how_much_is_needed_counts_from_the_side_of_zero():
    count = 300
    rounds = Rounds(
        reward=np.linspace(-1.0, 1.0, count), weight=np.ones(count), weight_cap=1.0,
        reward_range=(-1.0, 1.5), q_action=np.zeros(count), q_policy=np.zeros(count),
        unsupported=0.0)
    wide = judge('a', 'logged', Interval(0.1, -0.2, 0.11, 0.95, 'bootstrap'), rounds)
    assert wide.decisions_needed == pytest.approx(9 * count, abs=1)


def test_what_was_nearly_never_tried_is_not_called_all_of_it():
    rounds = Rounds(
        reward=np.zeros(9), weight=np.ones(9), weight_cap=1.0, reward_range=(-1.0, 1.5),
        q_action=np.zeros(9), q_policy=np.zeros(9), unsupported=0.9961)
    told = judge('a', 'logged', Interval(0.1, 0.0, 0.2, 0.95, 'bootstrap'), rounds).sentence
    assert told.startswith('Not enough data on a: 99.6% of what it would choose')
