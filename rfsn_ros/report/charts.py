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
Charts as SVG markup whose colours are the page's CSS variables.

Matplotlib draws with placeholder colours; these are then replaced by variables, so one drawing
serves the light and the dark theme. Text stays text: it can be searched; what is read
aloud is the caption.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
import io
import re
from typing import Any, TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rfsn_ros.outputs import need_matplotlib

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    'SERIES', 'Drawing', 'bars', 'curves', 'drawing', 'moving_mean', 'stack', 'without_formulas',
]

INK, SOFT, LINE, PAPER = '#010101', '#020202', '#030303', '#fdfdfd'
SERIES = tuple(f'#0400{number:02x}' for number in range(7))
_VARIABLES = {
    INK: '--ink', SOFT: '--soft', LINE: '--line', PAPER: '--paper',
    **{colour: f'--series-{number}' for number, colour in enumerate(SERIES)},
}


class Drawing:
    """One chart in the making: draw on `axes` with colours of `SERIES`, then read `svg`."""

    def __init__(self, axes: Axes) -> None:
        """Hold the axes to draw on."""
        self.axes: Any = axes
        self.svg = ''


@contextmanager
def drawing(
    *, width: float = 5.8, height: float = 2.7, xlabel: str = '', ylabel: str = '',
) -> Iterator[Drawing]:
    """
    Open a chart of `width` x `height` inches; its `svg` is ready after the block.

    :raises MissingDependencyError: matplotlib is not installed.
    """
    need_matplotlib()
    from cycler import cycler
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    style: Any = {
        'svg.fonttype': 'none', 'svg.hashsalt': 'rfsn', 'font.size': 10,
        'font.family': 'sans-serif',
        'text.color': INK, 'axes.labelcolor': SOFT, 'axes.edgecolor': LINE, 'xtick.color': SOFT,
        'ytick.color': SOFT, 'grid.color': LINE, 'axes.spines.top': False,
        'axes.spines.right': False, 'axes.grid': True, 'grid.linewidth': 0.6,
        'axes.axisbelow': True, 'axes.prop_cycle': cycler(color=SERIES),
        'legend.frameon': False, 'figure.facecolor': 'none', 'axes.facecolor': 'none',
        'lines.linewidth': 1.8,
    }
    with rc_context(style):
        figure = Figure(figsize=(width, height), layout='constrained')
        result = Drawing(figure.add_subplot())
        result.axes.set_xlabel(xlabel)
        result.axes.set_ylabel(ylabel)
        yield result
        without_formulas(result.axes)
        buffer = io.StringIO()
        figure.savefig(buffer, format='svg', metadata={'Date': None, 'Creator': None})
    result.svg = _themed(buffer.getvalue())


def curves(
    x: ArrayLike, series: Mapping[str, ArrayLike], *, xlabel: str, ylabel: str,
    bands: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
    levels: Mapping[str, float] | None = None,
) -> str:
    """Return lines over a common x; `bands` adds (low, high) areas, `levels` level lines."""
    with drawing(xlabel=xlabel, ylabel=ylabel) as result:
        axes = result.axes
        for number, (name, values) in enumerate(series.items()):
            colour = SERIES[number % len(SERIES)]
            axes.plot(x, values, color=colour, label=name)
            if bands and name in bands:
                low, high = bands[name]
                axes.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
        for number, (name, level) in enumerate((levels or {}).items(), start=len(series)):
            axes.axhline(
                level, color=SERIES[number % len(SERIES)], linestyle='--', linewidth=1.4,
                label=name)
        _legend(axes, len(series) + len(levels or {}))
    return result.svg


def bars(
    values: Mapping[str, float], *, xlabel: str,
    intervals: Mapping[str, tuple[float, float]] | None = None, zero: bool = True,
) -> str:
    """Return horizontal bars in the given order, with whiskers where `intervals` has them."""
    names = list(values)
    with drawing(height=0.7 + 0.28 * max(len(names), 2), xlabel=xlabel) as result:
        axes = result.axes
        rows = np.arange(len(names))[::-1]
        axes.barh(rows, [values[name] for name in names], color=SERIES[0], height=0.65)
        for row, name in zip(rows, names, strict=True):
            if intervals and name in intervals:
                axes.plot(intervals[name], [row, row], color=INK, linewidth=1.2)
        axes.set_yticks(rows, names)
        axes.grid(visible=False, axis='y')
        if zero:
            axes.axvline(0.0, color=SOFT, linewidth=0.8)
    return result.svg


def stack(
    x: ArrayLike, shares: Mapping[str, ArrayLike], *, xlabel: str, ylabel: str,
) -> str:
    """Return areas stacked upon each other: how shares of a whole change over x."""
    with drawing(xlabel=xlabel, ylabel=ylabel) as result:
        axes = result.axes
        colours = [SERIES[number % len(SERIES)] for number in range(len(shares))]
        axes.stackplot(x, *shares.values(), labels=list(shares), colors=colours, alpha=0.8)
        axes.set_ylim(0.0, 1.0)
        axes.margins(x=0)
        _legend(axes, len(shares))
    return result.svg


def without_formulas(axes: Any) -> None:
    """Show names as they are: matplotlib takes what stands between two $ for a formula."""
    texts = [axes.title]
    if axes.get_legend() is not None:
        texts += axes.get_legend().get_texts()
    for axis in (axes.xaxis, axes.yaxis):
        if axis.get_scale() != 'log':  # its powers of ten are formulas
            texts += axis.get_ticklabels()
    for text in texts:
        text.set_parse_math(False)


def moving_mean(values: ArrayLike, window: int) -> NDArray[np.float64]:
    """Return the mean of the last `window` values at each index; shape as `values` (n,)."""
    numbers = np.asarray(values, dtype=np.float64)
    total = np.concatenate(([0.0], np.cumsum(numbers)))
    index = np.arange(1, len(numbers) + 1)
    first = np.maximum(index - window, 0)
    return np.asarray((total[index] - total[first]) / (index - first), dtype=np.float64)


def _legend(axes: Any, entries: int) -> None:
    if entries > 1:
        axes.legend(loc='lower left', bbox_to_anchor=(0.0, 1.0), ncol=min(entries, 3), fontsize=9,
                    handlelength=1.6, columnspacing=1.4)


def _themed(svg: str) -> str:
    """Strip the XML prologue, make ids and colours fit for a page, scale with the width."""
    body = svg[svg.index('<svg'):]
    body = re.sub(r'<metadata>.*?</metadata>', '', body, flags=re.DOTALL)
    body = re.sub(r'(<svg[^>]*?) height="[^"]*"', r'\1', body, count=1)
    body = re.sub(r'(<svg[^>]*?) width="[^"]*"', r'\1 role="img"', body, count=1)
    for colour, variable in _VARIABLES.items():
        body = body.replace(colour, f'var({variable})')
    return body
