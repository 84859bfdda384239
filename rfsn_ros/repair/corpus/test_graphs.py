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
from graphs import (
    all_paths,
    ancestors_of,
    closure,
    components,
    count_islands,
    determinant,
    diagonal_sums,
    find_root,
    flood_fill,
    greedy_coloring,
    has_cycle,
    has_euler_circuit,
    in_degrees,
    is_bipartite,
    is_dag,
    knight_moves,
    life_step,
    maze_steps,
    multiply,
    reachable_within,
    rotate_matrix,
    rotting_minutes,
    search_sorted_matrix,
    spiral,
    town_judge,
    transpose,
    transpose_graph,
    tree_diameter,
    valid_sudoku_rows,
    winner,
    word_ladder,
)


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({},), 0),
    (({1: []},), 1),
    (({1: [2], 2: [1, 3], 3: [2], 4: []},), 2),
    (({1: [2], 2: [1], 3: [4], 4: [3]},), 2),
    (({1: [2, 3], 2: [1], 3: [1]},), 1),
])
def test_components(arguments, expected):
    assert components(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([0, 1], 1), 1),
    (([0, 0, 1, 2], 3), 0),
    (([1, 2, 2], 0), 2),
    (([0, 1, 1, 2, 3], 4), 1),
])
def test_find_root(arguments, expected):
    assert find_root(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1, []), False),
    ((3, [(0, 1), (1, 2)]), False),
    ((3, [(0, 1), (1, 2), (2, 0)]), True),
    ((4, [(0, 1), (2, 3)]), False),
    ((4, [(0, 1), (2, 3), (1, 2), (3, 0)]), True),
])
def test_has_cycle(arguments, expected):
    assert has_cycle(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({},), True),
    (({1: [2], 2: [1, 3], 3: [2], 4: []},), True),
    (({1: [2, 3], 2: [1, 3], 3: [1, 2]},), False),
    (({1: [2], 2: [1], 3: [4], 4: [3]},), True),
    (({1: [2, 4], 2: [1, 3], 3: [2, 4], 4: [1, 3]},), True),
])
def test_is_bipartite(arguments, expected):
    assert is_bipartite(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), 0),
    (([[0]],), 0),
    (([[1, 1], [0, 0], [1, 0]],), 2),
    (([[1, 0, 1], [0, 1, 0], [1, 0, 1]],), 5),
    (([[1, 1, 0], [0, 1, 0], [0, 0, 1]],), 2),
])
def test_count_islands(arguments, expected):
    assert count_islands(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([[1]], 0, 0, 2), [[2]]),
    (([[1, 1], [1, 0]], 0, 0, 3), [[3, 3], [3, 0]]),
    (([[0, 1], [1, 0]], 0, 0, 5), [[5, 1], [1, 0]]),
    (([[2, 2]], 0, 1, 2), [[2, 2]]),
    (([[1, 0, 1], [1, 1, 1]], 1, 1, 4), [[4, 0, 4], [4, 4, 4]]),
])
def test_flood_fill(arguments, expected):
    assert flood_fill(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({},), {}),
    (({'a': ['b', 'c'], 'b': ['d'], 'c': ['d'], 'd': []},), {'a': [], 'b': ['a'], 'c': ['a'], 'd': ['b', 'c']}),
    (({1: [1]},), {1: [1]}),
    (({1: [2], 2: []},), {1: [], 2: [1]}),
])
def test_transpose_graph(arguments, expected):
    assert transpose_graph(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({},), {}),
    (({'a': ['b', 'c'], 'b': ['d'], 'c': ['d'], 'd': []},), {'a': 0, 'b': 1, 'c': 1, 'd': 2}),
    (({1: [2], 2: [1]},), {1: 1, 2: 1}),
])
def test_in_degrees(arguments, expected):
    assert in_degrees(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((['.'], (0, 0), (0, 0)), 0),
    ((['..', '..'], (0, 0), (1, 1)), 2),
    ((['.#', '#.'], (0, 0), (1, 1)), -1),
    ((['...', '##.', '...'], (0, 0), (2, 0)), 6),
    ((['..#..', '.....'], (0, 0), (0, 4)), 6),
])
def test_maze_steps(arguments, expected):
    assert maze_steps(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((8, (0, 0), (0, 0)), 0),
    ((8, (0, 0), (1, 2)), 1),
    ((8, (0, 0), (7, 7)), 6),
    ((3, (0, 0), (1, 1)), None),
    ((4, (0, 0), (3, 3)), 2),
])
def test_knight_moves(arguments, expected):
    assert knight_moves(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({},), {}),
    (({'a': ['b', 'c'], 'b': ['d'], 'c': ['d'], 'd': []},), {'a': ['b', 'c', 'd'], 'b': ['d'], 'c': ['d'], 'd': []}),
    (({1: [2], 2: [3], 3: [1]},), {1: [1, 2, 3], 2: [1, 2, 3], 3: [1, 2, 3]}),
    (({1: [], 2: [1]},), {1: [], 2: [1]}),
])
def test_closure(arguments, expected):
    assert closure(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({},), True),
    (({1: [2], 2: [1]},), False),
    (({1: [2, 3], 2: [1, 3], 3: [1, 2]},), True),
    (({1: [2, 3], 2: [1], 3: [1]},), False),
])
def test_has_euler_circuit(arguments, expected):
    assert has_euler_circuit(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({},), {}),
    (({1: [2], 2: [1, 3], 3: [2], 4: []},), {1: 0, 2: 1, 3: 0, 4: 0}),
    (({1: [2, 3], 2: [1, 3], 3: [1, 2]},), {1: 0, 2: 1, 3: 2}),
    (({1: [3], 2: [3], 3: [1, 2]},), {1: 0, 2: 0, 3: 1}),
])
def test_greedy_coloring(arguments, expected):
    assert greedy_coloring(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1, []), 1),
    ((2, [(1, 2)]), 2),
    ((3, [(1, 3), (2, 3)]), 3),
    ((3, [(1, 3), (2, 3), (3, 1)]), -1),
    ((3, [(1, 2), (2, 3)]), -1),
])
def test_town_judge(arguments, expected):
    assert town_judge(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('hit', 'cog', ['hot', 'dot', 'dog', 'lot', 'log', 'cog']), 5),
    (('hit', 'cog', ['hot']), 0),
    (('a', 'c', ['b', 'c']), 2),
    (('ab', 'ab', ['ab']), 1),
    (('aa', 'bb', ['ab', 'bb', 'cc']), 3),
])
def test_word_ladder(arguments, expected):
    assert word_ladder(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({'a': ['b', 'c'], 'b': ['d'], 'c': ['d'], 'd': []}, 'a', 'd'), [['a', 'b', 'd'], ['a', 'c', 'd']]),
    (({'a': ['b', 'c'], 'b': ['d'], 'c': ['d'], 'd': []}, 'b', 'd'), [['b', 'd']]),
    (({'a': ['b', 'c'], 'b': ['d'], 'c': ['d'], 'd': []}, 'd', 'a'), []),
    (({'a': ['b', 'c'], 'b': ['d'], 'c': ['d'], 'd': []}, 'a', 'a'), [['a']]),
    (({1: [2, 3], 2: [3], 3: []}, 1, 3), [[1, 2, 3], [1, 3]]),
])
def test_all_paths(arguments, expected):
    assert all_paths(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({},), True),
    (({'a': ['b', 'c'], 'b': ['d'], 'c': ['d'], 'd': []},), True),
    (({1: [2], 2: [1]},), False),
    (({1: [2], 2: [3], 3: [2]},), False),
    (({1: [1]},), False),
    (({1: [2, 3], 2: [3], 3: []},), True),
])
def test_is_dag(arguments, expected):
    assert is_dag(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({}, 'a'), []),
    (({'a': 'b'}, 'a'), ['b']),
    (({'a': 'b', 'b': 'c', 'c': None}, 'a'), ['b', 'c']),
    (({1: 2, 3: 4}, 3), [4]),
])
def test_ancestors_of(arguments, expected):
    assert ancestors_of(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (({'a': ['b', 'c'], 'b': ['d'], 'c': ['d'], 'd': []}, 'a', 0), ['a']),
    (({'a': ['b', 'c'], 'b': ['d'], 'c': ['d'], 'd': []}, 'a', 1), ['a', 'b', 'c']),
    (({'a': ['b', 'c'], 'b': ['d'], 'c': ['d'], 'd': []}, 'a', 2), ['a', 'b', 'c', 'd']),
    (({1: [2], 2: [1, 3], 3: [2], 4: []}, 1, 5), [1, 2, 3]),
    (({1: [2], 2: [1, 3], 3: [2], 4: []}, 4, 2), [4]),
])
def test_reachable_within(arguments, expected):
    assert reachable_within(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([[0]],), 0),
    (([[2, 1, 1], [1, 1, 0], [0, 1, 1]],), 4),
    (([[2, 1, 1], [0, 1, 1], [1, 0, 1]],), -1),
    (([[1]],), -1),
    (([[2, 2]],), 0),
])
def test_rotting_minutes(arguments, expected):
    assert rotting_minutes(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), 0),
    (([(1, 2)],), 1),
    (([(1, 2), (1, 3), (1, 4)],), 2),
    (([(1, 2), (2, 3), (3, 4), (2, 5)],), 3),
    (([(1, 2), (1, 3), (3, 4), (4, 5), (2, 6)],), 5),
])
def test_tree_diameter(arguments, expected):
    assert tree_diameter(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([(0, 0)],), []),
    (([(0, 0), (0, 1), (0, 2)],), [(-1, 1), (0, 1), (1, 1)]),
    (([(0, 0), (0, 1), (1, 0), (1, 1)],), [(0, 0), (0, 1), (1, 0), (1, 1)]),
    (([(0, 0), (1, 1), (2, 0)],), [(1, 0), (1, 1)]),
])
def test_life_step(arguments, expected):
    assert life_step(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([[1]],), [[1]]),
    (([[1, 2], [3, 4]],), [[1, 3], [2, 4]]),
    (([[1, 2, 3]],), [[1], [2], [3]]),
    (([[1], [2]],), [[1, 2]]),
])
def test_transpose(arguments, expected):
    assert transpose(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([[1]],), [[1]]),
    (([[1, 2], [3, 4]],), [[3, 1], [4, 2]]),
    (([[1, 2, 3], [4, 5, 6], [7, 8, 9]],), [[7, 4, 1], [8, 5, 2], [9, 6, 3]]),
])
def test_rotate_matrix(arguments, expected):
    assert rotate_matrix(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([[1]],), [1]),
    (([[1, 2], [3, 4]],), [1, 2, 4, 3]),
    (([[1, 2, 3], [4, 5, 6], [7, 8, 9]],), [1, 2, 3, 6, 9, 8, 7, 4, 5]),
    (([[1, 2, 3]],), [1, 2, 3]),
])
def test_spiral(arguments, expected):
    assert spiral(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([[2]], [[3]]), [[6]]),
    (([[1, 2], [3, 4]], [[5, 6], [7, 8]]), [[19, 22], [43, 50]]),
    (([[1, 2, 3]], [[1], [2], [3]]), [[14]]),
    (([[1], [2]], [[3, 4]]), [[3, 4], [6, 8]]),
])
def test_multiply(arguments, expected):
    assert multiply(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([[5]],), 5),
    (([[1, 2], [3, 4]],), -2),
    (([[2, 0, 1], [1, 3, 2], [1, 1, 1]],), 0),
    (([[0, 1], [1, 0]],), -1),
])
def test_determinant(arguments, expected):
    assert determinant(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([[5]],), (5, 5)),
    (([[1, 2], [3, 4]],), (5, 5)),
    (([[1, 2, 3], [4, 5, 6], [7, 8, 10]],), (16, 15)),
])
def test_diagonal_sums(arguments, expected):
    assert diagonal_sums(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([[1]], 1), (0, 0)),
    (([[1]], 2), None),
    (([[1, 4], [2, 5]], 2), (1, 0)),
    (([[1, 4], [2, 5]], 5), (1, 1)),
    (([[1, 4, 7], [2, 5, 8]], 3), None),
    (([[1, 4, 7], [2, 5, 8]], 7), (0, 2)),
])
def test_search_sorted_matrix(arguments, expected):
    assert search_sorted_matrix(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), True),
    (([[1, 2, 3]],), True),
    (([[1, 1, 2]],), False),
    (([[0, 0, 1]],), True),
    (([[1, 2], [2, 2]],), False),
    (([[1, 2], [2, 1]],), True),
])
def test_valid_sudoku_rows(arguments, expected):
    assert valid_sudoku_rows(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((['X' * 3, 'OO ', '   '],), 'X'),
    ((['XO ', 'XO ', 'X  '],), 'X'),
    ((['XO ', 'OX ', 'O X'],), 'X'),
    ((['XXO', ' O ', 'O X'],), 'O'),
    ((['   ', '   ', '   '],), None),
    ((['XOX', 'OXO', 'OXO'],), None),
])
def test_winner(arguments, expected):
    assert winner(*arguments) == expected
