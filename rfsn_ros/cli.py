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

"""The `rfsn` command: one word per task, each imported only when it is asked for."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from importlib import import_module
import io
import os
import sys

from rfsn_ros import __version__
from rfsn_ros.errors import RfsnError

__all__ = ['COMMANDS', 'main']

COMMANDS = {
    'nav': ('rfsn_ros.nodes.nav_command', 'run the navigation graph: three processes over DDS'),
    'train': ('rfsn_ros.training.train_command', 'learn to navigate in one process, without DDS'),
    'evaluate': ('rfsn_ros.training.evaluate_command', 'compare policies on the same worlds'),
    'checkpoint': ('rfsn_ros.bandit.checkpoint_command', 'list, inspect and verify checkpoints'),
    'record': ('rfsn_ros.nodes.record_command', 'record topics into a rosbag2'),
    'replay': ('rfsn_ros.replay.command', 'judge policies from recorded bags'),
    'repair': ('rfsn_ros.repair.cli', 'repair a buggy Python function'),
    'bench': ('rfsn_ros.bench.command', 'measure speed and quality of the learners'),
    'report': ('rfsn_ros.report.command', 'write the report of a run as one HTML page'),
    'health': ('rfsn_ros.nodes.health_command', 'ask a running node for its lifecycle state'),
}


def main(argv: list[str] | None = None) -> int:
    """
    Dispatch to a command; return its exit code.

    2 is for bad input and files out of reach, 130 for Ctrl-C, 1 for work that was cut short.
    """
    arguments = sys.argv[1:] if argv is None else argv
    name = arguments[0] if arguments else ''
    _make_writable()
    try:
        try:
            return _dispatch(name, arguments[1:])
        finally:
            # here, where it can still be told that nobody reads: also of a --help
            sys.stdout.flush()
    except RfsnError as error:
        print(f'rfsn {name}: {error}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f'rfsn {name}: interrupted', file=sys.stderr)
        return 130
    except BrokenPipeError:
        # whoever reads, such as `head`, has seen enough; nothing is to be flushed to it at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        place = '' if error.filename is None else f'{error.filename}: '
        print(f'rfsn {name}: {place}{error.strerror or error}', file=sys.stderr)
        return 2
    except BrokenExecutor:
        print(f'rfsn {name}: a worker process died before its work was done: killed, or out of '
              'memory', file=sys.stderr)
        return 1


def _dispatch(name: str, rest: list[str]) -> int:
    if name in ('', '-h', '--help', 'help'):
        print(_usage())
        return 0 if name else 2
    if name == '--version':
        print(f'rfsn {__version__}')
        return 0
    if name not in COMMANDS:
        print(f'rfsn: {name!r} is not a command; known are {", ".join(COMMANDS)}',
              file=sys.stderr)
        return 2
    return int(import_module(COMMANDS[name][0]).main(rest))


def _make_writable() -> None:
    """Let names be printed whatever is in them, and commands run whose output was closed."""
    for name in ('stdout', 'stderr'):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, 'w', encoding='utf-8'))  # noqa: SIM115
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors='backslashreplace')


def _usage() -> str:
    lines = ['usage: rfsn COMMAND [OPTIONS]', '', 'commands:']
    lines += [f'  {name:<11} {text}' for name, (_, text) in COMMANDS.items()]
    lines += ['', 'rfsn COMMAND --help lists the options of a command.']
    return '\n'.join(lines)
