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

"""`rfsn record`: record topics into a rosbag2 (mcap, zstd), with or without rosbag2."""

from __future__ import annotations

import argparse
from pathlib import Path
import re
import sys
import time

from rclpy.exceptions import InvalidNamespaceException
from rclpy.validate_namespace import validate_namespace
from rfsn_ros.arguments import amount
from rfsn_ros.nodes.process import run_node
from rfsn_ros.nodes.recorder import Recorder
from rfsn_ros.replay.bag_writer import BagWriter
from rfsn_ros.replay.mcap_writer import no_compression, zstd_compression

__all__ = ['main']


def main(argv: list[str]) -> int:
    """Record until interrupted, or for the time asked for; return the exit code."""
    parser = argparse.ArgumentParser(
        prog='rfsn record',
        description='Record topics into a rosbag2 (mcap). Ctrl-C ends the recording; a recording '
                    'that is killed keeps everything up to the last second.')
    parser.add_argument('topics', nargs='*', metavar='TOPIC', type=_topic,
                        help='names or regular expressions (default: all topics)')
    parser.add_argument('-o', '--output', type=Path, help='folder (default: rfsn_<time>)')
    parser.add_argument('--namespace', type=_namespace,
                        help='of relative topic names, e.g. robot1')
    parser.add_argument('--split-size', type=amount, default=0.0, metavar='MB',
                        help='begin a new file at this size (default: never)')
    parser.add_argument('--split-duration', type=amount, default=0.0, metavar='S',
                        help='begin a new file after this time (default: never)')
    parser.add_argument('--duration', type=amount, default=0.0, metavar='S',
                        help='stop by itself after this time')
    parser.add_argument('--no-compression', action='store_true', help='leave chunks uncompressed')
    parser.add_argument('--fsync', action='store_true',
                        help='wait for the disk twice a second: safe against power loss too')
    options = parser.parse_args(argv)
    folder = options.output or Path(time.strftime('rfsn_%Y_%m_%d-%H_%M_%S'))
    writer = BagWriter(
        folder, split_size=int(options.split_size * 1e6), split_duration=options.split_duration,
        compression=no_compression() if options.no_compression else zstd_compression(),
        fsync=options.fsync)
    code = run_node(
        lambda: Recorder(writer, options.topics, duration=options.duration,
                         namespace=options.namespace), [sys.argv[0]])
    writer.close()
    counts = writer.counts
    print(f'{folder}: {sum(counts.values())} messages of {len(counts)} topics')
    return code


def _topic(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(
            f'{text!r}: is no regular expression: {error}') from None
    return text


def _namespace(text: str) -> str | None:
    try:
        validate_namespace('/' + text.removeprefix('/'))
    except InvalidNamespaceException:
        raise argparse.ArgumentTypeError(f'{text!r}: is no namespace of ROS') from None
    return text or None
