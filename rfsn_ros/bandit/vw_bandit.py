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

"""The contextual bandit on Vowpal Wabbit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
import contextlib
from pathlib import Path
import tempfile

from rfsn_ros.bandit.base import BaseBandit
from rfsn_ros.bandit.config import VWConfig
from rfsn_ros.bandit.contract import FloatArray
from rfsn_ros.bandit.rounds import Round
from rfsn_ros.bandit.scaling import RunningScale
from rfsn_ros.bandit.vw_engine import Engine, Features, open_engine, VW_VERSION
from rfsn_ros.errors import CheckpointError

__all__ = ['VWContextualBandit']


class _Offered:
    """
    A round in the form VW takes: the context, and the offered actions once they are wanted.

    Learning from a choice made long ago takes one action of dozens.
    """

    __slots__ = ('_every', '_hashes', '_rows', '_suffixes', 'given', 'shared')

    def __init__(
        self, shared: Features, given: tuple[FloatArray, ...],
        every: Sequence[Features] | None, hashes: Sequence[int] = (),
        rows: FloatArray | None = None, suffixes: Sequence[Features] = (),
    ) -> None:
        """
        Take the actions ready made, or the values (K, action_dim) of what `hashes` name.

        `given` is what context and actions were scaled from, where they were.
        """
        self.shared = shared
        self.given = given
        self._every = every
        self._hashes = hashes
        self._rows = rows
        self._suffixes = suffixes

    def one(self, position: int) -> Features:
        """Return the features of one offered action."""
        if self._every is not None:
            return self._every[position]
        assert self._rows is not None
        return [*zip(self._hashes, self._rows[position].tolist(), strict=True),
                *self._suffixes[position]]

    def shown(self) -> Sequence[Features]:
        """
        Return the features of all offered actions that are not 0, for a prediction.

        A product with 0 adds nothing to it; learning needs them, as it counts what it has seen.
        """
        if self._every is not None:
            return self._every
        assert self._rows is not None
        hashes = self._hashes
        return [
            [pair for pair in zip(hashes, row, strict=True) if pair[1]] + [*suffix]
            for row, suffix in zip(self._rows.tolist(), self._suffixes, strict=True)]

    def every(self) -> Sequence[Features]:
        """Return the features of all offered actions; always the same list."""
        if self._every is None:
            assert self._rows is not None
            self._every = [
                [*zip(self._hashes, row, strict=True), *suffix]
                for row, suffix in zip(self._rows.tolist(), self._suffixes, strict=True)]
        return self._every


class VWContextualBandit(BaseBandit):
    """
    Contextual bandit on Vowpal Wabbit's `--cb_explore_adf`, both forms.

    In the fixed form an action is described by its number alone; with `action_dim` > 0 every
    round brings one feature row per action and K may vary. Masked actions are not shown to VW.

    >>> import numpy as np
    >>> bandit = VWContextualBandit(VWConfig(n_actions=5, context_dim=10))
    >>> context = np.linspace(-1.0, 1.0, 10)
    >>> action, choice = bandit.select_action(context)
    >>> round(float(choice.pmf.sum()), 6)
    1.0
    >>> bandit.update(context, action, 1.0)
    >>> bandit.example_count
    1
    >>> bandit.close()
    """

    backend = 'vw'
    config_type = VWConfig

    config: VWConfig

    def __init__(self, config: VWConfig) -> None:
        super().__init__(config)
        self._arguments = config.arguments()
        # `mtr` learns from the executed action alone; showing VW only that one saves the time of
        # predicting all the others and leaves out nothing but a factor K in the step size.
        self._alone = config.cb_type == 'mtr' and config.exploration != 'cover'
        # One scale for the context and one for the rows of action features.
        scales = (RunningScale(config.context_dim), RunningScale(config.action_dim))
        self._install((open_engine(self._arguments, config.context_dim),
                       scales if config.standardise else ()))

    @property
    def library_version(self) -> str:
        """Version of Vowpal Wabbit."""
        return VW_VERSION

    @property
    def command_line(self) -> str:
        """Return the arguments of Vowpal Wabbit, joined by blanks."""
        return ' '.join(self._arguments)

    def close(self) -> None:
        """Free the workspace; later use raises `ClosedError`."""
        if not self._closed:
            self._check_usable()
            self._engine.close()
        super().close()

    def _prepare(
        self, context: FloatArray, actions: FloatArray | None, allowed: Sequence[int],
    ) -> _Offered:
        given: tuple[FloatArray, ...] = ()
        if self._scales:
            given = (context.copy(),) if actions is None else (context.copy(), actions.copy())
            context = self._scales[0].apply(context)
            actions = None if actions is None else self._scales[1].apply(actions)
        shared = list(zip(self._context_hashes, context.tolist()))  # noqa: B905 (checked, slower)
        if actions is None:
            if allowed is self._inputs.every_action:
                return _Offered(shared, given, self._identities)
            return _Offered(shared, given, [self._identities[action] for action in allowed])
        suffixes: Sequence[Features] = [()] * len(allowed)
        if self.config.action_identity:
            suffixes = [((self._engine.action_hash(f'k{action}'), 1.0),) for action in allowed]
        return _Offered(shared, given, None, self._action_hashes, actions[allowed], suffixes)

    def _pmf(self, offer: Round) -> list[float]:
        offered: _Offered = offer.prepared
        return self._engine.predict(
            offered.shared, offered.shown() if self._alone else offered.every())

    def _learn(self, offer: Round, action: int, cost: float, probability: float) -> None:
        offered: _Offered = offer.prepared
        every = len(offer.allowed) == offer.n_actions
        position = action if every else offer.allowed.index(action)
        if self._alone:
            self._engine.learn(
                offered.shared, [offered.one(position)], 0, cost, probability)
        else:
            self._engine.learn(offered.shared, offered.every(), position, cost, probability)
        # The scale learns last: what was chosen under it is also learned under it.
        changed = [
            scale.learn(rows) for scale, rows in zip(self._scales, offered.given, strict=False)]
        if any(changed):
            self._last_round = None  # it was prepared under the scale before

    def _dump(self) -> bytes:
        """
        Return VW's model file, and go on from it.

        The file lacks some of the state of bag, cover, rnd and of doubly robust learning, so the
        live workspace is opened anew from it: who goes on and who loads later are the same.

        :raises CheckpointError: the file cannot be written; the live workspace is as it was.
        """
        with _model_file() as path:
            self._engine.save(path)
            payload = path.read_bytes()
        payload = b''.join([*(scale.dump() for scale in self._scales), payload])
        self._install(self._parse(payload))
        return payload

    def _parse(self, payload: bytes) -> tuple[Engine, tuple[RunningScale, ...]]:
        scales = []
        for scale in self._scales:
            scales.append(scale.parse(payload[:scale.size]))
            payload = payload[scale.size:]
        with _model_file() as path:
            path.write_bytes(payload)
            return open_engine(self._arguments, self.config.context_dim, path), tuple(scales)

    def _install(self, parsed: tuple[Engine, tuple[RunningScale, ...]]) -> None:
        previous = self.__dict__.get('_engine')
        self._engine, self._scales = engine, _ = parsed
        self._context_hashes = engine.context_hashes
        self._action_hashes = [engine.action_hash(f'f{i}') for i in range(self.config.action_dim)]
        self._identities = [[(engine.action_hash(f'k{k}'), 1.0)]
                            for k in range(self.config.n_actions)]
        if previous is not None:
            previous.close()


@contextlib.contextmanager
def _model_file() -> Iterator[Path]:
    """
    Yield a path for Vowpal Wabbit's own file, which lives as long as this context.

    :raises CheckpointError: the disk is full, or there is nowhere to put it.
    """
    try:
        with tempfile.TemporaryDirectory(prefix='rfsn-') as folder:
            yield Path(folder, 'model.vw')
    except (OSError, RuntimeError) as error:  # the latter is what VW makes of a full disk
        raise CheckpointError(
            f'cannot write a temporary file for the model (TMPDIR): {error}') from None
