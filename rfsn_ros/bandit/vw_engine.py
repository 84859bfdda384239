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
Every call into Vowpal Wabbit: one engine by its public interface, one by its raw binding.

Both keep to the same small interface and give the same numbers bit for bit. The fast one reuses
example objects between calls and skips the wrappers of `vowpalwabbit.pyvw`; it needs names that
are not promised by VW, so `open_engine` falls back to the public one where they are missing.

Layout of a round (`--cb_explore_adf`): a shared example holds the context in namespace ``s``;
one example per offered action holds its features in namespace ``a``. The label
``0:cost:probability`` sits on the executed action. Every feature is pushed by its hash, because
text would cost time and rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from rfsn_ros.errors import CheckpointError, ConfigError
import vowpalwabbit
from vowpalwabbit import pyvw

try:
    import pylibvw
except ImportError:  # a VW whose binding is elsewhere still has its public interface
    pylibvw = None

__all__ = ['VW_VERSION', 'Engine', 'PublicEngine', 'RawEngine', 'open_engine', 'raw_available']

VW_VERSION: str = vowpalwabbit.__version__

Features = Sequence[tuple[int, float]]

_CONTEXT = 's'
_ACTION = 'a'
_CONTEXT_INDEX, _ACTION_INDEX = ord(_CONTEXT), ord(_ACTION)
_RAW_NAMES = {
    'vw': ('_parse', '_finish_example_multi_ex', 'predict_multi', 'learn_multi',
           'setup_example', 'unsetup_example'),
    'example': ('ensure_namespace_exists', 'erase_namespace', 'push_feature_list',
                'get_action_scores'),
}


class Engine(Protocol):
    """
    A VW workspace reduced to what a bandit asks of it.

    Lists handed over must not be changed afterwards: an engine may know them by identity.
    """

    context_hashes: list[int]

    def action_hash(self, name: str) -> int:
        """Return the hash of a named action feature."""

    def predict(self, context: Features, actions: Sequence[Features]) -> list[float]:
        """Return VW's probability for each offered action."""

    def learn(
        self, context: Features, actions: Sequence[Features], chosen: int, cost: float,
        probability: float,
    ) -> None:
        """Learn the cost of the action at position `chosen` of `actions`."""

    def save(self, path: Path) -> None:
        """Write VW's own model file."""

    def close(self) -> None:
        """Free the workspace."""


class PublicEngine:
    """Engine by VW's documented Python interface; fresh examples in every call."""

    def __init__(self, arguments: list[str], context_dim: int, model: Path | None = None) -> None:
        self._workspace = _open_workspace(arguments, model)
        space = self._workspace.hash_space(_CONTEXT)
        self.context_hashes = [
            self._workspace.hash_feature(f'c{i}', space) for i in range(context_dim)]

    def action_hash(self, name: str) -> int:
        """Return the hash of a named action feature."""
        return int(self._workspace.hash_feature(name, self._workspace.hash_space(_ACTION)))

    def predict(self, context: Features, actions: Sequence[Features]) -> list[float]:
        """Return VW's probability for each offered action."""
        examples = self._examples(context, actions)
        try:
            return list(self._workspace.predict(examples))
        finally:
            self._workspace.finish_example(examples)

    def learn(
        self, context: Features, actions: Sequence[Features], chosen: int, cost: float,
        probability: float,
    ) -> None:
        """Learn the cost of the action at position `chosen` of `actions`."""
        examples = self._examples(context, actions, chosen, _label(cost, probability))
        try:
            self._workspace.learn(examples)
        finally:
            self._workspace.finish_example(examples)

    def save(self, path: Path) -> None:
        """Write VW's own model file."""
        self._workspace.save(path)

    def close(self) -> None:
        """Free the workspace."""
        self._workspace.finish()

    def _examples(
        self, context: Features, actions: Sequence[Features], chosen: int = -1, label: str = '',
    ) -> list[Any]:
        examples = [self._example('shared', _CONTEXT, context)]
        for position, features in enumerate(actions):
            examples.append(
                self._example(label if position == chosen else '', _ACTION, features))
        return examples

    def _example(self, label: str, namespace: str, features: Features) -> Any:
        example = self._workspace.parse(f'{label} |')[0]
        example.push_features(namespace, list(features))
        example.setup_example()
        return example


