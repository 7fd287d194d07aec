# SPDX-License-Identifier: GPL-2.0-or-later
"""OSCAR (AIM and ICQ) for the tests: a codec, a scripted client, a scripted server, and the real Open OSCAR Server.

    wire.py, codec.py           bytes
    client.py                   OscarFriend, a user; link.py, contacts.py, rooms.py and icq.py are its parts
    server.py                   ScriptedOscar; login.py, connection.py, rates.py, state.py and families/ are its parts,
                                drive.py is what a test makes a user do, misbehave.py what the server does wrong
    openoscar.py                OpenOscar, the real server, where OPEN_OSCAR_SERVER or OPEN_OSCAR_CACHE is set
    host.py, oft.py             the plugins in their host program (tests/integration/plugin_host.py); peers that transfer files,
    rendezvous_proxy.py         and the proxy where they meet

What the integration tests have of processes and waiting (tests/integration) is used here as it is."""

import pathlib
import sys

_integration = str(pathlib.Path(__file__).resolve().parent.parent / "integration")
if _integration not in sys.path:
    sys.path.append(_integration)
