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

from hypothesis import given
from hypothesis import strategies as st
from rfsn_ros.nodes.join import RewardJoin, Verdict


def test_a_reward_meets_its_decision_once():
    join = RewardJoin(window=10.0)
    join.add('a', 1.0, 'decision a')
    assert join.take('a', 2.0, valid=True) == (Verdict.JOINED, 'decision a')
    assert join.take('a', 2.0, valid=True) == (Verdict.DUPLICATE, None)
    assert join.counts.to_dict() == {
        'joined': 1, 'late': 0, 'orphan': 0, 'duplicate': 1, 'invalid': 0, 'lost': 0,
        'dropped': 0}


def test_a_reward_for_an_unknown_decision_is_an_orphan():
    assert RewardJoin(window=10.0).take('x', 1.0, valid=True) == (Verdict.ORPHAN, None)


def test_a_reward_beyond_the_window_is_late():
    join = RewardJoin(window=10.0)
    join.add('a', 1.0, 'decision a')
    assert join.take('a', 11.5, valid=True) == (Verdict.LATE, None)


def test_decisions_beyond_the_window_are_lost_and_their_rewards_late():
    join = RewardJoin(window=10.0)
    join.add('a', 1.0, 'decision a')
    join.add('b', 12.0, 'decision b')
    assert (len(join), join.counts.lost) == (1, 1)
    assert join.take('a', 1.5, valid=True) == (Verdict.LATE, None)


def test_an_invalid_reward_closes_its_decision_without_being_learned():
    join = RewardJoin(window=10.0)
    join.add('a', 1.0, 'decision a')
    assert join.take('a', 2.0, valid=False) == (Verdict.INVALID, None)
    assert len(join) == 0


def test_dropped_decisions_learn_nothing_any_more():
    join = RewardJoin(window=10.0)
    join.add('a', 1.0, 'decision a')
    join.drop_all()
    assert join.take('a', 2.0, valid=True) == (Verdict.LATE, None)
    assert join.counts.dropped == 1


@given(st.lists(st.tuples(st.sampled_from(['add', 'take', 'drop']), st.integers(0, 5))))
def test_every_decision_has_exactly_one_end(steps):
    join = RewardJoin(window=3.0)
    added = set()
    joined = []
    for time, (kind, number) in enumerate(steps):
        name = str(number)
        if kind == 'add' and name not in added:
            added.add(name)
            join.add(name, float(time), name)
        elif kind == 'take':
            verdict, decision = join.take(name, float(time), valid=True)
            if verdict is Verdict.JOINED:
                joined.append(decision)
        elif kind == 'drop':
            join.drop_all()
    assert len(joined) == len(set(joined))
    counts = join.counts
    too_late = len(added) - len(join) - counts.joined - counts.lost - counts.dropped
    assert 0 <= too_late <= counts.late
