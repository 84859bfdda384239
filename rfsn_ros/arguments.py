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

"""Numbers on the command line: what argparse takes as `type`, with bounds that are said."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
import math

__all__ = ['amount', 'share', 'whole']


def whole(least: int) -> Callable[[str], int]:
    """Return what reads a whole number of at least `least`."""
    def number(text: str) -> int:
        value = int(text)
        if value < least:
            raise ArgumentTypeError(f'{text}: must be >= {least}')
        return value
    number.__name__ = 'whole number'  # argparse's word for what is none
    return number


def amount(text: str) -> float:
    """Read a finite number of at least 0."""
    value = _number(text)
    if not 0.0 <= value < math.inf:
        raise ArgumentTypeError(f'{text}: must be a finite number >= 0')
    return value


def share(text: str) -> float:
    """Read a number between 0 and 1, both excluded."""
    value = _number(text)
    if not 0.0 < value < 1.0:
        raise ArgumentTypeError(f'{text}: must be > 0 and < 1')
    return value


def _number(text: str) -> float:
    """Return a number, or NaN, which lies within no bounds."""
    try:
        return float(text)
    except ValueError:
        return math.nan
