"""Comparison tables for the terminal."""

from __future__ import annotations

import math

from rich.table import Table

from rfsn_ros.evaluation.comparison import Comparison
from rfsn_ros.evaluation.intervals import Interval

__all__ = ['comparison_table', 'estimator_table']


def comparison_table(comparison: Comparison) -> Table:
    """Return one row per candidate: value, difference, how much the log knows, the verdict."""
    table = Table(title=f'{comparison.decisions} decisions, {comparison.headline}, against '
                        f'{comparison.baseline} (logged value {_text(comparison.logged)})')
    for name in ('candidate', 'value', 'difference', 'effective', 'largest', 'untried', 'verdict'):
        words = name in ('candidate', 'verdict')
        table.add_column(name, justify='left' if words else 'right', no_wrap=not words)
    for report in comparison.candidates:
        table.add_row(
            report.name, _text(report.estimates[comparison.headline].bootstrap),
            _text(report.difference, sign=True), f'{report.effective_size:.0f}',
            f'{report.largest_weight:.1f}',
            '?' if report.unsupported is None else f'{report.unsupported:.1%}',
            report.judgement.verdict.value)
    return table


def estimator_table(comparison: Comparison) -> Table:
    """Return one row per candidate and estimator with every interval."""
    table = Table(title='estimators side by side')
    for name in ('candidate', 'estimator', 'bootstrap', 'bernstein'):
        table.add_column(name, justify='left' if name in ('candidate', 'estimator') else 'right')
    for report in comparison.candidates:
        for name, estimate in report.estimates.items():
            table.add_row(report.name, name, _text(estimate.bootstrap), _text(estimate.bernstein))
        table.add_row(report.name, 'anytime', _text(report.anytime), '', end_section=True)
    return table


def _text(interval: Interval | None, *, sign: bool = False) -> str:
    if interval is None:
        return ''
    if not math.isfinite(interval.value):
        return 'undefined'
    form = '+' if sign else ''
    return (f'{interval.value:{form}.3f} [dim]{interval.low:{form}.2f} to '
            f'{interval.high:{form}.2f}[/dim]')
