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

import os
from pathlib import Path
import subprocess
import sys
import time

import pytest
from rfsn_ros.errors import ClosedError, TaskError
from rfsn_ros.repair.sandbox import Sandbox

TESTS = b'''
from buggy import f


def test_one():
    assert f(1) == 2


def test_two():
    assert f(2) == 3
'''
GOOD = 'def f(x):\n    return x + 1\n'


@pytest.fixture(scope='module')
def sandbox():
    with Sandbox() as box:
        box.load({'test_f.py': TESTS}, ['test_f.py'])
        yield box


@pytest.fixture(autouse=True)
def _still_works(sandbox):
    yield
    assert sandbox.run(GOOD).passed


def attack(sandbox, body, **limits):
    return sandbox.run(f'import os\n\n\ndef f(x):\n    {body}\n', **{
        'cpu': 0.2, 'wall': 2.0, 'stop': True, **limits})


def test_outcomes_tell_what_differed(sandbox):
    run = sandbox.run('def f(x):\n    return 2 * x\n')
    assert [one.passed for one in run.outcomes] == [True, False]
    failed = run.outcomes[1]
    assert failed.error == 'AssertionError'
    assert failed.message == '4 is not 3'
    assert set(failed.words) == {'number', 'greater', 'off by one'}


def test_annotations_are_what_the_module_says():
    with Sandbox() as box:
        box.load({'test_f.py': b'from buggy import f\n\n\ndef test_f():\n    def g(x: int): ...\n'
                               b'    assert f.__annotations__ == g.__annotations__ == {"x": int}'},
                 ['test_f.py'])
        assert box.run('def f(x: int): ...\n').passed


def test_tests_that_cannot_be_compiled_are_refused():
    with Sandbox() as box, pytest.raises(TaskError, match='SyntaxError'):
        box.load({'test_f.py': b'def ('}, ['test_f.py'])


def test_a_loop_without_end_runs_out_of_processor_time(sandbox):
    started = time.monotonic()
    run = attack(sandbox, 'while True: pass')
    assert run.outcomes[0].error == 'Timeout'
    assert time.monotonic() - started < 5.0


def test_a_loop_that_catches_everything_is_stopped_from_outside(sandbox):
    run = sandbox.run('def f(x):\n    while True:\n        try:\n            while True:\n'
                      '                pass\n        except BaseException:\n            pass\n',
                      cpu=0.1, wall=0.7)
    assert run.failure == 'stopped'


@pytest.mark.parametrize('source', [
    'def f(x):\n    try:\n        endless()\n    except BaseException:\n        return x + 1\n',
    'def f(x):\n    return x + 1\n\n\ntry:\n    endless()\nexcept BaseException:\n    pass\n',
])
def test_a_loop_without_end_is_no_pass_where_the_limit_is_caught(sandbox, source):
    run = sandbox.run(f'def endless():\n    while True:\n        pass\n\n\n{source}', cpu=0.1)
    assert not run.passed
    assert [one.error for one in run.outcomes] == ['Timeout'] * len(run.outcomes)


def test_sleep_is_stopped_by_wall_time(sandbox):
    assert attack(sandbox, 'import time; time.sleep(60)', wall=0.5).failure == 'stopped'


def test_a_fork_bomb_gets_no_process(sandbox):
    run = sandbox.run('import os\n\n\ndef f(x):\n    while True:\n        os.fork()\n',
                      cpu=0.5, wall=3.0, stop=True)
    assert run.outcomes[0].error in ('BlockingIOError', 'OSError')


def test_threads_and_subprocesses_are_refused(sandbox):
    run = attack(sandbox, 'import threading; t = threading.Thread(target=print); t.start()')
    assert run.outcomes[0].error in ('RuntimeError', 'error')
    run = attack(sandbox, 'import subprocess; subprocess.run(["true"])')
    assert not run.passed


@pytest.mark.parametrize('body', [
    'os._exit(0)', 'import sys; sys.exit(0)', 'os.abort()', 'os.kill(os.getpid(), 9)',
    'import ctypes; ctypes.string_at(0)',
])
def test_ending_the_process_is_no_pass(sandbox, body):
    run = attack(sandbox, body)
    assert not run.passed


@pytest.mark.parametrize('body', [
    'a = b"[" * 100000; os.write(3, b"%d\\n" % len(a) + a)',
    'a = b\'{"outcomes": [{"name": "", "passed": 1, "seconds": 1, "error": "", "message": "", '
    '"words": [], "line": Infinity}]}\'; os.write(3, b"%d\\n" % len(a) + a); os._exit(0)',
    '[(os.mkdir("d"), os.chdir("d")) for _ in range(2000)]',
])
def test_odd_answers_and_deep_folders_are_no_pass(sandbox, body):
    run = attack(sandbox, body)
    assert not run.passed
    assert 'Error' not in run.failure


def test_killing_everything_in_sight_leaves_the_server_alive(sandbox):
    attack(sandbox, 'os.kill(1, 9); os.kill(-1, 9); os.kill(os.getppid(), 9)')


