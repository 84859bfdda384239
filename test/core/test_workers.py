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

"""Processes that work for another one, ended early."""

import concurrent.futures.process
import os
from pathlib import Path
import signal
import subprocess
import sys
import threading
import time

import pytest
from rfsn_ros.workers import fresh_workers

ROOT = Path(__file__).parents[2]
WORK = '''\
import sys
import tempfile
import time
from pathlib import Path

from rfsn_ros.workers import fresh_workers


def work(place):
    Path(place).write_text(tempfile.mkdtemp())
    time.sleep(600)


if __name__ == '__main__':
    with fresh_workers(2) as pool:
        print(list(pool.map(work, sys.argv[1:])))
'''


@pytest.mark.parametrize('victim', ['parent', 'worker'])
def test_what_ends_the_work_early_ends_every_worker_and_leaves_nothing(tmp_path, victim):
    process, workers, places = _working(tmp_path)
    if victim == 'parent':
        process.send_signal(signal.SIGINT)
    else:
        os.kill(workers[0], signal.SIGKILL)
    _, told = process.communicate(timeout=60.0)
    assert ('KeyboardInterrupt' if victim == 'parent' else 'BrokenProcessPool') in told
    assert 'Process Spawn' not in told  # a worker says nothing
    assert not any(Path(f'/proc/{pid}').exists() for pid in workers)
    assert not any(Path(place.read_text()).exists() for place in places)


WAITING = '''\
import time

from rfsn_ros.workers import fresh_workers


def work(number):
    time.sleep(0.0 if number < 4 else 600.0)
    return number


if __name__ == '__main__':
    with fresh_workers(2) as pool:
        for number in pool.map(work, range(30)):
            print(number, flush=True)
'''


@pytest.mark.parametrize('attempt', range(5))  # what it must not say was said every other time
def test_jobs_that_wait_are_dropped_without_a_word(tmp_path, attempt):
    (tmp_path / 'work.py').write_text(WAITING)
    process = subprocess.Popen(
        [sys.executable, 'work.py'], cwd=tmp_path, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, 'PYTHONPATH': f'{ROOT}:{os.environ.get("PYTHONPATH", "")}'})
    while process.stdout.readline() != '3\n':
        assert process.poll() is None
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60.0)
    assert told.startswith('Traceback')
    assert told.endswith('KeyboardInterrupt\n')
    assert 'Exception in thread' not in told


def test_no_thread_of_a_pool_is_left_where_its_work_ends_early(monkeypatch):
    kind = concurrent.futures.process._ExecutorManagerThread
    ending = kind.join_executor_internals

    def slowly(manager):
        time.sleep(0.3)
        ending(manager)

    monkeypatch.setattr(kind, 'join_executor_internals', slowly)
    before = set(threading.enumerate())
    with pytest.raises(KeyError):
        _give_up()
    # one that still ends while the process does says so on stderr now and then
    assert set(threading.enumerate()) == before


def _give_up():
    with fresh_workers(2) as pool:
        for _ in range(8):
            pool.submit(time.sleep, 600.0)
        raise KeyError


@pytest.mark.parametrize('number', [signal.SIGTERM, signal.SIGKILL])
def test_workers_of_a_killed_process_end_with_it(tmp_path, number):
    process, workers, places = _working(tmp_path)
    process.send_signal(number)
    try:
        _, told = process.communicate(timeout=60.0)  # its pipes close with the last worker
    except subprocess.TimeoutExpired:
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        raise
    assert 'Traceback' not in told
    assert not any(Path(place.read_text()).exists() for place in places)


def _working(folder):
    """Return a process with two workers at work, these, and where each names its folder."""
    (folder / 'work.py').write_text(WORK)
    places = [folder / 'one', folder / 'two']
    process = subprocess.Popen(
        [sys.executable, 'work.py', *map(str, places)], cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, 'PYTHONPATH': f'{ROOT}:{os.environ.get("PYTHONPATH", "")}'})
    deadline = time.monotonic() + 60.0
    while not all(place.exists() and place.read_text() for place in places):
        assert time.monotonic() < deadline
        assert process.poll() is None
        os.sched_yield()
    workers = [int(pid) for pid in _children(process.pid)
               if b'spawn_main' in Path(f'/proc/{pid}/cmdline').read_bytes()]
    assert len(workers) == 2
    return process, workers, places


def _children(pid):
    return Path(f'/proc/{pid}/task/{pid}/children').read_text().split()
