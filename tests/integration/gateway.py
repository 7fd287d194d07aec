# SPDX-License-Identifier: GPL-2.0-or-later
"""The gateway under test: its configuration, its processes, its log."""

import asyncio
import fcntl
import json
import os
import pathlib
import re
import signal
import struct
import subprocess

from process import Process, folder
from servers import SECRET

BUILD = pathlib.Path(os.environ.get("PASSERELLE_BUILD", "build/check")).resolve()

BAD_LINES = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|passerelle\S*-CRITICAL|passerelle\S*-WARNING"
                       r"|Bail out!|assertion.*failed", re.I)


def program(name):
    """A program of the build under test."""
    places = [path for path in (BUILD / name, *BUILD.glob(f"src/*/{name}")) if path.is_file()]
    assert places, f"no {name} in {BUILD}: build first, or set PASSERELLE_BUILD"
    return places[0]


def worker_program(script, *words):
    """A program that can stand in the place of a worker: the SCRIPT of this folder with WORDS before what the hub says."""
    path = folder("worker") / "worker"
    path.write_text(f"#!/bin/sh\nexec /usr/bin/python3 {pathlib.Path(__file__).with_name(script)} {' '.join(map(str, words))} \"$@\"\n")
    path.chmod(0o755)
    return path


def left_behind(run):
    """The pids of those who hold the locks on the workers' files."""
    found = []
    for path in (run / "workers").glob("*"):
        with open(path, "r+b") as file:
            # struct flock: type, whence, start, length, pid
            answer = fcntl.fcntl(file, fcntl.F_GETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
        kind, _, _, _, pid = struct.unpack("hhqqi4x", answer)
        if kind != fcntl.F_UNLCK:
            found.append(pid)
    return found


def children(pid):
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in task.read_text().split()]
    return sorted(found)


