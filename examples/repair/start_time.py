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

"""Measure the time from the start of `rfsn repair` to its first attempt on the example task."""

from __future__ import annotations

import os
from pathlib import Path
import statistics
import subprocess
import sys
import tempfile
import time

TASK = Path(__file__).parent / 'moving_average'


def seconds_to_first_attempt() -> float:
    """Start the process and wait for the line that announces the first attempt."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, '-c', 'from rfsn_ros.cli import main; main()', 'repair',
                   '--task', str(TASK), '--out', f'{folder}/repaired.py']
        started = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            seconds = time.perf_counter() - started
            process.stdout.read()
    return seconds


if __name__ == '__main__':
    runs = sorted(seconds_to_first_attempt()
                  for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
    print(f'{len(runs)} runs: {runs[0]:.2f} to {runs[-1]:.2f} s, '
          f'median {statistics.median(runs):.2f} s; load {os.getloadavg()[0]:.1f}')
