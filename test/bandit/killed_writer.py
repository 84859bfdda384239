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

"""Run by test_kill.py: starts a learning process again and again and kills it at random instants.

Prints, as JSON, one line per kill: what was there before the kill according to the process, and
what can be read afterwards.
"""

import json
import os
from pathlib import Path
import random
import signal
import sys
import time

import numpy as np
from rfsn_ros.bandit import (
    CheckpointStore,
    DecisionLog,
    new_session,
    read_log,
    RewardRecord,
    train_from_log,
    VWConfig,
    VWContextualBandit,
)
from rfsn_ros.bandit.decision_log import log_files
from rfsn_ros.errors import CheckpointError

KILLS = 60


def settings(folder):
    return VWConfig(n_actions=4, context_dim=6, save_frequency=7, keep_checkpoints=3,
                    checkpoint_dir=str(folder / 'checkpoints'))


def learn_for_ever(folder, pipe):
    """Recover, then choose, log, learn and tell the parent how many rewards are flushed."""
    bandit = VWContextualBandit(settings(folder))
    store = CheckpointStore(folder / 'checkpoints', keep=3)
    if store.entries():
        store.load(bandit)
    log_path = folder / 'decisions.jsonl'
    if log_files(log_path):
        train_from_log(bandit, log_path, skip=bandit.example_count)
    generator = np.random.default_rng(bandit.example_count)
    session = new_session()
    with DecisionLog(log_path, max_bytes=100_000) as log:
        for number in range(10**9):
            context = generator.normal(size=6)
            action, choice = bandit.select_action(context)
            reward = float(action == (context[0] > 0))
            log.decision(f'{session}-{number}', 0.0, context, choice)
            log.reward(f'{session}-{number}', 0.0, reward)
            bandit.update(context, action, reward, probability=choice.probability)
            os.write(pipe, b'%d\n' % bandit.example_count)


def inspect(folder):
    """
    Return (rewards in the log, rewards in the newest checkpoint, damaged checkpoints).

    Killed while it sets a full file aside, a process leaves the log without its main file.
    """
    log_path = folder / 'decisions.jsonl'
    rewards = 0
    if log_files(log_path):
        rewards = sum(isinstance(record, RewardRecord) for record in read_log(log_path))
    store = CheckpointStore(folder / 'checkpoints', keep=3)
    try:
        with VWContextualBandit(settings(folder)) as bandit:
            store.load(bandit)
            saved = bandit.example_count
    except CheckpointError:
        saved = 0
    return rewards, saved, len(store.verify())


def main(folder):
    chance = random.Random(1)
    for attempt in range(KILLS):
        readable, writable = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(readable)
            learn_for_ever(folder, writable)
        os.close(writable)
        told = b''
        if attempt % 4:  # every fourth process may die before it has recovered
            told = os.read(readable, 1)
        time.sleep(chance.uniform(0.0, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while chunk := os.read(readable, 65536):
            told += chunk
        os.close(readable)
        lines = told.split(b'\n')[:-1]
        rewards, saved, damaged = inspect(folder)
        print(json.dumps({'told': int(lines[-1]) if lines else 0, 'logged': rewards,
                          'saved': saved, 'damaged': damaged}), flush=True)


if __name__ == '__main__':
    main(Path(sys.argv[1]))
