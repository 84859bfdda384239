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

import pytest
from dynamic import (
    can_split_evenly,
    cheapest_path,
    climb_stairs,
    common_substring,
    decode_ways,
    egg_drops,
    fewest_coins,
    grid_paths,
    interleaves,
    largest_square,
    matrix_chain,
    max_product_run,
    obstacle_paths,
    palindromic_subsequence,
    perfect_squares,
    rob_houses,
    rod_cutting,
    stock_with_fee,
    subset_sum,
    tilings,
    triangle_minimum,
    valid_queens,
    word_break,
)


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1,), 1),
    ((2,), 2),
    ((3,), 3),
    ((5,), 8),
    ((8,), 34),
])
def test_climb_stairs(arguments, expected):
    assert climb_stairs(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1, 2, 5], 11), 3),
    (([2], 3), -1),
    (([1], 0), 0),
    (([5, 10], 15), 2),
    (([1, 3, 4], 6), 2),
])
def test_fewest_coins(arguments, expected):
    assert fewest_coins(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), 0),
    (([5],), 5),
    (([1, 2, 3, 1],), 4),
    (([2, 7, 9, 3, 1],), 12),
    (([5, 1, 1, 5],), 10),
])
def test_rob_houses(arguments, expected):
    assert rob_houses(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1, 1), 1),
    ((2, 2), 2),
    ((3, 2), 3),
    ((3, 7), 28),
    ((1, 5), 1),
])
def test_grid_paths(arguments, expected):
    assert grid_paths(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([[5]],), 5),
    (([[1, 3, 1], [1, 5, 1], [4, 2, 1]],), 7),
    (([[1, 2], [3, 4]],), 7),
    (([[1, 2, 3]],), 6),
    (([[1], [2]],), 3),
])
def test_cheapest_path(arguments, expected):
    assert cheapest_path(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([], 0), True),
    (([3, 4], 7), True),
    (([3, 4], 6), False),
    (([1, 2, 5], 8), True),
    (([2, 2], 2), True),
    (([5], 5), True),
])
def test_subset_sum(arguments, expected):
    assert subset_sum(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), True),
    (([1, 1],), True),
    (([1, 5, 11, 5],), True),
    (([1, 2, 3, 5],), False),
    (([2, 2, 3],), False),
    (([3, 1],), False),
    (([2, 6],), False),
])
def test_can_split_evenly(arguments, expected):
    assert can_split_evenly(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1, 5, 8, 9], 4), 10),
    (([2], 3), 6),
    (([1, 5], 1), 1),
    (([3, 5, 8], 0), 0),
    (([1, 5, 8, 9, 10, 17], 6), 17),
])
def test_rod_cutting(arguments, expected):
    assert rod_cutting(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), 0),
    (('a',), 1),
    (('bbbab',), 4),
    (('cbbd',), 2),
    (('abcda',), 3),
])
def test_palindromic_subsequence(arguments, expected):
    assert palindromic_subsequence(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('', []), True),
    (('leetcode', ['leet', 'code']), True),
    (('catsandog', ['cats', 'dog', 'sand', 'and', 'cat']), False),
    (('aaa', ['a']), True),
    (('ab', ['a']), False),
])
def test_word_break(arguments, expected):
    assert word_break(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), 0),
    (('12',), 2),
    (('226',), 3),
    (('06',), 0),
    (('10',), 1),
    (('27',), 1),
    (('110',), 1),
])
def test_decode_ways(arguments, expected):
    assert decode_ways(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), 0),
    (([[0]],), 0),
    (([[1, 1], [1, 1]],), 4),
    (([[1, 0, 1], [1, 1, 1], [1, 1, 1]],), 4),
    (([[1]],), 1),
])
def test_largest_square(arguments, expected):
    assert largest_square(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([10, 20],), 0),
    (([10, 20, 30],), 6000),
    (([40, 20, 30, 10, 30],), 26000),
    (([1, 2, 3, 4],), 18),
])
def test_matrix_chain(arguments, expected):
    assert matrix_chain(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('', 'a'), ''),
    (('abc', 'abc'), 'abc'),
    (('abcdef', 'zabxcdef'), 'cdef'),
    (('xy', 'yx'), 'x'),
    (('banana', 'ananas'), 'anana'),
])
def test_common_substring(arguments, expected):
    assert common_substring(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), 1),
    ((1,), 1),
    ((2,), 2),
    ((3,), 4),
    ((5,), 13),
])
def test_tilings(arguments, expected):
    assert tilings(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([[0]],), 1),
    (([[0, 0], [0, 0]],), 2),
    (([[0, 0, 0], [0, 1, 0], [0, 0, 0]],), 2),
    (([[0, 1], [0, 0]],), 1),
    (([[1]],), 0),
])
def test_obstacle_paths(arguments, expected):
    assert obstacle_paths(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1, 5), 5),
    ((2, 1), 1),
    ((2, 6), 3),
    ((2, 0), 0),
    ((3, 5), 3),
])
def test_egg_drops(arguments, expected):
    assert egg_drops(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('', '', ''), True),
    (('a', '', 'a'), True),
    (('ab', 'cd', 'acbd'), True),
    (('ab', 'cd', 'adbc'), False),
    (('aab', 'aac', 'aaaabc'), True),
    (('a', 'b', 'abc'), False),
])
def test_interleaves(arguments, expected):
    assert interleaves(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([[1]],), 1),
    (([[2], [3, 4]],), 5),
    (([[2], [3, 4], [6, 5, 7], [4, 1, 8, 3]],), 11),
])
def test_triangle_minimum(arguments, expected):
    assert triangle_minimum(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1,), 1),
    ((4,), 1),
    ((12,), 3),
    ((13,), 2),
    ((7,), 4),
])
def test_perfect_squares(arguments, expected):
    assert perfect_squares(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([], 1), 0),
    (([1, 3, 2, 8, 4, 9], 2), 8),
    (([1, 3], 3), 0),
    (([1, 3, 7, 5, 10], 3), 6),
])
def test_stock_with_fee(arguments, expected):
    assert stock_with_fee(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([2],), 2),
    (([2, 3, -2, 4],), 6),
    (([-2, 0, -1],), 0),
    (([-2, 3, -4],), 24),
    (([-3],), -3),
])
def test_max_product_run(arguments, expected):
    assert max_product_run(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1,), 1),
    ((2,), 0),
    ((3,), 0),
    ((4,), 2),
    ((5,), 10),
])
def test_valid_queens(arguments, expected):
    assert valid_queens(*arguments) == expected
