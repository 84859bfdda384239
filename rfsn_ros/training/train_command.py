"""`rfsn train`: learn to navigate without ROS, on one core or many."""

from __future__ import annotations

import argparse
import json
from collections import deque
from pathlib import Path
from typing import Any

from rich.console import Console

from rfsn_ros.bandit.from_log import train_from_log
from rfsn_ros.errors import InputError
from rfsn_ros.navigation.policies import BanditPolicy
from rfsn_ros.navigation.registry import make_policy
from rfsn_ros.sim.config import DISTURBANCES, Engine
from rfsn_ros.training.options import (
    ChosenSetting,
    add_setting_options,
    chosen_setting,
    run_folder,
)
from rfsn_ros.training.parallel import progress_bar
from rfsn_ros.training.plots import plot_learning_curves
from rfsn_ros.training.results import EpisodeResult, comparison_table, summarise, write_results
from rfsn_ros.training.train import Trainer, TrainingPlan

__all__ = ['main']


def main(argv: list[str]) -> int:
    """Run the command; return its exit code."""
    options = _parser().parse_args(argv)
    if options.from_log is not None:
        return _train_from_log(options)
    if options.window < 1:
        raise InputError(f'--window {options.window}: must be >= 1')
    compare = [name for name in options.compare.split(',') if name]
    if 'frozen' in compare and options.shift is None:
        raise InputError('--compare frozen: needs --shift, it is the learner frozen at the shift')
    setting = chosen_setting(options)
    folder = run_folder(options.out)
    series = {'bandit': _drive(options, setting, folder, 'bandit')}
    for name in compare:
        series[name] = _drive(options, setting, folder / name.replace(':', '_'), name)
    _show(folder, series, options)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='rfsn train', description=(
            'Learn to navigate in simulated worlds. Everything of the run lies in one folder: '
            'checkpoints, decision log, episodes, learning curve and summary.json.'))
    parser.add_argument('--episodes', type=int, default=100, help='default: %(default)s')
    parser.add_argument('--batch', type=int, default=1,
                        help='episodes that start from one model, driven in parallel; the '
                             'result depends on it, not on --workers (default: %(default)s)')
    parser.add_argument('--out', default='train', metavar='NAME',
                        help='folder of the run: runs/NAME, or a path (default: %(default)s)')
    parser.add_argument('--resume', action='store_true', help='go on with a run that ended early')
    parser.add_argument('--checkpoint', metavar='FILE',
                        help='start from a model (default = the one shipped with the package)')
    parser.add_argument('--save-every', type=int, default=20, metavar='N',
                        help='episodes between checkpoints (default: %(default)s)')
    parser.add_argument('--window', type=int, default=10, metavar='N',
                        help='episodes compared at the beginning and end (default: %(default)s)')
    parser.add_argument('--compare', default='random', metavar='NAME,...',
                        help='policies that drive the same episodes: random, greedy, dwa, '
                             'fixed:PRIMITIVE, frozen (with --shift: the learner, frozen at the '
                             'shift); empty for none (default: %(default)s)')
    parser.add_argument('--shift', choices=sorted(DISTURBANCES),
                        help='disturbances from episode --shift-after on')
    parser.add_argument('--shift-after', type=int, default=20, metavar='N',
                        help='episodes before the shift (default: %(default)s)')
    parser.add_argument('--from-log', type=Path, metavar='FILE',
                        help='learn from a decision log instead of driving')
    add_setting_options(parser, engine=Engine.KINEMATIC)
    return parser


def _drive(
    options: argparse.Namespace, setting: ChosenSetting, folder: Path, policy: str,
) -> list[EpisodeResult]:
    learner = policy in ('bandit', 'frozen')
    trainer = Trainer(TrainingPlan(
        navigation=setting.navigation, sim=setting.sim, worlds=setting.worlds,
        episodes=options.episodes, seed=options.seed, batch=options.batch,
        policy='bandit' if learner else policy, bandit=setting.bandit,
        checkpoint=options.checkpoint if learner else None, save_every=options.save_every,
        learn=learner, shift=None if options.shift is None else DISTURBANCES[options.shift],
        shift_after=options.shift_after,
        freeze_after=options.shift_after if policy == 'frozen' else None), folder)
    recent: deque[EpisodeResult] = deque(maxlen=20)
    bar = progress_bar(
        'success {task.fields[success]:>4}', 'contact {task.fields[contact]:>4}',
        'score {task.fields[score]}')
    try:
        with bar:
            task = bar.add_task(
                policy, total=options.episodes, success='-', contact='-', score='-')

            def advance(result: EpisodeResult) -> None:
                recent.append(result)
                count = len(recent)
                bar.update(
                    task, advance=1,
                    success=f'{sum(r.success for r in recent) / count:.0%}',
                    contact=f'{sum(r.collision for r in recent) / count:.0%}',
                    score=f'{sum(r.score for r in recent) / count:.3f}')

            return trainer.run(
                workers=options.workers, resume=options.resume, on_result=advance)
    finally:
        trainer.close()


def _show(
    folder: Path, series: dict[str, list[EpisodeResult]], options: argparse.Namespace,
) -> None:
    """Print the table; write curve, summary and the baselines' episodes beside the learner's."""
    rows = {}
    for name, results in series.items():
        window = min(options.window, len(results))
        if name != 'bandit':
            write_results(folder / f'episodes_{name}.jsonl', results)
        rows[f'{name}, first {window}'] = summarise(results[:window])
        before = results[max(options.shift_after - window, 0):options.shift_after]
        if options.shift is not None and before:
            rows[f'{name}, pre-shift'] = summarise(before)
        rows[f'{name}, last {window}'] = summarise(results[-window:])
    Console().print(comparison_table(rows, title=f'{options.worlds}, seed {options.seed}'))
    curve = folder / 'learning_curve.png'
    plot_learning_curves(
        curve, {name: [r.score for r in results] for name, results in series.items()},
        ylabel='BARN score', title=f'Learning to navigate, {options.worlds}',
        levels={'best possible': 0.5})
    summary: dict[str, Any] = {
        'command': 'train', 'worlds': options.worlds, 'seed': options.seed,
        'episodes': options.episodes, 'batch': options.batch, 'shift': options.shift,
        'shift_after': options.shift_after if options.shift else None,
        'rows': {name: summary.to_dict() for name, summary in rows.items()},
    }
    (folder / 'summary.json').write_text(
        json.dumps(summary, indent=2, allow_nan=False) + '\n', encoding='utf-8')
    print(f'{folder}: learning_curve.png, summary.json, episodes.jsonl, decisions.jsonl, '
          'checkpoints/')


def _train_from_log(options: argparse.Namespace) -> int:
    setting = chosen_setting(options)
    folder = run_folder(options.out)
    policy = make_policy(
        'bandit', setting.navigation, seed=options.seed, bandit=setting.bandit,
        checkpoint=options.checkpoint)
    assert isinstance(policy, BanditPolicy)
    with policy.bandit as bandit:
        done = train_from_log(bandit, options.from_log)
        folder.mkdir(parents=True, exist_ok=True)
        bandit.save(folder / 'checkpoint.rfsn')
    print(f'{folder}/checkpoint.rfsn: learned {done.learned} rewards of {options.from_log}, '
          f'mean {done.mean_reward:.3f}')
    return 0
