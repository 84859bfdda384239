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
The ranking of all edits of a module: a log-linear model over sparse features.

The model gives each edit a probability of being the repair, a softmax over all edits of the
module (conditional logit; McFadden 1974). It is learned from tasks whose repairs are known, and
takes a further step after every repair that is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
import gzip
import json
from pathlib import Path
import zlib

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.errors import CheckpointError
from rfsn_ros.repair.features import Key

__all__ = ['Matrix', 'Ranker', 'fit']

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]


class Matrix:
    """Rows of feature numbers: `columns` one after another, `starts` where each row begins."""

    def __init__(self, rows: Iterable[Sequence[int]]) -> None:
        flat: list[int] = []
        starts: list[int] = []
        for row in rows:
            starts.append(len(flat))
            flat.extend(row)
        self.columns: Ints = np.asarray(flat, dtype=np.int32)
        self.starts: Ints = np.asarray(starts, dtype=np.int32)

    def __len__(self) -> int:
        return len(self.starts)

    def scores(self, weights: Floats) -> Floats:
        """Return the sum of each row's weights, shape (rows,). Rows must not be empty."""
        if not len(self):
            return np.zeros(0)
        return np.asarray(np.add.reduceat(weights[self.columns], self.starts), dtype=np.float64)

    def gradient(self, coefficients: Floats, size: int) -> Floats:
        """Return the sum of the rows times their coefficients, shape (size,)."""
        lengths = np.diff(np.append(self.starts, len(self.columns)))
        return np.asarray(
            np.bincount(self.columns, np.repeat(coefficients, lengths), size), dtype=np.float64)

    def take(self, rows: Sequence[int]) -> Matrix:
        """Return some rows."""
        ends = np.append(self.starts[1:], len(self.columns))
        return Matrix([self.columns[self.starts[row]:ends[row]].tolist() for row in rows])


class Ranker:
    """Weights by feature; feature 0 stands for every feature never seen in training."""

    def __init__(self, weights: dict[str, float] | None = None) -> None:
        table = dict(sorted((weights or {}).items()))
        self._numbers = {name: number for number, name in enumerate(table, 1)}
        self.weights: Floats = np.array([0.0, *table.values()])

    def __len__(self) -> int:
        return len(self._numbers)

    def matrix(self, features: Iterable[Iterable[Key]], *, grow: bool = False) -> Matrix:
        """Return numbered features; `grow` gives unknown ones a number of their own."""
        numbers = self._numbers
        if grow:
            rows = [[numbers.setdefault(_name(key), len(numbers) + 1) for key in row]
                    for row in features]
            missing = len(numbers) + 1 - len(self.weights)
            self.weights = np.append(self.weights, np.zeros(missing))
            return Matrix(rows)
        known = _Numbers(numbers)
        return Matrix([known[key] for key in row] for row in features)

    def scores(self, matrix: Matrix) -> Floats:
        """Return the log of each row's odds, up to a constant; shape (rows,)."""
        return matrix.scores(self.weights)

    def step(self, matrix: Matrix, good: int, rate: float = 0.05) -> None:
        """Move towards the row that repaired its module, away from the others."""
        scores = self.scores(matrix)
        shares = np.exp(scores - scores.max())
        shares /= -shares.sum()
        shares[good] += 1.0
        change = matrix.gradient(shares, len(self.weights))
        change[0] = 0.0
        self.weights += rate * change

    def save(self, path: str | Path) -> None:
        """Write the weights as compressed JSON, the same bytes for the same weights."""
        table = {name: round(float(self.weights[number]), 3)
                 for name, number in sorted(self._numbers.items())
                 if abs(self.weights[number]) >= 0.01}
        body = json.dumps({'format': 2, 'names': list(table), 'weights': list(table.values())},
                          ensure_ascii=False).encode()
        Path(path).write_bytes(gzip.compress(body, 9, mtime=0))

    @classmethod
    def load(cls, path: str | Path) -> Ranker:
        """
        Read weights.

        :raises CheckpointError: the file is missing, damaged or of another format.
        """
        try:
            content = json.loads(gzip.decompress(Path(path).read_bytes()))
            if content['format'] != 2:
                raise CheckpointError(f'{path}: format {content["format"]}; must be 2')
            weights = dict(zip(map(str, content['names']), map(float, content['weights']),
                               strict=True))
        except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError,
                OverflowError) as error:
            raise CheckpointError(f'{path}: cannot read the ranking: {error}') from None
        if not np.all(np.isfinite(list(weights.values()))):
            raise CheckpointError(f'{path}: the ranking holds a weight that is not finite')
        return cls(weights)


class _Numbers(dict[Key, int]):
    """Remembers the numbers of features, so that each is put into one word but once."""

    def __init__(self, numbers: dict[str, int]) -> None:
        super().__init__()
        self._numbers = numbers

    def __missing__(self, key: Key) -> int:
        number = self[key] = self._numbers.get(_name(key), 0)
        return number


def _name(key: Key) -> str:
    """Return a feature in one word: words never hold a bar between blanks."""
    return ' | '.join(key)


def fit(ranker: Ranker, tasks: Sequence[tuple[Matrix, Sequence[int], float]], *,
        rounds: int = 30, rate: float = 0.3, l2: float = 1e-3,
        rng: np.random.Generator) -> list[float]:
    """
    Maximise the likelihood of the repairs; return the mean loss of each round.

    Each task is a matrix whose rows `good` are repairs, the others a sample of the rest; the
    third part is the log of one over the sampled share, which weighs the rest back to its number.
    AdaGrad over tasks in random order.
    """
    size = len(ranker.weights)
    squares = np.full(size, 1e-2)
    losses = []
    for _ in range(rounds):
        total = 0.0
        for index in rng.permutation(len(tasks)):
            matrix, good, offset = tasks[index]
            scores = ranker.scores(matrix) + offset
            scores[list(good)] -= offset
            scores -= scores.max()
            shares = np.exp(scores)
            inside = shares[list(good)]
            total += float(np.log(shares.sum()) - np.log(inside.sum()))
            coefficients = shares / shares.sum()
            coefficients[list(good)] -= inside / inside.sum()
            gradient = matrix.gradient(coefficients, size)
            touched = gradient != 0.0
            touched[0] = False
            gradient[touched] += l2 * ranker.weights[touched]
            squares[touched] += gradient[touched] ** 2
            ranker.weights[touched] -= rate * gradient[touched] / np.sqrt(squares[touched])
        losses.append(total / max(1, len(tasks)))
    return losses
