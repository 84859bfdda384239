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

"""Processes of this one that work for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
import multiprocessing
import os
import shutil
import signal
import tempfile
from threading import Thread
from typing import Any

__all__ = ['fresh_workers']


@contextmanager
def fresh_workers(
    count: int, setup: Callable[..., None] | None = None, arguments: tuple[Any, ...] = (),
) -> Iterator[ProcessPoolExecutor]:
    """
    Give a pool of processes started afresh: a fork would take threads and objects half-way.

    `setup(*arguments)` runs first in each of them, where it is given.
    What ends the work early, such as Ctrl-C, a worker that was killed or the end of this process,
    ends every worker at once. What they leave in temporary folders goes with the pool.
    """
    with tempfile.TemporaryDirectory(prefix='rfsn-', ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)  # what a worker starts may be another user
        with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context('spawn'),
                                 initializer=_begin,
                                 initargs=(folder, setup, arguments)) as pool:
            try:
                yield pool
            except BaseException:
                # A pool that breaks tells all that wait, and stumbles over what was cancelled; its
                # thread stumbles over the end of this process unless it is waited for.
                manager: Thread | None = getattr(pool, '_executor_manager_thread', None)
                pool.shutdown(wait=False, cancel_futures=True)
                _kill_workers()
                if manager is not None:
                    manager.join()
                raise


def _begin(
    folder: str, setup: Callable[..., None] | None, arguments: tuple[Any, ...],
) -> None:
    """Leave Ctrl-C to the parent, and to it what would be left in temporary folders."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tempfile.tempdir = folder
    Thread(target=_end_with_parent, args=(folder,), daemon=True).start()
    if setup is not None:
        setup(*arguments)


def _end_with_parent(folder: str) -> None:
    """Wait for the end of a parent that was killed: a worker would wait for its jobs for ever."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _kill_workers() -> None:
    """
    Kill what is left of a pool of which a process has died, before it is waited for.

    One that is left may wait for ever to hand over a result that nobody takes any more.
    """
    for process in multiprocessing.active_children():
        process.kill()
        process.join()
