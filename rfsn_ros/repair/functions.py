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

"""Functions that have tests, each cut out of its module as the raw material of a task."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rfsn_ros.errors import TaskError

__all__ = ['TestedFunction', 'corpus_folder', 'corpus_functions']


@dataclass(frozen=True, slots=True)
class TestedFunction:
    """
    A function with what it needs of its module, and its tests, which import `buggy`.

    `own` names the functions and methods in it that no other tested function needs, itself in any
    case: bugs go into these, so that a bug of a function is never one of another's helper.
    """

    __test__ = False

    name: str
    text: str
    tests: str
    own: tuple[str, ...]


def corpus_folder(name: str) -> Path:
    """
    Return the folder of a corpus given as a folder or as an importable package.

    :raises TaskError: it is neither.
    """
    if Path(name).is_dir():
        return Path(name)
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise TaskError(f'{name}: is neither a folder nor a package')
    return Path(next(iter(spec.submodule_search_locations)))


def corpus_functions(folder: Path) -> list[TestedFunction]:
    """
    Return the functions of every module ``m.py`` that has a ``test_m.py`` beside it.

    A test belongs to the function whose name its own name holds (``test_name`` or
    ``test_name_...``). Imports of the module in the tests become imports of `buggy`.

    :raises TaskError: there are none.
    """
    found = []
    for path in sorted(folder.glob('*.py')):
        tests = path.with_name(f'test_{path.name}')
        if tests.is_file():
            found += list(_of_module(path, tests))
    if not found:
        raise TaskError(f'{folder}: holds no module m.py with functions tested in test_m.py')
    return found


def _of_module(path: Path, tests: Path) -> Iterator[TestedFunction]:
    text, test_text = path.read_text(encoding='utf-8'), tests.read_text(encoding='utf-8')
    definitions = {node.name: node for node in ast.parse(text).body
                   if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    test_tree = ast.parse(test_text)
    tests_of: dict[str, list[ast.FunctionDef]] = {}
    for name, node in definitions.items():
        mine = [one for one in test_tree.body if isinstance(one, ast.FunctionDef)
                and _is_test_of(one.name, name, definitions)]
        if isinstance(node, ast.FunctionDef) and mine:
            tests_of[name] = mine
    used_by = {name: {word for one in mine for word in _names(one)} & set(definitions)
               for name, mine in tests_of.items()}
    needed_by = {name: _closure({name, *used}, definitions) for name, used in used_by.items()}
    needs = Counter(definition for needed in needed_by.values() for definition in needed)
    for name, mine in tests_of.items():
        own = [inner.name for definition in needed_by[name]
               if definition == name or needs[definition] == 1
               for inner in ast.walk(definitions[definition])
               if isinstance(inner, ast.FunctionDef)]
        yield TestedFunction(
            f'{path.stem}.{name}', _cut(text, needed_by[name]),
            _test_module(test_text, test_tree, path.stem, mine, used_by[name]),
            tuple(sorted(own)))


def _is_test_of(test: str, name: str, definitions: dict[str, ast.FunctionDef | ast.ClassDef]
                ) -> bool:
    rest = test.removeprefix('test_')
    if rest == name:
        return True
    longer = any(other != name and other.startswith(f'{name}_')
                 and (rest == other or rest.startswith(f'{other}_')) for other in definitions)
    return rest.startswith(f'{name}_') and not longer


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _closure(names: set[str], definitions: dict[str, ast.FunctionDef | ast.ClassDef]) -> set[str]:
    needed: set[str] = set()
    pending = list(names)
    while pending:
        name = pending.pop()
        if name not in needed:
            needed.add(name)
            pending += _names(definitions[name]) & set(definitions)
    return needed


def _cut(text: str, needed: set[str]) -> str:
    """Return the module with only the needed definitions, and the imports that they use."""
    lines = text.splitlines(keepends=True)
    tree = ast.parse(text)
    kept = [node for node in tree.body if not isinstance(node, (ast.FunctionDef, ast.ClassDef))
            or node.name in needed]
    words = {word for node in kept if not isinstance(node, (ast.Import, ast.ImportFrom))
             for word in _names(node)}
    parts = []
    for node in kept:
        if isinstance(node, (ast.Import, ast.ImportFrom)) and not any(
                (alias.asname or alias.name).split('.')[0] in words for alias in node.names):
            continue
        first = min([node.lineno, *(one.lineno for one in getattr(node, 'decorator_list', []))])
        parts.append(''.join(lines[first - 1:node.end_lineno]))
    return '\n\n'.join(parts)


def _test_module(text: str, tree: ast.Module, module: str, mine: list[ast.FunctionDef],
                 used: set[str]) -> str:
    lines = text.splitlines(keepends=True)
    imports: list[str] = []
    bodies: list[str] = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or '').split('.')[-1] == module:
            continue
        if node in mine or not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            first = min([node.lineno,
                         *(one.lineno for one in getattr(node, 'decorator_list', []))])
            part = ''.join(lines[first - 1:node.end_lineno])
            (bodies if node in mine else imports).append(part)
    imports.append(f'from buggy import {", ".join(sorted(used))}\n')
    return ''.join(imports) + '\n\n' + '\n\n'.join(bodies)
