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

"""Where a bag says that its robot was to go, and from when on."""

import dataclasses
import math

import pytest
from rfsn_ros.replay.jobs import BagJob, run_job
from rfsn_ros.replay.reader import read_bag
from rfsn_ros.replay.topics import ReaderConfig

POSE, TF = 'geometry_msgs/msg/PoseStamped', 'tf2_msgs/msg/TFMessage'


@pytest.fixture
def recorded(foreign_rows, messages, write_bag, tmp_path):
    """Read a bag of a drive from 100 to 106 s to which rows were added."""

    def read(*rows, **options):
        rows = sorted([*foreign_rows(**options), *rows], key=lambda row: row[2])
        return read_bag(write_bag(tmp_path / 'bag', rows))

    return read


@pytest.fixture(scope='module')
def goal(messages):
    """Make the row of a goal that is recorded at a time, in seconds."""

    def make(time, x, y, *, stamp=None, frame='odom', topic='/goal_pose'):
        return (topic, POSE, time, messages.PoseStamped(
            header=messages.header(time if stamp is None else stamp, frame),
            pose=messages.Pose(position=messages.Point(x=x, y=y, z=0.0),
                               orientation=messages.quaternion(0.0))))

    return make


@pytest.fixture(scope='module')
def map_to_odom(messages):
    """Make the row of a transform from map to odom: half a turn, or none, and a way along x."""

    def make(time, x, *, turned=True, topic='/tf'):
        return (topic, TF, time, messages.static(
            math.pi if turned else 0.0, parent='map', child='odom', x=x))

    return make


def places(recording):
    return [pytest.approx((x, y), abs=1e-6) for _, x, y in recording.goals]


def test_poses_that_are_no_goals_are_none(recorded, goal, tmp_path):
    poses = [goal(100.0 + 0.5 * number, 0.2 * number, 0.0, topic='/slam_out_pose')
             for number in range(12)]
    assert recorded(*poses).goals == ()
    asked = read_bag(tmp_path / 'bag', ReaderConfig(goal='slam_out_pose'))
    assert len(asked.goals) == 12


def test_of_several_goals_the_choice_is_noted(recorded, goal):
    recording = recorded(goal(101.0, 1.0, 0.0), goal(101.0, 2.0, 0.0, topic='/plan/current_goal'))
    assert places(recording) == [(1.0, 0.0)]
    assert 'goal: /goal_pose was taken, not /plan/current_goal' in recording.quality.notes


@pytest.mark.parametrize('stamp', [None, 0.0, 104.5, 1.7e9])
@pytest.mark.parametrize('arrived', [0.0, 1.7e9])
def test_goals_count_from_when_they_came_whatever_their_stamp(recorded, goal, stamp, arrived):
    """Goals published by hand have a stamp of 0, those of another machine one of its clock."""
    recording = recorded(goal(arrived + 101.0, 4.0, 0.0, stamp=stamp),
                         goal(arrived + 103.0, -4.0, 1.0, stamp=stamp), arrived=arrived)
    assert places(recording) == [(4.0, 0.0), (-4.0, 1.0)]
    assert [time for time, _, _ in recording.goals] == pytest.approx([101.0, 103.0], abs=1e-3)


def test_goals_before_the_first_scan_hold_from_it_on(foreign_rows, goal, write_bag, tmp_path):
    rewards = []
    for x in (4.0, -4.0):
        bag = write_bag(tmp_path / f'bag{x}', [goal(90.0, x, 0.0), *foreign_rows()])
        rewards.append(run_job(BagJob(path=str(bag), robot='jackal')).reward.mean())
    assert rewards[0] > 0.0 > rewards[1]


@pytest.mark.parametrize('topic', ['/tf_static', '/tf'])
def test_goals_in_the_map_are_moved_into_the_odom_frame(recorded, goal, map_to_odom, topic):
    recording = recorded(map_to_odom(100.0, 1.0, topic=topic), goal(101.0, 8.0, 2.0, frame='map'))
    assert places(recording) == [(-7.0, -2.0)]
    assert recording.scans[0].mount.yaw == pytest.approx(0.3)


def test_where_the_map_moves_the_transform_of_the_time_of_the_goal_counts(
    recorded, goal, map_to_odom,
):
    moving = [map_to_odom(time, x, turned=False) for time, x in ((101.0, 1.0), (103.0, 2.0))]
    goals = [goal(time, 5.0, 0.0, frame='/map') for time in (100.0, 102.0, 104.0)]
    assert places(recorded(*moving, *goals)) == [(4.0, 0.0), (3.0, 0.0)]


def test_goals_that_lie_nowhere_known_are_left_out(recorded, goal):
    recording = recorded(*[goal(time, 8.0, 0.0, frame='map') for time in (100.0, 103.0)])
    assert recording.goals == ()
    assert ("goals in 'map' left out, for no transform leads from there to 'odom': 2"
            in recording.quality.notes)


@pytest.mark.parametrize('frame', ['', 'odom', '/odom'])
def test_goals_without_a_frame_are_in_that_of_the_odometry(recorded, goal, map_to_odom, frame):
    recording = recorded(map_to_odom(100.0, 1.0), goal(101.0, 8.0, 2.0, frame=frame))
    assert places(recording) == [(8.0, 2.0)]


def test_odometry_may_be_in_the_map(
    foreign_rows, goal, map_to_odom, messages, write_bag, tmp_path,
):
    def in_map(row):
        return (*row[:3], dataclasses.replace(row[3], header=messages.header(row[2], 'map'))) if (
            row[0] == '/odom') else row

    rows = [map_to_odom(100.0, 1.0), goal(101.0, 8.0, 2.0, frame='map'),
            *map(in_map, foreign_rows())]
    bag = write_bag(tmp_path / 'bag', sorted(rows, key=lambda row: row[2]))
    assert places(read_bag(bag)) == [(8.0, 2.0)]


def test_a_goal_that_is_said_again_begins_no_new_drive(recorded, goal):
    said = [goal(100.0 + 0.5 * k, 4.0 + 0.01 * (k % 3), 0.0) for k in range(8)]
    recording = recorded(*said, goal(104.2, -4.0, 0.0))
    assert [(x, y) for _, x, y in recording.goals] == [(4.0, 0.0), (-4.0, 0.0)]


def test_a_goal_said_again_in_a_map_that_is_corrected_is_the_same(recorded, goal, map_to_odom):
    moving = [map_to_odom(100.0 + k, 0.1 * k, turned=False) for k in range(5)]
    said = [goal(100.5 + k, 5.0, 0.0, frame='map') for k in range(4)]
    assert places(recorded(*moving, *said)) == [(5.0, 0.0)]
