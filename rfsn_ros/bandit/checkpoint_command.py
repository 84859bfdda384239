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

"""`rfsn checkpoint`: list, inspect and verify the checkpoints of a folder."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
import sys
import time

from rfsn_ros.bandit.checkpoints import CheckpointStore, LATEST
from rfsn_ros.bandit.signing import read_key
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

__all__ = ['main']

_WIDE = 160
"""Columns where no terminal says how many there are: the longest name fits on one line."""


def main(argv: list[str]) -> int:
    """Run the command; return 1 where `verify` finds a damaged checkpoint."""
    parser = argparse.ArgumentParser(
        prog='rfsn checkpoint', description='List, inspect and verify checkpoints.')
    commands = parser.add_subparsers(dest='command', required=True)
    for name, text in (
        ('list', 'list the complete checkpoints, newest first'),
        ('show', 'print what a checkpoint says about itself, as JSON'),
        ('verify', 'check the checksum (and signature) of every checkpoint'),
    ):
        command = commands.add_parser(name, help=text, description=text.capitalize())
        command.add_argument('folder', type=Path, help='folder of checkpoints' + (
            ', or the file of one' if name == 'show' else ''))
        command.add_argument('--key', metavar='FILE',
                             help='accept only what is signed with the key in this file')
        if name == 'show':
            command.add_argument('name', nargs='?', default=LATEST,
                                 help='name of a checkpoint (default: the newest)')
    options = parser.parse_args(argv)
    folder = options.folder
    if options.command == 'show' and folder.is_file():
        folder, options.name = folder.parent, folder.stem
    store = CheckpointStore(folder, key=read_key(options.key) if options.key else None)
    if options.command == 'list':
        return _list(store)
    if options.command == 'show':
        return _show(store, options.name)
    return _verify(store)


def _list(store: CheckpointStore) -> int:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column('name', overflow='fold')
    for name in ('written (UTC)', 'backend', 'learned', 'bytes', 'SHA-256'):
        table.add_column(name, no_wrap=True)
    for checkpoint in store.entries():
        table.add_row(
            checkpoint.name,
            time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(checkpoint.stamp)),
            escape(checkpoint.manifest['backend']), str(checkpoint.example_count),
            str(checkpoint.size), checkpoint.checksum[:12])
    Console(width=None if sys.stdout.isatty() else _WIDE).print(table)
    return 0


def _show(store: CheckpointStore, name: str) -> int:
    checkpoint = store.latest() if name == LATEST else store.read(name)
    print(json.dumps({'name': checkpoint.name, 'checksum': checkpoint.checksum,
                      'size': checkpoint.size, **checkpoint.manifest}, indent=2))
    return 0


def _verify(store: CheckpointStore) -> int:
    wrong = store.verify()
    for message in wrong.values():
        print(message)
    print(f'{len(store.entries())} complete, {len(wrong)} damaged')
    return 1 if wrong else 0
