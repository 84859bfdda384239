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
The fork server: one warm process that forks a confined child for every run.

Requests come on standard input, answers go to standard output. ``{"load": ...}`` brings the files
of a task; ``{"source": ...}`` is one run.
"""

from __future__ import annotations

import base64
import contextlib
from dataclasses import asdict
import gc
import json
import os
import select
import shutil
import signal
import sys
import time
import types
from typing import Any, NoReturn

from rfsn_ros.repair.jail import isolation, testrun, tracing
from rfsn_ros.repair.jail.assertions import compile_tests
from rfsn_ros.repair.jail.messages import read_message, write_message
from rfsn_ros.repair.jail.probe import Probe

__all__ = ['main']

_RESULT_LIMIT = 4 << 20
_LEAST = (0.15, 0.05)  # seconds for a test after one, and after four, that ran out of time


def main(root: str) -> None:
    """Serve until standard input ends; `root` is an empty folder for the sandbox's use."""
    isolation.leave_with_parent()
    reached = isolation.enter_namespaces()
    if 'pid' in reached:
        child = os.fork()
        if child:
            _, status = os.waitpid(child, 0)
            os._exit(os.waitstatus_to_exitcode(status) & 0xff)
        isolation.leave_with_parent()
    import pytest  # noqa: F401  (the tests will want it; imported before the root changes)

    prefixes = (sys.base_prefix, sys.prefix, *isolation.PATHS)
    folders = [path for path in dict.fromkeys((*isolation.PATHS, sys.base_prefix, sys.prefix,
                                               *sys.path))
               if os.path.isdir(path) and (path in prefixes or not path.startswith(prefixes))]
    if 'mount' in reached and isolation.enter_root(root, folders):
        reached.append('root')
        root = '/run'
    _Server(root, reached).serve()


