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
import json
import math

import numpy as np
import pytest
from rfsn_ros.bandit.opening import open_bandit
from rfsn_ros.cli import main
from rfsn_ros.errors import BagError, ConfigError, RfsnError
from rfsn_ros.evaluation import Verdict
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.navigator import Navigator
from rfsn_ros.navigation.robots import ROBOTS
from rfsn_ros.replay.counterfactual import judge_forecasts
from rfsn_ros.replay.jobs import BagJob, find_bags, run_job, run_jobs
from rfsn_ros.replay.reader import read_bag
from rfsn_ros.replay.rebuilt import rebuild
from rfsn_ros.replay.robots import guess_robot
from rfsn_ros.replay.trace import join_traces, Trace


@pytest.fixture(scope='module')
def foreign_bag(foreign_rows, write_bag, tmp_path_factory):
    return write_bag(tmp_path_factory.mktemp('foreign') / 'bag', foreign_rows(seconds=8.0))


@pytest.fixture(scope='module')
def foreign_trace(foreign_bag):
    return run_job(BagJob(path=str(foreign_bag), policies=('greedy', 'random', 'fixed:stop')))


def test_robot_is_guessed_from_its_motion(foreign_bag):
    config, why = guess_robot(read_bag(foreign_bag), {})
    assert config.robot.max_speed == 0.46
    assert config.robot.length == ROBOTS['turtlebot4'].length
    assert 'by its speed, up to 0.4 m/s' in why


def test_driven_motion_is_matched_to_primitives(foreign_trace):
    driven = [foreign_trace.primitives[action] for action in foreign_trace.action]
    assert sum(name.startswith('arc') for name in driven) > 0.9 * len(driven)
    # Straight down a corridor towards where the drive ended: progress is nearly the best.
    assert foreign_trace.terms[2:-3, foreign_trace.term_names.index('progress')].min() > 0.3
    assert np.all(np.isfinite(foreign_trace.reward))


def test_a_damaged_velocity_spoils_no_decision_but_its_own(foreign_bag):
    recording = read_bag(foreign_bag)
    config, _ = guess_robot(recording, {})
    twist = recording.odometry.twist.copy()
    twist[20] = 1e18
    damaged = replace(recording, odometry=replace(recording.odometry, twist=twist))
    trace, _ = rebuild(damaged, config)
    late = trace.action[trace.stamp > recording.odometry.stamp[20] + 1.0]
    assert len(late) > 10
    assert all(trace.primitives[action].startswith('arc') for action in late)


def test_forecasts_bound_the_candidates(foreign_trace):
    config = NavigationConfig.from_dict(foreign_trace.facts['navigation'])
    from rfsn_ros.navigation.primitives import PrimitiveLibrary
    speeds = PrimitiveLibrary(config.primitives, config.robot).table[:, 0]
    reports = {report.name: report for report in judge_forecasts(foreign_trace, speeds)}
    assert reports['fixed:stop'].judgement.verdict is Verdict.WORSE
    assert reports['greedy'].value > reports['fixed:stop'].value
    for report in reports.values():
        assert report.low <= report.value <= report.high
        assert 0.0 <= report.agreement <= 1.0


def test_a_policy_that_does_what_was_driven_is_worth_what_came(foreign_trace):
    certain = np.eye(len(foreign_trace.primitives))[foreign_trace.action]
    foreign_trace.candidates['itself'] = certain
    speeds = np.zeros(len(foreign_trace.primitives))
    report = next(one for one in judge_forecasts(foreign_trace, speeds) if one.name == 'itself')
    del foreign_trace.candidates['itself']
    assert report.value == pytest.approx(foreign_trace.reward.mean())
    assert report.agreement == 1.0


def test_goal_may_be_given(foreign_bag):
    recording = read_bag(foreign_bag)
    config, _ = guess_robot(recording, {})
    ahead, _ = rebuild(recording, config, goal=(5.0, 0.0))
    behind, _ = rebuild(recording, config, goal=(-5.0, 0.0))
    assert ahead.reward.mean() > 0.3 > -0.1 > behind.reward.mean()


def test_scans_between_two_decisions_are_looked_at_too(foreign_bag, monkeypatch):
    seen = []
    perceive = Navigator.perceive
    monkeypatch.setattr(
        Navigator, 'perceive', lambda self, one: seen.append(one) or perceive(self, one))
    recording = read_bag(foreign_bag)
    rebuild(recording, guess_robot(recording, {})[0])
    first, *later = seen
    assert first.midway is None
    stamps = np.array([one.scan.stamp for one in seen])
    # at 8 Hz every other scan is decided on
    for one, middle in zip(later, 0.5 * (stamps[1:] + stamps[:-1]), strict=True):
        scan, odometry = one.midway
        assert scan.stamp == pytest.approx(middle, abs=1e-3)
        assert odometry.stamp == pytest.approx(middle, abs=0.05)


def test_no_probabilities_no_estimate(foreign_trace):
    with pytest.raises(BagError, match='no decision probabilities'):
        foreign_trace.logged_data()


