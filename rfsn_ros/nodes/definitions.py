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

"""Texts of message definitions, found where ROS packages install them."""

from __future__ import annotations

import os
from pathlib import Path
import re
import sys

__all__ = ['definition_of']

_FIELD = re.compile(r'^\s*([A-Za-z][A-Za-z0-9_/]*)(?:<=\d+)?(?:\[[^\]]*\])?\s+[A-Za-z]')
_PRIMITIVE = re.compile(
    r'^(bool|byte|char|float32|float64|u?int(8|16|32|64)|w?string)$')
_LINE = '=' * 80


def definition_of(kind: str) -> str:
    """
    Return the definition of ``package/msg/Name`` with all it refers to, as rosbag2 stores it.

    Empty where the package does not ship its .msg files.
    """
    parts: dict[str, str] = {}
    waiting = [kind]
    while waiting:
        name = waiting.pop(0)
        if name in parts:
            continue
        text = _text_of(name)
        if text is None:
            return ''
        parts[name] = text
        waiting.extend(_referred(text, name.split('/')[0]))
    head = parts.pop(kind)
    return '\n'.join([head, *(
        f'{_LINE}\nMSG: {name.replace("/msg/", "/")}\n{text}' for name, text in parts.items())])


def _text_of(kind: str) -> str | None:
    package, _, name = kind.partition('/msg/')
    prefixes = [*os.environ.get('AMENT_PREFIX_PATH', '').split(os.pathsep), sys.prefix]
    for prefix in filter(None, prefixes):
        file = Path(prefix, 'share', package, 'msg', f'{name}.msg')
        if file.is_file():
            return file.read_text(encoding='utf-8')
    return None


def _referred(text: str, package: str) -> list[str]:
    found = []
    for line in text.splitlines():
        match = _FIELD.match(line.partition('#')[0])
        if match is None or _PRIMITIVE.match(match.group(1)):
            continue
        name = match.group(1)
        found.append(f'{package}/msg/{name}' if '/' not in name
                     else name.replace('/', '/msg/') if '/msg/' not in name else name)
    return found
