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

"""What all tests share: reproducible property tests, and DDS kept on this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
import fcntl
import os
from pathlib import Path
import random
import signal
import tempfile

from hypothesis import HealthCheck, settings
import pytest

os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'
# Tests run side by side, one for each core; a pool of threads for every small matrix product only
# makes them wait for each other. Read when NumPy is imported, and by processes that tests start.
os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')

# A script's background jobs ignore Ctrl-C, and would hand that on to the commands that tests stop.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Shared machines are slow at times; a deadline would only make good tests fail there.
settings.register_profile(
    'default', deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile('ci', settings.get_profile('default'), derandomize=True)
settings.load_profile('ci' if os.environ.get('CI') or 'PYTEST_XDIST_WORKER' in os.environ
                      else 'default')


_HERE = Path(__file__).parent
# Nodes without a folder of their own keep their checkpoints below ROS_HOME.
_HOME = tempfile.TemporaryDirectory(prefix='rfsn-test-ros-home-', ignore_cleanup_errors=True)
os.environ['ROS_HOME'] = _HOME.name


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line('markers', 'slow: takes more than ten seconds; make test-fast skips')
    # Else pytest-xdist (3.7 or later) hands out files with many tests first, whatever they take.
    if hasattr(config.option, 'loadscopereorder'):
        config.option.loadscopereorder = False


# Files are handed out whole, one after the other; a long one that came last would leave one worker
# alone with it. These take longest. Those that wait for nodes come after others that have the
# kernels of the navigation compiled, which takes a minute where none are kept.
_FIRST = (
    'docs/test_docs.py', 'evaluation/test_estimators.py', 'repair/test_repair.py',
    'evaluation/test_comparison.py', 'training/test_train.py', 'replay/test_own_bags.py',
    'nodes/test_graph.py', 'faults/test_processes.py', 'faults/test_inputs.py',
    'repair/test_train.py', 'repair/test_evaluation.py', 'bandit/test_kill.py',
    'nodes/test_measure_latency.py', 'packaging/test_install.py', 'training/test_pictures.py',
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest files begin; the others keep their order."""
    place = {str(_HERE / name): number for number, name in enumerate(_FIRST)}
    items.sort(key=lambda item: place.get(str(item.path), len(place)))


class Domains:
    """DDS domains that no other test on this machine uses, whoever runs it.

    Two graphs in one domain hear each other's scans and clocks, so a domain is reserved with a
    lock. Each reservation tries another one first: killed processes haunt theirs for a while.
    """

    USABLE = range(1, 101)  # 0 is everybody's; higher ones meet the ports of outgoing connections

    def __init__(self) -> None:
        self._next = random.SystemRandom().choice(self.USABLE)

    @contextmanager
    def reserved(self) -> Iterator[int]:
        """Hold a domain of one's own; yield its id."""
        for _ in self.USABLE:
            domain = self._next
            self._next = self._next % len(self.USABLE) + 1
            lock = Path(tempfile.gettempdir(), f'rfsn-ros-test-domain-{domain}.lock')
            try:
                file = lock.open('a')
            except PermissionError:  # another user's
                continue
            with file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    continue
                yield domain
                return
        raise RuntimeError('all DDS domains are in use by tests')


@pytest.fixture(scope='session')
def domains() -> Domains:
    return Domains()


@pytest.fixture
def domain_id(domains: Domains) -> Iterator[int]:
    """A DDS domain of this test's own."""
    with domains.reserved() as domain:
        yield domain
