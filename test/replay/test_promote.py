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

import math

import pytest
from rfsn_ros.errors import ConfigError
from rfsn_ros.replay.promote import FACTS, PromoteRule


@pytest.mark.parametrize(('rule', 'facts', 'failed'), [
    ('lower_bound > baseline', {'lower_bound': 0.5, 'baseline': 0.4}, 0),
    ('lower_bound > baseline', {'lower_bound': 0.3, 'baseline': 0.4}, 1),
    ('value >= 0.5 and unsupported <= 0.05', {'value': 0.5, 'unsupported': 0.05}, 0),
    ('value >= 0.6 and unsupported < 0.05', {'value': 0.5, 'unsupported': 0.05}, 2),
    ('effective_size > 100', {}, 1),
    ('anytime_lower > -1e3', {'anytime_lower': math.nan}, 1),
])
def test_rules(rule, facts, failed):
    assert len(PromoteRule.parse(rule).failures(facts)) == failed


@pytest.mark.parametrize('rule', [
    '', 'lower_bound', 'lower_bound > wisdom', 'lower_bound == baseline', 'value > inf',
    'lower_bound > baseline or value > 1', '__import__("os") > 1',
])
def test_other_rules_are_refused(rule):
    with pytest.raises(ConfigError):
        PromoteRule.parse(rule)


def test_every_fact_is_explained():
    assert all(FACTS.values())
