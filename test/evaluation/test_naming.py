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

"""Names in tables and charts are short and still tell the policies apart."""

from pathlib import PurePath

from hypothesis import given
from hypothesis import strategies as st
from rfsn_ros.evaluation.naming import short_names

PARTS = st.lists(st.sampled_from(['a', 'b', '..', 'final.rfsn']), min_size=1, max_size=4)
NAMES = st.builds(lambda top, parts: top + '/'.join(parts), st.sampled_from(['', '/']), PARTS)


@given(st.lists(NAMES, unique=True), st.lists(st.sampled_from(['logged', 'a'])))
def test_no_two_policies_get_one_name(names, taken):
    short = short_names(names, taken=taken)
    assert list(short) == names
    assert len(set(short.values())) == len(names)
    for name, shown in short.items():
        assert name.endswith(shown)
        assert shown not in taken or shown == name


def test_what_is_told_apart_by_its_end_is_shown_by_it():
    names = ['runs/a/final.rfsn', 'runs/b/start.rfsn', 'fixed:stop', 'train:l1=0.1,l2=0']
    assert short_names(names) == {name: PurePath(name).name for name in names}
