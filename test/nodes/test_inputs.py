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

import itertools

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from rfsn_ros.navigation import LaserScan, Odometry, Pose2D, Twist2D
from rfsn_ros.nodes.inputs import Arrival, Inputs

SECOND = 1_000_000_000


def scan(stamp):
    return LaserScan(stamp=stamp / SECOND, ranges=np.ones(3), angle_min=0.0, angle_increment=0.1,
                     range_min=0.1, range_max=10.0)


def odometry(stamp):
    return Odometry(stamp / SECOND, Pose2D(), Twist2D())


def test_a_scan_waits_for_the_odometry_of_its_instant():
    inputs = Inputs(keep=10.0, pairing_timeout=0.1)
    inputs.add_odometry(90, odometry(90), 0.0)
    inputs.add_scan(100, scan(100), 0.0)
    assert inputs.pair(0.05) is None
    inputs.add_odometry(100, odometry(100), 0.06)
    pair = inputs.pair(0.06)
    assert (pair.scan_stamp, pair.odometry_stamp) == (100, 100)
    assert inputs.pair(1.0) is None, 'a scan is handed out once'


def test_without_its_odometry_a_scan_goes_with_the_newest_after_the_timeout():
    inputs = Inputs(keep=10.0, pairing_timeout=0.1)
    inputs.add_odometry(90, odometry(90), 0.0)
    inputs.add_scan(100, scan(100), 0.0)
    assert inputs.pair(0.11).odometry_stamp == 90


@pytest.mark.parametrize('late', [3, 20])
def test_scans_that_follow_fast_do_not_keep_one_another_from_their_odometry(late):
    """A laser of 40 Hz, and odometry of 20 Hz that comes `late` scans after its stamp."""
    inputs = Inputs(keep=10.0, pairing_timeout=0.1)
    period = SECOND // 40
    pairs = []
    for number in range(1, 60):
        now = number / 40
        inputs.add_scan(number * period, scan(number * period), now)
        if number > late and number % 2:
            inputs.add_odometry((number - late) * period, odometry((number - late) * period), now)
        pairs.append(inputs.pair(now))
    found = [pair for pair in pairs if pair is not None]
    assert len(found) > 20 - late // 2
    stamps = [pair.scan_stamp for pair in found]
    assert stamps == sorted(set(stamps))
    exact = [pair.odometry_stamp >= pair.scan_stamp for pair in found[2:]]
    assert all(exact) if late == 3 else not any(exact)


def test_midway_is_the_scan_nearest_to_the_middle_with_the_odometry_after_it():
    inputs = Inputs(keep=10.0)
    for stamp in (100, 125, 150, 175, 200):
        inputs.add_scan(stamp, scan(stamp), 0.0)
    assert inputs.midway(100, 200) is None, 'no odometry followed yet'
    for stamp in (90, 155, 160, 190):
        inputs.add_odometry(stamp, odometry(stamp), 0.0)
    found = inputs.midway(100, 200)
    assert [round(one.stamp * SECOND) for one in found] == [150, 155]
    assert inputs.midway(150, 175) is None, 'nothing is between'
    assert inputs.midway(100, 125) is None


def test_scans_between_two_are_counted_and_so_are_repeated_ones():
    inputs = Inputs(keep=10.0)
    for stamp in (100, 100, 150, 120, 200):
        inputs.add_scan(stamp, scan(stamp), 0.0)
    assert inputs.scans_between(100, 150) == 2
    assert inputs.scans_between(100, 200) == 4


@given(st.permutations(['odometry 100', 'odometry 120', 'scan 100']))
def test_the_pair_does_not_depend_on_the_order_of_arrival(order):
    inputs = Inputs(keep=10.0, pairing_timeout=0.1)
    pairs = []
    for message in order:
        kind, stamp = message.split()
        add, make = {'odometry': (inputs.add_odometry, odometry),
                     'scan': (inputs.add_scan, scan)}[kind]
        add(int(stamp), make(int(stamp)), 0.0)
        pairs.append(inputs.pair(0.0))
    found = [pair for pair in pairs if pair is not None]
    assert len(found) == 1
    # Odometry that overtook an older one is dropped; it is then the first after the scan.
    overtaken = order.index('odometry 120') < order.index('odometry 100')
    early = order.index('scan 100') < order.index('odometry 100')
    expected = 120 if overtaken else 100
    assert found[0].odometry_stamp == expected or (overtaken and not early)


def test_repeated_and_slightly_older_stamps_are_old_and_do_not_count_as_new():
    inputs = Inputs(keep=10.0)
    assert inputs.add_scan(5 * SECOND, scan(5 * SECOND), 1.0) is Arrival.TAKEN
    assert inputs.add_scan(5 * SECOND, scan(5 * SECOND), 2.0) is Arrival.OLD
    assert inputs.add_scan(5 * SECOND - 1, scan(5 * SECOND - 1), 2.0) is Arrival.OLD
    assert inputs.ages(3.0) == (2.0, None)


