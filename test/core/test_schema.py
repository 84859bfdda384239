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

from dataclasses import dataclass
from enum import Enum
from pathlib import PurePath

from hypothesis import given
from hypothesis import strategies as st
import numpy as np
import pytest
from rfsn_ros.errors import ConfigError
from rfsn_ros.schema import param, parameters, section, Settings


class Kind(str, Enum):
    PLAIN = 'plain'
    FANCY = 'fancy'


@dataclass(frozen=True, kw_only=True)
class Inner(Settings):
    gain: float = param(1.0, 'Gain', unit='m', gt=0.0, le=2.0)
    kind: Kind = param(Kind.PLAIN, 'Kind')
    rates: tuple[float, ...] = param((0.5, 1.0), 'Rates', ge=0.0)


@dataclass(frozen=True, kw_only=True)
class Outer(Settings):
    count: int = param(3, 'Count', ge=1, le=10, read_only=False)
    name: str = param('a', 'Name', choices=('a', 'b'))
    limit: float | None = param(None, 'Limit', lt=1.0)
    inner: Inner = section(Inner, 'Inner part')


def test_defaults_round_trip_through_plain_values():
    settings = Outer(count=4, inner=Inner(kind=Kind.FANCY, rates=(2.0,)))
    plain = settings.to_dict()
    assert plain == {
        'count': 4, 'name': 'a', 'limit': None,
        'inner': {'gain': 1.0, 'kind': 'fancy', 'rates': [2.0]},
    }
    assert Outer.from_dict(plain) == settings


@pytest.mark.parametrize(('values', 'words'), [
    ({'count': 0}, ['count', '0', '>= 1']),
    ({'count': 11}, ['count', '11', '<= 10']),
    ({'count': 1.5}, ['count', '1.5', 'int']),
    ({'count': True}, ['count', 'True', 'int']),
    ({'name': 'c'}, ['name', "'c'", 'one of a, b']),
    ({'limit': 1.0}, ['limit', '1.0', '< 1']),
    ({'inner': {'gain': 0}}, ['inner.gain', '0', '> 0']),
    ({'inner.gain': 10**400}, ['inner.gain', 'finite']),
    ({'count': np.True_}, ['count', 'True', 'int']),
    ({'inner.gain': float('nan')}, ['inner.gain', 'nan', 'finite']),
    ({'inner': {'rates': [1.0, -1.0]}}, ['inner.rates', '-1.0', '>= 0']),
    ({'inner': {'rates': 1.0}}, ['inner.rates', '1.0', 'list']),
    ({'inner': {'kind': 'odd'}}, ['inner.kind', "'odd'", 'plain, fancy']),
    ({'inner': 3}, ['inner', '3', 'mapping']),
    ({'gian': 3}, ['gian', '3', 'unknown key', 'count']),
    ({'inner': {'gian': 3}}, ['inner.gian', '3', 'unknown key', 'gain']),
    ({'inner': 3, 'inner.gain': 1.0}, ['inner.gain']),
])
def test_bad_values_are_refused_with_name_value_and_bound(values, words):
    with pytest.raises(ConfigError) as error:
        Outer.from_dict(values)
    for word in words:
        assert word in str(error.value)


def test_dotted_and_nested_keys_mean_the_same():
    nested = Outer.from_dict({'inner': {'gain': 2, 'kind': 'fancy'}})
    assert Outer.from_dict({'inner.gain': 2, 'inner.kind': 'fancy'}) == nested
    assert Outer.from_dict({'inner': {'gain': 2}, 'inner.kind': 'fancy'}) == nested
    assert Outer.from_dict({'inner.kind': 'fancy', 'inner': {'gain': 2}}) == nested


def test_numbers_of_numpy_and_paths_are_taken_for_what_they_stand_for():
    settings = Outer(count=np.int64(4), name=PurePath('b'), inner=Inner(gain=np.float32(0.5)))
    plain = (settings.count, settings.name, settings.inner.gain)
    assert plain == (4, 'b', 0.5)
    assert [type(value) for value in plain] == [int, str, float]


def test_replace_validates():
    with pytest.raises(ConfigError, match='count = 99'):
        Outer().replace(count=99)


def test_parameters_are_listed_with_dotted_names_and_bounds():
    infos = {info.name: info for info in parameters(Outer)}
    assert list(infos) == ['count', 'name', 'limit', 'inner.gain', 'inner.kind', 'inner.rates']
    assert infos['inner.gain'].bounds == '> 0 and <= 2'
    assert infos['inner.gain'].unit == 'm'
    assert not infos['count'].read_only


@given(st.floats() | st.integers() | st.text() | st.none() | st.booleans())
def test_any_value_is_taken_within_bounds_or_refused(value):
    try:
        gain = Inner(gain=value).gain
    except ConfigError as error:
        assert 'gain' in str(error)
    else:
        assert isinstance(gain, float)
        assert 0.0 < gain <= 2.0
