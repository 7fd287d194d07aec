# SPDX-License-Identifier: GPL-2.0-or-later
"""What the plugin keeps in memory: nothing of an account that has gone. Alone it prints what an account takes:
    cd tests && PLUGIN_HOST=... PLUGIN_FOLDER=... /usr/bin/python3 -m oscar.test_plugin_memory"""

import asyncio
import os
import pathlib

import plugin_host
import pytest

from oscar.host import Plugin
from oscar.server import ScriptedOscar

pytestmark = plugin_host.NEEDED
TIMES, ACCOUNTS = 200 if "OSCAR_SLOW" in os.environ else 20, 100
#: Allocators round up; a leak of one contact at each sign-on would be more.
SLACK_KIB = 4 * TIMES


def private_kib(one):
    """Memory that is the host program's alone and written to."""
    text = pathlib.Path(f"/proc/{one.child.pid}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_Dirty"))


@pytest.mark.parametrize("icq", [False, True], ids=["aim", "icq"])
async def test_sign_ons_and_sign_offs_leave_nothing(scripted, plugin, name, number, icq):
    who = scripted.add_user(number() if icq else name()).name
    scripted.user(who).fill_list(20)
    me = await plugin(scripted, who, connect=False, account=False)
    me.do("login", name=who, protocol=me.protocol, password=me.password, options=me.options, loops=str(TIMES))
    kib = []
    for _ in range(TIMES):
        await me.expect("signed-on", timeout=30)
        await me.expect("signed-off", timeout=30)
        me.inbox.clear()
        kib.append(private_kib(me))
    settled = TIMES // 4
    if "libasan" in pathlib.Path(f"/proc/{me.child.pid}/maps").read_text():
        return      # AddressSanitizer keeps what was freed; what it finds wrong stands in the log, which the fixture reads
    assert kib[-1] - kib[settled] < SLACK_KIB, kib[::settled // 5]


async def measure():
    server = await ScriptedOscar().start()
    for protocol, contacts in (("prpl-aim", 0), ("prpl-aim", 50), ("prpl-icq", 0), ("prpl-icq", 50)):
        names = [str(300003 + 1000 * contacts + n) if protocol == "prpl-icq" else f"user{contacts}x{n}" for n in range(ACCOUNTS + 1)]
        one = await Plugin(server.port, names[0], protocol=protocol).start()
        for n, who in enumerate(names):
            server.add_user(who)
            if contacts:
                server.user(who).fill_list(contacts)
            one.do("login", name=who, protocol=protocol, password=one.password, options=one.options)
            await one.expect("signed-on", timeout=30)
            if n == 0:
                await one.in_step()
                first = private_kib(one)
        await one.in_step()
        print(f"{protocol}, {contacts} contacts: {(private_kib(one) - first) / ACCOUNTS:.1f} KiB for each account that is signed on")
        await one.quit()
    await server.stop()


if __name__ == "__main__":
    asyncio.run(measure())
