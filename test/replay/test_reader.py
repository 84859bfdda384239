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

import dataclasses
import math
import sqlite3

import numpy as np
import pytest
from rfsn_ros.errors import BagError
from rfsn_ros.replay.reader import read_bag
from rfsn_ros.replay.topics import ReaderConfig
from rosbags.rosbag2 import Writer

SCAN, ODOM = 'sensor_msgs/msg/LaserScan', 'nav_msgs/msg/Odometry'


@pytest.mark.parametrize('storage', ['mcap', 'sqlite3', 'ros1'])
def test_all_storages_give_the_same_recording(foreign_rows, write_bag, tmp_path, storage):
    recording = read_bag(write_bag(tmp_path / 'bag', foreign_rows(), storage=storage))
    assert len(recording.scans) == 48
    assert len(recording.odometry) == 120
    assert len(recording.commands.stamp) == 120
    assert recording.scans[0].mount.yaw == pytest.approx(0.3)
    assert recording.scans[0].mount.x == pytest.approx(0.1)
    assert recording.odometry.path_length == pytest.approx(2.4, abs=0.1)
    assert recording.scans[0].stamp == pytest.approx(100.01)
    assert not recording.quality.damaged
    assert not recording.own


@pytest.mark.parametrize('storage', ['mcap', 'sqlite3', 'ros1'])
def test_fixed_transforms_say_where_the_laser_is_else_moving_ones(
    foreign_rows, messages, write_bag, tmp_path, storage,
):
    def moving(yaw):
        return [('/tf', 'tf2_msgs/msg/TFMessage', 100.0 + second, messages.static(yaw, x=0.2))
                for second in range(3)]

    rows = sorted(foreign_rows(seconds=3.0) + moving(0.7), key=lambda row: row[2])
    fixed = read_bag(write_bag(tmp_path / 'fixed', rows, storage=storage))
    assert fixed.scans[0].mount.yaw == pytest.approx(0.3)
    rows = [(*row[:3], messages.static(0.1, child='camera')) if row[0] == '/tf_static' else row
            for row in rows]
    other = read_bag(write_bag(tmp_path / 'moving', rows, storage=storage))
    assert other.scans[0].mount.yaw == pytest.approx(0.7)
    assert other.scans[0].mount.x == pytest.approx(0.2)


def test_velocities_in_the_frame_of_the_world_are_taken_from_the_poses(
    messages, write_bag, tmp_path,
):
    """So Stage and some of Gazebo's drives write them, against REP 105."""
    rows = []
    for tick in range(80):
        time, yaw = 100.0 + 0.05 * tick, 1.2
        x, y = 0.02 * tick * math.cos(yaw), 0.02 * tick * math.sin(yaw)
        rows.append(('/odom', ODOM, time, messages.odometry(
            time, x, y, yaw, 0.4 * math.cos(yaw), 0.0)))
        rows.append(('/scan', SCAN, time, messages.scan(time, np.full(90, 3.0))))
    recording = read_bag(write_bag(tmp_path / 'bag', rows))
    np.testing.assert_allclose(recording.odometry.twist, [(0.4, 0.0)] * 80, atol=1e-6)
    assert any('it went 0.36 times as far' in note for note in recording.quality.notes)


def test_real_neato(real_bag):
    recording = read_bag(real_bag('neato_real'))
    quality = recording.quality
    assert (quality.scans, quality.odometry, quality.commands) == (280, 301, 479)
    assert recording.scans[0].mount.yaw == pytest.approx(math.pi)
    assert quality.gaps == 1
    assert quality.longest_gap == pytest.approx(0.91, abs=0.01)
    assert quality.beams_inf / quality.beams == pytest.approx(0.73, abs=0.01)
    assert any('/stable_scan' in note for note in quality.notes)
    other = read_bag(real_bag('neato_real'), ReaderConfig(scan='stable_scan', laser_yaw=0.5))
    assert other.scans[0].mount.yaw == 0.5


def test_real_turtlebot3(real_bag):
    recording = read_bag(real_bag('turtlebot3_ros1'))
    assert (len(recording.scans), len(recording.odometry)) == (457, 2741)
    assert recording.odometry.path_length == pytest.approx(24.8, abs=0.1)
    assert any('no transform' in note for note in recording.quality.notes)


