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

"""The page of a run: how it learned, what it did, what was rewarded, where it went wrong."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
import math
from typing import Any

import numpy as np
from rfsn_ros.evaluation.intervals import wilson_interval
from rfsn_ros.evaluation.percent import percent
from rfsn_ros.report.charts import bars, curves, drawing, moving_mean, SERIES, stack
from rfsn_ros.report.page import Page
from rfsn_ros.report.run import LEARNER, Round, Run

__all__ = ['run_page']

_WORST = 6
_SHOWN_ACTIONS = 5
_EPISODE_FIGURES = {
    'score': 'score', 'mean_reward': 'mean reward', 'time': 'time [s]',
    'min_clearance': 'min clearance [m]'}


def run_page(run: Run) -> Page:
    """Return the report of a run; parts without data are left out."""
    page = Page(f'Run {run.folder.resolve().name}', subtitle=_subtitle(run))
    _overview(page, run)
    _learning(page, run)
    _rewards(page, run.rounds)
    _actions(page, run.rounds)
    _overrides(page, run.rounds)
    _worst(page, run)
    _summary(page, run)
    for note in run.notes:
        page.text(note, soft=True)
    return page


def _subtitle(run: Run) -> str:
    parts = [f'{len(episodes)} episodes of {name}' for name, episodes in run.episodes.items()]
    if run.rounds:
        rewarded = sum(one.reward is not None for one in run.rounds)
        parts.append(f'{len(run.rounds)} decisions, {rewarded} with a reward')
    return ' · '.join(parts)


def _overview(page: Page, run: Run) -> None:
    episodes = run.episodes.get(LEARNER, ())
    tiles: dict[str, Any] = {}
    if episodes:
        wins = sum(one.get('outcome') == 'success' for one in episodes)
        tiles['success'] = f'{wins} of {len(episodes)}'
        tiles['collisions'] = sum(one.get('outcome') == 'collision' for one in episodes)
        tiles['mean score'] = f'{_mean(episodes, "score"):.3f}'
    if run.rounds:
        tiles['rewards learned'] = run.learned
    if tiles:
        page.tiles(tiles)
    if run.episodes:
        page.section('Policies')
        page.table(
            ['policy', 'episodes', 'success %', '95 % interval', 'collisions', 'mean score',
             'mean reward', 'median time [s]'],
            [_policy_row(name, episodes) for name, episodes in run.episodes.items() if episodes])
        page.text('Success with Wilson intervals; the median time is that of successful '
                  'episodes.', soft=True)


def _policy_row(name: str, episodes: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    wins = [one for one in episodes if one.get('outcome') == 'success']
    interval = wilson_interval(len(wins), len(episodes))
    times = [float(one['time']) for one in wins if 'time' in one]
    return (
        name, len(episodes), percent(interval.value),
        f'{percent(interval.low)} – {percent(interval.high)}',
        sum(one.get('outcome') == 'collision' for one in episodes),
        _mean(episodes, 'score'), _mean(episodes, 'mean_reward'),
        float(np.median(times)) if times else None)


def _learning(page: Page, run: Run) -> None:
    episodes = run.episodes.get(LEARNER, ())
    if len(episodes) < 2:
        return
    page.section('Learning')
    count = np.arange(1, len(episodes) + 1)
    window = max(3, len(episodes) // 10)
    baselines = {name: rows for name, rows in run.episodes.items() if name != LEARNER and rows}
    dashed = '; dashed: means of the baselines on the same worlds' if baselines else ''
    for figure, label in (('score', 'score'), ('mean_reward', 'mean reward')):
        if not all(figure in one for one in episodes):
            continue
        values = np.array([float(one[figure]) for one in episodes])
        middle = moving_mean(values, window)
        spread = np.sqrt(np.maximum(moving_mean(values**2, window) - middle**2, 0.0))
        error = spread / np.sqrt(np.minimum(count, window))
        page.figure(
            curves(count, {LEARNER: middle}, xlabel='episode', ylabel=label,
                   bands={LEARNER: (middle - error, middle + error)},
                   levels={name: _mean(rows, figure) for name, rows in baselines.items()}),
            f'Mean {label.removeprefix("mean ")} of the last {window} episodes, band of one '
            f'standard error{dashed}.')
    lost = _regret(episodes, baselines)
    if lost:
        page.figure(
            curves(count, lost, xlabel='episode', ylabel='cumulative regret'),
            'What each baseline has scored more than the learner, summed up; it falls where the '
            'learner is ahead.')


def _regret(
    episodes: Sequence[Mapping[str, Any]], baselines: Mapping[str, Sequence[Mapping[str, Any]]],
) -> dict[str, Any]:
    """Pair by world and seed where both drove it, else take the baseline's mean."""
    result = {}
    for name, rows in baselines.items():
        paired = {(one.get('world'), one.get('seed')): one.get('score', 0.0) for one in rows}
        mean = _mean(rows, 'score')
        gaps = [
            paired.get((one.get('world'), one.get('seed')), mean) - one.get('score', 0.0)
            for one in episodes
        ]
        result[f'against {name}'] = np.cumsum(gaps)
    return result


