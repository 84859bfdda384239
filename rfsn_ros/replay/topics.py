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

"""Which topics of a bag are read: those of one robot, by name or by type."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from rfsn_ros.errors import BagError
from rfsn_ros.replay.decoders import TRANSFORMS
from rfsn_ros.replay.recording import Quality
from rfsn_ros.replay.storage import BagFiles, Topic
from rfsn_ros.schema import param, Settings

__all__ = ['ODOMETRY', 'ReaderConfig', 'Topics', 'deciding_robots', 'place_of', 'poses_instead',
           'shared']

_SCAN = ('sensor_msgs/msg/LaserScan',)
ODOMETRY = ('nav_msgs/msg/Odometry',)
_POSES = ('geometry_msgs/msg/PoseStamped', 'geometry_msgs/msg/PoseWithCovarianceStamped')
_COMMAND = ('geometry_msgs/msg/Twist', 'geometry_msgs/msg/TwistStamped')
_GOAL = ('geometry_msgs/msg/PoseStamped',)
_OWN = {
    'decisions': 'rfsn_ros/msg/Decision', 'rewards': 'rfsn_ros/msg/Reward',
    'models': 'rfsn_ros/msg/ModelInfo', 'episodes': 'rfsn_ros/msg/Episode',
}
_PREFERRED = {'scan': 'scan', 'odometry': 'odom', 'cmd_vel': 'cmd_vel', 'goal': 'goal_pose'}


@dataclass(frozen=True, kw_only=True)
class ReaderConfig(Settings):
    """Which topics are read and how; an empty name means: find it by type."""

    scan: str = param('', 'Topic of sensor_msgs/LaserScan')
    odometry: str = param('', 'Topic of nav_msgs/Odometry, or of poses, as of motion capture')
    cmd_vel: str = param('', 'Topic of geometry_msgs/Twist or TwistStamped')
    goal: str = param('', 'Topic of geometry_msgs/PoseStamped; found if its name says goal')
    namespace: str = param('', 'Only topics below this namespace; / = those in none')
    laser_yaw: float | None = param(
        None, 'Yaw of the laser in the base frame; from /tf_static where not given', unit='rad')
    base_frame: str = param('', 'Base frame; base_link or base_footprint where not given')
    clock: str = param(
        'auto', 'Stamps taken: of the headers, of the bag, or headers where they are usable',
        choices=('auto', 'header', 'bag'))


@dataclass(slots=True)
class Topics:
    """Names of the topics that are read; empty where there is none."""

    scan: str
    odometry: str
    cmd_vel: str
    goal: str
    transforms: list[str]
    own: dict[str, str]

    @property
    def all(self) -> list[str]:
        """Return every name there is."""
        names = [self.scan, self.odometry, self.cmd_vel, self.goal, *self.transforms,
                 *self.own.values()]
        return [name for name in names if name]

    def moving_transforms(self) -> list[str]:
        """Return topics that need to be read only where fixed transforms do not say enough."""
        moving = [name for name in self.transforms if not name.endswith('tf_static')]
        return moving if self.odometry and len(moving) < len(self.transforms) else []

    @classmethod
    def choose(cls, bag: BagFiles, config: ReaderConfig, quality: Quality) -> Topics:
        """
        Return what was asked for by name, else found by type near its robot; note what was left.

        :raises BagError: a topic asked for is not there, is empty or of another type, or one that
            is needed is missing.
        """
        mine, topics = _of_robot(bag.topics.values(), config.namespace)

        # What belongs to one robot is below one name: that of its decisions, else of its scan.
        places = _deciding(mine)

        def order(topic: Topic, preferred: str) -> tuple[Any, ...]:
            place = place_of(topic.name)
            near = max((shared(place, one) for one in places), default=0)
            return (-near, topic.name.split('/')[-1] != preferred, len(place) - near,
                    -topic.count, topic.name)

        def pick(role: str, types: Sequence[str], asked: str, needed: bool = False,
                 taken: Sequence[str] = ()) -> str:
            if asked:
                named = [topic for topic in topics if topic.name.strip('/') == asked.strip('/')] \
                    or [topic for topic in topics if topic.name.endswith('/' + asked.strip('/'))]
                if not named:
                    raise BagError(f'{bag.path}: has no topic {asked!r}; it has '
                                   f'{_names(bag.topics.values())}')
                if named[0].type not in (*types, *taken):
                    raise BagError(f'{bag.path}: {named[0].name} is {named[0].type}, not '
                                   f'{" or ".join((*types, *taken))}')
                if not named[0].count:
                    raise BagError(f'{bag.path}: {named[0].name} has no message; it has '
                                   f'{_names(bag.topics.values())}')
                return named[0].name
            found = [topic for topic in topics if topic.type in types and topic.count and (
                role != 'goal' or 'goal' in topic.name.split('/')[-1].lower())]
            found.sort(key=lambda topic: order(topic, _PREFERRED[role]))
            if not found:
                if needed:
                    where = f' in namespace {config.namespace}' if config.namespace else ''
                    raise BagError(f'{bag.path}: has no {types[0]}{where}'
                                   f'{poses_instead(topics, taken)}; it has '
                                   f'{_names(bag.topics.values())}')
                return ''
            if len(found) > 1:
                others = ', '.join(topic.name for topic in found[1:])
                quality.notes.append(f'{role}: {found[0].name} was taken, not {others}')
            return found[0].name

        transforms = [topic for topic in topics if topic.type in TRANSFORMS and topic.count]
        inside = [topic for topic in transforms
                  if config.namespace and topic.name not in ('/tf', '/tf_static')]
        scan = pick('scan', _SCAN, config.scan, needed=True)
        places = [place_of(scan)]
        own = {role: min(found, key=lambda topic: order(topic, '')).name
               for role, kind in _OWN.items()
               if (found := [topic for topic in (topics if role == 'episodes' else mine)
                             if topic.type == kind and topic.count])}
        return cls(
            scan, pick('odometry', ODOMETRY, config.odometry, needed=not transforms, taken=_POSES),
            pick('cmd_vel', _COMMAND, config.cmd_vel), pick('goal', _GOAL, config.goal),
            [topic.name for topic in inside or transforms], own)


def poses_instead(topics: Iterable[Topic], taken: Collection[str] = _POSES) -> str:
    """Return, in words, which poses may be taken for odometry where there is none."""
    found = sorted(topic.name for topic in topics if topic.type in taken and topic.count)
    return f' (--odom {found[0]} would take its poses)' if found else ''


def deciding_robots(path: Path) -> list[str]:
    """
    Return the namespaces in which a bag holds decisions, ``/`` for none; each is a robot.

    :raises BagError: it cannot be read.
    """
    with BagFiles(path) as bag:
        return sorted({'/'.join(place) or '/' for place in _deciding(bag.topics.values())})


def _deciding(topics: Iterable[Topic]) -> list[list[str]]:
    """Return the places where decisions are; each is that of a robot."""
    return [place_of(topic.name) for topic in topics
            if topic.type == _OWN['decisions'] and topic.count]


def _of_robot(topics: Collection[Topic], namespace: str) -> tuple[list[Topic], list[Topic]]:
    """
    Return the topics of the robot in a namespace, and those among which its sensors are.

    What lies below the decisions of another robot is that one's. Nodes without a scan in their
    namespace listen in a namespace around it, as a second bandit_node beside one robot does.
    """
    mine = [topic for topic in topics if _below(topic.name, namespace)]
    robot, robots = [name for name in namespace.split('/') if name], _deciding(topics)
    if not namespace or robot not in robots:
        return mine, mine

    def of_others(topic: Topic, depth: int) -> bool:
        return any(len(other) > depth and place_of(topic.name)[:len(other)] == other
                   for other in robots)

    mine = [topic for topic in mine if not of_others(topic, len(robot))]
    if _scanning(mine):
        return mine, mine
    for depth in range(len(robot), -1, -1):
        around = [topic for topic in topics if topic not in mine and not of_others(topic, depth)
                  and place_of(topic.name)[:depth] == robot[:depth]]
        if _scanning(around):
            return mine, mine + around
    return mine, mine


def _scanning(topics: Iterable[Topic]) -> bool:
    return any(topic.type in _SCAN and topic.count for topic in topics)


def place_of(name: str) -> list[str]:
    """Return the names above the last of a topic or frame."""
    return name.strip('/').split('/')[:-1]


def shared(first: list[str], second: list[str]) -> int:
    """Return how many names two places begin with in common."""
    pairs = zip(first, second, strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


def _below(name: str, namespace: str) -> bool:
    inner = namespace.strip('/')
    if namespace and not inner:
        return not place_of(name)
    return not inner or name.strip('/').startswith(inner + '/') or name in ('/tf', '/tf_static')


def _names(topics: Any) -> str:
    names = sorted(f'{topic.name} ({topic.type}{"" if topic.count else ", no message"})'
                   for topic in topics)
    shown = ', '.join(names[:12])
    return f'{shown} and {len(names) - 12} more' if len(names) > 12 else shown or 'no topics'
