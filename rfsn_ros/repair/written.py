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

"""
Bugs written by hand into the functions that are never learned from.

Each is one slip of a kind that programmers make, put down before any repair of it was tried. The
injected bugs (`inject`) know nothing of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from rfsn_ros.repair.functions import TestedFunction

__all__ = ['written_bugs']

_BUGS = (
    ('climb_stairs', 'one + two, one', 'one + two, two'),
    ('climb_stairs', 'range(steps - 1)', 'range(1, steps - 1)'),
    ('cheapest_path', 'before = cost[i - 1][j]', 'before = cost[i][j]'),
    ('cheapest_path', 'min(cost[i - 1][j], cost[i][j - 1])',
     'min(cost[i - 1][j], cost[i - 1][j - 1])'),
    ('cheapest_path', '[[0] * columns for _ in range(rows)]', '[[0] * columns] * rows'),
    ('palindromic_subsequence', 'best[i + 1][j - 1] + 2', 'best[i + 1][j] + 2'),
    ('palindromic_subsequence', 'range(size - 1, -1, -1)', 'range(size - 1, 0, -1)'),
    ('palindromic_subsequence', '    if not text:\n        return 0\n', ''),
    ('matrix_chain', 'for k in range(i, j))', 'for k in range(i + 1, j))'),
    ('matrix_chain', 'sizes[i] * sizes[k + 1] * sizes[j + 1]',
     'sizes[i] * sizes[k] * sizes[j + 1]'),
    ('egg_drops', 'if floors <= 1 or eggs == 1:', 'if floors <= 1:'),
    ('egg_drops', '1 + max(egg_drops', 'max(egg_drops'),
    ('egg_drops', 'floors - floor)', 'floors - 1)'),
    ('stock_with_fee', 'max(held, cash - price)', 'cash - price'),
    ('stock_with_fee', 'held + price - fee', 'held + price'),
    ('fibonacci_below', 'a, b = b, a + b', 'a, b = a + b, b'),
    ('squeeze', 'previous = object()', 'previous = items[0]'),
    ('squeeze', '        previous = item\n', ''),
    ('pick', 'pick(items[index + 1:], count - 1)', 'pick(items, count - 1)'),
    ('pick', '        yield []\n        return', '        return'),
    ('pick', '[items[index]] + rest', 'items[index] + rest'),
    ('lines_between', 'if line == stop:\n            inside = False\n        ',
     ''),
    ('divide_evenly', '        start = end\n', ''),
    ('divide_evenly', '(1 if part < extra else 0)', 'extra'),
    ('peaks_of', 'before < value and value > after', 'before < value'),
    ('peaks_of', 'values[2:]', 'values[1:]'),
    ('compose', 'reversed(functions)', 'functions'),
    ('compose', 'value = function(value)', 'function(value)'),
    ('schedule', 'sorted(tasks)', 'tasks'),
    ('schedule', 'waiting += time\n        time += duration',
     'time += duration\n        waiting += time'),
    ('tax', 'min(income, upper) - lower', 'upper - lower'),
    ('tax', '        lower = upper\n', ''),
    ('is_bipartite', '1 - colors[node]', 'colors[node]'),
    ('is_bipartite', '                    queue.append(neighbor)\n', ''),
    ('is_bipartite', '        if start in colors:\n            continue\n', ''),
    ('in_degrees', 'degrees[neighbor] += 1', 'degrees[neighbor] = 1'),
    ('has_euler_circuit', 'len(neighbors) % 2 == 0', 'len(graph) % 2 == 0'),
    ('all_paths', 'return [[node]]', 'return [node]'),
    ('all_paths', '[node] + path', 'path'),
    ('all_paths', '    if node == goal:\n        return [[node]]\n', ''),
    ('rotting_minutes', 'while fresh and rotten', 'while fresh'),
    ('rotting_minutes', '                    fresh.remove(place)\n', ''),
    ('rotting_minutes', 'minutes if not fresh else -1', 'minutes'),
    ('rotate_matrix', 'rotated[j][size - 1 - i]', 'rotated[j][size - i]'),
    ('rotate_matrix', 'rotated[j][size - 1 - i]', 'rotated[size - 1 - j][i]'),
    ('diagonal_sums', 'matrix[i][size - 1 - i]', 'matrix[i][size - 1]'),
    ('digit_sum', 'n //= 10', 'n -= 10'),
    ('digit_sum', '    n = abs(n)\n', ''),
    ('is_perfect', 'range(1, n)', 'range(1, n + 1)'),
    ('is_perfect', 'n > 0 and total == n', 'total == n'),
    ('fibonacci', 'return previous', 'return current'),
    ('factorial_zeros', 'power *= 5', 'power += 5'),
    ('totient', 'math.gcd(n, other) == 1', 'n % other == 1'),
    ('ackermann', 'ackermann(m - 1, ackermann(m, n - 1))', 'ackermann(m - 1, n - 1)'),
    ('ackermann', 'ackermann(m - 1, 1)', 'ackermann(m - 1, n)'),
    ('is_leap', '(year % 100 != 0 or year % 400 == 0)', 'year % 100 != 0'),
    ('is_leap', 'year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)',
     'year % 4 == 0 and year % 100 != 0 and year % 400 == 0'),
    ('derivative', 'power * coefficient', 'coefficient'),
    ('is_power_of_two', 'n & (n - 1) == 0', 'n % 2 == 0'),
    ('continued_fraction', 'a, b = b, a % b', 'a, b = a % b, b'),
    ('continued_fraction', 'a // b', 'a / b'),
    ('insertion_sort', 'while j >= 0 and values[j] > current', 'while values[j] > current'),
    ('insertion_sort', 'values[j + 1] = current', 'values[j] = current'),
    ('insertion_sort', '            j -= 1\n', ''),
    ('sift_down', 'heap[child + 1] < heap[child]', 'heap[child + 1] < heap[start]'),
    ('sift_down', 'while 2 * start + 1 < len(heap)', 'while start < len(heap)'),
    ('sift_down', '        start = child\n', ''),
    ('overlaps', 'other[0] < one[1]', 'one[0] < one[1]'),
    ('unique', '            seen.add(value)\n', ''),
    ('majority', '            candidate = value\n', '            candidate = count\n'),
    ('majority', 'values.count(candidate) * 2', 'values.count(candidate)'),
    ('second_largest', 'first, second = value, first', 'first = value'),
    ('second_largest', 'first > value > second', 'value > second'),
    ('best_profit', 'min(lowest, price)', 'price'),
    ('gas_station', 'start = i + 1\n            tank = 0', 'start = i + 1'),
    ('gas_station', '    if sum(gas) < sum(cost):\n        return -1\n', ''),
    ('permutations', 'permutations(rest)', 'permutations(values[1:])'),
    ('permutations', 'values[:index] + values[index + 1:]', 'values[index + 1:]'),
    ('permutations', 'return [list(values)]', 'return []'),
    ('group_by_length', 'if length not in groups:\n            groups[length] = []',
     'groups[length] = []'),
    ('moving_average', 'range(width, len(values) + 1)', 'range(len(values) + 1)'),
    ('nested_sum', 'total += nested_sum(item)', 'nested_sum(item)'),
    ('nested_sum', 'isinstance(item, list)', 'isinstance(items, list)'),
    ('deep_get', 'not isinstance(data, dict) or key not in data', 'key not in data'),
    ('deep_get', '        data = data[key]\n', ''),
    ('is_palindrome', ' if char.isalnum()', ''),
    ('caesar', "(ord(char) - ord('A') + shift) % 26", '(ord(char) + shift) % 26'),
    ('common_prefix', 'while not word.startswith(prefix)', 'if not word.startswith(prefix)'),
    ('camel_to_snake', 'if index > 0:', 'if index >= 0:'),
    ('camel_to_snake', "            if index > 0:\n                result += '_'\n",
     "            result += '_'\n"),
    ('longest_run', '        best = max(best, length)\n',
     '            best = max(best, length)\n'),
    ('longest_run', '            previous = char\n', ''),
    ('pig_latin', 'word[index:] + word[:index]', 'word[index:] + word[:index - 1]'),
    ('pig_latin', 'if char in vowels', 'if char not in vowels'),
    ('parse_query', 'result.setdefault(key, []).append(value)', 'result[key] = [value]'),
    ('parse_query', '        if not pair:\n            continue\n', ''),
    ('ngrams', 'len(words) - size + 1', 'len(words)'),
    ('ngrams', 'words[start:start + size]', 'words[start:size]'),
    ('compare_versions', 'max(len(left), len(right))', 'len(left)'),
    ('compare_versions', '[int(part) for part in one.split', '[part for part in one.split'),
    ('add_left_to_right', 'i += 2', 'i += 1'),
    ('rotate_match', 'len(one) == len(other) and other in one + one', 'other in one + one'),
    ('window_without_repeat', ' and last[char] >= start', ''),
    ('window_without_repeat', 'index - start + 1', 'index - start'),
    ('window_without_repeat', '        last[char] = index\n', ''),
    ('tree_size', 'tree_size(tree.left) + 1 + tree_size(tree.right)',
     'tree_size(tree.left) + tree_size(tree.right)'),
    ('tree_size', '    if tree is None:\n        return 0\n    return tree_size',
     '    return tree_size'),
    ('contains_key', 'if value == tree.value:', 'if value == tree:'),
    ('contains_key', 'tree.left if value < tree.value else tree.right',
     'tree.right if value < tree.value else tree.left'),
    ('common_ancestor', 'one > tree.value and other > tree.value', 'one > tree.value'),
    ('list_length', 'while head:', 'while head.following:'),
    ('list_length', '        head = head.following\n    return length', '    return length'),
    ('insert_sorted', 'Link(value, node.following)', 'Link(value)'),
    ('insert_sorted', 'while node.following and node', 'while node'),
    ('use_min_stack', 'if not self.minima or item <= self.minima[-1]',
     'if not self.minima or item < self.minima[-1]'),
    ('use_min_stack', 'self.minima[-1] if self.minima else None', 'self.minima[-1]'),
    ('use_account', 'self.history.append(-amount)', 'self.history.append(amount)'),
    ('use_account', 'self.balance -= amount', 'self.balance = amount'),
)


def written_bugs(function: TestedFunction) -> Iterator[str]:
    """Yield the text of the function with each bug written for it."""
    name = function.name.rpartition('.')[2]
    for owner, right, wrong in _BUGS:
        if owner == name:
            before, found, after = function.text.rpartition(right)
            if not found:
                raise ValueError(f'{function.name}: no {right!r} to put a bug in')
            yield before + wrong + after
