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
from strings import (
    acronym,
    add_binary,
    add_left_to_right,
    bulls_and_cows,
    caesar,
    camel_to_snake,
    common_prefix,
    compare_versions,
    compress_ranges,
    count_overlapping,
    count_vowels,
    decode_nested,
    expand_ranges,
    expand_runs,
    first_unique,
    format_duration,
    glob_match,
    group_anagrams,
    hamming,
    is_palindrome,
    is_pangram,
    is_subsequence,
    letter_combinations,
    longest_palindrome,
    longest_run,
    look_and_say,
    mirror_check,
    most_frequent,
    ngrams,
    parse_duration,
    parse_query,
    pig_latin,
    remove_adjacent,
    reverse_words,
    rotate_match,
    run_lengths,
    simplify_path,
    snake_to_camel,
    split_csv,
    tokenize,
    truncate,
    vigenere,
    window_without_repeat,
    word_counts,
    zigzag,
)


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), True),
    (('a',), True),
    (('ab',), False),
    (('A man, a plan, a canal: Panama',), True),
    (('race car',), True),
    (('abca',), False),
])
def test_is_palindrome(arguments, expected):
    assert is_palindrome(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), True),
    (('a',), True),
    (('ab',), False),
    (('aba',), True),
    (('abba',), True),
    (('abca',), False),
])
def test_mirror_check(arguments, expected):
    assert mirror_check(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), 0),
    (('xyz',), 0),
    (('Apple',), 2),
    (('AEIOU',), 5),
    (('banana',), 3),
])
def test_count_vowels(arguments, expected):
    assert count_vowels(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), {}),
    (('a b a',), {'a': 2, 'b': 1}),
    (('Hi, hi!',), {'hi': 2}),
    (('one two. One?',), {'one': 2, 'two': 1}),
    (('... x',), {'x': 1}),
])
def test_word_counts(arguments, expected):
    assert word_counts(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('abc', 1), 'bcd'),
    (('xyz', 3), 'abc'),
    (('Hello, World', 5), 'Mjqqt, Btwqi'),
    (('Zebra', 1), 'Afcsb'),
    (('abc', -1), 'zab'),
    (('', 4), ''),
])
def test_caesar(arguments, expected):
    assert caesar(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), []),
    (('a',), [('a', 1)]),
    (('aab',), [('a', 2), ('b', 1)]),
    (('abbb',), [('a', 1), ('b', 3)]),
    (('aabbaa',), [('a', 2), ('b', 2), ('a', 2)]),
])
def test_run_lengths(arguments, expected):
    assert run_lengths(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), ''),
    (('a3b',), 'abbb'),
    (('3ab',), 'aaab'),
    (('12x',), 'xxxxxxxxxxxx'),
    (('ab2c',), 'abcc'),
])
def test_expand_runs(arguments, expected):
    assert expand_runs(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    ((['a'],), [['a']]),
    ((['ab', 'ba', 'c'],), [['ab', 'ba'], ['c']]),
    ((['eat', 'tea', 'tan', 'ate', 'nat', 'bat'],), [['bat'], ['eat', 'tea', 'ate'], ['tan', 'nat']]),
])
def test_group_anagrams(arguments, expected):
    assert group_anagrams(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), ''),
    ((['abc'],), 'abc'),
    ((['flower', 'flow', 'flight'],), 'fl'),
    ((['dog', 'cat'],), ''),
    ((['a', 'ab', 'abc'],), 'a'),
])
def test_common_prefix(arguments, expected):
    assert common_prefix(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), ''),
    (('abc',), 'cba'),
    (('ab cd',), 'ba dc'),
    (('one two three',), 'eno owt eerht'),
])
def test_reverse_words(arguments, expected):
    assert reverse_words(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('', 'abc'), True),
    (('abc', 'ahbgdc'), True),
    (('axc', 'ahbgdc'), False),
    (('b', 'abc'), True),
    (('abc', 'ab'), False),
    (('aa', 'a'), False),
])
def test_is_subsequence(arguments, expected):
    assert is_subsequence(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), -1),
    (('leetcode',), 0),
    (('aabb',), -1),
    (('loveleetcode',), 2),
    (('z',), 0),
    (('aab',), 2),
])
def test_first_unique(arguments, expected):
    assert first_unique(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), ''),
    (('camelCase',), 'camel_case'),
    (('simple',), 'simple'),
    (('CamelCaseName',), 'camel_case_name'),
    (('aB',), 'a_b'),
])
def test_camel_to_snake(arguments, expected):
    assert camel_to_snake(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('snake_case',), 'snakeCase'),
    (('simple',), 'simple'),
    (('a_b_c',), 'aBC'),
    (('one_two_three',), 'oneTwoThree'),
])
def test_snake_to_camel(arguments, expected):
    assert snake_to_camel(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('portable network graphics',), 'PNG'),
    (('first-in first-out',), 'FIFO'),
    (('a',), 'A'),
    (('',), ''),
])
def test_acronym(arguments, expected):
    assert acronym(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('aaaa', 'aa'), 3),
    (('abc', 'd'), 0),
    (('abab', 'ab'), 2),
    (('a', 'ab'), 0),
    (('aba', 'a'), 2),
    (('abcabc', 'abc'), 2),
])
def test_count_overlapping(arguments, expected):
    assert count_overlapping(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), 0),
    (('a',), 1),
    (('aab',), 2),
    (('abbbcc',), 3),
    (('aaaa',), 4),
    (('abcc',), 2),
])
def test_longest_run(arguments, expected):
    assert longest_run(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), ''),
    (('a',), 'a'),
    (('babad',), 'bab'),
    (('cbbd',), 'bb'),
    (('abacdfgdcaba',), 'aba'),
    (('forgeeksskeegfor',), 'geeksskeeg'),
])
def test_longest_palindrome(arguments, expected):
    assert longest_palindrome(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('PAYPALISHIRING', 3), 'PAHNAPLSIIGYIR'),
    (('ABCD', 1), 'ABCD'),
    (('ABCDE', 2), 'ACEBD'),
    (('PAYPALISHIRING', 4), 'PINALSIGYAHRPI'),
    (('AB', 3), 'AB'),
])
def test_zigzag(arguments, expected):
    assert zigzag(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('hello', 'a'), 'hello'),
    (('hello', 'b'), 'ifmmp'),
    (('attack', 'lemon'), 'lxfopv'),
    (('xyz', 'abc'), 'xzb'),
    (('', 'k'), ''),
])
def test_vigenere(arguments, expected):
    assert vigenere(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('apple',), 'appleway'),
    (('banana',), 'ananabay'),
    (('string',), 'ingstray'),
    (('shh',), 'shhay'),
    (('egg',), 'eggway'),
    (('quick',), 'uickqay'),
])
def test_pig_latin(arguments, expected):
    assert pig_latin(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), None),
    (('a',), 'a'),
    (('abb',), 'b'),
    (('hello',), 'l'),
    (('ccbbb',), 'b'),
    (('baab',), 'a'),
])
def test_most_frequent(arguments, expected):
    assert most_frequent(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('1',), [1]),
    (('1-3',), [1, 2, 3]),
    (('1,3-5',), [1, 3, 4, 5]),
    (('2-2,7',), [2, 7]),
    (('10-12,1',), [10, 11, 12, 1]),
])
def test_expand_ranges(arguments, expected):
    assert expand_ranges(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), ''),
    (([1],), '1'),
    (([1, 2, 3],), '1-3'),
    (([1, 3, 4, 5, 9],), '1,3-5,9'),
    (([1, 2, 5, 7, 8],), '1-2,5,7-8'),
])
def test_compress_ranges(arguments, expected):
    assert compress_ranges(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), {}),
    (('a=1',), {'a': ['1']}),
    (('a=1&b=2',), {'a': ['1'], 'b': ['2']}),
    (('a=1&a=2',), {'a': ['1', '2']}),
    (('a&b=',), {'a': [''], 'b': ['']}),
    (('x=y=z',), {'x': ['y=z']}),
])
def test_parse_query(arguments, expected):
    assert parse_query(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), ['']),
    (('a',), ['a']),
    (('a,b',), ['a', 'b']),
    (('"a,b",c',), ['a,b', 'c']),
    ((',,',), ['', '', '']),
    (('x,"y"',), ['x', 'y']),
])
def test_split_csv(arguments, expected):
    assert split_csv(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('hello', 10), 'hello'),
    (('hello world', 8), 'hello...'),
    (('hello', 5), 'hello'),
    (('hello', 3), '...'),
    (('hello', 4), 'h...'),
    (('hello', 2), '..'),
])
def test_truncate(arguments, expected):
    assert truncate(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('', ''), 0),
    (('abc', 'abc'), 0),
    (('abc', 'abd'), 1),
    (('karolin', 'kathrin'), 3),
    (('0000', '1111'), 4),
])
def test_hamming(arguments, expected):
    assert hamming(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((['a'], 1), [('a',)]),
    ((['a', 'b'], 2), [('a', 'b')]),
    ((['a', 'b', 'c'], 2), [('a', 'b'), ('b', 'c')]),
    ((['a'], 2), []),
    ((['a', 'b', 'c', 'd'], 3), [('a', 'b', 'c'), ('b', 'c', 'd')]),
])
def test_ngrams(arguments, expected):
    assert ngrams(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), False),
    (('The quick brown fox jumps over the lazy dog',), True),
    (('abc',), False),
    (('abcdefghijklmnopqrstuvwxyz1',), True),
    (('The quick brown fox jumps over the lazy do',), False),
])
def test_is_pangram(arguments, expected):
    assert is_pangram(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('1234', '1234'), (4, 0)),
    (('1234', '4321'), (0, 4)),
    (('1234', '1243'), (2, 2)),
    (('1234', '5678'), (0, 0)),
    (('12', '15'), (1, 0)),
])
def test_bulls_and_cows(arguments, expected):
    assert bulls_and_cows(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('', ''), True),
    (('', 'a'), False),
    (('a*', 'abc'), True),
    (('*c', 'abc'), True),
    (('a?c', 'abc'), True),
    (('a?c', 'ac'), False),
    (('*', ''), True),
    (('a*b', 'acbd'), False),
    (('?', ''), False),
])
def test_glob_match(arguments, expected):
    assert glob_match(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('1.0', '1'), 0),
    (('1.2', '1.10'), -1),
    (('2.0', '1.9'), 1),
    (('1.0.1', '1.0'), 1),
    (('0.1', '0.1'), 0),
])
def test_compare_versions(arguments, expected):
    assert compare_versions(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), '0:00'),
    ((59,), '0:59'),
    ((60,), '1:00'),
    ((3599,), '59:59'),
    ((3600,), '1:00:00'),
    ((3661,), '1:01:01'),
    ((36000,), '10:00:00'),
])
def test_format_duration(arguments, expected):
    assert format_duration(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('5s',), 5),
    (('1m',), 60),
    (('1h30m',), 5400),
    (('2h5m10s',), 7510),
    (('',), 0),
])
def test_parse_duration(arguments, expected):
    assert parse_duration(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), []),
    (('1 + 2',), [1, '+', 2]),
    (('12*(3)',), [12, '*', '(', 3, ')']),
    (('  7',), [7]),
    (('a1b',), ['a', 1, 'b']),
])
def test_tokenize(arguments, expected):
    assert tokenize(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([1],), 1),
    (([1, '+', 2],), 3),
    (([5, '-', 3],), 2),
    (([10, '-', 3, '+', 4],), 11),
    (([1, '+', 2, '+', 3, '-', 1],), 5),
])
def test_add_left_to_right(arguments, expected):
    assert add_left_to_right(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('0', '0'), '0'),
    (('1', '1'), '10'),
    (('10', '1'), '11'),
    (('1010', '1011'), '10101'),
    (('111', '1'), '1000'),
])
def test_add_binary(arguments, expected):
    assert add_binary(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), ''),
    (('aa',), ''),
    (('abba',), ''),
    (('abbaca',), 'ca'),
    (('abc',), 'abc'),
    (('aab',), 'b'),
])
def test_remove_adjacent(arguments, expected):
    assert remove_adjacent(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), ['']),
    (('2',), ['a', 'b', 'c']),
    (('23',), ['ad', 'ae', 'af', 'bd', 'be', 'bf', 'cd', 'ce', 'cf']),
    (('45',), ['gj', 'gk', 'gl', 'hj', 'hk', 'hl', 'ij', 'ik', 'il']),
])
def test_letter_combinations(arguments, expected):
    assert letter_combinations(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('abc', 'bca'), True),
    (('abc', 'acb'), False),
    (('', ''), True),
    (('ab', 'abab'), False),
    (('abab', 'baba'), True),
    (('abc', 'ab'), False),
])
def test_rotate_match(arguments, expected):
    assert rotate_match(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('abc',), 'abc'),
    (('2[a]',), 'aa'),
    (('2[ab]c',), 'ababc'),
    (('3[a2[c]]',), 'accaccacc'),
    (('10[x]',), 'xxxxxxxxxx'),
    (('a2[b3[c]d]e',), 'abcccdbcccde'),
])
def test_decode_nested(arguments, expected):
    assert decode_nested(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('/',), '/'),
    (('/a/b',), '/a/b'),
    (('/a/../b',), '/b'),
    (('/../a',), '/a'),
    (('/a/./b//c/',), '/a/b/c'),
    (('/a/b/../../c',), '/c'),
])
def test_simplify_path(arguments, expected):
    assert simplify_path(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('1',), '11'),
    (('11',), '21'),
    (('21',), '1211'),
    (('1211',), '111221'),
    (('111221',), '312211'),
    (('333',), '33'),
])
def test_look_and_say(arguments, expected):
    assert look_and_say(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), 0),
    (('a',), 1),
    (('abcabcbb',), 3),
    (('bbbb',), 1),
    (('pwwkew',), 3),
    (('abba',), 2),
    (('dvdf',), 3),
])
def test_window_without_repeat(arguments, expected):
    assert window_without_repeat(*arguments) == expected