def _rewards(page: Page, rounds: Sequence[Round]) -> None:
    rewarded = [one for one in rounds if one.reward is not None]
    if len(rewarded) < 2:
        return
    page.section('Rewards')
    window = max(10, len(rewarded) // 20)
    index = np.arange(1, len(rewarded) + 1)
    step = max(1, len(rewarded) // 800)
    series = {'reward': moving_mean([one.reward or 0.0 for one in rewarded], window)[::step]}
    for name, values in _largest_terms(rewarded, len(SERIES) - 1).items():
        series[name] = moving_mean(values, window)[::step]
    page.figure(
        curves(index[::step], series, xlabel='decision', ylabel='reward'),
        f'Reward and its terms, mean of the last {window} decisions.')


def _largest_terms(rounds: Sequence[Round], most: int) -> dict[str, list[float]]:
    """Return the terms that moved the reward most, by name, without those that never did."""
    names = sorted({name for one in rounds for name in one.terms})
    terms = {name: [one.terms.get(name, 0.0) for one in rounds] for name in names}
    weights = {name: float(np.abs(values).sum()) for name, values in terms.items()}
    largest = sorted(names, key=lambda name: -weights[name])[:most]
    return {name: terms[name] for name in names if name in largest and weights[name]}


def _actions(page: Page, rounds: Sequence[Round]) -> None:
    if not rounds:
        return
    page.section('Actions')
    labels = [_action_name(one) for one in rounds]
    often = [name for name, _ in Counter(labels).most_common(_SHOWN_ACTIONS)]
    blocks = np.array_split(np.arange(len(rounds)), min(40, len(rounds)))
    shares: dict[str, list[float]] = {name: [] for name in often}
    if len(set(labels)) > _SHOWN_ACTIONS:
        shares['others'] = []
    for block in blocks:
        counts = Counter(labels[index] for index in block)
        for name in often:
            shares[name].append(counts[name] / len(block))
        if 'others' in shares:
            rest = len(block) - sum(counts[name] for name in often)
            shares['others'].append(rest / len(block))
    middles = [float(block.mean()) for block in blocks]
    figures = []
    if len(blocks) > 1:
        figures.append((
            stack(middles, shares, xlabel='decision', ylabel='share'),
            'How often each action was chosen, over the run.'))
    by_action: dict[str, list[float]] = defaultdict(list)
    for name, one in zip(labels, rounds, strict=True):
        if one.reward is not None:
            by_action[name].append(one.reward)
    if by_action:
        means = {name: float(np.mean(by_action[name])) for name in often if by_action[name]}
        spans = {
            name: (means[name] - error, means[name] + error) for name in means
            for error in (1.96 * float(np.std(by_action[name])) / math.sqrt(len(by_action[name])),)
        }
        figures.append((
            bars(means, xlabel='mean reward', intervals=spans),
            'Mean reward of the actions chosen most, with 95 % intervals.'))
    page.figures(figures)
    entropy = moving_mean([one.entropy for one in rounds], max(10, len(rounds) // 20))
    choices = moving_mean([one.choices for one in rounds], max(10, len(rounds) // 20))
    if len(rounds) > 1:
        index = np.arange(1, len(rounds) + 1)
        step = max(1, len(rounds) // 800)
        page.figures([
            (curves(index[::step], {'entropy': entropy[::step]}, xlabel='decision',
                    ylabel='entropy [nat]'),
             'Entropy of the choice: how much is still explored.'),
            (curves(index[::step], {'feasible': choices[::step]}, xlabel='decision',
                    ylabel='feasible actions'),
             'How many actions the safety mask left.'),
        ])


def _overrides(page: Page, rounds: Sequence[Round]) -> None:
    known = [one for one in rounds if 'override' in one.extra]
    if not known:
        return
    page.section('Safety overrides')
    overridden = sum(bool(one.extra['override']) for one in known)
    page.text(
        f'At {overridden} of {len(known)} decisions ({percent(overridden / len(known))} %) safety '
        'left nothing but to stop.')


def _worst(page: Page, run: Run) -> None:
    episodes = run.episodes.get(LEARNER, ())
    if not episodes:
        return
    page.section('Worst episodes')
    worst = sorted(
        enumerate(episodes), key=lambda item: (item[1].get('score', 0.0), -item[0]))[:_WORST]
    columns = ('world', 'outcome', *_EPISODE_FIGURES, 'decisions', 'overrides')
    page.table(
        ['episode', *(_EPISODE_FIGURES.get(name, name) for name in columns)],
        [(one.get('number', index) + 1, *(one.get(name) for name in columns))
         for index, one in worst])
    paths = _paths(run.rounds)
    figures = []
    for index, one in worst:
        number = one.get('number', index)
        rounds = paths.get(str(number))
        if rounds:
            figures.append((
                _trajectory(rounds),
                f'Episode {number + 1}, {one.get("world", "")}: {one.get("outcome", "")}.'))
    page.figures(figures)


def _paths(rounds: Sequence[Round]) -> dict[str, list[Round]]:
    """Group decisions by episode; its id ends with its number, as in ``<session>-12``."""
    paths: dict[str, list[Round]] = defaultdict(list)
    for one in rounds:
        if 'episode' in one.extra and _is_place(one.extra.get('pose')):
            paths[str(one.extra['episode']).rpartition('-')[2]].append(one)
    return paths


def _is_place(value: Any) -> bool:
    """Return whether what a log's writer added begins with x and y."""
    return isinstance(value, list) and len(value) > 1 and all(
        isinstance(number, (int, float)) for number in value[:2])


def _trajectory(rounds: Sequence[Round]) -> str:
    """Draw an episode's path in the odom frame; decisions are coloured by their reward."""
    poses = np.array([one.extra['pose'][:2] for one in rounds], dtype=float)
    poor = np.array([one.reward is not None and one.reward < 0.0 for one in rounds])
    stopped = np.array([bool(one.extra.get('override')) for one in rounds])
    with drawing(width=4.4, height=4.0, xlabel='x [m]', ylabel='y [m]') as result:
        axes = result.axes
        axes.plot(*poses.T, color=SERIES[0], linewidth=1.2, marker='o', markersize=2.5,
                  label='decision')
        for mask, colour, marker, label in ((poor, SERIES[1], 'v', 'reward < 0'),
                                            (stopped, SERIES[5], 's', 'stopped by safety')):
            if mask.any():
                axes.plot(*poses[mask].T, color=colour, marker=marker, markersize=4.0,
                          linestyle='', label=label)
        goal: Any = rounds[-1].extra.get('goal')
        if _is_place(goal):
            axes.plot(goal[0], goal[1], color=SERIES[2], marker='*', markersize=12, linestyle='',
                      label='goal')
        axes.set_aspect('equal', adjustable='datalim')
        axes.legend(fontsize=8, loc='lower left', bbox_to_anchor=(0.0, 1.0), ncol=4,
                    handletextpad=0.3, columnspacing=1.0)
    return result.svg


def _summary(page: Page, run: Run) -> None:
    rows = list(_flat(run.summary))
    if rows:
        page.section('Summary')
        page.table(['figure', 'value'], rows, folded='All figures of summary.json')


def _flat(values: Mapping[str, Any], prefix: str = '') -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f'{prefix}{name}.')
        elif value is None or isinstance(value, (bool, int, float, str)):
            yield f'{prefix}{name}', value


def _action_name(one: Round) -> str:
    return str(one.extra.get('primitive', f'action {one.action}'))


def _mean(episodes: Sequence[Mapping[str, Any]], name: str) -> float:
    values = [float(one[name]) for one in episodes if one.get(name) is not None]
    return float(np.mean(values)) if values else math.nan
