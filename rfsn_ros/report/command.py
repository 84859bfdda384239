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

"""`rfsn report RUN_DIR`: write the report of a run as one HTML page."""

from __future__ import annotations

import argparse
from pathlib import Path

from rfsn_ros.report.run import read_run
from rfsn_ros.report.run_page import run_page

__all__ = ['main']


def main(argv: list[str]) -> int:
    """Write ``report.html`` into the run folder (or `--out`) and say where it lies."""
    parser = argparse.ArgumentParser(
        prog='rfsn report', description='Write the report of a run as one HTML page that opens '
        'offline, in light and dark, on any width.')
    parser.add_argument('run', type=Path, metavar='RUN_DIR', help='folder of the run')
    parser.add_argument('--out', type=Path, help='file to write; default RUN_DIR/report.html')
    options = parser.parse_args(argv)
    path = run_page(read_run(options.run)).write(options.out or options.run / 'report.html')
    print(path)
    return 0
