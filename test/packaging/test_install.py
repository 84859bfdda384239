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

import os
from pathlib import Path
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_plain_pip_installs_the_ros_free_parts_into_an_empty_environment(tmp_path):
    """The wheel is built from a copy; dependencies are borrowed from this environment."""
    copy = tmp_path / 'source'
    listed = subprocess.run(
        ['git', 'ls-files', '--cached', '--others', '--exclude-standard'], cwd=ROOT,
        capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip('not a git checkout')
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run([sys.executable, '-m', 'venv', '--without-pip', tmp_path / 'venv'], check=True)
    python = tmp_path / 'venv' / 'bin' / 'python'
    site = next((tmp_path / 'venv').glob('lib/python*/site-packages'))
    dependencies = next(path for path in sys.path if path.endswith('site-packages'))
    subprocess.run(
        [sys.executable, '-m', 'pip', '--python', python, 'install', '--quiet', '--no-deps',
         '--disable-pip-version-check', copy],
        check=True, env={**os.environ, 'PIP_NO_INPUT': '1'})
    for name in ('numpy', 'scipy', 'yaml', 'rich', 'vowpalwabbit', 'pygments', 'markdown_it',
                 'mdurl', 'numpy.libs', 'scipy.libs', 'vowpalwabbit.libs'):
        if Path(dependencies, name).exists():
            (site / name).symlink_to(Path(dependencies, name))
    for library in Path(dependencies).glob('vowpalwabbit*'):
        if not (site / library.name).exists():
            (site / library.name).symlink_to(library)
    for library in Path(dependencies).glob('pylibvw*'):
        (site / library.name).symlink_to(library)
    version = ElementTree.parse(ROOT / 'package.xml').findtext('version')
    clean = {key: value for key, value in os.environ.items()
             if not key.startswith(('AMENT', 'PYTHONPATH', '_ROS', 'LD_LIBRARY'))}

    def run(*command):
        return subprocess.run(command, cwd=tmp_path, env=clean, capture_output=True, text=True,
                              check=False)

    said = run(tmp_path / 'venv' / 'bin' / 'rfsn', '--version')
    assert said.stdout == f'rfsn {version}\n', said.stderr
    assert run(python, '-m', 'rfsn_ros', '--version').stdout == said.stdout
    learned = run(python, '-c', (
        'import rfsn_ros.bandit as b; '
        'bandit = b.VWContextualBandit(b.VWConfig(n_actions=3, context_dim=2)); '
        'action, choice = bandit.select_action([0.0, 1.0]); '
        'bandit.update([0.0, 1.0], action, 1.0); print(bandit.example_count)'))
    assert learned.stdout == '1\n', learned.stderr
    without = run(tmp_path / 'venv' / 'bin' / 'rfsn', 'nav')
    assert without.returncode == 2
    assert 'pip install' in without.stderr or 'ROS 2' in without.stderr
    for folder in ('config', 'launch', 'urdf'):
        assert list((tmp_path / 'venv' / 'share' / 'rfsn_ros' / folder).iterdir())


def test_what_the_launch_files_call_is_a_dependency():
    declared = {entry.text for entry in ElementTree.parse(ROOT / 'package.xml').getroot()}
    called = {f'ros2{verb}' for file in (ROOT / 'launch').glob('*.py')
              for verb in re.findall(r"\['ros2', '(\w+)'", file.read_text())}
    assert called == {'ros2bag', 'ros2topic'}
    # ros2bag does not bring the plugin that writes and reads its files.
    assert called | {'rosbag2_storage_default_plugins'} <= declared


def test_every_executable_of_cmake_is_an_entry_point():
    from rfsn_ros import entry_points

    text = (ROOT / 'CMakeLists.txt').read_text()
    names = text.split('foreach(name ')[1].split(')')[0].split()
    assert sorted(names) == sorted(entry_points.__all__)


def test_every_interface_is_built_and_commented():
    text = (ROOT / 'CMakeLists.txt').read_text()
    for path in [*(ROOT / 'msg').glob('*.msg'), *(ROOT / 'srv').glob('*.srv')]:
        assert f'{path.parent.name}/{path.name}' in text
        for line in path.read_text().splitlines():
            assert not line.strip() or line.strip() == '---' or '#' in line, (
                f'{path.name}: {line}')
