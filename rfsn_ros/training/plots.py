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

"""Learning curves as pictures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rfsn_ros.errors import InputError
from rfsn_ros.outputs import need_matplotlib
from rfsn_ros.report.charts import without_formulas

__all__ = ['plot_learning_curves', 'trailing_mean']


def trailing_mean(values: ArrayLike, window: int) -> NDArray[np.float64]:
    """
    Return the mean of the last `window` values at each position, fewer at the start.

    `values` has shape (..., n); the result has the same shape.

    >>> trailing_mean([1.0, 3.0, 5.0], 2).tolist()
    [1.0, 2.0, 4.0]
    """
    rows = np.asarray(values, dtype=float)
    sums = np.cumsum(rows, axis=-1)
    sums[..., window:] -= sums[..., :-window].copy()
    return np.asarray(sums / np.minimum(np.arange(1, rows.shape[-1] + 1), window))


def plot_learning_curves(
    path: Path, curves: Mapping[str, ArrayLike], *, ylabel: str, title: str = '',
    window: int = 5, levels: Mapping[str, float] | None = None,
) -> None:
    """
    Draw one line per entry of `curves` against the episode.

    A curve has shape (episodes,) or (repetitions, episodes); of repetitions the median is drawn
    with a band from the 10th to the 90th percentile. Lines are trailing means over `window`
    episodes; a single run also shows its episodes as dots. `levels` are dashed reference lines.

    :raises InputError: there is no curve, or one without episodes.
    :raises MissingDependencyError: matplotlib is not installed.
    """
    need_matplotlib()
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    if not curves:
        raise InputError('no curve to draw: at least 1 is needed')
    figure = Figure(figsize=(8.0, 4.5), dpi=120, layout='constrained')
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for number, (label, values) in enumerate(curves.items()):
        rows = np.atleast_2d(np.asarray(values, dtype=float))
        if rows.shape[-1] == 0:
            raise InputError(f'curve {label!r} has 0 episodes: at least 1 is needed')
        episodes = np.arange(1, rows.shape[-1] + 1)
        smooth = trailing_mean(rows, window)
        colour = f'C{number}'
        axes.plot(episodes, np.median(smooth, axis=0), color=colour, linewidth=2.0, label=label)
        if len(rows) > 1:
            low, high = np.quantile(smooth, (0.1, 0.9), axis=0)
            axes.fill_between(episodes, low, high, color=colour, alpha=0.18, linewidth=0.0)
        else:
            axes.plot(episodes, rows[0], '.', color=colour, alpha=0.35, markersize=5)
    for label, level in (levels or {}).items():
        axes.axhline(level, color='0.45', linestyle='--', linewidth=1.0)
        axes.annotate(
            label, (1.0, level), xycoords=('axes fraction', 'data'), xytext=(-4, 3),
            textcoords='offset points', ha='right', color='0.35', fontsize=9)
    axes.set(xlabel='episode', ylabel=ylabel, title=title)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.spines[['top', 'right']].set_visible(False)
    axes.legend(frameon=False, loc='best')
    without_formulas(axes)
    figure.savefig(path)
