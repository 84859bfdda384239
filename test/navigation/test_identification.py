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

"""The robot that is really there is found, and found again."""

import dataclasses

import numpy as np
import pytest
from rfsn_ros.navigation import NavigationConfig, Odometry, Pose2D, Twist2D
from rfsn_ros.navigation.identification import CommandHistory, Dynamics, Identification


def drive(identification, history, truth, start, decisions, seed=0, period=0.2):
    """Let a robot with `truth` follow random commands; return the time reached."""
    generator = np.random.default_rng(seed)
    v = w = 0.0
    count = max(round(period / 0.02), 1)
    step, sent = period / count, []
    for k in range(decisions):
        odometry = Odometry(
            start + period * k, Pose2D(),
            Twist2D(truth.gain * v + generator.normal(0, 0.01),
                    truth.turn_gain * w + generator.normal(0, 0.01)))
        identification.observe(odometry, history)
        command = Twist2D(generator.uniform(0.0, 2.0), generator.uniform(-2.0, 2.0))
        for i in range(count):
            time = start + period * k + i * step
            history.add(time, command)
            sent.append((time, command))
            past = [c for t, c in sent if t <= time - truth.latency + 1e-9]
            asked = past[-1] if past else Twist2D()
            reach = truth.acceleration / truth.gain * step
            v += float(np.clip(asked.v - v, -reach, reach))
            reach = truth.turn_acceleration / truth.turn_gain * step
            w += float(np.clip(asked.w - w, -reach, reach))
    return start + period * decisions


@pytest.mark.parametrize('truth', [
    Dynamics(0.1, 0.95, 2.8, 0.9, 9.0), Dynamics(0.25, 0.75, 0.9, 0.75, 3.0),
    Dynamics(0.0, 1.0, 3.0, 1.0, 10.0),
])
def test_latency_gain_and_acceleration_are_found(truth):
    config = NavigationConfig()
    identification = Identification(config.identification, config.robot, 0.05)
    drive(identification, CommandHistory(), truth, 0.0, 40)
    found = identification.dynamics
    assert found.latency == pytest.approx(truth.latency, abs=0.051)
    assert found.gain == pytest.approx(truth.gain, abs=0.11)
    assert found.acceleration == pytest.approx(truth.acceleration, rel=0.3)


@pytest.mark.parametrize('absurd', [Twist2D(7.0, 0.0), Twist2D(0.0, -14.0)])
def test_one_absurd_velocity_changes_nothing(absurd):
    config = NavigationConfig()
    identification = Identification(config.identification, config.robot, 0.05)
    history = CommandHistory()
    time = drive(identification, history, Dynamics(0.1, 0.95, 1.8, 0.9, 6.0), 0.0, 40)
    found = identification.dynamics
    for odometry in (Odometry(time, Pose2D(), absurd), Odometry(time + 0.2, Pose2D(), Twist2D())):
        identification.observe(odometry, history)
    assert identification.dynamics.acceleration == found.acceleration
    assert identification.dynamics.gain == found.gain
    assert identification.dynamics.turn_acceleration == found.turn_acceleration


def test_a_robot_that_changes_is_found_again_and_survives_saving():
    config = NavigationConfig()
    identification = Identification(config.identification, config.robot, 0.05)
    history = CommandHistory()
    time = drive(identification, history, Dynamics(0.1, 1.0, 3.0, 1.0, 10.0), 0.0, 40)
    drive(identification, history, Dynamics(0.25, 0.75, 0.9, 0.75, 3.0), time, 120, seed=1)
    assert identification.dynamics.latency == pytest.approx(0.25, abs=0.051)
    assert identification.dynamics.acceleration < 1.6
    other = Identification(config.identification, config.robot, 0.05)
    other.restore(identification.state())
    assert other.dynamics == identification.dynamics


def test_a_standing_robot_teaches_nothing():
    config = NavigationConfig()
    identification = Identification(config.identification, config.robot, 0.05)
    history = CommandHistory()
    drive(identification, history, Dynamics(0.25, 0.75, 0.9, 0.75, 3.0), 0.0, 40)
    found = identification.dynamics
    for k in range(200):
        identification.observe(Odometry(100.0 + 0.2 * k, Pose2D(), Twist2D()), CommandHistory())
    assert identification.dynamics == found


@pytest.mark.parametrize('period', [0.08, 0.133, 0.182, 0.28, 0.5])
def test_decisions_may_come_at_any_period(period):
    truth = Dynamics(0.25, 0.75, 0.9, 0.75, 3.0)
    config = NavigationConfig()
    identification = Identification(config.identification, config.robot, 0.05)
    drive(identification, CommandHistory(), truth, 0.0, round(12.0 / period), period=period)
    found = identification.dynamics
    assert found.latency == pytest.approx(truth.latency, abs=0.051)
    assert found.gain == pytest.approx(truth.gain, abs=0.11)
    assert found.acceleration == pytest.approx(truth.acceleration, rel=0.3)


class _Doubled(Identification):
    """Hears another measurement soon after each, as where scans come in pairs."""

    def observe(self, odometry, history):
        super().observe(odometry, history)
        super().observe(dataclasses.replace(
            odometry, stamp=odometry.stamp + 0.01, twist=Twist2D(1.0, 1.0)), history)


def test_what_is_measured_too_soon_after_another_is_left_out():
    config, truth = NavigationConfig(), Dynamics(0.1, 0.75, 1.2, 0.75, 4.0)
    once, twice = (kind(config.identification, config.robot, 0.05)
                   for kind in (Identification, _Doubled))
    for one in (once, twice):
        drive(one, CommandHistory(), truth, 0.0, 30)
    assert once.state() == twice.state()
