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

"""Every fault as a function that injects it, sees what must happen, and ends it.

A function takes a driving robot (`harness.Robot` with bandit_node and reward_node) and a random
generator, and returns {what: seconds it took} where that says something. What must not happen is
an AssertionError. `FAULTS` lists them with the words of the result table.
"""

from collections import deque
from collections.abc import Callable
import copy
from dataclasses import dataclass
import math
import time

from harness import RATE
import numpy as np

STALE = 0.5
SLACK = 0.45
"""What scheduling on a busy machine, the watch timer and one control period may add, seconds."""


@dataclass(frozen=True)
class Fault:
    """One row of the table; `outcome` is what `inject` has seen to hold."""

    name: str
    outcome: str
    lost: str
    inject: Callable


def finite(robot):
    """Every command ever received is finite and within the robot's limits."""
    for _, v, w in list(robot.commands):
        assert math.isfinite(v), v
        assert math.isfinite(w), w
        assert abs(v) <= 2.01, v
        assert abs(w) <= 4.01, w


def stops_and_goes_on(robot, generator):
    """Wait for a stop in time, then heal and see the robot drive and decide again.

    Returns how long the robot was still commanded to move.
    """
    begun = time.monotonic()
    took = robot.stops(begun, timeout=STALE + SLACK + 1.0)
    assert took <= STALE + SLACK, f'stopped only after {took:.2f} s'
    robot.heal()
    goes_on(robot)
    return {'last motion commanded': took}


def goes_on(robot):
    """The robot decides and drives, with finite commands."""
    robot.heal()
    before = len(robot.decisions)
    robot.to_goal()
    robot.drives()
    robot.wait(lambda: len(robot.decisions) >= before + 3, 20.0, 'three decisions')
    finite(robot)


def scan_stops(robot, generator):
    robot.scan_fault = lambda message: []
    return stops_and_goes_on(robot, generator)


def odometry_stops(robot, generator):
    robot.odom_fault = lambda message: []
    return stops_and_goes_on(robot, generator)


def frozen(kept):
    """Return a fault that repeats the first message it sees."""
    def repeat(message):
        kept.append(message)
        return [kept[0]]
    return repeat


def scan_freezes(robot, generator):
    robot.scan_fault = frozen([])
    return stops_and_goes_on(robot, generator)


def odometry_freezes(robot, generator):
    robot.odom_fault = frozen([])
    return stops_and_goes_on(robot, generator)


def shifted(message, nanoseconds):
    """Return a copy with its stamp moved."""
    moved = copy.deepcopy(message)
    total = moved.header.stamp.sec * 10**9 + moved.header.stamp.nanosec + nanoseconds
    moved.header.stamp.sec, moved.header.stamp.nanosec = divmod(total, 10**9)
    return moved


def scan_flood(robot, generator):
    """100 scans at once, ten times a second: 1 kHz."""
    before = len(robot.decisions)
    robot.scan_fault = lambda message: [shifted(message, 1000 * i) for i in range(100)]
    time.sleep(2.0)
    made = len(robot.decisions) - before
    assert made <= 14, f'{made} decisions in 2 s'
    goes_on(robot)


def stands_saying(robot, words):
    """Wait for a stop, and for diagnostics with `words`; the robot stands for another second."""
    robot.stops(time.monotonic(), timeout=STALE + 1.0)
    robot.wait(lambda: words in robot.status['bandit_node'][1], 15.0, f'diagnostics say {words!r}')
    robot.to_goal()
    begun = time.monotonic()
    time.sleep(1.0)
    assert not robot.moving(begun), 'the robot drives on stamps that are off'
    robot.heal()
    goes_on(robot)


def stamps_jump_back(robot, generator):
    before = robot.value('bandit_node', 'time_jumps')
    back = -int(generator.uniform(5.0, 3600.0) * 1e9)
    robot.scan_fault = lambda message: [shifted(message, back)]
    robot.odom_fault = lambda message: [shifted(message, back)]
    robot.wait(lambda: robot.value('bandit_node', 'time_jumps') > before, 15.0, 'jump is noted')
    stands_saying(robot, 'before the clock')


def laser_clock_is_ahead(robot, generator):
    ahead = int(generator.uniform(0.7, 5.0) * 1e9)
    robot.scan_fault = lambda message: [shifted(message, ahead)]
    stands_saying(robot, 'scan: stamped')