def test_too_short_a_drive_is_refused(foreign_rows, write_bag, tmp_path):
    bag = write_bag(tmp_path / 'bag', foreign_rows(seconds=0.6))
    with pytest.raises(BagError, match='no drive in it has 5 decisions'):
        run_job(BagJob(path=str(bag)))


def test_command_reports_and_trains(foreign_bag, tmp_path, capsys):
    out, model = tmp_path / 'out', tmp_path / 'new' / 'warm.rfsn'
    assert main(['replay', str(foreign_bag), '--policy', 'greedy', 'dwa', '--out', str(out),
                 '--warm-start', str(model)]) == 0
    facts = json.loads((out / 'report.json').read_text())
    assert facts['kind'] == 'rebuilt'
    assert {one['name'] for one in facts['forecasts']} == {'greedy', 'dwa'}
    assert facts['options']['policy'] == ['greedy', 'dwa']
    assert facts['options']['seed'] == 1
    assert 'no probabilities' in (out / 'report.html').read_text()
    with open_bandit(model) as bandit:
        assert bandit.example_count > 20
    text = capsys.readouterr().out
    assert 'what was driven' in text
    assert main(['replay', str(foreign_bag), '--policy', str(model)]) == 0
    assert main(['replay', str(foreign_bag), '--policy', str(model), '--promote-if',
                 'value > 0']) == 1
    assert 'not promoted' in capsys.readouterr().out
    assert main(['replay', str(foreign_bag), '--verify']) == 2


def test_an_option_of_judging_that_roll_outs_do_not_read_is_said(foreign_bag, capsys):
    def told(*options):
        assert main(['replay', str(foreign_bag), '--policy', 'greedy', 'random', *options]) == 0
        captured = capsys.readouterr()
        assert 'greedy' in captured.out
        return captured.err

    why = 'without decision probabilities roll-outs are compared with what was driven'
    assert told() == ''
    assert told('--baseline', 'greedy') == (
        f'rfsn replay: --baseline greedy has no effect: {why}\n')
    assert told('--estimator', 'dr', '--model', 'ridge') == (
        f'rfsn replay: --estimator dr, --model ridge have no effect: {why}\n')


def test_many_bags_same_numbers_on_one_core_and_more(foreign_rows, write_bag, tmp_path):
    for number in range(3):
        write_bag(tmp_path / 'bags' / f'bag{number}', foreign_rows(seconds=3.0 + number))
    (tmp_path / 'bags' / 'broken').mkdir()
    (tmp_path / 'bags' / 'broken' / 'broken.mcap').write_bytes(b'\x89MCAP0\r\n')
    bags = find_bags([tmp_path / 'bags'])
    assert len(bags) == 4
    jobs = [BagJob(path=str(bag), policies=('random',), robot='turtlebot3') for bag in bags]
    alone, together = run_jobs(jobs, workers=1), run_jobs(jobs, workers=2)
    assert [bool(outcome.refusal) for outcome in alone] == [False, False, False, True]
    for first, second in zip(alone, together, strict=True):
        assert first.refusal == second.refusal
        if first.trace is not None:
            np.testing.assert_array_equal(first.trace.reward, second.trace.reward)
    joined = join_traces([outcome.trace for outcome in alone if outcome.trace])
    assert len(joined) == sum(len(outcome.trace) for outcome in alone if outcome.trace)
    assert len(np.unique(joined.drive)) == 3


def test_one_kind_of_robot_is_judged_together_however_fast_it_was(
    foreign_rows, messages, write_bag, tmp_path, capsys,
):
    """Each alone would be given the primitives of a robot of its own speed."""
    def slower(row, share):
        if row[1] != 'nav_msgs/msg/Odometry':
            return row
        point, twist = row[3].pose.pose.position, row[3].twist.twist
        turn = 2.0 * math.asin(row[3].pose.pose.orientation.z)
        return (*row[:3], messages.odometry(
            row[2], share * point.x, share * point.y, turn, share * twist.linear.x,
            twist.angular.z))

    bags = []
    for number, share in enumerate((1.0, 0.6, 0.2)):
        rows = [(row[0].replace('/odom', '/turtlebot4/odom'), *row[1:])
                for row in foreign_rows(seconds=4.0)]
        bags.append(write_bag(tmp_path / f'bag{number}', [slower(row, share) for row in rows]))
    limits = [guess_robot(read_bag(bag), {})[0].robot.max_speed for bag in bags]
    assert limits[0] > limits[1] > limits[2]
    outcomes = run_jobs([BagJob(path=str(bag), policies=('greedy',)) for bag in bags], workers=1)
    found = [outcome.trace.facts['robot']['max_speed'] for outcome in outcomes]
    assert found == [limits[0]] * 3
    assert main(['replay', *map(str, bags), '--policy', 'greedy', '--jobs', '1', '--out',
                 str(tmp_path / 'out')]) == 0
    assert capsys.readouterr().out.startswith('3 bags, ')
    page = (tmp_path / 'out' / 'report.html').read_text()
    assert 'bag0, bag1, bag2: the robot is taken for turtlebot4 (by the names in the bag)' in page


