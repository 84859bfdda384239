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

"""
The repair operators: one module per family, found by looking into this folder.

A family is a module with a function ``edits(source, site)`` that yields the changes it proposes
at one site; its name is the module's. Adding a family is adding a file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
import pkgutil
import re

from rfsn_ros.repair.operators.base import Change
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Edit, Source

__all__ = ['Change', 'families', 'propose']

_WORD = re.compile(r'(?<![.\w])[A-Za-z_]\w*')

Operator = Callable[[Source, Site], Iterator[Change]]


@lru_cache(maxsize=1)
def families() -> dict[str, Operator]:
    """Return every family by name, sorted."""
    names = sorted(info.name for info in pkgutil.iter_modules(__path__) if info.name != 'base')
    return {name: import_module(f'{__name__}.{name}').edits for name in names}


def propose(source: Source) -> list[Edit]:
    """
    Return the edits of all families at all sites, each resulting text once.

    Of several ways to the same text the first remains (families by name, sites in order). Edits
    that read a name where nothing can have been bound to it are left out.
    """
    edits: dict[tuple[int, int, str], Edit] = {}
    for family, operator in families().items():
        for site in source.sites:
            absent = _absent(site)
            for change in operator(source, site):
                if absent and not absent.isdisjoint(_WORD.findall(change.text)) \
                        and _reads(site, change.text, absent):
                    continue
                edit = Edit(change.start, change.end, change.text, family, change.detail, site,
                            change.guard)
                key = _minimal(source, change)
                if key[2] or key[0] != key[1]:
                    edits.setdefault(key, edit)
    return list(edits.values())


def _absent(site: Site) -> frozenset[str]:
    """Return the names of the function that cannot be bound at a site."""
    function = site.function
    if function is None or not (site.is_expression or site.is_statement):
        return frozenset()
    return frozenset(name for name in function.own if not function.binds(name, site.start))


def _reads(site: Site, text: str, names: frozenset[str]) -> bool:
    """Whether a new text reads one of the names; lines that may bind it do not count."""
    if ' for ' in text or 'lambda' in text:
        return False
    if site.is_expression:
        old = set(_WORD.findall(site.text))
        return any(word in names and word not in old for word in _WORD.findall(text))
    line = text.strip()
    if '\n' in line or text == site.text:
        return False
    _, equals, value = line.partition(' = ')
    return not names.isdisjoint(_WORD.findall(value if equals else line))


def _minimal(source: Source, change: Change) -> tuple[int, int, str]:
    """Return the change without the text that its ends share with what it replaces."""
    old, new = source.data[change.start:change.end], change.text.encode()
    limit = min(len(old), len(new))
    head = 0
    while head < limit and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < limit - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    text = new[head:len(new) - tail].decode('utf-8', 'surrogateescape')
    return change.start + head, change.end - tail, text
