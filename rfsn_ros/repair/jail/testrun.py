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
A small in-process runner for pytest tests: collects, parametrises, injects fixtures, runs.

It knows test functions and classes, `parametrize`, `usefixtures`, `skip`, `skipif` and `xfail`
marks, fixtures of the test module and of conftest.py (with `yield`, parameters and `autouse`),
functions that set up and tear down a module, class, method or function, the built-in fixtures
`tmp_path`, `monkeypatch`, `capsys` and `request.param`, and `unittest.TestCase`. Fixtures of any
scope are made anew for each test. What asks for anything else fails as `Unsupported`, by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
import contextlib
from dataclasses import dataclass, field
import inspect
import io
import itertools
import os
import pathlib
import platform
import signal
import sys
import tempfile
import time
import types
from typing import Any, NoReturn
import unittest

from rfsn_ros.repair.jail.assertions import Assertions, NAME
from rfsn_ros.repair.jail.relation import describe, relation

__all__ = ['Case', 'OutOfTime', 'Outcome', 'Unsupported', 'assertions', 'collect',
           'run_case']


class OutOfTime(BaseException):
    """
    A test used more than its share of processor time.

    `raised` stays true where the tested code has caught it and gone on.
    """

    raised = False


def run_out() -> NoReturn:
    """End the test that is running as one whose time is up."""
    OutOfTime.raised = True
    raise OutOfTime


class Unsupported(Exception):
    """A test needs what this runner does not have."""


class _Part(types.SimpleNamespace):
    """Those attributes of one of pytest's objects that this runner has."""

    def __getattr__(self, name: str) -> Any:
        raise Unsupported(f'attribute {name!r} of a fixture is not supported')


@dataclass(slots=True)
class Case:
    """One collected test: its id and a call that runs it."""

    name: str
    call: Callable[[], Any]
    xfail: bool = False
    skip: bool = False


@dataclass(slots=True)
class Outcome:
    """What one test did: `error` is '' for passed; `line` is the module's line nearest to it."""

    name: str
    passed: bool
    seconds: float
    error: str = ''
    message: str = ''
    words: list[str] = field(default_factory=list)
    line: int = 0


assertions = Assertions()


def collect(modules: list[tuple[str, types.CodeType]]) -> list[Case]:
    """Execute test modules (conftest.py first) and return their tests in order."""
    cases: list[Case] = []
    shared: dict[str, Any] = {}
    for filename, code in modules:
        name = pathlib.PurePath(filename).stem
        module = types.ModuleType(name)
        module.__file__ = str(pathlib.Path(filename).absolute())
        module.__dict__[NAME] = assertions
        sys.modules[name] = module
        exec(code, module.__dict__)
        fixtures = {**shared, **dict(_fixtures(module.__dict__))}
        if name == 'conftest':
            shared = fixtures
            continue
        cases += _module_cases(filename, module, fixtures)
    return cases


def run_case(case: Case, cpu_seconds: float) -> Outcome:
    """Run one test within a share of processor time."""
    if case.skip:
        return Outcome(case.name, True, 0.0)
    assertions.reset()
    OutOfTime.raised = False
    started = time.process_time()
    failure: BaseException | None = None
    try:
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds, 0.05)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                case.call()
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0.0)
    except unittest.SkipTest:
        pass
    except BaseException as error:
        if type(error).__name__ != 'Skipped':
            failure = error
    seconds = time.process_time() - started
    if OutOfTime.raised:  # whatever the test came to after it: without the limit it would go on
        failure = OutOfTime()
    if case.xfail:
        return Outcome(case.name, True, seconds)
    if failure is None:
        return Outcome(case.name, True, seconds)
    return _failed(case.name, seconds, failure)


def _failed(name: str, seconds: float, failure: BaseException) -> Outcome:
    line, trace = 0, failure.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == 'buggy.py':
            line = trace.tb_lineno
        trace = trace.tb_next
    words: list[str] = []
    message = describe(failure) if not isinstance(failure, AssertionError) else ''
    if isinstance(failure, AssertionError) and assertions.sides is not None:
        got, expected = assertions.sides
        words = relation(got, expected)
        message = f'{describe(got)} is not {describe(expected)}'
    error = 'Timeout' if isinstance(failure, OutOfTime) else type(failure).__name__
    return Outcome(name, False, seconds, error, message[:300], words, line)