class RawEngine(PublicEngine):
    """Engine by the raw binding: examples are kept and only their features are replaced."""

    def __init__(self, arguments: list[str], context_dim: int, model: Path | None = None) -> None:
        super().__init__(arguments, context_dim, model)
        self._setup = pylibvw.vw.setup_example
        self._unsetup = pylibvw.vw.unsetup_example
        self._erase = pylibvw.example.erase_namespace
        self._push = pylibvw.example.push_feature_list
        self._predict = pylibvw.vw.predict_multi
        self._scores = pylibvw.example.get_action_scores
        self._context_space = self._workspace.hash_space(_CONTEXT)
        self._action_space = self._workspace.hash_space(_ACTION)
        self._shared = self._blank('shared', _CONTEXT_INDEX)
        self._shared_features: Features | None = None
        self._pool: list[Any] = []
        self._pool_features: list[Features | None] = []
        self._offered: Sequence[Features] | None = None
        self._offered_examples: list[Any] = []

    def predict(self, context: Features, actions: Sequence[Features]) -> list[float]:
        """Return VW's probability for each offered action."""
        if context is not self._shared_features or actions is not self._offered:
            self._prepare(context, actions)
        self._predict(self._workspace, self._offered_examples)
        return self._scores(self._shared)  # type: ignore[no-any-return]

    def learn(
        self, context: Features, actions: Sequence[Features], chosen: int, cost: float,
        probability: float,
    ) -> None:
        """Learn the cost of the action at position `chosen` of `actions`."""
        labelled = self._parse(_label(cost, probability))
        try:
            pylibvw.example.ensure_namespace_exists(labelled[0], _ACTION_INDEX)
            self._fill(labelled[0], _ACTION_INDEX, self._action_space, actions[chosen])
            if len(actions) == 1:
                self._prepare_shared(context)
                examples = [self._shared, labelled[0]]
            else:
                self._prepare(context, actions)
                examples = [*self._offered_examples]
                examples[chosen + 1] = labelled[0]
            pylibvw.vw.learn_multi(self._workspace, examples)
        finally:
            pylibvw.vw._finish_example_multi_ex(self._workspace, labelled)

    def close(self) -> None:
        """Free the workspace."""
        blanks = [self._shared, *self._pool]
        if not self._workspace.finished:
            pylibvw.vw._finish_example_multi_ex(self._workspace, blanks)
        super().close()

    def _prepare(self, context: Features, actions: Sequence[Features]) -> None:
        """
        Make the examples of a round; those that already hold these very features stay.

        What an example holds is forgotten before it is refilled: Ctrl-C may come in between.
        """
        self._prepare_shared(context)
        if actions is self._offered:
            return
        self._offered = None
        while len(self._pool) < len(actions):
            self._pool.append(self._blank('', _ACTION_INDEX))
        known = self._pool_features
        known += [None] * (len(self._pool) - len(known))
        for position, features in enumerate(actions):
            if features is not known[position]:
                known[position] = None
                self._fill(self._pool[position], _ACTION_INDEX, self._action_space, features)
                known[position] = features
        self._offered_examples = [self._shared, *self._pool[:len(actions)]]
        self._offered = actions

    def _prepare_shared(self, context: Features) -> None:
        if context is not self._shared_features:
            self._shared_features = None
            self._fill(self._shared, _CONTEXT_INDEX, self._context_space, context)
            self._shared_features = context

    def _fill(self, example: Any, namespace: int, space: int, features: Features) -> None:
        workspace = self._workspace
        self._unsetup(workspace, example)
        self._erase(example, namespace)
        self._push(example, workspace, namespace, space, features)
        self._setup(workspace, example)

    def _blank(self, label: str, namespace: int) -> Any:
        example = self._parse(label)[0]
        pylibvw.vw.unsetup_example(self._workspace, example)
        pylibvw.example.ensure_namespace_exists(example, namespace)
        pylibvw.vw.setup_example(self._workspace, example)
        return example

    def _parse(self, label: str) -> list[Any]:
        return pylibvw.vw._parse(self._workspace, f'{label} |')  # type: ignore[no-any-return]


def raw_available() -> bool:
    """Whether this VW has every name `RawEngine` needs."""
    return pylibvw is not None and all(
        hasattr(getattr(pylibvw, kind, None), name)
        for kind, names in _RAW_NAMES.items() for name in names)


def open_engine(arguments: list[str], context_dim: int, model: Path | None = None) -> Engine:
    """
    Open the fastest engine that this VW allows.

    :raises ConfigError: VW refuses the arguments.
    :raises CheckpointError: VW refuses the model file.
    """
    engine = RawEngine if raw_available() else PublicEngine
    return engine(arguments, context_dim, model)


def _open_workspace(arguments: list[str], model: Path | None) -> Any:
    if model is not None:
        seed = arguments.index('--random_seed')  # the model holds how far its generator has come
        arguments = [*arguments[:seed], *arguments[seed + 2:],
                     '--initial_regressor', str(model), '--preserve_performance_counters']
    try:
        return pyvw.Workspace(arg_list=arguments)
    except RuntimeError as error:
        if model is not None:
            raise CheckpointError(f'Vowpal Wabbit refuses the model: {error}') from None
        raise ConfigError(f'Vowpal Wabbit refuses {" ".join(arguments)}: {error}') from None


def _label(cost: float, probability: float) -> str:
    return f'0:{cost:.9g}:{probability:.9g}'
