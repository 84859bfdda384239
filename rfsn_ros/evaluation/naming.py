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

"""Short names of policies for tables and charts, where a checkpoint's path takes too much room."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

__all__ = ['short_names']


def short_names(names: Iterable[str], *, taken: Iterable[str] = ()) -> dict[str, str]:
    """
    Return for each name the shortest end of its path that none of the others and `taken` has.

    >>> short_names(['runs/a/final.rfsn', 'runs/b/final.rfsn', 'old/start.rfsn', 'greedy'])
    ... # doctest: +NORMALIZE_WHITESPACE
    {'runs/a/final.rfsn': 'a/final.rfsn', 'runs/b/final.rfsn': 'b/final.rfsn',
     'old/start.rfsn': 'start.rfsn', 'greedy': 'greedy'}
    """
    listed = list(names)
    paths = [PurePath(name).parts for name in (*listed, *taken)]
    return {name: _short(name, paths[:number] + paths[number + 1:])
            for number, name in enumerate(listed)}


def _short(name: str, others: list[tuple[str, ...]]) -> str:
    parts = PurePath(name).parts
    for depth in range(1, len(parts)):
        end = parts[-depth:]
        if all(other[-depth:] != end for other in others):
            return str(PurePath(*end))
    return name
