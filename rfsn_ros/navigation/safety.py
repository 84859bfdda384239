"""The feasible mask.

Claim: while perception is true and obstacles are static, a decision that follows the mask can
always end in standstill before contact. The roll-out of a primitive counts the commands still
under way, one decision period of the primitive, the latency until braking acts, and braking to
standstill, all with the identified robot. A primitive is feasible where the footprint keeps the
margin all the way. Stopping repeats the end of the roll-out that was feasible one decision ago,
so a feasible choice always leads to a feasible stop; stopping is therefore never masked out.
"""

from __future__ import annotations

from rfsn_ros.bandit.contract import BoolArray
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['feasible']


def feasible(
    braking_clearance: FloatArray, margin: float, *, moving_clearance: FloatArray | None = None,
    stop: int = 0,
) -> BoolArray:
    """Return which primitives may be driven, shape (K,).

    `braking_clearance`, shape (K,), is the smallest clearance (m) from now to standstill. A
    robot that already is nearer than the margin (or believes to touch something) may still move
    as long as it gets no nearer than stopping would bring it.

    `moving_clearance`, shape (K,), is that to moving obstacles until a while after standstill.
    Standing is no refuge from them, so stopping may be ruled out here; where nothing is clear of
    them, only what stands still counts.
    """
    threshold = min(margin, float(braking_clearance[stop]) - 1e-6)
    mask: BoolArray = braking_clearance >= threshold
    mask[stop] = True
    if moving_clearance is not None:
        clear: BoolArray = mask & (moving_clearance > margin)
        if clear.any():
            return clear
    return mask
