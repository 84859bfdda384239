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

"""What `rfsn train` shows at its end: table, learning curve and summary.json."""

from __future__ import annotations

import argparse
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
from rfsn_ros.training.options import titled
from rfsn_ros.training.plots import plot_learning_curves
from rfsn_ros.training.results import (
    beginning_and_end,
    comparison_table,
    EpisodeResult,
    summarise,
    Summary,
    write_results,
)
from rich.console import Console

__all__ = ['Series', 'share_of_final', 'show_training']

Series = dict[str, list[list[EpisodeResult]]]
"""Results by policy: one list of episodes per seed."""

SOON = 20
"""Episodes after which `share_of_final` asks how far learning has come."""


def show_training(folder: Path, series: Series, options: argparse.Namespace) -> None:
    """
    Print the table; write curve, summary and the baselines' episodes beside the learner's.

    `options` are those of the command.
    """
    rows = _rows(series, options)
    for name, runs in series.items():
        if name != 'bandit' or len(runs) > 1:
            write_results(
                folder / ('episodes.jsonl' if name == 'bandit' else f'episodes_{name}.jsonl'),
                itertools.chain(*runs))
    seeds = f'seed {options.seed}' if options.seeds == 1 else (
        f'seeds {options.seed} to {options.seed + options.seeds - 1}')
    Console().print(comparison_table(rows, title=f'{titled(options.worlds)}, {seeds}'))
    summary: dict[str, Any] = {
        'command': 'train', 'worlds': options.worlds, 'seed': options.seed,
        'seeds': options.seeds, 'episodes': options.episodes, 'batch': options.batch,
        'shift': options.shift, 'shift_after': options.shift_after if options.shift else None,
        'rows': {name: row.to_dict() for name, row in rows.items()},
    }
    if options.shift is None and options.episodes >= SOON + options.window:
        shares = [share_of_final(run, options.window) for run in series['bandit']]
        summary['share_of_final'] = {'after': SOON, 'seeds': shares}
        print(f'score after {SOON} episodes over that at the end: median of {len(shares)} '
              f'{np.median(shares):.3f}, lowest {min(shares):.3f}')
    plot_learning_curves(
        folder / 'learning_curve.png',
        {name: [[r.score for r in run] for run in runs] for name, runs in series.items()},
        ylabel='BARN score', title=f'Learning to navigate, {titled(options.worlds)}',
        levels={'best possible': 0.5})
    (folder / 'summary.json').write_text(
        json.dumps(summary, indent=2, allow_nan=False) + '\n', encoding='utf-8')
    print(f'{folder}: learning_curve.png, summary.json, episodes.jsonl, decisions.jsonl, '
          'checkpoints/')


def share_of_final(results: list[EpisodeResult], window: int) -> float:
    """
    Return the mean score of the `window` episodes after the first 20 over that of the last.

    A run that ends without any score has a share of 0.
    """
    final = float(np.mean([result.score for result in results[-window:]]))
    soon = float(np.mean([result.score for result in results[SOON:SOON + window]]))
    return soon / final if final > 0.0 else 0.0


def _rows(series: Series, options: argparse.Namespace) -> dict[str, Summary]:
    rows = {}
    for name, runs in series.items():
        parts = beginning_and_end(min(map(len, runs)), options.window)
        if options.shift is not None and options.shift_after:
            before = slice(max(options.shift_after - options.window, 0), options.shift_after)
            *beginning, end = parts.items()
            parts = dict([*beginning, ('pre-shift', before), end])
        for part, episodes in parts.items():
            rows[f'{name}, {part}'] = _pooled([run[episodes] for run in runs])
    return rows


def _pooled(runs: list[list[EpisodeResult]]) -> Summary:
    return summarise(list(itertools.chain(*runs)))
