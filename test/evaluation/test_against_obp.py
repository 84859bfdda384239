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

"""The same values as Open Bandit Pipeline, where that is installed (it needs PyTorch)."""

from pathlib import Path
import sys

import pytest

pytest.importorskip('obp.ope', reason='obp is not installed: pip install obp')
sys.path.append(str(Path(__file__).resolve().parents[2] / 'examples' / 'replay'))
import against_obp
from rfsn_ros.evaluation import cross_fit, Rounds


def test_the_same_model_gives_the_same_values():
    source = against_obp.make_source()
    for _ in range(3):
        feedback = source.obtain_batch_bandit_feedback(500)
        policy = against_obp.candidate(feedback['expected_reward'])
        data = against_obp.logged(feedback)
        predictions = cross_fit(data)
        apart = against_obp.differences(
            feedback, policy, Rounds.of(data, policy, predictions), predictions.q)
        assert set(apart) == set(against_obp.NAMES)
        assert max(apart.values()) < 1e-12
