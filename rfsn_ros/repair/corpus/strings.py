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

def is_palindrome(text):
    letters = [char.lower() for char in text if char.isalnum()]
    return letters == letters[::-1]


def mirror_check(text):
    left, right = 0, len(text) - 1
    while left < right:
        if text[left] != text[right]:
            return False
        left += 1
        right -= 1
    return True


def count_vowels(text):
    return sum(1 for char in text.lower() if char in 'aeiou')


def word_counts(text):
    counts = {}
    for word in text.lower().split():
        word = word.strip('.,!?')
        if word:
            counts[word] = counts.get(word, 0) + 1
    return counts


def caesar(text, shift):
    result = []
    for char in text:
        if char.islower():
            result.append(chr((ord(char) - ord('a') + shift) % 26 + ord('a')))
        elif char.isupper():
            result.append(chr((ord(char) - ord('A') + shift) % 26 + ord('A')))
        else:
            result.append(char)
    return ''.join(result)


def run_lengths(text):
    if not text:
        return []
    runs = []
    current, count = text[0], 1
    for char in text[1:]:
        if char == current:
            count += 1
        else:
            runs.append((current, count))
            current, count = char, 1
    runs.append((current, count))
    return runs


def expand_runs(code):
    result = ''
    number = ''
    for char in code:
        if char.isdigit():
            number += char
        else:
            result += char * int(number or 1)
            number = ''
    return result


def group_anagrams(words):
    groups = {}
    for word in words:
        key = ''.join(sorted(word))
        groups.setdefault(key, []).append(word)
    return sorted(groups.values())


def common_prefix(words):
    if not words:
        return ''
    prefix = words[0]
    for word in words[1:]:
        while not word.startswith(prefix):
            prefix = prefix[:-1]
    return prefix


def reverse_words(sentence):
    words = sentence.split(' ')
    return ' '.join(word[::-1] for word in words)


def is_subsequence(short, long):
    position = 0
    for char in long:
        if position < len(short) and short[position] == char:
            position += 1
    return position == len(short)


def first_unique(text):
    counts = {}
    for char in text:
        counts[char] = counts.get(char, 0) + 1
    for index, char in enumerate(text):
        if counts[char] == 1:
            return index
    return -1


def camel_to_snake(name):
    result = ''
    for index, char in enumerate(name):
        if char.isupper():
            if index > 0:
                result += '_'
            result += char.lower()
        else:
            result += char
    return result


def snake_to_camel(name):
    first, *rest = name.split('_')
    return first + ''.join(word.capitalize() for word in rest)


def acronym(phrase):
    return ''.join(word[0].upper() for word in phrase.replace('-', ' ').split())


def count_overlapping(text, pattern):
    count = 0
    for start in range(len(text) - len(pattern) + 1):
        if text[start:start + len(pattern)] == pattern:
            count += 1
    return count


def longest_run(text):
    best = 0
    length = 0
    previous = None
    for char in text:
        if char == previous:
            length += 1
        else:
            length = 1
            previous = char
        best = max(best, length)
    return best


def longest_palindrome(text):
    best = ''
    for center in range(len(text)):
        for left, right in ((center, center), (center, center + 1)):
            while left >= 0 and right < len(text) and text[left] == text[right]:
                left -= 1
                right += 1
            if right - left - 1 > len(best):
                best = text[left + 1:right]
    return best


def zigzag(text, rows):
    if rows == 1:
        return text
    lines = [''] * rows
    row, step = 0, 1
    for char in text:
        lines[row] += char
        if row == 0:
            step = 1
        elif row == rows - 1:
            step = -1
        row += step
    return ''.join(lines)


def vigenere(text, key):
    result = []
    for index, char in enumerate(text):
        shift = ord(key[index % len(key)]) - ord('a')
        result.append(chr((ord(char) - ord('a') + shift) % 26 + ord('a')))
    return ''.join(result)


def pig_latin(word):
    vowels = 'aeiou'
    if word[0] in vowels:
        return word + 'way'
    for index, char in enumerate(word):
        if char in vowels:
            return word[index:] + word[:index] + 'ay'
    return word + 'ay'


def most_frequent(text):
    best, best_count = None, 0
    for char in sorted(set(text)):
        count = text.count(char)
        if count > best_count:
            best, best_count = char, count
    return best


def expand_ranges(text):
    numbers = []
    for part in text.split(','):
        if '-' in part:
            low, high = part.split('-')
            numbers.extend(range(int(low), int(high) + 1))
        else:
            numbers.append(int(part))
    return numbers


def compress_ranges(numbers):
    parts = []
    i = 0
    while i < len(numbers):
        j = i
        while j + 1 < len(numbers) and numbers[j + 1] == numbers[j] + 1:
            j += 1
        if j > i:
            parts.append(f'{numbers[i]}-{numbers[j]}')
        else:
            parts.append(str(numbers[i]))
        i = j + 1
    return ','.join(parts)


