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

"""ROS 1 bags of many packed chunks."""

import pytest
from rfsn_ros.replay.unpacking import unpacked_ahead
from rosbags.rosbag1 import Reader, Writer
from rosbags.typesys import get_typestore, Stores

TYPE = 'std_msgs/msg/String'


@pytest.fixture
def bag(tmp_path):
    """Return a bag of 60 messages of two topics in many chunks."""
    store = get_typestore(Stores.ROS1_NOETIC)
    string = store.types[TYPE]
    writer = Writer(tmp_path / 'many.bag')
    writer.set_compression(Writer.CompressionFormat.BZ2)
    writer.chunk_threshold = 500
    with writer:
        topics = [writer.add_connection(name, TYPE, typestore=store) for name in ('/a', '/b')]
        for number in range(60):
            # the first half of the bag has one topic only
            topic = topics[number % 2 if number >= 30 else 0]
            data = store.serialize_ros1(string(f'{number} ' * 60), TYPE)
            writer.write(topic, number * 10**9, data)
    return tmp_path / 'many.bag'


def read(path, names, *, ahead):
    with Reader(path) as reader:
        wanted = [one for one in reader.connections if one.topic in names]
        if not ahead:
            return list(reader.messages(connections=wanted)), len(reader.chunks)
        found = []
        with unpacked_ahead(reader, path, wanted):
            for message in reader.messages(connections=wanted):
                found.append(message)
        chunks = reader.chunks
        # nothing is left behind: the reader goes on by itself
        assert list(reader.messages(connections=wanted)) == found
        return found, len(chunks)


@pytest.mark.parametrize('names', [{'/a'}, {'/b'}, {'/a', '/b'}])
def test_the_messages_are_those_of_the_reader(bag, names):
    plain, chunks = read(bag, names, ahead=False)
    assert chunks > 10
    assert [one[1:] for one in read(bag, names, ahead=True)[0]] == [one[1:] for one in plain]


def test_a_damaged_chunk_fails_where_the_reader_comes_to_it(bag):
    with Reader(bag) as reader:
        place = sorted(reader.chunks)[6]
        chunk = reader.chunks[place]
        before = [one.time for index in reader.indexes.values() for one in index
                  if one.chunk_pos < place]
    content = bytearray(bag.read_bytes())
    content[chunk.datapos + 20:chunk.datapos + 40] = bytes(20)
    bag.write_bytes(content)
    found = []
    with Reader(bag) as reader, unpacked_ahead(reader, bag, reader.connections), pytest.raises(
            OSError, match='Invalid data stream'):
        found.extend(one[1] for one in reader.messages())
    assert found == sorted(before)
