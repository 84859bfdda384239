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

"""The mask's claim: perception true, obstacles static: every decision can end in standstill."""

import dataclasses
import math

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from rfsn_ros.errors import SensorError
from rfsn_ros.navigation import make_policy, NavigationConfig, Navigator, Observation
from rfsn_ros.navigation.clearance import Caution, Footprint
from rfsn_ros.navigation.descent import CostToGo
from rfsn_ros.navigation.motion import cos_sin, Mobility
from rfsn_ros.navigation.nearest import FREE
from rfsn_ros.navigation.observation import Pose2D, Twist2D
from rfsn_ros.navigation.rollout import OUTCOMES, roll_out
from rfsn_ros.navigation.safety import evading, feasible
from rfsn_ros.navigation.surroundings import Surroundings
from rfsn_ros.sim import DisturbancesConfig, make_simulator, parse_worlds, SimConfig
from rfsn_ros.sim.config import AccelerationConfig, CommandLatencyConfig, SensorDelayConfig
from rfsn_ros.sim.worlds import World


@pytest.mark.parametrize(('seed', 'latency', 'acceleration'), [
    (1, 0.0, 1.0), (2, 0.1, 1.0), (3, 0.2, 0.7), (4, 0.3, 0.4), (5, 0.1, 0.5), (6, 0.25, 1.0),
])
def test_no_sequence_of_feasible_primitives_ends_in_contact(seed, latency, acceleration):
    """Random feasible driving, with full stops in between, never touches anything."""
    disturbances = dataclasses.replace(
        DisturbancesConfig.ideal(), command_latency=CommandLatencyConfig(seconds=latency),
        acceleration=AccelerationConfig(scale=acceleration))
    sim = make_simulator(SimConfig(disturbances=disturbances))
    config = NavigationConfig()
    config = config.replace(
        robot=config.robot.replace(
            latency=latency, acceleration=3.0 * acceleration,
            turn_acceleration=10.0 * acceleration),
        identification=config.identification.replace(enabled=False))
    navigator = Navigator(config, make_policy('random', config, seed=seed))
    (world,) = parse_worlds(f'generated:{seed}')
    sim.reset(world, seed)
    navigator.reset()
    generator = np.random.default_rng(seed)
    fast = 0.0
    for k in range(40):
        decision = navigator.decide(
            Observation(sim.scan(), sim.odometry(), world.goal_from_start))
        assert decision.mask[0]
        if generator.random() < 0.6:
            # the fastest feasible primitive, to be at speed when the walls come
            quick = int(np.argmax(np.where(decision.mask, navigator.library.table[:, 0], -9.0)))
            navigator.policy = make_policy(f'fixed:{navigator.library.names[quick]}', config)
        elif generator.random() < 0.2:
            navigator.policy = make_policy('fixed:stop', config)
        else:
            navigator.policy = make_policy('random', config, seed=k)
        for _ in range(5):
            sim.step(navigator.command(sim.odometry(), sim.time), 0.04)
        fast = max(fast, sim.truth().twist.v)
        assert not sim.contact
    assert fast > 0.5


@pytest.mark.parametrize('number', [26, 43, 61, 71])
def test_random_driving_under_slip_and_noise_touches_nothing(number):
    """What a random driver does most: it turns back and forth beside obstacles."""
    sim = make_simulator(SimConfig())
    config = NavigationConfig()
    navigator = Navigator(config, make_policy('random', config, seed=5000 + number))
    (world,) = parse_worlds(f'generated:{100 + number}')
    sim.reset(world, 5000 + number)
    navigator.reset()
    for _ in range(65):
        navigator.decide(Observation(sim.scan(), sim.odometry(), world.goal_from_start))
        for _ in range(5):
            sim.step(navigator.command(sim.odometry(), sim.time), 0.04)
        assert not sim.contact, f'after {sim.time:.1f} s'


