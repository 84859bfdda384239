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

"""Messages between the sandbox and its fork server: JSON with a length of four bytes in front."""

from __future__ import annotations

import json
from typing import Any, BinaryIO

__all__ = ['read_message', 'write_message']


def read_message(stream: BinaryIO) -> Any:
    """Return the next message, or None at the end of the stream, also within a message."""
    head = stream.read(4)
    size = int.from_bytes(head, 'big')
    body = stream.read(size)
    return json.loads(body) if len(head) == 4 and len(body) == size else None


def write_message(stream: BinaryIO, message: Any) -> None:
    """Write one message and flush."""
    body = json.dumps(message).encode()
    stream.write(len(body).to_bytes(4, 'big') + body)
    stream.flush()