class Gateway(Process):
    """passerelled as component of SERVER.

    GATEWAYS: {"irc": {"network": "irc", ...}} makes the section [gateway irc.DOMAIN]; other sections by name, as in
    Gateway(prosody, {...}, workers={"accounts-per-worker": 2})."""

    def __init__(self, server, gateways, ready=r"\bready\b", **sections):
        self.server, self.ready = server, ready
        self.dir = folder("gateway")
        self.dir.chmod(0o700)
        self.conf = self.dir / "passerelle.conf"
        self.expected = []          # patterns of bad lines that a test asked for
        self.sections = {
            "component": {"host": "127.0.0.1", "port": server.component_port, "secret": SECRET},
            "storage": {"uri": f"sqlite:{self.dir}/passerelle.db"},
            "archive": {},
            "workers": {"program": program("passerelle-worker"), "plugin-folder": BUILD / "plugins"},
            "daemon": {"runtime-dir": self.dir / "run"},
            "log": {"level": "debug"}}
        for place in ("run", "home", "tmp"):
            (self.dir / place).mkdir(mode=0o700)
        for name, settings in sections.items():
            self.sections[name].update(settings)
        for name, settings in gateways.items():
            self.sections[f"gateway {name}.{server.domain}"] = settings
        self.configure()
        super().__init__("gateway", [program("passerelled"), "--config", self.conf], self.dir / "log",
                         env={"HOME": str(self.dir / "home"), "TMPDIR": str(self.dir / "tmp"),
                              "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=1", "UBSAN_OPTIONS": "print_stacktrace=1"})

    def jid(self, name, contact=None):
        """The domain of a gateway, or the JID of a contact there, as XEP-0106 writes it."""
        domain = f"{name}.{self.server.domain}"
        return domain if contact is None else f"{escape_node(contact)}@{domain}"

    def configure(self):
        """Writes the file as .sections says now."""
        self.conf.write_text("\n".join(
            f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items())
            for name, settings in self.sections.items()))
        self.conf.chmod(0o600)

    def start(self, timeout=20):
        since = self.mark()
        super().start()
        self.wait_line(self.ready, timeout, since)
        return self

    async def restarted(self):
        """Ends it in the regular way and starts it again."""
        await asyncio.to_thread(self.finish)
        await asyncio.to_thread(self.start)

    async def line(self, pattern, timeout=20, since=0):
        """Waits for a log line without stopping the clients."""
        return await asyncio.to_thread(self.wait_line, pattern, timeout, since)

    def workers(self):
        """The pids of its worker processes."""
        return sorted(row["pid"] for row in self.ctl("workers"))

    def crash(self):
        """Kills the hub; its workers outlive it."""
        super().kill()

    def kill(self):
        """With its workers: nothing of a test outlives it."""
        super().kill()
        self.end_workers()

    def end_workers(self):
        for pid in left_behind(self.dir / "run"):
            os.kill(pid, signal.SIGKILL)

    def stop(self, timeout=10):
        super().stop(timeout)
        self.end_workers()

    def ctl(self, *words):
        """passerellectl --json WORDS: its lines, decoded."""
        done = subprocess.run([program("passerellectl"), "--config", self.conf, "--json", *words], capture_output=True,
                              text=True, timeout=10)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def finish(self):
        """SIGTERM: it must leave within 5 s, in good order."""
        self.signal(signal.SIGTERM)
        status = self.wait_end(5)
        self.check_log()
        assert not left_behind(self.dir / "run"), "workers outlive a hub that was stopped"
        written = [path for place in ("home", "tmp") for path in (self.dir / place).rglob("*")]
        assert not written, f"files that nobody asked for: {written}"
        assert status == 0, f"exit status {status} after SIGTERM:\n{self.text()[-4000:]}"

    def check_log(self):
        for line in self.text().splitlines():
            # What libpurple complains of inside itself is noted by the worker, and no fault of ours.
            if BAD_LINES.search(line) and "libpurple: " not in line and not any(re.search(pattern, line) for pattern in self.expected):
                raise AssertionError(f"bad line in the gateway's log: {line}\n\n{self.text()[-6000:]}")

    def check(self):
        assert self.alive, f"the hub died ({self.child.returncode}):\n{self.text()[-6000:]}"
        self.check_log()

    def __enter__(self):
        return self.start()

    def __exit__(self, *failure):
        if self.alive and failure[0] is None:
            self.finish()
        else:
            self.stop()


def escape_node(name):
    """XEP-0106."""
    return "".join(f"\\{ord(letter):02x}" if letter in " \"&'/:<>@" else letter for letter in name)


def fixed(settings):
    """Presets of plugin options that users' forms do not show."""
    return {line: value for key, setting in settings.items()
            for line, value in ((f"option.{key}", setting), (f"lock.{key}", "true"))}


def irc(port, **more):
    """A gateway to the one IRC server at PORT: its contacts are nick@gateway."""
    return {"network": "irc", **fixed({"server": "127.0.0.1", "port": port, "ratelimit-interval": 0}), **more}


def any_irc(port, **more):
    """A gateway to any IRC server, where users name theirs: its contacts are nick%server@gateway."""
    return {"network": "irc", "option.port": port, "option.ratelimit-interval": 0, **more}


def xmpp(network, **more):
    """A gateway to another XMPP server: its contacts are name\\40domain@gateway."""
    return {"network": "xmpp", "option.domain": network.domain, "option.connect_server": "127.0.0.1",
            "option.port": network.port, "option.connection_security": "opportunistic_tls",
            "option.auth_plain_in_clear": "true", **more}


def simple(network, **more):
    """A gateway to a SIP registrar with presence: its contacts are name\\40domain@gateway."""
    return {"network": "simple", "option.server": network.domain, "option.useproxy": "true",
            "option.proxy": "127.0.0.1", "option.port": network.port, **more}


def oscar(kind, network, **more):
    """A gateway to AIM or ICQ: its contacts are screenname@gateway, or number@gateway."""
    return {"network": kind, **fixed({"server": "127.0.0.1", "port": network.port}), **more}
