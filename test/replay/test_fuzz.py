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

import numpy as np
import pytest
from rfsn_ros.errors import BagError
from rfsn_ros.replay.reader import read_bag

CASES = 100  # per storage
STORAGES = ('mcap', 'sqlite3', 'ros1')


def storage_file(bag):
    if bag.is_file():
        return bag
    return next(file for file in sorted(bag.iterdir()) if file.suffix in ('.mcap', '.db3'))


def damage(data, generator, kind):
    if kind == 'cut':
        return data[:int(generator.integers(0, len(data)))]
    changed = bytearray(data)
    if kind == 'flip':
        for position in generator.integers(0, len(data), size=generator.integers(1, 30)):
            changed[position] ^= 1 << int(generator.integers(0, 8))
    else:
        start = int(generator.integers(0, len(data)))
        end = min(len(data), start + int(generator.integers(1, 2000)))
        changed[start:end] = generator.integers(0, 256, end - start, dtype=np.uint8).tobytes()
    return bytes(changed)


def shuffled(rows, generator):
    """Exchange the header stamps and the order of some messages."""
    order = np.arange(len(rows))
    for _ in range(int(generator.integers(1, 20))):
        first, second = generator.integers(1, len(rows), 2)
        order[[first, second]] = order[[second, first]]
    return [(*rows[row][:2], rows[place][2], rows[row][3]) for place, row in enumerate(order)]


@pytest.mark.parametrize('storage', STORAGES)
def test_damaged_bags_never_crash_and_never_lie(storage, foreign_rows, write_bag, tmp_path):
    bag = write_bag(tmp_path / 'bag', foreign_rows(seconds=4.0), storage=storage)
    whole = read_bag(bag)
    file = storage_file(bag)
    good = file.read_bytes()
    verdicts = {'whole': 0, 'part': 0, 'refused': 0}
    for case in range(CASES):
        generator = np.random.default_rng(case)
        kind = ('cut', 'flip', 'noise')[case % 3]
        file.write_bytes(damage(good, generator, kind))
        try:
            recording = read_bag(bag)
        except BagError as error:
            assert '\n' not in str(error)
            assert len(str(error)) < 1200
            verdicts['refused'] += 1
            continue
        stamps = np.array([scan.stamp for scan in recording.scans])
        assert np.all(np.isfinite(stamps))
        assert np.all(np.diff(stamps) > 0.0)
        assert np.all(np.isfinite(recording.odometry.pose))
        assert np.all(np.diff(recording.odometry.stamp) > 0.0)
        assert len(stamps) <= len(whole.scans)
        verdicts['whole' if len(stamps) == len(whole.scans) else 'part'] += 1
        # mcap has checksums: what is not said to be damaged is as it was written.
        if storage == 'mcap' and not recording.quality.damaged:
            assert len(stamps) == len(whole.scans)
            for mine, theirs in zip(recording.scans, whole.scans, strict=True):
                np.testing.assert_array_equal(mine.ranges, theirs.ranges)
    assert sum(verdicts.values()) == CASES
    assert verdicts['refused'] > 0
    assert verdicts['whole'] + verdicts['part'] > 0


@pytest.mark.parametrize('storage', STORAGES)
def test_shuffled_stamps(storage, foreign_rows, write_bag, tmp_path):
    rows = foreign_rows(seconds=3.0)
    for case in range(5):
        mixed = shuffled(rows, np.random.default_rng(case))
        recording = read_bag(write_bag(tmp_path / f'bag{case}', mixed, storage=storage))
        assert np.all(np.diff([scan.stamp for scan in recording.scans]) > 0.0)
        quality = recording.quality
        lost = (quality.backward_stamps + quality.repeated_stamps + quality.stray_stamps
                + quality.scans_without_odometry)
        assert len(recording.scans) + lost == quality.scans == 24


def test_a_cut_recording_keeps_all_whole_chunks(foreign_rows, store, tmp_path):
    from rfsn_ros.replay.bag_writer import BagWriter
    writer = BagWriter(tmp_path / 'bag')
    rows = foreign_rows()
    for number, (topic, kind, stamp, message) in enumerate(rows):
        writer.add_topic(topic, kind, store.generate_msgdef(kind, ros_version=2)[0])
        writer.write(topic, round(stamp * 1e9), bytes(store.serialize_cdr(message, kind)))
        if number % 40 == 39:
            writer.flush()
    # The writer is never closed, as when its process is killed.
    recording = read_bag(tmp_path / 'bag')
    flushed = rows[:len(rows) // 40 * 40]
    assert len(recording.scans) == sum(row[0] == '/scan' for row in flushed)
    assert any('not closed' in note for note in recording.quality.notes)