def _module_cases(filename: str, module: types.ModuleType,
                  fixtures: dict[str, Any]) -> Iterator[Case]:
    for name, value in list(module.__dict__.items()):
        if inspect.isfunction(value) and name.startswith('test'):
            yield from _cases(f'{filename}::{name}', value, module, fixtures, None)
        elif inspect.isclass(value) and issubclass(value, unittest.TestCase):
            yield from _unittest_cases(f'{filename}::{name}', value, module)
        elif inspect.isclass(value) and name.startswith('Test'):
            yield from _class_cases(f'{filename}::{name}', value, module, fixtures)


def _class_cases(name: str, owner: type, module: types.ModuleType,
                 fixtures: dict[str, Any]) -> Iterator[Case]:
    """Yield the tests of a class: its own, those of its bases and of classes in it."""
    if not getattr(owner, '__test__', True):
        return
    members = {key: value for base in reversed(owner.__mro__[:-1])
               for key, value in vars(base).items()}
    methods = {**fixtures, **dict(_fixtures(members))}
    for key, value in members.items():
        if key.startswith('test') and inspect.isfunction(value):
            yield from _cases(f'{name}::{key}', value, module, methods, owner)
        elif key.startswith('Test') and inspect.isclass(value):
            yield from _class_cases(f'{name}::{key}', value, module, methods)


def _unittest_cases(name: str, owner: type[unittest.TestCase],
                    module: types.ModuleType) -> Iterator[Case]:
    for key in unittest.defaultTestLoader.getTestCaseNames(owner):
        def call(key: str = key) -> None:
            test = owner(key)
            method = getattr(test, key)
            if inspect.iscoroutinefunction(method):
                raise Unsupported('a test with async is not supported')
            with contextlib.ExitStack() as stack:
                _surround(stack, module, 'setUpModule', 'tearDownModule', module)
                owner.setUpClass()
                stack.callback(owner.tearDownClass)
                stack.callback(test.doCleanups)
                test.setUp()
                stack.callback(test.tearDown)
                method()
        marked = [getattr(one, f'__unittest_{word}__', False)
                  for word in ('expecting_failure', 'skip')
                  for one in (owner, getattr(owner, key))]
        yield Case(f'{name}::{key}', call, xfail=any(marked[:2]), skip=any(marked[2:]))


def _surround(stack: contextlib.ExitStack, owner: Any, before: str, after: str,
              told: Any) -> None:
    """Call what sets up, now, and what tears down, at the end; each may take what it is for."""
    for name, do in ((before, lambda call, *told: call(*told)), (after, stack.callback)):
        call = getattr(owner, name, None)
        if call is not None:
            do(call, *[told][:len(inspect.signature(call).parameters)])


def _fixtures(namespace: Any) -> Iterator[tuple[str, Any]]:
    for name, value in list(namespace.items()):
        marker = getattr(value, '_fixture_function_marker', None)
        if marker is not None:
            yield marker.name or name, (value._get_wrapped_function(), marker)


def _marks(owner: Any) -> list[Any]:
    marks = getattr(owner, 'pytestmark', [])
    return list(marks) if isinstance(marks, (list, tuple)) else [marks]


def _cases(name: str, function: Any, module: types.ModuleType, fixtures: dict[str, Any],
           owner: type | None) -> Iterator[Case]:
    marks = [*_marks(function), *(_marks(owner) if owner else []), *_marks(module)]
    marks = [getattr(mark, 'mark', mark) for mark in marks]
    rows = [_rows(mark) for mark in marks if mark.name == 'parametrize']
    given = {key.removeprefix('@') for row in rows for values, _ in row for key in values}
    autouse = [key for key, (_, marker) in fixtures.items() if marker.autouse]
    used = [key for mark in marks if mark.name == 'usefixtures' for key in mark.args]
    wanted = [key for key in inspect.signature(function).parameters if key != 'self']
    needed = _closure([*autouse, *used, *wanted], fixtures)
    rows += [[({f'@{key}': value}, []) for value in fixtures[key][1].params]
             for key in needed
             if key in fixtures and fixtures[key][1].params and key not in given]
    for number, combination in enumerate(itertools.product(*rows)):
        values: dict[str, Any] = {}
        extra: list[Any] = []
        for row, row_marks in combination:
            values.update(row)
            extra += row_marks
        every = [*marks, *extra]

        def call(values: dict[str, Any] = values) -> None:
            _inject(function, owner, module, wanted, (autouse, used), fixtures, values)
        yield Case(f'{name}[{number}]' if rows else name, call,
                   xfail=any(_holds(mark, 'xfail', module) for mark in every),
                   skip=any(_holds(mark, 'skip', module) for mark in every))


