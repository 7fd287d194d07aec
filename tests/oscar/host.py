# SPDX-License-Identifier: GPL-2.0-or-later
"""The plugin in libpurple, without a face: a host program that takes commands and tells of events, both as lines of JSON.

OSCAR_HOST names the program, OSCAR_PLUGINS the folder with libaim.so and libicq.so."""

import asyncio
import json
import os

from oscar import codec
from process import folder
from waiting import TIMEOUT, Inbox

#: PurpleConnectionError by number.
ERRORS = ["network", "name", "password", "impossible", "no tls", "encryption", "elsewhere", "settings", *["certificate"] * 8,
          "other"]
#: What the log of a run must not have in it.
BAD_SIGNS = ("AddressSanitizer", "LeakSanitizer", "runtime error:", "CRITICAL **", "ERROR **", "Invalid read", "Invalid write")


def unavailable():
    """Why the plugin cannot be tried, or None."""
    for name in ("OSCAR_HOST", "OSCAR_PLUGINS"):
        if not os.path.exists(os.environ.get(name) or ""):
            return f"{name} names nothing that is there"
    return None


class Plugin:
    """One account in one process. Events are dictionaries in .inbox; expect() takes them by what they say."""

    def __init__(self, port, name, password="secret7", protocol=None, **options):
        self.name, self.password = name, password
        self.protocol = protocol or ("prpl-icq" if name.isdigit() else "prpl-aim")
        self.options = {"server": "127.0.0.1", "port": port, **options}
        self.inbox = Inbox(f"plugin {name}", json.dumps)
        self.dir = folder("plugin-" + "".join(filter(str.isalnum, name)))
        self.log = self.dir / "log"

    async def start(self):
        with open(self.log, "wb") as log:
            self.child = await asyncio.create_subprocess_exec(
                os.environ["OSCAR_HOST"], os.environ["OSCAR_PLUGINS"], str(self.dir), stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE, stderr=log, env={**os.environ, "PURPLE_DEBUG": "1"}, limit=1 << 24)
        self.reading = asyncio.ensure_future(self._read())
        await self.expect("ready")
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

    async def heard(self, timeout=TIMEOUT):
        """Returns when the server has dealt with all that the plugin has sent: libpurple says signed-on before it has."""
        self.do("info", who=self.name)
        await self.expect("info", timeout, lambda event: codec.normal(event["who"]) == codec.normal(self.name))

    async def fail(self, timeout=TIMEOUT):
        """Waits for the end of the connection, which libpurple takes down after it told of it; the kind of error and its text."""
        error = await self.expect("error", timeout)
        await self.expect("signed-off")
        return ERRORS[int(error["code"])], error["text"]

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
        assert status == 0, f"{self.name}: the program ended with {status}:\n{text[-3000:]}"
