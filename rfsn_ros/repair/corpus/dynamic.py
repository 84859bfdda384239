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

def climb_stairs(steps):
    one, two = 1, 1
    for _ in range(steps - 1):
        one, two = one + two, one
    return one


def fewest_coins(coins, amount):
    best = [0] + [float('inf')] * amount
    for value in range(1, amount + 1):
        for coin in coins:
            if coin <= value:
                best[value] = min(best[value], best[value - coin] + 1)
    return best[amount] if best[amount] != float('inf') else -1


def rob_houses(values):
    take, skip = 0, 0
    for value in values:
        take, skip = skip + value, max(take, skip)
    return max(take, skip)


def grid_paths(rows, columns):
    counts = [[1] * columns for _ in range(rows)]
    for row in range(1, rows):
        for column in range(1, columns):
            counts[row][column] = counts[row - 1][column] + counts[row][column - 1]
    return counts[rows - 1][columns - 1]


def cheapest_path(grid):
    rows, columns = len(grid), len(grid[0])
    cost = [[0] * columns for _ in range(rows)]
    for i in range(rows):
        for j in range(columns):
            if i == 0 and j == 0:
                before = 0
            elif i == 0:
                before = cost[i][j - 1]
            elif j == 0:
                before = cost[i - 1][j]
            else:
                before = min(cost[i - 1][j], cost[i][j - 1])
            cost[i][j] = before + grid[i][j]
    return cost[-1][-1]


def subset_sum(numbers, target):
    reachable = {0}
    for number in numbers:
        reachable |= {total + number for total in reachable}
    return target in reachable


def can_split_evenly(numbers):
    total = sum(numbers)
    if total % 2 == 1:
        return False
    half = total // 2
    possible = [True] + [False] * half
    for number in numbers:
        for value in range(half, number - 1, -1):
            if possible[value - number]:
                possible[value] = True
    return possible[half]


def rod_cutting(prices, length):
    best = [0] * (length + 1)
    for size in range(1, length + 1):
        for cut in range(1, min(size, len(prices)) + 1):
            best[size] = max(best[size], prices[cut - 1] + best[size - cut])
    return best[length]


def palindromic_subsequence(text):
    if not text:
        return 0
    size = len(text)
    best = [[0] * size for _ in range(size)]
    for i in range(size - 1, -1, -1):
        best[i][i] = 1
        for j in range(i + 1, size):
            if text[i] == text[j]:
                best[i][j] = best[i + 1][j - 1] + 2
            else:
                best[i][j] = max(best[i + 1][j], best[i][j - 1])
    return best[0][size - 1]


def word_break(text, words):
    fits = [True] + [False] * len(text)
    for end in range(1, len(text) + 1):
        for start in range(end):
            if fits[start] and text[start:end] in words:
                fits[end] = True
                break
    return fits[len(text)]


def decode_ways(digits):
    if not digits or digits[0] == '0':
        return 0
    before, current = 1, 1
    for i in range(1, len(digits)):
        ways = 0
        if digits[i] != '0':
            ways += current
        if 10 <= int(digits[i - 1:i + 1]) <= 26:
            ways += before
        before, current = current, ways
    return current


def largest_square(grid):
    if not grid:
        return 0
    best = 0
    sides = [[0] * len(grid[0]) for _ in grid]
    for i in range(len(grid)):
        for j in range(len(grid[0])):
            if grid[i][j] == 1:
                if i == 0 or j == 0:
                    sides[i][j] = 1
                else:
                    sides[i][j] = 1 + min(sides[i - 1][j], sides[i][j - 1], sides[i - 1][j - 1])
                best = max(best, sides[i][j])
    return best * best


def matrix_chain(sizes):
    count = len(sizes) - 1
    cost = [[0] * count for _ in range(count)]
    for length in range(2, count + 1):
        for i in range(count - length + 1):
            j = i + length - 1
            cost[i][j] = min(
                cost[i][k] + cost[k + 1][j] + sizes[i] * sizes[k + 1] * sizes[j + 1]
                for k in range(i, j))
    return cost[0][count - 1]


def common_substring(one, other):
    best = ''
    lengths = {}
    for i, first in enumerate(one):
        for j, second in enumerate(other):
            if first == second:
                length = lengths.get((i - 1, j - 1), 0) + 1
                lengths[i, j] = length
                if length > len(best):
                    best = one[i - length + 1:i + 1]
    return best


def tilings(width):
    if width < 0:
        return 0
    if width == 0:
        return 1
    return tilings(width - 1) + tilings(width - 2) + tilings(width - 3)


def obstacle_paths(grid):
    counts = [0] * len(grid[0])
    counts[0] = 1
    for row in grid:
        for column in range(len(row)):
            if row[column] == 1:
                counts[column] = 0
            elif column > 0:
                counts[column] += counts[column - 1]
    return counts[-1]


def egg_drops(eggs, floors):
    if floors <= 1 or eggs == 1:
        return floors
    best = floors
    for floor in range(1, floors + 1):
        worst = 1 + max(egg_drops(eggs - 1, floor - 1), egg_drops(eggs, floors - floor))
        best = min(best, worst)
    return best


def interleaves(one, other, whole):
    if len(one) + len(other) != len(whole):
        return False
    if not whole:
        return True
    if one and one[0] == whole[0] and interleaves(one[1:], other, whole[1:]):
        return True
    return bool(other) and other[0] == whole[0] and interleaves(one, other[1:], whole[1:])


def triangle_minimum(triangle):
    best = list(triangle[-1])
    for row in range(len(triangle) - 2, -1, -1):
        for i in range(row + 1):
            best[i] = triangle[row][i] + min(best[i], best[i + 1])
    return best[0]


def perfect_squares(n):
    fewest = [0] * (n + 1)
    for value in range(1, n + 1):
        fewest[value] = value
        root = 1
        while root * root <= value:
            fewest[value] = min(fewest[value], fewest[value - root * root] + 1)
            root += 1
    return fewest[n]


def stock_with_fee(prices, fee):
    cash, held = 0, float('-inf')
    for price in prices:
        cash = max(cash, held + price - fee)
        held = max(held, cash - price)
    return cash


def max_product_run(values):
    best = low = high = values[0]
    for value in values[1:]:
        if value < 0:
            low, high = high, low
        low = min(value, low * value)
        high = max(value, high * value)
        best = max(best, high)
    return best


def valid_queens(n):
    def place(row, columns, falling, rising):
        if row == n:
            return 1
        count = 0
        for column in range(n):
            if column in columns or row - column in falling or row + column in rising:
                continue
            count += place(row + 1, columns | {column}, falling | {row - column},
                           rising | {row + column})
        return count
    return place(0, set(), set(), set())
