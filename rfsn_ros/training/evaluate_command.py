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

"""`rfsn evaluate`: compare policies on the same worlds and seeds."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
import sys
from typing import Any

from rfsn_ros.arguments import whole
from rfsn_ros.errors import InputError
from rfsn_ros.outputs import check_output
from rfsn_ros.sim.config import Engine
from rfsn_ros.training.evaluate import Candidate, evaluate, POLICY_FORMS
from rfsn_ros.training.options import (
    add_setting_options,
    chosen_setting,
    ChosenSetting,
    titled,
)
from rfsn_ros.training.parallel import progress_bar
from rfsn_ros.training.pictures import make_pictures, PictureOptions
from rfsn_ros.training.results import comparison_table, EpisodeResult, summarise
from rfsn_ros.training.worker import Setting
from rich.console import Console

__all__ = ['main']

_PICTURED = 3  # worlds


def main(argv: list[str]) -> int:
    """Run the command; return its exit code."""
    options = _parser().parse_args(argv)
    chosen = chosen_setting(options)
    candidates = [Candidate.parse(text) for text in options.policies.split(',')]
    pictures = PictureOptions(options.video, options.plot, options.picture_worlds or _PICTURED)
    if options.picture_worlds is not None and not pictures:
        raise InputError(
            f'--picture-worlds {options.picture_worlds}: needs --video or --plot')
    for path in (options.store, options.json):
        if path is not None and path != '-':
            check_output(Path(path))
    results = _drive(options, chosen, candidates)
    summaries = {label: summarise(rows) for label, rows in results.items()}
    speed = chosen.navigation.robot.max_speed
    Console(stderr=options.json == '-').print(comparison_table(
        summaries,
        title=f'{titled(options.worlds)}, {options.seeds} seeds, {chosen.sim.engine.value}, '
              f'speed limit {speed:g} m/s'))
    if options.json is not None:
        report: dict[str, Any] = {
            'worlds': options.worlds, 'seeds': options.seeds, 'seed': options.seed,
            'engine': chosen.sim.engine.value, 'speed_limit': speed,
            'policies': {label: summary.to_dict() for label, summary in summaries.items()},
        }
        text = json.dumps(report, indent=2, allow_nan=False) + '\n'
        if options.json == '-':
            sys.stdout.write(text)
        else:
            Path(options.json).write_text(text, encoding='utf-8')
    if pictures:
        _draw(pictures, options, chosen, candidates)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='rfsn evaluate',
        description='Drive policies through the same worlds with the same noise and compare '
                    'them. Brackets and second lines are 95 % intervals; the score of BARN is '
                    'success * T_opt / clip(T, 2 T_opt, 8 T_opt).')
    parser.add_argument(
        '--policies', default='default,greedy,dwa,random', metavar='NAME,...',
        help=', '.join(f'{name} ({words})' for name, words in POLICY_FORMS.items())
        + ' (default: %(default)s)')
    parser.add_argument('--seeds', type=whole(1), default=1, metavar='N',
                        help='drives per world and policy (default: %(default)s)')
    parser.add_argument('--json', metavar='FILE', help='write the figures (- = standard output)')
    parser.add_argument('--store', type=Path, metavar='FILE',
                        help='file of finished drives; a run that was ended goes on from it, '
                             'under the same settings')
    group = parser.add_argument_group('pictures')
    group.add_argument('--video', type=Path, metavar='FILE',
                       help='film the drives with the first seed from above (.gif or .mp4)')
    group.add_argument('--plot', type=Path, metavar='FILE',
                       help='draw their trajectories, one panel per world (.png, .pdf, .svg)')
    group.add_argument('--picture-worlds', type=whole(1), metavar='N',
                       help=f'show the first N worlds (default: {_PICTURED})')
    add_setting_options(parser, engine=Engine.BULLET)
    return parser


def _drive(
    options: argparse.Namespace, chosen: ChosenSetting, candidates: list[Candidate],
) -> dict[str, list[EpisodeResult]]:
    setting = Setting(chosen.navigation, chosen.sim, chosen.bandit, chosen.worlds)
    seeds = range(options.seed, options.seed + options.seeds)
    with progress_bar('{task.fields[policy]}') as bar:
        task = bar.add_task(
            'driving', total=len(candidates) * len(seeds) * len(chosen.worlds), policy='')
        return evaluate(
            setting, candidates, seeds=seeds, workers=options.workers, store=options.store,
            on_result=lambda label, _: bar.update(task, advance=1, policy=label))


def _draw(
    pictures: PictureOptions, options: argparse.Namespace, chosen: ChosenSetting,
    candidates: list[Candidate],
) -> None:
    setting = Setting(chosen.navigation, chosen.sim, chosen.bandit, chosen.worlds)
    count = min(pictures.worlds, len(chosen.worlds)) * len(candidates)
    with progress_bar('{task.fields[policy]}') as bar:
        task = bar.add_task('drawing', total=count, policy='')
        make_pictures(pictures, setting, candidates, seed=options.seed,
                      on_drive=lambda label: bar.update(task, advance=1, policy=label))
