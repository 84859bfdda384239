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

"""The architecture holds: who may import what, and pure packages live without ROS."""

import ast
from functools import cache
from pathlib import Path
import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest
import rfsn_ros
from rfsn_ros.cli import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / 'rfsn_ros'
COMMON = {'arguments', 'errors', 'outputs', 'schema', 'workers'}
ALLOWED = {
    'bandit': set(),
    'evaluation': set(),
    'report': {'bandit', 'evaluation'},
    'navigation': {'bandit', 'evaluation'},
    'sim': {'navigation', 'bandit', 'evaluation'},
    'config': {'sim', 'navigation', 'bandit'},
    'training': {'config', 'report', 'sim', 'navigation', 'bandit', 'evaluation'},
    'replay': {'config', 'report', 'sim', 'navigation', 'bandit', 'evaluation'},
    'repair': {'bandit', 'evaluation'},
    'bench': {'config', 'report', 'training', 'sim', 'navigation', 'bandit', 'evaluation'},
}


@cache
def imports_of(path):
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found.append(node.module or '')
    return found


@pytest.mark.parametrize('package', ALLOWED)
def test_imports_run_one_way(package):
    paths = [PACKAGE / f'{package}.py', *(PACKAGE / package).rglob('*.py')]
    for path in filter(Path.exists, paths):
        for name in imports_of(path):
            parts = name.split('.')
            if parts[0] == 'rfsn_ros' and len(parts) > 1 and parts[1] not in ('msg', 'srv'):
                target = parts[1]
                assert target in ALLOWED[package] | COMMON | {package}, \
                    f'{path.relative_to(ROOT)} imports {name}'


def test_only_nodes_import_rclpy_and_only_launch_files_import_launch():
    for path in PACKAGE.rglob('*.py'):
        roots = {name.split('.')[0] for name in imports_of(path)}
        assert not roots & {'launch', 'launch_ros', 'launch_pytest'}, path
        if 'nodes' not in path.parts:
            assert 'rclpy' not in roots, path


@pytest.mark.parametrize('package', [*ALLOWED, 'cli'])
def test_pure_packages_import_with_rclpy_blocked(package):
    code = (
        'import sys\n'
        'sys.modules["rclpy"] = None\n'
        f'import importlib, pkgutil\n'
        f'module = importlib.import_module("rfsn_ros.{package}")\n'
        'for info in pkgutil.iter_modules(getattr(module, "__path__", [])):\n'
        '    importlib.import_module(f"{module.__name__}.{info.name}")\n'
    )
    done = subprocess.run(
        [sys.executable, '-c', code], cwd=ROOT, capture_output=True, text=True, timeout=120,
        check=False)
    assert done.returncode == 0, done.stderr


def test_every_command_answers_help(capsys):
    for name in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            main([name, '--help'])
        assert ended.value.code == 0, name
        assert 'usage: rfsn ' + name in capsys.readouterr().out


def test_unknown_command_is_named():
    done = subprocess.run(
        [sys.executable, '-m', 'rfsn_ros', 'fly'], cwd=ROOT, capture_output=True, text=True,
        timeout=60, check=False)
    assert done.returncode == 2
    assert "'fly'" in done.stderr


def test_version_is_one():
    assert ET.parse(ROOT / 'package.xml').getroot().findtext('version') == rfsn_ros.__version__
