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

"""
`rfsn nav`: the navigation graph as separate processes over DDS, through some episodes.

All of a run lies in one folder: settings, logs, decision log, checkpoints, episodes, learning
curve and summary.json.
"""

from __future__ import annotations

import argparse
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
import json
import os
from pathlib import Path
import shutil
import signal
import sys
from threading import Event
import time
from types import FrameType
from typing import Any

from rfsn_ros.arguments import whole
from rfsn_ros.bandit.checkpoints import CheckpointStore
from rfsn_ros.bandit.container import read_file, write_atomic
from rfsn_ros.config import RFSNConfig
from rfsn_ros.errors import InputError, MissingDependencyError
from rfsn_ros.evaluation.percent import percent
from rfsn_ros.outputs import need_matplotlib
from rfsn_ros.schema import load_yaml, YAML_ERRORS
from rfsn_ros.training.options import run_folder
from rfsn_ros.training.parallel import progress_bar
from rfsn_ros.training.plots import plot_learning_curves
from rfsn_ros.training.results import (
    beginning_and_end,
    comparison_table,
    EpisodeResult,
    summarise,
    write_results,
)
from rich.console import Console

__all__ = ['main']

BASELINE = 'random'
SHIPPED = 'default'
_SETTLE = 0.3
"""What nodes sent before their ends is taken in for so long, seconds."""
_COLUMNS = (
    'success {task.fields[success]:>4}', 'collisions {task.fields[contact]:>3}',
    'reward {task.fields[reward]}', 'x{task.fields[factor]} real time')


def main(argv: list[str]) -> int:
    """Run the command; return its exit code."""
    options = _parser().parse_args(argv)
    try:
        import rclpy  # noqa: F401
    except ImportError as error:
        raise MissingDependencyError(
            'rfsn nav needs ROS 2: source an installation, or use make demo') from error
    need_matplotlib()
    config = _settings(options)
    folder = run_folder(options.name)
    if (folder / 'summary.json').exists() and not options.overwrite:
        raise InputError(f'{folder} holds a run already; choose another --name or --overwrite')
    folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with _interrupts() as interrupted:
        series = _drive(options, config, folder, interrupted)
    return _show(options, config, folder, series, time.monotonic() - began)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog='rfsn nav', description=(
            'Run sim_bridge, bandit_node and reward_node as separate processes over DDS.'))
    parser.add_argument('--name', default=time.strftime('nav-%Y%m%d-%H%M%S'),
                        help='folder of the run: runs/NAME, or a path (default: by the time)')
    parser.add_argument('--overwrite', action='store_true', help='replace a run of this name')
    parser.add_argument('--params', type=Path, metavar='FILE',
                        help='settings (YAML, as config/default.yaml); the options below win')
    parser.add_argument('--set', action='append', default=[], metavar='NAME=VALUE',
                        help='any other setting, such as driving.exploration=0.1')
    parser.add_argument('--episodes', type=int, help='default: 30')
    parser.add_argument('--world', metavar='SPEC',
                        help='generated (default), generated:SEEDS or barn:FILE[:INDICES]')
    parser.add_argument('--seed', type=int, help='seed of worlds, noise and bandit (default: 1)')
    parser.add_argument('--real-time-factor', type=float, metavar='X',
                        help='simulated over wall time; 0 (default) = lockstep, as fast as the '
                             'machine and the same for the same seed')
    parser.add_argument('--mode', help='online (default), frozen, apprentice or shadow')
    parser.add_argument('--engine', help='kinematic or bullet')
    parser.add_argument('--checkpoint', metavar='FILE',
                        help='start from a model (default = the one shipped with the package)')
    parser.add_argument('--record', action='store_true',
                        help='write all topics of the run into the bag NAME/bag')
    parser.add_argument('--no-baseline', action='store_true',
                        help=f'do not drive the same episodes with the {BASELINE} policy')
    parser.add_argument('--window', type=whole(1), default=10, metavar='N',
                        help='episodes compared at beginning and end (default: %(default)s)')
    return parser