def test_a_second_back_in_time_begins_a_new_time_with_that_message():
    inputs = Inputs(keep=10.0)
    inputs.add_scan(5 * SECOND, scan(5 * SECOND), 1.0)
    inputs.add_odometry(5 * SECOND, odometry(5 * SECOND), 1.0)
    assert inputs.add_odometry(4 * SECOND, odometry(4 * SECOND), 1.1) is Arrival.JUMPED
    assert inputs.newest_stamp == 4 * SECOND
    assert inputs.ages(1.2) == (None, pytest.approx(0.1)), 'the scan is of the time before'
    assert inputs.add_scan(4 * SECOND, scan(4 * SECOND), 1.1) is Arrival.TAKEN
    assert inputs.pair(1.2).odometry_stamp == 4 * SECOND


def test_events_of_the_new_time_may_come_before_the_jump():
    inputs = Inputs(keep=10.0)
    inputs.add_scan(90 * SECOND, scan(90 * SECOND), 1.0)
    inputs.add_event(91 * SECOND, 'end')
    inputs.add_event(0, 'begin')
    assert inputs.add_scan(0, scan(0), 1.1) is Arrival.JUMPED
    assert inputs.due_events(0) == ['begin']
    assert inputs.due_events() == []


def test_an_event_of_a_damaged_stamp_holds_up_no_other():
    inputs = Inputs(keep=1.0)
    for number in range(2_000):
        inputs.add_event(2**62 + number, 'damaged')
    inputs.add_event(10, 'begin')
    inputs.add_event(10, 'end')
    assert inputs.due_events(10) == ['begin', 'end']
    assert len(inputs.due_events()) <= 1_000


def test_events_take_effect_with_the_first_scan_that_is_not_older():
    inputs = Inputs(keep=10.0)
    for stamp, event in ((10, 'end'), (20, 'begin')):
        inputs.add_event(stamp, event)
    assert inputs.due_events(9) == []
    assert inputs.due_events(10) == ['end']
    assert inputs.due_events(25) == ['begin']


def test_find_gives_exactly_what_a_decision_names_and_forgets_in_time():
    inputs = Inputs(keep=2.0)
    for second in range(6):
        inputs.add_scan(second * SECOND, scan(second * SECOND), float(second))
        inputs.add_odometry(second * SECOND, odometry(second * SECOND), float(second))
    assert inputs.find(4 * SECOND, 5 * SECOND).scan.stamp == 4.0
    assert inputs.find(4 * SECOND + 1, 5 * SECOND) is None
    assert inputs.find(1 * SECOND, 1 * SECOND) is None, 'older than keep'


def test_a_restart_forgets_everything_of_later():
    inputs = Inputs(keep=10.0)
    inputs.add_scan(5 * SECOND, scan(5 * SECOND), 0.0)
    inputs.add_odometry(5 * SECOND, odometry(5 * SECOND), 0.0)
    inputs.add_event(5 * SECOND, 'x')
    inputs.restart(0)
    assert inputs.pair(9.0) is None
    assert inputs.ages(9.0) == (None, None)
    assert inputs.due_events() == []
    assert inputs.newest_odometry is None
    assert inputs.newest_stamp == 0


@given(st.lists(st.integers(0, SECOND - 1), min_size=1, max_size=30))
def test_stamps_that_are_taken_only_rise(stamps):
    inputs = Inputs(keep=100.0)
    taken = [s for s in stamps if inputs.add_scan(s, scan(s), 0.0) is Arrival.TAKEN]
    assert all(a < b for a, b in itertools.pairwise(taken))


@pytest.mark.parametrize(('stamps', 'said'), [
    ((10.0, 10.0, 10.0), ''),
    ((9.6, 10.0, 10.0), ''),
    ((7.0, 10.0, 10.0), 'scan: stamped 3 s before the clock'),
    ((13.0, 10.0, 10.0), 'scan: stamped 3 s after the clock'),
    ((10.0, 7.5, 10.0), 'odom: stamped 2.5 s before the clock'),
    ((9.6, 10.4, 10.0), 'scan: stamped 0.8 s before odom'),
])
def test_stamps_that_are_apart_are_named(stamps, said):
    inputs = Inputs(keep=100.0)
    seen, moved, clock = (round(stamp * SECOND) for stamp in stamps)
    inputs.add_scan(seen, scan(seen), 0.0)
    assert inputs.mistimed(clock / SECOND, 0.5) == '', 'there is no odometry yet'
    inputs.add_odometry(moved, odometry(moved), 0.0)
    assert inputs.mistimed(clock / SECOND, 0.5) == said
