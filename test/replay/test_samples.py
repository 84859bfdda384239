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


"""Messages read as tables say the same as the library that decodes them one by one."""

import dataclasses

import numpy as np
import pytest
from rfsn_ros.replay.reader import read_bag
from rfsn_ros.replay.samples import LAYOUTS, samples_of, Serialized

ODOMETRY = 'nav_msgs/msg/Odometry'


def odometry(messages, number, *, frame='odom'):
    message = messages.odometry(100.0 + 0.02 * number, 0.1 * number, -0.3, 0.2, 0.5, -0.1)
    return dataclasses.replace(
        message, header=messages.header(100.0 + 0.02 * number, frame))


def serialized(store, kind, rows, *, little_endian=True):
    def decode(data):
        return store.deserialize_cdr(data, kind)

    return [Serialized(number * 10**9, bytes(
                store.serialize_cdr(row, kind, little_endian=little_endian)), True, decode)
            for number, row in enumerate(rows)]


def one_by_one(raw, layout):
    """Return what the library says of each message: too few for a table."""
    parts = [samples_of([one], layout) for one in raw]
    return (np.concatenate([part.stamp for part, _ in parts]),
            np.concatenate([part.values for part, _ in parts]), sum(lost for _, lost in parts))


@pytest.mark.parametrize('names', [['odom'], ['odom', 'map'], ['odom', 'a_longer_frame']])
@pytest.mark.parametrize('little_endian', [True, False])
def test_tables_equal_the_library(store, messages, names, little_endian):
    rows = [odometry(messages, number, frame=names[number % len(names)]) for number in range(40)]
    raw = serialized(store, ODOMETRY, rows, little_endian=little_endian)
    samples, lost = samples_of(raw, LAYOUTS[ODOMETRY])
    stamp, values, _ = one_by_one(raw, LAYOUTS[ODOMETRY])
    assert lost == 0
    np.testing.assert_array_equal(samples.stamp, stamp)
    np.testing.assert_array_equal(samples.values, values)
    np.testing.assert_allclose(samples.values[7, :2], [0.7, -0.3])
    np.testing.assert_allclose(samples.arrived, np.arange(40.0))


def test_commands_with_and_without_header(store, messages):
    plain = [messages.twist(0.01 * number, -0.2) for number in range(20)]
    samples, _ = samples_of(serialized(store, 'geometry_msgs/msg/Twist', plain),
                            LAYOUTS['geometry_msgs/msg/Twist'])
    np.testing.assert_allclose(samples.stamp, np.arange(20.0))
    np.testing.assert_array_equal(samples.values[:, 0], [0.01 * number for number in range(20)])
    stamped = [messages.TwistStamped(header=messages.header(5.0 + number, 'base_link'), twist=one)
               for number, one in enumerate(plain)]
    samples, _ = samples_of(serialized(store, 'geometry_msgs/msg/TwistStamped', stamped),
                            LAYOUTS['geometry_msgs/msg/TwistStamped'])
    np.testing.assert_array_equal(samples.stamp, 5.0 + np.arange(20.0))
    np.testing.assert_array_equal(samples.values[:, 1], np.full(20, -0.2))


def test_damaged_messages_are_counted_and_the_others_kept(store, messages):
    raw = serialized(store, ODOMETRY, [odometry(messages, number) for number in range(30)])
    cut = raw[3]._replace(data=raw[3].data[:50])
    # a frame's name that claims to be longer than the message
    broken = bytearray(raw[0].data)
    broken[12:16] = b'\xff\xff\xff\x7f'
    raw[3], raw[0] = cut, raw[0]._replace(data=bytes(broken))
    samples, lost = samples_of(raw, LAYOUTS[ODOMETRY])
    assert lost == 2
    np.testing.assert_allclose(
        samples.arrived, [number for number in range(30) if number not in (0, 3)])
    np.testing.assert_allclose(samples.stamp, 100.0 + 0.02 * samples.arrived, atol=1e-6)


def test_times_before_1970_stay_negative(store, messages):
    rows = [odometry(messages, number) for number in range(12)]
    rows[4].header.stamp.sec = -7
    samples, _ = samples_of(serialized(store, ODOMETRY, rows), LAYOUTS[ODOMETRY])
    assert samples.stamp[4] < 0.0 < samples.stamp[5]


def test_ros1_counts_its_messages(foreign_rows, write_bag, tmp_path):
    bags = [write_bag(tmp_path / storage, foreign_rows(), storage=storage)
            for storage in ('ros1', 'mcap')]
    first, other = map(read_bag, bags)
    np.testing.assert_array_equal(first.odometry.pose, other.odometry.pose)
    np.testing.assert_allclose(first.odometry.stamp, other.odometry.stamp, atol=1e-6)
    np.testing.assert_array_equal(first.commands.twist, other.commands.twist)
