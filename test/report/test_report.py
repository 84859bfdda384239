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

"""The report of a run: complete from any folder, self-contained, readable everywhere."""

import html
import itertools
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from rfsn_ros.bandit import VWConfig, VWContextualBandit
from rfsn_ros.bandit.checkpoints import CheckpointStore
from rfsn_ros.bandit.contract import Choice
from rfsn_ros.bandit.decision_log import DecisionLog
from rfsn_ros.errors import InputError
from rfsn_ros.navigation import REWARD_TERMS
from rfsn_ros.report import charts
from rfsn_ros.report.command import main
from rfsn_ros.report.page import Page
from rfsn_ros.report.run import read_run
from rfsn_ros.report.run_page import run_page
from rfsn_ros.training.plots import plot_learning_curves

CHROMIUM = next(
    filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), None)


def episode(number, generator):
    won = generator.random() < number / 20
    return {
        'number': number, 'world': f'generated:{number}', 'seed': number,
        'outcome': 'success' if won else 'timeout', 'score': 0.4 * won, 'mean_reward': 0.1,
        'time': 9.5, 'min_clearance': 0.2, 'decisions': 5, 'overrides': 0,
    }


@pytest.fixture(scope='module')
def run_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp('run')
    generator = np.random.default_rng(1)
    for name in ('episodes', 'episodes_random'):
        rows = [json.dumps(episode(number, generator)) for number in range(12)]
        (folder / f'{name}.jsonl').write_text('\n'.join(rows) + '\n')
    pmf = np.array([0.7, 0.3, 0.0])
    with DecisionLog(folder / 'decisions.jsonl') as log:
        for number in range(60):
            action = number % 2
            log.decision(
                f's-{number}', float(number), np.zeros(2),
                Choice(action, pmf[action], pmf, 0.1, number), mask=pmf > 0.0,
                extra={'episode': f's-{number // 5}', 'pose': [0.1 * number, 0.0, 0.0],
                       'goal': [9.0, 1.0], 'primitive': f'<arc {action}>',
                       'override': number == 7})
            log.reward(f's-{number}', number + 1.0, 0.5 - action, terms={'progress': 0.5})
    (folder / 'summary.json').write_text(json.dumps({'rows': {'bandit': {'score': 0.25}}}))
    return folder


@pytest.fixture(scope='module')
def shown(run_dir):
    """Return the page of the run."""
    return run_page(read_run(run_dir)).html()


def test_report_shows_every_part_and_escapes_names(run_dir, capsys):
    assert main([str(run_dir)]) == 0
    text = (run_dir / 'report.html').read_text()
    assert str(run_dir / 'report.html') in capsys.readouterr().out
    for title in ('Policies', 'Learning', 'Rewards', 'Actions', 'Safety overrides',
                  'Worst episodes', 'Summary'):
        assert re.search(rf'<h2 id="s\d">{title}</h2>', text), title
    assert 'cumulative regret' in text
    assert '1 of 60 decisions' in text
    assert 'rows.bandit.score' in text
    assert '<arc' not in text
    assert '&lt;arc 0&gt;' in text


def test_one_episode_and_one_decision_of_thousands_are_seen(tmp_path):
    won = {**episode(0, np.random.default_rng(1)), 'outcome': 'success'}
    rows = [*[won] * 3999, {**won, 'outcome': 'timeout'}]
    (tmp_path / 'episodes.jsonl').write_text(''.join(json.dumps(row) + '\n' for row in rows))
    pmf = np.array([0.7, 0.3])
    with DecisionLog(tmp_path / 'decisions.jsonl') as log:
        for number in range(2999):
            log.decision(f's-{number}', float(number), np.zeros(2), Choice(0, 0.7, pmf, 0.1, 0),
                         extra={'override': number == 7})
    text = run_page(read_run(tmp_path)).html()
    assert '<td>99.98</td><td>99.9 – 99.996</td>' in re.sub(' class="number"', '', text)
    assert 'At 1 of 2999 decisions (0.03 %) safety' in text


def test_report_loads_nothing_from_elsewhere(shown):
    addresses = set(re.findall(r'https?://[^"\'\s)<]+', shown))
    assert addresses <= {'http://www.w3.org/2000/svg', 'http://www.w3.org/1999/xlink'}
    assert not re.search(r'<(script|link|img|iframe)\b|@import|\bsrc=', shown)


def test_ids_are_unique_and_every_reference_has_its_target(shown):
    ids = re.findall(r'\bid="([^"]+)"', shown)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(|href=")#([^")]+)', shown)) <= set(ids)


