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

"""The report of a replay: one self-contained HTML page and the same facts as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from rfsn_ros.evaluation import Comparison, Interval, LOGGED
from rfsn_ros.evaluation.naming import short_names
from rfsn_ros.evaluation.percent import percent
from rfsn_ros.replay.judgement import ReplayResult
from rfsn_ros.replay.trace import FloatArray, Trace, TraceKind
from rfsn_ros.report.charts import bars, curves, drawing, moving_mean, SERIES
from rfsn_ros.report.page import Page

__all__ = ['REPORT_FILES', 'build_page', 'write_report']

REPORT_FILES = ('report.html', 'report.json')

_DRIVEN = 'driven'
_WINDOW = 25  # decisions of the moving mean
_MOST_USED = 12
_USES = 3  # candidates that the chart of primitives has room for
_WEIGHED = 6  # candidates that the chart of weights has room for
_SHOWN = 5  # bags that are named where many have the same to say
_FACTS = {'duration': 'duration [s]', 'path_length': 'way driven [m]',
          'replay_time': 'time the replay took [s]'}


def write_report(result: ReplayResult, folder: Path) -> tuple[Path, Path]:
    """Write ``report.html`` and ``report.json`` into a folder; return both paths."""
    folder.mkdir(parents=True, exist_ok=True)
    page, facts = (folder / name for name in REPORT_FILES)
    build_page(result).write(page)
    facts.write_text(json.dumps(_finite(result.to_dict()), indent=2, allow_nan=False) + '\n',
                     encoding='utf-8')
    return page, facts


def build_page(result: ReplayResult) -> Page:
    """Return the page of a replay."""
    trace = result.trace
    source = result.bags[0] if len(result.bags) == 1 else f'{len(result.bags)} bags'
    reports = result.comparison.candidates if result.comparison else result.forecasts
    short = short_names((report.name for report in reports), taken=(LOGGED, _DRIVEN))
    page = Page('Replay', subtitle=source)
    _summary(page, result)
    if result.comparison is not None:
        _comparison(page, result.comparison, short)
    if result.forecasts:
        _forecasts(page, result, short)
    _driving(page, trace, short)
    _evidence(page, result, short)
    _quality(page, result)
    return page


def _summary(page: Page, result: ReplayResult) -> None:
    trace = result.trace
    page.section('Verdict')
    for sentence in result.sentences:
        page.note(sentence)
    for facts in [trace.facts] if len(result.bags) <= 1 else trace.facts.values():
        for doubt in facts.get('doubts', ()):
            page.note(f'Is it the right robot? {doubt[:1].upper()}{doubt[1:]}.')
    if not result.sentences:
        page.note('No policy was given to judge; this is what was recorded.')
    for line in result.verification:
        page.note(line)
    page.tiles({
        'bags': len(result.bags), 'decisions': len(trace),
        'drives': len(np.unique(trace.drive)),
        'mean reward': float(trace.reward.mean()),
        'decisions from': 'the log' if trace.kind is TraceKind.DECIDED else 'matched motion',
    })
    if trace.kind is TraceKind.REBUILT:
        page.text('The robot was driven by somebody else. Observations were rebuilt from scans '
                  'and odometry, the motion was matched to the nearest primitive and the reward '
                  'is what happened. There are no probabilities, so candidates are bounded by '
                  'roll-outs on the recorded scans instead of estimated.')


def _comparison(page: Page, comparison: Comparison, short: Mapping[str, str]) -> None:
    page.section('Candidates')
    headline, certainty = comparison.headline, comparison.logged.certainty
    page.table(
        ('candidate', 'value', 'low', 'high', 'difference', 'effective size', 'largest weight',
         'never tried %', 'verdict'),
        [(short[report.name], report.estimates[headline].value,
          report.estimates[headline].bootstrap.low, report.estimates[headline].bootstrap.high,
          report.difference.value, report.effective_size, report.largest_weight,
          percent(report.unsupported), report.judgement.verdict.value)
         for report in comparison.candidates])
    page.text(f'Best first. Value: expected reward per decision by {headline}, with its '
              f'{certainty} bootstrap interval over drives or blocks of ten decisions. '
              f'Difference: paired, against {comparison.baseline} ({comparison.logged}). '
              f'Effective size: how many decisions of its own the log is worth to the candidate.',
              soft=True)
    values = {LOGGED: comparison.logged.value}
    spans = {LOGGED: (comparison.logged.low, comparison.logged.high)}
    for report in comparison.candidates:
        one = report.estimates[headline].bootstrap
        if math.isfinite(one.value) and math.isfinite(one.half_width):
            name = short[report.name]
            values[name], spans[name] = one.value, (one.low, one.high)
    page.figure(bars(values, xlabel='expected reward per decision', intervals=spans),
                f'Value of each candidate by {headline} with {certainty} intervals.')
    page.section('Estimators')
    page.table(
        ('candidate', 'estimator', 'value', 'bootstrap', 'empirical Bernstein'),
        [row for report in comparison.candidates for row in (
            *((short[report.name] if number == 0 else '', name, one.value,
               _span(one.bootstrap), _span(one.bernstein))
              for number, (name, one) in enumerate(report.estimates.items())),
            ('', 'anytime', None, _span(report.anytime), ''))])
    model = comparison.predictions
    page.text(('' if model is None else f'{model.sentence[:1].upper()}{model.sentence[1:]}. ')
              + 'All of one log. Where estimators disagree by more than their intervals, trust '
              'none of them: look at the effective size and at the calibration below. The '
              'anytime interval may be looked at after every decision.', soft=True)


def _forecasts(page: Page, result: ReplayResult, short: Mapping[str, str]) -> None:
    page.section('Candidates')
    page.table(
        ('candidate', 'forecast', 'low', 'high', 'agreement %', 'speed gap m/s', 'verdict'),
        [(short[report.name], report.value, report.low, report.high,
          percent(report.agreement), report.velocity_gap, report.judgement.verdict.value)
         for report in result.forecasts])
    page.text('Forecast: reward per decision where choices of the candidate are rolled out on '
              'the recorded scans; the bounds allow the error that roll-outs made on what was '
              'driven. Agreement: probability the candidate gives to the primitive driven.',
              soft=True)
    driven = float(result.trace.reward.mean())
    page.figure(
        bars({_DRIVEN: driven} | {short[report.name]: report.value
                                  for report in result.forecasts},
             xlabel='reward per decision',
             intervals={short[report.name]: (report.low, report.high)
                        for report in result.forecasts}),
        'What was driven and what the candidates might have earned.')


def _driving(page: Page, trace: Trace, short: Mapping[str, str]) -> None:
    page.section('The drive')
    count = np.arange(len(trace))
    window = min(_WINDOW, max(len(trace) // 4, 1))
    page.figures([
        (curves(count, {'reward': moving_mean(trace.reward, window)}, xlabel='decision',
                ylabel='reward', levels={'mean': float(trace.reward.mean())}),
         f'Reward over time, mean of the last {window} decisions.'),
        (_actions(trace, short), f'How often each primitive was driven, and would be'
                                 f'{_best_of(short, _USES)}.')])
    if np.isfinite(trace.pose).all(axis=1).sum() > 2:
        page.figure(_trajectory(trace), 'Trajectory in the odom frame; every mark is a decision, '
                                        'which shows the third its reward belongs to.')


def _evidence(page: Page, result: ReplayResult, short: Mapping[str, str]) -> None:
    trace, rows = result.trace, np.arange(len(result.trace))
    page.section('Evidence')
    figures = []
    if result.comparison is not None:
        figures.append((_weights(trace, short),
                        'Importance weights: probability of what was done under the candidates '
                        f'over the recorded one{_best_of(short, _WEIGHED)}. A long tail means few '
                        'decisions carry the estimate.'))
    predicted = trace.forecast if trace.forecast is not None else (
        None if result.predictions is None else result.predictions.q)
    if predicted is not None:
        what = 'roll-outs' if trace.forecast is not None else 'the cross-fitted reward model'
        figures.append((_calibration(predicted[rows, trace.action], trace.reward),
                        f'Reward predicted by {what} and what came, in ten equal parts; on the '
                        f'line they agree.'))
    if figures:
        page.figures(figures)
    if trace.terms.size:
        page.table(('reward term', 'mean', 'smallest', 'largest'),
                   [(name, *(float(value) + 0.0 for value in (
                       values.mean(), values.min(), values.max())))
                    for name, values in zip(trace.term_names, trace.terms.T, strict=True)])


def _quality(page: Page, result: ReplayResult) -> None:
    page.section('Data quality')
    trace = result.trace
    by_bag = trace.quality if len(result.bags) > 1 else {result.trace.source: trace.quality}
    noted: dict[str, list[str]] = {}
    for name, quality in by_bag.items():
        for note in quality.get('notes', []):
            noted.setdefault(note, []).append(name)
    for note, names in noted.items():
        page.text(f'{_named(names)}: {note}.' if len(by_bag) > 1 else
                  f'{note[:1].upper()}{note[1:]}.')
    for line in result.refused:
        page.note(f'Refused: {line}')
    keys = [key for key in next(iter(by_bag.values()), {})
            if key not in ('notes', 'beam_counts')]
    if keys and len(by_bag) <= 8:
        page.table(('seen', *by_bag), [
            (key.replace('_', ' '), *(quality.get(key) for quality in by_bag.values()))
            for key in keys])
    facts = trace.facts if len(result.bags) <= 1 else {}
    shown = [(_FACTS.get(key, key), value) for key, value in facts.items()
             if isinstance(value, (int, float, str))]
    if shown:
        page.table(('fact', 'value'), shown)
    for key, value in facts.get('left_out', {}).items():
        if value:
            page.text(f'Left out: {value} decisions with {key}.')


def _actions(trace: Trace, short: Mapping[str, str]) -> str:
    shares = {_DRIVEN: np.bincount(trace.action, minlength=len(trace.primitives)) / len(trace)}
    for name in list(short)[:_USES]:
        shares[short[name]] = trace.candidates[name].mean(axis=0)
    top = np.argsort(-np.max(list(shares.values()), axis=0))[:_MOST_USED]
    with drawing(height=0.9 + 0.3 * len(top), xlabel='share of decisions') as result:
        height = 0.8 / len(shares)
        for number, (name, share) in enumerate(shares.items()):
            result.axes.barh(np.arange(len(top)) + (number - 0.5 * (len(shares) - 1)) * height,
                             share[top], height=0.9 * height, label=name,
                             color=SERIES[number % len(SERIES)])
        result.axes.set_yticks(np.arange(len(top)), [trace.primitives[row] for row in top])
        result.axes.invert_yaxis()
        result.axes.grid(visible=False, axis='y')
        _legend(result.axes)
    return result.svg


def _weights(trace: Trace, short: Mapping[str, str]) -> str:
    rows = np.arange(len(trace))
    with drawing(xlabel='importance weight', ylabel='decisions') as result:
        weights = {short[name]: trace.candidates[name][rows, trace.action] / trace.probability
                   for name in list(short)[:_WEIGHED]}
        top = max(float(weight.max()) for weight in weights.values())
        bins = np.linspace(0.0, max(top, 1.0), 31)
        for number, (name, weight) in enumerate(weights.items()):
            result.axes.hist(weight, bins=bins, histtype='step', linewidth=1.8, label=name,
                             color=SERIES[number % len(SERIES)])
        result.axes.set_yscale('log')
        _legend(result.axes)
    return result.svg


def _calibration(predicted: FloatArray, seen: FloatArray) -> str:
    order = np.argsort(predicted, kind='stable')
    parts = [part for part in np.array_split(order, 10) if len(part)]
    x = np.array([predicted[part].mean() for part in parts])
    y = np.array([seen[part].mean() for part in parts])
    spread = np.array([1.96 * seen[part].std() / math.sqrt(len(part)) for part in parts])
    with drawing(xlabel='predicted reward', ylabel='mean reward seen') as result:
        ends = [min(x.min(), y.min()), max(x.max(), y.max())]
        result.axes.plot(ends, ends, linestyle='--', linewidth=1.2, color=SERIES[1],
                         label='agreement')
        result.axes.errorbar(x, y, yerr=spread, fmt='o', markersize=4, color=SERIES[0],
                             label='seen, 95 %')
        _legend(result.axes)
    return result.svg


def _trajectory(trace: Trace) -> str:
    thirds = np.quantile(trace.reward, (1.0 / 3.0, 2.0 / 3.0))
    third = np.digitize(trace.reward, thirds)
    with drawing(height=4.2, xlabel='x [m]', ylabel='y [m]') as result:
        axes = result.axes
        for number in np.unique(trace.drive):
            inside = trace.drive == number
            axes.plot(trace.pose[inside, 0], trace.pose[inside, 1], linewidth=0.8,
                      color=SERIES[0], alpha=0.5)
        for number, (name, colour, marker) in enumerate((
                ('lowest third', SERIES[5], 'v'), ('middle', SERIES[4], 'o'),
                ('highest third', SERIES[2], '^'))):
            inside = third == number
            axes.plot(trace.pose[inside, 0], trace.pose[inside, 1], linestyle='', marker=marker,
                      markersize=3.5, color=colour, label=name)
        axes.set_aspect('equal', adjustable='datalim')
        _legend(axes)
    return result.svg


def _legend(axes: Any) -> None:
    # `ncol` is the name that old and new versions of matplotlib know.
    axes.legend(loc='lower left', bbox_to_anchor=(0.0, 1.0), ncol=3, borderaxespad=0.2,
                handlelength=1.4, columnspacing=1.2)


def _best_of(short: Mapping[str, str], room: int) -> str:
    """Say that a chart shows only the best candidates, where there are more."""
    return f' (the best {room} of {len(short)} candidates)' if len(short) > room else ''


def _named(bags: Sequence[str]) -> str:
    """Return the names of bags, of many only some."""
    shown = ', '.join(bags[:_SHOWN])
    return shown if len(bags) <= _SHOWN else f'{shown} and {len(bags) - _SHOWN} more'


def _span(interval: Interval | None) -> str:
    if interval is None or not math.isfinite(interval.half_width):
        return ''
    # With the digits of the value beside it, so that it is not rounded out of its interval.
    return f'{interval.low:.4g} to {interval.high:.4g}'


def _finite(value: Any) -> Any:
    """Return the same structure with null for numbers JSON does not know."""
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
