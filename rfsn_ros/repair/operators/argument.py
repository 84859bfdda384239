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

"""Argument: one more, one less, another expression for one."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst
from rfsn_ros.repair.operators.base import chains, Change, swap, variables
from rfsn_ros.repair.sites import Site
from rfsn_ros.repair.source import Source

_OPTIONS = {
    'sorted': ('reverse=True', 'key=len', 'key=lambda one: one[0]', 'key=lambda one: one[1]'),
    'sort': ('reverse=True', 'key=len', 'key=lambda one: one[0]', 'key=lambda one: one[1]'),
    'max': ('default=0', 'key=len', 'key=lambda one: one[1]'),
    'min': ('default=0', 'key=len', 'key=lambda one: one[1]'),
    'enumerate': ('1', 'start=1'), 'pop': ('0', '-1', 'None'),
    'get': ('0', '[]', 'None'), 'sum': ('[]',), 'range': ('-1',), 'round': ('2',),
    'split': ("','", "' '"), 'next': ('None',),
}


def edits(source: Source, site: Site) -> Iterator[Change]:
    """Yield the changes of one call's arguments."""
    if not isinstance(site.node, cst.Call):
        return
    func, args = site.child('func'), site.filling('args')
    name = func.text.rpartition('.')[2]
    texts = [arg.text.rstrip(', ') for arg in args]
    if any('\n' in text for text in texts):
        return

    def call(arguments: list[str], detail: str) -> Change:
        return swap(site, f'{func.text}({", ".join(arguments)})', detail)

    own = bool(site.function) and name in {function.name for function in source.functions}
    for index in range(len(texts)):
        kind = 'own' if own else name
        yield call(texts[:index] + texts[index + 1:], f'drop argument of {kind}')
    for option in _OPTIONS.get(name, ()):
        if option not in texts:
            yield call([*texts, option], f'option of {name}')
    for variable in variables(site):
        for index in range(len(texts) + 1):
            if name in ('len', 'abs', 'str', 'int', 'list', 'set', 'isinstance', 'sorted'):
                continue
            where = 'first' if index == 0 else 'last' if index == len(texts) else 'middle'
            kind = 'own' if own else name
            yield call([*texts[:index], variable, *texts[index:]], f'add {where} of {kind}')
    if (own or name[:1].isupper()) and site.function is not None:
        for extra in (*chains(site.function), '1', '0', '[]', 'None'):
            for index in range(len(texts) + 1):
                where = 'first' if index == 0 else 'last' if index == len(texts) else 'middle'
                yield call([*texts[:index], extra, *texts[index:]], f'add {where} of own')
    if name == 'range' and len(texts) == 1:
        yield call([f'1, {texts[0]} + 1'], 'range shifted')
        for first in ('1', '2'):
            yield call([first, *texts], 'range from')
        yield call([f'{texts[0]} - 1', '-1', '-1'], 'range backwards')
    if name == 'range' and len(texts) == 2:
        yield call(['0', *texts], 'range from')
        yield call([texts[1], texts[0], '-1'], 'range backwards')
        yield call([f'{texts[1]} - 1', f'{texts[0]} - 1', '-1'], 'range backwards')
        yield call([f'{texts[0]} + 1', f'{texts[1]} + 1'], 'range shifted')
        yield call([f'{texts[0]} - 1', f'{texts[1]} - 1'], 'range shifted')
