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

"""`rfsn train`: learn to navigate without ROS, on one core or many."""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
import functools
from pathlib import Path
import sys

from rfsn_ros.arguments import whole
from rfsn_ros.bandit.from_log import train_from_log
from rfsn_ros.errors import InputError
from rfsn_ros.evaluation.percent import percent
from rfsn_ros.navigation.policies import BanditPolicy
from rfsn_ros.navigation.registry import make_policy
from rfsn_ros.outputs import need_matplotlib
from rfsn_ros.sim.config import DISTURBANCES, Engine
from rfsn_ros.training.options import (
    add_setting_options,
    chosen_setting,
    ChosenSetting,
    run_folder,
)
from rfsn_ros.training.parallel import progress_bar, Workers
from rfsn_ros.training.results import EpisodeResult
from rfsn_ros.training.train import Trainer, TrainingPlan
from rfsn_ros.training.train_report import Series, show_training

__all__ = ['main']

_LARGEST_BATCH = 16
_SHIFT_AFTER = 20
_DRIVING = ('episodes', 'seeds', 'batch', 'resume', 'save_every', 'window', 'compare', 'shift',
            'shift_after')


def main(argv: list[str]) -> int:
    """Run the command; return its exit code."""
    parser = _parser()
    options = parser.parse_args(argv)
    if options.from_log is not None:
        unread = [f'--{name.replace("_", "-")}' for name in _DRIVING
                  if getattr(options, name) != parser.get_default(name)]
        if unread:
            print(f'{", ".join(unread)} {"has" if len(unread) == 1 else "have"} no effect: with '
                  '--from-log nothing is driven', file=sys.stderr)
        return _train_from_log(options)
    if options.batch is None:
        # few beside what there is to learn, so that learning hardly has to wait for them
        options.batch = max(1, min(options.episodes // 50, _LARGEST_BATCH))
    policies = ['bandit', *(name for name in options.compare.split(',') if name)]
    _check_shift(options, policies)
    setting = chosen_setting(options)
    _check_names(policies, setting)
    need_matplotlib()
    folder = run_folder(options.out)
    show_training(folder, _drive_all(options, setting, folder, policies), options)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='rfsn train', description=(
            'Learn to navigate in simulated worlds. Everything of the run lies in one folder: '
            'checkpoints, decision log, episodes, learning curve and summary.json.'))
    parser.add_argument('--episodes', type=whole(1), default=100, help='default: %(default)s')
    parser.add_argument('--seeds', type=whole(1), default=1, metavar='N',
                        help='learn N times from the start, each with its own order of worlds, '
                             'noise and exploration; figures are over all (default: %(default)s)')
    parser.add_argument('--batch', type=whole(1),
                        help='episodes that start from one model, driven in parallel; the '
                             'result depends on it, not on --workers (default: a fiftieth of '
                             f'the episodes, 1 to {_LARGEST_BATCH})')
    parser.add_argument('--out', default='train', metavar='NAME',
                        help='folder of the run: runs/NAME, or a path (default: %(default)s)')
    parser.add_argument('--resume', action='store_true',
                        help='go on with a run that ended early, under the same settings')
    parser.add_argument('--checkpoint', metavar='FILE',
                        help='start from a model (default = the one shipped with the package)')
    parser.add_argument('--save-every', type=whole(1), default=20, metavar='N',
                        help='episodes between checkpoints (default: %(default)s)')
    parser.add_argument('--window', type=whole(1), default=10, metavar='N',
                        help='episodes compared at the beginning and end (default: %(default)s)')
    parser.add_argument('--compare', default='random', metavar='NAME,...',
                        help='policies that drive the same episodes: random, greedy, dwa, '
                             'fixed:PRIMITIVE, frozen (with --shift: the learner, frozen at the '
                             'shift); empty for none (default: %(default)s)')
    parser.add_argument('--shift', choices=sorted(DISTURBANCES),
                        help='disturbances from episode --shift-after on')
    parser.add_argument('--shift-after', type=whole(0), metavar='N',
                        help=f'episodes before the shift (default: {_SHIFT_AFTER})')
    parser.add_argument('--from-log', type=Path, metavar='FILE',
                        help='learn from a decision log instead of driving')
    add_setting_options(parser, engine=Engine.KINEMATIC)
    return parser


def _check_shift(options: argparse.Namespace, policies: list[str]) -> None:
    """See to it that there is a shift where one is spoken of; settle when it comes."""
    if options.shift is None and 'frozen' in policies:
        raise InputError('--compare frozen: needs --shift, it is the learner frozen at the shift')
    if options.shift is None and options.shift_after is not None:
        raise InputError(f'--shift-after {options.shift_after}: needs --shift')
    if options.shift_after is None:
        options.shift_after = _SHIFT_AFTER
    if options.shift is not None and options.shift_after >= options.episodes:
        raise InputError(
            f'--shift-after {options.shift_after}: must be < --episodes {options.episodes}, or '
            'there is no shift')


def _check_names(policies: list[str], setting: ChosenSetting) -> None:
    for name in policies[1:]:
        if policies.count(name) > 1:
            raise InputError(f'--compare {name}: it would drive twice')
        if name != 'frozen':
            make_policy(name, setting.navigation)


@dataclass(frozen=True, slots=True)
class _Run:
    """One policy through all episodes of one seed."""

    policy: str
    plan: TrainingPlan
    folder: Path
    resume: bool


def _drive_all(
    options: argparse.Namespace, setting: ChosenSetting, folder: Path, policies: list[str],
) -> Series:
    """
    Drive every policy with every seed.

    With one seed the processes share the episodes of a batch, with several each has its run.
    """
    runs = []
    for policy in policies:
        for seed in range(options.seed, options.seed + options.seeds):
            place = folder / f'seed-{seed}' if options.seeds > 1 else folder
            if policy != 'bandit':
                place /= policy.replace(':', '_')
            runs.append(_Run(policy, _plan(options, setting, policy, seed), place, options.resume))
    series: Series = {policy: [] for policy in policies}
    recent: dict[str, deque[EpisodeResult]] = {name: deque(maxlen=20) for name in policies}
    bar = progress_bar(
        'success {task.fields[success]:>4}', 'contact {task.fields[contact]:>4}',
        'score {task.fields[score]}')
    with bar:
        tasks = {
            policy: bar.add_task(policy, total=options.episodes * options.seeds, success='-',
                                 contact='-', score='-')
            for policy in policies}

        def advance(policy: str, result: EpisodeResult) -> None:
            seen = recent[policy]
            seen.append(result)
            count = len(seen)
            bar.update(
                tasks[policy], advance=1,
                success=f'{percent(sum(r.success for r in seen) / count, 0)}%',
                contact=f'{percent(sum(r.collision for r in seen) / count, 0)}%',
                score=f'{sum(r.score for r in seen) / count:.3f}')

        if options.seeds == 1:
            for run in runs:
                told = functools.partial(advance, run.policy)
                series[run.policy].append(_drive(run, workers=options.workers, on_result=told))
            return series
        with Workers(min(options.workers, len(runs)), _nothing) as pool:
            for run, results in zip(runs, pool.map(_drive, runs), strict=True):
                series[run.policy].append(results)
                for result in results:
                    advance(run.policy, result)
    return series


def _plan(
    options: argparse.Namespace, setting: ChosenSetting, policy: str, seed: int,
) -> TrainingPlan:
    learner = policy in ('bandit', 'frozen')
    shifts = options.shift is not None
    return TrainingPlan(
        navigation=setting.navigation, sim=setting.sim, worlds=setting.worlds,
        episodes=options.episodes, seed=seed, batch=options.batch,
        policy='bandit' if learner else policy, bandit=setting.bandit,
        checkpoint=options.checkpoint if learner else None, save_every=options.save_every,
        learn=learner, shift=DISTURBANCES[options.shift] if shifts else None,
        # a shift that never comes must not cut a batch in two
        shift_after=options.shift_after if shifts else 0,
        freeze_after=options.shift_after if policy == 'frozen' else None)


def _drive(
    run: _Run, *, workers: int = 1, on_result: Callable[[EpisodeResult], None] | None = None,
) -> list[EpisodeResult]:
    trainer = Trainer(run.plan, run.folder)
    try:
        return trainer.run(workers=workers, resume=run.resume, on_result=on_result)
    finally:
        trainer.close()


def _nothing() -> None:
    """Set up nothing: each run sets its process up for itself."""


def _train_from_log(options: argparse.Namespace) -> int:
    setting = chosen_setting(options)
    folder = run_folder(options.out)
    folder.mkdir(parents=True, exist_ok=True)
    policy = make_policy(
        'bandit', setting.navigation, seed=options.seed, bandit=setting.bandit,
        checkpoint=options.checkpoint)
    assert isinstance(policy, BanditPolicy)
    with policy.bandit as bandit:
        done = train_from_log(bandit, options.from_log)
        bandit.save(folder / 'checkpoint.rfsn')
    print(f'{folder}/checkpoint.rfsn: learned {done.learned} rewards of {options.from_log}, '
          f'mean {done.mean_reward:.3f}')
    return 0
