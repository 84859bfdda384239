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

def bubble_sort(values):
    values = list(values)
    for end in range(len(values) - 1, 0, -1):
        for i in range(end):
            if values[i] > values[i + 1]:
                values[i], values[i + 1] = values[i + 1], values[i]
    return values


def insertion_sort(values):
    values = list(values)
    for i in range(1, len(values)):
        current = values[i]
        j = i - 1
        while j >= 0 and values[j] > current:
            values[j + 1] = values[j]
            j -= 1
        values[j + 1] = current
    return values


def selection_sort(values):
    values = list(values)
    for i in range(len(values)):
        smallest = i
        for j in range(i + 1, len(values)):
            if values[j] < values[smallest]:
                smallest = j
        values[i], values[smallest] = values[smallest], values[i]
    return values


def shell_sort(values):
    values = list(values)
    gap = len(values) // 2
    while gap > 0:
        for i in range(gap, len(values)):
            current = values[i]
            j = i
            while j >= gap and values[j - gap] > current:
                values[j] = values[j - gap]
                j -= gap
            values[j] = current
        gap //= 2
    return values


def radix_sort(values):
    if not values:
        return []
    place = 1
    while max(values) // place > 0:
        buckets = [[] for _ in range(10)]
        for value in values:
            buckets[value // place % 10].append(value)
        values = [value for bucket in buckets for value in bucket]
        place *= 10
    return values


def sift_down(heap, start):
    while 2 * start + 1 < len(heap):
        child = 2 * start + 1
        if child + 1 < len(heap) and heap[child + 1] < heap[child]:
            child += 1
        if heap[start] <= heap[child]:
            break
        heap[start], heap[child] = heap[child], heap[start]
        start = child
    return heap


def search_rotated(values, target):
    low, high = 0, len(values) - 1
    while low <= high:
        middle = (low + high) // 2
        if values[middle] == target:
            return middle
        if values[low] <= values[middle]:
            if values[low] <= target < values[middle]:
                high = middle - 1
            else:
                low = middle + 1
        elif values[middle] < target <= values[high]:
            low = middle + 1
        else:
            high = middle - 1
    return -1


def peak_index(values):
    low, high = 0, len(values) - 1
    while low < high:
        middle = (low + high) // 2
        if values[middle] < values[middle + 1]:
            low = middle + 1
        else:
            high = middle
    return low


def merge_intervals(intervals):
    merged = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def overlaps(one, other):
    return one[0] < other[1] and other[0] < one[1]


def three_way_partition(values, pivot):
    less, equal, greater = [], [], []
    for value in values:
        if value < pivot:
            less.append(value)
        elif value == pivot:
            equal.append(value)
        else:
            greater.append(value)
    return less + equal + greater


def rotate_left(values, count):
    if not values:
        return values
    count = count % len(values)
    return values[count:] + values[:count]


def chunked(values, size):
    return [values[i:i + size] for i in range(0, len(values), size)]


def unique(values):
    seen = set()
    result = []
    for value in values:
        if value not in seen:
            seen.add(value)
            result.append(value)
    return result


def interleave(one, other):
    result = []
    for index in range(max(len(one), len(other))):
        if index < len(one):
            result.append(one[index])
        if index < len(other):
            result.append(other[index])
    return result


def two_sum(values, target):
    places = {}
    for index, value in enumerate(values):
        if target - value in places:
            return places[target - value], index
        places[value] = index
    return None


def count_triples(values, target):
    values = sorted(values)
    count = 0
    for i in range(len(values) - 2):
        left, right = i + 1, len(values) - 1
        while left < right:
            total = values[i] + values[left] + values[right]
            if total == target:
                count += 1
                left += 1
                right -= 1
            elif total < target:
                left += 1
            else:
                right -= 1
    return count


def majority(values):
    candidate, count = None, 0
    for value in values:
        if count == 0:
            candidate = value
        count += 1 if value == candidate else -1
    if values.count(candidate) * 2 > len(values):
        return candidate
    return None


def move_zeros(values):
    position = 0
    for index in range(len(values)):
        if values[index] != 0:
            values[position], values[index] = values[index], values[position]
            position += 1
    return values


def product_except_self(values):
    result = [1] * len(values)
    prefix = 1
    for i in range(len(values)):
        result[i] = prefix
        prefix *= values[i]
    suffix = 1
    for i in range(len(values) - 1, -1, -1):
        result[i] *= suffix
        suffix *= values[i]
    return result


def missing_number(values):
    expected = len(values) * (len(values) + 1) // 2
    return expected - sum(values)


def second_largest(values):
    first = second = float('-inf')
    for value in values:
        if value > first:
            first, second = value, first
        elif first > value > second:
            second = value
    return second


def sliding_max(values, width):
    result = []
    for start in range(len(values) - width + 1):
        result.append(max(values[start:start + width]))
    return result


def rising_run(values):
    if not values:
        return 0
    best = length = 1
    for i in range(1, len(values)):
        if values[i] > values[i - 1]:
            length += 1
        else:
            length = 1
        best = max(best, length)
    return best


def count_inversions(values):
    count = 0
    for i in range(len(values)):
        for j in range(i + 1, len(values)):
            if values[i] > values[j]:
                count += 1
    return count


def best_profit(prices):
    lowest = float('inf')
    best = 0
    for price in prices:
        lowest = min(lowest, price)
        best = max(best, price - lowest)
    return best


def trapped_water(heights):
    left, right = 0, len(heights) - 1
    left_max = right_max = 0
    water = 0
    while left < right:
        if heights[left] < heights[right]:
            left_max = max(left_max, heights[left])
            water += left_max - heights[left]
            left += 1
        else:
            right_max = max(right_max, heights[right])
            water += right_max - heights[right]
            right -= 1
    return water


def largest_container(heights):
    best = 0
    left, right = 0, len(heights) - 1
    while left < right:
        area = (right - left) * min(heights[left], heights[right])
        best = max(best, area)
        if heights[left] < heights[right]:
            left += 1
        else:
            right -= 1
    return best


def can_jump(jumps):
    reach = 0
    for index, jump in enumerate(jumps):
        if index > reach:
            return False
        reach = max(reach, index + jump)
    return True


def gas_station(gas, cost):
    if sum(gas) < sum(cost):
        return -1
    start = 0
    tank = 0
    for i in range(len(gas)):
        tank += gas[i] - cost[i]
        if tank < 0:
            start = i + 1
            tank = 0
    return start


def balance_index(values):
    total = sum(values)
    left = 0
    for index, value in enumerate(values):
        if left == total - left - value:
            return index
        left += value
    return -1


def local_peaks(values):
    peaks = []
    for i in range(1, len(values) - 1):
        if values[i - 1] < values[i] > values[i + 1]:
            peaks.append(i)
    return peaks


def subarrays_with_sum(values, target):
    counts = {0: 1}
    total = 0
    found = 0
    for value in values:
        total += value
        found += counts.get(total - target, 0)
        counts[total] = counts.get(total, 0) + 1
    return found


def permutations(values):
    if len(values) <= 1:
        return [list(values)]
    result = []
    for index, value in enumerate(values):
        rest = values[:index] + values[index + 1:]
        for order in permutations(rest):
            result.append([value] + order)
    return result


def choose(values, count):
    if count == 0:
        return [[]]
    if not values:
        return []
    first, rest = values[0], values[1:]
    return [[first] + others for others in choose(rest, count - 1)] + choose(rest, count)


def cartesian(*groups):
    result = [()]
    for group in groups:
        result = [done + (item,) for done in result for item in group]
    return result


def partitions(n, largest=None):
    if largest is None:
        largest = n
    if n == 0:
        return [[]]
    result = []
    for part in range(min(n, largest), 0, -1):
        for rest in partitions(n - part, part):
            result.append([part] + rest)
    return result


def group_by_length(words):
    groups = {}
    for word in words:
        length = len(word)
        if length not in groups:
            groups[length] = []
        groups[length].append(word)
    return groups


def histogram(values, width):
    counts = {}
    for value in values:
        bucket = value // width * width
        counts[bucket] = counts.get(bucket, 0) + 1
    return sorted(counts.items())


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2 == 1:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def variance(values):
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / len(values)


def moving_average(values, width):
    averages = []
    for end in range(width, len(values) + 1):
        averages.append(sum(values[end - width:end]) / width)
    return averages


def modes(values):
    counts = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    if not counts:
        return []
    highest = max(counts.values())
    return sorted(value for value, count in counts.items() if count == highest)


def next_greater(values):
    result = [-1] * len(values)
    stack = []
    for i, value in enumerate(values):
        while stack and values[stack[-1]] < value:
            result[stack.pop()] = value
        stack.append(i)
    return result


def largest_rectangle(heights):
    stack = []
    best = 0
    for i, height in enumerate(heights + [0]):
        start = i
        while stack and stack[-1][1] >= height:
            start, last = stack.pop()
            best = max(best, last * (i - start))
        stack.append((start, height))
    return best


def nested_sum(items):
    total = 0
    for item in items:
        if isinstance(item, list):
            total += nested_sum(item)
        else:
            total += item
    return total


def nested_depth(items):
    if not isinstance(items, list):
        return 0
    return 1 + max((nested_depth(item) for item in items), default=0)


def invert_mapping(mapping):
    inverted = {}
    for key, value in mapping.items():
        inverted.setdefault(value, []).append(key)
    return inverted


def merge_counts(one, other):
    result = dict(one)
    for key, count in other.items():
        result[key] = result.get(key, 0) + count
    return result


def deep_get(data, path, default=None):
    for key in path.split('.'):
        if not isinstance(data, dict) or key not in data:
            return default
        data = data[key]
    return data


def top_scores(scores, count):
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return [name for name, _ in ranked[:count]]


def meeting_rooms(meetings):
    events = []
    for start, end in meetings:
        events.append((start, 1))
        events.append((end, -1))
    rooms = most = 0
    for _, change in sorted(events):
        rooms += change
        most = max(most, rooms)
    return most


def max_activities(intervals):
    count = 0
    last_end = float('-inf')
    for start, end in sorted(intervals, key=lambda interval: interval[1]):
        if start >= last_end:
            count += 1
            last_end = end
    return count