def scans_come_late(robot, generator):
    """Stamps are right, but each scan is delivered more than a second later."""
    waiting = deque()
    delay = round(generator.uniform(1.0, 3.0) * RATE / 2.0)

    def fault(message):
        waiting.append(message)
        return [waiting.popleft()] if len(waiting) > delay else []

    robot.scan_fault = fault
    robot.wait(lambda: len(waiting) > delay - 1, 15.0, 'late scans come')
    stands_saying(robot, 'scan: stamped')


def changed_ranges(change):
    """Return an injector whose scans have `change(ranges, generator)` as ranges."""
    def scans(robot, generator):
        def fault(message):
            message.ranges = change(np.array(message.ranges), generator).astype(np.float32)
            return [message]
        robot.scan_fault = fault
    return scans


def all_nan(robot, generator):
    changed_ranges(lambda ranges, _: np.full_like(ranges, np.nan))(robot, generator)
    robot.stops(time.monotonic(), timeout=6.0)
    goes_on(robot)


def all_zero(robot, generator):
    changed_ranges(lambda ranges, _: np.zeros_like(ranges))(robot, generator)
    robot.stops(time.monotonic(), timeout=6.0)
    goes_on(robot)


def empty_scan(robot, generator):
    changed_ranges(lambda ranges, _: ranges[:0])(robot, generator)
    return stops_and_goes_on(robot, generator)


def some_bad_beams(robot, generator):
    bad = np.array([np.nan, np.inf, -np.inf, -1.0, 0.0, 1e30])

    def spoil(ranges, generator):
        hit = generator.random(len(ranges)) < 0.1
        return np.where(hit, generator.choice(bad, len(ranges)), ranges)

    changed_ranges(spoil)(robot, generator)
    before = len(robot.decisions)
    robot.wait(lambda: len(robot.decisions) >= before + 5, 15.0, 'decisions with bad beams')
    goes_on(robot)


def beams_change(robot, generator):
    robot.beams = int(generator.choice([45, 91, 360, 720]))
    before = len(robot.decisions)
    robot.wait(lambda: len(robot.decisions) >= before + 5, 15.0, 'decisions with other beams')
    robot.beams = 180
    goes_on(robot)


def odometry_is_nan(robot, generator):
    def spoil(message):
        message.pose.pose.position.x = math.nan
        return [message]
    robot.odom_fault = spoil
    return stops_and_goes_on(robot, generator)


def robot_is_carried_off(robot, generator):
    """Somebody puts the robot down elsewhere; its odometry knows."""
    robot.put(*generator.uniform(-4.0, 4.0, 2), generator.uniform(-3.0, 3.0))
    goes_on(robot)


def odometry_jumps(robot, generator):
    """The odom frame moves under the robot, as when a driver starts anew; later it moves back."""
    before = robot.value('bandit_node', 'odometry_jumps')
    dx, dy = generator.uniform(2.0, 20.0, 2)

    def shift(message):
        message.pose.pose.position.x += dx
        message.pose.pose.position.y += dy
        return [message]

    robot.odom_fault = shift
    robot.wait(
        lambda: robot.value('bandit_node', 'odometry_jumps') > before, 15.0, 'the jump is noted')
    decided = len(robot.decisions)
    robot.to_goal(robot.x + dx + 3.0, robot.y + dy)
    robot.wait(lambda: len(robot.decisions) >= decided + 3, 15.0, 'decisions in the new frame')
    goes_on(robot)


def bad_goal(robot, generator):
    before = robot.value('bandit_node', 'bad_goals')
    robot.to_goal(math.nan, 1.0)
    robot.wait(lambda: robot.value('bandit_node', 'bad_goals') > before, 15.0, 'refused')
    goes_on(robot)


def goal_replaced(robot, generator):
    for _ in range(3):
        x, y = generator.uniform(-5.0, 5.0, 2)
        robot.to_goal(x, y)
        robot.wait(
            lambda x=x, y=y: (math.isclose(robot.decisions[-1][1].goal.x, x)
            and math.isclose(robot.decisions[-1][1].goal.y, y))
            or math.hypot(robot.x - x, robot.y - y) < 1.5, 15.0, 'decisions for the new goal')
    goes_on(robot)


