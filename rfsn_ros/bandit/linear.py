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
Linear bandits in NumPy with exact ridge regression: LinUCB and linear Thompson sampling.

Each reward is one Sherman-Morrison update, so nothing is ever inverted. Below some hundreds of
features this is the honest rival of Vowpal Wabbit; time and memory grow with the square of the
number of features.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rfsn_ros.bandit.base import BaseBandit
from rfsn_ros.bandit.config import BanditConfig
from rfsn_ros.bandit.contract import FloatArray
from rfsn_ros.bandit.rounds import Round
from rfsn_ros.errors import CheckpointError
from rfsn_ros.schema import param

__all__ = ['LinearBandit', 'LinearConfig', 'thompson_pmf']

_NODES, _NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(21)
_TIE = 1e-12


@dataclass(frozen=True, kw_only=True)
class LinearConfig(BanditConfig):
    """
    Settings of `LinearBandit`.

    >>> LinearConfig(n_actions=5, context_dim=10).policy
    'ucb'
    """

    policy: str = param('ucb', 'ucb: LinUCB; ts: linear Thompson sampling', choices=('ucb', 'ts'))
    alpha: float = param(0.1, 'Width of the confidence bound, or of the posterior', ge=0.0,
                         le=100.0)
    ridge: float = param(1.0, 'Regularisation: weight of the prior that all is 0', gt=0.0,
                         le=1e6)
    epsilon: float = param(0.0, 'Uniform share of the pmf', ge=0.0, le=1.0)


class LinearBandit(BaseBandit):
    """
    LinUCB (Li et al. 2010) or linear Thompson sampling (Agrawal and Goyal 2013).

    In the fixed form every action has its own weights over (context, 1). With action features
    one weight vector serves all, over (action, context x action, 1). The learned quantity is the
    reward, scaled to [0, 1]. The pmf of LinUCB puts all but `epsilon` on the best bound; that of
    Thompson sampling is computed, not sampled, taking the actions' posteriors as independent.

    >>> import numpy as np
    >>> with LinearBandit(LinearConfig(n_actions=3, context_dim=2)) as bandit:
    ...     bandit.update(np.array([1.0, 0.0]), 1, 1.0)
    ...     bandit.predict(np.array([1.0, 0.0])).tolist()
    [0.0, 1.0, 0.0]
    """

    backend = 'linear'
    config_type = LinearConfig

    config: LinearConfig

    def __init__(self, config: LinearConfig) -> None:
        super().__init__(config)
        arms, width = _shape(config)
        self._inverse: FloatArray = np.tile(np.eye(width) / config.ridge, (arms, 1, 1))
        self._moment: FloatArray = np.zeros((arms, width))
        self._weights: FloatArray = np.zeros((arms, width))

    @property
    def library_version(self) -> str:
        """Version of NumPy."""
        return np.__version__

    @property
    def command_line(self) -> str:
        """Policy and its parameters."""
        config = self.config
        return f'{config.policy} alpha={config.alpha:.9g} ridge={config.ridge:.9g}'

    def _prepare(
        self, context: FloatArray, actions: FloatArray | None, allowed: Sequence[int],
    ) -> FloatArray:
        """Return the regressors: one row for all actions (fixed form), or one row for each."""
        if actions is None:
            return np.append(context, 1.0)
        count = len(actions)
        products = (actions[:, :, None] * context).reshape(count, -1)
        return np.concatenate([actions, products, np.ones((count, 1))], axis=1)

    def _pmf(self, offer: Round) -> list[float]:
        mean, deviation = self._posterior(offer.prepared)
        allowed = offer.allowed
        if len(allowed) < offer.n_actions:
            mean, deviation = mean[allowed], deviation[allowed]
        if self.config.policy == 'ts':
            pmf = thompson_pmf(mean, deviation)
        else:
            bound = mean + deviation
            best = bound >= bound.max() - _TIE
            pmf = best / np.count_nonzero(best)
        epsilon = self.config.epsilon
        mixed: list[float] = ((1.0 - epsilon) * pmf + epsilon / len(allowed)).tolist()
        return mixed

    def _posterior(self, rows: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return mean and `alpha` standard deviations of each action's reward, both (K,)."""
        if rows.ndim == 1:
            mean = self._weights @ rows
            variance = (self._inverse @ rows) @ rows
        else:
            mean = rows @ self._weights[0]
            variance = np.einsum('ki,ki->k', rows @ self._inverse[0], rows)
        return mean, self.config.alpha * np.sqrt(np.maximum(variance, 0.0))

    def _learn(self, offer: Round, action: int, cost: float, probability: float) -> None:
        rows = offer.prepared
        arm, row = (action, rows) if rows.ndim == 1 else (0, rows[action])
        inverse = self._inverse[arm]
        gain = inverse @ row
        inverse -= np.multiply.outer(gain, gain / (1.0 + row @ gain))
        self._moment[arm] -= cost * row
        self._weights[arm] = inverse @ self._moment[arm]

    def _dump(self) -> bytes:
        return b''.join(
            array.tobytes() for array in (self._inverse, self._moment, self._weights))

    @classmethod
    def check_size(cls, config: LinearConfig, size: int) -> None:
        """
        Check, before anything is allocated, that a state of `size` bytes may be of these settings.

        :raises CheckpointError: it cannot be; a small file could else ask for any memory.
        """
        arms, width = _shape(config)
        if size != 8 * arms * width * (width + 2):
            raise CheckpointError(f'{size} bytes of weights do not fit the settings')

    def _parse(self, payload: bytes) -> list[FloatArray]:
        self.check_size(self.config, len(payload))
        templates = (self._inverse, self._moment, self._weights)
        values = np.frombuffer(payload)
        parts = np.split(values, np.cumsum([array.size for array in templates])[:-1])
        return [part.reshape(array.shape).copy()
                for part, array in zip(parts, templates, strict=True)]

    def _install(self, parsed: list[FloatArray]) -> None:
        self._inverse, self._moment, self._weights = parsed


def _shape(config: LinearConfig) -> tuple[int, int]:
    """Return how many weight vectors there are, and how long each is."""
    if config.action_dim:
        return 1, config.action_dim * (config.context_dim + 1) + 1
    return config.n_actions, config.context_dim + 1


def thompson_pmf(mean: FloatArray, deviation: FloatArray) -> FloatArray:
    """
    Return the probability that each of K independent normals is the largest, shape (K,).

    ``p_k = E[prod_{j != k} Phi((t - mean_j) / deviation_j)], t ~ N(mean_k, deviation_k^2)``,
    by Gauss-Hermite quadrature with 21 nodes, scaled to sum to 1.

    >>> thompson_pmf(np.array([0.0, 0.0]), np.array([1.0, 1.0])).tolist()
    [0.5, 0.5]
    """
    from scipy.special import ndtr  # here, because it takes 24 MB that nobody else needs
    spread = np.maximum(deviation, 1e-9)
    points = mean[:, None] + spread[:, None] * _NODES
    below = ndtr((points[:, :, None] - mean) / spread)
    own = np.arange(len(mean))
    below[own, :, own] = 1.0
    pmf: FloatArray = np.prod(below, axis=2) @ _NODE_WEIGHTS
    pmf /= pmf.sum()
    return pmf
