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

"""A process that is killed again and again loses nothing that was flushed."""

import json
import os
from pathlib import Path
import subprocess
import sys


def test_sigkill_at_random_instants(tmp_path):
    helper = Path(__file__).with_name('killed_writer.py')
    result = subprocess.run(
        [sys.executable, helper, tmp_path], capture_output=True, text=True, timeout=170,
        check=False, env={**os.environ, 'TMPDIR': str(tmp_path)})
    assert result.returncode == 0, result.stderr
    kills = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(kills) >= 50
    for kill in kills:
        assert kill['damaged'] == 0
        assert kill['logged'] >= kill['told'], 'a flushed update is missing from the log'
        assert kill['logged'] >= kill['saved'], 'a checkpoint knows more than the log'
        assert kill['told'] - kill['saved'] < 7 + 1, 'the newest checkpoint was lost'
    counts = [kill['logged'] for kill in kills]
    assert counts == sorted(counts)
    assert counts[-1] > 200, 'the processes hardly lived'
    assert len({kill['saved'] for kill in kills}) > 20
    assert len(list((tmp_path / 'checkpoints').glob('*.rfsn'))) <= 3 + 1
