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

"""
The navigator: observation in, choice and velocity command out, reward back in.

Two clocks: a decision every `decision_period` (`decide`) and commands at `control_rate`
(`command`), which follow the primitive chosen last in closed loop.
"""

from __future__ import annotations

from dataclasses import dataclass
import math

from rfsn_ros.bandit.contract import BoolArray, FloatArray
from rfsn_ros.errors import InputError, SensorError
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.features import (
    ACTION_FEATURES,
    action_features,
    context_names,
    context_vector,
    gap_heading,
    look_heading,
)
from rfsn_ros.navigation.identification import CommandHistory, Dynamics, Identification
from rfsn_ros.navigation.observation import Observation, Odometry, Twist2D
from rfsn_ros.navigation.perception import Percept, Perception
from rfsn_ros.navigation.planner import (
    look_ahead,
    pending_velocities,
    reach_of,
    roll_out_all,
    rolled_time,
)
from rfsn_ros.navigation.policies import Policy, Situation
from rfsn_ros.navigation.primitives import Primitive, PrimitiveLibrary
from rfsn_ros.navigation.progress import attainable
from rfsn_ros.navigation.rollout import OUTCOMES
from rfsn_ros.navigation.safety import ahead_only, evading, feasible
from rfsn_ros.navigation.sight import sees_behind

__all__ = ['NavDecision', 'Navigator', 'Sighting']

_OLDEST = 1.5  # s; what was commanded since is remembered for so long, and some latency
_BRAKING = OUTCOMES.index('braking_clearance')


@dataclass(frozen=True, slots=True)
class NavDecision:
    """
    Full record of one decision; everything a log or a Decision message needs.

    `action` is the requested primitive; `executed` says what is driven: the same, or -1 where a
    policy drives a velocity of its own. `override` is true where nothing but stopping was
    feasible. `command` is the first velocity command.
    """

    id: str
    stamp: float
    context: FloatArray
    actions: FloatArray
    mask: BoolArray
    pmf: FloatArray
    action: int
    probability: float
    draw: float
    examples: int
    primitive: Primitive
    executed: int
    override: bool
    command: Twist2D
    velocities: FloatArray
    dynamics: Dynamics
    outcomes: FloatArray
    percept: Percept


@dataclass(frozen=True, slots=True)
class Sighting:
    """
    What was seen, and the robot as it was then.

    It is `age` seconds ago; `pending` are the velocities that commands sent until now will still
    have asked for since, shape (d, 2).
    """

    percept: Percept
    age: float
    pending: FloatArray
    dynamics: Dynamics


