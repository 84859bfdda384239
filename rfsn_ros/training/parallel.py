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

"""Jobs on all cores, with a progress bar, in an order that does not depend on the cores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed, Future, ProcessPoolExecutor
from contextlib import ExitStack
import os
import sys
from types import TracebackType
from typing import Any, TypeVar

from rfsn_ros.errors import InputError
from rfsn_ros.workers import fresh_workers
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

__all__ = ['Workers', 'available_cores', 'progress_bar']

_Job = TypeVar('_Job')
_Result = TypeVar('_Result')


def available_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else (
        os.cpu_count() or 1)


class Workers:
    """
    A pool of processes that each build their own state once.

    `setup(*arguments)` runs once per process; `map` then hands jobs out and yields the results
    in the order of the jobs. With one worker all runs in this process, which keeps tracebacks and
    profiles whole. Processes are started afresh (not forked), so that threads of the caller
    cannot leave locks behind in them.
    """

    def __init__(
        self, count: int, setup: Callable[..., None], arguments: tuple[Any, ...] = (),
    ) -> None:
        if count < 1:
            raise InputError(f'workers = {count}: must be >= 1')
        self._exit = ExitStack()
        self._pool: ProcessPoolExecutor | None = None
        if count == 1:
            setup(*arguments)
        else:
            self._pool = self._exit.enter_context(fresh_workers(count, setup, arguments))

    def map(self, run: Callable[[_Job], _Result], jobs: Sequence[_Job]) -> Iterator[_Result]:
        """
        Return an iterator over ``run(job)`` for every job, in order.

        Processes of their own begin at once; with one worker each job runs when it is asked for.
        """
        if self._pool is None:
            return map(run, jobs)
        return _results([self._pool.submit(run, job) for job in jobs])

    def completed(
        self, run: Callable[[_Job], _Result], jobs: Sequence[_Job],
    ) -> Iterator[tuple[int, _Result]]:
        """Return an iterator like that of `map` over (number of the job, result), as they come."""
        if self._pool is None:
            return enumerate(map(run, jobs))
        return _as_they_come([self._pool.submit(run, job) for job in jobs])

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exit.__exit__(kind, error, trace)


def progress_bar(*columns: str, console: Console | None = None) -> Progress:
    """
    Return a progress bar on standard error; `columns` are extra texts such as {task.fields[x]}.

    Where standard error is no terminal nothing is drawn.
    """
    console = console or Console(file=sys.stderr)
    return Progress(
        TextColumn('{task.description}', markup=False), BarColumn(bar_width=24),
        MofNCompleteColumn(), *(TextColumn(column, markup=False) for column in columns),
        TimeElapsedColumn(), TimeRemainingColumn(),
        console=console, disable=not console.is_terminal)


def _results(futures: Sequence[Future[_Result]]) -> Iterator[_Result]:
    """Yield the results in order; what nobody waits for any more is cancelled."""
    try:
        for future in futures:
            yield future.result()
    finally:
        for future in futures:
            future.cancel()


def _as_they_come(futures: Sequence[Future[_Result]]) -> Iterator[tuple[int, _Result]]:
    """Yield numbers and results as they come; what nobody waits for any more is cancelled."""
    numbers = {future: number for number, future in enumerate(futures)}
    try:
        for future in as_completed(numbers):
            yield numbers[future], future.result()
    finally:
        for future in futures:
            future.cancel()
