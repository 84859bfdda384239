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

"""Bags as other robots leave them: each is replayed, or refused in one clear line."""

import dataclasses
import math
import os

from lz4.frame import compress as lz4
import numpy as np
import pytest
from rfsn_ros.bandit import DecisionLog
from rfsn_ros.bandit.decision_log import log_files
from rfsn_ros.cli import main
from rfsn_ros.replay.jobs import find_bags
from rfsn_ros.replay.mcap_writer import no_compression
from rfsn_ros.replay.reader import read_bag

SCAN, ODOM = 'sensor_msgs/msg/LaserScan', 'nav_msgs/msg/Odometry'
TWIST, TF = 'geometry_msgs/msg/Twist', 'tf2_msgs/msg/TFMessage'
STORAGES = ('mcap', 'sqlite3', 'ros1')


def replay(capsys, *arguments):
    """Run the command; return exit code, what it printed and its lines of complaint."""
    code = main(['replay', *map(str, arguments)])
    output = capsys.readouterr()
    assert 'Traceback' not in output.out + output.err
    return code, output.out, output.err.strip().splitlines()


def scans(change):
    """Return a change of rows that maps each scan: (number, message) -> message or None."""
    def changed(rows, _):
        number, result = 0, []
        for row in rows:
            message = row[3]
            if row[1] == SCAN:
                message, number = change(number, message), number + 1
            if message is not None:
                result.append((*row[:3], message))
        return result
    return changed


def odometry(change):
    return lambda rows, messages: [
        (*row[:3], change(row[3])) if row[1] == ODOM else row for row in rows]


def standing(message):
    still = dataclasses.replace(message.pose.pose.position, x=0.0, y=0.0)
    stop = dataclasses.replace(message.twist.twist.linear, x=0.0)
    return dataclasses.replace(
        message, pose=dataclasses.replace(message.pose, pose=dataclasses.replace(
            message.pose.pose, position=still)),
        twist=dataclasses.replace(message.twist, twist=dataclasses.replace(
            message.twist.twist, linear=stop)))


def renamed(**names):
    return lambda rows, messages: [
        (names.get(row[0].strip('/').replace('/', '_'), row[0]), *row[1:]) for row in rows]


def fewer_beams(count):
    def change(_, scan):
        rows = np.linspace(0, len(scan.ranges) - 1, count).astype(int)
        step = 2.0 * math.pi / count
        return dataclasses.replace(
            scan, ranges=scan.ranges[rows], angle_increment=step,
            angle_max=scan.angle_min + step * (count - 1))
    return scans(change)


def filled(value):
    return scans(lambda _, scan: dataclasses.replace(
        scan, ranges=np.full(len(scan.ranges), value, np.float32)))


def backwards(_, scan):
    """Let the beams run clockwise, as of a laser that says so."""
    return dataclasses.replace(
        scan, ranges=scan.ranges[::-1].copy(), angle_min=scan.angle_max,
        angle_max=scan.angle_min, angle_increment=-scan.angle_increment)


def stamped_commands(rows, messages):
    return [('/jackal_velocity_controller/cmd_vel', 'geometry_msgs/msg/TwistStamped', row[2],
             messages.TwistStamped(header=messages.header(row[2]), twist=row[3]))
            if row[1] == TWIST else row for row in rows]


def jackal(rows, messages):
    rows = renamed(scan='/front/scan', odom='/jackal_velocity_controller/odom')(rows, messages)
    filtered = [('/odometry/filtered', *row[1:]) for row in rows if row[1] == ODOM]
    return stamped_commands(sorted(rows + filtered, key=lambda row: row[2]), messages)


def two_lasers(rows, messages):
    rear = [('/rear/scan', *row[1:3], dataclasses.replace(
        row[3], header=messages.header(row[2], 'rear'))) for row in rows if row[1] == SCAN]
    return sorted(renamed(scan='/front/scan')(rows, messages) + rear, key=lambda row: row[2])


