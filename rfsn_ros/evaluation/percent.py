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

"""Shares as people read them: 100 is all and 0 is none, whatever is rounded."""

from __future__ import annotations

__all__ = ['percent']

_NOISE = 1e-9  # what sums of probabilities lack of 1, and more


def percent(share: float, decimals: int = 1) -> str:
    """
    Return a share in percent, with more than `decimals` where it would read 0 or 100 and is not.

    >>> [percent(share) for share in (0.0, 0.0003, 0.5, 0.99961, 1.0)]
    ['0', '0.03', '50', '99.96', '100']
    """
    exact = 100.0 * share
    for whole in (0.0, 100.0):
        if abs(exact - whole) < 100.0 * _NOISE:
            return f'{whole:.0f}'
    while round(exact, decimals) in (0.0, 100.0):
        decimals += 1
    text = f'{exact:.{decimals}f}'
    return text.rstrip('0').rstrip('.') if decimals else text