def test_a_killed_run_is_shown_as_far_as_it_came(run_dir, tmp_path):
    shutil.copy(run_dir / 'decisions.jsonl', tmp_path)
    rows = (run_dir / 'episodes.jsonl').read_text().splitlines()
    (tmp_path / 'episodes.jsonl').write_text('\n'.join(rows[:3]) + '\n' + rows[3][:20])
    (tmp_path / 'summary.json').write_text('{"a": ')
    text = run_page(read_run(tmp_path)).html()
    assert 'left out: 1' in text
    assert 'summary.json cannot be read' in text
    assert '3 episodes of bandit' in text


@pytest.mark.parametrize('line', [
    b'5', b'null', b'\xff\xfe{', b'[' * 100_000, b'{"time": null}', b'{"score": "x"}',
    b'{"score": NaN}', b'{"world": ["a"]}', b'{"number": 1' + 400 * b'0' + b'}',
])
def test_a_line_that_is_no_episode_is_left_out(run_dir, tmp_path, line):
    rows = (run_dir / 'episodes.jsonl').read_bytes()
    (tmp_path / 'episodes.jsonl').write_bytes(rows + line + b'\n')
    text = run_page(read_run(tmp_path)).html()
    assert '12 episodes of bandit' in text
    assert 'left out: 1' in text


def test_what_was_learned_after_the_last_decision_counts(run_dir, tmp_path):
    shutil.copy(run_dir / 'decisions.jsonl', tmp_path)
    assert read_run(tmp_path).learned == 59
    with VWContextualBandit(VWConfig(n_actions=2, context_dim=1)) as bandit:
        for _ in range(60):
            bandit.update([1.0], 0, 1.0, probability=0.5)
        CheckpointStore(tmp_path / 'checkpoints').save(bandit, 'final')
    assert 'rewards learned<b>60</b>' in run_page(read_run(tmp_path)).html()


def test_all_terms_of_driving_are_drawn_and_those_that_stay_0_are_not(tmp_path):
    pmf = np.array([1.0])
    with DecisionLog(tmp_path / 'decisions.jsonl') as log:
        for number in range(3):
            log.decision(f's-{number}', 0.0, np.zeros(1), Choice(0, 1.0, pmf, 0.5, 0))
            log.reward(f's-{number}', 0.0, 0.5, terms={
                **dict.fromkeys(REWARD_TERMS, 0.1), **{f'a{other}': 0.0 for other in range(9)}})
    text = run_page(read_run(tmp_path)).html()
    for name in REWARD_TERMS:
        assert f'>{name}</text>' in text
    assert '>a0</text>' not in text


def test_a_run_without_baselines_speaks_of_none_and_figures_have_units(
        run_dir, shown, tmp_path):
    shutil.copy(run_dir / 'episodes.jsonl', tmp_path)
    alone = run_page(read_run(tmp_path)).html()
    assert 'dashed' not in alone
    assert 'dashed: means of the baselines' in shown
    assert '>time [s]<' in alone
    assert '>min clearance [m]<' in alone


def test_episodes_count_from_one(shown):
    captions = re.findall(r'>Episode (\d+), generated:(\d+): timeout', shown)
    rows = re.findall(r'<tr><td class="number">(\d+)</td><td>generated:(\d+)</td>', shown)
    assert len(captions) == len(rows) == 6
    assert all(int(number) == int(world) + 1 for number, world in captions + rows)


@pytest.mark.parametrize('name', ['$arc_{$', '$x$', 'a$'])
def test_names_are_no_formulas(tmp_path, name):
    for svg in (charts.bars({name: 1.0}, xlabel=''),
                charts.curves([0, 1], {name: [0, 1], 'b': [1, 0]}, xlabel='', ylabel=''),
                charts.stack([0, 1], {name: [0, 1], 'b': [1, 0]}, xlabel='', ylabel='')):
        assert name in svg
    plot_learning_curves(
        tmp_path / 'curve.png', {name: [0.0, 1.0]}, ylabel='score', title=name)


def test_one_decision_is_enough(tmp_path):
    pmf = np.array([1.0])
    with DecisionLog(tmp_path / 'decisions.jsonl') as log:
        log.decision('s-0', 0.0, np.zeros(1), Choice(0, 1.0, pmf, 0.5, 0))
    assert '1 decisions, 0 with a reward' in run_page(read_run(tmp_path)).html()


@pytest.mark.parametrize('make', [lambda path: path, lambda path: path / 'none'])
def test_a_folder_without_a_run_is_refused(tmp_path, make):
    with pytest.raises(InputError, match=re.escape(str(make(tmp_path)))):
        read_run(make(tmp_path))


def test_charts_hold_variables_instead_of_colours():
    svg = charts.curves([0, 1], {'a': [0, 1], 'b': [1, 0]}, xlabel='x', ylabel='y',
                        levels={'c': 0.5})
    assert {'--series-0', '--series-1', '--series-2', '--ink'} <= set(
        re.findall(r'var\((--[a-z0-9-]+)\)', svg))
    assert not set(re.findall(r'#[0-9a-f]{6}', svg)) & {*charts.SERIES, charts.INK}


