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

"""After a rehearsal nothing is left to be compiled."""

import importlib
import pkgutil

from numba.core.registry import CPUDispatcher
import pytest
import rfsn_ros.navigation
from rfsn_ros.navigation import NavigationConfig, Navigator
from rfsn_ros.navigation.registry import make_policy
from rfsn_ros.navigation.rehearsal import rehearse
from rfsn_ros.navigation.robots import ROBOTS, settings_of
from rfsn_ros.sim import make_simulator, parse_worlds, SimConfig
from rfsn_ros.sim.config import DISTURBANCES
from rfsn_ros.training.episode import run_episode


def known_signatures():
    """Return how many signatures of every compiled function of navigation are at hand."""
    modules = [importlib.import_module(f'rfsn_ros.navigation.{one.name}')
               for one in pkgutil.iter_modules(rfsn_ros.navigation.__path__)]
    return {f'{one.__module__}.{name}': len(one.signatures)
            for module in modules for name, one in vars(module).items()
            if isinstance(one, CPUDispatcher) and one.__module__ == module.__name__}


def test_a_drive_among_moving_obstacles_compiles_nothing_more():
    config = NavigationConfig()
    rehearse(config)
    before = known_signatures()
    navigator = Navigator(config, make_policy('greedy', config))
    simulator = make_simulator(SimConfig(disturbances=DISTURBANCES['moving']))
    seen = []
    for number, world in enumerate(parse_worlds('generated:0-2')):
        run_episode(simulator, navigator, world, number=number, seed=number,
                    on_decision=lambda decision: seen.append(len(decision.percept.discs)))
    assert max(seen) > 0
    assert known_signatures() == before


@pytest.mark.parametrize('robot', ROBOTS)
def test_every_robot_can_rehearse(robot):
    rehearse(settings_of(robot))
