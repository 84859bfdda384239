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

import argparse

import pytest
from rfsn_ros.arguments import amount, share, whole


@pytest.mark.parametrize(('kind', 'good', 'value'), [
    (whole(0), '0', 0), (whole(1), '12', 12), (amount, '0', 0.0), (amount, '1.5', 1.5),
    (share, '.95', 0.95)])
def test_numbers_within_their_bounds_are_taken(kind, good, value):
    assert kind(good) == value


@pytest.mark.parametrize(('kind', 'bad', 'said'), [
    (whole(0), '-1', '-1: must be >= 0'), (whole(1), '0', '0: must be >= 1'),
    (whole(1), '1.5', "invalid whole number value: '1.5'"),
    (amount, '-0.1', '-0.1: must be a finite number >= 0'),
    (amount, 'inf', 'inf: must be a finite number'), (amount, 'nan', 'nan: must be'),
    (amount, 'soon', 'soon: must be'), (share, '1', '1: must be > 0 and < 1'),
    (share, '0', '0: must be'), (share, 'nan', 'nan: must be'), (share, 'x', 'x: must be')])
def test_others_are_refused_with_the_value_and_the_bound(kind, bad, said, capsys):
    parser = argparse.ArgumentParser()
    parser.add_argument('--number', type=kind)
    with pytest.raises(SystemExit) as ended:
        parser.parse_args([f'--number={bad}'])
    assert ended.value.code == 2
    assert f'argument --number: {said}' in capsys.readouterr().err
