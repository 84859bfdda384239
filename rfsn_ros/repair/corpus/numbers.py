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

import math


def digit_sum(n):
    total = 0
    n = abs(n)
    while n > 0:
        total += n % 10
        n //= 10
    return total


def digital_root(n):
    while n >= 10:
        total = 0
        while n:
            total += n % 10
            n //= 10
        n = total
    return n


def is_prime(n):
    if n < 2:
        return False
    divisor = 2
    while divisor * divisor <= n:
        if n % divisor == 0:
            return False
        divisor += 1
    return True


def collatz_steps(n):
    steps = 0
    while n != 1:
        if n % 2 == 0:
            n = n // 2
        else:
            n = 3 * n + 1
        steps += 1
    return steps


def is_perfect(n):
    total = 0
    for divisor in range(1, n):
        if n % divisor == 0:
            total += divisor
    return n > 0 and total == n


def lcm_of(numbers):
    result = 1
    for number in numbers:
        result = result * number // math.gcd(result, number)
    return result


def fast_power(base, exponent):
    result = 1
    while exponent > 0:
        if exponent % 2 == 1:
            result *= base
        base *= base
        exponent //= 2
    return result


def power_mod(base, exponent, modulus):
    if exponent == 0:
        return 1 % modulus
    half = power_mod(base, exponent // 2, modulus)
    if exponent % 2 == 0:
        return half * half % modulus
    return half * half * base % modulus


def fibonacci(n):
    previous, current = 0, 1
    for _ in range(n):
        previous, current = current, previous + current
    return previous


def fibonacci_memo(n, known=None):
    if known is None:
        known = {}
    if n < 2:
        return n
    if n not in known:
        known[n] = fibonacci_memo(n - 1, known) + fibonacci_memo(n - 2, known)
    return known[n]


def is_narcissistic(n):
    digits = [int(char) for char in str(n)]
    power = len(digits)
    return sum(digit ** power for digit in digits) == n


def reverse_integer(n):
    sign = -1 if n < 0 else 1
    n = abs(n)
    result = 0
    while n:
        result = result * 10 + n % 10
        n //= 10
    return sign * result


def factorial_zeros(n):
    zeros = 0
    power = 5
    while power <= n:
        zeros += n // power
        power *= 5
    return zeros


def parse_binary(text):
    value = 0
    for char in text:
        if char not in '01':
            raise ValueError(char)
        value = value * 2 + int(char)
    return value


def roman_value(text):
    values = {'I': 1, 'V': 5, 'X': 10, 'L': 50, 'C': 100, 'D': 500, 'M': 1000}
    total = 0
    for index, char in enumerate(text):
        value = values[char]
        if index + 1 < len(text) and values[text[index + 1]] > value:
            total -= value
        else:
            total += value
    return total


def to_roman(number):
    table = [(10, 'X'), (9, 'IX'), (5, 'V'), (4, 'IV'), (1, 'I')]
    parts = []
    for value, letters in table:
        while number >= value:
            parts.append(letters)
            number -= value
    return ''.join(parts)


def totient(n):
    count = 0
    for other in range(1, n + 1):
        if math.gcd(n, other) == 1:
            count += 1
    return count


def is_happy(n):
    seen = set()
    while n != 1 and n not in seen:
        seen.add(n)
        n = sum(int(char) ** 2 for char in str(n))
    return n == 1


def catalan(n):
    if n <= 1:
        return 1
    total = 0
    for left in range(n):
        total += catalan(left) * catalan(n - 1 - left)
    return total


def binomial(n, k):
    if k < 0 or k > n:
        return 0
    result = 1
    for i in range(1, k + 1):
        result = result * (n - k + i) // i
    return result


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def josephus(people, step):
    survivor = 0
    for size in range(2, people + 1):
        survivor = (survivor + step) % size
    return survivor + 1


def integer_log(n, base):
    result = 0
    while n >= base:
        n //= base
        result += 1
    return result


def count_divisors(n):
    count = 0
    i = 1
    while i * i <= n:
        if n % i == 0:
            count += 1
            if i != n // i:
                count += 1
        i += 1
    return count


def is_leap(year):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in(month, year):
    if month == 2:
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        return 29 if leap else 28
    if month in (4, 6, 9, 11):
        return 30
    return 31


def clamp(value, low, high):
    if value < low:
        return low
    if value > high:
        return high
    return value


def horner(coefficients, x):
    result = 0
    for coefficient in reversed(coefficients):
        result = result * x + coefficient
    return result


def derivative(coefficients):
    result = []
    for power, coefficient in enumerate(coefficients):
        if power > 0:
            result.append(power * coefficient)
    return result


def gray_code(bits):
    if bits == 0:
        return ['']
    shorter = gray_code(bits - 1)
    return ['0' + code for code in shorter] + ['1' + code for code in reversed(shorter)]


def parity(n):
    result = 0
    while n:
        result ^= n & 1
        n >>= 1
    return result


def highest_bit(n):
    position = -1
    while n > 0:
        n >>= 1
        position += 1
    return position


def is_power_of_two(n):
    return n > 0 and n & (n - 1) == 0


def swap_bits(n, i, j):
    if (n >> i) & 1 != (n >> j) & 1:
        n ^= (1 << i) | (1 << j)
    return n


def luhn_valid(text):
    total = 0
    for index, char in enumerate(reversed(text)):
        digit = int(char)
        if index % 2 == 1:
            digit *= 2
            if digit > 9:
                digit -= 9
        total += digit
    return total % 10 == 0


def sum_of_multiples(limit, factors):
    multiples = set()
    for factor in factors:
        if factor:
            multiples.update(range(factor, limit, factor))
    return sum(multiples)


def continued_fraction(a, b):
    terms = []
    while b != 0:
        terms.append(a // b)
        a, b = b, a % b
    return terms


def bisect_root(f, low, high, tolerance=1e-6):
    while high - low > tolerance:
        middle = (low + high) / 2
        if f(low) * f(middle) <= 0:
            high = middle
        else:
            low = middle
    return round((low + high) / 2, 4)


def change_coins(amount, coins):
    counts = {}
    for coin in sorted(coins, reverse=True):
        if amount >= coin:
            counts[coin] = amount // coin
            amount %= coin
    return counts
