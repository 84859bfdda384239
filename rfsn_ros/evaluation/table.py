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

"""Comparison tables for the terminal."""

from __future__ import annotations

import math

from rfsn_ros.evaluation.comparison import Comparison
from rfsn_ros.evaluation.intervals import Interval
from rfsn_ros.evaluation.naming import short_names
from rfsn_ros.evaluation.percent import percent
from rich.table import Table
from rich.text import Text

__all__ = ['comparison_table', 'estimator_table']


def comparison_table(comparison: Comparison) -> Table:
    """Return one row per candidate: value, difference, how much the log knows, the verdict."""
    table = Table(title=Text.assemble(
        f'{comparison.decisions} decisions, values by {comparison.headline} with '
        f'{comparison.logged.certainty} intervals, against {comparison.baseline} (',
        _text(comparison.logged), ' logged)', style='table.title'))
    for name in ('candidate', 'value', 'difference', 'effective', 'untried', 'verdict'):
        words = name in ('candidate', 'verdict')
        table.add_column(name, justify='left' if words else 'right', no_wrap=not words,
                         overflow='fold')
    short = short_names(report.name for report in comparison.candidates)
    for report in comparison.candidates:
        table.add_row(
            Text(short[report.name]), _text(report.estimates[comparison.headline].bootstrap),
            _text(report.difference, sign=True), f'{report.effective_size:.0f}',
            f'{percent(report.unsupported)}%', report.judgement.verdict.value)
    return table


def estimator_table(comparison: Comparison) -> Table:
    """Return one row per candidate and estimator with every interval."""
    predictions = comparison.predictions
    table = Table(title='estimators side by side',
                  caption_justify='left',
                  caption=None if predictions is None else predictions.sentence)
    for name in ('candidate', 'estimator', 'bootstrap', 'bernstein'):
        table.add_column(name, justify='left' if name in ('candidate', 'estimator') else 'right',
                         overflow='fold')
    short = short_names(report.name for report in comparison.candidates)
    for report in comparison.candidates:
        shown = short[report.name]
        for name, estimate in report.estimates.items():
            table.add_row(Text(shown), name, _text(estimate.bootstrap), _text(estimate.bernstein))
            shown = ''
        table.add_row('', 'anytime', _bounds(report.anytime), '', end_section=True)
    return table


def _text(interval: Interval | None, *, sign: bool = False) -> Text:
    if interval is None:
        return Text()
    if not math.isfinite(interval.value):
        return Text('undefined')
    form = '+' if sign else ''
    return Text.assemble(f'{interval.value:{form}.3f} ', _bounds(interval, form))


def _bounds(interval: Interval, form: str = '') -> Text:
    return Text(f'{interval.low:{form}.3f} to {interval.high:{form}.3f}', style='dim')
