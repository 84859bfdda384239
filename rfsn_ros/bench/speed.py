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
How long choosing and learning take: this package, its floor and its rivals in one run.

All candidates take turns in short blocks, so that whatever else the machine does falls on all of
them alike; the figure of each is the median over its single calls, in processor time, which does
not count waiting for a processor that others use.
"""

from __future__ import annotations

from collections.abc import Callable
import contextlib
from dataclasses import dataclass
import subprocess
import sys
import time
from typing import Any

import numpy as np
from rfsn_ros.bandit import LinearBandit, LinearConfig, VWConfig, VWContextualBandit
from rfsn_ros.bandit.base import BaseBandit
from rfsn_ros.bandit.contract import FloatArray
from rfsn_ros.bandit.vw_engine import open_engine
from rfsn_ros.bench.rivals import AdaGradBandit, MabWiserLinUcb, PlainVW, Rival

__all__ = ['Timing', 'measure_leak', 'measure_memory', 'measure_speed']

_DIM, _ACTIONS = 64, 10
_SHARED, _ROWS, _WIDTH = 24, 12, 5
_POOL = 256
_BLOCK = 50

Call = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Timing:
    """Median processor time of one call of an operation by a candidate [us]."""

    operation: str
    candidate: str
    median_us: float


def measure_speed(calls: int = 5000) -> list[Timing]:
    """Measure everything; `calls` is how often each operation is called."""
    generator = np.random.default_rng(0)
    contexts = generator.normal(size=(_POOL, _DIM))
    timings = []
    for operation, candidates in (
        ('choose', _choose(contexts)),
        ('update', _update(contexts)),
        ('choose + update', _round(contexts)),
        ('choose, 24 shared + 12 x 5', _choose_features(generator)),
        ('update, 24 shared + 12 x 5', _update_features(generator)),
    ):
        timings += _compare(operation, candidates, calls)
    timings += _compare('batch_update of 1000', _batch(generator), max(10, calls // 500))
    return timings


def measure_memory(bits: int) -> tuple[float, float]:
    """
    Return the resident memory of a process with one model, after 10 and after 5,000 rounds.

    In MB (10^6 bytes); d = 64, K = 10, in a process of its own.
    """
    early, late = _in_own_process(_MEMORY, bits)
    return early / 1e6, late / 1e6


def measure_leak(rounds: int = 1_000_000) -> list[tuple[int, float]]:
    """Return (round, resident memory in MB) along `rounds` of predict and update."""
    sizes = _in_own_process(_LEAK, rounds)
    return [(rounds * part // 10, size / 1e6) for part, size in enumerate(sizes)]


def _compare(operation: str, candidates: dict[str, Call], calls: int) -> list[Timing]:
    times: dict[str, list[int]] = {name: [] for name in candidates}
    clock = time.thread_time_ns
    for start in range(0, calls, _BLOCK):
        for name, call in candidates.items():
            taken = times[name]
            for number in range(start, min(start + _BLOCK, calls)):
                before = clock()
                call(number)
                taken.append(clock() - before)
    return [Timing(operation, name, float(np.median(taken)) / 1e3)
            for name, taken in times.items()]


def _vw(**changes: object) -> VWContextualBandit:
    return VWContextualBandit(
        VWConfig.from_dict({'n_actions': _ACTIONS, 'context_dim': _DIM, **changes}))


def _linear(policy: str) -> LinearBandit:
    return LinearBandit(LinearConfig(n_actions=_ACTIONS, context_dim=_DIM, policy=policy))


def _own() -> dict[str, BaseBandit]:
    return {
        'VW (default)': _vw(),
        'VW epsilon_greedy': _vw(exploration='epsilon_greedy'),
        'VW standardised': VWContextualBandit(
            VWConfig.standardised(n_actions=_ACTIONS, context_dim=_DIM)),
        'LinUCB, NumPy': _linear('ucb'),
        'LinTS, NumPy': _linear('ts'),
    }


def _rivals() -> list[Rival]:
    rivals: list[Rival] = [PlainVW(_ACTIONS, _DIM), AdaGradBandit(_ACTIONS, _DIM)]
    with contextlib.suppress(ImportError):
        rivals.append(MabWiserLinUcb(_ACTIONS, _DIM))
    return rivals


def _call(act: Callable[..., object], *columns: Any, **named: Any) -> Call:
    """Return a call that takes row n, modulo the length, of every column."""
    rows = list(zip(*columns, strict=True))
    names = [dict(zip(named, row, strict=True)) for row in zip(*named.values(), strict=True)]
    if names:
        return lambda number: act(*rows[number % _POOL], **names[number % _POOL])
    return lambda number: act(*rows[number % _POOL])


def _rewards() -> list[float]:
    return [float(action == number % _ACTIONS) for number, action in enumerate(_taken())]


def _taken() -> list[int]:
    return [number % 7 for number in range(_POOL)]


def _choose(contexts: FloatArray) -> dict[str, Call]:
    candidates: dict[str, Call] = {'floor: prebuilt example': _floor_predict(contexts)}
    for name, bandit in _own().items():
        for row in zip(contexts, _taken(), _rewards(), strict=True):
            bandit.update(*row, probability=0.1)
        candidates[name] = _call(bandit.select_action, contexts)
    for rival in _rivals():
        candidates[rival.name] = _call(rival.choose, contexts)
    return candidates


def _update(contexts: FloatArray) -> dict[str, Call]:
    columns = (contexts, _taken(), _rewards())
    candidates = {name: _call(bandit.update, *columns, probability=[0.1] * _POOL)
                  for name, bandit in _own().items()}
    for rival in _rivals():
        candidates[rival.name] = _call(rival.update, *columns)
    return candidates


def _round(contexts: FloatArray) -> dict[str, Call]:
    def own(bandit: BaseBandit) -> Call:
        def play(number: int) -> None:
            context = contexts[number % _POOL]
            action, choice = bandit.select_action(context)
            bandit.update(context, action, float(action == number % _ACTIONS),
                          probability=choice.probability)
        return play

    def other(rival: Rival) -> Call:
        def play(number: int) -> None:
            context = contexts[number % _POOL]
            action = rival.choose(context)
            rival.update(context, action, float(action == number % _ACTIONS))
        return play

    candidates = {name: own(bandit) for name, bandit in _own().items()}
    candidates.update({rival.name: other(rival) for rival in _rivals()})
    return candidates


def _batch(generator: np.random.Generator) -> dict[str, Call]:
    contexts = generator.normal(size=(1000, _DIM))
    taken = np.arange(1000) % 7
    rewards = (taken == np.arange(1000) % _ACTIONS).astype(float)
    batch = [(contexts, taken, rewards, np.full(1000, 0.1))] * _POOL
    candidates: dict[str, Call] = {'floor: prebuilt features': _floor_learn(contexts, rewards)}
    for name, bandit in _own().items():
        candidates[name] = _call(_learn_batch, [bandit] * _POOL, batch)
    return candidates


def _learn_batch(bandit: BaseBandit, batch: tuple[Any, Any, Any, Any]) -> None:
    bandit.batch_update(*batch)


def _with_features() -> dict[str, BaseBandit]:
    shape = {'context_dim': _SHARED, 'action_dim': _WIDTH}
    return {
        'VW (default)': VWContextualBandit(VWConfig.from_dict(shape)),
        'VW standardised': VWContextualBandit(VWConfig.standardised(**shape)),
        'LinUCB, NumPy': LinearBandit(LinearConfig.from_dict(shape)),
        'LinTS, NumPy': LinearBandit(LinearConfig.from_dict({**shape, 'policy': 'ts'})),
    }


def _choose_features(generator: np.random.Generator) -> dict[str, Call]:
    contexts = generator.normal(size=(_POOL, _SHARED))
    tables = generator.normal(size=(_POOL, _ROWS, _WIDTH))
    return {name: _call(bandit.select_action, contexts, actions=tables)
            for name, bandit in _with_features().items()}


def _update_features(generator: np.random.Generator) -> dict[str, Call]:
    contexts = generator.normal(size=(_POOL, _SHARED))
    tables = generator.normal(size=(_POOL, _ROWS, _WIDTH))
    return {name: _call(bandit.update, contexts, _taken(), _rewards(),
                        probability=[0.1] * _POOL, actions=tables)
            for name, bandit in _with_features().items()}


def _floor_predict(contexts: FloatArray) -> Call:
    engine = open_engine(VWConfig(n_actions=_ACTIONS, context_dim=_DIM).arguments(), _DIM)
    context = list(zip(engine.context_hashes, contexts[0].tolist(), strict=True))
    actions = [[(engine.action_hash(f'k{k}'), 1.0)] for k in range(_ACTIONS)]
    return lambda _: engine.predict(context, actions)


def _floor_learn(contexts: FloatArray, rewards: FloatArray) -> Call:
    """Learn rows whose features were converted beforehand: VW and filling its examples."""
    engine = open_engine(VWConfig(n_actions=_ACTIONS, context_dim=_DIM).arguments(), _DIM)
    rows = [list(zip(engine.context_hashes, row.tolist(), strict=True)) for row in contexts]
    actions = [[[(engine.action_hash(f'k{k}'), 1.0)]] for k in range(_ACTIONS)]
    costs = (-rewards).tolist()

    def learn(_: int) -> None:
        for number, row in enumerate(rows):
            engine.learn(row, actions[number % 7], 0, costs[number], 0.1)

    return learn


def _in_own_process(program: str, argument: int) -> list[int]:
    result = subprocess.run(
        [sys.executable, '-c', _SIZE + program, str(argument)], capture_output=True, text=True,
        check=True)
    return [int(word) for word in result.stdout.split()]


_SIZE = """
import sys
import numpy as np
from rfsn_ros.bandit import VWConfig, VWContextualBandit

def size():
    with open('/proc/self/statm') as file:
        return int(file.read().split()[1]) * 4096

contexts = np.random.default_rng(0).normal(size=(1000, 64))

def rounds(bandit, start, stop):
    for number in range(start, stop):
        context = contexts[number % 1000]
        action, choice = bandit.select_action(context)
        bandit.update(context, action, float(action == 3), probability=choice.probability)
"""

_MEMORY = """
bandit = VWContextualBandit(VWConfig(n_actions=10, context_dim=64, bits=int(sys.argv[1])))
rounds(bandit, 0, 10)
print(size())
rounds(bandit, 10, 5_000)
print(size())
"""

_LEAK = """
bandit = VWContextualBandit(VWConfig(n_actions=10, context_dim=64))
rounds(bandit, 0, 1000)
print(size())
part = int(sys.argv[1]) // 10
for number in range(10):
    rounds(bandit, number * part, (number + 1) * part)
    print(size())
"""
