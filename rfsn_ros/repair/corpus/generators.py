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

def countdown(start):
    while start > 0:
        yield start
        start -= 1


def fibonacci_below(limit):
    a, b = 0, 1
    while a < limit:
        yield a
        a, b = b, a + b


def windows(items, size):
    window = []
    for item in items:
        window.append(item)
        if len(window) > size:
            window.pop(0)
        if len(window) == size:
            yield tuple(window)


def batches(items, size):
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def take_while(predicate, items):
    for item in items:
        if not predicate(item):
            return
        yield item


def squeeze(items):
    previous = object()
    for item in items:
        if item != previous:
            yield item
        previous = item


def running_totals(numbers):
    total = 0
    for number in numbers:
        total += number
        yield total


def round_robin(*groups):
    pending = [list(group) for group in groups]
    while pending:
        for group in list(pending):
            if group:
                yield group.pop(0)
            else:
                pending.remove(group)


def arrangements(letters):
    if not letters:
        yield ''
    for index in range(len(letters)):
        rest = letters[:index] + letters[index + 1:]
        for tail in arrangements(rest):
            yield letters[index] + tail


def pick(items, count):
    if count == 0:
        yield []
        return
    for index in range(len(items)):
        for rest in pick(items[index + 1:], count - 1):
            yield [items[index]] + rest


def bit_strings(length):
    if length == 0:
        yield ''
        return
    for rest in bit_strings(length - 1):
        yield '0' + rest
        yield '1' + rest


def pairs_of(items):
    for i in range(len(items)):
        for j in range(i + 1, len(items)):
            yield items[i], items[j]


def primes_up_to(limit):
    found = []
    for number in range(2, limit + 1):
        if all(number % prime != 0 for prime in found):
            found.append(number)
            yield number


def lines_between(lines, start, stop):
    inside = False
    for line in lines:
        if line == stop:
            inside = False
        if inside:
            yield line
        if line == start:
            inside = True


def towers_of_blocks(height, blocks):
    if height == 0:
        yield []
    elif height > 0:
        for block in blocks:
            for rest in towers_of_blocks(height - block, blocks):
                yield [block] + rest


def merge_streams(one, other):
    i = j = 0
    while i < len(one) or j < len(other):
        if j >= len(other) or (i < len(one) and one[i] <= other[j]):
            yield one[i]
            i += 1
        else:
            yield other[j]
            j += 1


def with_neighbors(items):
    for index, item in enumerate(items):
        before = items[index - 1] if index > 0 else None
        after = items[index + 1] if index + 1 < len(items) else None
        yield before, item, after


def divide_evenly(items, parts):
    size, extra = divmod(len(items), parts)
    start = 0
    for part in range(parts):
        end = start + size + (1 if part < extra else 0)
        yield items[start:end]
        start = end


def collatz(n):
    yield n
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        yield n


def matched(pattern, lines):
    for number, line in enumerate(lines, 1):
        if pattern in line:
            yield number, line.strip()


def diagonals(matrix):
    rows, columns = len(matrix), len(matrix[0])
    for total in range(rows + columns - 1):
        yield [matrix[i][total - i] for i in range(rows) if 0 <= total - i < columns]


def peaks_of(values):
    for before, value, after in zip(values, values[1:], values[2:]):
        if before < value and value > after:
            yield value


def paths_down(tree, prefix=()):
    value, children = tree
    path = prefix + (value,)
    if not children:
        yield path
    for child in children:
        yield from paths_down(child, path)


def evaluate(expression, names):
    if isinstance(expression, (int, float)):
        return expression
    if isinstance(expression, str):
        return names[expression]
    operator, left, right = expression
    left, right = evaluate(left, names), evaluate(right, names)
    if operator == '+':
        return left + right
    if operator == '-':
        return left - right
    if operator == '*':
        return left * right
    raise ValueError(operator)


def parse_sum(text):
    def number(position):
        start = position
        while position < len(text) and text[position].isdigit():
            position += 1
        return int(text[start:position]), position

    def term(position):
        value, position = number(position)
        while position < len(text) and text[position] == '*':
            factor, position = number(position + 1)
            value *= factor
        return value, position

    value, position = term(0)
    while position < len(text):
        sign = text[position]
        other, position = term(position + 1)
        value = value + other if sign == '+' else value - other
    return value


def compose(*functions):
    def composed(value):
        for function in reversed(functions):
            value = function(value)
        return value
    return composed


def retry(action, attempts):
    errors = 0
    while errors < attempts:
        try:
            return action(errors)
        except ValueError:
            errors += 1
    return None


def memoize_calls(function, arguments):
    known = {}
    calls = 0
    results = []
    for argument in arguments:
        if argument not in known:
            known[argument] = function(argument)
            calls += 1
        results.append(known[argument])
    return results, calls


def safe_ratio(values, default=0):
    ratios = []
    for above, below in values:
        try:
            ratios.append(above / below)
        except ZeroDivisionError:
            ratios.append(default)
    return ratios


def schedule(tasks):
    time = 0
    waiting = 0
    for duration in sorted(tasks):
        waiting += time
        time += duration
    return waiting


def text_table(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return ['|'.join(cell.ljust(width) for cell, width in zip(row, widths)) for row in rows]


def apply_discounts(prices, rules):
    total = 0
    for name, price in prices:
        rate = rules.get(name, 0)
        total += price * (100 - rate) // 100
    return total


def rank_players(scores):
    ranks = {}
    position = 0
    previous = None
    for index, (name, score) in enumerate(sorted(scores.items(), key=lambda pair: -pair[1])):
        if score != previous:
            position = index + 1
            previous = score
        ranks[name] = position
    return ranks


def tax(income, brackets):
    owed = 0
    lower = 0
    for upper, rate in brackets:
        if income > lower:
            taxed = min(income, upper) - lower
            owed += taxed * rate
        lower = upper
    return owed
