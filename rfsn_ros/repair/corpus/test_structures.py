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
from structures import (
    Tree,
    append_lists,
    common_ancestor,
    contains_key,
    drop_repeats,
    from_end,
    has_path_sum,
    height,
    in_order,
    insert_key,
    insert_sorted,
    is_search_tree,
    kth_smallest,
    leaves,
    levels,
    list_length,
    make_list,
    make_tree,
    middle_value,
    mirrored,
    pre_order,
    read_list,
    remove_value,
    right_view,
    swap_pairs,
    tree_size,
    use_account,
    use_min_stack,
    use_prefixes,
    use_queue,
    use_recent,
    use_ring,
)


def test_read_list_1():
    assert read_list(None) == []


def test_read_list_2():
    assert read_list(make_list([1])) == [1]


def test_read_list_3():
    assert read_list(make_list([3, 1, 2])) == [3, 1, 2]


def test_insert_key_1():
    assert list(in_order(insert_key(make_tree([4, 2]), 3))) == [2, 3, 4]


def test_insert_key_2():
    assert list(in_order(insert_key(None, 1))) == [1]


def test_insert_key_3():
    assert list(in_order(insert_key(make_tree([4, 2, 6]), 5))) == [2, 4, 5, 6]


def test_insert_key_4():
    assert list(pre_order(insert_key(make_tree([4, 2]), 2))) == [4, 2]


def test_height_1():
    assert height(make_tree([])) == 0


def test_height_2():
    assert height(make_tree([5])) == 1


def test_height_3():
    assert height(make_tree([4, 2, 6])) == 2


def test_height_4():
    assert height(make_tree([5, 3, 8, 1, 4, 9])) == 3


def test_height_5():
    assert height(make_tree([1, 2, 3, 4])) == 4


def test_tree_size_1():
    assert tree_size(make_tree([])) == 0


def test_tree_size_2():
    assert tree_size(make_tree([5])) == 1


def test_tree_size_3():
    assert tree_size(make_tree([4, 2, 6])) == 3


def test_tree_size_4():
    assert tree_size(make_tree([5, 3, 8, 1, 4, 9])) == 6


def test_tree_size_5():
    assert tree_size(make_tree([1, 2, 3, 4])) == 4


def test_in_order_1():
    assert list(in_order(make_tree([]))) == []


def test_in_order_2():
    assert list(in_order(make_tree([5]))) == [5]


def test_in_order_3():
    assert list(in_order(make_tree([4, 2, 6]))) == [2, 4, 6]


def test_in_order_4():
    assert list(in_order(make_tree([5, 3, 8, 1, 4, 9]))) == [1, 3, 4, 5, 8, 9]


def test_in_order_5():
    assert list(in_order(make_tree([1, 2, 3, 4]))) == [1, 2, 3, 4]


def test_pre_order_1():
    assert list(pre_order(make_tree([]))) == []


def test_pre_order_2():
    assert list(pre_order(make_tree([5]))) == [5]


def test_pre_order_3():
    assert list(pre_order(make_tree([4, 2, 6]))) == [4, 2, 6]


def test_pre_order_4():
    assert list(pre_order(make_tree([5, 3, 8, 1, 4, 9]))) == [5, 3, 1, 4, 8, 9]


def test_pre_order_5():
    assert list(pre_order(make_tree([1, 2, 3, 4]))) == [1, 2, 3, 4]


def test_levels_1():
    assert levels(make_tree([])) == []


def test_levels_2():
    assert levels(make_tree([5])) == [[5]]


def test_levels_3():
    assert levels(make_tree([4, 2, 6])) == [[4], [2, 6]]


def test_levels_4():
    assert levels(make_tree([5, 3, 8, 1, 4, 9])) == [[5], [3, 8], [1, 4, 9]]


def test_levels_5():
    assert levels(make_tree([1, 2, 3, 4])) == [[1], [2], [3], [4]]


def test_contains_key_1():
    assert contains_key(None, 1) is False


def test_contains_key_2():
    assert contains_key(make_tree([4, 2, 6]), 6) is True


def test_contains_key_3():
    assert contains_key(make_tree([4, 2, 6]), 2) is True


def test_contains_key_4():
    assert contains_key(make_tree([4, 2, 6]), 5) is False


def test_contains_key_5():
    assert contains_key(make_tree([4, 2, 6, 5]), 5) is True


def test_is_search_tree_1():
    assert is_search_tree(None) is True


def test_is_search_tree_2():
    assert is_search_tree(make_tree([4, 2, 6])) is True


def test_is_search_tree_3():
    assert is_search_tree(Tree(1, Tree(2))) is False