def epuck(rows, messages):
    """Shrink the world to a robot of 7 cm: eight beams, a range of half a metre."""
    def change(number, scan):
        ranges = 0.1 * scan.ranges[::len(scan.ranges) // 8][:8]
        return dataclasses.replace(
            scan, ranges=np.where(ranges <= 0.5, ranges, 0.0).astype(np.float32), range_min=0.0,
            range_max=0.5, angle_increment=math.pi / 4, angle_max=scan.angle_min + 1.75 * math.pi)

    def slower(message):
        point, twist = message.pose.pose.position, message.twist.twist
        return messages.odometry(
            message.header.stamp.sec + 1e-9 * message.header.stamp.nanosec, 0.1 * point.x,
            0.1 * point.y, 2.0 * math.asin(message.pose.pose.orientation.z),
            0.1 * twist.linear.x, twist.angular.z)
    return odometry(slower)(scans(change)(rows, messages), messages)


def with_repeats(number, scan):
    stamp = scan.header.stamp
    shift = {10: -125_000_000, 20: -200_000_000, 30: -125_000_000}.get(number, 0)
    nanoseconds = stamp.sec * 10**9 + stamp.nanosec + shift
    header = dataclasses.replace(scan.header, stamp=dataclasses.replace(
        stamp, sec=nanoseconds // 10**9, nanosec=nanoseconds % 10**9))
    return dataclasses.replace(scan, header=header)


def with_intensities(_, scan):
    return dataclasses.replace(
        scan, time_increment=1e-4, scan_time=0.1,
        intensities=np.ones(len(scan.ranges) // 2, np.float32))


def into_namespace(rows, messages):
    return [(f'/robot7{row[0]}', *row[1:]) for row in rows]


def footprint(message):
    return dataclasses.replace(message, child_frame_id='base_footprint')


def stumbling(message):
    """Speeds three times too large, now and then absurd, as a clock that stumbles makes them."""
    twist = message.twist.twist
    speed = 2000.0 if message.header.stamp.nanosec == 0 else 3.0 * twist.linear.x
    return dataclasses.replace(message, twist=dataclasses.replace(
        message.twist, twist=dataclasses.replace(
            twist, linear=dataclasses.replace(twist.linear, x=speed))))


def without_frames(rows, messages):
    rows = scans(lambda _, scan: dataclasses.replace(
        scan, header=dataclasses.replace(scan.header, frame_id='')))(rows, messages)
    return odometry(lambda message: dataclasses.replace(
        message, child_frame_id='', header=dataclasses.replace(message.header, frame_id='')))(
            rows, messages)


USABLE = {
    '21 beams': (fewer_beams(21), ''),
    '897 beams': (fewer_beams(897), ''),
    'one beam': (fewer_beams(1), ''),
    'nothing but open space': (filled(np.inf), ''),
    'beams without an answer are 0': (scans(lambda number, scan: dataclasses.replace(
        scan, ranges=np.where(np.arange(len(scan.ranges)) % 3, scan.ranges, 0.0).astype(
            np.float32))), ''),
    'clockwise': (scans(backwards), ''),
    'angle_max of another scan': (scans(lambda _, scan: dataclasses.replace(
        scan, angle_max=scan.angle_max + 0.3)), ''),
    'no angle_increment': (scans(lambda _, scan: dataclasses.replace(
        scan, angle_increment=0.0)), ''),
    'repeated and late stamps': (scans(with_repeats), ''),
    'intensities of another length': (scans(with_intensities), ''),
    'jackal': (jackal, 'odometry: /jackal_velocity_controller/odom was taken, not '
                       '/odometry/filtered'),
    'commands with stamps': (stamped_commands, ''),
    'front and rear laser': (two_lasers, 'scan: /front/scan was taken, not /rear/scan'),
    'e-puck': (epuck, ''),
    'namespace': (into_namespace, ''),
    'base_footprint': (odometry(footprint), ''),
    'no frame names': (without_frames, 'no transform'),
    'velocities and poses differ': (
        odometry(stumbling), 'times as far as by the poses; they were taken from the poses'),
    'no commands': (lambda rows, messages: [row for row in rows if row[1] != TWIST], ''),
    'standing': (odometry(standing), 'the robot did not leave its place'),
}


@pytest.mark.parametrize('name', USABLE)
def test_odd_bags_are_replayed(name, foreign_rows, messages, write_bag, tmp_path, capsys):
    change, note = USABLE[name]
    storage = STORAGES[list(USABLE).index(name) % 3]
    bag = write_bag(tmp_path / 'a bag', change(foreign_rows(seconds=3.0), messages),
                    storage=storage)
    code, output, complaints = replay(capsys, bag, '--policy', 'greedy', 'random')
    assert (code, complaints) == (0, [])
    assert '1 bag, ' in output
    assert note in output


REFUSED = {
    'nothing but 0': (filled(0.0), 'scans were not usable (scan: none of 90 ranges'),
    'nothing but NaN': (filled(np.nan), 'scans were not usable (scan: none of 90 ranges'),
    'points instead of a laser': (
        lambda rows, messages: [row for row in rows if row[1] != SCAN] + [
            ('/points', 'sensor_msgs/msg/PointCloud2', 101.0, messages.cloud())],
        'PointCloud2'),
    'scans alone': (lambda rows, messages: [row for row in rows if row[1] == SCAN],
                    'has no nav_msgs/msg/Odometry'),
    'a tenth of a second': (lambda rows, messages: [row for row in rows if row[2] < 100.1],
                            'no drive in it has 5 decisions (0.0 s of scans)'),
    'odometry without a number': (odometry(lambda message: dataclasses.replace(
        message, pose=dataclasses.replace(message.pose, pose=dataclasses.replace(
            message.pose.pose, position=dataclasses.replace(
                message.pose.pose.position, x=math.nan))))),
        'none of 60 odometry messages is finite'),
    'ranges the wrong way round': (scans(lambda _, scan: dataclasses.replace(
        scan, range_min=9.0, range_max=1.0)), 'none of 24 scans is usable (a scan was refused'),
    'standing still': (lambda rows, messages: rows[:1], 'has no sensor_msgs/msg/LaserScan'),
}


@pytest.mark.parametrize('name', REFUSED)
def test_what_cannot_be_used_is_refused_in_one_line(
    name, foreign_rows, messages, write_bag, tmp_path, capsys,
):
    change, words = REFUSED[name]
    storage = STORAGES[list(REFUSED).index(name) % 2]
    bag = write_bag(tmp_path / 'a bag', change(foreign_rows(seconds=3.0), messages),
                    storage=storage)
    code, _, complaints = replay(capsys, bag, '--policy', 'greedy')
    assert code == 2
    assert len(complaints) == 1
    assert words in complaints[0] or pytest.fail(complaints[0])


@pytest.mark.parametrize(('storage', 'options'), [
    ('mcap', {'compression': no_compression()}), ('mcap', {'compression': ('lz4', lz4)}),
    ('sqlite3', {'packed': 'FILE'}), ('sqlite3', {'packed': 'MESSAGE'}),
    ('ros1', {'packed': 'BZ2'}), ('ros1', {'packed': 'LZ4'}),
])
def test_compressed_bags_give_the_same(
    storage, options, foreign_rows, write_bag, tmp_path,
):
    plain = read_bag(write_bag(tmp_path / 'plain', foreign_rows(seconds=2.0), storage=storage))
    packed = read_bag(write_bag(
        tmp_path / 'packed', foreign_rows(seconds=2.0), storage=storage, **options))
    assert packed.quality.notes == plain.quality.notes
    for mine, theirs in zip(packed.scans, plain.scans, strict=True):
        np.testing.assert_array_equal(mine.ranges, theirs.ranges)


def test_names_and_places(foreign_rows, write_bag, tmp_path, capsys):
    """Folders with spaces, mixed folders, links, the same bag twice."""
    place = tmp_path / 'a place with spaces'
    bag = write_bag(place / 'monday' / 'first drive', foreign_rows(seconds=3.0))
    write_bag(place / 'tuesday', foreign_rows(seconds=3.0), storage='sqlite3')
    write_bag(place / 'old' / 'drive', foreign_rows(seconds=3.0), storage='ros1')
    (place / 'notes.txt').write_text('nothing')
    (place / 'empty').mkdir()
    (place / 'gone').symlink_to(place / 'nowhere')
    (place / 'round').symlink_to(place)
    (tmp_path / 'link').symlink_to(bag)
    code, output, complaints = replay(capsys, place, '--policy', 'random', '--jobs', '1')
    assert (code, complaints) == (0, [])
    assert '3 bags, ' in output
    one = replay(capsys, bag, '--policy', 'random')[1]
    code, output, complaints = replay(
        capsys, bag, bag.parent / 'first drive', tmp_path / 'link', bag / '../first drive/',
        '--policy', 'random')
    assert code == 0
    assert '1 bag, ' in output
    assert output.splitlines()[0] == one.splitlines()[0]


def test_each_recording_of_a_folder_is_a_bag(foreign_rows, write_bag, tmp_path, capsys):
    rows, later = foreign_rows(seconds=3.0), foreign_rows(seconds=3.0, start=103.5)
    for name in ('square', 'wall_1', 'wall_2'):
        write_bag(tmp_path / 'several' / name, rows, storage='ros1')
    (tmp_path / 'several' / 'below').mkdir()
    write_bag(tmp_path / 'several' / 'below' / 'other', rows)
    assert '4 bags, ' in replay(
        capsys, tmp_path / 'several', '--policy', 'random', '--jobs', '1')[1]
    for number, part in enumerate((rows, later)):
        write_bag(tmp_path / 'split' / f'drive_2026-03-0{number + 1}-10-30-00_{number}', part,
                  storage='ros1')
    code, output, complaints = replay(capsys, tmp_path / 'split', '--policy', 'random')
    assert (code, complaints) == (0, [])
    assert '1 bag, ' in output
    assert len(read_bag(tmp_path / 'split').scans) == 48


def test_parts_of_a_decision_log_are_no_logs_beside_it(tmp_path):
    """As where a shell puts all of them for *.jsonl."""
    log, other = tmp_path / 'log.jsonl', tmp_path / 'other.jsonl'
    for path in (log, other):
        with DecisionLog(path, max_bytes=400) as writer:
            for number in range(10):
                writer.reward(f's-{number}', 0.0, 1.0)
    parts = log_files(log)[:-1]
    assert parts
    assert find_bags([*parts, log, other]) == find_bags([log, *parts, other]) == [log, other]
    assert find_bags(parts) == parts


def test_a_bag_in_the_folder_of_another_is_a_bag(foreign_rows, write_bag, tmp_path):
    first = write_bag(tmp_path / 'drive', foreign_rows(seconds=1.0))
    second = write_bag(first / 'second.mcap', foreign_rows(seconds=1.0))
    for given in ([first, second], [second, first], [tmp_path]):
        assert sorted(find_bags(given)) == [first, second]
    file = next(second.glob('*.mcap'))
    assert find_bags([second, file, first]) == [second, first]


def test_a_pointer_to_a_bag(tmp_path, capsys):
    (tmp_path / 'drive.db3').write_text(
        'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 5\n')
    code, _, complaints = replay(capsys, tmp_path, '--policy', 'random')
    assert (code, len(complaints)) == (2, 1)
    assert 'drive.db3: a Git LFS pointer' in complaints[0]


@pytest.mark.parametrize(('name', 'content'), [
    ('zero.bag', b''), ('zero.mcap', b''), ('zero.db3', b''), ('zero.jsonl', b''),
    ('text.jsonl', b'{"a": 1}\n'), ('noise.jsonl', bytes(range(256))),
    ('drive.bag.active', b''), ('picture.png', b'PNG'), ('packed.mcap.zstd', b'zstd'),
])
def test_files_that_hold_nothing(name, content, tmp_path, capsys):
    (tmp_path / name).write_bytes(content)
    code, _, complaints = replay(capsys, tmp_path / name, '--policy', 'random')
    assert code == 2
    assert len(complaints) == 1
    assert name in complaints[0]


def test_a_bag_without_messages(store, tmp_path, write_bag, capsys):
    for storage in STORAGES:
        bag = write_bag(tmp_path / storage, [], storage=storage)
        code, _, complaints = replay(capsys, bag)
        assert code == 2
        assert len(complaints) == 1
        assert 'no topics' in complaints[0] or 'no message' in complaints[0]


def test_a_folder_without_bags_and_one_that_is_missing(tmp_path, capsys):
    for path in (tmp_path, tmp_path / 'missing'):
        code, _, complaints = replay(capsys, path, '--policy', 'random')
        assert (code, len(complaints)) == (2, 1)
        assert path.name in complaints[0]


@pytest.mark.skipif(os.getuid() == 0, reason='root may read everything')
def test_what_may_not_be_read(foreign_rows, write_bag, tmp_path, capsys):
    bag = write_bag(tmp_path / 'bag', foreign_rows(seconds=3.0), storage='ros1')
    bag.chmod(0)
    code, _, complaints = replay(capsys, bag)
    assert (code, len(complaints)) == (2, 1)
    assert 'ermission' in complaints[0]


@pytest.mark.parametrize('goal', ['', '1', '1,2,3', 'nan,1', 'inf,0', 'a,b', '1;2', '1e999,0'])
def test_goals_that_are_none(goal, foreign_rows, write_bag, tmp_path, capsys):
    bag = write_bag(tmp_path / 'bag', foreign_rows(seconds=3.0))
    code, _, complaints = replay(capsys, bag, f'--goal={goal}')
    assert (code, len(complaints)) == (2, 1)
    assert 'must be X,Y in metres' in complaints[0]


def test_a_checkpoint_of_other_features(foreign_rows, write_bag, tmp_path, capsys):
    from rfsn_ros.bandit import VWConfig, VWContextualBandit
    other, torn = tmp_path / 'other.rfsn', tmp_path / 'torn.rfsn'
    with VWContextualBandit(VWConfig(n_actions=3, context_dim=2, action_dim=2)) as bandit:
        bandit.save(other)
    torn.write_bytes(other.read_bytes()[:100])
    bag = write_bag(tmp_path / 'bag', foreign_rows(seconds=3.0))
    for file in (other, torn):
        code, _, complaints = replay(capsys, bag, '--policy', 'random', file)
        assert (code, len(complaints)) == (2, 1)
        assert file.name in complaints[0]


def test_a_folder_that_cannot_be_written(foreign_rows, write_bag, tmp_path, capsys):
    bag = write_bag(tmp_path / 'bag', foreign_rows(seconds=3.0))
    (tmp_path / 'file').write_text('')
    for option in ('--out', '--warm-start'):
        code, _, complaints = replay(
            capsys, bag, '--policy', 'random', option, tmp_path / 'file' / 'inner')
        assert (code, len(complaints)) == (2, 1)
        assert 'cannot be made' in complaints[0]