class Navigator:
    """
    Drives one robot with one policy; not thread-safe.

    `session` begins every decision id; it must be unique for ever where ids are logged.
    """

    def __init__(
        self, config: NavigationConfig, policy: Policy, *, session: str = 'session',
    ) -> None:
        self.config = config
        self.policy = policy
        self.library = PrimitiveLibrary(config.primitives, config.robot)
        self.perception = Perception(config)
        self.identification = Identification(
            config.identification, config.robot, config.safety.step)
        self.history = CommandHistory()
        self._session = session
        self._count = 0
        self._target: Twist2D | None = None
        self._heading = math.nan

    @property
    def context_names(self) -> tuple[str, ...]:
        """Names of the context vector."""
        return context_names(self.config)

    @property
    def action_names(self) -> tuple[str, ...]:
        """Names of the action features."""
        return ACTION_FEATURES

    def reset(self, *, driving: bool = False) -> None:
        """
        Begin a new drive: empty memory; what was learned stays.

        The robot is at rest, or still `driving` by the commands sent so far.
        """
        self.perception.reset()
        self.identification.restart()
        if not driving:
            self.history.clear()
        self.stop()

    def stop(self) -> None:
        """Command zero until the next decision."""
        self._target = None
        self._heading = math.nan

    def follow(self, target: Twist2D, heading: float = math.nan) -> None:
        """Drive a velocity, or its speed towards a heading (odom, rad), from now on."""
        self._target = target
        self._heading = heading

    def decide(self, observation: Observation, now: float | None = None) -> NavDecision:
        """
        Choose a primitive; `command` follows it from now on.

        What was commanded between the stamp of the odometry and `now` (s, the same clock; the
        stamp where not given) is rolled out before the primitive.

        :raises SensorError: the observation is not usable; the primitive before stays in force
            (call `stop` to stand still).
        """
        config = self.config
        situation = self.situation(observation, now)
        drive = self.policy.choose(situation)
        choice = drive.choice
        primitive = self.library[choice.action]
        own = drive.velocity
        heading = math.nan if own is not None else situation.velocities[choice.action, 2]
        self.follow(own or Twist2D(primitive.speed, primitive.turn_rate), float(heading))
        self._count += 1
        return NavDecision(
            id=f'{self._session}-{self._count}', stamp=observation.stamp,
            context=situation.context, actions=situation.actions, mask=situation.mask,
            pmf=choice.pmf, action=choice.action, probability=choice.probability,
            draw=choice.draw, examples=choice.example_count, primitive=primitive,
            executed=choice.action if own is None else -1,
            override=not situation.mask[1:].any(),
            command=self._velocity(observation.odometry, config),
            velocities=situation.velocities, dynamics=situation.dynamics,
            outcomes=situation.outcomes, percept=situation.percept)

    def situation(self, observation: Observation, now: float | None = None) -> Situation:
        """
        Return what the policy sees in an observation (`decide` says what `now` is).

        :raises SensorError: the observation is not usable; nothing has changed.
        """
        return self.appraise(self.perceive(observation, now))

    def perceive(self, observation: Observation, now: float | None = None) -> Sighting:
        """
        Take in an observation: the first half of `situation`.

        :raises SensorError: the observation is not usable; nothing has changed.
        """
        config = self.config
        odometry = observation.odometry
        age = 0.0 if now is None else max(now - odometry.stamp, 0.0)
        if not age <= _OLDEST:
            raise SensorError(f'odometry is {age:.3g} s old: must be at most {_OLDEST:g} s')
        reach = reach_of(age, self.identification.dynamics, odometry.twist.v, config)
        percept = self.perception.update(observation, reach=reach)
        self.identification.observe(odometry, self.history)
        dynamics = self.identification.dynamics
        pending = pending_velocities(
            self.history, odometry.stamp, age, dynamics, config.safety.step)
        return Sighting(percept, age, pending, dynamics)

    def appraise(self, sighting: Sighting) -> Situation:
        """
        Roll out what can be done: the second half of `situation`.

        Nothing that is seen later depends on it, so both halves may go on in threads of their own.
        """
        config = self.config
        pending, dynamics = sighting.pending, sighting.dynamics
        percept = sighting.percept
        twist = percept.odometry.twist
        velocities = self.library.steered(gap_heading(percept, config), look_heading(percept))
        outcomes = roll_out_all(
            percept, pending, dynamics, velocities, self.library.steer_gain, config)
        mask = feasible(outcomes[:, _BRAKING], config.safety.margin, percept.room)
        if not config.memory.enabled and not sees_behind(percept.beams):
            # without memory the turning circle is taken on trust again and again
            mask = ahead_only(mask, velocities[:, 0])
        evasions = None
        if len(percept.discs):
            evasions = look_ahead(
                percept, pending, dynamics, velocities, mask, self.library.follow_ups,
                self.library.steer_gain, config)
            mask = evading(mask, evasions[:, 1], evasions[:, 0])
        time = rolled_time(sighting.age, dynamics, config)
        best = attainable(
            twist.v, time, limit=dynamics.gain * config.robot.max_speed,
            acceleration=dynamics.acceleration, latency=sighting.age + dynamics.latency)
        actions, promised, forecast = action_features(
            outcomes, evasions, percept, self.library, config, best,
            config.robot.max_speed * time, mask)
        return Situation(
            percept=percept, context=context_vector(percept, dynamics, config, promised),
            actions=actions, forecast=forecast, mask=mask, velocities=velocities,
            outcomes=outcomes, pending=pending, dynamics=dynamics, library=self.library,
            config=config)

    def command(self, odometry: Odometry, time: float) -> Twist2D:
        """
        Return the velocity command for now and note it; zero without a decision.

        Always finite and within the robot's limits. The identified gain (slip) is made up for.
        """
        if not math.isfinite(time):
            raise InputError(f'time = {time}: must be finite')
        command = self._velocity(odometry, self.config)
        self.history.add(time, command)
        return command

    def learn(self, decision: NavDecision, reward: float) -> None:
        """
        Hand the reward of a decision to the policy.

        :raises InputError: the reward is not finite; nothing is learned.
        """
        if not math.isfinite(reward):
            raise InputError(f'reward = {reward}: must be finite')
        if decision.executed >= 0:
            self.policy.learn(
                decision.context, decision.actions, decision.mask, decision.action,
                decision.probability, reward)

    def _velocity(self, odometry: Odometry, config: NavigationConfig) -> Twist2D:
        if self._target is None:
            return Twist2D()
        robot, dynamics = config.robot, self.identification.dynamics
        turn = self._target.w
        if not math.isnan(self._heading):
            yaw = odometry.pose.yaw
            if not math.isfinite(yaw):
                return Twist2D()
            error = (self._heading - yaw + math.pi) % (2.0 * math.pi) - math.pi
            turn = self.library.steer_gain * error
        return Twist2D(
            min(max(self._target.v / dynamics.gain, -robot.max_reverse), robot.max_speed),
            min(max(turn / dynamics.turn_gain, -robot.max_turn_rate), robot.max_turn_rate))