def test_is_search_tree_4():
    assert is_search_tree(Tree(5, Tree(3, None, Tree(6)), Tree(8))) is False


def test_is_search_tree_5():
    assert is_search_tree(Tree(5, None, Tree(5))) is False


def test_leaves_1():
    assert leaves(make_tree([])) == []


def test_leaves_2():
    assert leaves(make_tree([5])) == [5]


def test_leaves_3():
    assert leaves(make_tree([4, 2, 6])) == [2, 6]


def test_leaves_4():
    assert leaves(make_tree([5, 3, 8, 1, 4, 9])) == [1, 4, 9]


def test_leaves_5():
    assert leaves(make_tree([1, 2, 3, 4])) == [4]


def test_has_path_sum_1():
    assert has_path_sum(None, 0) is False


def test_has_path_sum_2():
    assert has_path_sum(make_tree([5]), 5) is True


def test_has_path_sum_3():
    assert has_path_sum(make_tree([4, 2, 6]), 6) is True


def test_has_path_sum_4():
    assert has_path_sum(make_tree([4, 2, 6]), 4) is False


def test_has_path_sum_5():
    assert has_path_sum(make_tree([4, 2, 6]), 10) is True


def test_has_path_sum_6():
    assert has_path_sum(make_tree([5, 3, 8, 1]), 9) is True


def test_common_ancestor_1():
    assert common_ancestor(make_tree([5, 3, 8, 1, 4, 9]), 1, 4) == 3


def test_common_ancestor_2():
    assert common_ancestor(make_tree([5, 3, 8, 1, 4, 9]), 1, 9) == 5


def test_common_ancestor_3():
    assert common_ancestor(make_tree([5, 3, 8, 7, 9]), 7, 9) == 8


def test_common_ancestor_4():
    assert common_ancestor(make_tree([5, 3, 8]), 5, 8) == 5


def test_common_ancestor_5():
    assert common_ancestor(None, 1, 2) is None


def test_mirrored_1():
    assert mirrored(None, None) is True


def test_mirrored_2():
    assert mirrored(Tree(1), None) is False


def test_mirrored_3():
    assert mirrored(Tree(1, Tree(2)), Tree(1, None, Tree(2))) is True


def test_mirrored_4():
    assert mirrored(Tree(1, Tree(2)), Tree(1, Tree(2))) is False


def test_mirrored_5():
    assert mirrored(Tree(1), Tree(2)) is False


def test_mirrored_6():
    assert mirrored(Tree(1, Tree(2), Tree(3)), Tree(1, Tree(3), Tree(2))) is True


def test_kth_smallest_1():
    assert kth_smallest(make_tree([4, 2, 6]), 1) == 2


def test_kth_smallest_2():
    assert kth_smallest(make_tree([4, 2, 6]), 3) == 6


def test_kth_smallest_3():
    assert kth_smallest(make_tree([5, 3, 8, 1, 4, 9]), 4) == 5


def test_kth_smallest_4():
    assert kth_smallest(make_tree([4]), 2) is None


def test_right_view_1():
    assert right_view(make_tree([])) == []


def test_right_view_2():
    assert right_view(make_tree([5])) == [5]


def test_right_view_3():
    assert right_view(make_tree([4, 2, 6])) == [4, 6]


def test_right_view_4():
    assert right_view(make_tree([5, 3, 8, 1, 4, 9])) == [5, 8, 9]


def test_right_view_5():
    assert right_view(make_tree([1, 2, 3, 4])) == [1, 2, 3, 4]


def test_right_view_6():
    assert right_view(make_tree([5, 3, 8, 1])) == [5, 8, 1]


def test_list_length_1():
    assert list_length(None) == 0


def test_list_length_2():
    assert list_length(make_list([1])) == 1


def test_list_length_3():
    assert list_length(make_list([1, 2, 3])) == 3


def test_from_end_1():
    assert from_end(make_list([1, 2, 3]), 1) == 3


def test_from_end_2():
    assert from_end(make_list([1, 2, 3]), 3) == 1


def test_from_end_3():
    assert from_end(make_list([1, 2, 3]), 4) is None


def test_from_end_4():
    assert from_end(None, 1) is None


def test_from_end_5():
    assert from_end(make_list([7, 8]), 2) == 7


def test_remove_value_1():
    assert read_list(remove_value(make_list([1, 2, 1]), 1)) == [2]


def test_remove_value_2():
    assert read_list(remove_value(None, 1)) == []


def test_remove_value_3():
    assert read_list(remove_value(make_list([1, 2, 2, 3]), 2)) == [1, 3]


