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

from rfsn_ros.navigation.registry import default_checkpoint


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
