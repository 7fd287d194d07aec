# SPDX-License-Identifier: GPL-2.0-or-later
"""One child process of a test: its folder, its log, and how one knows that it is ready."""

import atexit
import grp
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

BASE = pathlib.Path(os.environ.get("PASSERELLE_TEST_DIR") or tempfile.mkdtemp(prefix="passerelle-test-")).resolve()
BASE.chmod(0o755)
_taken = set()
_started = []


@atexit.register
def end_all():
    """Whatever went wrong, no process outlives the run that started it."""
    for process in _started:
        if process.alive:
            process.kill()


def leave_running():
    _started.clear()


def free_port(wanted=0):
    """A port of 127.0.0.1 that nobody has, and that this run has not given out yet; the WANTED one where it is free."""
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", wanted))
            except OSError:
                wanted = 0
                continue
            port = probe.getsockname()[1]
        if port not in _taken:
            _taken.add(port)
            return port
        wanted = 0


def tcp_queues():
    """Of each IPv4 socket: its port, its peer's, how many bytes the other end has not acknowledged, and how many have come and were not
    read.  The table is given in pieces: while others connect and leave, what does not move may be missing in it."""
    with open("/proc/net/tcp") as table:
        next(table)
        for line in table:
            _, local, peer, _, queues, *_ = line.split()
            yield int(local[9:], 16), int(peer[9:], 16), *(int(number, 16) for number in queues.split(":"))


def folder(name, user=None):
    """A new folder, owned by USER where we are root: most servers refuse to be root."""
    path = next(path for path in (BASE / (name + end) for end in ("", *(f"-{n}" for n in range(2, 10000)))) if not path.exists())
    path.mkdir()
    path.chmod(0o755)
    if user and os.getuid() == 0:
        shutil.chown(path, user)
    return path


class Process:
    """A program with its output in a file; ended by its own pid, never by name."""

    def __init__(self, name, argv, log, user=None, env=None, cwd=None):
        self.name, self.argv, self.log = name, [str(word) for word in argv], pathlib.Path(log)
        self.user = user if os.getuid() == 0 else None
        self.env = {**os.environ, **(env or {})}
        self.cwd = cwd
        self.child = None

    def start(self):
        rights = {}
        if self.user:
            entry = pwd.getpwnam(self.user)
            groups = [g.gr_gid for g in grp.getgrall() if self.user in g.gr_mem]
            rights = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": groups}
        with open(self.log, "ab") as out:
            self.child = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=self.env,
                                          cwd=self.cwd, start_new_session=True, **rights)
        _started.append(self)
        return self

    @property
    def alive(self):
        return self.child is not None and self.child.poll() is None

    def text(self, since=0):
        with open(self.log, "rb") as log:
            log.seek(since)
            return log.read().decode(errors="replace")

    def mark(self):
        """Where the log ends now: give it to text() or wait_line()."""
        return self.log.stat().st_size if self.log.exists() else 0

    def _until(self, what, timeout, question):
        end = time.monotonic() + timeout
        while True:
            answer = question()
            if answer:
                return answer
            if not self.alive:
                raise AssertionError(f"{self.name} ended ({self.child.poll()}) before {what}:\n{self.text()[-4000:]}")
            if time.monotonic() > end:
                raise AssertionError(f"{self.name}: no {what} within {timeout} s:\n{self.text()[-4000:]}")
            time.sleep(0.02)

    def wait_line(self, pattern, timeout=20, since=0):
        return self._until(f"log line /{pattern}/", timeout, lambda: re.search(pattern, self.text(since)))

    def wait_port(self, port, timeout=20):
        def accepts():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        self._until(f"open port {port}", timeout, accepts)
        return self

    def signal(self, number):
        os.kill(self.child.pid, number)

    def wait_end(self, timeout=10):
        """The exit status."""
        return self.child.wait(timeout)

    def stop(self, timeout=10):
        if not self.alive:
            return
        self.signal(signal.SIGTERM)
        try:
            self.wait_end(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self):
        self.child.kill()
        self.child.wait()