def test_namespaces_and_names(foreign_rows, write_bag, tmp_path):
    rows = [(f'/{robot}{topic}' if topic != '/tf_static' else topic, *rest)
            for robot in ('robot1', 'robot2') for topic, *rest in foreign_rows()]
    bag = write_bag(tmp_path / 'bag', sorted(rows, key=lambda row: row[2]))
    recording = read_bag(bag, ReaderConfig(namespace='robot2'))
    assert len(recording.scans) == 48
    by_name = read_bag(bag, ReaderConfig(scan='/robot1/scan', odometry='robot2/odom'))
    assert len(by_name.scans) == 48
    with pytest.raises(BagError, match=r"no topic 'lidar'; it has"):
        read_bag(bag, ReaderConfig(scan='lidar'))
    with pytest.raises(BagError, match=r'is nav_msgs/msg/Odometry, not'):
        read_bag(bag, ReaderConfig(scan='/robot1/odom'))


def changed_scans(rows, change):
    """Return rows with `change(number, message)` applied to every scan; None drops it."""
    result, number = [], 0
    for row in rows:
        if row[1] == SCAN:
            message = change(number, row[3])
            number += 1
            if message is None:
                continue
            row = (*row[:3], message)
        result.append(row)
    return result


def restamped(message, messages, stamp):
    return dataclasses.replace(message, header=messages.header(stamp, 'laser'))


def test_repeated_and_late_stamps_are_passed_over(foreign_rows, write_bag, messages, tmp_path):
    rows = changed_scans(foreign_rows(), lambda number, scan: restamped(
        scan, messages, {10: 100.01 + 9 / 8, 20: 100.01 + 18.5 / 8}.get(
            number, 100.01 + number / 8)))
    quality = read_bag(write_bag(tmp_path / 'bag', rows)).quality
    assert (quality.repeated_stamps, quality.backward_stamps) == (1, 1)


def test_clock_set_back_begins_a_new_drive(foreign_rows, write_bag, tmp_path):
    first = foreign_rows(start=500.0)
    second = [(*row[:2], row[2] + 406.2, row[3]) for row in foreign_rows(start=100.0)]
    recording = read_bag(write_bag(tmp_path / 'bag', [*first, *second]))
    stamps = [scan.stamp for scan in recording.scans]
    assert recording.quality.clock_jumps == 1
    assert recording.breaks == (48,)
    assert np.all(np.diff(stamps) > 0.0)


@pytest.mark.parametrize('stamp', [0.0, 2.0**31 - 1])
@pytest.mark.parametrize('topic', ['/scan', '/odom'])
def test_a_stamp_apart_from_all_others_costs_its_message_only(
    foreign_rows, write_bag, messages, tmp_path, topic, stamp,
):
    rows = foreign_rows()
    whole = read_bag(write_bag(tmp_path / 'whole', rows))
    at = [number for number, row in enumerate(rows) if row[0] == topic][30]
    message = rows[at][3]
    rows[at] = (*rows[at][:3], dataclasses.replace(message, header=messages.header(
        stamp, message.header.frame_id)))
    recording = read_bag(write_bag(tmp_path / 'bag', rows))
    quality = recording.quality
    assert (quality.stray_stamps, quality.stray_odometry) == (
        (1, 0) if topic == '/scan' else (0, 1))
    assert (quality.clock_jumps, quality.gaps) == (0, 0)
    assert any('apart from those around them, left out: 1' in note for note in quality.notes)
    assert recording.breaks == ()
    for name, mine, theirs in (
            ('/scan', [scan.stamp for scan in recording.scans],
             [scan.stamp for scan in whole.scans]),
            ('/odom', recording.odometry.stamp, whole.odometry.stamp)):
        expected = np.delete(theirs, 30) if name == topic else theirs
        np.testing.assert_array_equal(mine, expected)


@pytest.mark.parametrize(('missing', 'left', 'breaks'), [
    ((102.0, 104.0), 36, (20,)), ((103.0, 200.0), 28, ()), ((0.0, 102.0), 36, ()),
])
def test_scans_without_odometry_are_left_out(
    foreign_rows, write_bag, tmp_path, missing, left, breaks,
):
    """The last pose before a gap says nothing of where the robot was in it."""
    rows = [row for row in foreign_rows()
            if row[1] != ODOM or not missing[0] <= row[2] < missing[1]]
    recording = read_bag(write_bag(tmp_path / 'bag', rows))
    quality = recording.quality
    assert (len(recording.scans), quality.scans_without_odometry) == (left, 48 - left)
    assert recording.breaks == breaks
    ages = [abs(scan.stamp - recording.odometry.at(scan.stamp).stamp) for scan in recording.scans]
    assert max(ages) <= 0.5
    assert any(f'{48 - left} of 48 scans were left out' in note for note in quality.notes)


