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
from generators import (
    apply_discounts,
    arrangements,
    batches,
    bit_strings,
    collatz,
    compose,
    countdown,
    diagonals,
    divide_evenly,
    evaluate,
    fibonacci_below,
    lines_between,
    matched,
    memoize_calls,
    merge_streams,
    pairs_of,
    parse_sum,
    paths_down,
    peaks_of,
    pick,
    primes_up_to,
    rank_players,
    retry,
    round_robin,
    running_totals,
    safe_ratio,
    schedule,
    squeeze,
    take_while,
    tax,
    text_table,
    towers_of_blocks,
    windows,
    with_neighbors,
)


def test_countdown_1():
    assert list(countdown(0)) == []


def test_countdown_2():
    assert list(countdown(1)) == [1]


def test_countdown_3():
    assert list(countdown(4)) == [4, 3, 2, 1]


def test_fibonacci_below_1():
    assert list(fibonacci_below(0)) == []


def test_fibonacci_below_2():
    assert list(fibonacci_below(1)) == [0]


def test_fibonacci_below_3():
    assert list(fibonacci_below(2)) == [0, 1, 1]


def test_fibonacci_below_4():
    assert list(fibonacci_below(30)) == [0, 1, 1, 2, 3, 5, 8, 13, 21]


def test_windows_1():
    assert list(windows([], 2)) == []


def test_windows_2():
    assert list(windows([1, 2, 3], 2)) == [(1, 2), (2, 3)]


def test_windows_3():
    assert list(windows([1], 2)) == []


def test_windows_4():
    assert list(windows([1, 2, 3, 4], 3)) == [(1, 2, 3), (2, 3, 4)]


def test_windows_5():
    assert list(windows("ab", 1)) == [('a',), ('b',)]


def test_batches_1():
    assert list(batches([], 2)) == []


def test_batches_2():
    assert list(batches([1, 2, 3], 2)) == [[1, 2], [3]]


def test_batches_3():
    assert list(batches([1, 2], 2)) == [[1, 2]]


def test_batches_4():
    assert list(batches([1], 3)) == [[1]]


def test_take_while_1():
    assert list(take_while(lambda x: x < 3, [1, 2, 3, 1])) == [1, 2]


def test_take_while_2():
    assert list(take_while(lambda x: x, [])) == []


def test_take_while_3():
    assert list(take_while(lambda x: x > 0, [0, 1])) == []


def test_take_while_4():
    assert list(take_while(lambda x: True, [1, 2])) == [1, 2]


def test_squeeze_1():
    assert list(squeeze([])) == []


def test_squeeze_2():
    assert list(squeeze([1, 1, 2, 1])) == [1, 2, 1]


def test_squeeze_3():
    assert list(squeeze("aabb")) == ['a', 'b']


def test_squeeze_4():
    assert list(squeeze([None, None])) == [None]


def test_running_totals_1():
    assert list(running_totals([])) == []


def test_running_totals_2():
    assert list(running_totals([1])) == [1]


def test_running_totals_3():
    assert list(running_totals([1, 2, 3])) == [1, 3, 6]


def test_running_totals_4():
    assert list(running_totals([5, -5, 2])) == [5, 0, 2]


def test_round_robin_1():
    assert list(round_robin()) == []


def test_round_robin_2():
    assert list(round_robin([1, 2], [3])) == [1, 3, 2]


def test_round_robin_3():
    assert list(round_robin("abc", "d", "ef")) == ['a', 'd', 'e', 'b', 'f', 'c']


def test_round_robin_4():
    assert list(round_robin([], [1])) == [1]


def test_arrangements_1():
    assert list(arrangements('')) == ['']


def test_arrangements_2():
    assert list(arrangements('a')) == ['a']


def test_arrangements_3():
    assert list(arrangements('ab')) == ['ab', 'ba']


def test_arrangements_4():
    assert list(arrangements('abc')) == ['abc', 'acb', 'bac', 'bca', 'cab', 'cba']


def test_pick_1():
    assert list(pick([], 0)) == [[]]


def test_pick_2():
    assert list(pick([1, 2, 3], 2)) == [[1, 2], [1, 3], [2, 3]]


def test_pick_3():
    assert list(pick([1], 2)) == []


def test_pick_4():
    assert list(pick([1, 2, 3, 4], 3)) == [[1, 2, 3], [1, 2, 4], [1, 3, 4], [2, 3, 4]]


def test_bit_strings_1():
    assert list(bit_strings(0)) == ['']


