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

"""What the documentation and the examples show works."""

import doctest
from importlib import import_module
from pathlib import Path
import pkgutil
import re
import subprocess
import sys

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / 'examples' / 'bandit').glob('*.py'))


def test_every_block_of_the_bandit_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r'```python\n(.*?)```', (ROOT / 'docs' / 'bandit.md').read_text(), re.S)
    assert len(blocks) > 10
    namespace = {}
    for number, block in enumerate(blocks):
        exec(compile(block, f'docs/bandit.md, block {number}', 'exec'), namespace)


def test_every_public_class_has_an_example():
    from rfsn_ros import bandit
    page = (ROOT / 'docs' / 'bandit.md').read_text()
    shown = '\n'.join(re.findall(r'```python\n(.*?)```', page, re.S))
    for name in ('VWConfig', 'VWContextualBandit', 'LinearConfig', 'CheckpointStore',
                 'DecisionLog', 'VWBanditOptimizer', 'OptimizerConfig', 'SupervisedEnvironment',
                 'Interaction', 'LogEnvironment'):
        assert hasattr(bandit, name)
        assert name in shown


def test_examples_in_docstrings():
    from rfsn_ros import bandit
    tried = 0
    for module in pkgutil.iter_modules(bandit.__path__, 'rfsn_ros.bandit.'):
        result = doctest.testmod(import_module(module.name))
        assert result.failed == 0, module.name
        tried += result.attempted
    assert tried > 20


@pytest.mark.parametrize('path', EXAMPLES, ids=lambda path: path.stem)
def test_examples_run(path, tmp_path):
    if path.stem == 'train_and_resume':
        pytest.importorskip('sklearn')
    result = subprocess.run(
        [sys.executable, path], capture_output=True, text=True, cwd=tmp_path, timeout=120,
        check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()


def test_the_pure_package_needs_no_ros():
    program = '''
import sys
sys.modules['rclpy'] = None
import rfsn_ros.bandit
import rfsn_ros.bench.command
assert not any(name.startswith(('rfsn_ros.nodes', 'rfsn_ros.navigation')) for name in sys.modules)
'''
    subprocess.run([sys.executable, '-c', program], check=True, timeout=60)
