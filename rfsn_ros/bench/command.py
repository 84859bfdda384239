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

"""`rfsn bench`: speed, memory and quality of the learners, as tables, JSON and pictures."""

from __future__ import annotations

import argparse
from dataclasses import asdict
import json
import os
from pathlib import Path
import platform
from typing import Any

from rfsn_ros.arguments import whole
from rfsn_ros.bandit.vw_engine import raw_available, VW_VERSION
from rfsn_ros.bench.datasets import DATASETS
from rfsn_ros.bench.pictures import plot_regret
from rfsn_ros.bench.quality import (
    CEILING,
    Curve,
    LEARNERS,
    measure_quality,
    REPORTING_SEEDS,
    rounds_to,
    score,
    SELECTION_SEEDS,
)
from rfsn_ros.bench.speed import measure_leak, measure_memory, measure_speed, Timing
from rfsn_ros.outputs import check_output, check_plot
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

__all__ = ['main']

_SIZES = (18, 20)


def main(argv: list[str]) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(
        prog='rfsn bench', description='Measure speed and quality of the learners.')
    parser.add_argument('--quality', action='store_true',
                        help='measure how well the learners choose instead of how fast')
    parser.add_argument('--selection', action='store_true',
                        help='use the seeds with which settings are chosen, not the reported ones')
    parser.add_argument('--leak', action='store_true',
                        help='watch the memory over a million rounds instead')
    parser.add_argument('--decision', type=whole(0), default=0, metavar='N',
                        help='measure how long decisions of the navigator take in N drives')
    parser.add_argument('--mask', type=whole(0), default=0, metavar='N',
                        help='measure what N random drives in each simulator show of the mask')
    parser.add_argument('--calls', type=whole(1), default=5000, metavar='N',
                        help='calls per operation and candidate (default: 5000)')
    parser.add_argument('--rounds', type=whole(1), default=5000, metavar='N',
                        help='rounds of the quality benchmark (default: 5000)')
    parser.add_argument('--seeds', type=whole(0), default=0, metavar='N',
                        help='use only the first N seeds')
    parser.add_argument('--only', default='', metavar='TEXT',
                        help='with --quality: only learners with this in their name, and the '
                             'ceiling')
    parser.add_argument('--moved', action='store_true',
                        help='with --quality: give the features random scales and means')
    parser.add_argument('--json', type=Path, metavar='FILE', help='also write the figures here')
    parser.add_argument('--plot', type=Path, metavar='FILE',
                        help='with --quality: draw the regret curves into this picture')
    options = parser.parse_args(argv)
    if options.json:
        check_output(options.json)
    if options.plot:
        check_plot(options.plot)
    console = Console()
    console.print(_machine())
    if options.decision:
        figures = _decision(console, options.decision)
    elif options.mask:
        figures = _mask(console, options.mask)
    elif options.leak:
        figures = _leak(console)
    elif options.quality:
        figures = _quality(console, options)
    else:
        figures = _speed(console, options.calls)
    if options.json:
        options.json.write_text(
            json.dumps({'machine': _machine(), **figures}, indent=2) + '\n', encoding='utf-8')
    return 0


def _machine() -> str:
    return (f'{os.cpu_count()} processors, {platform.machine()}, {platform.system()} '
            f'{platform.release()}, Python {platform.python_version()}, Vowpal Wabbit '
            f'{VW_VERSION}{"" if raw_available() else " without its raw binding"}')


def _speed(console: Console, calls: int) -> dict[str, Any]:
    timings = measure_speed(calls)
    table = Table('operation', 'candidate', 'median [us]', 'relative to VW (default)',
                  title='Speed: d = 64, K = 10 unless said')
    own = {t.operation: t.median_us for t in timings if t.candidate == 'VW (default)'}
    last = ''
    for timing in timings:
        if timing.operation != last:
            table.add_section()
        table.add_row(
            timing.operation if timing.operation != last else '', timing.candidate,
            f'{timing.median_us:,.1f}', f'{timing.median_us / own[timing.operation]:.2f}')
        last = timing.operation
    console.print(table)
    memory = Table('weights', 'after 10 rounds [MB]', 'after 5,000 rounds [MB]',
                   title='Memory of a process with one model')
    sizes = {bits: measure_memory(bits) for bits in _SIZES}
    for bits, (early, late) in sizes.items():
        memory.add_row(f'2^{bits}', f'{early:.1f}', f'{late:.1f}')
    console.print(memory)
    return {'speed': [_row(timing) for timing in timings],
            'memory_mb': {str(bits): size for bits, size in sizes.items()}}