def test_bit_strings_2():
    assert list(bit_strings(1)) == ['0', '1']


def test_bit_strings_3():
    assert list(bit_strings(2)) == ['00', '10', '01', '11']


def test_bit_strings_4():
    assert list(bit_strings(3)) == ['000', '100', '010', '110', '001', '101', '011', '111']


def test_pairs_of_1():
    assert list(pairs_of([])) == []


def test_pairs_of_2():
    assert list(pairs_of([1, 2])) == [(1, 2)]


def test_pairs_of_3():
    assert list(pairs_of("abc")) == [('a', 'b'), ('a', 'c'), ('b', 'c')]


def test_pairs_of_4():
    assert list(pairs_of([1])) == []


def test_primes_up_to_1():
    assert list(primes_up_to(1)) == []


def test_primes_up_to_2():
    assert list(primes_up_to(2)) == [2]


def test_primes_up_to_3():
    assert list(primes_up_to(13)) == [2, 3, 5, 7, 11, 13]


def test_primes_up_to_4():
    assert list(primes_up_to(20)) == [2, 3, 5, 7, 11, 13, 17, 19]


def test_lines_between_1():
    assert list(lines_between([], 'a', 'b')) == []


def test_lines_between_2():
    assert list(lines_between(['a', 'x', 'b', 'y'], 'a', 'b')) == ['x']


def test_lines_between_3():
    assert list(lines_between(['x', 'a', 'y'], 'a', 'b')) == ['y']


def test_lines_between_4():
    assert list(lines_between(['a', 'b', 'a', 'z', 'b'], 'a', 'b')) == ['z']


def test_towers_of_blocks_1():
    assert list(towers_of_blocks(0, [1])) == [[]]


def test_towers_of_blocks_2():
    assert list(towers_of_blocks(3, [1, 2])) == [[1, 1, 1], [1, 2], [2, 1]]


def test_towers_of_blocks_3():
    assert list(towers_of_blocks(1, [2])) == []


def test_towers_of_blocks_4():
    assert list(towers_of_blocks(4, [2, 3])) == [[2, 2]]


def test_merge_streams_1():
    assert list(merge_streams([], [])) == []


def test_merge_streams_2():
    assert list(merge_streams([1, 3], [2])) == [1, 2, 3]


def test_merge_streams_3():
    assert list(merge_streams([], [1, 2])) == [1, 2]


def test_merge_streams_4():
    assert list(merge_streams([1, 2], [])) == [1, 2]


def test_merge_streams_5():
    assert list(merge_streams([1, 4, 5], [2, 3, 6])) == [1, 2, 3, 4, 5, 6]


def test_with_neighbors_1():
    assert list(with_neighbors([])) == []


def test_with_neighbors_2():
    assert list(with_neighbors([1])) == [(None, 1, None)]


def test_with_neighbors_3():
    assert list(with_neighbors([1, 2, 3])) == [(None, 1, 2), (1, 2, 3), (2, 3, None)]


def test_with_neighbors_4():
    assert list(with_neighbors('ab')) == [(None, 'a', 'b'), ('a', 'b', None)]


def test_divide_evenly_1():
    assert list(divide_evenly([1, 2, 3], 3)) == [[1], [2], [3]]


def test_divide_evenly_2():
    assert list(divide_evenly([1, 2, 3, 4, 5], 2)) == [[1, 2, 3], [4, 5]]


def test_divide_evenly_3():
    assert list(divide_evenly([1], 2)) == [[1], []]


def test_divide_evenly_4():
    assert list(divide_evenly([1, 2, 3, 4, 5], 3)) == [[1, 2], [3, 4], [5]]


def test_collatz_1():
    assert list(collatz(1)) == [1]


def test_collatz_2():
    assert list(collatz(2)) == [2, 1]


def test_collatz_3():
    assert list(collatz(6)) == [6, 3, 10, 5, 16, 8, 4, 2, 1]


def test_matched_1():
    assert list(matched('a', [])) == []


def test_matched_2():
    assert list(matched('a', ['cat ', 'dog', ' bar'])) == [(1, 'cat'), (3, 'bar')]


def test_matched_3():
    assert list(matched('x', ['y'])) == []


def test_diagonals_1():
    assert list(diagonals([[1]])) == [[1]]


def test_diagonals_2():
    assert list(diagonals([[1, 2], [3, 4]])) == [[1], [2, 3], [4]]


def test_diagonals_3():
    assert list(diagonals([[1, 2, 3], [4, 5, 6]])) == [[1], [2, 4], [3, 5], [6]]