def rolled_out(start, pending, mobility, primitive, paths, points, *, low, high,
               dt=0.05, drift=0.0, footprint=(0.25, 0.2)):
    """
    Return the outcomes of one primitive in a window with an obstacle at each of some points.

    A decision takes 4 steps, the primitive is held for 16.
    """
    cells = np.full(np.round(np.subtract(high, low) / 0.05).astype(int) + 2, FREE, dtype=np.int32)
    cells[tuple(np.floor((points - low) / 0.05).astype(int).T + 1)] = np.arange(len(points))
    around = Surroundings(cells, points, 0, 0, low[0] - 0.05, low[1] - 0.05, 0.05)
    (outcome,) = roll_out(
        np.array(start), pending, Mobility(*mobility), np.array([(*primitive, math.nan)]), 2.0,
        4, 16, dt, Footprint(*footprint), around, Caution(0.0, drift, 5.0, False),
        CostToGo(np.zeros((2, 2)), 0.0, 0.0, 1.0, 8.0, 0.0, False), paths)
    return dict(zip(OUTCOMES, outcome, strict=True))


@given(
    speed=st.floats(-0.6, -0.02), asked=st.floats(0.3, 2.0), better=st.floats(1.0, 1.17),
    delay=st.integers(0, 5))
def test_a_robot_that_obeys_better_than_identified_stops_in_time(speed, asked, better, delay):
    """It goes backwards and is sent forward to a wall: better brakes are no advantage then."""
    period, dt, acceleration, wall = 4, 0.05, 2.5, 1.5
    points = np.stack([np.full(40, wall), 0.05 * (np.arange(40) - 19.5)], axis=1)
    outcome = rolled_out(
        [0.0, 0.0, 0.0, speed, 0.0], np.full((delay, 2), (asked, 0.0)),
        (acceleration, 10.0, 0.85 * acceleration, 8.5, 2.0, 2.0, 2.0), (asked, 0.0),
        np.zeros((delay + 16, 0, 3)), points, low=(-2.0, -1.0), high=(2.0, 1.0))
    x, v, furthest = 0.0, speed, 0.0
    for step in range(200):
        wanted = asked if step < delay + period else 0.0
        reach = better * acceleration * dt
        nv = v + min(max(wanted - v, -reach), reach)
        x, v = x + 0.5 * (v + nv) * dt, nv
        furthest = max(furthest, x)
    assert wall - 0.25 - furthest >= outcome['braking_clearance'] - 1e-6


@given(
    turning=st.floats(-1.8, -0.1), asked=st.floats(0.5, 2.0), speed=st.floats(0.1, 1.5),
    better=st.floats(1.0, 1.17), delay=st.integers(0, 3))
def test_a_robot_that_turns_back_better_than_identified_keeps_its_distance(
    turning, asked, speed, better, delay,
):
    """It turns away from a wall beside it and is told to turn towards it."""
    period, dt, acceleration, turn, wall = 4, 0.05, 2.5, 8.0, 0.9
    points = np.stack([0.05 * (np.arange(80) - 19.5), np.full(80, wall)], axis=1)
    outcome = rolled_out(
        [0.0, 0.0, 0.0, speed, turning], np.full((delay, 2), (speed, asked)),
        (acceleration, turn, 0.85 * acceleration, 0.85 * turn, 2.0, 2.0, 2.0), (speed, asked),
        np.zeros((delay + 16, 0, 3)), points, low=(-1.0, -2.0), high=(3.0, 2.0))
    y, yaw, v, w, closest = 0.0, 0.0, speed, turning, math.inf
    for step in range(200):
        wanted_v, wanted_w = (speed, asked) if step < delay + period else (0.0, 0.0)
        reach, turn_reach = 0.85 * acceleration * dt, better * turn * dt
        nv = v + min(max(wanted_v - v, -reach), reach)
        nw = w + min(max(wanted_w - w, -turn_reach), turn_reach)
        y += 0.5 * (v + nv) * math.sin(yaw + 0.25 * (w + nw) * dt) * dt
        yaw, v, w = yaw + 0.5 * (w + nw) * dt, nv, nw
        closest = min(closest, wall - y - 0.25 * abs(math.sin(yaw)) - 0.2 * abs(math.cos(yaw)))
    # what is near are points 5 cm apart, not a line
    assert closest >= outcome['braking_clearance'] - 2e-3


@given(st.floats(-1e6, 1e6))
def test_cosine_and_sine_are_those_of_the_c_library(angle):
    assert cos_sin(angle) == pytest.approx((math.cos(angle), math.sin(angle)), abs=1e-15)