def goal_behind_a_wall(robot, generator):
    robot.nearest = math.inf
    robot.to_goal(20.0, float(generator.uniform(-10.0, 10.0)))
    time.sleep(4.0)
    assert robot.nearest > 0.25, f'the middle of the robot came as near as {robot.nearest:.2f} m'
    robot.to_goal(0.0, 0.0)
    goes_on(robot)


def counted(robot, name, send, expected):
    """Send rewards that must be counted as `name` and not be learned twice."""
    before = robot.value('bandit_node', name)
    send()
    robot.wait(lambda: robot.value('bandit_node', name) >= before + expected, 15.0, name)


def rewards_for_unknown_ids(robot, generator):
    counted(robot, 'rewards_orphan',
            lambda: [robot.reward(f'nobody-{i}', 1.0) for i in range(20)], 20)
    goes_on(robot)


def rewards_twice(robot, generator):
    robot.wait(lambda: len(robot.rewards) >= 3, 10.0, 'rewards')
    last = [reward.decision_id for reward in robot.rewards if reward.valid][-3:]
    counted(robot, 'rewards_duplicate', lambda: [robot.reward(i, 1.0) for i in last], 3)
    goes_on(robot)


def rewards_out_of_range(robot, generator):
    """A second reward node answers every decision at once, with nonsense."""
    seen = len(robot.decisions)
    bad = [math.nan, math.inf, 1e9, -1e9]

    def answer():
        nonlocal seen
        for _, decision in robot.decisions[seen:]:
            robot.reward(decision.id, float(generator.choice(bad)))
        seen = len(robot.decisions)
        return robot.value('bandit_node', 'refused_rewards') >= before + 3

    before = robot.value('bandit_node', 'refused_rewards')
    robot.wait(answer, 10.0, 'nonsense is refused')
    goes_on(robot)


FAULTS = (
    Fault('scan stops', f'stands within {STALE} s, drives on when it is back', 'decisions '
          'waiting for their reward', scan_stops),
    Fault('odometry stops', f'stands within {STALE} s, drives on when it is back', 'decisions '
          'waiting for their reward', odometry_stops),
    Fault('scan frozen (same stamp)', 'as if it had stopped', 'the same', scan_freezes),
    Fault('odometry frozen (same stamp)', 'as if it had stopped', 'the same', odometry_freezes),
    Fault('scan at 1 kHz', 'decides as often as before, drives on', 'nothing', scan_flood),
    Fault('stamps jump back 5 s to 1 h', 'stands, diagnostics say how far they are off; drives on '
          'when they are right', 'decisions waiting for their reward', stamps_jump_back),
    Fault('clock of the laser 0.7 s to 5 s ahead', 'the same', 'the same', laser_clock_is_ahead),
    Fault('scans come 1 s to 3 s late', 'the same', 'the same', scans_come_late),
    Fault('all beams NaN', 'refused; stands, drives on afterwards', 'nothing', all_nan),
    Fault('all beams 0.0', 'refused; stands, drives on afterwards', 'nothing', all_zero),
    Fault('scan without beams', f'refused; stands within {STALE} s', 'decisions waiting for '
          'their reward', empty_scan),
    Fault('10 % of beams NaN, inf, negative, 1e30', 'drives on', 'nothing', some_bad_beams),
    Fault('number of beams changes', 'drives on', 'nothing', beams_change),
    Fault('odometry NaN', f'refused; stands within {STALE} s', 'decisions waiting for their '
          'reward', odometry_is_nan),
    Fault('robot carried off', 'drives on', 'decisions waiting for their reward',
          robot_is_carried_off),
    Fault('odometry jumps 3 to 28 m', 'memory and waiting decisions dropped, drives on',
          'decisions waiting for their reward', odometry_jumps),
    Fault('goal NaN', 'refused, the goal before stays', 'nothing', bad_goal),
    Fault('goal replaced in mid-drive', 'next decision is for the new one', 'nothing',
          goal_replaced),
    Fault('goal behind a wall', 'no contact', 'nothing', goal_behind_a_wall),
    Fault('rewards for unknown ids', 'counted as orphans, not learned', 'nothing',
          rewards_for_unknown_ids),
    Fault('rewards twice', 'counted as duplicates, learned once', 'nothing', rewards_twice),
    Fault('rewards NaN, inf, out of range', 'refused, model unchanged', 'nothing',
          rewards_out_of_range),
)
