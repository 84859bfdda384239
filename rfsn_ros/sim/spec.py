"""Worlds named on the command line: `barn:FILE`, `generated:0-99` and so on."""

from __future__ import annotations

import re

from rfsn_ros.errors import WorldError
from rfsn_ros.sim.barn import read_barn_json
from rfsn_ros.sim.generator import generate_world
from rfsn_ros.sim.worlds import World

__all__ = ['parse_indices', 'parse_worlds']

_INDICES = re.compile(r'\d+(-\d+)?(,\d+(-\d+)?)*')


def parse_worlds(spec: str) -> list[World]:
    """Return the worlds that a specification names, in its order.

    =================================  ====================================================
    ``generated:SEEDS``                worlds by cellular automaton
    ``barn:FILE.json[:INDICES]``       BARN's compact JSON, all or some of its worlds
    =================================  ====================================================

    SEEDS and INDICES are lists of numbers and ranges, such as ``1,4,10-19``.

    :raises WorldError: the specification or a file it names is not usable.
    """
    kind, _, rest = spec.partition(':')
    if kind == 'generated':
        if not _INDICES.fullmatch(rest):
            raise WorldError(f'{spec!r}: expected seeds such as generated:0-99')
        return [generate_world(seed) for seed in parse_indices(rest)]
    if kind == 'barn' and rest:
        path, _, tail = rest.rpartition(':')
        if path and _INDICES.fullmatch(tail):
            return read_barn_json(path, parse_indices(tail))
        return read_barn_json(rest)
    raise WorldError(f'{spec!r}: expected generated:SEEDS or barn:FILE[:INDICES]')


def parse_indices(text: str) -> list[int]:
    """Return the numbers of a list such as ``1,4,10-12``.

    :raises WorldError: the text is no such list or a range runs backwards.

    >>> parse_indices('1,4,10-12')
    [1, 4, 10, 11, 12]
    """
    if not _INDICES.fullmatch(text):
        raise WorldError(f'{text!r}: expected numbers and ranges such as 1,4,10-12')
    numbers: list[int] = []
    for part in text.split(','):
        first, _, last = part.partition('-')
        if last and int(last) < int(first):
            raise WorldError(f'{part!r}: the range runs backwards')
        numbers += range(int(first), int(last or first) + 1)
    return numbers
