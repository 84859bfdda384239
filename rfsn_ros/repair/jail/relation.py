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

"""How a wrong result differs from the expected one, in words."""

from __future__ import annotations

from typing import Any

__all__ = ['describe', 'relation']

_NUMBERS = (int, float)


def relation(got: Any, expected: Any) -> list[str]:
    """Return the words that describe the difference; never raises."""
    try:
        if type(expected).__module__.startswith('_pytest'):
            expected = expected.expected  # pytest.approx
        return _relation(got, expected)
    except Exception:  # the comparison is the tested code's own and may raise anything
        return ['incomparable']


def describe(value: Any) -> str:
    """Return a short text of a value; never raises."""
    try:
        return repr(value)[:200]
    except Exception:  # so is the representation
        return f'<{type(value).__name__}>'


def _relation(got: Any, expected: Any) -> list[str]:
    if got is None:
        return ['got none']
    if expected is None:
        return ['expected none']
    if isinstance(got, bool) and isinstance(expected, bool):
        return ['got true' if got else 'got false']
    if isinstance(got, _NUMBERS) and isinstance(expected, _NUMBERS):
        return _numbers(got, expected)
    if isinstance(got, (list, tuple, str)) and type(got) is type(expected):
        return _sequences(got, expected)
    if isinstance(got, (set, dict, frozenset)) and type(got) is type(expected):
        return ['set', 'longer' if len(got) > len(expected) else
                'shorter' if len(got) < len(expected) else 'same length']
    return ['other type', f'got {type(got).__name__}']


def _numbers(got: float, expected: float) -> list[str]:
    words = ['number', 'less' if got < expected else 'greater']
    if abs(got - expected) == 1:
        words.append('off by one')
    if got == -expected:
        words.append('negated')
    if got == 0:
        words.append('got zero')
    if got in (float('inf'), float('-inf')):
        words.append('got infinity')
    return words


def _sequences(got: Any, expected: Any) -> list[str]:
    words = ['text' if isinstance(got, str) else 'sequence']
    if len(got) == 0:
        return [*words, 'got empty']
    if len(got) == len(expected):
        words.append('same length')
        if sum(one != two for one, two in zip(got, expected, strict=False)) == 1:
            words.append('one element')
        if got == expected[::-1]:
            words.append('reversed')
        if sorted(map(repr, got)) == sorted(map(repr, expected)):
            words.append('wrong order')
        return words
    words.append('longer' if len(got) > len(expected) else 'shorter')
    if abs(len(got) - len(expected)) == 1:
        words.append('by one element')
    shorter, longer = sorted((got, expected), key=len)
    if longer[:len(shorter)] == shorter:
        words.append('at the end')
    elif longer[len(longer) - len(shorter):] == shorter:
        words.append('at the start')
    return words
