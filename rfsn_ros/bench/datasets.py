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
The four classification sets of the quality benchmark, as streams of (context, label).

Digits is scikit-learn's; the other three come from `make_classification` and differ in what
makes them hard: many classes, wrong labels, classes of several clusters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from rfsn_ros.bandit.contract import FloatArray
from rfsn_ros.errors import MissingDependencyError

__all__ = ['DATASETS', 'Stream', 'load_stream']


@dataclass(frozen=True, slots=True)
class Stream:
    """Rounds in order: `contexts` (n, d), standardised; `labels` (n,) in [0, n_classes)."""

    name: str
    contexts: FloatArray
    labels: NDArray[np.int64]
    n_classes: int

    def moved(self, seed: int) -> Stream:
        """
        Return the same rounds with features of other scales and means.

        Each is multiplied by 10 ** U(-1, 1) and moved by 2 N(0, 1) of its deviations.
        """
        generator = np.random.default_rng([seed, 2])
        width = self.contexts.shape[1]
        moved = self.contexts + 2.0 * generator.normal(size=width)
        return replace(self, contexts=moved * 10.0 ** generator.uniform(-1.0, 1.0, size=width))


def load_stream(name: str, rounds: int, seed: int) -> Stream:
    """
    Return `rounds` rounds of a set; the seed decides content (synthetic sets) and order.

    A set with fewer samples than rounds is gone through again in a new order.

    :raises MissingDependencyError: scikit-learn is not installed.
    """
    try:
        contexts, labels = DATASETS[name](rounds, seed)
    except ImportError:
        raise MissingDependencyError(
            'scikit-learn is needed for the quality benchmark: pip install scikit-learn') from None
    spread = contexts.std(axis=0)
    contexts = (contexts - contexts.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    generator = np.random.default_rng([seed, 1])
    passes = -(-rounds // len(labels))
    order = np.concatenate([generator.permutation(len(labels)) for _ in range(passes)])[:rounds]
    return Stream(name, contexts[order], labels[order], int(labels.max()) + 1)


def _digits(_: int, __: int) -> tuple[FloatArray, NDArray[np.int64]]:
    from sklearn.datasets import load_digits
    contexts, labels = load_digits(return_X_y=True)
    return contexts, labels.astype(np.int64)


def _many_classes(rounds: int, seed: int) -> tuple[FloatArray, NDArray[np.int64]]:
    return _synthetic(rounds, seed, n_features=64, n_informative=20, n_classes=10,
                      n_clusters_per_class=1, class_sep=1.5, flip_y=0.01)


def _label_noise(rounds: int, seed: int) -> tuple[FloatArray, NDArray[np.int64]]:
    return _synthetic(rounds, seed, n_features=24, n_informative=10, n_classes=5,
                      n_clusters_per_class=1, class_sep=1.5, flip_y=0.2)


def _clusters(rounds: int, seed: int) -> tuple[FloatArray, NDArray[np.int64]]:
    return _synthetic(rounds, seed, n_features=24, n_informative=12, n_classes=4,
                      n_clusters_per_class=3, class_sep=1.5, flip_y=0.01)


def _synthetic(rounds: int, seed: int, **shape: float) -> tuple[FloatArray, NDArray[np.int64]]:
    from sklearn.datasets import make_classification
    contexts, labels = make_classification(
        n_samples=rounds, n_redundant=4, random_state=seed, **shape)
    return contexts, labels.astype(np.int64)


DATASETS: dict[str, Callable[[int, int], tuple[FloatArray, NDArray[np.int64]]]] = {
    'digits': _digits,
    'many_classes': _many_classes,
    'label_noise': _label_noise,
    'clusters': _clusters,
}