def _holds(mark: Any, name: str, module: types.ModuleType) -> bool:
    """Whether a mark of that name is there, and one of its conditions true, if it has any."""
    if mark.name == 'skip' and name == 'skip':
        return True
    if mark.name not in (name, f'{name}if'):
        return False
    conditions = [mark.kwargs['condition']] if 'condition' in mark.kwargs else mark.args
    known = {'os': os, 'sys': sys, 'platform': platform, **module.__dict__}
    return not conditions or any(
        eval(one, known) if isinstance(one, str) else one for one in conditions)


def _rows(mark: Any) -> list[tuple[dict[str, Any], list[Any]]]:
    """Return the argument sets of one `parametrize` mark with the marks each carries."""
    names = mark.args[0] if mark.args else mark.kwargs['argnames']
    indirect = mark.args[2] if len(mark.args) > 2 else mark.kwargs.get('indirect', False)
    sets = mark.args[1] if len(mark.args) > 1 else mark.kwargs['argvalues']
    if isinstance(names, str):
        names = [name.strip() for name in names.split(',') if name.strip()]
    keys = [f'@{name}' if indirect is True or (indirect and name in indirect) else name
            for name in names]
    rows = []
    for item in sets:
        marks = [getattr(one, 'mark', one) for one in getattr(item, 'marks', ())]
        if type(item).__name__ == 'ParameterSet':
            values = item.values
        else:
            values = (item,) if len(names) == 1 else item
        rows.append((dict(zip(keys, values, strict=False)), marks))
    return rows


def _closure(names: list[str], fixtures: dict[str, Any]) -> list[str]:
    found: list[str] = []
    while names:
        name, *names = names
        if name not in found:
            found.append(name)
            if name in fixtures:
                names += [key for key in inspect.signature(fixtures[name][0]).parameters
                          if key != 'self']
    return found


def _inject(function: Any, owner: type | None, module: types.ModuleType, wanted: list[str],
            around: tuple[list[str], list[str]], fixtures: dict[str, Any],
            values: dict[str, Any]) -> None:
    """
    Call a test with its fixtures made before and finished after it.

    `around` names those that are made before the test's set-up, and after it.
    """
    if inspect.iscoroutinefunction(function):
        raise Unsupported('a test with async is not supported')
    instance = owner() if owner else None
    with contextlib.ExitStack() as stack:
        _surround(stack, module, 'setup_module', 'teardown_module', module)
        if owner is not None:
            _surround(stack, owner, 'setup_class', 'teardown_class', owner)
        ready: dict[str, Any] = {key: value for key, value in values.items() if key[0] != '@'}

        def make(name: str, asker: str) -> Any:
            if name == 'request':
                return _Part(param=values.get(f'@{asker}'), addfinalizer=stack.callback)
            if name not in ready:
                ready[name] = _builtin(name, stack) if name not in fixtures else _made(
                    fixtures[name][0], name)
            return ready[name]

        def _made(maker: Any, name: str) -> Any:
            if inspect.iscoroutinefunction(maker) or inspect.isasyncgenfunction(maker):
                raise Unsupported(f'fixture {name!r} with async is not supported')
            arguments = {key: make(key, name) for key in inspect.signature(maker).parameters
                         if key != 'self'}
            if 'self' in inspect.signature(maker).parameters:
                maker = maker.__get__(instance)
            if inspect.isgeneratorfunction(maker):
                return stack.enter_context(contextlib.contextmanager(maker)(**arguments))
            return maker(**arguments)

        for name in around[0]:
            make(name, name)
        if instance is not None:
            _surround(stack, instance, 'setup_method', 'teardown_method', function)
        else:
            _surround(stack, module, 'setup_function', 'teardown_function', function)
        for name in around[1]:
            make(name, name)
        arguments = {name: make(name, name) for name in wanted}
        function(*([instance] if instance is not None else []), **arguments)


def _builtin(name: str, stack: contextlib.ExitStack) -> Any:
    import pytest

    if name == 'tmp_path':
        return pathlib.Path(tempfile.mkdtemp(dir='.'))
    if name == 'monkeypatch':
        return stack.enter_context(pytest.MonkeyPatch.context())
    if name == 'capsys':
        out = stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        err = stack.enter_context(contextlib.redirect_stderr(io.StringIO()))

        def readouterr() -> Any:
            texts = out.getvalue(), err.getvalue()
            for stream in (out, err):
                stream.seek(0)
                stream.truncate()
            return types.SimpleNamespace(out=texts[0], err=texts[1])
        return _Part(readouterr=readouterr)
    raise Unsupported(f'fixture {name!r} is not supported')