def test_bags_of_one_name_are_kept_apart(foreign_rows, write_bag, tmp_path):
    bags = [write_bag(tmp_path / place / 'drive', foreign_rows(seconds=4.0))
            for place in ('monday', 'tuesday')]
    joined = join_traces([run_job(BagJob(path=str(bag), robot='turtlebot4')) for bag in bags])
    assert list(joined.quality) == list(joined.facts) == ['drive', 'drive (2)']


def test_bags_that_do_not_go_together_are_named(
    foreign_rows, write_bag, own_bag, tmp_path, capsys,
):
    """Those with the most decisions are judged."""
    other = write_bag(tmp_path / 'other', foreign_rows(seconds=4.0))
    assert main(['replay', str(other), str(own_bag), '--policy', 'random', '--jobs', '1']) == 0
    output = capsys.readouterr()
    assert output.out.startswith('1 bag, ')
    assert output.err.strip() == (
        f'rfsn replay: refused: {other}: differs from drive in kind: judge them apart')


def test_a_run_goes_on_where_it_stopped(foreign_bag, tmp_path, monkeypatch):
    jobs = [BagJob(path=str(foreign_bag), policies=('random',))]
    first = run_jobs(jobs, cache=tmp_path)[0]
    monkeypatch.setattr('rfsn_ros.replay.jobs.run_job', lambda job: pytest.fail('replayed again'))
    again = run_jobs(jobs, cache=tmp_path)[0]
    np.testing.assert_array_equal(first.trace.forecast, again.trace.forecast)
    assert again.trace.facts == json.loads(json.dumps(first.trace.facts))
    other = BagJob(path=str(foreign_bag), policies=('greedy',))
    assert other.key() != jobs[0].key()


def test_a_torn_cache_file_is_replayed_again(foreign_bag, tmp_path):
    jobs = [BagJob(path=str(foreign_bag))]
    run_jobs(jobs, cache=tmp_path)
    file = next(tmp_path.glob('*.npz'))
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(BagError):
        Trace.load(file)
    assert run_jobs(jobs, cache=tmp_path)[0].trace is not None


@pytest.mark.parametrize('arguments', [
    ['--policy', 'nobody'], ['--goal', 'there'], ['--estimator', 'magic'],
    ['--config', 'missing.yaml'], ['--policy', 'fixed:fly'], ['--policy', 'train:what'],
    ['--scan', 'lidar'], ['--policy', 'train:epsilon=['],
])
def test_bad_questions_are_one_line(foreign_bag, arguments, capsys):
    assert main(['replay', str(foreign_bag), *arguments]) == 2
    error = capsys.readouterr().err.strip()
    assert error.startswith('rfsn replay:')
    assert len(error.splitlines()) == 1


def test_unknown_engine_is_refused(foreign_bag):
    with pytest.raises(ConfigError, match='engine'):
        run_jobs([BagJob(path=str(foreign_bag))], engine='steam')


def test_ray_gives_the_same_numbers(foreign_bag):
    pytest.importorskip('ray')
    jobs = [BagJob(path=str(foreign_bag), policies=('random',))]
    first, second = run_jobs(jobs)[0], run_jobs(jobs, engine='ray', workers=1)[0]
    np.testing.assert_array_equal(first.trace.reward, second.trace.reward)


@pytest.mark.parametrize('name', ['neato_real', 'turtlebot3_ros1'])
def test_real_bags(real_bag, name):
    trace = run_job(BagJob(path=str(real_bag(name)), policies=('greedy', 'dwa', 'random')))
    assert len(trace) > 200
    rows = np.arange(len(trace))
    driven = trace.forecast[rows, trace.action]
    assert np.corrcoef(driven, trace.reward)[0, 1] > 0.5
    for pmf in trace.candidates.values():
        np.testing.assert_allclose(pmf.sum(axis=1), 1.0, atol=1e-6)


def test_decision_logs_are_judged_too(own_rows, tmp_path):
    from rfsn_ros.bandit import Choice, DecisionLog
    rewards = {row[3].decision_id: row[3] for row in own_rows.rows if row[0] == '/reward'}
    with DecisionLog(tmp_path / 'log.jsonl') as log:
        for row in own_rows.rows:
            if row[0] != '/decision':
                continue
            made = row[3]
            log.decision(made.id, row[2], made.context, Choice(
                int(made.requested), made.probability, np.asarray(made.pmf), made.draw, 0),
                actions=np.reshape(made.action_features, (len(made.pmf), -1)),
                mask=np.asarray(made.feasible), extra={'episode': made.episode})
            log.reward(made.id, row[2], rewards[made.id].total)
    trace = run_job(BagJob(path=str(tmp_path / 'log.jsonl'), policies=('greedy', 'random')))
    assert len(trace) == len(rewards)
    assert len(np.unique(trace.drive)) == 2
    assert main(['replay', str(tmp_path / 'log.jsonl'), '--policy', 'greedy']) == 0
    (tmp_path / 'empty.jsonl').write_text('')
    with pytest.raises(RfsnError):
        run_job(BagJob(path=str(tmp_path / 'empty.jsonl')))
