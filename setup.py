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

"""Plain pip installs the parts without ROS; the version comes from package.xml."""

import xml.etree.ElementTree
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
SHARED = ('config', 'config/robots', 'launch', 'urdf')

setup(
    version=xml.etree.ElementTree.parse(ROOT / 'package.xml').findtext('version'),
    data_files=[
        (f'share/rfsn_ros/{folder}',
         sorted(str(path.relative_to(ROOT)) for path in (ROOT / folder).iterdir()
                if path.is_file()))
        for folder in SHARED if (ROOT / folder).is_dir()],
)
