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

"""Policies compared on the same worlds and seeds, on all cores, resumable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
import dataclasses
from dataclasses import dataclass
import json
from pathlib import Path

from rfsn_ros.errors import InputError
from rfsn_ros.navigation.registry import POLICIES
from rfsn_ros.training.fingerprint import checkpoint_fingerprint, fingerprint
from rfsn_ros.training.parallel import Workers
from rfsn_ros.training.results import EpisodeResult
from rfsn_ros.training.worker import (
    Drive,
    DriveOutcome,
    Policies,
    run_drive,
    set_up,
    Setting,
)

__all__ = ['POLICY_FORMS', 'Candidate', 'evaluate']

POLICY_FORMS = {
    **POLICIES,
    'default': 'the shipped model, frozen',
    'FILE.rfsn': 'a model, frozen',
    'bandit=FILE': 'a model that learns within each drive',
}
"""What `Candidate.parse` reads."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A policy to be judged: its name and, for a learned one, the file of its model."""

    policy: str
    checkpoint: str | None = None

    @classmethod
    def parse(cls, text: str) -> Candidate:
        """
        Read ``random``, ``dwa:0.5``, ``frozen=FILE`` or ``default``.

        ``default`` is the shipped model and ``FILE.rfsn`` any other, both frozen.

        :raises InputError: no policy has this form, or a folder stands where a file should.

        >>> Candidate.parse('default')
        Candidate(policy='frozen', checkpoint='default')
        """
        kind, _, argument = text.partition(':')
        if text in POLICIES or (argument and kind in ('fixed', 'dwa')):
            return cls(text)
        name, equals, file = text.partition('=') if '=' in text else ('frozen', '', text)
        if file not in ('', 'default') and Path(file).is_dir():
            raise InputError(
                f'policy {text!r}: {file} is a folder; the file of a model is wanted, such as '
                f'{Path(file) / "checkpoints" / "final.rfsn"}')
        if name not in ('bandit', 'frozen') or not (
                equals or file == 'default' or file.endswith('.rfsn')):
            raise InputError(f'policy {text!r}: must be one of {", ".join(POLICY_FORMS)}')
        return cls(name, file)

    @property
    def label(self) -> str:
        """Return what tables call it."""
        if self.checkpoint is None:
            return self.policy
        model = Path(self.checkpoint).stem
        return model if self.policy == 'frozen' else f'{self.policy}={model}'


def evaluate(
    setting: Setting, candidates: Sequence[Candidate], *, seeds: Sequence[int], workers: int = 1,
    store: Path | None = None, on_result: Callable[[str, EpisodeResult], None] | None = None,
) -> dict[str, list[EpisodeResult]]:
    """
    Drive every candidate through every world with every seed; return results by label.

    They are in the order of seeds and worlds; `on_result` hears of each as it comes.
    Nothing is learned from one drive to the next, so drives are independent of their order.
    `store` is a file of finished drives; those found there are not driven again.

    :raises InputError: two candidates have one label, or the store is damaged or holds one of the
        drives under other settings or with another model.
    :raises ConfigError: no policy has the name of a candidate.
    :raises CheckpointError: the file of a model cannot be loaded.
    """
    if len({item.label for item in candidates}) < len(candidates):
        raise InputError(
            f'policies: {", ".join(item.label for item in candidates)}: two have one name')
    policies = Policies(setting)
    for item in candidates:
        # What cannot be opened shall be known before the drives.
        policies.policy(item.policy, item.checkpoint, seed=0)
    done = _read_store(store)
    worlds = [fingerprint(world) for world in setting.worlds]
    results: dict[tuple[str, int], EpisodeResult] = {}
    jobs: list[tuple[str, str, Drive]] = []
    for item in candidates:
        learner = checkpoint_fingerprint(item.checkpoint) or setting.bandit
        shared = fingerprint((setting.navigation, setting.sim, item.policy, learner))
        for number, (seed, world) in enumerate(
                (seed, world) for seed in seeds for world in range(len(setting.worlds))):
            name, under = setting.worlds[world].name, fingerprint((shared, worlds[world]))
            if (item.label, name, seed) in done:
                before, found = done[item.label, name, seed]
                if before != under:
                    raise InputError(
                        f'{store}: {item.label} drove {name} with seed {seed} under other '
                        'settings or with another model: name another store')
                results[item.label, number] = found
                if on_result is not None:
                    on_result(item.label, found)
                continue
            jobs.append((item.label, under, Drive(
                number=number, policy=item.policy, world=world, seed=seed,
                checkpoint=item.checkpoint, learn=item.policy == 'bandit')))
    if jobs:
        with Workers(min(workers, len(jobs)), set_up, (policies,)) as pool:
            # As they come: nothing that is done shall be lost behind a drive that takes longer.
            for place, outcome in pool.completed(run_drive, [drive for _, _, drive in jobs]):
                label, under, drive = jobs[place]
                _append(store, label, under, outcome)
                results[label, drive.number] = outcome.result
                if on_result is not None:
                    on_result(label, outcome.result)
    drives = range(len(seeds) * len(setting.worlds))
    return {item.label: [results[item.label, number] for number in drives] for item in candidates}


def _append(store: Path | None, label: str, under: str, outcome: DriveOutcome) -> None:
    if store is None:
        return
    line = json.dumps({'label': label, 'settings': under, **dataclasses.asdict(outcome.result)})
    with store.open('a', encoding='utf-8') as file:
        file.write(line + '\n')


def _read_store(
    store: Path | None,
) -> dict[tuple[str, str, int], tuple[str, EpisodeResult]]:
    """
    Return finished drives by (label, world, seed), with the fingerprint of their settings.

    A torn last line is cut off.
    """
    found: dict[tuple[str, str, int], tuple[str, EpisodeResult]] = {}
    if store is None or not store.exists():
        return found
    try:
        text = store.read_text(encoding='utf-8')
    except UnicodeDecodeError as error:
        raise InputError(f'{store}: not a store of drives: {error}') from None
    whole = text[:text.rfind('\n') + 1]
    if whole != text:
        store.write_text(whole, encoding='utf-8')
    for number, line in enumerate(whole.splitlines(), start=1):
        try:
            values = json.loads(line)
            label, under = values.pop('label'), values.pop('settings')
            result = EpisodeResult(**values)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InputError(f'{store}:{number}: not a drive: {error}') from None
        found[label, result.world, result.seed] = under, result
    return found
