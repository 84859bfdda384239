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

"""From a bag of any robot to a `Recording`; what cannot be used is counted or refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import compress
import math
from pathlib import Path
from typing import Any

import numpy as np
from rfsn_ros.errors import BagError
from rfsn_ros.navigation.observation import Pose2D
from rfsn_ros.replay.clock import pause
from rfsn_ros.replay.goals import goals_of, lying_elsewhere
from rfsn_ros.replay.messages import in_order, without_repeats
from rfsn_ros.replay.models import recorded_yaml
from rfsn_ros.replay.mounting import fitting_yaw
from rfsn_ros.replay.odometry import track_of
from rfsn_ros.replay.recording import (
    Commands,
    FloatArray,
    OdometryTrack,
    Quality,
    Recording,
)
from rfsn_ros.replay.samples import header_stamp, LAYOUTS, Samples
from rfsn_ros.replay.scans import Scans, scans_of
from rfsn_ros.replay.storage import BagFiles
from rfsn_ros.replay.topics import ODOMETRY, place_of, poses_instead, ReaderConfig, shared, Topics
from rfsn_ros.replay.transforms import BASE_FRAMES, find_mount, Frames, Mount, pose_of
from rfsn_ros.schema import YAML_ERRORS

__all__ = ['read_bag']

_ODOM = 'odom'  # the frame of odometry that names none
_NEAR = 0.5  # s; older odometry does not say where a scan was taken


def read_bag(path: str | Path, config: ReaderConfig | None = None) -> Recording:
    """
    Read one bag: a file or a folder of split files, sqlite3, mcap or ROS 1.

    :raises BagError: it cannot be read, or has no usable scans or no odometry; one line.
    """
    config = config or ReaderConfig()
    path = Path(path)
    quality = Quality()
    with BagFiles(path) as bag:
        chosen = Topics.choose(bag, config, quality)
        layouts = {name: LAYOUTS[bag.topics[name].type]
                   for name in (chosen.odometry, chosen.cmd_vel) if name}
        late = chosen.moving_transforms()
        found, tables = bag.read(set(chosen.all) - set(late), layouts)
        frames = _frames(found, chosen)
        mount = _found_mount(found, chosen, config, frames)
        if late and not (
                len(tables[chosen.odometry]) and (mount or config.laser_yaw is not None)
                and not lying_elsewhere(found.get(chosen.goal, ()), frames,
                                        tables[chosen.odometry].frame or _ODOM)):
            found.update(bag.read(set(late), {})[0])
            frames = _frames(found, chosen)
            mount = mount or _found_mount(found, chosen, config, frames)
        quality.notes = bag.notes + quality.notes
        quality.undecodable = sum(bag.undecodable.values())
        quality.undecodable_own = sum(
            bag.undecodable.get(name, 0) for name in chosen.own.values())
        if quality.undecodable:
            per_topic = ', '.join(f'{count} of {name}' for name, count in bag.undecodable.items())
            quality.notes.append(f'messages that could not be decoded: {per_topic}')
        topics = {topic.name: topic.type for topic in bag.topics.values()}
        instead = poses_instead(bag.topics.values())
    return _Builder(
        path, config, quality, chosen, found, tables, topics, frames, mount, instead).build()


@dataclass(slots=True)
class _Builder:
    """Turns decoded messages into a `Recording`, counting on the way."""

    path: Path
    config: ReaderConfig
    quality: Quality
    topics: Topics
    found: dict[str, list[tuple[float, Any]]]
    tables: dict[str, Samples]
    types: dict[str, str]
    frames: Frames
    mount: Mount | None
    instead: str

    def build(self) -> Recording:
        messages = self._of(self.topics.scan)
        odometry = self.tables.get(self.topics.odometry)
        if odometry is None or not len(odometry):
            odometry = self._odometry_of_transforms()
        self._choose_clock(messages, odometry)
        by_bag = self.quality.clock == 'bag'
        stamps = np.array([
            arrived if by_bag else header_stamp(message) for arrived, message in messages])
        mount = self._mount(messages)
        seen = scans_of([message for _, message in messages], stamps, mount or Mount(Pose2D()),
                        self.quality, str(self.path))
        # poses come without velocities
        values = np.pad(odometry.values, ((0, 0), (0, 8 - odometry.values.shape[1])))
        track = track_of(
            self._times(odometry), values, seen.offsets, self.quality, str(self.path))
        if stray := self.quality.stray_stamps + self.quality.stray_odometry:
            self.quality.notes.append(
                'scans or odometry whose stamps lie apart from those around them, left out: '
                f'{stray}')
        scans = self._placed(seen, track)
        if mount is None:
            scans = self._turned(scans, track, messages[0][1].header.frame_id)
        return Recording(
            name=self._name(), scans=tuple(scans.scans), odometry=track,
            commands=self._commands(), quality=self.quality,
            goals=self._goals(scans, odometry.frame or _ODOM), breaks=tuple(scans.breaks),
            topics=self.types, laser_frame=messages[0][1].header.frame_id, **self._own())

    def _placed(self, seen: Scans, track: OdometryTrack) -> Scans:
        """
        Return the scans at whose time there is odometry; a new drive begins where it is missing.

        :raises BagError: there are none.
        """
        stamps = np.array([scan.stamp for scan in seen.scans])
        near = pause(track.stamp, _NEAR)
        newest = np.maximum(np.searchsorted(track.stamp, stamps, side='right') - 1, 0)
        placed = np.abs(stamps - track.stamp[newest]) <= near
        missing = int(np.sum(~placed))
        if missing == len(placed):
            raise BagError(f'{self.path}: no scan has odometry within {near:.2g} s (scans '
                           f'{stamps[0]:.1f} to {stamps[-1]:.1f} s, odometry '
                           f'{track.stamp[0]:.1f} to {track.stamp[-1]:.1f} s)')
        self.quality.scans_without_odometry = missing
        if missing:
            self.quality.notes.append(
                f'{missing} of {len(placed)} scans were left out, for there is no odometry within '
                f'{near:.2g} s before them')
        before = np.concatenate(([0], np.cumsum(placed)))
        breaks = set(before[[*seen.breaks, *np.flatnonzero(~placed)]].tolist())
        return Scans(
            list(compress(seen.scans, placed)), list(compress(seen.numbers, placed)),
            sorted(breaks - {0, len(placed) - missing}), seen.offsets)

    def _name(self) -> str:
        namespace = self.config.namespace
        return f'{self.path.name} ({namespace})' if namespace else self.path.name

    def _own(self) -> dict[str, tuple[Any, ...]]:
        """Return this package's messages, each once, decisions in the order of their making."""
        own: dict[str, tuple[Any, ...]] = {}
        for role, name in self.topics.own.items():
            found = [message for _, message in self._of(name)]
            kept = without_repeats(found)
            self.quality.repeated_own += len(found) - len(kept)
            own[role] = tuple(in_order(kept) if role == 'decisions' else kept)
        if self.quality.repeated_own:
            self.quality.notes.append(
                f'{self.quality.repeated_own} messages of this package are there twice')
        return own

    def _of(self, name: str) -> list[tuple[float, Any]]:
        return self.found.get(name, [])

    def _odometry_of_transforms(self) -> Samples:
        """
        Return the movement of the base in the odom frame where only /tf tells of it.

        :raises BagError: no transform does.
        """
        bases = _bases(self.config)
        found: dict[tuple[str, str], list[tuple[float, ...]]] = {}
        for name in self.topics.transforms:
            for arrived, message in self._of(name):
                for stamped in message.transforms:
                    parent, child = stamped.header.frame_id, stamped.child_frame_id
                    if 'odom' in parent.split('/')[-1] and child.split('/')[-1] in bases:
                        found.setdefault((parent, child), []).append(
                            (arrived, header_stamp(stamped), *pose_of(stamped), 0.0, 0.0))
        if not found:
            raise BagError(f'{self.path}: has no {ODOMETRY[0]}, and no transform from odom to '
                           f'{" or ".join(bases)}{self.instead}; it has '
                           f'{", ".join(sorted(self.types))}')
        laser = place_of(next(
            (scan.header.frame_id for _, scan in self._of(self.topics.scan)), ''))
        pair = max(found, key=lambda pair: (shared(place_of(pair[1]), laser), len(found[pair])))
        self.quality.notes.append(
            f'no odometry topic; poses were taken from transforms ({pair[0]} to {pair[1]})')
        table = np.array(found[pair])
        return Samples(table[:, 0], table[:, 1], table[:, 2:], pair[0])

    def _choose_clock(self, scans: list[tuple[float, Any]], odometry: Samples) -> None:
        """Take header stamps unless they say nothing or scans and odometry disagree."""
        if not scans or not len(odometry):
            what = 'scan' if not scans else 'odometry'
            raise BagError(f'{self.path}: no {what} message could be decoded')
        clock = self.config.clock
        if clock == 'auto':
            stamps = [header_stamp(message) for _, message in scans]
            apart = (min(stamps) > odometry.stamp.max() + 1.0
                     or odometry.stamp.min() > max(stamps) + 1.0)
            unset = len(scans) > 1 and len(set(stamps)) == 1
            clock = 'bag' if apart or unset else 'header'
            if clock == 'bag':
                why = 'are all the same' if unset else 'of scans and odometry do not overlap'
                self.quality.notes.append(f'header stamps {why}; bag times were taken')
        self.quality.clock = clock
        offset = abs(scans[0][0] - header_stamp(scans[0][1]))
        if clock == 'header' and offset > 3600.0:
            self.quality.notes.append(
                'header stamps are of another clock than bag times (simulated time)')

    def _times(self, samples: Samples) -> FloatArray:
        return samples.arrived if self.quality.clock == 'bag' else samples.stamp

    def _mount(self, scans: list[tuple[float, Any]]) -> Mount | None:
        """Return where the laser sits, None where neither transforms nor options say."""
        frame, base = scans[0][1].header.frame_id, _bases(self.config)[0]
        if self.config.laser_yaw is not None:
            return Mount(Pose2D(0.0, 0.0, self.config.laser_yaw), False, base)
        if self.mount is not None:
            if self.mount.upside_down:
                self.quality.notes.append(f'the laser ({frame}) hangs upside down')
            return self.mount
        recorded = self._recorded_mount()
        return None if recorded is None else Mount(recorded, False, base)

    def _turned(self, scans: Scans, track: OdometryTrack, frame: str) -> Scans:
        """Return scans of a laser of which nothing says how it is turned but they themselves."""
        yaw = fitting_yaw(scans.scans, track)
        how = f'be turned by {math.degrees(yaw):.0f} degrees in' if yaw else 'look ahead from'
        why = '' if yaw is None else ', for so its scans fit the odometry'
        self.quality.notes.append(
            f'no transform from {_bases(self.config)[0]} to {frame!r}: the laser is taken to '
            f'{how} the middle of the robot{why} (--laser-yaw says otherwise)')
        if not yaw:
            return scans
        mount = Pose2D(0.0, 0.0, yaw)
        return replace(scans, scans=[replace(scan, mount=mount) for scan in scans.scans])

    def _recorded_mount(self) -> Pose2D | None:
        """Return where this package's nodes took the laser to be, where the bag says so."""
        for _, model in self._of(self.topics.own.get('models', '')):
            try:
                frames = recorded_yaml(model.config)['/**']['ros__parameters']['frames']
                return Pose2D(*(float(frames[name])
                                for name in ('laser_x', 'laser_y', 'laser_yaw')))
            except (*YAML_ERRORS, TypeError):
                continue
        return None

    def _commands(self) -> Commands:
        samples = self.tables.get(self.topics.cmd_vel)
        if samples is None:
            return Commands(np.zeros(0), np.zeros((0, 2)))
        stamp = self._times(samples)
        finite = np.isfinite(stamp) & np.all(np.isfinite(samples.values), axis=1)
        stamp, twist = stamp[finite], samples.values[finite]
        order = np.lexsort((twist[:, 1], twist[:, 0], stamp))
        self.quality.commands = len(stamp)
        return Commands(stamp[order], twist[order])

    def _goals(self, scans: Scans, odom: str) -> tuple[tuple[float, float, float], ...]:
        """Return goals at the scans that came with them: their stamps may be anybody's."""
        messages = self._of(self.topics.scan)
        arrived = [messages[number][0] for number in scans.numbers]
        stamps = [scan.stamp for scan in scans.scans]
        return tuple(
            (float(np.interp(time, arrived, stamps)), x, y) for time, x, y in goals_of(
                self._of(self.topics.goal), self.frames, odom, self.quality))


def _bases(config: ReaderConfig) -> tuple[str, ...]:
    return (config.base_frame,) if config.base_frame else BASE_FRAMES


def _frames(found: Mapping[str, list[tuple[float, Any]]], topics: Topics) -> Frames:
    """Return how frames lie to each other by the transforms that were read."""
    return Frames((arrived, one) for name in topics.transforms
                  for arrived, message in found.get(name, ()) for one in message.transforms)


def _found_mount(
    found: Mapping[str, list[tuple[float, Any]]], topics: Topics, config: ReaderConfig,
    frames: Frames,
) -> Mount | None:
    """Return where the laser sits by the transforms that were read."""
    frame = next((scan.header.frame_id for _, scan in found.get(topics.scan, ())), '')
    return find_mount(frames, frame, _bases(config))