def test_stopping_is_always_offered_and_a_near_robot_may_leave():
    clearance = np.array([0.01, 0.02, 0.005, -0.2])
    assert feasible(clearance, 0.04, 0.01).tolist() == [True, True, False, False]
    assert feasible(np.array([-0.02, -0.02, -0.1]), 0.04, -0.02).tolist() == [True, True, False]
    assert feasible(np.array([1.0, 0.03, 0.05]), 0.04, 1.0).tolist() == [True, False, True]


def test_a_robot_about_to_come_too_near_has_to_stop():
    clearance = np.array([0.01, 0.02, 0.03, 0.05])
    assert feasible(clearance, 0.04, 0.4).tolist() == [True, False, False, True]


def test_standing_is_no_refuge_from_what_moves():
    mask = np.array([True, True, True, False])
    clearance = np.array([0.3, 0.3, 0.3, 0.3])
    assert evading(mask, np.array([0.5, 0.0, 0.0, 0.0]), clearance).tolist() == [
        False, True, True, False]


def test_what_gets_away_by_little_gives_way_to_what_gets_away_well():
    mask, safe = np.ones(4, dtype=bool), np.zeros(4)
    assert evading(mask, safe, np.array([0.05, 0.11, 0.4, 0.09])).tolist() == [
        False, True, True, False]
    # where none gets away well, by how little hardly matters
    assert evading(mask, safe, np.array([0.05, 0.06, 0.02, 0.045])).tolist() == [
        True, True, False, True]


def test_where_nothing_gets_away_in_time_the_robot_still_makes_off():
    mask, danger = np.ones(3, dtype=bool), np.array([0.7, 0.6, 0.6])
    assert evading(mask, danger, np.array([0.5, 0.02, 0.2])).tolist() == [False, False, True]


def test_the_margin_grows_with_the_way_and_the_turn_to_standstill():
    points = np.stack([np.full(40, 1.99), 0.05 * (np.arange(40) - 19.5)], axis=1)

    def braking(drift, speed, turning, half_length, half_width):
        return rolled_out(
            [0.0, 0.0, 0.0, speed, turning], np.zeros((0, 2)),
            (3.0, 10.0, 3.0, 10.0, 2.0, 2.0, 2.0), (0.0, 0.0), np.zeros((16, 0, 3)), points,
            low=(-2.0, -1.0), high=(2.0, 1.0), dt=0.01, drift=drift,
            footprint=(half_length, half_width))['braking_clearance']

    for speed in (0.5, 1.5):
        way = speed * speed / (2.0 * 3.0)
        taken = braking(0.0, speed, 0.0, 0.25, 0.2) - braking(0.1, speed, 0.0, 0.25, 0.2)
        assert taken == pytest.approx(0.1 * way, abs=2e-3)
    for turning in (-1.8, 0.9):
        turn = turning * turning / (2.0 * 10.0)
        # so small that turning brings no corner nearer
        taken = braking(0.0, 0.0, turning, 0.01, 0.01) - braking(0.1, 0.0, turning, 0.01, 0.01)
        assert taken == pytest.approx(0.1 * turn, abs=2e-3)


@pytest.mark.parametrize('delay', [0.1, 0.3])
def test_what_was_commanded_since_an_old_scan_counts(delay):
    """The sensors lag, and the driver changes its mind as often as it can."""
    sim = make_simulator(SimConfig(disturbances=dataclasses.replace(
        DisturbancesConfig.ideal(), command_latency=CommandLatencyConfig(seconds=0.1),
        sensor_delay=SensorDelayConfig(seconds=delay))))
    config = NavigationConfig()
    fast = 0.0
    for number in range(4):
        navigator = Navigator(config, make_policy('random', config, seed=number))
        (world,) = parse_worlds(f'generated:{100 + number}')
        sim.reset(world, 1)
        navigator.reset()
        generator = np.random.default_rng(number)
        for _ in range(40):
            observation = Observation(sim.scan(), sim.odometry(), world.goal_from_start)
            situation = navigator.situation(observation, sim.time)
            feasible = np.flatnonzero(situation.mask)
            chosen = int(generator.choice(feasible))
            if generator.random() < 0.6:
                chosen = int(feasible[np.argmax(navigator.library.table[feasible, 0])])
            primitive = navigator.library[chosen]
            navigator.follow(Twist2D(primitive.speed, primitive.turn_rate),
                             float(situation.velocities[chosen, 2]))
            for _ in range(5):
                sim.step(navigator.command(sim.odometry(), sim.time), 0.04)
            fast = max(fast, sim.truth().twist.v)
            assert not sim.contact
    assert fast > 1.0


