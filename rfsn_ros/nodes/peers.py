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
Whether the nodes that are to answer or to record a topic hear it yet.

DDS finds readers one by one, and what is sent before is lost to those found later. A count of
readers does not tell who they are: a recorder or a display may be among them.
"""

from __future__ import annotations

from typing import Any

from rclpy.node import Node

__all__ = ['Listener', 'Peers']

_UNKNOWN = '_NODE_NAME_UNKNOWN_'


class Peers:
    """
    The nodes that publish certain topics and read what `publisher` sends.

    `topics` are names as they stand in the source; the node's namespace and remappings hold.
    """

    def __init__(self, node: Node, publisher: Any, *topics: str) -> None:
        self._node = node
        self._publisher = publisher
        self._topics = [node.resolve_topic_name(topic) for topic in topics]
        self._complete_with: int | None = None

    def complete(self) -> bool:
        """Return whether for each topic a node that publishes it reads `publisher`."""
        readers = self._publisher.get_subscription_count()
        if readers != self._complete_with:
            self._complete_with = readers if self._search() else None
        return self._complete_with is not None

    def _search(self) -> bool:
        readers = _names(self._node.get_subscriptions_info_by_topic(self._publisher.topic_name))
        return all(
            readers & _names(self._node.get_publishers_info_by_topic(topic))
            for topic in self._topics)


class Listener:
    """
    The node called `name`, which is to hear what others say.

    Without a slash it is in the namespace of `node`. `topics` are names as they stand in the
    source.
    """

    def __init__(self, node: Node, name: str, *topics: str) -> None:
        self._node = node
        namespace, slash, base = name.rpartition('/')
        self._name = namespace or slash or node.get_namespace(), base
        self._topics = [node.resolve_topic_name(topic) for topic in topics]

    def complete(self) -> bool:
        """Return whether it reads each topic that anybody publishes."""
        return all(
            self._name in _names(self._node.get_subscriptions_info_by_topic(topic))
            for topic in self._topics if self._node.count_publishers(topic))


def _names(endpoints: Any) -> set[tuple[str, str]]:
    return {
        (endpoint.node_namespace, endpoint.node_name) for endpoint in endpoints
        if endpoint.node_name != _UNKNOWN}
