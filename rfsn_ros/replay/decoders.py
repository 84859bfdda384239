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

"""Decoders of messages: of the usual types, and of those that a bag defines."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from rfsn_ros.errors import MissingDependencyError

__all__ = ['TRANSFORMS', 'decoder', 'usual_types']

TRANSFORMS = ('tf2_msgs/msg/TFMessage', 'tf/msg/tfMessage')


def decoder(
    definitions: dict[str, tuple[str, bool]], *, ros1: bool = False,
) -> Callable[[str, bytes], Any]:
    """
    Return what decodes a message of a type: the usual ones, and those of `definitions`.

    A definition is its text, and whether that is IDL. The store of the usual types is shared,
    because it compiles a decoder per type; a bag gets a store of its own once a message of a type
    of its own is wanted.
    """
    usual = usual_types(ros1)

    @cache
    def extended() -> Any:
        store = usual_types.__wrapped__(ros1)
        for name, (text, idl) in definitions.items():
            if name not in usual.fielddefs:
                _register(store, name, text, idl=idl)
        return store

    def decode(kind: str, data: bytes) -> Any:
        store = usual if kind in usual.fielddefs else extended()
        return store.deserialize_ros1(data, kind) if ros1 else store.deserialize_cdr(data, kind)

    return decode


@cache
def usual_types(ros1: bool) -> Any:
    """
    Return the store of the usual types, shared by all bags, for it compiles a decoder per type.

    :raises MissingDependencyError: rosbags is not installed.
    """
    try:
        from rosbags.typesys import get_typestore, Stores
    except ImportError as error:
        raise MissingDependencyError(
            "bags are read with rosbags: pip install 'rfsn_ros[replay]'") from error
    store = get_typestore(Stores.ROS1_NOETIC if ros1 else Stores.ROS2_JAZZY)
    if ros1:  # those of ROS 1 lack transforms
        for name in TRANSFORMS:
            if name not in store.fielddefs:
                _register(store, name, 'geometry_msgs/TransformStamped[] transforms', idl=False)
    return store


def _register(store: Any, name: str, definition: str, *, idl: bool) -> None:
    """Teach the store a type from the bag; unreadable definitions are left alone."""
    from rosbags.typesys import get_types_from_idl, get_types_from_msg
    try:
        if idl:
            types: dict[str, Any] = {}
            parts = definition.split('=' * 80 + '\n')[1:] or ['\n' + definition]
            for part in parts:
                types.update(get_types_from_idl(part.split('\n', 1)[1]))
        else:
            types = dict(get_types_from_msg(definition, name))
        store.register({key: value for key, value in types.items()
                        if key not in store.fielddefs})
    # A definition that cannot be parsed only makes its own topic unreadable.
    except Exception:
        return
