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

"""What a run of episodes amounts to: results, summaries with intervals, tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
import dataclasses
from dataclasses import dataclass
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from rfsn_ros.errors import InputError
from rfsn_ros.evaluation.intervals import bootstrap_interval, Interval, wilson_interval
from rfsn_ros.evaluation.percent import percent
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

__all__ = [
    'EpisodeResult', 'Summary', 'beginning_and_end', 'comparison_table', 'read_results',
    'summarise', 'write_results',
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EpisodeResult:
    """
    One drive to one goal, judged by ground truth.

    `outcome` is success, collision, timeout or aborted; `time` in seconds, as `optimal_time` (of
    the reference path at 2 m/s) and `straight_time` (of a straight line at the robot's speed
    limit); `path_length` and `min_clearance` in metres; `score` is BARN's, in [0, 0.5];
    `mean_reward` is over the episode's `decisions`; `overrides` counts decisions at which safety
    left nothing but to stop.
    """

    number: int
    world: str
    seed: int
    outcome: str
    time: float
    optimal_time: float
    straight_time: float
    path_length: float
    score: float
    min_clearance: float
    mean_reward: float
    decisions: int
    overrides: int = 0
    wall_time: float = 0.0

    @property
    def success(self) -> bool:
        """Whether the goal was reached in time and without contact."""
        return self.outcome == 'success'

    @property
    def collision(self) -> bool:
        """Whether the episode ended in contact."""
        return self.outcome == 'collision'


@dataclass(frozen=True, slots=True)
class Summary:
    """
    Means over episodes with 95 % intervals.

    `time` is the mean driving time of the successful episodes in seconds, None without any;
    `time_ratio` the mean of time over that of a straight line at full speed, likewise.
    """

    episodes: int
    success: Interval
    collision: Interval
    score: Interval
    mean_reward: Interval
    time: float | None
    time_ratio: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return {
            'episodes': self.episodes,
            'time': self.time,
            'time_ratio': self.time_ratio,
            **{
                name: {
                    'value': interval.value, 'low': _finite(interval.low),
                    'high': _finite(interval.high),
                }
                for name in ('success', 'collision', 'score', 'mean_reward')
                for interval in (getattr(self, name),)
            },
        }


def summarise(results: Sequence[EpisodeResult], *, seed: int = 0) -> Summary:
    """
    Summarise episodes; the bootstrap resamples whole worlds, as runs of one world are alike.

    :raises InputError: there is no episode to summarise.
    """
    if not results:
        raise InputError('cannot summarise 0 episodes: at least 1 is needed')
    worlds = [result.world for result in results]
    successes = [result for result in results if result.success]

    def mean_of(name: str) -> Interval:
        values = np.array([getattr(result, name) for result in results], dtype=float)
        return bootstrap_interval(values, seed=seed, groups=worlds)

    return Summary(
        episodes=len(results),
        success=wilson_interval(sum(result.success for result in results), len(results)),
        collision=wilson_interval(sum(result.collision for result in results), len(results)),
        # The studentised bootstrap of few episodes reaches beyond what a score can be.
        score=_within(mean_of('score'), 0.0, 0.5),
        mean_reward=mean_of('mean_reward'),
        time=_mean(result.time for result in successes),
        time_ratio=_mean(result.time / result.straight_time for result in successes),
    )


def beginning_and_end(episodes: int, window: int) -> dict[str, slice]:
    """
    Return which of a run's episodes are compared, at most `window` at either end and none twice.

    >>> beginning_and_end(5, 10)
    {'first 2': slice(None, 2, None), 'last 2': slice(-2, None, None)}
    """
    size = min(window, episodes // 2)
    if not size:
        return {'only episode': slice(None)}
    return {f'first {size}': slice(size), f'last {size}': slice(-size, None)}


def comparison_table(
    summaries: Mapping[str, Summary], *, title: str = '', first_column: str = 'policy',
) -> Table:
    """Lay summaries out side by side; below each value stands its 95 % interval."""
    table = Table(title=Text(title, style='table.title') if title else None,
                  title_justify='left', box=SIMPLE_HEAD, pad_edge=False, show_edge=False,
                  padding=(0, 1, 0, 0))
    table.add_column(first_column, overflow='fold')
    for name in (
            'n', 'success %', 'contact %', 'score', 'time s', 'ratio', 'rew.'):
        table.add_column(name, justify='right', no_wrap=True)
    for label, summary in summaries.items():
        table.add_row(
            Text(label), str(summary.episodes), _percent(summary.success),
            _percent(summary.collision), _bounded(summary.score), _plain(summary.time, 1),
            _plain(summary.time_ratio, 2), f'{summary.mean_reward.value:.2f}')
    return table


def write_results(path: Path, results: Iterable[EpisodeResult]) -> None:
    """Write one JSON line per episode."""
    with path.open('w', encoding='utf-8') as file:
        for result in results:
            file.write(json.dumps(dataclasses.asdict(result)) + '\n')


def read_results(path: Path) -> list[EpisodeResult]:
    """
    Read what `write_results` wrote; a torn last line (a killed run) is left out.

    :raises InputError: a line before the last is not an episode; names file and line.
    """
    lines = path.read_bytes().splitlines(keepends=True)
    results = []
    for number, line in enumerate(lines, start=1):
        try:
            results.append(EpisodeResult(**json.loads(line)))
        except (ValueError, TypeError) as error:
            if number == len(lines) and not line.endswith(b'\n'):
                break
            raise InputError(f'{path}:{number}: not an episode: {error}') from None
    return results


def _mean(values: Iterable[float]) -> float | None:
    listed = list(values)
    return float(np.mean(listed)) if listed else None


def _within(interval: Interval, low: float, high: float) -> Interval:
    return dataclasses.replace(
        interval, low=max(interval.low, low), high=min(interval.high, high))


def _plain(value: float | None, digits: int) -> str:
    return '-' if value is None else f'{value:.{digits}f}'


def _finite(value: float) -> float | None:
    """JSON has no infinity; an interval without a bound has null there."""
    return value if math.isfinite(value) else None


def _percent(interval: Interval) -> Text:
    value, low, high = (
        percent(share, 1 if share >= 0.01 else 2)
        for share in (interval.value, interval.low, interval.high))
    return _above(value, f'{low}-{high}')


def _bounded(interval: Interval) -> Text:
    return _above(f'{interval.value:.3f}', f'{interval.low:.3f}-{interval.high:.3f}')


def _above(value: str, bounds: str) -> Text:
    return Text.assemble(value, '\n', (bounds, 'dim'))