def test_slow_odometry_is_not_missing(foreign_rows, write_bag, tmp_path):
    rows = [row for row in foreign_rows() if row[1] != ODOM or row[2] % 1.0 < 0.01]
    recording = read_bag(write_bag(tmp_path / 'bag', rows))
    assert (len(recording.scans), len(recording.odometry)) == (48, 6)


def test_gaps_break_the_drive(foreign_rows, write_bag, tmp_path):
    rows = changed_scans(foreign_rows(), lambda number, scan: None if 10 <= number < 22 else scan)
    recording = read_bag(write_bag(tmp_path / 'bag', rows))
    assert recording.breaks == (10,)
    assert recording.quality.longest_gap == pytest.approx(13 / 8)


def test_simulated_time_in_headers(foreign_rows, write_bag, tmp_path):
    rows = foreign_rows(arrived=1.7e9)
    recording = read_bag(write_bag(tmp_path / 'bag', rows))
    assert recording.scans[0].stamp == pytest.approx(100.01)
    assert any('simulated time' in note for note in recording.quality.notes)
    assert read_bag(tmp_path / 'bag', ReaderConfig(clock='bag')).scans[0].stamp > 1e9


def test_headers_without_time_fall_back_to_the_bag(foreign_rows, write_bag, messages, tmp_path):
    rows = changed_scans(foreign_rows(), lambda _, scan: restamped(scan, messages, 0.0))
    recording = read_bag(write_bag(tmp_path / 'bag', rows))
    assert recording.quality.clock == 'bag'
    assert len(recording.scans) == 48


def test_odd_ranges_are_counted(foreign_rows, write_bag, tmp_path):
    def odd(number, scan):
        ranges = scan.ranges.copy()
        ranges[:5] = [0.0, np.nan, np.inf, 0.05, 50.0]
        return dataclasses.replace(scan, ranges=ranges[:90 if number % 2 else 60])

    recording = read_bag(write_bag(tmp_path / 'bag', changed_scans(foreign_rows(), odd)))
    quality = recording.quality
    assert quality.beam_counts == [60, 90]
    assert any('number of beams varies: 60 to 90' in note for note in quality.notes)
    assert quality.beams_zero == quality.beams_nan == quality.beams_above_max == 48
    assert quality.beams_below_min == 96
    assert math.isnan(recording.scans[0].ranges[0])
    assert math.isinf(recording.scans[0].ranges[2])


def test_empty_and_impossible_scans_are_left_out(foreign_rows, write_bag, tmp_path):
    def odd(number, scan):
        if number == 3:
            return dataclasses.replace(scan, ranges=scan.ranges[:0])
        return dataclasses.replace(scan, range_max=math.nan) if number == 4 else scan

    recording = read_bag(write_bag(tmp_path / 'bag', changed_scans(foreign_rows(), odd)))
    assert len(recording.scans) == 46
    assert (recording.quality.empty_scans, recording.quality.refused_scans) == (1, 1)


def in_a_room(messages, turned):
    """Rows of a robot in a room, whose laser is turned and of which no transform tells."""
    angles, rows = np.linspace(-math.pi, math.pi, 120, endpoint=False), []
    for tick in range(80):
        time, yaw = 100.0 + 0.1 * tick, 0.03 * tick
        x, y = 1.2 * math.sin(yaw), 1.2 * (1.0 - math.cos(yaw))
        c, s = (np.where(np.abs(one) < 1e-6, 1e-6, one) for one in (
            np.cos(angles + yaw + turned), np.sin(angles + yaw + turned)))
        ranges = np.minimum(np.where(c > 0.0, 4.0 - x, -1.5 - x) / c,
                            np.where(s > 0.0, 3.0 - y, -1.0 - y) / s)
        rows += [('/odom', ODOM, time, messages.odometry(time, x, y, yaw, 0.36, 0.3)),
                 ('/scan', SCAN, time, messages.scan(time, ranges))]
    return rows


