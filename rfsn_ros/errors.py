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

"""The one tree of exceptions that rfsn_ros raises on purpose."""

__all__ = [
    'BagError',
    'CheckpointError',
    'ClosedError',
    'ConfigError',
    'InputError',
    'LogError',
    'MissingDependencyError',
    'ModelError',
    'RfsnError',
    'SensorError',
    'TaskError',
    'ThreadError',
    'WorldError',
]


class RfsnError(Exception):
    """Root of every error raised by rfsn_ros; catching it catches all of them."""


class ConfigError(RfsnError, ValueError):
    """A setting is unknown, of the wrong type or out of its range."""


class InputError(RfsnError, ValueError):
    """A value handed to a call (context, action, reward, probability) is not usable."""


class SensorError(InputError):
    """A sensor message cannot be turned into an observation."""


class CheckpointError(RfsnError):
    """A checkpoint is missing, damaged, foreign or made under other settings."""


class ModelError(RfsnError):
    """A learner produced numbers that cannot be used."""


class LogError(RfsnError):
    """A decision log cannot be written or read."""


class ClosedError(RfsnError, RuntimeError):
    """An object was used after it was closed."""


class ThreadError(RfsnError, RuntimeError):
    """An object owned by one thread was used from another."""


class WorldError(RfsnError, ValueError):
    """A world description is unreadable or holds something that is not supported."""


class BagError(RfsnError):
    """A recorded bag is unreadable or lacks what is needed."""


class TaskError(RfsnError, ValueError):
    """A repair task is not usable."""


class MissingDependencyError(RfsnError, ImportError):
    """An optional dependency is needed; the message names the extra that brings it."""
