"""Plain pip installs the parts without ROS; the version comes from package.xml."""

import xml.etree.ElementTree
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
SHARED = ('config', 'launch', 'urdf')

setup(
    version=xml.etree.ElementTree.parse(ROOT / 'package.xml').findtext('version'),
    data_files=[
        (f'share/rfsn_ros/{folder}',
         sorted(str(path.relative_to(ROOT)) for path in (ROOT / folder).iterdir()
                if path.is_file()))
        for folder in SHARED if (ROOT / folder).is_dir()],
)