def _settings(options: argparse.Namespace) -> RFSNConfig:
    """Return the settings that files and options ask for; say what of them has no effect."""
    base = RFSNConfig() if options.params is None else RFSNConfig.from_yaml(options.params)
    changes: dict[str, Any] = {'bridge.real_time_factor': 0.0} if options.params is None else {}
    for name, value in (
            ('bridge.episodes', options.episodes), ('bridge.world', options.world),
            ('bridge.seed', options.seed), ('bandit.seed', options.seed),
            ('bridge.real_time_factor', options.real_time_factor),
            ('driving.mode', options.mode), ('sim.engine', options.engine)):
        if value is not None:
            changes[name] = value
    for setting in options.set:
        name, equals, text = setting.partition('=')
        if not equals:
            raise InputError(f'--set {setting}: expected NAME=VALUE')
        changes[name] = _value(text)
    config = base.updated(changes)
    for sentence in config.without_effect():
        print(f'rfsn nav: {sentence}', file=sys.stderr)
    return config


def _value(text: str) -> Any:
    try:
        return load_yaml(text)
    except YAML_ERRORS:
        return text


def _drive(
    options: argparse.Namespace, config: RFSNConfig, folder: Path, interrupted: Event,
) -> dict[str, list[EpisodeResult]]:
    """
    Drive the learner's graph and the baseline's beside it; return their episodes.

    :raises KeyboardInterrupt: `interrupted` was set; all processes have ended.
    """
    import rclpy
    from rclpy.context import Context
    from rclpy.executors import SingleThreadedExecutor
    from rclpy.signals import SignalHandlerOptions
    from rfsn_ros.nodes.observer import EpisodeObserver
    from rfsn_ros.nodes.process import prefer_udp
    from rfsn_ros.nodes.supervisor import Graph

    plans = {'bandit' if config.driving.policy == 'bandit' else config.driving.policy: config}
    lockstep = config.bridge.real_time_factor == 0.0
    if not options.no_baseline:
        plans[BASELINE] = config.updated({
            'driving.policy': BASELINE, 'driving.mode': 'frozen'})
    prefer_udp()  # as the nodes do
    context = Context()
    rclpy.init(context=context, signal_handler_options=SignalHandlerOptions.NO)
    node = rclpy.create_node('rfsn_nav', context=context, enable_rosout=False,
                             namespace=f'rfsn_{os.getpid()}', start_parameter_services=False)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    graphs: dict[str, Graph] = {}
    observers: dict[str, EpisodeObserver] = {}
    bar = progress_bar(*_COLUMNS)
    try:
        with bar:
            for name, plan in plans.items():
                place = folder if name == next(iter(plans)) else folder / name
                namespace = '' if place == folder else name
                params = _prepare(plan, place, lockstep, options)
                task = bar.add_task(name, total=config.bridge.episodes or None, success='-',
                                    contact='-', reward='-', factor='-')
                observers[name] = EpisodeObserver(
                    node, namespace, max_speed=config.navigation.robot.max_speed,
                    on_result=_Ticker(bar, task, observers, name))
                graphs[name] = Graph(
                    place / 'logs', params, namespace,
                    bag=place / 'bag' if options.record else None,
                    observer=node.get_fully_qualified_name())
                graphs[name].start()
            busy = set(graphs)
            while busy:
                executor.spin_once(timeout_sec=0.1)
                if interrupted.is_set():
                    raise KeyboardInterrupt
                busy = {name for name in busy if graphs[name].running()}
        return {name: observer.results for name, observer in observers.items()}
    finally:
        for graph in graphs.values():
            graph.stop()
        settled = time.monotonic() + _SETTLE
        while time.monotonic() < settled:
            executor.spin_once(timeout_sec=0.02)
        for name, observer in observers.items():
            place = folder if name == next(iter(plans)) else folder / name
            write_results(place / 'episodes.jsonl', observer.results)
        node.destroy_node()
        rclpy.shutdown(context=context)