def test_peaks_of_1():
    assert list(peaks_of([])) == []


def test_peaks_of_2():
    assert list(peaks_of([1, 2, 1])) == [2]


def test_peaks_of_3():
    assert list(peaks_of([1, 3, 3, 1])) == []


def test_peaks_of_4():
    assert list(peaks_of([0, 5, 2, 6, 1])) == [5, 6]


def test_paths_down_1():
    assert list(paths_down(('a', []))) == [('a',)]


def test_paths_down_2():
    assert list(paths_down(('a', [('b', []), ('c', [])]))) == [('a', 'b'), ('a', 'c')]


def test_paths_down_3():
    assert list(paths_down((1, [(2, [(3, [])])]))) == [(1, 2, 3)]


def test_evaluate_1():
    assert evaluate(3, {}) == 3


def test_evaluate_2():
    assert evaluate('x', {'x': 5}) == 5


def test_evaluate_3():
    assert evaluate(('+', 1, 2), {}) == 3


def test_evaluate_4():
    assert evaluate(('-', 'x', 2), {'x': 9}) == 7


def test_evaluate_5():
    assert evaluate(('*', ('+', 1, 2), 'y'), {'y': 4}) == 12


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('7',), 7),
    (('1+2',), 3),
    (('2*3+4',), 10),
    (('10-2*3',), 4),
    (('12-5-4',), 3),
    (('2*3*4',), 24),
])
def test_parse_sum(arguments, expected):
    assert parse_sum(*arguments) == expected


def test_compose_1():
    assert compose()(5) == 5


def test_compose_2():
    assert compose(lambda x: x + 1)(1) == 2


def test_compose_3():
    assert compose(lambda x: x * 2, lambda x: x + 3)(1) == 8


def test_compose_4():
    assert compose(str, abs, int)('-4') == '4'


def test_retry_1():
    assert retry(lambda n: n, 2) == 0


def test_retry_2():
    assert retry(lambda n: int('x'), 3) is None


def test_retry_3():
    assert retry(lambda n: 'ok' if n == 2 else int('x'), 3) == 'ok'


def test_retry_4():
    assert retry(lambda n: 1, 0) is None


def test_retry_5():
    assert retry(lambda n: 'ok' if n == 1 else int('x'), 1) is None


def test_memoize_calls_1():
    assert memoize_calls(lambda x: x * x, []) == ([], 0)


def test_memoize_calls_2():
    assert memoize_calls(lambda x: x * x, [2, 3, 2]) == ([4, 9, 4], 2)


def test_memoize_calls_3():
    assert memoize_calls(lambda x: -x, [1, 1, 1]) == ([-1, -1, -1], 1)


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([(1, 2)],), [0.5]),
    (([(1, 0), (4, 2)],), [0, 2.0]),
    (([(1, 0)], None), [None]),
])
def test_safe_ratio(arguments, expected):
    assert safe_ratio(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), 0),
    (([3],), 0),
    (([3, 1, 2],), 4),
    (([5, 5],), 5),
])
def test_schedule(arguments, expected):
    assert schedule(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([['a', 'bb'], ['ccc', 'd']],), ['a  |bb', 'ccc|d ']),
    (([['x']],), ['x']),
    (([['ab', 'c'], ['d', 'efg'], ['hij', '']],), ['ab |c  ', 'd  |efg', 'hij|   ']),
])
def test_text_table(arguments, expected):
    assert text_table(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([], {}), 0),
    (([('a', 100)], {'a': 10}), 90),
    (([('a', 100), ('b', 50)], {'b': 50}), 125),
    (([('c', 80)], {}), 80),
])
def test_apply_discounts(arguments, expected):
    assert apply_discounts(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({},), {}),
    (({'a': 3, 'b': 5},), {'b': 1, 'a': 2}),
    (({'a': 5, 'b': 5, 'c': 1},), {'a': 1, 'b': 1, 'c': 3}),
    (({'x': 1, 'y': 2, 'z': 2, 'w': 0},), {'y': 1, 'z': 1, 'x': 3, 'w': 4}),
])
def test_rank_players(arguments, expected):
    assert rank_players(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0, [(10, 1)]), 0),
    ((15, [(10, 1), (20, 2)]), 20),
    ((5, [(10, 1), (20, 2)]), 5),
    ((50, [(10, 1), (20, 2), (100, 3)]), 120),
])
def test_tax(arguments, expected):
    assert tax(*arguments) == expected
