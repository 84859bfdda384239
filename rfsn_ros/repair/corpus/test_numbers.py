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
from numbers import (
    ackermann,
    binomial,
    bisect_root,
    catalan,
    change_coins,
    clamp,
    collatz_steps,
    continued_fraction,
    count_divisors,
    days_in,
    derivative,
    digit_sum,
    digital_root,
    factorial_zeros,
    fast_power,
    fibonacci,
    fibonacci_memo,
    gray_code,
    highest_bit,
    horner,
    integer_log,
    is_happy,
    is_leap,
    is_narcissistic,
    is_perfect,
    is_power_of_two,
    is_prime,
    josephus,
    lcm_of,
    luhn_valid,
    parity,
    parse_binary,
    power_mod,
    reverse_integer,
    roman_value,
    sum_of_multiples,
    swap_bits,
    to_roman,
    totient,
)


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), 0),
    ((7,), 7),
    ((123,), 6),
    ((-45,), 9),
    ((9090,), 18),
])
def test_digit_sum(arguments, expected):
    assert digit_sum(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), 0),
    ((9,), 9),
    ((10,), 1),
    ((38,), 2),
    ((493193,), 2),
])
def test_digital_root(arguments, expected):
    assert digital_root(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), False),
    ((1,), False),
    ((2,), True),
    ((9,), False),
    ((11,), True),
    ((25,), False),
    ((97,), True),
    ((49,), False),
])
def test_is_prime(arguments, expected):
    assert is_prime(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1,), 0),
    ((2,), 1),
    ((3,), 7),
    ((6,), 8),
    ((7,), 16),
])
def test_collatz_steps(arguments, expected):
    assert collatz_steps(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), False),
    ((1,), False),
    ((6,), True),
    ((12,), False),
    ((28,), True),
    ((496,), True),
])
def test_is_perfect(arguments, expected):
    assert is_perfect(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), 1),
    (([4],), 4),
    (([4, 6],), 12),
    (([2, 3, 5],), 30),
    (([8, 12, 10],), 120),
])
def test_lcm_of(arguments, expected):
    assert lcm_of(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((2, 0), 1),
    ((2, 10), 1024),
    ((3, 5), 243),
    ((5, 1), 5),
    ((-2, 3), -8),
    ((7, 4), 2401),
])
def test_fast_power(arguments, expected):
    assert fast_power(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((2, 0, 5), 1),
    ((2, 10, 1000), 24),
    ((3, 5, 7), 5),
    ((5, 3, 13), 8),
    ((4, 0, 1), 0),
])
def test_power_mod(arguments, expected):
    assert power_mod(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), 0),
    ((1,), 1),
    ((2,), 1),
    ((5,), 5),
    ((10,), 55),
])
def test_fibonacci(arguments, expected):
    assert fibonacci(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), 0),
    ((1,), 1),
    ((2,), 1),
    ((7,), 13),
    ((12,), 144),
])
def test_fibonacci_memo(arguments, expected):
    assert fibonacci_memo(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((153,), True),
    ((154,), False),
    ((9,), True),
    ((10,), False),
    ((9474,), True),
    ((370,), True),
])
def test_is_narcissistic(arguments, expected):
    assert is_narcissistic(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), 0),
    ((12,), 21),
    ((-120,), -21),
    ((5,), 5),
    ((-98,), -89),
])
def test_reverse_integer(arguments, expected):
    assert reverse_integer(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), 0),
    ((4,), 0),
    ((5,), 1),
    ((24,), 4),
    ((25,), 6),
    ((130,), 32),
])
def test_factorial_zeros(arguments, expected):
    assert factorial_zeros(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('',), 0),
    (('0',), 0),
    (('1',), 1),
    (('1010',), 10),
    (('1111',), 15),
])
def test_parse_binary(arguments, expected):
    assert parse_binary(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('I',), 1),
    (('IV',), 4),
    (('XIX',), 19),
    (('MCMXC',), 1990),
    (('LX',), 60),
    (('DCC',), 700),
])
def test_roman_value(arguments, expected):
    assert roman_value(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1,), 'I'),
    ((4,), 'IV'),
    ((9,), 'IX'),
    ((14,), 'XIV'),
    ((27,), 'XXVII'),
    ((38,), 'XXXVIII'),
])
def test_to_roman(arguments, expected):
    assert to_roman(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1,), 1),
    ((2,), 1),
    ((9,), 6),
    ((10,), 4),
    ((13,), 12),
])
def test_totient(arguments, expected):
    assert totient(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1,), True),
    ((2,), False),
    ((7,), True),
    ((4,), False),
    ((19,), True),
    ((20,), False),
])
def test_is_happy(arguments, expected):
    assert is_happy(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), 1),
    ((1,), 1),
    ((2,), 2),
    ((3,), 5),
    ((5,), 42),
])
def test_catalan(arguments, expected):
    assert catalan(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0, 0), 1),
    ((4, 2), 6),
    ((5, 5), 1),
    ((5, 6), 0),
    ((6, 1), 6),
    ((10, 3), 120),
    ((3, -1), 0),
])
def test_binomial(arguments, expected):
    assert binomial(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0, 0), 1),
    ((0, 3), 4),
    ((1, 0), 2),
    ((1, 2), 4),
    ((2, 2), 7),
])
def test_ackermann(arguments, expected):
    assert ackermann(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1, 3), 1),
    ((5, 2), 3),
    ((7, 3), 4),
    ((10, 4), 5),
])
def test_josephus(arguments, expected):
    assert josephus(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1, 2), 0),
    ((2, 2), 1),
    ((8, 2), 3),
    ((9, 3), 2),
    ((80, 3), 3),
    ((100, 10), 2),
])
def test_integer_log(arguments, expected):
    assert integer_log(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1,), 1),
    ((2,), 2),
    ((12,), 6),
    ((16,), 5),
    ((25,), 3),
    ((30,), 8),
])
def test_count_divisors(arguments, expected):
    assert count_divisors(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((2000,), True),
    ((1900,), False),
    ((2024,), True),
    ((2023,), False),
    ((2100,), False),
    ((1600,), True),
])
def test_is_leap(arguments, expected):
    assert is_leap(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1, 2023), 31),
    ((2, 2023), 28),
    ((2, 2024), 29),
    ((2, 1900), 28),
    ((4, 2020), 30),
    ((12, 2020), 31),
    ((2, 2000), 29),
])
def test_days_in(arguments, expected):
    assert days_in(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((5, 1, 10), 5),
    ((-5, 1, 10), 1),
    ((50, 1, 10), 10),
    ((1, 1, 10), 1),
    ((10, 1, 10), 10),
])
def test_clamp(arguments, expected):
    assert clamp(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([], 2), 0),
    (([5], 3), 5),
    (([1, 2], 3), 7),
    (([1, 0, 2], 2), 9),
    (([0, 1, -1, 1], -2), -14),
])
def test_horner(arguments, expected):
    assert horner(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (([],), []),
    (([3],), []),
    (([1, 2],), [2]),
    (([4, 3, 2, 1],), [3, 4, 3]),
    (([0, 0, 5],), [0, 10]),
])
def test_derivative(arguments, expected):
    assert derivative(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), ['']),
    ((1,), ['0', '1']),
    ((2,), ['00', '01', '11', '10']),
    ((3,), ['000', '001', '011', '010', '110', '111', '101', '100']),
])
def test_gray_code(arguments, expected):
    assert gray_code(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), 0),
    ((1,), 1),
    ((3,), 0),
    ((7,), 1),
    ((10,), 0),
    ((11,), 1),
])
def test_parity(arguments, expected):
    assert parity(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), -1),
    ((1,), 0),
    ((2,), 1),
    ((7,), 2),
    ((8,), 3),
    ((100,), 6),
])
def test_highest_bit(arguments, expected):
    assert highest_bit(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0,), False),
    ((1,), True),
    ((2,), True),
    ((3,), False),
    ((16,), True),
    ((18,), False),
    ((-4,), False),
])
def test_is_power_of_two(arguments, expected):
    assert is_power_of_two(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((5, 0, 1), 6),
    ((5, 0, 2), 5),
    ((8, 3, 0), 1),
    ((6, 1, 3), 12),
])
def test_swap_bits(arguments, expected):
    assert swap_bits(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    (('79927398713',), True),
    (('79927398710',), False),
    (('0',), True),
    (('18',), True),
    (('4539148803436467',), True),
    (('59',), True),
])
def test_luhn_valid(arguments, expected):
    assert luhn_valid(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((1, [3, 5]), 0),
    ((10, [3, 5]), 23),
    ((20, [7, 13]), 34),
    ((15, [4, 6]), 30),
    ((10, [0, 3]), 18),
])
def test_sum_of_multiples(arguments, expected):
    assert sum_of_multiples(*arguments) == expected


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((45, 16), [2, 1, 4, 3]),
    ((3, 7), [0, 2, 3]),
    ((10, 5), [2]),
    ((1, 3), [0, 3]),
])
def test_continued_fraction(arguments, expected):
    assert continued_fraction(*arguments) == expected


def test_bisect_root_1():
    assert bisect_root(lambda x: x * x - 2, 0, 2) == 1.4142


def test_bisect_root_2():
    assert bisect_root(lambda x: x - 1, 0, 5) == 1.0


def test_bisect_root_3():
    assert bisect_root(lambda x: 3 - x, 1, 8) == 3.0


@pytest.mark.parametrize(('arguments', 'expected'), [
    ((0, [1, 5]), {}),
    ((18, [1, 5, 10]), {10: 1, 5: 1, 1: 3}),
    ((30, [10, 5, 1]), {10: 3}),
    ((4, [5, 1]), {1: 4}),
    ((99, [25, 10, 1]), {25: 3, 10: 2, 1: 4}),
])
def test_change_coins(arguments, expected):
    assert change_coins(*arguments) == expected
