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
Intervals for means, rates and ratios of sums: how sure a number is.

Four kinds, from the tightest to the most careful:

- `bootstrap_interval`: studentised bootstrap (Hall 1988), which follows the skew that importance
  weights bring; whole groups (episodes) are resampled where rows depend on each other.
- `wilson_interval`: success rates (Wilson 1927).
- `empirical_bernstein_interval`: holds at every sample size for bounded rows (Maurer and Pontil
  2009, theorem 4).
- `confidence_sequence`: holds at every time at once, so one may look after every row and stop
  when the answer is clear (Waudby-Smith, Wu, Ramdas, Karampatziakis and Mineiro 2022).
"""

from __future__ import annotations

from dataclasses import dataclass
import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rfsn_ros.errors import InputError

__all__ = [
    'Interval', 'bootstrap_interval', 'bootstrap_ratio_interval', 'confidence_sequence',
    'empirical_bernstein_interval', 'normal_quantile', 'wilson_interval',
]

FloatArray = NDArray[np.float64]
_CHUNK = 1 << 22  # resampled row numbers held at once


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the bounds that hold with probability `level`."""

    value: float
    low: float
    high: float
    level: float
    method: str

    @property
    def half_width(self) -> float:
        """Half the distance of the bounds, in the unit of the value."""
        return 0.5 * (self.high - self.low)

    @property
    def certainty(self) -> str:
        """The `level` as it is read, such as 95% or 99.9%."""
        return f'{100.0 * self.level:.6g}%'

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return f'{self.value:.3g} [{self.low:.3g}, {self.high:.3g}]'


def bootstrap_interval(
    values: ArrayLike, *, groups: ArrayLike | None = None, level: float = 0.95,
    resamples: int = 1000, seed: int = 0,
) -> Interval:
    """
    Return the mean of `values`, shape (n,), with its bootstrap interval.

    `groups`, shape (n,), marks rows that belong together (decisions of one episode); whole groups
    are then resampled. A paired comparison is the interval of the differences.

    :raises InputError: no values, values that are not finite, groups of another length.
    """
    rows = _rows(values)
    return bootstrap_ratio_interval(
        rows[:, None], np.ones((len(rows), 1)), groups=groups, level=level, resamples=resamples,
        seed=seed)


