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

"""`rfsn repair`: repair a task, serve a folder of tasks, learn from a corpus, compare policies."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing, contextmanager
import gc
from importlib.util import find_spec
import json
import os
from pathlib import Path
import signal
import sys
from typing import TYPE_CHECKING

from rfsn_ros.arguments import amount, whole
from rfsn_ros.errors import MissingDependencyError, RfsnError
from rfsn_ros.outputs import check_output, check_plot

if TYPE_CHECKING:
    from rfsn_ros.repair.sandbox import Sandbox
    from rfsn_ros.repair.source import Edit

__all__ = ['main']

_CORPUS = 'rfsn_ros.repair.corpus'


def main(argv: list[str] | None = None) -> int:
    """Run a repair command; 0: repaired, 1: not within the budget, 2: a bad task or setting."""
    argv = sys.argv[1:] if argv is None else argv
    commands = {'watch': _watch, 'train': _train, 'evaluate': _evaluate}
    try:
        if argv and argv[0] in commands:
            return commands[argv[0]](argv[1:])
        return _repair(argv)
    except MissingDependencyError:
        raise
    except RfsnError as error:
        print(f'rfsn repair: {error}', file=sys.stderr)
        return 2


def _repair(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog='rfsn repair', description='Repair a buggy Python module until its tests pass.',
        epilog='Other commands: rfsn repair watch INBOX, rfsn repair train, '
               'rfsn repair evaluate; each has its own --help.')
    parser.add_argument('--task', type=Path, required=True, metavar='DIR',
                        help='folder with buggy.py and test_*.py')
    parser.add_argument('--out', type=Path, required=True, metavar='FILE',
                        help='where the repaired module goes')
    parser.add_argument('--alternatives', type=whole(0), default=0, metavar='N',
                        help='go on for N further repairs, rank all, write the best (default 0)')
    parser.add_argument('--quiet', action='store_true', help='print the summary line only')
    _common(parser)
    arguments = parser.parse_args(argv)
    os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')  # NumPy then starts without threads
    gc.disable()  # the process is short; collecting costs a tenth of its time and frees little
    sandbox = _sandbox()
    try:
        from rfsn_ros.repair.service import repair_folder
        from rfsn_ros.repair.state import RepairState

        state = RepairState(arguments.state, seed=arguments.seed)
        try:
            summary = repair_folder(
                arguments.task, arguments.out, state, arguments.budget,
                alternatives=arguments.alternatives, sandbox=sandbox,
                report=None if arguments.quiet else _say_attempt)
        finally:
            state.close()
    finally:
        sandbox.close()
        gc.enable()
    if summary['diff'] and not arguments.quiet:
        print(summary['diff'])
    print(json.dumps(summary))
    return 0 if summary['plausible'] else 1


def _watch(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog='rfsn repair watch', description='Serve a folder of tasks as a queue.')
    parser.add_argument('inbox', type=Path, metavar='INBOX', help='folder of task folders')
    parser.add_argument('--once', action='store_true', help='stop when no task is left')
    parser.add_argument('--poll', type=amount, default=1.0, metavar='S',
                        help='seconds between looks into an empty inbox')
    _common(parser)
    arguments = parser.parse_args(argv)
    _check_libraries()
    from rfsn_ros.repair.service import serve
    from rfsn_ros.repair.state import RepairState

    state = RepairState(arguments.state, seed=arguments.seed)
    try:
        serve(arguments.inbox, state, arguments.budget,
              once=arguments.once, poll=max(0.05, arguments.poll),
              say=lambda text: print(text, flush=True))
    finally:
        state.close()
    return 0


def _train(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog='rfsn repair train',
        description='Put bugs into the functions of a corpus and learn to repair them.')
    parser.add_argument('--corpus', default=_CORPUS, metavar='DIR|PACKAGE',
                        help='modules m.py with tests test_m.py (default: the own corpus)')
    parser.add_argument('--state', type=Path, required=True, metavar='DIR',
                        help='folder for what is learned')
    parser.add_argument('--resume', action='store_true',
                        help='go on with a training that was interrupted, under the same settings')
    parser.add_argument('--each', type=whole(1), default=4, help='bugs per function')
    parser.add_argument('--episodes', type=whole(0), default=0,
                        help='further episodes of the bandit, with tests run (default 0)')
    parser.add_argument('--all', action='store_true',
                        help='learn from every function, none kept for judging')
    parser.add_argument('--budget', type=whole(1), default=100, help='executions per episode')
    parser.add_argument('--jobs', type=whole(1), default=1, help='processes that make the tasks')
    parser.add_argument('--seed', type=whole(0), default=1)
    arguments = parser.parse_args(argv)
    _check_libraries()
    from rfsn_ros.repair.curriculum import train

    try:
        with _ended_by_sigterm(), closing(train(
                arguments.corpus, arguments.state, each=arguments.each,
                episodes=arguments.episodes, everything=arguments.all, budget=arguments.budget,
                seed=arguments.seed, jobs=arguments.jobs, resume=arguments.resume)) as lines:
            for line in lines:
                print(line, flush=True)
    except KeyboardInterrupt:
        print(f'rfsn repair: interrupted; what is finished is in {arguments.state}, '
              'rfsn repair train --resume goes on', file=sys.stderr)
        return 130
    return 0


def _evaluate(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog='rfsn repair evaluate',
        description='Compare policies on injected bugs in functions that training never saw.')
    parser.add_argument('--corpus', default=_CORPUS, metavar='DIR|PACKAGE')
    parser.add_argument('--tasks', type=whole(1), default=200)
    parser.add_argument('--policies', default='', metavar='NAMES',
                        help='comma-separated; all where left out')
    parser.add_argument('--jobs', type=whole(1), default=1, help='processes that run the episodes')
    parser.add_argument('--mix', default='slips',
                        help='bugs: slips (default), broad, lost or written (by hand)')
    parser.add_argument('--out', type=Path, default=None, metavar='FILE',
                        help='write the results as JSON')
    parser.add_argument('--plot', type=Path, default=None, metavar='PNG',
                        help='draw solved tasks over executions')
    _common(parser)
    arguments = parser.parse_args(argv)
    _check_libraries()
    if arguments.out is not None:
        check_output(arguments.out)
    if arguments.plot is not None:
        check_plot(arguments.plot)
    from rfsn_ros.repair.evaluation import evaluate

    evaluate(arguments.corpus, arguments.tasks, arguments.budget, arguments.seed,
             state=arguments.state, out=arguments.out, plot=arguments.plot, mix=arguments.mix,
             jobs=arguments.jobs,
             policies=tuple(name for name in arguments.policies.split(',') if name))
    return 0


def _common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--budget', type=whole(1), default=300, metavar='N',
                        help='largest number of test executions (default 300)')
    parser.add_argument('--state', type=Path, default=None, metavar='DIR',
                        help='folder that carries what is learned from task to task')
    parser.add_argument('--seed', type=whole(0), default=1, metavar='S')


def _check_libraries() -> None:
    """Look for what is needed without importing it: pytest is for the sandbox only."""
    for name in ('libcst', 'pytest', 'vowpalwabbit'):
        if find_spec(name) is None:
            raise MissingDependencyError(
                f'rfsn repair needs {name}: pip install "rfsn_ros[repair]"')


def _sandbox() -> Sandbox:
    """Start the fork server first: it warms up while this process imports the rest."""
    from rfsn_ros.repair.sandbox import Sandbox

    sandbox = Sandbox()
    try:
        _check_libraries()
    except MissingDependencyError:
        sandbox.close()
        raise
    return sandbox


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Let SIGTERM end the work as Ctrl-C does."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _say_attempt(number: int, edit: Edit) -> None:
    print(f'{number:4d}  line {edit.site.line:<4d} {edit.family}: {edit.detail}', flush=True)
