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
