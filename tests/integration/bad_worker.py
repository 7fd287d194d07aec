# SPDX-License-Identifier: GPL-2.0-or-later
"""A worker process that does not do as it should. Started by the hub: bad_worker.py MODE --socket PATH --id NUMBER"""

import fcntl
import json
import os
import signal
import socket
import struct
import sys
import time

from wire import VERSION

MODE, OPTIONS = sys.argv[1], dict(zip(sys.argv[2::2], sys.argv[3::2]))


def frame(**fields):
    body = json.dumps(fields).encode()
    return struct.pack(">I", len(body)) + body


def read(hub):
    """The next frame."""
    head = hub.recv(4, socket.MSG_WAITALL)
    return json.loads(hub.recv(struct.unpack(">I", head)[0], socket.MSG_WAITALL))


def serve(known, *events):
    """Says hello until a hub welcomes us, tells it the events, and stays until it is gone.  Gives which it was."""
    while True:
        hub = socket.socket(socket.AF_UNIX)
        try:
            hub.connect(OPTIONS["--socket"])
            hub.sendall(frame(t="hello", version=VERSION, worker=int(OPTIONS["--id"]), received=0, **known))
            welcome = read(hub)
            break
        except (OSError, struct.error):
            time.sleep(0.1)     # the pace of the attempts
    try:
        for number, event in enumerate(events, 1):
            hub.sendall(frame(s=number, **event))
        while hub.recv(65536):
            pass
    except ConnectionError:
        pass
    return welcome["hub"]


def claim(account):
    """Serves one hub, and tells the next one of an account that it was never given."""
    lock = open(OPTIONS["--lock"], "r+b")
    fcntl.lockf(lock, fcntl.LOCK_EX)
    first = serve({}, {"t": "protocol-ready", "name": "none"}, {"t": "resynced", "accounts": 0})
    serve({"hub": first}, {"t": "held-account", "account": account, "last-message": 0, "notes": ["account", "x" * 22 + "kept"]})


def main():
    if MODE == "exits":
        sys.exit(1)
    if MODE == "crashes":
        os.kill(os.getpid(), signal.SIGSEGV)
    if MODE.startswith("claims-"):
        claim(int(MODE.split("-")[1]))
        return
    hub = socket.socket(socket.AF_UNIX)
    hub.connect(OPTIONS["--socket"])
    if MODE == "says-nonsense":
        hub.sendall(b"\x00\x00\x00\x10not json at all!" * 100)
    if MODE in ("lies", "says-too-much", "never-listens", "busy"):
        hub.sendall(frame(t="hello", version=VERSION, worker=int(OPTIONS["--id"]), received=0))
        hub.recv(4096)
    if MODE == "lies":
        for number, what in enumerate(({"t": "signed-in", "account": 1}, {"t": "signed-out", "account": 2, "cause": "auth"},
                                       {"t": "peer-message", "account": 3, "serial": 1, "peer": "x", "text": "y", "stamp": 0},
                                       {"t": "contact-gone", "account": -1}), 1):
            hub.sendall(frame(s=number, a=1000, **what))
    if MODE == "never-listens":
        for first in range(1, 400000, 1000):
            hub.sendall(b"".join(frame(s=first + n, a=0, t="question-closed", account=1, request=1) for n in range(1000)))
    if MODE == "busy":          # its acknowledgements stand behind much that it has to say
        end = time.monotonic() + 50
        number = 0
        while time.monotonic() < end:
            number += 1
            hub.sendall(frame(s=number, a=0, t="question-closed", account=1, request=1))
            time.sleep(0.5)     # the pace of a hub that is slow to take it, not a wait
        hub.sendall(frame(s=number + 1, a=1, t="unfit", text="this was all"))
    if MODE == "says-too-much":
        hub.sendall(struct.pack(">I", 0x7fffffff) + b"x" * 1000000)
    while hub.recv(65536):      # "says-nothing" begins and ends here
        pass


main()
