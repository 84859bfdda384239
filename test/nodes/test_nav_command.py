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

import pytest
from rfsn_ros.cli import main
from rfsn_ros.nodes import nav_command


def test_a_run_needs_a_folder_before_anything_is_started(tmp_path, monkeypatch, capsys):
    def work(*_):
        raise AssertionError('the graph was started')

    monkeypatch.setattr(nav_command, '_drive', work)
    place = tmp_path / 'file'
    place.write_text('')
    assert main(['nav', '--name', f'{place}/x', '--episodes', '1']) == 2
    error = capsys.readouterr().err
    assert f'{place}/x' in error
    assert error.count('\n') == 1


@pytest.mark.parametrize('value', ['2001-13-45', '!!int foo', pytest.param('[' * 5000, id='deep')])
def test_a_value_that_is_no_yaml_is_a_text(value, capsys):
    assert main(['nav', '--set', f'driving.mode={value}']) == 2
    assert f'driving.mode = {value!r}'[:40] in capsys.readouterr().err
