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

"""
Settings described once: defaults, bounds, units and words beside the field they belong to.

A `Settings` subclass is a frozen dataclass whose fields are made with `param`. The description
serves every user of the setting: the constructor validates against it, YAML is read and written
with it, ROS parameters are declared from it and the parameter tables of the documentation are
printed from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
import dataclasses
from enum import Enum
import math
import numbers
import os
from pathlib import Path
import types
import typing
from typing import Any, TypeVar

from rfsn_ros.errors import ConfigError
import yaml

__all__ = [
    'YAML_ERRORS', 'ParamInfo', 'Settings', 'load_yaml', 'param', 'parameters', 'read_yaml',
    'section',
]

YAML_ERRORS = (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError)
"""What PyYAML raises: not only its own, also what a date, a number or deep nesting ends in."""

_S = TypeVar('_S', bound='Settings')


@dataclasses.dataclass(frozen=True, slots=True)
class ParamInfo:
    """
    What is known about one setting.

    `name` is dotted below the settings it belongs to; `ge`/`gt`/`le`/`lt` bound numbers (and each
    number of a tuple); `choices` lists the admitted values; `read_only` marks what cannot be
    changed on a running node.
    """

    name: str
    type: Any
    default: Any
    description: str
    unit: str = ''
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    choices: tuple[Any, ...] = ()
    read_only: bool = True

    @property
    def bounds(self) -> str:
        """Return the admitted values in words, such as ``>= 0 and <= 1``; empty where all are."""
        if self.choices:
            return 'one of ' + ', '.join(str(_plain(choice)) for choice in self.choices)
        signs = ((self.ge, '>='), (self.gt, '>'), (self.le, '<='), (self.lt, '<'))
        return ' and '.join(f'{sign} {bound:g}' for bound, sign in signs if bound is not None)

    def check(self, value: Any) -> Any:
        """
        Return `value` in the field's type.

        :raises ConfigError: it has another type or lies out of bounds; names both.
        """
        converted = _convert(self, value)
        numbers = converted if isinstance(converted, tuple) else (converted,)
        for number in numbers:
            if isinstance(number, float) and not math.isfinite(number):
                raise ConfigError(f'{self.name} = {value!r}: must be finite')
            if isinstance(number, bool) or not isinstance(number, (int, float)):
                continue
            if (
                (self.ge is not None and number < self.ge)
                or (self.gt is not None and number <= self.gt)
                or (self.le is not None and number > self.le)
                or (self.lt is not None and number >= self.lt)
            ):
                raise ConfigError(f'{self.name} = {value!r}: must be {self.bounds}')
        if self.choices and any(number not in self.choices for number in numbers):
            raise ConfigError(f'{self.name} = {value!r}: must be {self.bounds}')
        return converted


def param(
    default: Any,
    description: str,
    *,
    unit: str = '',
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    choices: tuple[Any, ...] = (),
    read_only: bool = True,
) -> Any:
    """Describe one field of a `Settings` class; see `ParamInfo` for the words."""
    info = {
        'description': description, 'unit': unit, 'ge': ge, 'gt': gt, 'le': le, 'lt': lt,
        'choices': choices, 'read_only': read_only,
    }
    return dataclasses.field(default=default, metadata={'param': info})


def section(settings: type[_S], description: str) -> Any:
    """Describe a field that holds a whole `Settings` of its own."""
    return dataclasses.field(default_factory=settings, metadata={'section': description})


class Settings:
    """
    Base of settings classes: validation, mappings both ways.

    >>> @dataclasses.dataclass(frozen=True, kw_only=True)
    ... class Motor(Settings):
    ...     torque: float = param(1.0, 'Largest torque', unit='N m', gt=0.0)
    >>> Motor(torque=-1)
    Traceback (most recent call last):
        ...
    rfsn_ros.errors.ConfigError: torque = -1: must be > 0
    """

    def __post_init__(self) -> None:
        """Validate every field; subclasses that add checks call this one too."""
        for info in _own_parameters(type(self)):
            object.__setattr__(self, info.name, info.check(getattr(self, info.name)))

    @classmethod
    def from_dict(cls: type[_S], values: Mapping[str, Any], *, prefix: str = '') -> _S:
        """
        Build from nested mappings (or dotted keys).

        :raises ConfigError: an unknown key, a wrong type or a value out of bounds; named with
            its dotted path.
        """
        if not isinstance(values, Mapping):
            raise ConfigError(f'{prefix or cls.__name__}: expected a mapping, got {values!r}')
        nested = _nest(values)
        sections = _sections(cls)
        known = [info.name for info in _own_parameters(cls)] + list(sections)
        for key in nested:
            if key not in known:
                raise ConfigError(
                    f'{prefix}{key} = {nested[key]!r}: unknown key; known are {", ".join(known)}')
        arguments = {
            key: sections[key].from_dict(value, prefix=f'{prefix}{key}.')
            if key in sections else value for key, value in nested.items()
        }
        try:
            return cls(**arguments)
        except ConfigError as error:
            if prefix and not str(error).startswith(prefix):
                raise ConfigError(f'{prefix}{error}') from None
            raise

    def to_dict(self) -> dict[str, Any]:
        """Return nested plain values (YAML and JSON ready)."""
        result: dict[str, Any] = {}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            result[field.name] = value.to_dict() if isinstance(value, Settings) else _plain(value)
        return result

    def replace(self: _S, **changes: Any) -> _S:
        """Return a validated copy with some fields changed."""
        return dataclasses.replace(self, **changes)  # type: ignore[type-var]


_KNOWN: dict[type[Settings], tuple[ParamInfo, ...]] = {}  # reading annotations takes long


def parameters(settings: type[Settings], *, prefix: str = '') -> Iterator[ParamInfo]:
    """Yield every setting below a class, nested ones with dotted names, in order."""
    sections = _sections(settings)
    own = {info.name: info for info in _own_parameters(settings)}
    for field in dataclasses.fields(settings):  # type: ignore[arg-type]
        if field.name in sections:
            yield from parameters(sections[field.name], prefix=f'{prefix}{field.name}.')
        else:
            yield dataclasses.replace(own[field.name], name=f'{prefix}{field.name}')


class _PlainLoader(yaml.SafeLoader):
    """
    Safe loader that knows no aliases, as the parser of ROS parameter files.

    Ten lines of aliases to aliases stand for gigabytes where somebody prints what they hold.
    """

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Return the next node; refuse one that is named elsewhere."""
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                problem=f'alias *{event.anchor}: settings know no aliases',
                problem_mark=event.start_mark)
        return super().compose_node(parent, index)


