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

"""What a test run touches: executed lines, and the types that names held."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

__all__ = ['MODULE', 'Tracer']

MODULE = 'buggy.py'


class Tracer:
    """
    Record the lines of the module that run and the types of local names.

    `cut` says that the trace ended before the test did.
    """

    def __init__(self, limit: int = 20000) -> None:
        self.lines: dict[int, int] = {}
        self.types: dict[str, set[str]] = {}
        self.cut = False
        self._limit = self._left = limit

    def __enter__(self) -> Tracer:
        sys.settrace(self._enter)
        return self

    def __exit__(self, *error: object) -> None:
        sys.settrace(None)

    def _enter(self, frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename != MODULE:
            return None
        self.enter(frame)
        return self._local

    def _local(self, frame: FrameType, event: str, argument: Any) -> Any:
        self._left -= 1
        if self._left <= 0:
            self.stop()
        if self.cut:
            return None
        if event == 'line':
            count = self.lines.get(frame.f_lineno, 0)
            self.lines[frame.f_lineno] = count + 1
            if count < 8:
                self._note(frame)
            self.visit(frame)
        elif event == 'return':
            self._note(frame)
            self.leave(frame, argument)
        elif event == 'exception':
            self.fail(frame)
        return self._local

    def _note(self, frame: FrameType) -> None:
        for name, value in frame.f_locals.items():
            self.types.setdefault(name, set()).add(type(value).__name__)

    def stop(self) -> None:
        """End the trace early."""
        self.cut = True
        sys.settrace(None)

    def enter(self, frame: FrameType) -> None:
        """Act where a function of the module is entered, or a generator goes on."""

    def visit(self, frame: FrameType) -> None:
        """Act before a line of the module runs."""

    def leave(self, frame: FrameType, value: Any) -> None:
        """Act where a function of the module gives back a value; None where it raises."""

    def fail(self, frame: FrameType) -> None:
        """Act where an exception is raised or passes through."""
