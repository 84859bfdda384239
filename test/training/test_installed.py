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

"""The command as it is installed, beside the interpreter that runs the tests."""

from pathlib import Path
import subprocess
import sys

import pytest

COMMAND = Path(sys.executable).with_name('rfsn')


@pytest.mark.skipif(not COMMAND.exists(), reason='rfsn is not installed beside this Python')
def test_worker_processes_do_not_run_the_command_again(tmp_path):
    done = subprocess.run(
        [COMMAND, 'evaluate', '--policies', 'greedy', '--worlds', 'generated:0-1', '--sim',
         'kinematic', '--workers', '2'],
        cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    assert 'Traceback' not in done.stderr
    assert 'greedy' in done.stdout + done.stderr
