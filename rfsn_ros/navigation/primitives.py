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
The primitive library: what the robot can choose between, each a small closed loop.

An arc holds a speed and a turn rate; gap following and looking hold a speed and steer towards a
heading given at the decision. Everything else (rotation, backing up, stopping) is an arc with
special numbers. Primitives are described by features, so adding one asks nothing of the bandit.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
import math

import numpy as np
from rfsn_ros.errors import ConfigError
from rfsn_ros.navigation.config import PrimitiveConfig, RobotModel
from rfsn_ros.navigation.observation import FloatArray

__all__ = ['Primitive', 'PrimitiveKind', 'PrimitiveLibrary']

_DECIMALS = range(2, 7)  # of speeds and turn rates in names
_HELD = (0.5, 1.2)  # how long a follow-up is driven before the robot brakes, s


class PrimitiveKind(str, Enum):
    """Families of primitives."""

    STOP = 'stop'
    ARC = 'arc'
    ROTATE = 'rotate'
    REVERSE = 'reverse'
    GAP = 'gap'
    LOOK = 'look'


@dataclass(frozen=True, slots=True)
class Primitive:
    """One entry of the library; speed in m/s, turn_rate in rad/s (0 for those that steer)."""

    name: str
    kind: PrimitiveKind
    speed: float
    turn_rate: float


class PrimitiveLibrary:
    """
    The ordered primitives of one robot; index = action.

    `stop` is always action 0. `table` has shape (K, 2): speed and turn rate. `follow_ups`, shape
    (n, 2), holds what a primitive may be followed by where obstacles move: action and seconds.
    """

    def __init__(self, config: PrimitiveConfig, robot: RobotModel) -> None:
        """
        Make the primitives of a robot.

        :raises ConfigError: two are the same; names them.
        """
        self.primitives = _told_apart(config, robot)
        self.names = tuple(primitive.name for primitive in self.primitives)
        self.table: FloatArray = np.array([(p.speed, p.turn_rate) for p in self.primitives])
        self.steer_gain = config.steer_gain
        self._gaps, self._looks = (
            np.array([p.kind is kind for p in self.primitives])
            for kind in (PrimitiveKind.GAP, PrimitiveKind.LOOK))
        self._steering = self._gaps | self._looks
        self.follow_ups = _follow_ups(self.primitives)

    def __len__(self) -> int:
        return len(self.primitives)

    def __getitem__(self, action: int) -> Primitive:
        return self.primitives[action]

    def index(self, name: str) -> int:
        """Return the action of a name, or raise KeyError."""
        try:
            return self.names.index(name)
        except ValueError:
            raise KeyError(f'{name!r}: known primitives are {", ".join(self.names)}') from None

    def steered(self, gap: float, look: float) -> FloatArray:
        """
        Return rows (speed, turn rate, heading to steer to or NaN), shape (K, 3).

        `gap` and `look` are the headings (rad) of gap following and of looking.
        """
        rows = np.full((len(self), 3), math.nan)
        rows[:, :2] = self.table
        rows[self._gaps, 2] = gap
        rows[self._looks, 2] = look
        return rows

    def nearest(self, speed: float, turn_rate: float) -> int:
        """Return the primitive that holds about this speed and turn rate."""
        off_speed = self.table[:, 0] - speed
        off_turn = 0.5 * (self.table[:, 1] - turn_rate)
        distance = off_speed * off_speed + off_turn * off_turn
        distance[self._steering] = math.inf
        return int(distance.argmin())


def _told_apart(config: PrimitiveConfig, robot: RobotModel) -> tuple[Primitive, ...]:
    """Return the primitives, named by numbers of two decimals, or more where two are alike."""
    for decimals in _DECIMALS:
        found = tuple(_primitives(config, robot, decimals))
        count = Counter(primitive.name for primitive in found)
        if len(count) == len(found):
            return found
    twice = ', '.join(name for name, times in count.items() if times > 1)
    raise ConfigError(f'primitives: {twice}: must each be there once')


def _primitives(config: PrimitiveConfig, robot: RobotModel, decimals: int) -> list[Primitive]:
    found = [Primitive('stop', PrimitiveKind.STOP, 0.0, 0.0)]

    def add(kind: PrimitiveKind, speed: float, shares: tuple[float, ...], label: str) -> None:
        for share in shares:
            for sign in ((1.0,) if share == 0.0 else (1.0, -1.0)):
                side = {0.0: ''}.get(share, '_left' if sign > 0.0 else '_right')
                turn = sign * share * robot.max_turn_rate
                suffix = f'{side}_{abs(turn):.{decimals}f}' if side else ''
                found.append(Primitive(f'{label}{suffix}', kind, speed, turn))

    for share in config.arc_speeds:
        speed = share * robot.max_speed
        add(PrimitiveKind.ARC, speed, config.arc_turns, f'arc_{speed:.{decimals}f}')
    add(PrimitiveKind.ROTATE, 0.0, config.rotate_turns, 'rotate')
    if robot.max_reverse > 0.0:
        add(PrimitiveKind.REVERSE, -robot.max_reverse, config.reverse_turns, 'reverse')
    for kind, shares in (
            (PrimitiveKind.GAP, config.gap_speeds), (PrimitiveKind.LOOK, config.look_speeds)):
        for share in shares:
            speed = share * robot.max_speed
            found.append(Primitive(f'{kind.value}_{speed:.{decimals}f}', kind, speed, 0.0))
    return found


def _follow_ups(primitives: tuple[Primitive, ...]) -> FloatArray:
    """Return stopping at once, and what gets away: arcs at half and full speed, backing up ..."""
    top = max(p.speed for p in primitives)
    fastest = max((p.turn_rate for p in primitives if p.kind is PrimitiveKind.ROTATE), default=0.0)
    quick = [
        action for action, p in enumerate(primitives)
        if (p.kind is PrimitiveKind.ARC and p.speed in (top, 0.5 * top))
        or p.kind in (PrimitiveKind.REVERSE, PrimitiveKind.GAP)
        or (p.kind is PrimitiveKind.ROTATE and abs(p.turn_rate) == fastest)]
    return np.array([(0, 0.0), *((action, held) for held in _HELD for action in quick)])
