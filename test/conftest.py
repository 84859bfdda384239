"""What all tests share: reproducible property tests, and DDS kept on this machine."""

import os
import tempfile

import pytest
from hypothesis import HealthCheck, settings

os.environ['ROS_AUTOMATIC_DISCOVERY_RANGE'] = 'LOCALHOST'

# Shared machines are slow at times; a deadline would only make good tests fail there.
settings.register_profile(
    'default', deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile('ci', settings.get_profile('default'), derandomize=True)
settings.load_profile('ci' if os.environ.get('CI') or 'PYTEST_XDIST_WORKER' in os.environ
                      else 'default')


# Nodes without a folder of their own keep their checkpoints below ROS_HOME.
os.environ['ROS_HOME'] = tempfile.mkdtemp(prefix='rfsn-test-ros-home-')


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line('markers', 'slow: takes more than ten seconds; make test-fast skips')


@pytest.fixture(scope='session')
def domain_id() -> int:
    """A DDS domain of this worker's own."""
    worker = int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))
    return (int(os.environ.get('ROS_DOMAIN_ID', '40')) + 50 + 7 * worker) % 100 + 1
