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

"""Command line options that training and evaluation share: robot, simulator, worlds."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
import re
import sys

from rfsn_ros.arguments import whole
from rfsn_ros.bandit import BanditConfig
from rfsn_ros.config import RFSNConfig
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.robots import settings_of
from rfsn_ros.sim import parse_worlds, SimConfig, World
from rfsn_ros.sim.config import DISTURBANCES, Engine, ROBOTS
from rfsn_ros.sim.driver import other_robot
from rfsn_ros.sim.period import check_control_rate
from rfsn_ros.training.parallel import available_cores

__all__ = ['ChosenSetting', 'add_setting_options', 'chosen_setting', 'run_folder', 'titled']

DEFAULT_WORLDS = 'generated:0-49'
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class ChosenSetting:
    """What the shared options chose; `bandit` is None where no file was given."""

    navigation: NavigationConfig
    sim: SimConfig
    bandit: BanditConfig | None
    worlds: tuple[World, ...]


def add_setting_options(parser: argparse.ArgumentParser, *, engine: Engine) -> None:
    """Add the shared options; `engine` is the simulator where none is asked for."""
    group = parser.add_argument_group('robot and worlds')
    group.add_argument('--params', type=Path, metavar='FILE',
                       help='settings (YAML, as config/default.yaml); the options below win')
    group.add_argument('--worlds', default=DEFAULT_WORLDS, metavar='SPEC',
                       help='worlds to drive in, such as generated:0-49 or '
                            'barn:FILE.json:1-5,7 (default: %(default)s)')
    group.add_argument('--robot', choices=sorted(ROBOTS), help='robot (default: jackal)')
    group.add_argument('--sim', choices=[item.value for item in Engine], default=engine.value,
                       help='simulator: fast unicycle or PyBullet wheels (default: %(default)s)')
    group.add_argument('--disturbances', choices=sorted(DISTURBANCES),
                       help='what disturbs the robot (default: default)')
    group.add_argument('--reactive', action='store_true',
                       help='drive without memory and guidance')
    group.add_argument('--seed', type=whole(0), default=1, help='seed of everything (default: 1)')
    group.add_argument('--workers', type=whole(1), default=available_cores(),
                       help='processes (default: all %(default)s cores)')


def chosen_setting(options: argparse.Namespace) -> ChosenSetting:
    """
    Return what the shared options ask for; say on stderr what of it has no effect or clashes.

    :raises RfsnError: a file, a world or a number is not usable.
    """
    if options.params is None:
        navigation, sim, bandit = NavigationConfig(), SimConfig(), None
    else:
        config = RFSNConfig.from_yaml(options.params)
        for sentence in config.without_effect():
            print(sentence, file=sys.stderr)
        navigation, sim, bandit = config.navigation, config.sim, config.bandit
    if options.robot is not None:
        navigation = settings_of(options.robot, navigation)
        sim = SimConfig.for_robot(
            options.robot, engine=sim.engine, disturbances=sim.disturbances)
    sim = sim.replace(engine=Engine(options.sim))
    if (mismatch := other_robot(sim.robot, navigation.robot)) is not None:
        print(mismatch, file=sys.stderr)
    if options.disturbances is not None:
        sim = sim.replace(disturbances=DISTURBANCES[options.disturbances])
    if options.reactive:
        navigation = navigation.reactive()
    check_control_rate(navigation, sim)
    worlds = parse_worlds(options.worlds, robot=sim.robot)
    return ChosenSetting(navigation, sim, bandit, tuple(worlds))


def run_folder(name: str) -> Path:
    """Return the folder of a run: ``runs/NAME`` for a bare name, else the path itself."""
    return Path(name) if '/' in name else Path('runs', name)


def titled(worlds: str) -> str:
    """Return a specification of worlds as it fits into a title: without folders, and cut short."""
    named = re.sub(r'(^|;)(\s*\w+:)[^:;]*/', r'\1\2', worlds)
    return named if len(named) <= _WIDEST else f'{named[:_WIDEST - 3]}...'
