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

"""Many bags at once: one job per bag, on all cores or on a Ray cluster, resumable."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache
import hashlib
import json
from pathlib import Path
import time
from typing import Any

from rfsn_ros import __version__
from rfsn_ros.bandit.decision_log import log_files
from rfsn_ros.errors import RfsnError
from rfsn_ros.navigation.config import NavigationConfig
from rfsn_ros.navigation.rehearsal import rehearse
from rfsn_ros.navigation.robots import settings_of
from rfsn_ros.replay.candidates import candidate_pmf, needs_scans, RECORDED, untaught
from rfsn_ros.replay.decided import (
    decided_trace,
    log_trace,
    recorded_model,
    recorded_settings,
)
from rfsn_ros.replay.engines import engine_of, Run
from rfsn_ros.replay.places import bag_files, recordings, storage_of
from rfsn_ros.replay.reader import read_bag
from rfsn_ros.replay.rebuilt import rebuild
from rfsn_ros.replay.recording import Recording
from rfsn_ros.replay.robots import (
    common_limits,
    contradictions,
    Driven,
    guess_robot,
    Limits,
    recognise,
)
from rfsn_ros.replay.storage import load_types
from rfsn_ros.replay.topics import ReaderConfig
from rfsn_ros.replay.trace import Trace

__all__ = ['BagJob', 'Outcome', 'find_bags', 'run_job', 'run_jobs']

AUTO = 'auto'


@dataclass(frozen=True, slots=True, kw_only=True)
class BagJob:
    """
    All that is needed to replay one bag, in plain values.

    `navigation` holds settings that go before those in the bag; `robot` is one of
    `navigation.robots.ROBOTS`, or ``auto`` for what the bag suggests, then with the `limits` of
    its kind. `rebuilt` treats a bag of this package like any other robot's.
    """

    path: str
    policies: tuple[str, ...] = ()
    reader: dict[str, Any] = field(default_factory=dict)
    navigation: dict[str, Any] | None = None
    robot: str = AUTO
    limits: Limits = field(default_factory=dict)
    goal: tuple[float, float] | None = None
    rebuilt: bool = False
    seed: int = 1

    def key(self) -> str:
        """Return a name for the result that changes with everything the result depends on."""
        path = Path(self.path)
        files = log_files(path) if path.suffix == '.jsonl' else bag_files(path)
        # what sqlite has not entered into its file yet is read as well
        files += [journal for file in files for ending in ('-wal', '-journal')
                  if (journal := file.with_name(file.name + ending)).exists()]
        files += [Path(name) for name in self.policies if Path(name).is_file()]
        stats = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
        text = json.dumps([__version__, asdict(self), stats], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one bag: its trace, or why it was refused."""

    path: str
    trace: Trace | None = None
    refusal: str = ''


def find_bags(paths: Iterable[str | Path]) -> list[Path]:
    """
    Return the bags and decision logs below the given paths, each once.

    A folder that holds one recording is a bag; any other folder is searched.
    """
    found: list[Path] = []
    for path in map(Path, paths):
        inner = [path] if not path.is_dir() else recordings(path)
        if inner != [path]:
            below = sorted(folder for folder in path.rglob('*') if folder.is_dir())
            inner.extend(bag for folder in below for bag in recordings(folder))
        found.extend(inner or [path])
    # By whatever name or link: evidence that is counted twice is not twice the evidence.
    places = {path.resolve(): path for path in reversed(found)}
    parts = {part for place in places if place.suffix == '.jsonl'
             for part in log_files(place) if part != place}
    parts |= {place for place in places if storage_of(place) is not None and (
        place.is_file() and place.parent in places)}
    return [path for place, path in reversed(places.items()) if place not in parts]


def run_job(job: BagJob) -> Trace:
    """
    Replay one bag: read it, get its decisions, ask every policy.

    The facts of the trace say how long that took, ``replay_time``, and apart from it what a
    process has to load before its first bag, ``loading_time``, seconds.

    :raises BagError: the bag cannot be used; one line.
    """
    begun = time.perf_counter()
    given = None if job.navigation is None else NavigationConfig.from_dict(job.navigation)
    path = Path(job.path)
    model, situations = None, None
    loading = 0.0
    if path.suffix == '.jsonl':
        config = given or NavigationConfig()
        trace = log_trace(path, config)
    else:
        loading += _timed(lambda: load_types(path))
        recording = read_bag(path, ReaderConfig.from_dict(job.reader))
        recorded = recorded_settings(recording)
        config = given or recorded or NavigationConfig()
        if recording.own and not job.rebuilt:
            trace, model = decided_trace(recording), recorded_model(recording)
        else:
            loading += _timed(_load_compiled)
            config, doubts = _robot_of(recording, given or recorded, job)
            trace, situations = rebuild(
                recording, config, goal=job.goal, keep=any(map(needs_scans, job.policies)))
            trace.facts['doubts'] = doubts
    for name in job.policies:
        trace.candidates[name] = candidate_pmf(
            name, trace, config, model=model, situations=situations, seed=job.seed)
    if RECORDED in job.policies and model is not None and untaught(model):
        trace.quality['notes'].append(
            f'{RECORDED}: the model in the bag had learned nothing yet; what it learned since is '
            "in the run's checkpoints/final.rfsn")
    trace.facts['navigation'] = config.to_dict()
    trace.facts['loading_time'] = loading
    trace.facts['replay_time'] = time.perf_counter() - begun - loading
    return trace