_SEEN = {  # Machado et al. 2009, complete dichromacy; linear RGB
    'all cones': np.eye(3),
    'protanopia': np.array(
        [[.1523, 1.0526, -.2049], [.1145, .7863, .0992], [-.0039, -.0481, 1.052]]),
    'deuteranopia': np.array(
        [[.3673, .8606, -.228], [.2801, .6725, .0474], [-.0118, .0429, .969]]),
    'tritanopia': np.array(
        [[1.2555, -.0767, -.1788], [-.0784, .9308, .1476], [.0047, .6914, .3039]]),
}


def linear(colour):
    share = np.array([int(colour[start:start + 2], 16) for start in (1, 3, 5)]) / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """Return CIE 1976 L*a*b* of linear RGB: its distances are those that eyes see."""
    xyz = np.array([[.4339, .3762, .1899], [.2126, .7152, .0722], [.0177, .1095, .8727]]) @ rgb
    x, y, z = np.where(xyz > 0.008856, np.cbrt(np.maximum(xyz, 0.0)), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize('eyes', _SEEN)
@pytest.mark.parametrize('theme', [0, 1])
def test_series_are_told_apart_by_every_eye(theme, eyes):
    style = Page('t').html()
    papers = re.findall('--paper: (#[0-9a-f]{6})', style)
    series = re.findall('--series-[0-9]: (#[0-9a-f]{6})', style)
    series = series[theme * len(charts.SERIES):][:len(charts.SERIES)]
    seen = [lab(np.clip(_SEEN[eyes] @ linear(colour), 0.0, 1.0)) for colour in series]
    for first, second in itertools.combinations(seen, 2):
        assert np.linalg.norm(first - second) > 20.0
    light = np.array([0.2126, 0.7152, 0.0722])
    for colour in series:
        low, high = sorted(float(light @ linear(one)) for one in (colour, papers[theme]))
        assert (high + 0.05) / (low + 0.05) >= 3.0  # WCAG 2.1, 1.4.11


def test_figures_have_a_name_for_who_cannot_see_them(shown):
    names = re.findall(r'<svg[^>]* role="img" aria-label="([^"]+)"', shown)
    assert names == re.findall(r'<figcaption>([^<]+)', shown)
    assert len(names) == shown.count('<svg')


def test_moving_mean_takes_what_there_is():
    assert charts.moving_mean([1.0, 3.0, 5.0, 7.0], 2).tolist() == [1.0, 2.0, 4.0, 6.0]


def test_columns_of_numbers_stand_flush_right_written_out_or_not():
    page = Page('t')
    page.table(['policy', 'episodes', 'success %', 'interval'],
               [('a', 10, '99.96', '98 – 100'), ('b', None, '0', '0 – 2')])
    assert re.findall(r'<td([^>]*)>', page.html()) == 2 * ['', ' class="number"',
                                                             ' class="number"', '']


def test_cells_without_a_number_show_a_dash():
    page = Page('t')
    page.table(['a', 'b'], [[float('nan'), None], [1.0, True]])
    assert page.html().count('>–<') == 2


@pytest.mark.skipif(CHROMIUM is None, reason='no Chromium on this machine')
@pytest.mark.parametrize('theme', ['light', 'dark'])
def test_opens_in_a_browser_without_overflow_on_a_phone(run_dir, tmp_path, theme):
    document = run_page(read_run(run_dir)).html()
    # The frame has a phone's width; headless windows cannot be that narrow.
    (tmp_path / 'frame.html').write_text(
        '<!doctype html><meta charset="utf-8"><body><iframe id="f" '
        f'style="width:390px;height:800px" srcdoc="{html.escape(document)}"></iframe><script>'
        'onload = () => { const d = f.contentDocument, s = f.contentWindow.getComputedStyle;'
        'document.body.innerHTML = JSON.stringify({width: d.documentElement.scrollWidth,'
        'paper: s(d.body).backgroundColor, figures: [...d.querySelectorAll("figure svg")].filter('
        '(x) => x.getBoundingClientRect().width > 100).length}) }</script></body>')
    done = subprocess.run(
        [CHROMIUM, '--headless', '--no-sandbox', '--disable-gpu', f'--user-data-dir={tmp_path}/u',
         f'--blink-settings=preferredColorScheme={int(theme == "light")}', '--dump-dom',
         f'file://{tmp_path}/frame.html'],
        capture_output=True, text=True, timeout=120, check=False)
    seen = json.loads(re.search(r'\{.*\}', html.unescape(done.stdout)).group())
    assert seen['width'] <= 390
    assert seen['figures'] == document.count('<figure>') > 5
    assert seen['paper'] == {'light': 'rgb(255, 255, 255)', 'dark': 'rgb(20, 23, 27)'}[theme]
