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

"""The result of recomputing a bag of this package."""

from __future__ import annotations

from dataclasses import dataclass, field

__all__ = ['Verification']

_SHOWN = 10


@dataclass(slots=True)
class Verification:
    """
    What was recomputed and what did not match; `ok` is the answer for scripts.

    `unknown` counts decisions of a model the bag does not hold, because the recording began when
    it had learned already.
    """

    decisions: int = 0
    draws: int = 0
    probabilities: int = 0
    generator: int = 0
    unknown: int = 0
    rewards: int = 0
    rewards_without_data: int = 0
    mismatches: int = 0
    largest_difference: float = 0.0
    lines: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether something was recomputed and all of it matched."""
        return self.mismatches == 0 and self.draws > 0

    def wrong(self, line: str) -> None:
        """Note a mismatch; the first ten are kept in words."""
        self.mismatches += 1
        self.note(line)

    def note(self, line: str) -> None:
        """Note something that is no mismatch."""
        if len(self.lines) < _SHOWN:
            self.lines.append(line)

    def summary(self) -> str:
        """Return the result in one line."""
        verdict = 'NOT VERIFIED' if not self.ok else (
            'verified in part' if self.unknown else 'verified')
        late = f' ({self.unknown} are of a model not in the bag)' if self.unknown else ''
        return (f'{verdict}: {self.decisions} decisions, {self.probabilities} distributions and '
                f'{self.generator} draws recomputed by the model{late}, {self.rewards} rewards '
                f'from scans ({self.rewards_without_data} lack them), {self.mismatches} '
                'mismatches')
