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

"""Runs of a task's tests on a candidate module, each in a confined process of its own."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
import contextlib
from dataclasses import dataclass
import os
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile
from types import TracebackType
from typing import Any

from rfsn_ros.errors import ClosedError, ConfigError, TaskError
from rfsn_ros.repair.jail.messages import read_message, write_message

__all__ = ['Outcome', 'Probed', 'Run', 'Sandbox']


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What one test did.

    `error` is the exception's type ('' where the test passed, 'Timeout' where its processor time
    ran out), `message` a short text, `words` how the result differs from the expected one, `line`
    the line of the module from which the exception came (0 for none), `seconds` processor time.
    """

    name: str
    passed: bool
    seconds: float
    error: str
    message: str
    words: tuple[str, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Probed:
    """What a probe found, as in `jail.probe.Probe`."""

    judged: tuple[dict[int, str], ...]
    failing: dict[int, list[int]]
    passing: dict[int, list[int]]
    first: dict[int, str]
    claims: dict[int, list[int]]
    refuted: dict[int, str]
    hints: dict[int, str]


@dataclass(frozen=True, slots=True)
class Run:
    """
    One run of tests: the outcomes in the order of running, and why it ended early, if so.

    `failure` is '' or what kept the run from its end: ``stopped`` (time), ``crashed`` (the
    process ended) or the exception with which the import failed.
    """

    outcomes: tuple[Outcome, ...]
    failure: str = ''
    trace: tuple[tuple[dict[int, int], dict[str, list[str]]], ...] = ()
    probe: Probed | None = None

    @property
    def passed(self) -> bool:
        """Whether every test that was asked for passed."""
        return not self.failure and bool(self.outcomes) and all(
            outcome.passed for outcome in self.outcomes)


class Sandbox:
    """
    A fork server with the files of one task; use as a context manager.

    `isolation` names what the kernel allowed: the namespaces ``mount``, ``pid``, ``net``,
    ``ipc``, ``uts``, ``user``, and ``root`` (a file system that holds the interpreter, the
    task's files and nothing else). Limits of memory are in bytes.
    """

    def __init__(self, *, memory: int = 1 << 30) -> None:
        self._memory = memory
        self._root = tempfile.mkdtemp(prefix='rfsn-repair-')
        os.chmod(self._root, 0o755)
        package_parent = Path(__file__).resolve().parents[2]
        code = ('import sys; sys.path.insert(0, sys.argv[1]); '
                'from rfsn_ros.repair.jail.server import main; '
                'del sys.path[0]; main(sys.argv[2])')
        self._process: subprocess.Popen[bytes] | None = subprocess.Popen(
            [sys.executable, '-s', '-B', '-W', 'ignore', '-c', code, str(package_parent),
             self._root],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={'PYTHONHASHSEED': '0'}, cwd='/',
            start_new_session=True)
        self.isolation: tuple[str, ...] | None = None

    def load(self, files: Mapping[str, bytes], tests: Sequence[str]) -> None:
        """
        Bring a task: its files by relative path, the test modules among them in order.

        :raises TaskError: a test module cannot be compiled.
        """
        encoded = {name: base64.b64encode(data).decode() for name, data in files.items()}
        answer = self._ask({'load': {'files': encoded, 'tests': list(tests)}})
        if 'failure' in answer:
            raise TaskError(f'the tests cannot be compiled: {answer["failure"]}')

    def run(self, source: str, *, order: Sequence[str] = (), stop: bool = False,
            cpu: float = 1.0, wall: float = 10.0, trace: bool = False,
            probe: list[Any] | None = None, failing: Sequence[str] = ()) -> Run:
        """
        Run tests on `source`.

        `order` names the tests (all, where empty); `stop` ends at the first failure; `cpu` bounds
        each test in seconds of processor time, `wall` the whole run in seconds; `trace` records
        lines and types; `probe` holds the roots for `jail.probe.Probe`, `failing` names the tests
        known to fail, which may end early with it.
        """
        request: dict[str, Any] = {
            'source': source, 'order': list(order), 'stop': stop, 'cpu': cpu, 'wall': wall,
            'trace': trace, 'memory': self._memory}
        if probe is not None:
            request['probe'], request['failing'] = probe, list(failing)
        answer = self._ask(request)
        try:
            return _read(answer)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            return Run((), 'crashed')

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._process is None:
            raise ClosedError('the sandbox is closed')
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if self.isolation is None:
            hello = read_message(self._process.stdout)  # type: ignore[arg-type]
            if hello is None:
                raise ConfigError('the sandbox does not start: the fork server ended at once')
            self.isolation = tuple(hello['isolation'])
        answer = None
        with contextlib.suppress(BrokenPipeError):
            write_message(self._process.stdin, request)  # type: ignore[arg-type]
            answer = read_message(self._process.stdout)  # type: ignore[arg-type]
        if answer is None:
            raise ClosedError('the fork server ended')
        return dict(answer)

    def close(self) -> None:
        """End the server and everything below it, and remove its folder."""
        if self._process is not None:
            process, self._process = self._process, None
            assert process.stdin is not None
            assert process.stdout is not None
            with contextlib.suppress(OSError):
                process.stdin.close()
            try:
                process.wait(1.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()  # last: a thread that still waits for an answer has its end now
            with contextlib.suppress(RecursionError):  # folders within folders, a thousand deep
                shutil.rmtree(self._root, ignore_errors=True)

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()


def _read(answer: dict[str, Any]) -> Run:
    outcomes = tuple(
        Outcome(str(one['name']), bool(one['passed']), float(one['seconds']), str(one['error']),
                str(one['message']), tuple(map(str, one['words'])), int(one['line']))
        for one in answer['outcomes']) if 'outcomes' in answer else ()
    trace = tuple(
        ({int(line): int(count) for line, count in lines.items()}, dict(types))
        for lines, types in answer.get('trace', ()))
    probed = None
    if 'probe' in answer:
        found = dict(answer['probe'])
        judged = tuple(map(_by_number, found.pop('judged')))
        probed = Probed(judged, **{name: _by_number(table) for name, table in found.items()})
    return Run(outcomes, str(answer.get('failure', '')), trace, probed)


def _by_number(table: dict[str, Any]) -> dict[int, Any]:
    return {int(key): value for key, value in table.items()}
