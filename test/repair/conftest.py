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

"""A corpus small enough to train from in a test."""

import pytest

FUNCTIONS = '''def largest(values):
    best = values[0]
    for value in values:
        if value > best:
            best = value
    return best


def count_even(values):
    count = 0
    for value in values:
        if value % 2 == 0:
            count += 1
    return count


def clip(value, low, high):
    if value < low:
        return low
    if value > high:
        return high
    return value
'''
TESTS = '''import pytest
from tiny import clip, count_even, largest


@pytest.mark.parametrize(('values', 'expected'), [([1], 1), ([2, 7, 3], 7), ([-4, -2], -2)])
def test_largest(values, expected):
    assert largest(values) == expected


@pytest.mark.parametrize(('values', 'expected'), [([], 0), ([2, 3, 4], 2), ([1], 0), ([0], 1)])
def test_count_even(values, expected):
    assert count_even(values) == expected


@pytest.mark.parametrize(('value', 'expected'), [(0, 1), (1, 1), (3, 3), (5, 5), (9, 5)])
def test_clip(value, expected):
    assert clip(value, 1, 5) == expected
'''


@pytest.fixture(scope='session')
def corpus(tmp_path_factory):
    """Return a corpus of three functions, which come in two parts."""
    folder = tmp_path_factory.mktemp('corpus')
    (folder / 'tiny.py').write_text(FUNCTIONS)
    (folder / 'test_tiny.py').write_text(TESTS)
    return folder
