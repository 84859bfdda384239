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

"""Navigation as a Gymnasium environment, for learners from outside this package."""

from __future__ import annotations

from collections.abc import Sequence
import contextlib
from enum import Enum
from typing import Any

import numpy as np
from rfsn_ros.errors import ConfigError, InputError, MissingDependencyError, SensorError
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.identification import Identification
from rfsn_ros.navigation.navigator import Navigator
from rfsn_ros.navigation.observation import Glimpse, Observation, Twist2D
from rfsn_ros.navigation.policies import Situation
from rfsn_ros.navigation.registry import make_policy
from rfsn_ros.navigation.reward import RewardTracker
from rfsn_ros.sim import make_simulator, parse_worlds, SimConfig, World
from rfsn_ros.sim.driver import navigation_for
from rfsn_ros.sim.episode import EpisodeMonitor, Outcome
from rfsn_ros.sim.period import check_control_rate, drive_period

try:
    import gymnasium
    from gymnasium import spaces
except ImportError:
    raise MissingDependencyError(
        'the environment needs gymnasium: pip install rfsn_ros[sim]') from None

__all__ = ['ENV_ID', 'ActionKind', 'NavigationEnv']

ENV_ID = 'rfsn/Navigation-v0'
"""Name for ``gymnasium.make('rfsn_ros.sim.env:rfsn/Navigation-v0')``."""

_Observation = dict[str, np.ndarray[Any, np.dtype[np.float32]]]
LIMIT = 100.0
"""Bound of every observed number; larger ones are clipped."""


class ActionKind(str, Enum):
    """What an action is."""

    PRIMITIVE = 'primitive'
    TWIST = 'twist'