def load_yaml(text: str) -> Any:
    """
    Return what YAML text from outside holds: plain values, and no aliases.

    :raises YAML_ERRORS: it is no such YAML.
    """
    loader = _PlainLoader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def read_yaml(source: str | Path) -> Any:
    """
    Return what YAML text, or a file (a `Path`), holds.

    :raises ConfigError: it cannot be read; names the file.
    """
    where = f' {source}' if isinstance(source, Path) else ''
    try:
        text = source.read_text(encoding='utf-8') if isinstance(source, Path) else source
        return load_yaml(text)
    except OSError as error:
        raise ConfigError(f'cannot read settings{where}: {error.strerror}') from None
    except YAML_ERRORS as error:
        raise ConfigError(f'cannot read settings{where}: {" ".join(str(error).split())}') from None


def _own_parameters(settings: type[Settings]) -> tuple[ParamInfo, ...]:
    if settings not in _KNOWN:
        hints = typing.get_type_hints(settings)
        _KNOWN[settings] = tuple(
            ParamInfo(
                name=field.name, type=hints[field.name], default=field.default,
                **field.metadata['param'])
            for field in dataclasses.fields(settings)  # type: ignore[arg-type]
            if 'param' in field.metadata)
    return _KNOWN[settings]


def _sections(settings: type[Settings]) -> dict[str, type[Settings]]:
    hints = typing.get_type_hints(settings)
    return {
        field.name: hints[field.name]
        for field in dataclasses.fields(settings)  # type: ignore[arg-type]
        if 'section' in field.metadata
    }


def _nest(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn dotted keys into nested mappings."""
    nested: dict[str, Any] = {}
    for key, value in values.items():
        head, dot, rest = str(key).partition('.')
        if not dot:
            both = isinstance(value, Mapping) and isinstance(nested.get(head), dict)
            nested[head] = {**nested[head], **_nest(value)} if both else value
            continue
        below = nested.setdefault(head, {})
        if not isinstance(below, dict):
            raise ConfigError(f'{key} = {value!r}: {head} is also given a value of its own')
        nested[head] = {**below, rest: value}
    return nested


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _convert(info: ParamInfo, value: Any) -> Any:
    """
    Return `value` as the field's type without guessing (no numbers from strings).

    NumPy's numbers are taken for Python's, a path for its name.
    """
    expected = info.type
    if isinstance(expected, types.UnionType):
        if value is None and type(None) in typing.get_args(expected):
            return None
        expected = next(arg for arg in typing.get_args(expected) if arg is not type(None))
    if typing.get_origin(expected) is tuple:
        item = typing.get_args(expected)[0]
        if not isinstance(value, (list, tuple)):
            raise ConfigError(f'{info.name} = {value!r}: must be a list')
        return tuple(_convert_one(info, item, element, value) for element in value)
    return _convert_one(info, expected, value, value)


def _convert_one(info: ParamInfo, expected: Any, value: Any, shown: Any) -> Any:
    if isinstance(expected, type) and issubclass(expected, Enum):
        try:
            return expected(value)
        except ValueError:
            names = ', '.join(str(member.value) for member in expected)
            raise ConfigError(f'{info.name} = {shown!r}: must be one of {names}') from None
    if isinstance(value, bool):
        if expected is bool:
            return value
    elif expected is float and isinstance(value, numbers.Real):
        try:
            return float(value)
        except OverflowError:
            raise ConfigError(f'{info.name} = {shown!r}: must be finite') from None
    elif expected is int and isinstance(value, numbers.Integral):
        return int(value)
    elif expected is str and isinstance(value, (str, os.PathLike)):
        return os.fsdecode(value)
    raise ConfigError(f'{info.name} = {shown!r}: must be of type {expected.__name__}')