@pytest.mark.parametrize('degrees', [0, 90, 180, -90])
def test_where_no_transform_tells_how_the_laser_is_turned_its_scans_do(
    messages, write_bag, tmp_path, degrees,
):
    bag = write_bag(tmp_path / 'bag', in_a_room(messages, math.radians(degrees)))
    recording = read_bag(bag)
    assert recording.scans[0].mount.yaw == pytest.approx(math.radians(degrees))
    how = f'be turned by {degrees} degrees in' if degrees else 'look ahead from'
    assert any(f'{how} the middle of the robot, for so its scans fit the odometry' in note
               for note in recording.quality.notes)
    assert read_bag(bag, ReaderConfig(laser_yaw=0.5)).scans[0].mount.yaw == 0.5


def test_where_scans_do_not_tell_either_the_laser_looks_ahead(foreign_rows, write_bag, tmp_path):
    """As in a corridor, which looks the same ahead and behind."""
    rows = [row for row in foreign_rows() if row[0] != '/tf_static']
    recording = read_bag(write_bag(tmp_path / 'bag', rows))
    assert recording.scans[0].mount.yaw == 0.0
    assert any('look ahead from the middle of the robot (--laser-yaw says otherwise)' in note
               for note in recording.quality.notes)


def test_upside_down_laser_turns_the_other_way(foreign_rows, write_bag, messages, tmp_path):
    rows = [row for row in foreign_rows() if row[0] != '/tf_static']
    rows.insert(0, ('/tf_static', 'tf2_msgs/msg/TFMessage', 99.0,
                    messages.static(0.2, roll=math.pi)))
    scan = read_bag(write_bag(tmp_path / 'bag', rows)).scans[0]
    assert scan.mount.yaw == pytest.approx(0.2)
    assert scan.angle_increment < 0.0


def test_missing_velocities_come_from_poses(foreign_rows, write_bag, messages, tmp_path):
    rows = []
    for row in foreign_rows():
        if row[1] == ODOM:
            still = dataclasses.replace(row[3].twist, twist=messages.twist(0.0, 0.0))
            row = (*row[:3], dataclasses.replace(row[3], twist=still))
        rows.append(row)
    recording = read_bag(write_bag(tmp_path / 'bag', rows))
    assert np.median(recording.odometry.twist[:, 0]) == pytest.approx(0.4, abs=0.02)
    assert any('taken from its poses' in note for note in recording.quality.notes)


def test_unknown_types_do_not_matter(foreign_rows, tmp_path, store):
    from rfsn_ros.replay.bag_writer import BagWriter
    with BagWriter(tmp_path / 'bag') as writer:
        writer.add_topic('/bump', 'strange_interfaces/msg/Bump', '')
        writer.write('/bump', 10**11, b'\x00\x01\x00\x00\xff')
        for topic, kind, stamp, message in foreign_rows():
            writer.add_topic(topic, kind, '')
            writer.write(topic, round(stamp * 1e9), bytes(store.serialize_cdr(message, kind)))
    recording = read_bag(tmp_path / 'bag')
    assert len(recording.scans) == 48
    assert recording.quality.undecodable == 0


def test_odometry_may_come_from_transforms(foreign_rows, write_bag, messages, tmp_path):
    rows = []
    for row in foreign_rows():
        if row[1] == ODOM:
            pose = row[3].pose.pose
            moved = messages.TransformStamped(
                header=row[3].header, child_frame_id='base_link', transform=messages.Transform(
                    translation=messages.Vector3(x=pose.position.x, y=pose.position.y, z=0.0),
                    rotation=pose.orientation))
            row = ('/tf', 'tf2_msgs/msg/TFMessage', row[2], messages.TFMessage(transforms=[moved]))
        rows.append(row)
    recording = read_bag(write_bag(tmp_path / 'bag', rows))
    assert recording.odometry.path_length == pytest.approx(2.4, abs=0.1)
    assert np.median(recording.odometry.twist[:, 0]) == pytest.approx(0.4, abs=0.02)
    assert recording.scans[0].mount.yaw == pytest.approx(0.3)
    assert any('taken from transforms' in note for note in recording.quality.notes)