class _Server:
    """Keeps the files of the task and the compiled tests."""

    def __init__(self, root: str, reached: list[str]) -> None:
        self._root, self._reached = root, reached
        self._files: dict[str, bytes] = {}
        self._tests: list[tuple[str, types.CodeType]] = []
        self._runs = 0

    def serve(self) -> None:
        requests, answers = os.fdopen(os.dup(0), 'rb'), os.fdopen(os.dup(1), 'wb')
        null = os.open('/dev/null', os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        write_message(answers, {'isolation': self._reached, 'pid': os.getpid()})
        gc.collect()
        gc.freeze()
        while (request := read_message(requests)) is not None:
            try:
                answer = self._load(request['load']) if 'load' in request else self._run(request)
            except Exception as error:
                answer = {'failure': f'{type(error).__name__}: {error}'}
            write_message(answers, answer)

    def _load(self, load: dict[str, Any]) -> dict[str, Any]:
        self._files = {name: base64.b64decode(data) for name, data in load['files'].items()}
        self._tests = [(name, compile_tests(name, self._files[name]))
                       for name in load['tests']]
        return {}

    def _run(self, request: dict[str, Any]) -> dict[str, Any]:
        self._runs += 1
        folder = os.path.join(self._root, f'run{self._runs}')
        os.mkdir(folder)
        reader, writer = os.pipe()
        started = time.monotonic()
        child = os.fork()
        if child == 0:
            os.close(reader)
            self._child(request, folder, writer)
        os.close(writer)
        body, stopped = _collect(reader, started + request['wall'])
        self._kill(child)
        with contextlib.suppress(RecursionError):  # folders within folders, a thousand deep
            shutil.rmtree(folder, ignore_errors=True)
        if body is None:
            return {'failure': 'stopped' if stopped else 'crashed', 'outcomes': []}
        return body

    def _kill(self, child: int) -> None:
        """End the child and whatever it may have started."""
        if os.getpid() == 1:
            os.kill(-1, signal.SIGKILL)
        else:
            for kill in (os.killpg, os.kill):
                try:
                    kill(child, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    continue
        os.waitpid(child, 0)
        while os.getpid() == 1:
            try:
                os.waitpid(-1, 0)
            except ChildProcessError:
                return

    def _child(self, request: dict[str, Any], folder: str, writer: int) -> NoReturn:
        try:
            os.setsid()
            os.dup2(writer, 3)
            os.closerange(4, 256)
            _write_files(folder, self._files)
            os.chdir(folder)
            isolation.confine_process(
                folder, int(request['wall']) + 1, request['memory'], 4 << 20)
            sys.path.insert(0, os.getcwd())
            os.environ.clear()
            answer = _execute(request, self._tests)
            body = json.dumps(answer).encode()
            view = memoryview(b'%d\n' % len(body) + body)
            while view:
                view = view[os.write(3, view):]
        finally:
            os._exit(0)


def _collect(reader: int, deadline: float) -> tuple[dict[str, Any] | None, bool]:
    """Read a child's answer until it is whole, the child is gone or time is up."""
    data = b''
    try:
        while True:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([reader], [], [], left)[0]:
                return None, True
            chunk = os.read(reader, 1 << 16)
            data += chunk
            head, _, body = data.partition(b'\n')
            if head.isdigit() and len(body) >= int(head):
                answer = json.loads(body)
                return (answer, False) if isinstance(answer, dict) else (None, False)
            if not chunk or len(data) > _RESULT_LIMIT:
                return None, False
    except (ValueError, RecursionError):
        return None, False
    finally:
        os.close(reader)


def _write_files(folder: str, files: dict[str, bytes]) -> None:
    for name, data in files.items():
        path = os.path.join(folder, name)
        if '/' in name:
            os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(data)


def _execute(request: dict[str, Any],
             tests: list[tuple[str, types.CodeType]]) -> dict[str, Any]:
    """Import the module and the tests, run the tests asked for; return their outcomes."""
    signal.signal(signal.SIGPROF, _out_of_time)
    signal.setitimer(signal.ITIMER_PROF, max(1.0, request['cpu']), 0.05)
    try:
        module = types.ModuleType('buggy')
        module.__file__ = os.path.abspath('buggy.py')
        sys.modules['buggy'] = module
        code = compile(request['source'], tracing.MODULE, 'exec', dont_inherit=True)
        exec(code, module.__dict__)
        cases = {case.name: case for case in testrun.collect(tests)}
        if testrun.OutOfTime.raised:
            raise testrun.OutOfTime
    except BaseException as error:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        return {'failure': f'{type(error).__name__}: {error}'[:300], 'outcomes': []}
    signal.setitimer(signal.ITIMER_PROF, 0.0)
    probe = (Probe(request['probe'], request['failing'], testrun.assertions)
             if 'probe' in request else None)
    answer: dict[str, Any] = {'outcomes': []}
    limit, hung = request['cpu'], 0
    for key in request['order'] or cases:
        if key not in cases:
            answer['failure'] = f'test {key} is gone'
            break
        if probe is not None:
            probe.reset(key)
            with probe:
                outcome = testrun.run_case(cases[key], limit)
            probe.take_in(outcome.passed, judged=probe.cut or outcome.error != 'Timeout')
        elif request['trace']:
            with tracing.Tracer() as tracer:
                outcome = testrun.run_case(cases[key], limit)
            kinds = {name: sorted(found) for name, found in tracer.types.items()}
            answer.setdefault('trace', []).append([tracer.lines, kinds])
        else:
            outcome = testrun.run_case(cases[key], limit)
        answer['outcomes'].append(asdict(outcome))
        if request['stop'] and not outcome.passed:
            break
        if outcome.error == 'Timeout' and not (probe and probe.cut):
            # one that hangs seldom comes alone
            hung += 1
            limit = min(limit, max(_LEAST[hung > 3], limit / 4.0))
    if probe is not None:
        probe.finish()
        answer['probe'] = {name: getattr(probe, name) for name in (
            'judged', 'failing', 'passing', 'first', 'claims', 'refuted', 'hints')}
    return answer


def _out_of_time(signum: int, frame: Any) -> NoReturn:
    testrun.run_out()
