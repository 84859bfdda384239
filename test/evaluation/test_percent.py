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

"""Shares as people read them."""

import math

import numpy as np
import pytest
from rfsn_ros.evaluation.percent import percent


@pytest.mark.parametrize(('share', 'words'), [
    (0.0, '0'), (1.0, '100'), (0.5, '50'), (0.123456, '12.3'), (0.9997, '99.97'),
    (0.0003, '0.03'), (0.99949, '99.9'), (0.9999996, '99.99996'), (0.0000002, '0.00002')])
def test_only_all_reads_100_and_only_none_reads_0(share, words):
    assert percent(share) == words


def test_no_share_that_can_be_counted_reads_as_all_or_none():
    for count in (7, 1000, 250_000):
        for decimals in (0, 1, 2):
            assert percent((count - 1) / count, decimals) not in ('100', '0')
            assert percent(1 / count, decimals) not in ('100', '0')


def test_noise_of_sums_is_no_share():
    assert percent(float(np.full(10, 0.1).cumsum()[-1])) == '100'
    assert percent(1.0 - float(np.full(10, 0.1).cumsum()[-1])) == '0'


def test_what_is_no_share_is_shown_too():
    assert percent(-0.003, 0) == '-0.3'
    assert percent(-0.31, 0) == '-31'
    assert percent(math.nan) == 'nan'
