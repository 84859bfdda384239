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

import argparse
import io
import json
from pathlib import Path

import numpy as np
import pytest
from rfsn_ros.config import RFSNConfig
from rfsn_ros.errors import ConfigError, InputError
from rfsn_ros.sim.config import Engine
from rfsn_ros.training.options import add_setting_options, chosen_setting, titled
from rfsn_ros.training.plots import plot_learning_curves, trailing_mean
from rfsn_ros.training.results import (
    beginning_and_end,
    comparison_table,
    EpisodeResult,
    read_results,
    summarise,
    write_results,
)
from rfsn_ros.training.train_report import share_of_final
from rich.console import Console


def episode(number=0, *, outcome='success', score=0.5, time=6.0, world='a', reward=0.8):
    return EpisodeResult(
        number=number, world=world, seed=number, outcome=outcome, time=time, optimal_time=5.5,
        straight_time=5.0, path_length=10.0, score=score, min_clearance=0.1,
        mean_reward=reward, decisions=30)


RESULTS = [
    *(episode(number, world=f'w{number % 4}', score=0.4 + 0.01 * number) for number in range(8)),
    episode(8, outcome='collision', score=0.0, world='w0', reward=-0.5),
    episode(9, outcome='timeout', score=0.0, world='w1', time=100.0),
]


def test_summary_counts_and_means():
    summary = summarise(RESULTS)
    assert summary.success.value == pytest.approx(0.8)
    assert summary.collision.value == pytest.approx(0.1)
    assert summary.score.value == pytest.approx(np.mean([r.score for r in RESULTS]))
    assert summary.score.low < summary.score.value < summary.score.high
    assert summary.time == pytest.approx(6.0)
    assert summary.time_ratio == pytest.approx(1.2)


def test_summary_of_one_world_is_valid_json_without_infinities():
    text = json.dumps(summarise([episode()]).to_dict(), allow_nan=False)
    assert json.loads(text)['mean_reward'] == {'value': 0.8, 'low': None, 'high': None}
    assert json.loads(text)['score'] == {'value': 0.5, 'low': 0.0, 'high': 0.5}


def test_no_success_has_no_time():
    summary = summarise([episode(outcome='timeout', score=0.0)] * 3)
    assert summary.time is None
    assert summary.time_ratio is None


def test_summary_of_nothing_is_refused():
    with pytest.raises(InputError, match='0 episodes'):
        summarise([])


def test_table_shows_every_row_with_intervals():
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(comparison_table(
        {'bandit, first 10': summarise(RESULTS), 'random': summarise(RESULTS[-2:])}))
    text = console.export_text()
    assert 'bandit, first 10' in text
    assert '49-94.3' in text
    assert 'random' in text
    assert '…' not in text


def test_the_widest_table_of_a_training_fits_a_terminal():
    console = Console(width=80, record=True, file=io.StringIO())
    many = [episode(outcome='success', score=0.461)] * 199 + [
        episode(outcome='collision', score=0.0)]
    console.print(comparison_table(
        {f'{name}, pre-shift': summarise(many) for name in ('learner', 'greedy')}))
    text = console.export_text()
    assert '…' not in text
    assert '0.09-2.8' in text


def test_one_drive_of_thousands_is_seen_in_the_table():
    def table(*outcomes):
        console = Console(width=80, record=True, file=io.StringIO())
        console.print(comparison_table({'bandit': summarise([
            episode(outcome=outcome, score=0.5) for outcome in outcomes])}))
        return console.export_text()

    most = table(*['success'] * 3999, 'collision').splitlines()
    assert most[2].split()[2:4] == ['99.98', '0.03']
    assert most[3].split()[:2] == ['99.9-99.996', '0.004-0.14']
    assert max(map(len, most)) <= 80
    least = table(*['timeout'] * 29_999, 'success').splitlines()
    assert least[2].split()[2:4] == ['0.003', '0']


def test_names_and_titles_are_shown_as_they_are():
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(comparison_table(
        {'a[red].rfsn': summarise(RESULTS), 'b[/c': summarise(RESULTS)}, title='barn:[old]/w.gz'))
    text = console.export_text()
    for name in ('a[red].rfsn', 'b[/c', 'barn:[old]/w.gz'):
        assert name in text


def test_a_long_name_is_folded_and_no_header_cut():
    console = Console(width=80, record=True, file=io.StringIO())
    name = 'fixed:arc_2.00_left_1.60, first 10'
    console.print(comparison_table({name: summarise(RESULTS)}))
    lines = console.export_text().splitlines()
    assert '…' not in ''.join(lines)
    for header in ('policy', 'success %', 'contact %', 'score', 'time s', 'ratio', 'rew.'):
        assert header in lines[0]
    assert name.replace(' ', '') in ''.join(line[:20] for line in lines[2:]).replace(' ', '')


