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

"""What runs many jobs at once: the cores of this machine, or a Ray cluster (extra ``fleet``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import as_completed
from contextlib import AbstractContextManager, contextmanager
import os
from typing import Protocol, TypeVar

from rfsn_ros.errors import ConfigError, MissingDependencyError
from rfsn_ros.workers import fresh_workers

__all__ = ['ENGINES', 'Engine', 'Run', 'engine_of']

_Job = TypeVar('_Job')
_Result = TypeVar('_Result')


class Run(Protocol):
    """Does something with numbered jobs."""

    def __call__(
        self, work: Callable[[_Job], _Result], jobs: Sequence[tuple[int, _Job]],
    ) -> Iterator[tuple[int, _Result]]:
        """Yield the results with the numbers of their jobs, as they come."""


Engine = Callable[[int | None, int], AbstractContextManager[Run]]
"""Opens a `Run` for at most so many workers (None: all there are) and so many jobs."""


def engine_of(name: str) -> Engine:
    """
    Return the engine of a name.

    :raises ConfigError: there is none.
    """
    if name not in _ENGINES:
        raise ConfigError(f'engine = {name!r}: must be one of {", ".join(ENGINES)}')
    return _ENGINES[name]


@contextmanager
def _processes(workers: int | None, count: int) -> Iterator[Run]:
    workers = min(workers or os.cpu_count() or 1, count)
    if workers <= 1:
        yield lambda work, jobs: ((number, work(job)) for number, job in jobs)
        return
    with fresh_workers(workers) as pool:

        def run(
            work: Callable[[_Job], _Result], jobs: Sequence[tuple[int, _Job]],
        ) -> Iterator[tuple[int, _Result]]:
            futures = {pool.submit(work, job): number for number, job in jobs}
            for future in as_completed(futures):
                yield futures[future], future.result()

        yield run


@contextmanager
def _ray(workers: int | None, _: int) -> Iterator[Run]:
    try:
        import ray
    except ImportError as error:
        raise MissingDependencyError(
            "the engine ray needs Ray: pip install 'rfsn_ros[fleet]'") from error
    if not ray.is_initialized():
        ray.init(num_cpus=workers, include_dashboard=False, log_to_driver=False)

    def run(
        work: Callable[[_Job], _Result], jobs: Sequence[tuple[int, _Job]],
    ) -> Iterator[tuple[int, _Result]]:
        remote = ray.remote(work)
        numbers = {remote.remote(job): number for number, job in jobs}
        pending = list(numbers)
        while pending:
            ready, pending = ray.wait(pending, num_returns=1)
            for reference in ready:
                yield numbers[reference], ray.get(reference)

    yield run


_ENGINES: dict[str, Engine] = {'processes': _processes, 'ray': _ray}
ENGINES = tuple(_ENGINES)