def bootstrap_ratio_interval(
    numerators: ArrayLike, denominators: ArrayLike, *, groups: ArrayLike | None = None,
    level: float = 0.95, resamples: int = 1000, seed: int = 0,
) -> Interval:
    """
    Return ``sum_j sum_i numerators[i, j] / sum_i denominators[i, j]`` with its interval.

    Both have shape (n, m). A mean has denominators of one; a self-normalised mean has its weights
    there. A difference of two such values over the same rows is written as one with negative
    numerators, so that it is resampled in pairs.

    :raises InputError: as `bootstrap_interval`, or a denominator column that sums to zero.
    """
    _check_level(level)
    above, below = _table(numerators), _table(denominators)
    if above.shape != below.shape:
        raise InputError(
            f'numerators {above.shape} and denominators {below.shape} must have one shape')
    if groups is not None:
        above, below = _sum_groups(above, groups), _sum_groups(below, groups)
    totals = below.sum(axis=0)
    if np.any(totals == 0.0):
        raise InputError('a denominator sums to zero: the ratio is not defined')
    count = len(above)
    rows, products = np.hstack((above, below)), _pair_products(above, below)
    every = np.ones((1, count))
    values, errors = _ratios(every @ rows, every @ products)
    value, error = float(values[0]), float(errors[0])
    if count == 1:
        return Interval(value, -math.inf, math.inf, level, 'bootstrap')
    if error <= 1e-7 * float(np.abs(rows).max()) / float(np.abs(totals).min()):
        return Interval(value, value, value, level, 'bootstrap')
    generator = np.random.default_rng(seed)
    chunk = max(1, min(resamples, _CHUNK // count))
    parts = []
    for start in range(0, resamples, chunk):
        times = _resample(count, min(chunk, resamples - start), generator)
        values, errors = _ratios(times @ rows, times @ products)
        # A draw of nearly equal rows would have no error at all and count for infinitely much.
        parts.append((values - value) / np.maximum(errors, 0.1 * error))
    deviations = np.concatenate(parts)
    tails = 0.5 * (1.0 - level), 0.5 * (1.0 + level)
    below_by, above_by = np.quantile(deviations[np.isfinite(deviations)], tails)
    return Interval(value, min(value - float(above_by) * error, value),
                    max(value - float(below_by) * error, value), level, 'bootstrap')


def normal_quantile(level: float) -> float:
    """Return how many standard deviations to both sides of the mean hold a share `level`."""
    return -NormalDist().inv_cdf(0.5 * (1.0 - level))


def wilson_interval(successes: int, trials: int, *, level: float = 0.95) -> Interval:
    """
    Return the success rate with Wilson's score interval.

    :raises InputError: fewer than one trial, or more successes than trials.
    """
    _check_level(level)
    if not 0 <= successes <= trials or trials < 1:
        raise InputError(f'0 <= successes <= trials and trials >= 1, got {successes}/{trials}')
    z = normal_quantile(level)
    rate = successes / trials
    scale = 1.0 + z * z / trials
    middle = (rate + z * z / (2 * trials)) / scale
    half = z / scale * math.sqrt(rate * (1.0 - rate) / trials + z * z / (4.0 * trials**2))
    # Rounding must not push a bound past the rate itself where that is 0 or 1.
    low = 0.0 if successes == 0 else max(middle - half, 0.0)
    high = 1.0 if successes == trials else min(middle + half, 1.0)
    return Interval(rate, low, high, level, 'wilson')


def empirical_bernstein_interval(
    values: ArrayLike, *, low: float, high: float, level: float = 0.95,
) -> Interval:
    """
    Return the mean of independent `values` in [low, high] with an interval for any n.

    :raises InputError: fewer than two values, or one out of the bounds.
    """
    _check_level(level)
    rows = _rows(values)
    _check_bounds(rows, low, high)
    if len(rows) < 2:
        raise InputError('the empirical Bernstein interval needs at least two values')
    count, log_term = len(rows), math.log(4.0 / (1.0 - level))
    half = (math.sqrt(2.0 * float(rows.var(ddof=1)) * log_term / count)
            + 7.0 * (high - low) * log_term / (3.0 * (count - 1)))
    mean = float(rows.mean())
    return Interval(mean, max(mean - half, low), min(mean + half, high), level, 'bernstein')


def confidence_sequence(
    from_below: ArrayLike, from_above: ArrayLike, *, level: float = 0.95,
) -> tuple[FloatArray, FloatArray]:
    """
    Return running bounds (lower, upper), each of shape (n,), of a mean in [0, 1].

    Row by row, `from_below` (>= 0) estimates the mean without bias and `from_above` (>= 0) one
    minus the mean; neither needs an upper bound. With rewards in [0, 1] and importance weights w
    these are ``w * reward`` and ``w * (1 - reward)``. The bounds hold for all rows at once with
    probability `level`, and never widen.

    :raises InputError: rows of different numbers, or negative ones.
    """
    _check_level(level)
    below, above = _rows(from_below), _rows(from_above)
    if len(below) != len(above):
        raise InputError(f'{len(below)} rows from below, {len(above)} from above')
    if below.min() < 0.0 or above.min() < 0.0:
        raise InputError('rows of a confidence sequence must be >= 0')
    alpha = 0.5 * (1.0 - level)
    lower, upper = _lower_sequence(below, alpha), 1.0 - _lower_sequence(above, alpha)
    return np.maximum.accumulate(lower), np.minimum.accumulate(upper)


def _lower_sequence(rows: FloatArray, alpha: float) -> FloatArray:
    """Bound a mean in [0, 1] of rows >= 0 from below (predictable plug-in, proposition 2)."""
    number = np.arange(1, len(rows) + 1)
    # What is known before each row: regularised running mean and variance of the rows before.
    capped = np.minimum(rows, 1.0)
    mean_before = np.concatenate(([0.5], (0.5 + np.cumsum(capped)) / (number + 1.0)))[:-1]
    variance = (0.25 + np.cumsum((rows - mean_before)**2)) / (number + 1.0)
    variance_before = np.concatenate(([0.25], variance))[:-1]
    bet = np.sqrt(2.0 * math.log(1.0 / alpha)
                  / (variance_before * number * np.log1p(number)))
    bet = np.minimum(bet, 0.5)
    penalty = -np.log1p(-bet) - bet
    total = np.cumsum(bet * rows - penalty * (rows - mean_before)**2) - math.log(1.0 / alpha)
    return np.asarray(np.clip(total / np.cumsum(bet), 0.0, 1.0))


def _resample(count: int, draws: int, generator: np.random.Generator) -> FloatArray:
    """Return how often each row is drawn when `count` rows are, shape (draws, count)."""
    rows = generator.integers(0, count, size=(draws, count))
    rows += np.arange(draws)[:, None] * count
    times = np.bincount(rows.ravel(), minlength=draws * count)
    return times.reshape(draws, count).astype(np.float64)


def _pair_products(above: FloatArray, below: FloatArray) -> FloatArray:
    """Return the products of all pairs of columns, shape (n, (2 m)^2)."""
    rows = np.hstack((above, below))
    return np.asarray((rows[:, :, None] * rows[:, None, :]).reshape(len(rows), -1))


def _ratios(sums: FloatArray, products: FloatArray) -> tuple[FloatArray, FloatArray]:
    """
    Return the sum of ratios and its standard error for each row of column sums.

    The error is that of the linearised ratios: a row moves the value by its numerators less the
    ratios times its denominators, over the sums of these.
    """
    columns = sums.shape[1] // 2
    with np.errstate(divide='ignore', invalid='ignore'):
        ratios = sums[:, :columns] / sums[:, columns:]
        linear = np.hstack((1.0 / sums[:, columns:], -ratios / sums[:, columns:]))
        pairs = products.reshape(-1, 2 * columns, 2 * columns)
        squares = np.einsum('bi,bij,bj->b', linear, pairs, linear)
    return ratios.sum(axis=1), np.sqrt(np.maximum(squares, 0.0))


def _sum_groups(rows: FloatArray, groups: ArrayLike) -> FloatArray:
    labels = np.asarray(groups)
    if labels.shape != (len(rows),):
        raise InputError(f'groups must have shape ({len(rows)},), got {labels.shape}')
    _, index = np.unique(labels, return_inverse=True)
    sums = np.zeros((int(index.max()) + 1, rows.shape[1]))
    np.add.at(sums, index, rows)
    return sums


def _rows(values: ArrayLike) -> FloatArray:
    rows = np.asarray(values, dtype=np.float64)
    if rows.ndim != 1 or len(rows) == 0:
        raise InputError(f'expected at least one value in one row, got shape {rows.shape}')
    if not np.all(np.isfinite(rows)):
        raise InputError('values must be finite')
    return rows


def _table(values: ArrayLike) -> FloatArray:
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or 0 in table.shape:
        raise InputError(f'expected a table of at least one row, got shape {table.shape}')
    if not np.all(np.isfinite(table)):
        raise InputError('values must be finite')
    return table


def _check_level(level: float) -> None:
    if not 0.0 < level < 1.0:
        raise InputError(f'level = {level}: must be > 0 and < 1')


def _check_bounds(rows: FloatArray, low: float, high: float) -> None:
    if not (low < high and rows.min() >= low and rows.max() <= high):
        raise InputError(
            f'values in [{rows.min():g}, {rows.max():g}] must lie within [{low:g}, {high:g}]')
