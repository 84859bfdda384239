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
Traces of any robot's bag: what this package would have seen, and which primitive was driven.

Observations are rebuilt from scans and odometry at the decision period. The motion that followed
is matched to the nearest primitive, and the reward comes from what happened. Every primitive is
also rolled out on the recorded scan; that forecast says what the others might have earned.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from rfsn_ros.errors import BagError, SensorError
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.navigator import Navigator
from rfsn_ros.navigation.observation import (
    Glimpse,
    halfway,
    LaserScan,
    Observation,
    Twist2D,
)
from rfsn_ros.navigation.policies import Situation
from rfsn_ros.navigation.registry import make_policy
from rfsn_ros.navigation.reward import REWARD_TERMS
from rfsn_ros.replay.appraiser import Appraiser, Step
from rfsn_ros.replay.recording import OdometryTrack, Recording
from rfsn_ros.replay.trace import FloatArray, Trace, TraceKind

__all__ = ['rebuild']

_SHORTEST = 5  # decisions of a drive that say something


def rebuild(
    recording: Recording, config: NavigationConfig, *,
    goal: tuple[float, float] | None = None, keep: bool = False,
) -> tuple[Trace, list[Situation] | None]:
    """
    Return the trace of a bag as this package would have decided.

    With `keep`, its situations come second, for policies that look at scans; they are large.
    The goal is `goal` (odom frame), else the newest recorded goal, else where each drive ended.

    :raises BagError: no drive in the bag is long enough.
    """
    navigator = Navigator(config, make_policy('greedy', config))
    steps: list[Step] = []
    refusals: list[str] = []
    with Appraiser(navigator, keep=keep) as appraiser:
        for number, (scans, target) in enumerate(_drives(recording, goal)):
            steps.extend(
                _drive(recording, navigator, appraiser, scans, target, number, refusals))
    kept = [step for step in steps if step.reward is not None and step.reward.valid]
    if not kept:
        why = f'; {len(refusals)} scans were not usable ({refusals[0]})' if refusals else ''
        raise BagError(f'{recording.name}: no drive in it has {_SHORTEST} decisions '
                       f'({recording.duration:.1f} s of scans{why})')
    seen = [step.seen for step in kept if step.seen is not None]
    rewards = [step.reward for step in kept if step.reward is not None]
    limits = config.reward.lowest, config.reward.highest
    features = np.array([one.actions for one in seen])
    context = np.array([one.context for one in seen])
    mask = np.array([one.mask for one in seen])
    action = np.array([step.action for step in kept])
    infeasible = int(np.sum(~mask[np.arange(len(kept)), action]))
    odometry = [step.odometry for step in kept]
    trace = Trace(
        source=recording.name, kind=TraceKind.REBUILT, primitives=navigator.library.names,
        term_names=REWARD_TERMS, reward_range=limits,
        stamp=np.array([one.stamp for one in odometry]),
        pose=np.array([[one.pose.x, one.pose.y, one.pose.yaw] for one in odometry]),
        drive=np.array([step.drive for step in kept]),
        context=context, features=features, mask=mask, action=action,
        probability=np.full(len(kept), np.nan),
        reward=np.array([reward.total for reward in rewards]),
        terms=np.array([[reward.terms[name] for name in REWARD_TERMS] for reward in rewards]),
        forecast=np.clip(np.array([one.forecast for one in seen]), *limits),
        quality=recording.quality.to_dict(),
        facts={'decisions': len(steps), 'scans not usable': len(refusals),
               'driven though not feasible': infeasible, 'duration': recording.duration,
               'path_length': recording.odometry.path_length,
               'robot': config.robot.to_dict()})
    situations = [one.situation for one in seen if one.situation is not None]
    return trace, situations if keep else None


def _drives(
    recording: Recording, goal: tuple[float, float] | None,
) -> list[tuple[Sequence[LaserScan], tuple[float, float]]]:
    """Cut the recording at gaps and new goals; return each drive's scans and goal."""
    scans, track = recording.scans, recording.odometry
    cuts = {0, len(scans), *recording.breaks}
    stamps = [scan.stamp for scan in scans]
    goals = () if goal is not None else recording.goals
    cuts.update(int(np.searchsorted(stamps, time)) for time, _, _ in goals)
    drives: list[tuple[Sequence[LaserScan], tuple[float, float]]] = []
    edges = sorted(cuts)
    for first, last in pairwise(edges):
        if first == last:
            continue
        end = track.at(stamps[last - 1]).pose
        given = [(x, y) for time, x, y in goals if time <= stamps[first] + 1e-6]
        drives.append((scans[first:last], goal or (given[-1] if given else (end.x, end.y))))
    return drives


def _drive(
    recording: Recording, navigator: Navigator, appraiser: Appraiser, scans: Sequence[LaserScan],
    goal: tuple[float, float], number: int, refusals: list[str],
) -> list[Step]:
    config, track, given = navigator.config, recording.odometry, recording.commands
    commands = deque(zip(given.stamp.tolist(), given.twist.tolist(), strict=True))
    navigator.reset()
    steps: list[Step] = []
    due = -np.inf
    between: list[LaserScan] = []
    stamps = np.array([scan.stamp for scan in scans])
    driven = _driven(track, stamps, navigator)
    for scan, newest, action in zip(scans, track.newest(stamps), driven, strict=True):
        if scan.stamp < due - 1e-6:
            between.append(scan)
            continue
        while commands and commands[0][0] <= scan.stamp:
            time, (v, w) = commands.popleft()
            navigator.history.add(time, Twist2D(v, w))
        odometry = track.number(newest)
        try:
            sighting = navigator.perceive(Observation(
                scan, odometry, goal, _midway(between, due - config.decision_period, scan, track)))
        except SensorError as error:
            refusals.append(str(error))
            continue
        due = scan.stamp + config.decision_period
        between.clear()
        step = Step(odometry, action, number)
        appraiser.decision(step, sighting)
        steps.append(step)
    appraiser.finish()
    return steps if len(steps) >= _SHORTEST else []


def _midway(
    between: Sequence[LaserScan], first: float, scan: LaserScan, track: OdometryTrack,
) -> Glimpse | None:
    """Return what was seen about half way from `first` to a scan."""
    number = halfway([one.stamp for one in between], first, scan.stamp)
    return None if number is None else (between[number], track.at(between[number].stamp))


def _driven(track: OdometryTrack, stamps: FloatArray, navigator: Navigator) -> list[int]:
    """
    Return the primitive that was driven in the decision period after each time, shape (n,).

    It is the one nearest to the mean velocity in that period, later by the latency.
    """
    config = navigator.config
    start = stamps + config.robot.latency
    first = np.minimum(np.searchsorted(track.stamp, start), len(track) - 1)
    last = np.maximum(np.searchsorted(track.stamp, start + config.decision_period), first + 1)
    # each period on its own: in running totals one damaged velocity would spoil all that follow
    sums = np.add.reduceat(np.pad(track.twist, ((0, 1), (0, 0))), np.ravel((first, last), 'F'))
    mean = sums[::2] / (last - first)[:, None]
    return [navigator.library.nearest(v, w) for v, w in mean.tolist()]
