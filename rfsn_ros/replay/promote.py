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

"""The promote rule: a condition on the evidence, and the mark a checkpoint gets when it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
import json
import math
import operator
from pathlib import Path
import re
from typing import Any

from rfsn_ros.bandit.container import checksum
from rfsn_ros.errors import ConfigError
from rfsn_ros.evaluation import CandidateReport, Comparison

__all__ = ['FACTS', 'Promotable', 'PromoteRule', 'facts_of']

FACTS = {
    'value': 'estimate of the candidate',
    'lower_bound': 'lower bound of the candidate',
    'upper_bound': 'upper bound of the candidate',
    'baseline': 'value of the baseline',
    'difference': 'value less the baseline',
    'difference_lower': 'lower bound of the paired difference',
    'anytime_lower': 'lower bound that may be looked at after every bag',
    'effective_size': 'effective sample size',
    'largest_share': 'share of the largest weight',
    'unsupported': 'share of choices never tried',
    'decisions': 'decisions in the log',
}
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    '>': operator.gt, '>=': operator.ge, '<': operator.lt, '<=': operator.le}
_CLAUSE = re.compile(r'^\s*(\S+)\s*(>=|<=|>|<)\s*(\S+)\s*$')


@dataclass(frozen=True, slots=True)
class PromoteRule:
    """
    Comparisons of facts and numbers, joined by ``and``.

    >>> rule = PromoteRule.parse('lower_bound > baseline and effective_size >= 100')
    >>> rule.failures({'lower_bound': 0.5, 'baseline': 0.4, 'effective_size': 80.0})
    ['effective_size >= 100 does not hold: 80 against 100']
    """

    clauses: tuple[tuple[str, str, str], ...]

    @classmethod
    def parse(cls, text: str) -> PromoteRule:
        """
        Read a rule.

        :raises ConfigError: it is not of the form ``FACT > FACT-or-number [and ...]``.
        """
        clauses = []
        for part in text.split(' and '):
            match = _CLAUSE.match(part)
            if match is None:
                raise ConfigError(f'promote rule {part!r}: must be like lower_bound > baseline')
            left, sign, right = match.groups()
            for word in (left, right):
                if word not in FACTS and not _is_number(word):
                    raise ConfigError(f'promote rule: {word!r} is neither a number nor one of '
                                      f'{", ".join(FACTS)}')
            clauses.append((left, sign, right))
        return cls(tuple(clauses))

    def failures(self, facts: Mapping[str, float]) -> list[str]:
        """Return in words which clauses do not hold; facts that are not known fail."""
        failed = []
        for left, sign, right in self.clauses:
            first, second = (facts.get(word, math.nan) if word in FACTS else float(word)
                             for word in (left, right))
            if not _OPERATORS[sign](first, second):
                failed.append(f'{left} {sign} {right} does not hold: {first:.4g} against '
                              f'{second:.4g}')
        return failed


def facts_of(comparison: Comparison, report: CandidateReport) -> dict[str, float]:
    """Return what a rule may ask of one candidate; see `FACTS`."""
    headline = report.estimates[comparison.headline].bootstrap
    return {
        'value': headline.value, 'lower_bound': headline.low, 'upper_bound': headline.high,
        'baseline': headline.value - report.difference.value,
        'difference': report.difference.value, 'difference_lower': report.difference.low,
        'anytime_lower': report.anytime.low, 'effective_size': report.effective_size,
        'largest_share': report.largest_share, 'unsupported': report.unsupported,
        'decisions': float(comparison.decisions),
    }


@dataclass(frozen=True, slots=True)
class Promotable:
    """A checkpoint that may be promoted, as it was when its judging began."""

    path: Path
    checksum: str

    @classmethod
    def of(cls, path: Path) -> Promotable:
        """Note a checkpoint."""
        return cls(path, checksum(path.read_bytes()))

    @property
    def mark(self) -> Path:
        """The file beside it that says that it is promoted."""
        return self.path.with_name(self.path.name + '.promoted.json')

    @property
    def changed(self) -> bool:
        """Whether the file is no longer what was noted."""
        try:
            return checksum(self.path.read_bytes()) != self.checksum
        except OSError:
            return True

    def promote(self, rule: str, facts: Mapping[str, float], extra: Mapping[str, Any]) -> None:
        """Write the mark: checksum, rule and evidence."""
        plain = {name: value if math.isfinite(value) else None for name, value in facts.items()}
        partial = self.mark.with_name(self.mark.name + '.partial')
        partial.write_text(json.dumps({
            'checkpoint': self.path.name, 'checksum': self.checksum, 'rule': rule,
            'facts': plain, **extra}, indent=2) + '\n', encoding='utf-8')
        partial.replace(self.mark)

    def withdraw(self) -> bool:
        """Remove a mark of an earlier judgement; return whether there was one."""
        there = self.mark.exists()
        self.mark.unlink(missing_ok=True)
        return there


def _is_number(word: str) -> bool:
    try:
        return math.isfinite(float(word))
    except ValueError:
        return False
