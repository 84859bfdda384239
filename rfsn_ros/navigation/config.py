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

"""Settings of navigation: the robot, the primitives, safety, memory, guidance and reward."""

from __future__ import annotations

from dataclasses import dataclass

from rfsn_ros.errors import ConfigError
from rfsn_ros.schema import param, section, Settings

__all__ = [
    'GuidanceConfig', 'IdentificationConfig', 'MemoryConfig', 'NavigationConfig',
    'PrimitiveConfig', 'RewardConfig', 'RobotModel', 'SafetyConfig',
]


@dataclass(frozen=True, kw_only=True)
class RobotModel(Settings):
    """Footprint and limits of a differential-drive robot; the defaults are a Jackal's."""

    length: float = param(0.508, 'Footprint along x', unit='m', gt=0.0, le=5.0)
    width: float = param(0.430, 'Footprint along y', unit='m', gt=0.0, le=5.0)
    max_speed: float = param(2.0, 'Largest forward speed', unit='m/s', gt=0.0, le=10.0)
    max_reverse: float = param(1.0, 'Largest backward speed', unit='m/s', ge=0.0, le=10.0)
    max_turn_rate: float = param(4.0, 'Largest turn rate', unit='rad/s', gt=0.0, le=20.0)
    acceleration: float = param(
        3.0, 'Nominal linear acceleration and braking', unit='m/s^2', gt=0.0, le=50.0)
    turn_acceleration: float = param(
        10.0, 'Nominal angular acceleration', unit='rad/s^2', gt=0.0, le=200.0)
    latency: float = param(
        0.1, 'Nominal time from a command to the first motion it causes', unit='s', ge=0.0,
        le=0.4)


@dataclass(frozen=True, kw_only=True)
class PrimitiveConfig(Settings):
    """What the robot can choose from; speeds and rates are shares of the robot's limits."""

    arc_speeds: tuple[float, ...] = param(
        (0.25, 0.5, 0.75, 1.0), 'Forward speeds of the arcs, share of max_speed', gt=0.0, le=1.0)
    arc_turns: tuple[float, ...] = param(
        (0.0, 0.08, 0.2, 0.4), 'Turn rates of the arcs to either side, share of max_turn_rate',
        ge=0.0, le=1.0)
    rotate_turns: tuple[float, ...] = param(
        (0.15, 0.5), 'Turn rates of rotation in place to either side, share of max_turn_rate',
        gt=0.0, le=1.0)
    reverse_turns: tuple[float, ...] = param(
        (0.0, 0.15), 'Turn rates while backing up, share of max_turn_rate', ge=0.0, le=1.0)
    gap_speeds: tuple[float, ...] = param(
        (0.0, 0.5, 1.0), 'Speeds of gap following, share of max_speed', ge=0.0, le=1.0)
    look_speeds: tuple[float, ...] = param(
        (0.0, 0.25), 'Speeds of turning to where the most of the way ahead comes into view, '
        'share of max_speed', ge=0.0, le=1.0)
    steer_gain: float = param(
        3.0, 'Turn rate per radian of heading error in gap following and looking', unit='1/s',
        gt=0.0, le=20.0)


@dataclass(frozen=True, kw_only=True)
class SafetyConfig(Settings):
    """The feasible mask and the roll-outs."""

    margin: float = param(
        0.04, 'Smallest clearance a feasible primitive keeps until standstill', unit='m',
        ge=0.0, le=1.0)
    drift: float = param(
        0.01, 'By how much the margin grows per metre of way and per radian of turn until '
        'standstill, for the robot comes off its roll-out', ge=0.0, le=0.2)
    unknown_blocks: bool = param(
        True, 'Braking must also end before what was never seen')
    braking: float = param(
        0.85, 'Share of the identified acceleration that braking is counted on', gt=0.0, le=1.0)
    horizon: float = param(
        0.8, 'How long a primitive is rolled out for its features', unit='s', gt=0.0, le=5.0)
    look_ahead: float = param(
        2.2, 'How long what follows a primitive is kept clear of moving obstacles', unit='s',
        ge=0.5, le=10.0)
    step: float = param(0.05, 'Integration step of the roll-outs', unit='s', ge=0.001, le=0.1)


@dataclass(frozen=True, kw_only=True)
class MemoryConfig(Settings):
    """The occupancy memory in the odom frame."""

    enabled: bool = param(True, 'Remember what was seen; off = only the newest scan counts')
    resolution: float = param(0.05, 'Cell size', unit='m', ge=0.02, le=0.5)
    size: float = param(20.0, 'Side of the remembered square', unit='m', ge=4.0, le=60.0)
    range: float = param(6.0, 'Beams are entered up to this range', unit='m', gt=0.0, le=30.0)


