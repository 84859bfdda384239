"""Drawing an action from a pmf, in a way that a log can repeat."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ['invert_cdf']


def invert_cdf(pmf: Iterable[float], draw: float) -> int:
    """Return the action at which the cumulative sum of `pmf` first exceeds `draw`.

    Actions of probability 0 are never returned, whatever rounding did to the sum.

    >>> invert_cdf([0.25, 0.0, 0.75], 0.25)
    2
    """
    total = 0.0
    last = 0
    for action, probability in enumerate(pmf):
        if probability > 0.0:
            total += probability
            if draw < total:
                return action
            last = action
    return last
