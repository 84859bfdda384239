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
Namespaces, a read-only root and resource limits, as far as the kernel allows.

The calls go to the C library; every step that the kernel refuses is left out, and what was reached
is reported by name.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys

__all__ = ['PATHS', 'confine_process', 'enter_namespaces', 'enter_root', 'leave_with_parent']

_NEWNS, _NEWUTS, _NEWIPC, _NEWUSER, _NEWPID, _NEWNET = (
    0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
_RDONLY, _NOSUID, _NODEV, _REMOUNT, _BIND, _REC, _PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
_PDEATHSIG, _NO_NEW_PRIVS = 1, 38
_NOBODY = 65534
_CAPABILITY_VERSION_3 = 0x20080522
_libc = ctypes.CDLL(None, use_errno=True)

PATHS = ('/usr', '/lib', '/lib64', '/bin')


def leave_with_parent() -> None:
    """Ask the kernel to kill this process when its parent dies."""
    _libc.prctl(_PDEATHSIG, 9, 0, 0, 0)


def enter_namespaces() -> list[str]:
    """
    Leave the host's mounts, network, process ids and IPC; return what was left.

    The caller must fork afterwards: the child is the first process of the new process ids.
    """
    uid, gid = os.getuid(), os.getgid()
    inner = _NEWNS | _NEWPID | _NEWNET | _NEWIPC | _NEWUTS
    names = ['mount', 'pid', 'net', 'ipc', 'uts']
    if uid == 0 and _libc.unshare(inner) == 0:
        return names
    if _libc.unshare(_NEWUSER | inner) != 0:
        return []
    for path, text in (('setgroups', 'deny'), ('uid_map', f'{uid} {uid} 1'),
                       ('gid_map', f'{gid} {gid} 1')):
        with open(f'/proc/self/{path}', 'w') as file:
            file.write(text)
    return [*names, 'user']


def enter_root(root: str, folders: list[str]) -> bool:
    """
    Make `root` an empty file system with the given folders read-only in it, and enter it.

    Needs a mount namespace of its own. Returns false, with nothing entered, where the kernel
    refuses.
    """
    try:
        _mount(None, '/', None, _REC | _PRIVATE)
        _mount('tmpfs', root, 'tmpfs', _NOSUID | _NODEV, 'size=64m,mode=755')
        for folder in folders:
            inside = root + folder
            if os.path.islink(folder):
                os.makedirs(os.path.dirname(inside), exist_ok=True)
                os.symlink(os.readlink(folder), inside)
                continue
            os.makedirs(inside, exist_ok=True)
            _mount(folder, inside, None, _BIND | _REC)
            _mount(None, inside, None, _BIND | _REMOUNT | _RDONLY | _NOSUID | _NODEV)
        os.makedirs(f'{root}/dev')
        for device in ('null', 'urandom'):
            with open(f'{root}/dev/{device}', 'w'):
                _mount(f'/dev/{device}', f'{root}/dev/{device}', None, _BIND)
        os.mkdir(f'{root}/run')
    except OSError:
        return False
    os.chroot(root)
    os.chdir('/')
    return True


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str = '') -> None:
    result = _libc.mount(
        source.encode() if source else None, target.encode(), kind.encode() if kind else None,
        ctypes.c_ulong(flags), data.encode() if data else None)
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), target)


def confine_process(folder: str, cpu_seconds: int, memory: int, file_size: int) -> None:
    """
    Limit this process for good and give up its rights; `folder` becomes its own.

    No new processes or threads, no core files, 64 open files; a root user becomes nobody.
    """
    for kind, limit in (
        (resource.RLIMIT_CPU, cpu_seconds), (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, file_size), (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0), (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(kind, (limit, limit))
    if os.getuid() == 0:
        os.chown(folder, _NOBODY, _NOBODY)
        try:
            os.setgroups([])
            os.setgid(_NOBODY)
            os.setuid(_NOBODY)
        except OSError:
            print('cannot give up the rights of root', file=sys.stderr)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _libc.capset(header, nothing)
    _libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