def test_poses_that_come_in_bursts_give_no_wild_velocities(
    foreign_rows, messages, write_bag, tmp_path,
):
    """As those of motion capture, each a millimetre off."""
    rows = []
    for row in foreign_rows():
        if row[1] == ODOM:
            for late, off in ((0.0, 0.0), (2e-5, 0.001)):
                at, turn = row[3].pose.pose.position, row[3].pose.pose.orientation
                rows.append(('/mocap/pose', 'geometry_msgs/msg/PoseStamped', row[2] + late,
                             messages.PoseStamped(
                                 header=messages.header(row[2] + late), pose=messages.Pose(
                                     position=messages.Point(x=at.x + off, y=at.y, z=0.0),
                                     orientation=turn))))
        else:
            rows.append(row)
    recording = read_bag(
        write_bag(tmp_path / 'bag', rows), ReaderConfig(odometry='/mocap/pose'))
    np.testing.assert_allclose(recording.odometry.twist[:, 0], 0.4, atol=0.05)
    np.testing.assert_allclose(recording.odometry.twist[:, 1], 0.0, atol=0.25)


@pytest.mark.parametrize('storage', ['mcap', 'ros1'])
@pytest.mark.parametrize('kind', ['PoseStamped', 'PoseWithCovarianceStamped'])
def test_poses_of_motion_capture_serve_where_they_are_asked_for(
    foreign_rows, messages, write_bag, tmp_path, storage, kind,
):
    def pose(message):
        return message.pose if 'Covariance' in kind else message.pose.pose

    rows = [('/vrpn/jackal/pose', f'geometry_msgs/msg/{kind}', row[2], getattr(messages, kind)(
        header=messages.header(row[2], 'world'), pose=pose(row[3]))) if row[1] == ODOM else row
        for row in foreign_rows()]
    bag = write_bag(tmp_path / 'bag', rows, storage=storage)
    recording = read_bag(bag, ReaderConfig(odometry='pose'))
    assert recording.odometry.path_length == pytest.approx(2.4, abs=0.1)
    assert np.median(recording.odometry.twist[:, 0]) == pytest.approx(0.4, abs=0.02)
    without = write_bag(tmp_path / 'b', [row for row in rows if row[0] != '/tf_static'])
    for other in (bag, without):
        with pytest.raises(BagError, match=r'--odom /vrpn/jackal/pose would take its poses\); it'):
            read_bag(other)


def test_without_any_odometry_one_line_says_so(foreign_rows, write_bag, tmp_path):
    rows = [row for row in foreign_rows() if row[1] != ODOM]
    with pytest.raises(BagError, match='no transform from odom to base_link'):
        read_bag(write_bag(tmp_path / 'bag', rows))


@pytest.mark.parametrize(('kept', 'words'), [
    ({SCAN}, 'has no nav_msgs/msg/Odometry; it has /scan'),
    ({ODOM}, 'has no sensor_msgs/msg/LaserScan; it has /odom'),
])
def test_missing_topics_are_one_clear_line(foreign_rows, write_bag, tmp_path, kept, words):
    bag = write_bag(tmp_path / 'bag', [row for row in foreign_rows() if row[1] in kept])
    with pytest.raises(BagError, match=words) as error:
        read_bag(bag)
    assert '\n' not in str(error.value)


def test_a_namespace_without_a_laser_is_named(foreign_rows, write_bag, tmp_path):
    with pytest.raises(BagError, match=r'LaserScan in namespace tb9; it has .*, /scan \('):
        read_bag(write_bag(tmp_path / 'bag', foreign_rows()), ReaderConfig(namespace='tb9'))


@pytest.mark.parametrize(('asked', 'words'), [
    ('', r'has no sensor_msgs/msg/LaserScan; it has .*/scan \(sensor_msgs/msg/LaserScan, no mess'),
    ('scan', r'/scan has no message; it has /odom \(nav_msgs/msg/Odometry\), /scan'),
])
def test_topics_without_messages_are_named_as_such(
    foreign_rows, store, tmp_path, asked, words,
):
    """As where a recorder did not get what it subscribed to, for its quality of service."""
    with Writer(tmp_path / 'bag', version=9) as writer:
        writer.add_connection('/scan', SCAN, typestore=store)
        odom = writer.add_connection('/odom', ODOM, typestore=store)
        for _, kind, stamp, message in foreign_rows():
            if kind == ODOM:
                writer.write(odom, round(stamp * 1e9), store.serialize_cdr(message, kind))
    with pytest.raises(BagError, match=words):
        read_bag(tmp_path / 'bag', ReaderConfig(scan=asked))