class NavigationEnv(gymnasium.Env[_Observation, Any]):
    """
    One step is one decision of the navigator; one episode one drive to a world's goal.

    ============  ==========================================================================
    action        ``primitive``: ``Discrete(K)``, the index of a primitive.
                  ``twist``: ``Box(2)`` in [-1, 1], shares of the largest speed (backwards: of
                  the largest reverse speed) and of the largest turn rate; driven as it is, no
                  mask protects the robot.
    observation   ``context``: ``Box(C)`` sector clearances, velocities, goal, robot;
                  ``actions``: ``Box(K, A)`` the features of every primitive (roll-outs).
    info          ``mask``: bool (K,), which primitives are feasible; ``world``; ``time`` (s);
                  at the end ``outcome``, ``score`` (BARN), ``is_success``. After a primitive
                  that was not feasible ``override`` is true: the robot stops instead.
    reward        the bandit's reward. The reward of a decision becomes final some decisions
                  later, so a step returns the sum of what became final in it and the last step
                  all that was open.
    terminated    goal reached or contact
    truncated     time is up
    ============  ==========================================================================

    ``reset(seed=...)`` draws world and noise from the seed; ``options={'world': i}`` chooses the
    world.
    """

    metadata = {'render_modes': ['rgb_array'], 'render_fps': 5}  # noqa: RUF012

    def __init__(
        self, worlds: str | Sequence[World] = 'generated:0-49', *,
        action: ActionKind | str = ActionKind.PRIMITIVE, sim: SimConfig | None = None,
        navigation: NavigationConfig | None = None, render_mode: str | None = None,
    ) -> None:
        """
        Make the environment; `worlds` is a list or a specification for `parse_worlds`.

        Left out, `navigation` has the footprint and the limits of the simulated robot.

        :raises WorldError: the specification is not usable.
        :raises ConfigError: there is no world, the kind of action or of picture is unknown, or
            the control rate does not fit the simulator's tick.
        """
        sim = sim or SimConfig()
        self.worlds = (
            parse_worlds(worlds, robot=sim.robot) if isinstance(worlds, str) else list(worlds))
        if not self.worlds:
            raise ConfigError('worlds: at least one is needed')
        if render_mode not in (None, *self.metadata['render_modes']):
            raise ConfigError(f'render_mode = {render_mode!r}: must be rgb_array or None')
        try:
            self.action_kind = ActionKind(action)
        except ValueError:
            raise ConfigError(f'action = {action!r}: must be primitive or twist') from None
        self.render_mode = render_mode
        config = navigation or navigation_for(sim.robot)
        check_control_rate(config, sim)
        self.sim = make_simulator(sim)
        self.navigator = Navigator(config, make_policy('random', config, seed=1))
        self._tracker = RewardTracker(config)
        count, features = len(self.navigator.library), len(self.navigator.action_names)
        self.observation_space: Any = spaces.Dict({
            'context': spaces.Box(-LIMIT, LIMIT, (len(self.navigator.context_names),)),
            'actions': spaces.Box(-LIMIT, LIMIT, (count, features)),
        })
        self.action_space: Any = (
            spaces.Discrete(count) if self.action_kind is ActionKind.PRIMITIVE
            else spaces.Box(-1.0, 1.0, (2,)))
        self._situation: Situation | None = None
        self._number = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None,
    ) -> tuple[_Observation, dict[str, Any]]:
        """
        Begin a drive.

        :raises InputError: the world in `options` does not exist, or the first scan or odometry
            is not usable.
        """
        super().reset(seed=seed)
        self._situation = None
        config = self.navigator.config
        index = int(self.np_random.integers(len(self.worlds)))
        if options is not None and 'world' in options:
            index = options['world']
            if not isinstance(index, int | np.integer) or not 0 <= index < len(self.worlds):
                raise InputError(
                    f"options['world'] = {index!r}: must be in [0, {len(self.worlds)})")
        self.world = self.worlds[index]
        self.sim.reset(self.world, int(self.np_random.integers(2 ** 31)))
        self.navigator.reset()
        # A drive must follow from its seed alone, not from what drives before found out.
        self.navigator.identification = Identification(
            config.identification, config.robot, config.safety.step)
        self._tracker.reset()
        self._monitor = EpisodeMonitor(self.world)
        self._perceive()
        return self._observed(), self._info()

    def step(
        self, action: Any,
    ) -> tuple[_Observation, float, bool, bool, dict[str, Any]]:
        """
        Drive one decision period.

        :raises InputError: the action is not in the action space or the episode is over.
        """
        if self._situation is None or self._monitor.outcome is not Outcome.RUNNING:
            raise InputError('reset() must come first')
        if self.action_kind is ActionKind.TWIST:
            # as everywhere in NumPy, numbers of another kind are numbers too
            with contextlib.suppress(TypeError, ValueError):
                action = np.asarray(action, dtype=np.float32)
        if not self.action_space.contains(action):
            raise InputError(f'action = {action!r}: must be in {self.action_space}')
        override = self._follow(action)
        self._number += 1
        reward: float = sum(r.total for r in self._tracker.decision(
            str(self._number), self._situation.percept.observation,
            percept=self._situation.percept) if r.valid)
        self._perceive(drive_period(self.sim, self.navigator, self._monitor))
        outcome = self._monitor.update(self.sim)
        if outcome is not Outcome.RUNNING:
            reward += sum(r.total for r in self._tracker.finish(
                percept=self._situation.percept, contact=self.sim.contact) if r.valid)
        info = self._info()
        info['override'] = override
        terminated = outcome in (Outcome.SUCCESS, Outcome.COLLISION)
        return self._observed(), reward, terminated, outcome is Outcome.TIMEOUT, info

    def action_masks(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Return the feasible primitives, shape (K,), under the name that sb3-contrib asks for."""
        if self._situation is None:
            raise InputError('reset() must come first')
        return self._situation.mask.copy()

    def render(self) -> Any:
        """
        Return the scene from above as an RGB array, or None without a render mode.

        :raises InputError: there was no reset yet.
        """
        if self.render_mode is None:
            return None
        if self._situation is None:
            raise InputError('reset() must come first')
        from rfsn_ros.sim.pictures.drawing import draw_scene
        from rfsn_ros.sim.pictures.scene import Scene

        return np.asarray(draw_scene(Scene.of(self.sim, outcome=self._monitor.outcome)))

    def close(self) -> None:
        """Free the simulator."""
        self.sim.close()

    def _follow(self, action: Any) -> bool:
        """Hand an action to the navigator; return whether it was not feasible."""
        assert self._situation is not None
        library, robot = self.navigator.library, self.navigator.config.robot
        if self.action_kind is ActionKind.TWIST:
            v, w = float(action[0]), float(action[1])
            self.navigator.follow(Twist2D(
                v * (robot.max_speed if v > 0.0 else robot.max_reverse),
                w * robot.max_turn_rate))
            return False
        if not self._situation.mask[action]:
            self.navigator.stop()
            return True
        primitive = library[int(action)]
        self.navigator.follow(Twist2D(primitive.speed, primitive.turn_rate),
                              float(self._situation.velocities[action, 2]))
        return False

    def _perceive(self, midway: Glimpse | None = None) -> None:
        observation = Observation(
            self.sim.scan(), self.sim.odometry(), self.world.goal_from_start, midway)
        try:
            self._situation = self.navigator.situation(observation, self.sim.time)
        except SensorError as error:
            if self._situation is None:
                raise InputError(f'the simulated sensors show nothing usable: {error}') from None

    def _observed(self) -> _Observation:
        assert self._situation is not None
        return {
            'context': np.clip(self._situation.context, -LIMIT, LIMIT).astype(np.float32),
            'actions': np.clip(self._situation.actions, -LIMIT, LIMIT).astype(np.float32),
        }

    def _info(self) -> dict[str, Any]:
        info: dict[str, Any] = {
            'mask': self.action_masks(), 'world': self.world.name, 'time': self._monitor.time}
        if self._monitor.outcome is not Outcome.RUNNING:
            info.update(outcome=self._monitor.outcome.value, score=self._monitor.score,
                        is_success=self._monitor.outcome is Outcome.SUCCESS)
        return info


gymnasium.register(ENV_ID, entry_point='rfsn_ros.sim.env:NavigationEnv')
