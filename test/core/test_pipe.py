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

"""Output that nobody reads to the end."""

import os
import subprocess
import sys

import pytest
from rfsn_ros.navigation.registry import default_checkpoint

RUN = (sys.executable, '-m', 'rfsn_ros.entry_points', 'rfsn')


@pytest.mark.parametrize('arguments', [(), ('--help',), ('replay', '--help')])
@pytest.mark.parametrize('unbuffered', ['', '1'])
def test_help_that_nobody_reads_is_no_error(arguments, unbuffered):
    read, write = os.pipe()
    os.close(read)
    try:
        ended = subprocess.run(
            [*RUN, *arguments], stdout=write, stderr=subprocess.PIPE, timeout=60, check=False,
            env={**os.environ, 'PYTHONUNBUFFERED': unbuffered})
    finally:
        os.close(write)
    assert ended.returncode in (0, 1)
    assert ended.stderr == b''


def test_output_may_be_closed():
    ended = subprocess.run(
        ['sh', '-c', 'exec "$@" >&-', 'sh', *RUN, 'checkpoint', 'list',
         str(default_checkpoint().parent)],
        stderr=subprocess.PIPE, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, b'')


@pytest.mark.parametrize('encoding', ['ascii', 'latin-1', 'utf-8'])
def test_names_are_printed_whatever_is_in_them(tmp_path, encoding):
    folder = tmp_path / os.fsdecode('ü→'.encode() + b'\xff')
    folder.mkdir()
    (folder / 'summary.json').write_text('{"score": 0.5}')
    ended = subprocess.run(
        [*RUN, 'report', str(folder)], capture_output=True, timeout=60, check=False,
        env={**os.environ, 'PYTHONIOENCODING': encoding})
    assert (ended.returncode, ended.stderr) == (0, b'')
    assert ended.stdout.endswith(b'report.html\n')
    assert 'ü→' in (folder / 'report.html').read_text(encoding='utf-8')


def test_a_reader_that_has_seen_enough_gets_no_traceback():
    read, write = os.pipe()
    os.close(read)
    try:
        ended = subprocess.run(
            [sys.executable, '-m', 'rfsn_ros.entry_points', 'rfsn', 'checkpoint', 'show',
             str(default_checkpoint())], stdout=write, stderr=subprocess.PIPE, timeout=60,
            check=False)
    finally:
        os.close(write)
    assert (ended.returncode, ended.stderr) == (1, b'')