def test_remove_value_4():
    assert read_list(remove_value(make_list([5]), 4)) == [5]


def test_middle_value_1():
    assert middle_value(make_list([1])) == 1


def test_middle_value_2():
    assert middle_value(make_list([1, 2])) == 2


def test_middle_value_3():
    assert middle_value(make_list([1, 2, 3])) == 2


def test_middle_value_4():
    assert middle_value(make_list([1, 2, 3, 4, 5, 6])) == 4


def test_insert_sorted_1():
    assert read_list(insert_sorted(None, 1)) == [1]


def test_insert_sorted_2():
    assert read_list(insert_sorted(make_list([1, 3]), 2)) == [1, 2, 3]


def test_insert_sorted_3():
    assert read_list(insert_sorted(make_list([2, 3]), 1)) == [1, 2, 3]


def test_insert_sorted_4():
    assert read_list(insert_sorted(make_list([1, 2]), 5)) == [1, 2, 5]


def test_insert_sorted_5():
    assert read_list(insert_sorted(make_list([1, 2, 4, 6]), 5)) == [1, 2, 4, 5, 6]


def test_swap_pairs_1():
    assert read_list(swap_pairs(None)) == []


def test_swap_pairs_2():
    assert read_list(swap_pairs(make_list([1]))) == [1]


def test_swap_pairs_3():
    assert read_list(swap_pairs(make_list([1, 2]))) == [2, 1]


def test_swap_pairs_4():
    assert read_list(swap_pairs(make_list([1, 2, 3, 4, 5]))) == [2, 1, 4, 3, 5]


def test_drop_repeats_1():
    assert read_list(drop_repeats(None)) == []


def test_drop_repeats_2():
    assert read_list(drop_repeats(make_list([1, 1, 2]))) == [1, 2]


def test_drop_repeats_3():
    assert read_list(drop_repeats(make_list([1, 1, 1, 2, 3, 3]))) == [1, 2, 3]


def test_drop_repeats_4():
    assert read_list(drop_repeats(make_list([1, 2]))) == [1, 2]


def test_append_lists_1():
    assert read_list(append_lists(None, make_list([1]))) == [1]


def test_append_lists_2():
    assert read_list(append_lists(make_list([1]), None)) == [1]


def test_append_lists_3():
    assert read_list(append_lists(make_list([1, 2]), make_list([3, 4]))) == [1, 2, 3, 4]


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([3, 1, 2],), [3, 1, 1]),
    (([3, 1, 1, 'pop', 'pop'],), [3, 1, 1, 1, 3]),
    (([2, 3, 'pop', 'pop', 5],), [2, 2, 2, None, 5]),
    (([5, 4, 'pop', 6],), [5, 4, 5, 5]),
])
def test_use_min_stack(arguments, expected):
    assert use_min_stack(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((2, [(1, 1), (1,)]), [1]),
    ((1, [(1, 1), (2, 2), (1,), (2,)]), [None, 2]),
    ((2, [(1, 1), (2, 2), (1,), (3, 3), (2,), (1,)]), [1, None, 1]),
    ((2, [(1, 1), (1, 5), (2, 2), (1,), (3, 3), (2,)]), [5, None]),
    ((2, [(9,)]), [None]),
])
def test_use_recent(arguments, expected):
    assert use_recent(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((3, []), []),
    ((3, [1, 2]), [1, 2]),
    ((2, [1, 2, 3]), [2, 3]),
    ((3, [1, 2, 3, 4, 5]), [3, 4, 5]),
    ((1, [7, 8]), [8]),
])
def test_use_ring(arguments, expected):
    assert use_ring(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([], 'a'), 0),
    ((['car', 'cat', 'dog'], 'ca'), 2),
    ((['car', 'cart'], 'car'), 2),
    ((['a'], 'b'), 0),
    ((['x', 'xy', 'xyz'], ''), 3),
])
def test_use_prefixes(arguments, expected):
    assert use_prefixes(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0, []), (0, [])),
    ((10, [5, -3]), (12, [5, -3])),
    ((1, [-5]), (1, [])),
    ((5, [-5, 2]), (2, [-5, 2])),
    ((0, [7, -2, -9]), (5, [7, -2])),
])
def test_use_account(arguments, expected):
    assert use_account(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([None],), [None]),
    (([1, 2, None, 3, None, None],), [1, 2, 3]),
    (([1, None, None],), [1, None]),
    (([1, 2, 3, None, None, 4, None, None],), [1, 2, 3, 4]),
])
def test_use_queue(arguments, expected):
    assert use_queue(*arguments) == expected
