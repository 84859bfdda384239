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

"""What the documents say to type works, and what is made from the code is current."""

import ast
import os
from pathlib import Path
import re
import subprocess
import sys

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    path for path in (*ROOT.glob('*.md'), *(ROOT / 'docs').rglob('*.md')) if path.is_file()]
FENCE = re.compile(r'^( *)```(\w*)[^\n]*\n(.*?)^\1```', re.MULTILINE | re.DOTALL)
LABELS = {'bash', 'console', 'python', 'pycon', 'yaml', 'json', 'text', 'diff', 'xml', 'cpp', ''}


def blocks(label):
    """Yield the blocks of a label with where they are."""
    for page in PAGES:
        for number, (indent, kind, code) in enumerate(FENCE.findall(page.read_text())):
            if kind == label:
                name = f'{page.relative_to(ROOT)}:{number}'
                yield pytest.param(re.sub(rf'^{indent}', '', code, flags=re.MULTILINE), id=name)


@pytest.fixture(scope='module')
def place(tmp_path_factory):
    """A folder to run in, where `rfsn`, `python` and `rfsn-src` are what is being tested."""
    folder = tmp_path_factory.mktemp('docs')
    programs = folder / 'bin'
    programs.mkdir()
    for name, words in (('rfsn', '-m rfsn_ros'), ('python', '')):
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {words} "$@"\n')
        (programs / name).chmod(0o755)
    for name in ('docs', 'examples', 'config'):
        (folder / name).symlink_to(ROOT / name)
    return folder


@pytest.mark.parametrize('code', [*blocks('bash')])
def test_commands_run(code, place):
    environment = {
        **os.environ, 'PATH': f'{place / "bin"}:{os.environ["PATH"]}', 'PYTHONPATH': str(ROOT),
        'COLUMNS': '80'}
    done = subprocess.run(
        ['bash', '-euo', 'pipefail', '-c', code], cwd=place, env=environment, text=True,
        capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, f'{code}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}'


@pytest.mark.parametrize('code', [*blocks('python')])
def test_python_is_python(code):
    ast.parse(code)


def test_the_first_snippet_of_the_guide_runs(place):
    code = next(block.values[0] for block in blocks('python')
                if block.id.startswith('BUILD_GUIDE.md'))
    done = subprocess.run(
        [sys.executable, '-c', code], cwd=place, env={**os.environ, 'PYTHONPATH': str(ROOT)},
        capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_every_fence_has_a_known_label():
    for page in PAGES:
        for _, kind, _ in FENCE.findall(page.read_text()):
            assert kind in LABELS, f'{page.name}: {kind}'


def test_links_between_pages_have_targets():
    for page in PAGES:
        text = FENCE.sub('', page.read_text())
        for target in re.findall(r'\]\(([^)#\s]+)', text):
            if '://' in target or target.startswith('mailto:'):
                continue
            assert (page.parent / target).exists(), f'{page.name}: {target}'


def test_parameter_tables_are_current():
    done = subprocess.run(
        [sys.executable, 'docs/make_parameters.py', '--check'], cwd=ROOT,
        env={**os.environ, 'PYTHONPATH': str(ROOT)}, timeout=120, check=False)
    assert done.returncode == 0, 'docs/parameters.md is not current: make docs'