@pytest.mark.parametrize(('episodes', 'window', 'compared'), [
    (30, 10, {'first 10': range(10), 'last 10': range(20, 30)}),
    (20, 10, {'first 10': range(10), 'last 10': range(10, 20)}),
    (5, 10, {'first 2': range(2), 'last 2': range(3, 5)}),
    (1, 10, {'only episode': range(1)}),
])
def test_no_episode_is_at_both_ends(episodes, window, compared):
    parts = beginning_and_end(episodes, window)
    assert {name: range(episodes)[part] for name, part in parts.items()} == compared


def test_results_round_trip_and_tolerate_a_torn_last_line(tmp_path):
    path = tmp_path / 'episodes.jsonl'
    write_results(path, RESULTS)
    assert read_results(path) == RESULTS
    path.write_text(path.read_text()[:-20])
    assert read_results(path) == RESULTS[:-1]


def test_a_damaged_line_is_named(tmp_path):
    path = tmp_path / 'episodes.jsonl'
    write_results(path, RESULTS)
    lines = path.read_text().splitlines()
    path.write_text('\n'.join([lines[0], '{"number": 1}', lines[2]]) + '\n')
    with pytest.raises(InputError, match=r'episodes\.jsonl:2'):
        read_results(path)


@pytest.mark.parametrize('window', [1, 3, 20])
def test_trailing_mean_matches_its_definition(window):
    values = np.random.default_rng(0).normal(size=(2, 12))
    expected = [
        [row[max(0, i + 1 - window):i + 1].mean() for i in range(12)] for row in values]
    np.testing.assert_allclose(trailing_mean(values, window), expected)


def test_curves_are_drawn_and_empty_ones_refused(tmp_path):
    rng = np.random.default_rng(0)
    path = tmp_path / 'curve.png'
    plot_learning_curves(
        path, {'bandit': rng.normal(size=(5, 20)), 'random': rng.normal(size=20)},
        ylabel='score', levels={'best': 0.5})
    assert path.read_bytes().startswith(b'\x89PNG')
    with pytest.raises(InputError, match="'none' has 0 episodes"):
        plot_learning_curves(path, {'none': []}, ylabel='score')


def test_the_share_of_the_final_score_compares_windows():
    run = [episode(score=score) for score in [0.1] * 20 + [0.4] * 5 + [0.5] * 5]
    assert share_of_final(run, 5) == pytest.approx(0.8)
    assert share_of_final([episode(score=0.0)] * 30, 5) == 0.0


def test_a_setting_without_effect_is_said_once(tmp_path, capsys):
    params = tmp_path / 'params.yaml'
    params.write_text(RFSNConfig().updated({'bandit.epsilon': 0.3}).to_yaml())
    parser = argparse.ArgumentParser()
    add_setting_options(parser, engine=Engine.KINEMATIC)
    chosen_setting(parser.parse_args(['--params', str(params)]))
    assert capsys.readouterr().err == (
        'bandit.epsilon = 0.3 has no effect: the explorer squarecb does not read it\n')


def test_a_driver_of_another_robot_than_the_simulated_one_is_said(capsys):
    parser = argparse.ArgumentParser()
    add_setting_options(parser, engine=Engine.KINEMATIC)
    burger = str(Path(__file__).parents[2] / 'config' / 'robots' / 'turtlebot3.yaml')
    chosen_setting(parser.parse_args(['--params', burger]))
    assert capsys.readouterr().err == (
        'the driver believes in another robot than the simulated one: navigation.robot.length = '
        '0.138 and sim.robot.length = 0.508, navigation.robot.width = 0.178 and '
        'sim.robot.width = 0.43\n')
    chosen_setting(parser.parse_args(['--params', burger, '--robot', 'turtlebot3']))
    assert capsys.readouterr().err == ''


def test_a_control_rate_that_no_simulator_can_drive_is_named_before_the_drives(tmp_path):
    params = tmp_path / 'params.yaml'
    parser = argparse.ArgumentParser()
    add_setting_options(parser, engine=Engine.KINEMATIC)
    for rate in (30.0, 100.0):
        params.write_text(RFSNConfig().updated({'navigation.control_rate': rate}).to_yaml())
        with pytest.raises(ConfigError, match=(
                rf'navigation\.control_rate = {rate:g}: .* sim\.tick = 50 Hz')):
            chosen_setting(parser.parse_args(['--params', str(params)]))
    params.write_text(RFSNConfig().updated({'navigation.control_rate': 10.0}).to_yaml())
    assert chosen_setting(parser.parse_args(['--params', str(params)])).worlds


def test_a_title_names_hundreds_of_worlds_by_the_first_of_them():
    assert titled('generated:0-49') == 'generated:0-49'
    assert titled('barn:/some/where/worlds.json:1,2') == 'barn:worlds.json:1,2'
    assert titled('map:a/m.yaml:1,2,0/3,4;map:/b/n.yaml:5') == 'map:m.yaml:1,2,0/3,4;map:n.yaml:5'
    many = titled('barn:FILE:' + ','.join(map(str, range(300))))
    assert len(many) == 60
    assert many.endswith('...')
