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

"""rfsn_ros: a robot learns online, by contextual bandit, which navigation primitive to use."""

from pathlib import Path
from pkgutil import extend_path
import re

__all__ = ['__version__']


def _version() -> str:
    """Return the version of package.xml in a source tree, else that of the installation."""
    manifest = Path(__file__).resolve().parent.parent / 'package.xml'
    if manifest.is_file():
        found = re.search(r'<version>(.*?)</version>', manifest.read_text(encoding='utf-8'))
        if found:
            return found.group(1)
    from importlib import metadata

    try:
        return metadata.version('rfsn_ros')
    except metadata.PackageNotFoundError:
        return 'unknown'


__version__ = _version()

# A source checkout on sys.path hides the installed package; the generated rfsn_ros.msg and
# rfsn_ros.srv exist only there and are found through the extended path.
__path__ = extend_path(__path__, __name__)