def test_memory_is_limited(sandbox):
    assert attack(sandbox, 'return [0] * 10 ** 10').outcomes[0].error == 'MemoryError'


def test_files_are_limited_in_size(sandbox):
    run = attack(sandbox, 'open("big", "wb").write(b"0" * (64 << 20))')
    assert not run.passed


def test_the_environment_is_empty(sandbox):
    os.environ['RFSN_SECRET'] = 'secret'
    run = attack(sandbox, 'return dict(os.environ)')
    del os.environ['RFSN_SECRET']
    assert run.outcomes[0].message == '{} is not 2'


def test_the_order_of_a_set_is_the_same_in_every_sandbox(sandbox):
    body = 'return list({"a", "b", "c", "d", "e", "f", "g", "h"})'
    with Sandbox() as box:
        box.load({'test_f.py': TESTS}, ['test_f.py'])
        assert attack(box, body).outcomes[0].message == attack(
            sandbox, body).outcomes[0].message


def test_deleting_files_reaches_neither_the_task_nor_the_next_run(sandbox, tmp_path):
    victim = tmp_path / 'victim'
    victim.write_text('still here')
    attack(sandbox, f'import shutil; shutil.rmtree({str(tmp_path)!r}, ignore_errors=True)')
    attack(sandbox, 'import shutil; shutil.rmtree(".", ignore_errors=True)')
    if 'root' in sandbox.isolation or os.getuid() == 0:
        assert victim.read_text() == 'still here'


def test_writing_does_not_last(sandbox):
    attack(sandbox, 'open("left", "w").write("x")')
    assert attack(sandbox, 'return os.path.exists("left")').outcomes[0].message.startswith('False')


def test_reading_outside_finds_nothing(sandbox, tmp_path):
    if 'root' not in sandbox.isolation:
        pytest.skip('this kernel gives no mount namespace')
    secret = tmp_path / 'secret'
    secret.write_text('secret')
    secret.chmod(0o644)
    for path in (secret, Path(__file__), '/etc/passwd', '/proc/1/environ'):
        assert attack(sandbox, f'return open({str(path)!r}).read()').outcomes[0].error in (
            'FileNotFoundError', 'PermissionError', 'NotADirectoryError')


def test_the_interpreter_is_read_only(sandbox):
    if 'root' not in sandbox.isolation:
        pytest.skip('this kernel gives no mount namespace')
    assert not attack(sandbox, f'os.remove({os.__file__!r})').passed
    assert Path(os.__file__).exists()


def test_there_is_no_network(sandbox):
    if 'net' not in sandbox.isolation:
        pytest.skip('this kernel gives no network namespace')
    body = 'import socket; socket.create_connection(("127.0.0.1", 22), 0.5)'
    assert attack(sandbox, body).outcomes[0].error == 'OSError'


def test_the_process_has_no_rights(sandbox):
    if os.getuid() != 0:
        pytest.skip('the tests do not run as root')
    assert attack(sandbox, 'return os.getuid()').outcomes[0].message == '65534 is not 2'


def test_nothing_is_left_behind():
    box = Sandbox()
    box.load({'test_f.py': TESTS}, ['test_f.py'])
    root = Path(box._root)
    process = box._process
    box.close()
    assert not root.exists()
    assert process.poll() is not None
    with pytest.raises(ClosedError):
        box.run(GOOD)


def test_the_server_goes_with_its_parent(tmp_path):
    code = ('import sys, os; from rfsn_ros.repair.sandbox import Sandbox\n'
            'box = Sandbox(); box.load({}, []); print(box._process.pid, flush=True)\n'
            'os._exit(1)\n')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True,
                          check=False, cwd=Path(__file__).parents[2], timeout=30)
    pid = int(done.stdout)
    deadline = time.monotonic() + 5.0
    while time.monotonic() < deadline and _runs(pid):
        time.sleep(0.02)
    assert not _runs(pid)


def _runs(pid):
    try:
        state = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]
    except FileNotFoundError:
        return False
    return state != 'Z'


def test_without_namespaces_the_limits_still_hold(monkeypatch):
    from rfsn_ros.repair import sandbox as module

    popen = subprocess.Popen

    def crippled(command, **options):
        at = command.index('-c') + 1
        code = ('import sys; sys.path.insert(0, sys.argv[1])\n'
                'from rfsn_ros.repair.jail import isolation\n'
                'isolation.enter_namespaces = lambda: []\n')
        return popen([*command[:at], code + command[at], *command[at + 1:]], **options)

    monkeypatch.setattr(module.subprocess, 'Popen', crippled)
    with Sandbox() as box:
        box.load({'test_f.py': TESTS}, ['test_f.py'])
        assert box.run(GOOD).passed
        assert box.isolation == ()
        assert attack(box, 'while True: pass').outcomes[0].error == 'Timeout'
        assert not attack(box, 'os.fork(); return 2').passed
        assert box.run(GOOD).passed
