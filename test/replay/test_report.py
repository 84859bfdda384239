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

"""What the report of a replay shows is what was found out, whatever things are called."""

import re

import numpy as np
import pytest
from rfsn_ros.replay.judgement import judge_trace
from rfsn_ros.replay.report import build_page
from rfsn_ros.replay.trace import Trace, TraceKind

PRIMITIVES = ('stop', 'arc_1.00', 'arc_2.00')


@pytest.fixture
def result_of():
    """Return how decisions with even probabilities are judged, `policies` by their shares."""

    def judge(policies, *, count=60, source='bag', **options):
        generator = np.random.default_rng(1)
        width = len(PRIMITIVES)
        action = generator.integers(width, size=count)
        even = np.full((count, width), 1.0 / width)
        trace = Trace(
            source=source, kind=TraceKind.DECIDED, primitives=PRIMITIVES,
            term_names=('progress',), reward_range=(-1.0, 2.0), stamp=np.arange(count) * 0.2,
            pose=np.column_stack([np.arange(count), np.zeros((count, 2))]).astype(float),
            drive=np.arange(count) // 20, context=generator.random((count, 2)),
            features=generator.random((count, width, 2)), mask=np.ones((count, width), bool),
            action=action, probability=np.full(count, 1.0 / width),
            reward=0.5 * action + generator.normal(0.0, 0.1, count),
            terms=generator.random((count, 1)), pmf=even,
            candidates={name: np.tile(shares, (count, 1)) for name, shares in policies.items()},
            facts={}, quality={'notes': []})
        return judge_trace(trace, bags=(source,), **options)

    return judge


def figure(page, caption):
    """Return the markup of the figure whose caption begins with these words."""
    return next(one for one in re.findall(r'<figure>.*?</figure>', page, re.DOTALL)
                if re.search(r'<figcaption>([^<]*)', one).group(1).startswith(caption))


def test_checkpoints_of_one_file_name_are_told_apart(result_of):
    page = build_page(result_of({
        'runs/a/final.rfsn': [0.1, 0.1, 0.8], 'runs/b/final.rfsn': [0.8, 0.1, 0.1],
        'old/logged': [0.2, 0.2, 0.6]})).html()
    for caption in ('Value of each candidate', 'How often each primitive', 'Importance weights'):
        drawn = figure(page, caption)
        for name in ('a/final.rfsn', 'b/final.rfsn', 'old/logged'):
            assert f'>{name}</text>' in drawn, (caption, name)
    assert page.count('<td>a/final.rfsn</td>') == page.count('<td>b/final.rfsn</td>') == 2


def test_intervals_bear_the_level_that_was_asked_for(result_of):
    page = build_page(result_of({'random': [0.4, 0.3, 0.3]}, level=0.9)).html()
    assert figure(page, 'Value of each candidate by dm with 90% intervals.')
    assert '90% bootstrap interval' in page
