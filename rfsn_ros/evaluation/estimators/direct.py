"""The direct method: believe the reward model."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from rfsn_ros.evaluation.estimators.base import Estimator, Rounds, Terms

__all__ = ['DirectMethod']


class DirectMethod(Estimator):
    """``mean(sum_a pi(a) q(a))``: small variance, as biased as the model is wrong.

    The interval covers what fitting the model adds to the uncertainty (influence function), and
    not that its form may be wrong (Beygelzimer and Langford 2009).
    """

    name: ClassVar[str] = 'dm'
    uses_model: ClassVar[bool] = True

    def terms(self, rounds: Rounds) -> Terms:
        """Return the predicted rewards, not corrected at all."""
        error = rounds.model_error(np.zeros(len(rounds)))
        return Terms((rounds.q_policy + error)[:, None], np.ones((len(rounds), 1)))
