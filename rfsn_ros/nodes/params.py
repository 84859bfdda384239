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
ROS parameters declared from settings: same names, bounds and words as YAML and Python.

A setting `navigation.robot.max_speed` of `RFSNConfig` is the parameter of that name. Values are
checked by the settings themselves, so a node refuses exactly what `RFSNConfig.from_yaml` refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
import sys
import types
import typing
from typing import Any

from rcl_interfaces.msg import (
    FloatingPointRange,
    IntegerRange,
    ParameterDescriptor,
    SetParametersResult,
)
from rclpy.exceptions import InvalidParameterValueException
from rclpy.node import Node
from rclpy.parameter import Parameter
from rfsn_ros.config import RFSNConfig, ROS_PARAMETERS
from rfsn_ros.errors import ConfigError
from rfsn_ros.schema import parameters, ParamInfo

__all__ = ['NodeParameters']

_INT64 = 2**63 - 1


class NodeParameters:
    """
    The part of `RFSNConfig` that one node uses, kept equal to its ROS parameters.

    `config` is always valid. Changing a parameter that is not read-only goes through the same
    checks; `on_change` is called with the new configuration after they passed.
    """

    def __init__(
        self, node: Node, sections: Iterable[str], *,
        on_change: Callable[[RFSNConfig], None] | None = None,
    ) -> None:
        """
        Declare the parameters of `sections` (fields of `RFSNConfig`, or full names of settings).

        :raises ConfigError: an override has an unknown name, a wrong type or lies out of bounds.
        """
        self._node = node
        wanted = set(sections)
        self._infos = {
            info.name: info for info in parameters(RFSNConfig)
            if not wanted.isdisjoint((info.name, info.name.partition('.')[0]))
        }
        self._refuse_unknown(node._parameter_overrides)
        defaults = RFSNConfig().to_dict()
        values = {info.name: self._declare(info, defaults) for info in self._infos.values()}
        self.config = RFSNConfig.from_dict(values)
        self._on_change = on_change
        node.add_on_set_parameters_callback(self._validate)
        node.add_post_set_parameters_callback(self._apply)

    @staticmethod
    def _refuse_unknown(overrides: Iterable[str]) -> None:
        """Refuse misspelt overrides, which ROS would ignore; those of other nodes are fine."""
        known = {info.name for info in parameters(RFSNConfig)}
        for name in overrides:
            if name not in (*known, *ROS_PARAMETERS) and not name.startswith('qos_overrides.'):
                raise ConfigError(f'parameter {name}: unknown; see the parameter tables')

    def _declare(self, info: ParamInfo, defaults: dict[str, Any]) -> Any:
        default: Any = defaults
        for word in info.name.split('.'):
            default = default[word]
        override = self._node._parameter_overrides.get(info.name)
        # what is not set is dumped as null, and of a file ROS reads that as a word
        unset = _is_optional(info) and override is not None and override.value == 'null'
        try:
            parameter = self._node.declare_parameter(
                info.name, None if unset else default, _descriptor(info), ignore_override=unset)
        except InvalidParameterValueException as error:
            raise ConfigError(
                f'{info.name}: must be {info.bounds or "valid"} ({error})') from None
        return info.check(_settings_value(info, parameter.value))

    def _changed(self, changes: Sequence[Parameter]) -> RFSNConfig:
        values = self.config.to_dict()
        for parameter in changes:
            info = self._infos.get(parameter.name)
            if info is None:
                continue
            *path, leaf = parameter.name.split('.')
            below = values
            for word in path:
                below = below[word]
            below[leaf] = _settings_value(info, parameter.value)
        return RFSNConfig.from_dict(values)

    def _validate(self, changes: Sequence[Parameter]) -> SetParametersResult:
        try:
            self._changed(changes)
        except ConfigError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _apply(self, changes: Sequence[Parameter]) -> None:
        self.config = self._changed(changes)
        if self._on_change is not None:
            self._on_change(self.config)


def _is_optional(info: ParamInfo) -> bool:
    return isinstance(info.type, types.UnionType) and type(None) in typing.get_args(info.type)


def _scalar(info: ParamInfo) -> Any:
    """Return the type of one number or word of the setting."""
    kind = info.type
    if _is_optional(info):
        kind = next(arg for arg in typing.get_args(kind) if arg is not type(None))
    return typing.get_args(kind)[0] if typing.get_origin(kind) is tuple else kind


def _descriptor(info: ParamInfo) -> ParameterDescriptor:
    words = [info.description]
    words += [f'[{info.unit}]'] if info.unit else []
    words += [f'({info.bounds})'] if info.bounds else []
    scalar = _scalar(info)
    if isinstance(scalar, type) and issubclass(scalar, Enum):
        words.append('(one of ' + ', '.join(str(item.value) for item in scalar) + ')')
    descriptor = ParameterDescriptor(
        name=info.name, description=' '.join(words), read_only=info.read_only,
        additional_constraints=info.bounds,
        # An integer in YAML is a valid value of a float setting, and some may be unset.
        dynamic_typing=scalar is float or _is_optional(info))
    low = info.ge if info.ge is not None else info.gt
    high = info.le if info.le is not None else info.lt
    if low is None and high is None:
        return descriptor
    if scalar is float:
        descriptor.floating_point_range = [FloatingPointRange(
            from_value=-sys.float_info.max if low is None else float(low),
            to_value=sys.float_info.max if high is None else float(high))]
    elif scalar is int:
        descriptor.integer_range = [IntegerRange(
            from_value=-_INT64 if low is None else int(low),
            to_value=_INT64 if high is None else int(high), step=1)]
    return descriptor


def _settings_value(info: ParamInfo, value: Any) -> Any:
    """Return what ROS holds as what the settings take; arrays arrive as array.array."""
    return list(value) if hasattr(value, '__iter__') and not isinstance(value, str) else value