def parse_query(query):
    result = {}
    for pair in query.split('&'):
        if not pair:
            continue
        key, _, value = pair.partition('=')
        result.setdefault(key, []).append(value)
    return result


def split_csv(line):
    fields = []
    field = ''
    quoted = False
    for char in line:
        if char == '"':
            quoted = not quoted
        elif char == ',' and not quoted:
            fields.append(field)
            field = ''
        else:
            field += char
    fields.append(field)
    return fields


def truncate(text, width):
    if len(text) <= width:
        return text
    if width <= 3:
        return '.' * width
    return text[:width - 3] + '...'


def hamming(one, other):
    if len(one) != len(other):
        raise ValueError('lengths differ')
    distance = 0
    for first, second in zip(one, other):
        if first != second:
            distance += 1
    return distance


def ngrams(words, size):
    grams = []
    for start in range(len(words) - size + 1):
        grams.append(tuple(words[start:start + size]))
    return grams


def is_pangram(text):
    letters = set(char for char in text.lower() if char.isalpha())
    return len(letters) == 26


def bulls_and_cows(secret, guess):
    bulls = 0
    cows = 0
    for index in range(len(secret)):
        if guess[index] == secret[index]:
            bulls += 1
        elif guess[index] in secret:
            cows += 1
    return bulls, cows


def glob_match(pattern, text):
    if not pattern:
        return not text
    if pattern[0] == '*':
        return glob_match(pattern[1:], text) or (
            bool(text) and glob_match(pattern, text[1:]))
    if not text:
        return False
    if pattern[0] == '?' or pattern[0] == text[0]:
        return glob_match(pattern[1:], text[1:])
    return False


def compare_versions(one, other):
    left = [int(part) for part in one.split('.')]
    right = [int(part) for part in other.split('.')]
    length = max(len(left), len(right))
    left += [0] * (length - len(left))
    right += [0] * (length - len(right))
    if left == right:
        return 0
    return 1 if left > right else -1


def format_duration(seconds):
    hours = seconds // 3600
    minutes = seconds % 3600 // 60
    seconds = seconds % 60
    if hours > 0:
        return f'{hours}:{minutes:02}:{seconds:02}'
    return f'{minutes}:{seconds:02}'


def parse_duration(text):
    units = {'h': 3600, 'm': 60, 's': 1}
    total = 0
    number = 0
    for char in text:
        if char.isdigit():
            number = number * 10 + int(char)
        else:
            total += number * units[char]
            number = 0
    return total


def tokenize(text):
    tokens = []
    i = 0
    while i < len(text):
        if text[i].isspace():
            i += 1
        elif text[i].isdigit():
            j = i
            while j < len(text) and text[j].isdigit():
                j += 1
            tokens.append(int(text[i:j]))
            i = j
        else:
            tokens.append(text[i])
            i += 1
    return tokens


def add_left_to_right(tokens):
    result = tokens[0]
    i = 1
    while i < len(tokens):
        operator, value = tokens[i], tokens[i + 1]
        if operator == '+':
            result += value
        elif operator == '-':
            result -= value
        else:
            raise ValueError(operator)
        i += 2
    return result


def add_binary(one, other):
    result = ''
    carry = 0
    i, j = len(one) - 1, len(other) - 1
    while i >= 0 or j >= 0 or carry:
        total = carry
        if i >= 0:
            total += int(one[i])
            i -= 1
        if j >= 0:
            total += int(other[j])
            j -= 1
        result = str(total % 2) + result
        carry = total // 2
    return result


def remove_adjacent(text):
    stack = []
    for char in text:
        if stack and stack[-1] == char:
            stack.pop()
        else:
            stack.append(char)
    return ''.join(stack)


def letter_combinations(digits):
    keys = {'2': 'abc', '3': 'def', '4': 'ghi', '5': 'jkl'}
    if not digits:
        return ['']
    result = []
    for letter in keys[digits[0]]:
        for rest in letter_combinations(digits[1:]):
            result.append(letter + rest)
    return result


def rotate_match(one, other):
    return len(one) == len(other) and other in one + one


def decode_nested(text):
    stack = []
    current, number = '', 0
    for char in text:
        if char.isdigit():
            number = number * 10 + int(char)
        elif char == '[':
            stack.append((current, number))
            current, number = '', 0
        elif char == ']':
            before, times = stack.pop()
            current = before + current * times
        else:
            current += char
    return current


def simplify_path(path):
    parts = []
    for part in path.split('/'):
        if part == '..':
            if parts:
                parts.pop()
        elif part and part != '.':
            parts.append(part)
    return '/' + '/'.join(parts)


def look_and_say(term):
    result = ''
    i = 0
    while i < len(term):
        count = 1
        while i + count < len(term) and term[i + count] == term[i]:
            count += 1
        result += str(count) + term[i]
        i += count
    return result


def window_without_repeat(text):
    last = {}
    start = 0
    best = 0
    for index, char in enumerate(text):
        if char in last and last[char] >= start:
            start = last[char] + 1
        last[char] = index
        best = max(best, index - start + 1)
    return best
