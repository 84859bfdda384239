"""Simulated worlds, robots and sensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rfsn_ros.sim.config import DisturbancesConfig, Engine, SimConfig
from rfsn_ros.sim.spec import parse_worlds
from rfsn_ros.sim.worlds import World

if TYPE_CHECKING:
    from rfsn_ros.sim.simulator import Simulator

__all__ = ['DisturbancesConfig', 'SimConfig', 'World', 'make_simulator', 'parse_worlds']


def make_simulator(config: SimConfig) -> Simulator:
    """Return the simulator that `config.engine` names.

    :raises MissingDependencyError: what the engine needs is not installed.
    """
    if config.engine is Engine.BULLET:
        from rfsn_ros.sim.bullet import BulletSimulator

        return BulletSimulator(config)
    from rfsn_ros.sim.kinematic import KinematicSimulator

    return KinematicSimulator(config)
