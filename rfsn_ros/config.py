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
All settings of the navigation graph in one schema: YAML, ROS parameters and Python alike.

The YAML form is that of ROS parameter files, under ``/**`` so that every node of the graph,
whatever its namespace, reads the same values:

    /**:
      ros__parameters:
        driving:
          mode: online
        bandit:
          learning_rate: 0.5

What ``ros2 param dump`` writes of the nodes is read as well; they share what both name.
"""

from __future__ import annotations

from collections.abc import Mapping
import dataclasses
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
import re
import textwrap
from typing import Any, TypeVar

from rfsn_ros.bandit import VWConfig
from rfsn_ros.bandit.explorers import unread_settings
from rfsn_ros.errors import ConfigError
from rfsn_ros.navigation import (
    ACTION_FEATURES,
    bandit_config,
    context_names,
    NavigationConfig,
    Pose2D,
    PrimitiveLibrary,
)
from rfsn_ros.schema import param, parameters, read_yaml, section, Settings
from rfsn_ros.sim import SimConfig
from rfsn_ros.sim.config import Engine
import yaml

__all__ = [
    'NODES', 'RECORDER_NODE', 'ROS_PARAMETERS', 'BridgeConfig', 'DrivingConfig', 'FramesConfig',
    'Mode', 'RFSNConfig', 'ScoringConfig', 'annotated_yaml',
]

NODES = ('bandit_node', 'reward_node', 'sim_bridge')
"""The nodes of the graph."""

RECORDER_NODE = 'rfsn_record'
"""The node of `rfsn record`."""

ROS_PARAMETERS = ('use_sim_time', 'start_type_description_service')
"""Parameters that rclpy gives every node."""

_C = TypeVar('_C', bound='RFSNConfig')
_FOLLOWS = ('n_actions', 'context_dim', 'action_dim', 'reward_min', 'reward_max')
_POLICY = re.compile(r'bandit|random|greedy|dwa(:[0-9.]+)?|fixed:[A-Za-z0-9_.]+')


class Mode(str, Enum):
    """What bandit_node does with its choices."""

    ONLINE = 'online'
    FROZEN = 'frozen'
    APPRENTICE = 'apprentice'
    SHADOW = 'shadow'


@dataclass(frozen=True, kw_only=True)
class FramesConfig(Settings):
    """Frames, and where the laser sits when no transform tells."""

    base: str = param('base_link', 'Frame of the robot')
    odom: str = param('odom', 'Frame of odometry and goals')
    use_tf: bool = param(
        True, 'Ask TF for the laser and for goals in other frames, where tf2_ros is installed')
    laser_x: float = param(
        -0.065, 'Forward offset of the laser from the base without TF', unit='m', ge=-5.0,
        le=5.0)
    laser_y: float = param(
        0.0, 'Leftward offset of the laser from the base without TF', unit='m', ge=-5.0, le=5.0)
    laser_yaw: float = param(
        0.0, 'Rotation of the laser against the base without TF', unit='rad', ge=-6.3, le=6.3)

    @property
    def laser(self) -> Pose2D:
        """Pose of the laser in the base frame without TF."""
        return Pose2D(self.laser_x, self.laser_y, self.laser_yaw)


@dataclass(frozen=True, kw_only=True)
class DrivingConfig(Settings):
    """bandit_node."""

    autostart: bool = param(True, 'Come up active instead of waiting for lifecycle transitions')
    mode: Mode = param(
        Mode.ONLINE, 'online: decide and learn; frozen: decide; apprentice: a baseline drives '
        'and the bandit learns from it; shadow: log only', read_only=False)
    exploration: float = param(
        0.0, "Share of the bandit's choices drawn evenly from what is feasible, besides the "
        'exploration of its own', ge=0.0, le=1.0, read_only=False)
    policy: str = param(
        'bandit', 'Who decides in the modes online and frozen: bandit, or a baseline (random, '
        'greedy, dwa, fixed:NAME) to compare with')
    baseline: str = param(
        'greedy', 'Who drives in mode apprentice: random, greedy, dwa or fixed:NAME')
    stale_after: float = param(
        0.5, 'Scan or odometry older than this, since it came (steady clock) or by its stamp, '
        'stops the robot; so do stamps that are further apart or ahead of the clock', unit='s',
        gt=0.0, le=10.0, read_only=False)
    pairing_timeout: float = param(
        0.1, 'How long a scan waits for the odometry of its instant; in lockstep it waits for '
        'lockstep_timeout', unit='s', ge=0.0, le=1.0)
    reward_window: float = param(
        10.0, 'Rewards that come later than this after their decision are not learned',
        unit='s', gt=0.0, le=3600.0)
    lockstep: bool = param(
        False, 'Decide on every scan but those half way between decisions, and only after all '
        'rewards due by then were learned; for sim_bridge with real_time_factor 0 (reward_node '
        'then wants its scans reliable)')
    lockstep_timeout: float = param(
        5.0, 'Longest wait in lockstep for rewards and for odometry (steady clock)', unit='s',
        gt=0.0, le=60.0)
    stamped: bool = param(
        False, 'cmd_vel is geometry_msgs/TwistStamped instead of Twist')
    checkpoint: str = param(
        '', 'Name of the checkpoint to start from; latest = the newest; default = the one '
        'shipped with the package; empty = start untrained')
    checkpoint_on_exit: str = param(
        'final', 'Name under which the model is saved on deactivation where it has learned; '
        'empty = not saved')
    checkpoint_key_file: str = param(
        '', 'File with the secret (>= 16 bytes) that checkpoints are signed with and must be '
        'signed with to be loaded; empty = unsigned')
    decision_log: str = param(
        '', 'File of the decision log, NAME.jsonl; empty = none')
    flush_every: int = param(
        1, 'Decision log records between flushes', ge=1, le=100_000)
    fsync: bool = param(False, 'Wait for the disk at every flush of the decision log')
    diagnostics_period: float = param(
        1.0, 'Time between diagnostics (steady clock)', unit='s', gt=0.0, le=60.0,
        read_only=False)

    def __post_init__(self) -> None:
        """Validate the names of policies."""
        super().__post_init__()
        for name in ('policy', 'baseline'):
            value = getattr(self, name)
            if not _POLICY.fullmatch(value) or (name == 'baseline' and value == 'bandit'):
                raise ConfigError(
                    f'{name} = {value!r}: must be one of random, greedy, dwa, fixed:NAME'
                    + (', bandit' if name == 'policy' else ''))


@dataclass(frozen=True, kw_only=True)
class ScoringConfig(Settings):
    """reward_node."""

    keep: float = param(
        10.0, 'How long scans and odometry are kept for decisions to refer to', unit='s',
        gt=0.0, le=600.0)


@dataclass(frozen=True, kw_only=True)
class BridgeConfig(Settings):
    """sim_bridge."""

    autostart: bool = param(True, 'Come up active instead of waiting for lifecycle transitions')
    world: str = param(
        'generated', 'Worlds of the episodes: generated (a new one per episode), '
        'generated:SEEDS or barn:FILE[:INDICES]')
    episodes: int = param(30, 'Episodes to drive; 0 = without end', ge=0, le=10_000_000)
    seed: int = param(1, 'Seed of worlds and noise', ge=0, le=2**31 - 1)
    real_time_factor: float = param(
        1.0, 'Simulated over wall time; 0 = lockstep with bandit_node', ge=0.0, le=1000.0)
    scan_rate: float = param(
        10.0, 'Scans per simulated second; lockstep scans at every decision and half way between',
        unit='Hz', gt=0.0, le=100.0)
    command_timeout: float = param(
        0.2, 'Simulated time without a command after which the robot stops (not in lockstep, '
        'where time waits for commands)', unit='s', gt=0.0, le=10.0)
    stamped: bool = param(
        False, 'cmd_vel is geometry_msgs/TwistStamped instead of Twist')
    exit_when_done: bool = param(True, 'End the process after the last episode')
    recorder: str = param(
        '', 'Node, such as rfsn_record, that the first episode waits for until it hears the '
        'topics of a drive; empty = none')
    observer: str = param(
        '', 'Node, by its full name, such as that of rfsn nav, that the first episode waits for '
        'until it hears episodes, decisions and rewards; empty = none')
    diagnostics_period: float = param(
        1.0, 'Time between diagnostics (steady clock)', unit='s', gt=0.0, le=60.0,
        read_only=False)


@dataclass(frozen=True, kw_only=True)
class RFSNConfig(Settings):
    """Everything; each field is the first word of its parameters' names."""

    driving: DrivingConfig = section(DrivingConfig, 'bandit_node')
    scoring: ScoringConfig = section(ScoringConfig, 'reward_node')
    bridge: BridgeConfig = section(BridgeConfig, 'sim_bridge')
    frames: FramesConfig = section(FramesConfig, 'Frames')
    navigation: NavigationConfig = section(NavigationConfig, 'Navigation')
    bandit: VWConfig = dataclasses.field(
        default_factory=lambda: bandit_config(NavigationConfig()),
        metadata={'section': 'The learner'})
    sim: SimConfig = dataclasses.field(
        default_factory=lambda: SimConfig(engine=Engine.BULLET),
        metadata={'section': 'The simulator; the graph drives on wheels unless told otherwise'})

    def __post_init__(self) -> None:
        """Give the learner the shapes and reward limits that follow from navigation."""
        super().__post_init__()
        navigation = self.navigation
        library = PrimitiveLibrary(navigation.primitives, navigation.robot)
        object.__setattr__(self, 'bandit', self.bandit.replace(
            n_actions=len(library), context_dim=len(context_names(navigation)),
            action_dim=len(ACTION_FEATURES), reward_min=navigation.reward.lowest,
            reward_max=navigation.reward.highest))

    @classmethod
    def from_dict(cls: type[_C], values: Mapping[str, Any], *, prefix: str = '') -> _C:
        """
        Build from nested mappings or dotted keys; what is left out keeps its default.

        :raises ConfigError: an unknown key, a wrong type or a value out of bounds; named with
            its dotted path.
        """
        given = super().from_dict(values, prefix=prefix)
        named = _dotted(values)
        if 'sim.engine' not in named:
            given = given.replace(sim=given.sim.replace(engine=Engine.BULLET))
        learner = {
            key.partition('.')[2]: value for key, value in named.items()
            if key.startswith('bandit.') and key.partition('.')[2] not in _FOLLOWS}
        return given.replace(bandit=VWConfig.from_dict(
            {**bandit_config(given.navigation).to_dict(), **learner}, prefix='bandit.'))

    def updated(self: _C, changes: Mapping[str, Any]) -> _C:
        """
        Return a copy with some settings changed, named with their dotted paths.

        :raises ConfigError: as `from_dict`.
        """
        return type(self).from_dict({**_dotted(self.to_dict()), **_dotted(changes)})

    @classmethod
    def from_yaml(cls: type[_C], source: str | Path) -> _C:
        """
        Read YAML text, or a file (a `Path`), in the form of ROS parameter files.

        :raises ConfigError: the file is unreadable, lacks the outer form, holds an unknown key
            or a value out of range, or other values for one node than for another; names key
            and value.
        """
        where = f'{source}: ' if isinstance(source, Path) else ''
        return cls.from_dict(_shared(read_yaml(source), where))

    def without_effect(self) -> list[str]:
        """Return a sentence on every setting of exploration that the chosen explorer ignores."""
        bandit = self.bandit
        return [
            f'bandit.{name} = {getattr(bandit, name):g} has no effect: the explorer '
            f'{bandit.exploration} does not read it'
            for name in unread_settings(bandit, bandit_config(self.navigation))]

    def to_yaml(self) -> str:
        """Return YAML text that `from_yaml` reads back to an equal object."""
        values = _without_none(self.to_dict())
        for name in _FOLLOWS:
            del values['bandit'][name]
        return yaml.safe_dump({'/**': {'ros__parameters': values}}, sort_keys=False)


def annotated_yaml() -> str:
    """Return every setting with default, unit, bounds and meaning, as `config/default.yaml`."""
    config = RFSNConfig()
    values = _dotted(config.to_dict())
    lines = [
        '# Every setting with its default; what is left out of a file keeps it.',
        '# Written by `make config` from the descriptions in the code.',
        '/**:', '  ros__parameters:']
    before: list[str] = []
    for info in parameters(RFSNConfig):
        *path, leaf = info.name.split('.')
        if path == ['bandit'] and leaf in _FOLLOWS:
            continue
        for depth, word in enumerate(path):
            if path[:depth + 1] != before[:depth + 1]:
                lines.append(f'{"  " * (depth + 2)}{word}:')
        before = path
        indent = '  ' * (len(path) + 2)
        words = info.description + (f' [{info.unit}]' if info.unit else '')
        words += f' ({info.bounds})' if info.bounds else ''
        lines += textwrap.wrap(words, 97 - len(indent), initial_indent=f'{indent}# ',
                               subsequent_indent=f'{indent}# ')
        value = values[info.name]
        text = yaml.safe_dump(value, default_flow_style=True, width=1000)
        text = text.removesuffix('...\n').strip()
        lines.append(f'{indent}# {leaf}:' if value is None else f'{indent}{leaf}: {text}')
    return '\n'.join(lines) + '\n'


def _shared(document: Any, where: str) -> dict[str, Any]:
    """Return the settings (dotted) that a parameter file holds for all nodes or some."""
    if not isinstance(document, dict) or not document:
        raise ConfigError(f"{where}settings must begin with the key '/**', got {document!r}")
    found: dict[str, tuple[Any, str]] = {}
    for node, inner in document.items():
        if node != '/**' and str(node).rpartition('/')[2] not in NODES:
            raise ConfigError(
                f"{where}settings must begin with the key '/**' or the name of a node "
                f'({", ".join(NODES)}), got {node!r}')
        if not isinstance(inner, dict) or list(inner) != ['ros__parameters']:
            raise ConfigError(f"{where}{node!r} must hold the one key 'ros__parameters'")
        values = inner['ros__parameters'] or {}
        if not isinstance(values, dict):
            raise ConfigError(f"{where}'ros__parameters' must hold a mapping, got {values!r}")
        for name, value in _dotted(values).items():
            if name in ROS_PARAMETERS:
                continue
            other, before = found.setdefault(name, (value, node))
            if other != value:
                raise ConfigError(
                    f'{where}{name} is {other!r} under {before!r} and {value!r} under {node!r}: '
                    'the nodes share their settings')
    return {name: value for name, (value, _) in found.items()}


def _dotted(values: Mapping[str, Any], prefix: str = '') -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            flat.update(_dotted(value, f'{prefix}{key}.'))
        else:
            flat[f'{prefix}{key}'] = value
    return flat


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not set: ROS parameter files know no null."""
    return {
        key: _without_none(value) if isinstance(value, dict) else value
        for key, value in values.items() if value is not None}
