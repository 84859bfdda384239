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

"""The course of a training as a table: CSV, Parquet, TensorBoard events and a picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import csv
import dataclasses
from dataclasses import dataclass
import io
from pathlib import Path

from rfsn_ros.bandit.container import write_atomic
from rfsn_ros.errors import MissingDependencyError

__all__ = [
    'OUTPUTS',
    'HistoryRow',
    'plot_history',
    'write_csv',
    'write_parquet',
    'write_tensorboard',
]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """
    Where training stood after `round` rounds.

    `mean_reward` is over all rounds, `window_reward` over the newest ones; for logged rounds both
    are the self-normalised estimate of what the bandit itself would have earned. `regret` is the
    sum of best minus received reward, `evaluation` the newest result of evaluation; each is None
    where it is not known.
    """

    round: int
    mean_reward: float
    window_reward: float
    regret: float | None = None
    evaluation: float | None = None


_COLUMNS = tuple(field.name for field in dataclasses.fields(HistoryRow))


def write_csv(rows: Sequence[HistoryRow], path: str | Path) -> None:
    """Write the rows as CSV, atomically; what is not known is left empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(_COLUMNS)
    writer.writerows(dataclasses.astuple(row) for row in rows)
    write_atomic(path, text.getvalue().encode())


def write_parquet(rows: Sequence[HistoryRow], path: str | Path) -> None:
    """
    Write the rows as Parquet.

    :raises MissingDependencyError: pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise MissingDependencyError('Parquet needs pyarrow: pip install pyarrow') from None
    types = {'round': pyarrow.int64()}
    table = pyarrow.table({
        name: pyarrow.array([getattr(row, name) for row in rows],
                            type=types.get(name, pyarrow.float64()))
        for name in _COLUMNS})
    sink = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(table, sink)
    write_atomic(path, sink.getvalue().to_pybytes())


def write_tensorboard(rows: Sequence[HistoryRow], folder: str | Path) -> None:
    """
    Write the rows as TensorBoard scalars, one step per round.

    :raises MissingDependencyError: tensorboard is not installed.
    """
    try:
        from tensorboard.compat.proto.event_pb2 import Event
        from tensorboard.compat.proto.summary_pb2 import Summary
        from tensorboard.summary.writer.event_file_writer import EventFileWriter
    except ImportError:
        raise MissingDependencyError(
            'TensorBoard events need tensorboard: pip install tensorboard') from None
    writer = EventFileWriter(str(folder))
    try:
        for row in rows:
            values = [Summary.Value(tag=name, simple_value=getattr(row, name))
                      for name in _COLUMNS[1:] if getattr(row, name) is not None]
            writer.add_event(Event(step=row.round, summary=Summary(value=values)))
    finally:
        writer.close()


def plot_history(rows: Sequence[HistoryRow], path: str | Path) -> None:
    """
    Draw reward and regret over rounds into a picture (PNG, SVG or PDF by the name's ending).

    :raises MissingDependencyError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingDependencyError('plots need matplotlib: pip install matplotlib') from None
    rounds = [row.round for row in rows]
    with_regret = any(row.regret is not None for row in rows)
    figure = Figure(figsize=(10.0 if with_regret else 5.5, 3.8), layout='constrained')
    axes = figure.subplots(1, 2 if with_regret else 1, squeeze=False)[0]
    axes[0].plot(rounds, [row.window_reward for row in rows], label='newest rounds', alpha=0.8)
    axes[0].plot(rounds, [row.mean_reward for row in rows], label='all rounds')
    evaluated = [(row.round, row.evaluation) for row in rows if row.evaluation is not None]
    if evaluated:
        axes[0].plot(*zip(*evaluated, strict=True), label='evaluation', linestyle='--')
    axes[0].set(xlabel='round', ylabel='mean reward', title='Reward')
    axes[0].legend()
    if with_regret:
        known = [(row.round, row.regret) for row in rows if row.regret is not None]
        axes[1].plot(*zip(*known, strict=True), color='tab:red')
        axes[1].set(xlabel='round', ylabel='sum of missed reward', title='Regret')
    for axis in axes:
        axis.grid(alpha=0.3)
        axis.set_xlim(left=0)
    figure.savefig(path, dpi=120)


# What can be made of a history, by name: writer and name of the file or folder.
OUTPUTS: dict[str, tuple[Callable[[Sequence[HistoryRow], Path], None], str]] = {
    'csv': (write_csv, 'history.csv'),
    'parquet': (write_parquet, 'history.parquet'),
    'plot': (plot_history, 'history.png'),
    'tensorboard': (write_tensorboard, 'tensorboard'),
}
