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

"""A repair task: a folder with a buggy module and pytest tests that show the bug."""

from __future__ import annotations

import ast
import codecs
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from rfsn_ros.errors import TaskError

if TYPE_CHECKING:
    from rfsn_ros.repair.source import Source

__all__ = ['RepairTask', 'load_task']

_FILE_LIMIT = 1 << 20
_TOTAL_LIMIT = 8 << 20
_SKIPPED = ('__pycache__', '.git', '.pytest_cache')


@dataclass(frozen=True)
class RepairTask:
    """
    The module under repair, the test modules and every other file beside them.

    The tests import the module, whose text is `text`, as `buggy`. `tests` names the test modules
    (conftest.py first) among `files`, whose keys are relative paths. `mark` (of the byte order)
    and `newline` are what the file of the module has besides its text.
    """

    name: str
    text: str
    tests: tuple[str, ...]
    files: Mapping[str, bytes]
    mark: bytes = b''
    newline: str = '\n'

    def encoded(self, text: str) -> bytes:
        """Return a text of the module as a file of it."""
        return self.mark + text.replace('\n', self.newline).encode()

    @cached_property
    def source(self) -> Source:
        """Return the parsed module; libcst is imported, and the text parsed, at the first use."""
        from rfsn_ros.repair.source import Source

        try:
            return Source(self.text, self._helper_attributes())
        except TaskError as error:
            raise TaskError(f'{self.name}: {error}') from None

    def _helper_attributes(self) -> set[str]:
        """Return the attributes that the modules beside the tests give to their objects."""
        helpers = [data for name, data in self.files.items()
                   if name.endswith('.py') and not Path(name).match('test_*.py')]
        found: set[str] = set()
        for data in helpers:
            try:
                tree = ast.parse(data)
            except (SyntaxError, ValueError):
                continue
            found |= {node.attr for node in ast.walk(tree)
                      if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
        return found


def load_task(folder: str | Path) -> RepairTask:
    """
    Read a task folder.

    :raises TaskError: it is no folder, lacks buggy.py or test_*.py, holds a file of more than
        1 MiB (8 MiB in all), one that cannot be read or a module that is not Python; named.
    """
    root = Path(folder)
    try:
        return _read_task(root)
    except OSError as error:
        raise TaskError(f'{error.filename or root}: {error.strerror}') from None


def _read_task(root: Path) -> RepairTask:
    if not root.is_dir():
        raise TaskError(f'{root}: is not a folder')
    module = root / 'buggy.py'
    if not module.is_file():
        raise TaskError(f'{root}: has no buggy.py')
    files: dict[str, bytes] = {}
    for path in sorted(root.rglob('*')):
        if not path.is_file() or set(path.relative_to(root).parts) & set(_SKIPPED):
            continue
        name, size = path.relative_to(root).as_posix(), path.stat().st_size
        if size > _FILE_LIMIT:
            raise TaskError(f'{path}: {size} bytes; a file of a task may hold {_FILE_LIMIT}')
        if path != module:
            files[name] = path.read_bytes()
    if sum(map(len, files.values())) > _TOTAL_LIMIT:
        raise TaskError(f'{root}: the files hold more than {_TOTAL_LIMIT} bytes together')
    tests = [name for name in files if Path(name).match('test_*.py') and '/' not in name]
    if not tests:
        raise TaskError(f'{root}: has no test_*.py')
    if 'conftest.py' in files:
        tests.insert(0, 'conftest.py')
    try:
        data = module.read_bytes()
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b''
        newline = '\r\n' if data.count(b'\r\n') == data.count(b'\n') > 0 else '\n'
        text = data[len(mark):].decode().replace('\r\n', '\n').replace('\r', '\n')
        ast.parse(text, 'buggy.py')
        for name in tests:
            compile(files[name], name, 'exec')
        return RepairTask(root.resolve().name, text, tuple(tests), files, mark, newline)
    except (UnicodeDecodeError, SyntaxError, ValueError) as error:
        raise TaskError(f'{root}: a module does not parse: {error}') from None