def _prepare(
    config: RFSNConfig, place: Path, lockstep: bool, options: argparse.Namespace,
) -> Path:
    """Write the settings of one graph into its folder."""
    place.mkdir(parents=True, exist_ok=True)
    bag = place / 'bag'
    if options.record and bag.exists():
        if not options.overwrite:
            raise InputError(f'{bag} exists already; choose another --name or --overwrite')
        shutil.rmtree(bag)
    log = place / 'decisions.jsonl'
    for old in place.glob('decisions*.jsonl'):
        old.unlink()
    changes: dict[str, Any] = {
        'driving.lockstep': lockstep, 'driving.decision_log': str(log.resolve()),
        'bandit.checkpoint_dir': str((place / 'checkpoints').resolve())}
    if options.checkpoint is not None and config.driving.policy == 'bandit':
        changes['driving.checkpoint'] = _start(options.checkpoint, place / 'checkpoints')
    params = place / 'config.yaml'
    params.write_text(config.updated(changes).to_yaml(), encoding='utf-8')
    return params


def _start(checkpoint: str, folder: Path) -> str:
    """Return the name under which bandit_node finds the model to start from."""
    if checkpoint == SHIPPED:
        return SHIPPED
    store = CheckpointStore(folder)
    write_atomic(folder / 'start.rfsn', read_file(checkpoint))
    return store.read('start').name


class _Ticker:
    """Moves a progress bar on when an episode has ended."""

    def __init__(self, bar: Any, task: Any, observers: dict[str, Any], name: str) -> None:
        self._bar, self._task, self._observers, self._name = bar, task, observers, name
        self._recent: deque[EpisodeResult] = deque(maxlen=10)
        self._collisions = 0

    def __call__(self, result: EpisodeResult) -> None:
        self._recent.append(result)
        self._collisions += result.collision
        recent = self._recent
        self._bar.update(
            self._task, advance=1, contact=str(self._collisions),
            success=f'{percent(sum(r.success for r in recent) / len(recent), 0)}%',
            reward=f'{sum(r.mean_reward for r in recent) / len(recent):+.2f}',
            factor=f'{self._observers[self._name].progress.real_time_factor:.1f}')
        if self._bar.disable:
            print(f'{self._name}: episode {result.number + 1}: {result.outcome}, score '
                  f'{result.score:.3f}, mean reward {result.mean_reward:+.2f}',
                  file=sys.stderr)


def _show(
    options: argparse.Namespace, config: RFSNConfig, folder: Path,
    series: dict[str, list[EpisodeResult]], wall: float,
) -> int:
    """Print the table; write curve, summary and the baseline's episodes beside the learner's."""
    if not all(series.values()):
        raise InputError('no episode came to its end; see the logs in ' + str(folder / 'logs'))
    rows = {}
    for name, results in series.items():
        if name != next(iter(series)):
            write_results(folder / f'episodes_{name}.jsonl', results)
        for part, episodes in beginning_and_end(len(results), options.window).items():
            rows[f'{name}, {part}'] = summarise(results[episodes])
    title = f'{config.bridge.world} worlds, seed {config.bridge.seed}'
    Console().print(comparison_table(rows, title=title))
    plot_learning_curves(
        folder / 'learning_curve.png',
        {name: [r.score for r in results] for name, results in series.items()},
        ylabel='BARN score', title=f'Learning over DDS, {title}',
        levels={'best possible': 0.5})
    summary = {
        'command': 'nav', 'world': config.bridge.world, 'seed': config.bridge.seed,
        'episodes': config.bridge.episodes, 'wall_time': wall,
        'real_time_factor': _factors(series),
        'rows': {name: summary.to_dict() for name, summary in rows.items()},
    }
    (folder / 'summary.json').write_text(
        json.dumps(summary, indent=2, allow_nan=False) + '\n', encoding='utf-8')
    print(f'{folder}: learning_curve.png, summary.json, config.yaml, episodes.jsonl, '
          f'decisions.jsonl, checkpoints/, logs/{", bag/" if options.record else ""}')
    return 0


def _factors(series: Mapping[str, Sequence[EpisodeResult]]) -> dict[str, float]:
    """Return driven over wall time of each policy."""
    return {
        name: sum(r.time for r in results) / max(sum(r.wall_time for r in results), 1e-9)
        for name, results in series.items()}


@contextmanager
def _interrupts() -> Iterator[Event]:
    """
    Yield what Ctrl-C, SIGTERM and SIGHUP set.

    An exception raised by a signal is lost where Python cannot pass it on, as in a destructor.
    """
    interrupted = Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        interrupted.set()

    before = {
        number: signal.signal(number, interrupt)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