@cache
def _load_compiled() -> None:
    """Load what is compiled, once in a process."""
    rehearse(NavigationConfig())


def _timed(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _robot_of(
    recording: Recording, settings: NavigationConfig | None, job: BagJob,
) -> tuple[NavigationConfig, list[str]]:
    """Return the settings for a bag without decisions, and what in it speaks against them."""
    notes = recording.quality.notes
    if settings is None and job.robot == AUTO:
        config, why = guess_robot(recording, job.limits)
        notes.append(why)
        return config, []
    config = settings or settings_of(job.robot)
    doubts = contradictions(
        recording, config.robot, 'the robot of these settings' if settings else job.robot)
    notes.extend(doubts)
    return config, doubts


def run_jobs(
    jobs: Sequence[BagJob], *, engine: str = 'processes', workers: int | None = None,
    cache: Path | None = None, done: Callable[[Outcome], None] | None = None,
) -> list[Outcome]:
    """
    Replay all bags and return the outcomes in their order, whatever the engine.

    Robots of one kind that are guessed get the same limits, which cover what nearly all of them
    drove at, so that their bags can be judged together.

    With a `cache` folder, bags whose result is there are not replayed again, so that an
    interrupted run goes on where it stopped. `done` is called as each bag is through.

    :raises ConfigError: an unknown engine.
    :raises MissingDependencyError: ray is asked for and not installed.
    """
    start = engine_of(engine)
    outcomes: dict[int, Outcome] = {}

    def finish(number: int, outcome: Outcome, place: Path | None = None) -> None:
        outcomes[number] = outcome
        if place is not None and outcome.trace is not None:
            outcome.trace.save(place)
        if done is not None:
            done(outcome)

    waiting: dict[int, Path | None] = {}
    with start(workers, len(jobs)) as run:
        jobs = _agreed(jobs, run)
        for number, job in enumerate(jobs):
            # named now: files that change while they are read get another name the next time
            place = None if cache is None else _cached(cache, job)
            outcome = _saved(place, job)
            if outcome is None:
                waiting[number] = place
            else:
                finish(number, outcome)
        for number, outcome in run(_attempt, [(number, jobs[number]) for number in waiting]):
            finish(number, outcome, waiting[number])
    return [outcomes[number] for number in range(len(jobs))]


def _agreed(jobs: Sequence[BagJob], run: Run) -> list[BagJob]:
    """Return jobs in which all robots of one kind that are guessed have the same limits."""
    guessed = [(number, job) for number, job in enumerate(jobs) if job.robot == AUTO and (
        job.navigation is None and not job.path.endswith('.jsonl'))]
    if len(guessed) < 2:
        return list(jobs)
    limits = common_limits(robot for _, robot in run(_scout, guessed) if robot is not None)
    return [replace(job, limits=limits) for job in jobs]


def _scout(job: BagJob) -> Driven | None:
    """Return the robot that a bag suggests, None where it says itself or cannot be read."""
    try:
        recording = read_bag(Path(job.path), ReaderConfig.from_dict(job.reader))
        own = (recording.own and not job.rebuilt) or recorded_settings(recording) is not None
    # why it cannot be used is said where it is replayed
    except RfsnError:
        return None
    return None if own else recognise(recording)


def _attempt(job: BagJob) -> Outcome:
    try:
        return Outcome(job.path, run_job(job))
    except RfsnError as error:
        return Outcome(job.path, refusal=str(error))


def _cached(cache: Path, job: BagJob) -> Path | None:
    try:
        return cache / f'{job.key()}.npz'
    # why it cannot be read is said where it is replayed
    except RfsnError:
        return None


def _saved(place: Path | None, job: BagJob) -> Outcome | None:
    try:
        return Outcome(job.path, Trace.load(place)) if place is not None and (
            place.exists()) else None
    except RfsnError:
        return None
