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

"""Repairs that pass the tests, and which of several to prefer: small ones, and general ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
import re

from rfsn_ros.repair.source import Edit, Source

__all__ = ['Repair', 'rank']

_TOKEN = re.compile(r'[A-Za-z_]\w*|\d+(?:\.\d+)?|"[^"\n]*"|\'[^\'\n]*\'|[^\w\s]+')


@dataclass(frozen=True, slots=True)
class Repair:
    """
    An edit that passes every test, held-back ones included.

    `choice` is its number on the bench, `text` the repaired module, `executions` how many there
    had been when it passed; `size` counts the tokens that come or go, `literals` the numbers and
    texts among those that come.
    """

    choice: int
    edit: Edit
    text: str
    executions: int
    size: int
    literals: int

    @classmethod
    def of(cls, source: Source, choice: int, edit: Edit, text: str, executions: int) -> Repair:
        """Measure an edit."""
        old = _TOKEN.findall(source.slice(edit.start, edit.end))
        new = _TOKEN.findall(edit.text)
        while old and new and old[0] == new[0]:
            del old[0], new[0]
        while old and new and old[-1] == new[-1]:
            del old[-1], new[-1]
        literals = sum(token[0].isdigit() or token[0] in '"\'' for token in new)
        return cls(choice, edit, text, executions, len(old) + len(new), literals)


def rank(repairs: Iterable[Repair]) -> tuple[Repair, ...]:
    """
    Return the repairs with the best first.

    The smaller change comes first; among equals the one that brings fewer literals (a literal is
    more often fitted to a test than a name is), then the one found earlier.
    """
    return tuple(sorted(repairs, key=lambda one: (one.size, one.literals, one.executions)))
