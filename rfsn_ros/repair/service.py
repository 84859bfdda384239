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

"""Repairing one task folder from end to end, and a folder of tasks as a queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
import json
import os
from pathlib import Path
import tempfile
import time
from typing import Any, TYPE_CHECKING

from rfsn_ros.errors import ClosedError, TaskError
from rfsn_ros.outputs import check_output
from rfsn_ros.repair.bench import prepare
from rfsn_ros.repair.sandbox import Sandbox
from rfsn_ros.repair.state import RepairState
from rfsn_ros.repair.task import load_task, RepairTask

if TYPE_CHECKING:
    from rfsn_ros.repair.episode import EpisodeResult
    from rfsn_ros.repair.repairs import Repair
    from rfsn_ros.repair.source import Edit

__all__ = ['repair_folder', 'serve']


def repair_folder(folder: Path, out: Path, state: RepairState, budget: int, *,
                  alternatives: int = 0, sandbox: Sandbox | None = None,
                  report: Callable[[int, Edit], None] | None = None) -> dict[str, Any]:
    """
    Repair a task folder; write the repaired module to `out`; return the summary.

    With `alternatives` the search goes on after the first repair, for so many more, and the best
    of all is written.

    :raises TaskError: the task or the place of the result is not usable.
    :raises InputError: the result cannot be written there.
    """
    started = time.perf_counter()
    if not out.parent.is_dir():
        raise TaskError(f'{out}: its folder does not exist')
    check_output(out)
    with sandbox or Sandbox() as box, _named(folder):
        task = load_task(folder)
        bench = prepare(task, box, state.load)
        from rfsn_ros.repair.episode import run_episode

        result = run_episode(bench, box, state.policy, budget, alternatives=alternatives,
                             started=started, report=report)
        if result.plausible:
            best = result.repairs[0]
            _write(out, task.encoded(best.text))
            state.ranker.step(bench.matrix, best.choice)
        state.save()
        return _summary(task, result, len(bench.evidence.failing), box.isolation or ())


def serve(inbox: Path, state: RepairState, budget: int, *, once: bool = False,
          poll: float = 1.0, say: Callable[[str], None] = print) -> None:
    """
    Repair the task folders that appear in `inbox`, one at a time, oldest name first.

    Beside a task ``NAME`` come ``NAME.json`` (the summary, or the error of a bad task) and, where
    it was repaired, ``NAME.repaired.py``. A task with a summary is done; one that was under way
    when the process ended has none and is begun again. A folder counts as complete when it is
    renamed into the inbox or holds buggy.py and tests. `once` returns when nothing is left.

    :raises TaskError: the inbox is no folder.
    """
    if not inbox.is_dir():
        raise TaskError(f'{inbox}: is not a folder')
    while True:
        waiting = sorted(path for path in inbox.iterdir() if path.is_dir()
                         and not path.name.startswith('.') and _complete(path)
                         and not _beside(path, 'json').exists())
        for path in waiting:
            try:
                summary = repair_folder(path, _beside(path, 'repaired.py'), state, budget)
            except TaskError as error:
                summary = {'plausible': False, 'error': str(error)}
            _write(_beside(path, 'json'), (json.dumps(summary, indent=2) + '\n').encode())
            say(f'{path.name}: ' + (summary.get('error') or (
                'repaired' if summary['plausible'] else 'not repaired')))
        if once and not waiting:
            return
        if not waiting:
            time.sleep(poll)


@contextmanager
def _named(folder: Path) -> Iterator[None]:
    """Lay what fails in the middle of a task to the task, so that a queue goes on to the next."""
    try:
        yield
    except (RecursionError, MemoryError) as error:
        raise TaskError(f'{folder}: too large or too deeply nested: {error}') from None
    except ClosedError:
        raise TaskError(f'{folder}: the process that runs its tests was ended') from None


def _complete(path: Path) -> bool:
    return (path / 'buggy.py').is_file() and any(path.glob('test_*.py'))


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(f'{path.name}.{ending}')


def _write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; into what is no file, such as /dev/null, as it comes."""
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        place = path.resolve()  # a link stays one
        mode = place.stat().st_mode & 0o777 if place.exists() else 0o644
        handle, partial = tempfile.mkstemp(dir=place.parent, prefix='.repaired-')
        try:
            with open(handle, 'wb') as file:
                file.write(data)
            os.chmod(partial, mode)
            os.replace(partial, place)
        except BaseException:
            Path(partial).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise TaskError(f'{path}: cannot be written: {error.strerror}') from None


def _summary(task: RepairTask, result: EpisodeResult, failing: int,
             isolation: tuple[str, ...]) -> dict[str, Any]:
    ranked = [_describe(task, repair) for repair in result.repairs]
    nothing = {'operator': None, 'detail': None, 'line': None, 'diff': '', 'size': None}
    return {
        'plausible': result.plausible,
        'executions': result.executions,
        'seconds': round(result.seconds, 3),
        **(ranked[0] if ranked else nothing),
        'alternatives': ranked[1:],
        'tried': result.tried,
        'candidates': result.candidates,
        'validated': result.validated,
        'overfitted': result.overfitted,
        'failing_tests': failing,
        'seconds_to_first_attempt': round(result.first, 3),
        'isolation': list(isolation),
    }


def _describe(task: RepairTask, repair: Repair) -> dict[str, Any]:
    return {
        'operator': repair.edit.family,
        'detail': repair.edit.detail,
        'line': repair.edit.site.line,
        'diff': task.source.diff(repair.text),
        'size': repair.size,
    }
