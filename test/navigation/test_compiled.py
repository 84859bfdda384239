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

"""Compiled functions on a machine where their machine code cannot be kept."""

import os
import subprocess
import sys

MODULE = '''
from rfsn_ros.navigation.compiled import compiled, compiled_exact

@compiled
def twice(x):
    return 2 * x

@compiled_exact
def share(x):
    return x / 2

print(twice(21), share(84))
'''


def test_without_a_folder_that_can_be_written_functions_are_compiled_at_each_start(tmp_path):
    (tmp_path / 'functions.py').write_text(MODULE)
    (tmp_path / '__pycache__').touch()  # in the way of a folder, also for root
    environment = {key: value for key, value in os.environ.items()
                   if key not in ('NUMBA_CACHE_DIR', 'XDG_CACHE_HOME')}
    done = subprocess.run(
        [sys.executable, tmp_path / 'functions.py'], capture_output=True, text=True,
        env={**environment, 'HOME': '/dev/null'}, check=False)
    assert done.stdout.split() == ['42', '42.0'], done.stderr
    assert done.stderr.count('NUMBA_CACHE_DIR') == 1
