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
A task laid out for repair: evidence, edits and their ranking.

Starting up costs more than any of this, so nothing waits for anything it does not need: while the
sandbox starts and runs the tests, this process imports libcst and proposes the edits, and while
it probes them, NumPy, Vowpal Wabbit and the ranking are loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from types import TracebackType
from typing import Generic, TYPE_CHECKING, TypeVar

from rfsn_ros.repair.evidence import Evidence, gather

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from rfsn_ros.repair.ranker import Matrix, Ranker
    from rfsn_ros.repair.sandbox import Sandbox
    from rfsn_ros.repair.source import Edit
    from rfsn_ros.repair.task import RepairTask

__all__ = ['Bench', 'prepare']

_HOLD_BACK_FROM = 10
T = TypeVar('T')


@dataclass(slots=True)
class Bench:
    """
    A task laid out for repair: the edits that are worth an attempt, and what is known.

    `matrix` holds the features of the edits and `scores` their ranking (log odds); `held` names
    the tests kept back for validation, which no evidence and no reward is drawn from.
    """

    task: RepairTask
    edits: list[Edit]
    evidence: Evidence
    matrix: Matrix
    scores: NDArray[np.float64]
    numbers: list[int]
    held: list[str]


def prepare(task: RepairTask, sandbox: Sandbox, ranker: Callable[[], Ranker]) -> Bench:
    """
    Gather the evidence, propose the edits, leave out dead ones and rank the rest.

    :param ranker: returns the ranking; called while the edits are probed.
    :raises TaskError: the tests cannot be run, or none of them fails.
    """
    with _UnderWay(lambda: gather(task, sandbox)) as gathering:
        from rfsn_ros.repair.operators import propose
        from rfsn_ros.repair.probing import probe_edits

        every = propose(task.source)
        evidence = gathering.result()
    held = _hold_back(evidence)
    with _UnderWay(lambda: probe_edits(task, sandbox, every, evidence)) as probing:
        from rfsn_ros.repair.features import edit_features

        ranking = ranker()
        probing.result()
    alive = [number for number in range(len(every)) if number not in evidence.dead]
    matrix = ranking.matrix(edit_features(task.source, every, alive, evidence))
    return Bench(task, [every[number] for number in alive], evidence, matrix,
                 ranking.scores(matrix), alive, held)


def _hold_back(evidence: Evidence) -> list[str]:
    """
    Take every fifth test (in order of name) out of the evidence, where there are enough.

    None where the tests depend on their order: what is held back runs last.
    """
    if evidence.sequence or len(evidence.failing) + len(evidence.passing) < _HOLD_BACK_FROM:
        return []
    held = []
    for outcomes in (evidence.failing, evidence.passing):
        kept_back = sorted(one.name for one in outcomes)[4::5]
        held += kept_back
        outcomes[:] = [one for one in outcomes if one.name not in kept_back]
    return held


class _UnderWay(Generic[T]):
    """
    A call in a thread of its own; leaving the context waits for its end.

    Not after Ctrl-C: the call may take minutes, and ends when the sandbox is closed.
    """

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._found: list[T] = []
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self._found.append(self._call())
        except BaseException as error:  # whatever it is, `result` raises it for the caller
            self._error = error

    def result(self) -> T:
        """Wait for the end; return what the call returned, raise what it raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._found[0]

    def __enter__(self) -> _UnderWay[T]:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        if kind is None or issubclass(kind, Exception):
            self._thread.join()
