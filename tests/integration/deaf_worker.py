# SPDX-License-Identifier: GPL-2.0-or-later
"""A real worker whose hub can become one that dies with all it has not sent yet: after SIGUSR1 nothing of what the hub writes
gets to the worker any more.  Started by the hub: deaf_worker.py WORKER FOLDER --socket PATH --id NUMBER --lock FILE ...

The file FOLDER/deaf says that it is so, until that hub has gone."""

import contextlib
import fcntl
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys

WORKER, FOLDER, OPTIONS = sys.argv[1], pathlib.Path(sys.argv[2]), dict(zip(sys.argv[3::2], sys.argv[4::2]))
DEAF = FOLDER / "deaf"


def pass_on(hub, worker):
    """Until one of them has gone."""
    ends = {hub.fileno(): (hub, worker), worker.fileno(): (worker, hub)}
    waiting = select.poll()
    for end in ends:
        waiting.register(end, select.POLLIN)

    def become_deaf(*_):
        waiting.modify(hub.fileno(), 0)
        DEAF.touch()

    signal.signal(signal.SIGUSR1, become_deaf)
    with contextlib.suppress(ConnectionError):
        while True:
            for end, events in waiting.poll():
                source, target = ends[end]
                data = b"" if DEAF.exists() and source is hub else source.recv(65536)
                if not data:
                    return
                target.sendall(data)


def main():
    lock = open(OPTIONS["--lock"], "r+b")
    fcntl.lockf(lock, fcntl.LOCK_EX)            # the hub looks for it at this process
    mine = {"--socket": FOLDER / "hub", "--lock": FOLDER / "lock"}
    mine["--lock"].touch()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(mine["--socket"]))
        listener.listen()
        listener.settimeout(0.2)                # the pace at which the worker is looked after
        child = subprocess.Popen([WORKER, *(str(word) for pair in (OPTIONS | mine).items() for word in pair)])
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        while child.poll() is None:
            with contextlib.suppress(OSError):
                worker, _ = listener.accept()
                with worker, socket.socket(socket.AF_UNIX) as hub:
                    hub.connect(OPTIONS["--socket"])
                    pass_on(hub, worker)
            DEAF.unlink(missing_ok=True)
    sys.exit(child.returncode)


main()
