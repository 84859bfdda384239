"""The repair operators: one module per family, found by looking into this folder.

A family is a module with a function ``edits(source, site)`` that yields the changes it proposes
at one site; its name is the module's. Adding a family is adding a file.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module

from rfsn_ros.repair.operators.base import Change
from rfsn_ros.repair.source import Edit, Site, Source

__all__ = ['Change', 'families', 'propose']

Operator = Callable[[Source, Site], Iterator[Change]]


@lru_cache(maxsize=1)
def families() -> dict[str, Operator]:
    """Return every family by name, sorted."""
    names = sorted(info.name for info in pkgutil.iter_modules(__path__) if info.name != 'base')
    return {name: import_module(f'{__name__}.{name}').edits for name in names}


def propose(source: Source) -> list[Edit]:
    """Return the edits of all families at all sites, each resulting text once.

    Of several ways to the same text the first remains (families by name, sites in order).
    """
    edits: dict[tuple[int, int, str], Edit] = {}
    for family, operator in families().items():
        for site in source.sites:
            for change in operator(source, site):
                edit = Edit(change.start, change.end, change.text, family, change.detail, site,
                            change.guard)
                key = _minimal(source, change)
                if key[2] or key[0] != key[1]:
                    edits.setdefault(key, edit)
    return list(edits.values())


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