def _decision(console: Console, episodes: int) -> dict[str, Any]:
    # navigation and what it compiles are no part of the footprint that is measured here
    from rfsn_ros.bench.decision import measure_decisions
    timings = measure_decisions(episodes)
    table = Table('disturbances', 'part', 'median [ms]', '99 % [ms]', 'count',
                  title='Processor time of a decision')
    for timing in timings:
        table.add_row(timing.disturbances, timing.part, f'{timing.median_us / 1e3:.3f}',
                      f'{timing.p99_us / 1e3:.3f}', str(timing.count))
    console.print(table)
    return {'decision': [asdict(timing) for timing in timings]}


def _mask(console: Console, drives: int) -> dict[str, Any]:
    from rfsn_ros.bench.mask import measure_mask
    from rfsn_ros.sim.config import Engine
    from rfsn_ros.training.parallel import available_cores, progress_bar
    with progress_bar() as bar:
        task = bar.add_task('random drives', total=len(Engine) * drives)
        trials = measure_mask(
            drives, workers=available_cores(), report=lambda: bar.update(task, advance=1))
    table = Table('simulator', 'drives', 'contacts', 'decisions', 'margin halved', 'margin gone',
                  title='Uniform choice among what the mask leaves',
                  caption='margin: what stopping keeps, by the roll-out one decision later')
    for trial in trials:
        table.add_row(trial.simulator, str(trial.drives), str(trial.contacts),
                      f'{trial.decisions:,}', str(trial.short), str(trial.broken))
    console.print(table)
    return {'mask': [asdict(trial) for trial in trials]}


def _row(timing: Timing) -> dict[str, Any]:
    return {'operation': timing.operation, 'candidate': timing.candidate,
            'median_us': timing.median_us}


def _leak(console: Console) -> dict[str, Any]:
    sizes = measure_leak()
    table = Table('rounds', 'resident memory [MB]', title='Memory over predict + update rounds')
    for rounds, size in sizes:
        table.add_row(f'{rounds:,}', f'{size:.2f}')
    console.print(table)
    return {'leak_mb': sizes}


def _quality(console: Console, options: argparse.Namespace) -> dict[str, Any]:
    seeds: tuple[int, ...] = SELECTION_SEEDS if options.selection else REPORTING_SEEDS
    seeds = seeds[:options.seeds] if options.seeds else seeds
    learners = [learner for learner in LEARNERS
                if learner.name == CEILING or options.only in learner.name]
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task('', total=len(learners) * len(DATASETS) * len(seeds))
        curves = measure_quality(
            learners, rounds=options.rounds, seeds=seeds, moved=options.moved,
            report=lambda text: bar.update(task, advance=1, description=text))
    names = [learner.name for learner in learners]
    console.print(_quality_table(curves, names, options.rounds, len(seeds)))
    console.print(_rounds_table(curves, names))
    if options.plot:
        plot_regret(curves, options.plot)
    return {'rounds': options.rounds, 'seeds': list(seeds), 'moved': options.moved, 'quality': {
        name: {'mean': score(curves, name), **{
            dataset: score(curves, name, dataset) for dataset in DATASETS}}
        for name in names}}


def _quality_table(curves: list[Curve], names: list[str], rounds: int, seeds: int) -> Table:
    table = Table('learner', *DATASETS, 'mean',
                  title=f'Mean reward over {rounds} rounds, {seeds} seeds')
    for name in names:
        table.add_row(name, *(f'{score(curves, name, dataset):.3f}' for dataset in DATASETS),
                      f'{score(curves, name):.3f}')
    return table


def _rounds_table(curves: list[Curve], names: list[str]) -> Table:
    table = Table('learner', *DATASETS,
                  title='Rounds to 80 % / 90 % of the supervised ceiling')
    for name in names:
        if name != CEILING:
            table.add_row(name, *(
                ' / '.join(str(rounds_to(curves, name, dataset, share) or '-')
                           for share in (0.8, 0.9)) for dataset in DATASETS))
    return table