def test_times_that_do_not_meet_are_refused(foreign_rows, write_bag, tmp_path):
    rows = [row for row in foreign_rows() if row[1] == SCAN]
    rows += [(*row[:2], row[2] + 500, row[3]) for row in foreign_rows(start=600.0)
             if row[1] == ODOM]
    with pytest.raises(BagError, match=r'no scan has odometry within 0.5 s'):
        read_bag(write_bag(tmp_path / 'bag', rows))


def test_metadata_may_be_stale_missing_or_broken(foreign_rows, write_bag, tmp_path):
    bag = write_bag(tmp_path / 'bag', foreign_rows(), storage='sqlite3')
    metadata = bag / 'metadata.yaml'
    metadata.write_text(metadata.read_text().replace('bag.db3', 'gone_0.db3'))
    recording = read_bag(bag)
    assert len(recording.scans) == 48
    assert any('names gone_0.db3, which is missing' in note for note in recording.quality.notes)
    metadata.write_text('{')
    assert any('cannot be read' in note for note in read_bag(bag).quality.notes)
    metadata.unlink()
    assert any('is missing' in note for note in read_bag(bag).quality.notes)


def test_write_ahead_log_is_merged(foreign_rows, write_bag, tmp_path):
    bag = write_bag(tmp_path / 'bag', foreign_rows(), storage='sqlite3')
    file = next(bag.glob('*.db3'))
    connection = sqlite3.connect(file)
    connection.execute('PRAGMA journal_mode=WAL')
    connection.execute('PRAGMA wal_autocheckpoint=0')
    topic = connection.execute("SELECT id FROM topics WHERE name = '/scan'").fetchone()[0]
    connection.execute('DELETE FROM messages WHERE topic_id = ? AND timestamp > ?',
                       (topic, round(103.0 * 1e9)))
    connection.commit()
    copy = tmp_path / 'copy'
    copy.mkdir()
    for name in (file, file.with_name(file.name + '-wal')):
        (copy / name.name).write_bytes(name.read_bytes())
    connection.close()
    recording = read_bag(copy)
    assert len(recording.scans) == 24
    assert any('write-ahead log was merged' in note for note in recording.quality.notes)


def test_an_unfinished_transaction_is_played_back(foreign_rows, write_bag, tmp_path):
    bag = write_bag(tmp_path / 'bag', foreign_rows(), storage='sqlite3')
    file = next(bag.glob('*.db3'))
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute('PRAGMA cache_size=5')
    connection.execute('PRAGMA cache_spill=5')
    connection.execute('BEGIN')
    connection.execute('DELETE FROM messages WHERE id > 20')
    copy = tmp_path / 'copy'
    copy.mkdir()
    for name in (file, file.with_name(file.name + '-journal')):
        (copy / name.name).write_bytes(name.read_bytes())
    connection.execute('ROLLBACK')
    connection.close()
    before = {name: name.read_bytes() for name in copy.iterdir()}
    recording = read_bag(copy)
    assert len(recording.scans) == 48
    assert any('rollback journal was merged' in note for note in recording.quality.notes)
    # The bag itself is left alone.
    assert before == {name: name.read_bytes() for name in copy.iterdir()}


def test_split_bags_are_one(foreign_rows, write_bag, tmp_path):
    bag = write_bag(tmp_path / 'bag', foreign_rows(), split_duration=0.5)
    assert len(list(bag.glob('*.mcap'))) == 12
    assert len(read_bag(bag).scans) == 48
    alone = read_bag(bag / 'bag_3.mcap', ReaderConfig(laser_yaw=0.3))
    assert len(alone.scans) == 4


@pytest.mark.parametrize(('name', 'content', 'words'), [
    ('nothing.mcap', None, 'there is no such bag'),
    ('empty.mcap', b'', 'empty file'),
    ('noise.mcap', b'noise' * 100, 'not an mcap file'),
    ('noise.db3', b'noise' * 100, 'cannot be read'),
    ('noise.bag', b'noise' * 100, 'cannot be read'),
    ('video.mp4', b'noise', 'not a bag'),
])
def test_what_is_no_bag_is_refused_in_one_line(tmp_path, name, content, words):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BagError, match=words) as error:
        read_bag(path)
    assert '\n' not in str(error.value)
    assert name in str(error.value)
