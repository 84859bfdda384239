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
from sequences import (
    balance_index,
    best_profit,
    bubble_sort,
    can_jump,
    cartesian,
    choose,
    chunked,
    count_inversions,
    count_triples,
    deep_get,
    gas_station,
    group_by_length,
    histogram,
    insertion_sort,
    interleave,
    invert_mapping,
    largest_container,
    largest_rectangle,
    local_peaks,
    majority,
    max_activities,
    median,
    meeting_rooms,
    merge_counts,
    merge_intervals,
    missing_number,
    modes,
    move_zeros,
    moving_average,
    nested_depth,
    nested_sum,
    next_greater,
    overlaps,
    partitions,
    peak_index,
    permutations,
    product_except_self,
    radix_sort,
    rising_run,
    rotate_left,
    search_rotated,
    second_largest,
    selection_sort,
    shell_sort,
    sift_down,
    sliding_max,
    subarrays_with_sum,
    three_way_partition,
    top_scores,
    trapped_water,
    two_sum,
    unique,
    variance,
)


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([1],), [1]),
    (([3, 1, 2],), [1, 2, 3]),
    (([5, 4, 3, 2, 1],), [1, 2, 3, 4, 5]),
    (([2, 2, 1, 3, 1],), [1, 1, 2, 2, 3]),
    (([1, 2, 3],), [1, 2, 3]),
])
def test_bubble_sort(arguments, expected):
    assert bubble_sort(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([1],), [1]),
    (([3, 1, 2],), [1, 2, 3]),
    (([5, 4, 3, 2, 1],), [1, 2, 3, 4, 5]),
    (([2, 2, 1, 3, 1],), [1, 1, 2, 2, 3]),
    (([1, 2, 3],), [1, 2, 3]),
])
def test_insertion_sort(arguments, expected):
    assert insertion_sort(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([1],), [1]),
    (([3, 1, 2],), [1, 2, 3]),
    (([5, 4, 3, 2, 1],), [1, 2, 3, 4, 5]),
    (([2, 2, 1, 3, 1],), [1, 1, 2, 2, 3]),
    (([1, 2, 3],), [1, 2, 3]),
])
def test_selection_sort(arguments, expected):
    assert selection_sort(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([1],), [1]),
    (([3, 1, 2],), [1, 2, 3]),
    (([5, 4, 3, 2, 1],), [1, 2, 3, 4, 5]),
    (([2, 2, 1, 3, 1],), [1, 1, 2, 2, 3]),
    (([1, 2, 3],), [1, 2, 3]),
])
def test_shell_sort(arguments, expected):
    assert shell_sort(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([5],), [5]),
    (([170, 45, 75, 90, 2],), [2, 45, 75, 90, 170]),
    (([10, 1, 100],), [1, 10, 100]),
    (([0, 3, 3],), [0, 3, 3]),
    (([1000, 7],), [7, 1000]),
])
def test_radix_sort(arguments, expected):
    assert radix_sort(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1], 0), [1]),
    (([3, 1, 2], 0), [1, 3, 2]),
    (([5, 2, 3, 4], 0), [2, 4, 3, 5]),
    (([1, 9, 3, 4, 5], 1), [1, 4, 3, 9, 5]),
    (([9, 3, 2, 7], 0), [2, 3, 9, 7]),
])
def test_sift_down(arguments, expected):
    assert sift_down(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([4, 5, 6, 7, 0, 1, 2], 0), 4),
    (([4, 5, 6, 7, 0, 1, 2], 3), -1),
    (([1], 1), 0),
    (([], 5), -1),
    (([3, 1], 1), 1),
    (([1, 2, 3], 3), 2),
    (([5, 1, 3], 5), 0),
])
def test_search_rotated(arguments, expected):
    assert search_rotated(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1],), 0),
    (([1, 2],), 1),
    (([2, 1],), 0),
    (([1, 3, 2],), 1),
    (([1, 2, 3, 4, 2],), 3),
    (([1, 5, 4, 3],), 1),
])
def test_peak_index(arguments, expected):
    assert peak_index(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([[1, 3], [2, 6], [8, 10]],), [[1, 6], [8, 10]]),
    (([[1, 4], [4, 5]],), [[1, 5]]),
    (([[1, 10], [2, 3]],), [[1, 10]]),
    (([[5, 6], [1, 2]],), [[1, 2], [5, 6]]),
])
def test_merge_intervals(arguments, expected):
    assert merge_intervals(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (((1, 3), (2, 4)), True),
    (((1, 2), (2, 3)), False),
    (((2, 4), (1, 3)), True),
    (((1, 2), (3, 4)), False),
    (((1, 9), (3, 4)), True),
    (((5, 6), (1, 5)), False),
])
def test_overlaps(arguments, expected):
    assert overlaps(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([], 1), []),
    (([3, 1, 2], 2), [1, 2, 3]),
    (([5, 5, 1], 5), [1, 5, 5]),
    (([1, 2, 3], 0), [1, 2, 3]),
    (([4, 2, 2, 9], 2), [2, 2, 4, 9]),
])
def test_three_way_partition(arguments, expected):
    assert three_way_partition(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([], 3), []),
    (([1, 2, 3], 0), [1, 2, 3]),
    (([1, 2, 3], 1), [2, 3, 1]),
    (([1, 2, 3, 4], 6), [3, 4, 1, 2]),
    (([1, 2], -1), [2, 1]),
])
def test_rotate_left(arguments, expected):
    assert rotate_left(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([], 2), []),
    (([1, 2, 3, 4], 2), [[1, 2], [3, 4]]),
    (([1, 2, 3], 2), [[1, 2], [3]]),
    (([1], 5), [[1]]),
])
def test_chunked(arguments, expected):
    assert chunked(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([1, 1],), [1]),
    (([3, 1, 3, 2],), [3, 1, 2]),
    ((['a', 'b', 'a'],), ['a', 'b']),
])
def test_unique(arguments, expected):
    assert unique(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([], []), []),
    (([1], []), [1]),
    (([1, 2], [3, 4]), [1, 3, 2, 4]),
    (([1], [2, 3, 4]), [1, 2, 3, 4]),
    (([1, 2, 3], [4]), [1, 4, 2, 3]),
])
def test_interleave(arguments, expected):
    assert interleave(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([2, 7, 11], 9), (0, 1)),
    (([3, 3], 6), (0, 1)),
    (([1, 2], 5), None),
    (([1, 4, 6, 2], 8), (2, 3)),
    (([], 1), None),
    (([4], 8), None),
])
def test_two_sum(arguments, expected):
    assert two_sum(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1, 2, 3], 6), 1),
    (([0, -1, 1, 2, -2], 0), 2),
    (([1, 2], 3), 0),
    (([1, 2, 3, 4, 5], 9), 2),
    (([4, 4, 4], 11), 0),
])
def test_count_triples(arguments, expected):
    assert count_triples(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), None),
    (([1],), 1),
    (([1, 2, 1],), 1),
    (([1, 2],), None),
    (([2, 2, 1, 3, 2],), 2),
    (([1, 1, 2, 2, 2, 2],), 2),
])
def test_majority(arguments, expected):
    assert majority(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([0],), [0]),
    (([0, 1],), [1, 0]),
    (([1, 0, 2, 0, 3],), [1, 2, 3, 0, 0]),
    (([4, 5],), [4, 5]),
])
def test_move_zeros(arguments, expected):
    assert move_zeros(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1],), [1]),
    (([1, 2, 3, 4],), [24, 12, 8, 6]),
    (([2, 0, 3],), [0, 6, 0]),
    (([5, 2],), [2, 5]),
])
def test_product_except_self(arguments, expected):
    assert product_except_self(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), 0),
    (([1],), 0),
    (([0, 1],), 2),
    (([3, 0, 1],), 2),
    (([9, 6, 4, 2, 3, 5, 7, 0, 1],), 8),
])
def test_missing_number(arguments, expected):
    assert missing_number(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1, 2],), 1),
    (([5, 5, 3],), 3),
    (([3, 9, 7],), 7),
    (([9, 7, 8],), 8),
    (([1, 2, 3, 4],), 3),
])
def test_second_largest(arguments, expected):
    assert second_largest(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1, 3, 2], 1), [1, 3, 2]),
    (([1, 3, 2, 5], 2), [3, 3, 5]),
    (([4, 3, 2, 1], 3), [4, 3]),
    (([1], 2), []),
])
def test_sliding_max(arguments, expected):
    assert sliding_max(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), 0),
    (([1],), 1),
    (([1, 2, 3],), 3),
    (([3, 2, 1],), 1),
    (([1, 2, 1, 2, 3, 0],), 3),
    (([2, 2],), 1),
])
def test_rising_run(arguments, expected):
    assert rising_run(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), 0),
    (([1, 2],), 0),
    (([2, 1],), 1),
    (([3, 2, 1],), 3),
    (([1, 3, 2, 3, 1],), 4),
    (([2, 2],), 0),
])
def test_count_inversions(arguments, expected):
    assert count_inversions(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), 0),
    (([7, 1, 5, 3, 6, 4],), 5),
    (([7, 6, 4],), 0),
    (([1, 2],), 1),
    (([3, 8, 1, 5],), 5),
])
def test_best_profit(arguments, expected):
    assert best_profit(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), 0),
    (([0, 1, 0, 2, 1, 0, 1, 3, 2, 1, 2, 1],), 6),
    (([4, 2, 0, 3, 2, 5],), 9),
    (([1, 2],), 0),
    (([3, 0, 3],), 3),
])
def test_trapped_water(arguments, expected):
    assert trapped_water(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1, 1],), 1),
    (([1, 8, 6, 2, 5, 4, 8, 3, 7],), 49),
    (([4, 3, 2, 1, 4],), 16),
    (([1, 2, 1],), 2),
    (([5],), 0),
])
def test_largest_container(arguments, expected):
    assert largest_container(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([0],), True),
    (([2, 3, 1, 1, 4],), True),
    (([3, 2, 1, 0, 4],), False),
    (([1, 0, 1],), False),
    (([2, 0, 0],), True),
])
def test_can_jump(arguments, expected):
    assert can_jump(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1, 2, 3, 4, 5], [3, 4, 5, 1, 2]), 3),
    (([2, 3, 4], [3, 4, 3]), -1),
    (([5], [4]), 0),
    (([3, 1, 1], [1, 2, 2]), 0),
    (([1, 5], [2, 3]), 1),
])
def test_gas_station(arguments, expected):
    assert gas_station(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), -1),
    (([1, 7, 3, 6, 5, 6],), 3),
    (([1, 2, 3],), -1),
    (([2, 1, -1],), 0),
    (([5],), 0),
    (([1, 0, 1],), 1),
])
def test_balance_index(arguments, expected):
    assert balance_index(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([1, 2, 1],), [1]),
    (([1, 3, 2, 4, 1],), [1, 3]),
    (([5, 4, 3],), []),
    (([1, 2, 2, 1],), []),
])
def test_local_peaks(arguments, expected):
    assert local_peaks(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1, 1, 1], 2), 2),
    (([1, 2, 3], 3), 2),
    (([], 0), 0),
    (([1, -1, 0], 0), 3),
    (([3, 4, 7, 2], 7), 2),
])
def test_subarrays_with_sum(arguments, expected):
    assert subarrays_with_sum(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), [[]]),
    (([1],), [[1]]),
    (([1, 2],), [[1, 2], [2, 1]]),
    (([1, 2, 3],), [[1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]]),
])
def test_permutations(arguments, expected):
    assert permutations(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1, 2], 0), [[]]),
    (([1, 2, 3], 2), [[1, 2], [1, 3], [2, 3]]),
    (([], 1), []),
    (([1, 2, 3, 4], 3), [[1, 2, 3], [1, 2, 4], [1, 3, 4], [2, 3, 4]]),
    (([5], 1), [[5]]),
])
def test_choose(arguments, expected):
    assert choose(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((), [()]),
    (([1, 2],), [(1,), (2,)]),
    (([1, 2], [3]), [(1, 3), (2, 3)]),
    (([1, 2], 'ab'), [(1, 'a'), (1, 'b'), (2, 'a'), (2, 'b')]),
    (([], [1]), []),
])
def test_cartesian(arguments, expected):
    assert cartesian(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), [[]]),
    ((1,), [[1]]),
    ((3,), [[3], [2, 1], [1, 1, 1]]),
    ((4,), [[4], [3, 1], [2, 2], [2, 1, 1], [1, 1, 1, 1]]),
    ((5,), [[5], [4, 1], [3, 2], [3, 1, 1], [2, 2, 1], [2, 1, 1, 1], [1, 1, 1, 1, 1]]),
    ((4, 2), [[2, 2], [2, 1, 1], [1, 1, 1, 1]]),
])
def test_partitions(arguments, expected):
    assert partitions(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), {}),
    ((['a', 'bb', 'c'],), {1: ['a', 'c'], 2: ['bb']}),
    ((['abc', 'de', 'fgh'],), {3: ['abc', 'fgh'], 2: ['de']}),
])
def test_group_by_length(arguments, expected):
    assert group_by_length(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([], 5), []),
    (([1, 2, 6, 11], 5), [(0, 2), (5, 1), (10, 1)]),
    (([0, 10, 20], 10), [(0, 1), (10, 1), (20, 1)]),
    (([3, 3, 4], 2), [(2, 2), (4, 1)]),
])
def test_histogram(arguments, expected):
    assert histogram(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1],), 1),
    (([1, 2],), 1.5),
    (([3, 1, 2],), 2),
    (([4, 1, 3, 2],), 2.5),
    (([5, 5, 1, 1, 9],), 5),
])
def test_median(arguments, expected):
    assert median(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1],), 0.0),
    (([1, 3],), 1.0),
    (([1, 2, 3, 4],), 1.25),
    (([2, 2],), 0.0),
])
def test_variance(arguments, expected):
    assert variance(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1, 2, 3], 1), [1.0, 2.0, 3.0]),
    (([1, 2, 3, 4], 2), [1.5, 2.5, 3.5]),
    (([2, 4, 6], 3), [4.0]),
    (([1], 2), []),
])
def test_moving_average(arguments, expected):
    assert moving_average(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([1],), [1]),
    (([1, 2, 2],), [2]),
    (([3, 3, 1, 1, 2],), [1, 3]),
])
def test_modes(arguments, expected):
    assert modes(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([1],), [-1]),
    (([2, 1, 3],), [3, 3, -1]),
    (([4, 3, 2, 1],), [-1, -1, -1, -1]),
    (([1, 3, 2, 4],), [3, 4, 4, -1]),
    (([2, 2, 3],), [3, 3, -1]),
])
def test_next_greater(arguments, expected):
    assert next_greater(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), 0),
    (([2],), 2),
    (([2, 1, 5, 6, 2, 3],), 10),
    (([2, 4],), 4),
    (([1, 1, 1],), 3),
    (([3, 1, 3],), 3),
])
def test_largest_rectangle(arguments, expected):
    assert largest_rectangle(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), 0),
    (([1, 2],), 3),
    (([1, [2, [3]]],), 6),
    (([[], [4]],), 4),
])
def test_nested_sum(arguments, expected):
    assert nested_sum(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((3,), 0),
    (([],), 1),
    (([1],), 1),
    (([1, [2]],), 2),
    (([[[1]], 2],), 3),
])
def test_nested_depth(arguments, expected):
    assert nested_depth(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({},), {}),
    (({'a': 1},), {1: ['a']}),
    (({'a': 1, 'b': 1, 'c': 2},), {1: ['a', 'b'], 2: ['c']}),
])
def test_invert_mapping(arguments, expected):
    assert invert_mapping(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({}, {}), {}),
    (({'a': 1}, {'a': 2}), {'a': 3}),
    (({'a': 1}, {'b': 3}), {'a': 1, 'b': 3}),
    (({'x': 2, 'y': 1}, {'y': 4, 'z': 1}), {'x': 2, 'y': 5, 'z': 1}),
])
def test_merge_counts(arguments, expected):
    assert merge_counts(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({'a': 1}, 'a'), 1),
    (({'a': {'b': 2}}, 'a.b'), 2),
    (({'a': 1}, 'b'), None),
    (({'a': 1}, 'a.b', 7), 7),
    (({}, 'x', 0), 0),
])
def test_deep_get(arguments, expected):
    assert deep_get(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({}, 2), []),
    (({'a': 1, 'b': 3, 'c': 2}, 2), ['b', 'c']),
    (({'b': 1, 'a': 1}, 1), ['a']),
    (({'x': 5}, 0), []),
    (({'x': 5, 'y': 9, 'z': 7}, 3), ['y', 'z', 'x']),
])
def test_top_scores(arguments, expected):
    assert top_scores(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), 0),
    (([(0, 30), (5, 10), (15, 20)],), 2),
    (([(7, 10), (2, 4)],), 1),
    (([(1, 5), (5, 6)],), 1),
    (([(1, 4), (2, 5), (3, 6)],), 3),
])
def test_meeting_rooms(arguments, expected):
    assert meeting_rooms(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), 0),
    (([(1, 2), (2, 3)],), 2),
    (([(1, 4), (2, 3), (3, 5)],), 2),
    (([(0, 6), (1, 2), (3, 4), (5, 9)],), 3),
])
def test_max_activities(arguments, expected):
    assert max_activities(*arguments) == expected