def test_an_observation_of_long_ago_is_refused():
    sim = make_simulator(SimConfig())
    (world,) = parse_worlds('generated:1')
    sim.reset(world, 1)
    config = NavigationConfig()
    navigator = Navigator(config, make_policy('greedy', config))
    observation = Observation(sim.scan(), sim.odometry(), world.goal_from_start)
    for late in (1.6, math.nan):
        with pytest.raises(SensorError, match='s old'):
            navigator.decide(observation, sim.time + late)
    assert navigator.decide(observation, sim.time - 5.0).mask.any()


def test_a_disc_hides_no_wall():
    """What is touched on the way may be a disc that is gone by then; the wall behind is not."""
    points = np.stack([np.full(60, 1.2), 0.05 * (np.arange(60) - 29.5)], axis=1)

    def braking(paths):
        return rolled_out(
            [0.0, 0.0, 0.0, 1.5, 0.0], np.zeros((0, 2)), (3.0, 10.0, 2.5, 8.0, 2.0, 0.5, 4.0),
            (1.5, 0.0), paths, points, low=(-2.0, -1.5), high=(2.0, 1.5))['braking_clearance']

    free = braking(np.zeros((16, 0, 3)))
    assert braking(np.tile((0.5, 0.0, 0.2), (16, 1, 1))) == free < 1.0


@pytest.mark.parametrize(('speed', 'acceleration'), [(4.0, 1.0), (8.0, 4.0)])
def test_a_robot_that_needs_more_way_than_it_looks_ahead_goes_slower(speed, acceleration):
    wall = World(name='wall', start=Pose2D(), goal=(60.0, 0.0), reference_length=60.0,
                 boxes=np.array([[40.5, 0.0, 0.5, 60.0, 0.0]]), timeout=100.0)
    config = NavigationConfig()
    config = config.replace(
        robot=config.robot.replace(max_speed=speed, acceleration=acceleration, latency=0.0),
        identification=config.identification.replace(enabled=False))
    sim = SimConfig(disturbances=DisturbancesConfig.ideal())
    simulator = make_simulator(sim.replace(robot=sim.robot.replace(
        max_speed=speed, acceleration=acceleration)))
    navigator = Navigator(config, make_policy('random', config))
    simulator.reset(wall, 1)
    navigator.reset()
    for _ in range(150):
        situation = navigator.situation(
            Observation(simulator.scan(), simulator.odometry(), (60.0, 0.0)), simulator.time)
        fastest = int(np.argmax(np.where(
            situation.mask, situation.velocities[:, 0] - abs(situation.velocities[:, 1]), -99.0)))
        navigator.follow(Twist2D(float(situation.velocities[fastest, 0]), 0.0))
        for _ in range(5):
            simulator.step(navigator.command(simulator.odometry(), simulator.time), 0.04)
        assert not simulator.contact
    assert simulator.pose.x > 30.0


def test_without_memory_nothing_backs_up_into_what_no_beam_sees():
    world = World(name='pillar', start=Pose2D(), goal=(30.0, 0.0), reference_length=30.0,
                  circles=np.array([[-3.0, 0.0, 0.1]]),
                  boxes=np.array([[0.0, 4.0, 15.0, 0.5, 0.0], [0.0, -4.0, 15.0, 0.5, 0.0]]))
    for angle, backs in ((0.75 * math.pi, False), (math.pi, True)):
        sim = SimConfig(disturbances=DisturbancesConfig.ideal())
        simulator = make_simulator(sim.replace(lidar=sim.lidar.replace(
            angle_min=-angle, angle_max=angle)))
        config = NavigationConfig().reactive()
        navigator = Navigator(config, make_policy('greedy', config))
        simulator.reset(world, 1)
        navigator.reset()
        situation = navigator.situation(
            Observation(simulator.scan(), simulator.odometry(), world.goal_from_start))
        assert bool(situation.mask[situation.velocities[:, 0] < 0.0].any()) == backs
        assert situation.mask[0]
