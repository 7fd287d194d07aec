# SPDX-License-Identifier: GPL-2.0-or-later
"""A protocol plugin in libpurple, without a face: a host program that takes commands and tells of events, both as lines of JSON.

PLUGIN_HOST names the program (tests/unit/plugins/plugin-host.c), PLUGIN_FOLDER the folder with the plugins. What is special about
one of them is in the host.py of its own tests."""

import asyncio
import json
import os
import re

import pytest

from process import folder
from waiting import TIMEOUT, Inbox

#: PurpleConnectionError by number.
ERRORS = ["network", "name", "password", "impossible", "no tls", "encryption", "elsewhere", "settings", *["certificate"] * 8,
          "other"]
#: What the log of a run must not have in it.
BAD_SIGNS = ("ERROR: AddressSanitizer", "runtime error:", "CRITICAL **", "WARNING **", "ERROR **", "Invalid read", "Invalid write")
#: Where the program was built with sanitizers: what libraries leak at each start is no error, see HostedPlugin.quit(). What is
#: leaked is told by the names of functions, and what a module holds is no leak, as long as the module is there.
QUIET = {"LSAN_OPTIONS": "exitcode=0", "UBSAN_OPTIONS": "print_stacktrace=1", "G_DEBUG": "resident-modules"}
#: For modules of tests that need it.
NEEDED = pytest.mark.skipif(not all(os.path.exists(os.environ.get(name) or "") for name in ("PLUGIN_HOST", "PLUGIN_FOLDER")),
                            reason="PLUGIN_HOST or PLUGIN_FOLDER names nothing that is there")
_usual = []


async def run(place, **how):
    """The program, begun in the folder PLACE."""
    return await asyncio.create_subprocess_exec(
        os.environ["PLUGIN_HOST"], os.environ["PLUGIN_FOLDER"], str(place), stdin=asyncio.subprocess.PIPE,
        env={**os.environ, **QUIET, "PURPLE_DEBUG": "1"}, limit=1 << 24, **how)


def leaks(text):
    """How many allocations a log says were leaked."""
    found = re.search(r"SUMMARY: AddressSanitizer: \d+ byte\(s\) leaked in (\d+) allocation", text)
    return int(found[1]) if found else 0


async def usual_leaks():
    """What the program leaks that does nothing at all: NSS and the modules of libpurple, once for a run."""
    if not _usual:
        child = await run(folder("plugin-idle"), stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE)
        _, errors = await child.communicate(b'{"do":"quit"}\n')
        _usual.append(leaks(errors.decode(errors="replace")))
    return _usual[0]


class HostedPlugin:
    """One account in one process. Events are dictionaries in .inbox; expect() takes them by what they say."""

    def __init__(self, name, password, protocol, options):
        self.name, self.password, self.protocol, self.options = name, password, protocol, options
        self.inbox = Inbox(f"plugin {name}", json.dumps)
        self.dir = folder("plugin-" + "".join(filter(str.isalnum, name)))
        self.log = self.dir / "log"

    async def start(self):
        with open(self.log, "wb") as log:
            self.child = await run(self.dir, stdout=asyncio.subprocess.PIPE, stderr=log)
        self.reading = asyncio.ensure_future(self._read())
        await self.expect("ready", 30)
        return self

    async def _read(self):
        while line := await self.child.stdout.readline():
            self.inbox.put(json.loads(line))
        self.inbox.put({"event": "gone"})

    def do(self, command, **more):
        self.child.stdin.write(json.dumps({"do": command, **more}).encode() + b"\n")

    async def expect(self, event, timeout=TIMEOUT, where=lambda event: True, **fields):
        """The first event of that kind whose fields are, or contain where they end in '...', what is said."""
        def fits(one):
            if one["event"] != event or not where(one):
                return False
            for name, wanted in fields.items():
                got = one.get(name) or ""
                if got != wanted and not (wanted.endswith("...") and wanted[:-3] in got):
                    return False
            return True
        return await self.inbox.expect(fits, f"{event} {fields}", timeout)

    def begin(self, status=None):
        """Asks to sign on."""
        more = {"status": status} if status else {}
        self.do("login", name=self.name, protocol=self.protocol, password=self.password, options=self.options, **more)

    async def sign_on(self, timeout=TIMEOUT, **how):
        self.begin(**how)
        await self.expect("signed-on", timeout)
        return self

    async def fail(self, timeout=TIMEOUT):
        """Waits for the end of the connection, which libpurple takes down after it told of it; the kind of error and its text."""
        error = await self.expect("error", timeout)
        await self.expect("signed-off")
        return ERRORS[int(error["code"])], error["text"]

    async def ended(self, timeout=TIMEOUT):
        """How the sign-on ends: "signed-on" or the kind of error."""
        event = await self.inbox.expect(lambda one: one["event"] in ("signed-on", "error"), "an end of the sign-on", timeout)
        return event["event"] if event["event"] == "signed-on" else ERRORS[int(event["code"])]

    async def in_step(self, timeout=TIMEOUT):
        """Returns when the program has done what it was told; fails if it is no more."""
        self.do("sync")
        await self.expect("synced", timeout)

    async def buddies(self):
        """The contacts by name."""
        self.do("buddies")
        await self.expect("buddies-end")
        found = {one["who"]: one for one in self.inbox.things if one["event"] == "buddy"}
        self.inbox.things = [one for one in self.inbox.things if one["event"] != "buddy"]
        return found

    def text(self):
        return self.log.read_text(errors="replace")

    async def quit(self, timeout=20):
        """Ends the program; it must end well and have nothing bad in its log."""
        if self.child.returncode is None:
            self.do("quit")
        try:
            status = await asyncio.wait_for(self.child.wait(), timeout)
        except asyncio.TimeoutError:
            self.child.kill()
            raise AssertionError(f"{self.name}: the program does not end:\n{self.text()[-3000:]}") from None
        finally:
            self.reading.cancel()
        text = self.text()
        bad = [sign for sign in BAD_SIGNS if sign in text]
        assert not bad, f"{self.name}: {bad} in the log {self.log}:\n" + "\n".join(
            line for line in text.splitlines() if any(sign in line for sign in bad))[:1500]
        lost, usual = leaks(text), await usual_leaks()
        assert lost <= usual, f"{self.name}: leaks {lost} allocations where {usual} are usual, see {self.log}"
        assert status == 0, f"{self.name}: the program ended with {status}:\n{text[-3000:]}"
