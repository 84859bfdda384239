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

"""Write docs/parameters.md from the settings' own descriptions; `--check` only compares."""

import sys
from enum import Enum
from pathlib import Path

from rfsn_ros.config import RFSNConfig
from rfsn_ros.schema import parameters

TARGET = Path(__file__).with_name('parameters.md')
HEAD = """# Parameters

Every setting, as ROS parameter, YAML key and Python field alike: `driving.mode` is
`RFSNConfig().driving.mode`. An unknown key, a wrong type or a value out of bounds is an error that
names both. A file holds them under `/**`, for the nodes share their settings, or as `ros2 param dump` writes them, under
the name of a node; where it names several nodes they have to agree. Those marked *live* can be changed on a running node; the others are read-only.
This page is made from the code by `make docs`.
"""
USERS = {
    'driving': 'bandit_node', 'scoring': 'reward_node', 'bridge': 'sim_bridge',
    'frames': 'all nodes', 'navigation': 'all nodes', 'bandit': 'bandit_node',
    'sim': 'sim_bridge',
}


def page():
    """Return the whole page."""
    defaults = _flat(RFSNConfig().to_dict())
    parts, section = [HEAD], None
    for info in parameters(RFSNConfig):
        first = info.name.partition('.')[0]
        if first != section:
            section = first
            parts.append(f'\n## {section}\n\nRead by {USERS[section]}.\n\n'
                         '| parameter | default | unit | bounds | |\n|---|---|---|---|---|\n')
        live = '' if info.read_only else ' *live*'
        parts.append(
            f'| `{info.name}` | `{_shown(defaults[info.name])}` | {info.unit} | {_bounds(info)} | '
            f'{info.description}{live} |\n'.replace('\n', ' ').rstrip() + '\n')
    return ''.join(parts)


def _bounds(info):
    if isinstance(info.type, type) and issubclass(info.type, Enum):
        return ', '.join(f'`{member.value}`' for member in info.type)
    return info.bounds


def _flat(values, prefix=''):
    flat = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f'{prefix}{name}.'))
        else:
            flat[f'{prefix}{name}'] = value
    return flat


def _shown(value):
    if isinstance(value, bool):
        return str(value).lower()
    return "''" if value == '' else value


def main(argv):
    """Write or check the page."""
    text = page()
    if '--check' in argv:
        return int(not TARGET.exists() or TARGET.read_text(encoding='utf-8') != text)
    TARGET.write_text(text, encoding='utf-8')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
