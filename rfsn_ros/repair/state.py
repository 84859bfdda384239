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

"""What repair has learned: the ranking of edits and the bandit's model, as files of one folder."""

from __future__ import annotations

from functools import cached_property
import os
from pathlib import Path
import tempfile
from typing import TYPE_CHECKING

from rfsn_ros.errors import CheckpointError

if TYPE_CHECKING:
    from rfsn_ros.bandit import DecisionLog, VWContextualBandit
    from rfsn_ros.repair.policies import BanditPolicy
    from rfsn_ros.repair.ranker import Ranker

__all__ = ['TRAINED', 'RepairState', 'write_ranker']

TRAINED = Path(__file__).parent / 'trained'
_RANKING, _PRIOR, _BANDIT, _LOG = 'ranking.json.gz', 'prior.json.gz', 'bandit.rfsn', 'log.jsonl'


class RepairState:
    """
    The ranking, the context-free prior and the bandit, each read at its first use.

    Without a folder the trained state of the package is used and nothing is kept. With one, its
    files are used where they are (the package's where they are not), `save` writes them, and
    every decision is logged into ``log.jsonl``.

    :raises CheckpointError: the folder cannot be made.
    """

    def __init__(self, folder: str | Path | None = None, *, seed: int = 1) -> None:
        self.folder = None if folder is None else Path(folder)
        self._seed = seed
        if self.folder is not None:
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise CheckpointError(f'{self.folder}: {error.strerror}') from None

    @staticmethod
    def kept_in(folder: Path) -> bool:
        """Whether a folder holds anything that was learned."""
        return any((folder / name).is_file() for name in (_RANKING, _PRIOR, _BANDIT))

    def load(self) -> Ranker:
        """
        Read everything now; return the ranking.

        :raises CheckpointError: a file is damaged, or was made under other settings.
        """
        self.bandit, self.log  # noqa: B018  (the first use reads them)
        return self.ranker

    @cached_property
    def ranker(self) -> Ranker:
        """Return the ranking of edits."""
        return self._load_ranker(_RANKING)

    @cached_property
    def bandit(self) -> VWContextualBandit:
        """Return the model that chooses from the short list."""
        from rfsn_ros.bandit import VWContextualBandit
        from rfsn_ros.repair.policies import bandit_config

        bandit = VWContextualBandit(bandit_config())
        model = self._find(_BANDIT)
        if model.is_file():
            bandit.load(model)
        bandit.reseed(self._seed)
        return bandit

    @cached_property
    def log(self) -> DecisionLog | None:
        """Return the log of decisions, where there is a folder for it."""
        from rfsn_ros.bandit import DecisionLog

        return None if self.folder is None else DecisionLog(self.folder / _LOG)

    @property
    def policy(self) -> BanditPolicy:
        """Return a policy of the bandit; it learns, and logs where there is a folder."""
        from rfsn_ros.repair.policies import BanditPolicy

        return BanditPolicy(self.bandit, log=self.log)

    def prior(self) -> Ranker:
        """Return the ranking learned from operators alone, without any context."""
        return self._load_ranker(_PRIOR)

    def save(self) -> None:
        """Write ranking and model into the folder, each file whole or not at all."""
        if self.folder is not None:
            write_ranker(self.ranker, self.folder / _RANKING)
            self.bandit.save(self.folder / _BANDIT)

    def close(self) -> None:
        """Free the model and close the log."""
        for part in ('bandit', 'log'):
            read = vars(self).get(part)
            if read is not None:
                read.close()

    def _find(self, name: str) -> Path:
        if self.folder is not None and (self.folder / name).is_file():
            return self.folder / name
        return TRAINED / name

    def _load_ranker(self, name: str) -> Ranker:
        from rfsn_ros.repair.ranker import Ranker

        path = self._find(name)
        return Ranker.load(path) if path.is_file() else Ranker()


def write_ranker(ranker: Ranker, path: Path) -> None:
    """Write a ranking beside its place, then rename it there."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix='.ranking-')
    os.close(handle)
    try:
        ranker.save(name)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise CheckpointError(f'{path}: {error.strerror}') from None
