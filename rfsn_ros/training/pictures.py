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
Drives as pictures: what `rfsn evaluate` compared, driven once more and looked at.

A drive follows from policy, world and seed, so the one in the picture is the one in the table.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rfsn_ros.errors import InputError
from rfsn_ros.navigation.navigator import Navigator
from rfsn_ros.outputs import check_plot
from rfsn_ros.sim import make_simulator
from rfsn_ros.sim.pictures.recorder import EpisodeRecorder
from rfsn_ros.sim.pictures.trajectories import plot_trajectories, Trajectory
from rfsn_ros.sim.pictures.video import check_video, write_video
from rfsn_ros.training.episode import run_episode
from rfsn_ros.training.evaluate import Candidate
from rfsn_ros.training.worker import Policies, Setting

__all__ = ['PictureOptions', 'make_pictures']


@dataclass(frozen=True, slots=True)
class PictureOptions:
    """Files to write, each left out where None; `worlds` is how many worlds are shown."""

    video: Path | None
    plot: Path | None
    worlds: int

    def __post_init__(self) -> None:
        """
        Check before the drives what would fail after them.

        :raises InputError: a file's name says no known format, it cannot be written, or no world
            is to be shown.
        :raises MissingDependencyError: what a picture needs is not installed.
        """
        if self.video is not None:
            check_video(self.video)
        if self.plot is not None:
            check_plot(self.plot)
        if self.worlds < 1:
            raise InputError(f'picture worlds = {self.worlds}: must be >= 1')

    def __bool__(self) -> bool:
        return self.video is not None or self.plot is not None


def make_pictures(
    options: PictureOptions, setting: Setting, candidates: Sequence[Candidate], *, seed: int,
    on_drive: Callable[[str], None] | None = None,
) -> None:
    """
    Drive every candidate through the first worlds with one seed; write video and plot.

    :raises MissingDependencyError: what a picture needs is not installed.
    """
    drives: list[EpisodeRecorder] = []
    trajectories: list[Trajectory] = []
    policies = Policies(setting)
    with make_simulator(setting.sim) as sim:
        for number, world in enumerate(setting.worlds[:options.worlds]):
            for candidate in candidates:
                policy = policies.policy(candidate.policy, candidate.checkpoint, seed=seed + 1)
                navigator = Navigator(setting.navigation, policy, session='picture')
                recorder = EpisodeRecorder(navigator.library, label=candidate.label)
                run_episode(
                    sim, navigator, world, number=number, seed=seed,
                    learn=candidate.policy == 'bandit', on_decision=recorder.decision,
                    on_tick=recorder.tick)
                if options.video is not None:
                    drives.append(recorder)
                trajectories.append(
                    Trajectory(candidate.label, world, recorder.trail, recorder.outcome))
                if on_drive is not None:
                    on_drive(candidate.label)
    if options.plot is not None:
        plot_trajectories(options.plot, trajectories)
    if options.video is not None:
        write_video(options.video, [recorder.scenes for recorder in drives])
