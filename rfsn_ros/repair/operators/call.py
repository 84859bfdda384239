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

"""Call: another function or method of the same kind."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import Change, scalars_of, swap
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source

_FUNCTIONS = (
    ('min', 'max', 'sum'), ('any', 'all'), ('list', 'set', 'tuple', 'sorted'),
    ('int', 'float', 'round', 'abs', 'str'), ('sorted', 'reversed', 'list'), ('len', 'sum', 'max'),
    ('range', 'enumerate', 'len'), ('ord', 'chr', 'int', 'str'), ('floor', 'ceil', 'int'),
    ('zip', 'zip_longest', 'product'), ('divmod', 'pow'), ('isinstance', 'issubclass'),
    ('list', 'iter', 'reversed'), ('permutations', 'combinations', 'product'),
    ('Counter', 'set', 'dict'), ('bool', 'int', 'any'),
)
_METHODS = (
    ('append', 'extend', 'add', 'insert', 'appendleft', 'remove', 'update'),
    ('pop', 'popleft', 'remove', 'discard', 'popitem'), ('append', 'appendleft'),
    ('heappush', 'heappop', 'heapreplace', 'heappushpop'), ('bisect_left', 'bisect_right'),
    ('strip', 'lstrip', 'rstrip'), ('upper', 'lower', 'title', 'capitalize', 'swapcase'),
    ('isalpha', 'isdigit', 'isalnum', 'isspace'), ('isupper', 'islower'),
    ('startswith', 'endswith'), ('find', 'rfind', 'index', 'rindex', 'count'),
    ('split', 'rsplit', 'splitlines', 'partition', 'rpartition'),
    ('union', 'intersection', 'difference', 'symmetric_difference', 'update'),
    ('issubset', 'issuperset', 'isdisjoint'), ('keys', 'values', 'items'),
    ('get', 'setdefault', 'pop'),
    ('ljust', 'rjust', 'center', 'zfill'), ('floor', 'ceil', 'trunc'),
    ('reverse', 'sort', 'copy', 'clear'), ('add', 'discard', 'remove'), ('add', 'update'),
)


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the relatives of the function or method that one call uses."""
    if not isinstance(site.node, cst.Call):
        return
    func = site.child('func')
    if isinstance(func.node, cst.Name):
        name, target = func.text, func
        groups: tuple[tuple[str, ...], ...] = _FUNCTIONS + _METHODS
    elif isinstance(func.node, cst.Attribute):
        target = func.child('attr')
        name, groups = target.text, _METHODS
    else:
        return
    relatives = [other for group in groups if name in group for other in group]
    for other in dict.fromkeys(relatives):
        if other != name:
            yield Change(target.start, target.end, other, f'{name} -> {other}')
    if isinstance(func.node, cst.Attribute):
        arguments = source.slice(func.end, site.end)
        if name == 'pop' and arguments == '()':
            yield Change(site.start, site.end, f'{func.text}(0)', 'pop() -> pop(0)')
            yield Change(site.start, site.end, f'{func.text}(-1)', 'pop() -> pop(-1)')
        if name == 'pop' and arguments == '(0)':
            yield Change(site.start, site.end, f'{func.text}()', 'pop(0) -> pop()')
        if name == 'append':
            yield Change(site.start, site.end, f'{func.child("value").text}.insert(0, '
                         f'{arguments[1:]}', 'append -> insert(0)')
        if name in ('append', 'add') and site.function is not None:
            empty = '[]' if name == 'append' else 'set()'
            owner = func.child('value').text
            for key in scalars_of(site.function):
                yield swap(func, f'{owner}.setdefault({key}, {empty}).{name}', 'of a key')
        used = {child.text for other in source.sites if isinstance(other.node, cst.Call)
                for func_ in other.filling('func') for child in func_.filling('attr')}
        for other in sorted(used):
            if other != name and other not in relatives:
                yield swap(func, f'{func.child("value").text}.{other}', 'method used elsewhere')