@dataclass(frozen=True, kw_only=True)
class GuidanceConfig(Settings):
    """The cost-to-go field."""

    enabled: bool = param(True, 'Plan over the memory; off = straight-line distance to the goal')
    resolution: float = param(0.1, 'Cell size of the field', unit='m', ge=0.05, le=1.0)
    margin: float = param(
        3.0, 'How far the planned box reaches beyond robot and goal; all that is remembered is '
        'planned over where no way leads through it', unit='m', ge=0.5, le=20.0)
    comfort: float = param(
        0.35, 'Clearance beyond the half width from which on a cell costs nothing extra',
        unit='m', ge=0.0, le=2.0)
    weight: float = param(
        2.0, 'Extra cost per metre of a cell at zero clearance', ge=0.0, le=100.0)


@dataclass(frozen=True, kw_only=True)
class IdentificationConfig(Settings):
    """Online identification of latency, gain (slip) and acceleration."""

    enabled: bool = param(True, 'Identify the robot; off = the nominal robot is rolled out')
    memory: float = param(
        40.0, 'Decisions after which an observation counts 1/e', ge=2.0, le=10000.0)


@dataclass(frozen=True, kw_only=True)
class RewardConfig(Settings):
    """Weights of the reward terms and how far contact reaches back."""

    progress: float = param(1.0, 'Weight of progress over the best possible', ge=0.0, le=10.0)
    alignment: float = param(0.5, 'Weight of facing down the cost-to-go', ge=0.0, le=10.0)
    sight: float = param(
        2.0, 'Weight of bringing unseen parts of the way ahead into view', ge=0.0, le=10.0)
    idle: float = param(0.3, 'Taken off for hardly moving', ge=0.0, le=10.0)
    near: float = param(
        0.3, 'Taken off at full speed when nearer than near_distance', ge=0.0, le=10.0)
    near_distance: float = param(0.08, 'What counts as near', unit='m', ge=0.0, le=1.0)
    contact: float = param(2.0, 'Taken off on contact', ge=0.0, le=100.0)
    contact_distance: float = param(
        0.0, 'Clearance at or below which a scan shows contact', unit='m', ge=-0.1, le=0.2)
    span: int = param(
        4, 'Decisions over which progress, alignment and nearness of one decision are measured',
        ge=1, le=20)
    reach_back: int = param(
        3, 'Earlier decisions that share the blame for a contact', ge=0, le=20)
    decay: float = param(0.5, 'Share of the blame passed on per decision back', ge=0.0, le=1.0)
    lowest: float = param(-1.0, 'Rewards are clipped below this', ge=-100.0, le=0.0)
    highest: float = param(2.0, 'Rewards are clipped above this', gt=0.0, le=100.0)

    @property
    def lag(self) -> int:
        """How many decisions later the reward of a decision is final."""
        return max(self.span, self.reach_back + 1)


@dataclass(frozen=True, kw_only=True)
class NavigationConfig(Settings):
    """All of navigation."""

    robot: RobotModel = section(RobotModel, 'Footprint and limits')
    primitives: PrimitiveConfig = section(PrimitiveConfig, 'The primitive library')
    safety: SafetyConfig = section(SafetyConfig, 'Roll-outs and feasible mask')
    memory: MemoryConfig = section(MemoryConfig, 'Occupancy memory')
    guidance: GuidanceConfig = section(GuidanceConfig, 'Cost-to-go')
    identification: IdentificationConfig = section(IdentificationConfig, 'Robot identification')
    reward: RewardConfig = section(RewardConfig, 'Reward')
    decision_period: float = param(
        0.2, 'Time between decisions', unit='s', ge=0.05, le=2.0)
    control_rate: float = param(
        25.0, 'Rate of velocity commands', unit='Hz', ge=1.0, le=200.0)
    sectors: int = param(8, 'Sectors of the context vector', ge=1, le=72)
    sector_range: float = param(
        5.0, 'Clearance at which a sector counts as open', unit='m', gt=0.0, le=100.0)
    goal_tolerance: float = param(1.0, 'Distance at which the goal is reached', unit='m', gt=0.0)

    def __post_init__(self) -> None:
        """Validate; a control tick must not be longer than a decision."""
        super().__post_init__()
        if self.control_rate * self.decision_period < 1.0 - 1e-9:
            raise ConfigError(
                f'control_rate = {self.control_rate}: must be at least one tick per '
                f'decision_period = {self.decision_period}')
        if self.guidance.margin > 0.25 * self.memory.size:
            raise ConfigError(
                f'guidance.margin = {self.guidance.margin}: must be at most a quarter of '
                f'memory.size = {self.memory.size}, for the way is planned within the memory')

    def reactive(self) -> NavigationConfig:
        """Return the same settings without memory and without guidance."""
        return self.replace(
            memory=self.memory.replace(enabled=False),
            guidance=self.guidance.replace(enabled=False))
