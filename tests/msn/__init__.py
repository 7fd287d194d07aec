# SPDX-License-Identifier: GPL-2.0-or-later
"""MSN Messenger (MSNP7 to 12) for the tests: a scripted server, a raw client, and the plugin in its host program.

    wire.py, p2p.py             bytes: lines, messages, the challenge; peer-to-peer packets
    server.py                   ScriptedMsn; connection.py, login.py, contacts.py, switchboard.py, web.py, oim.py and state.py
                                are its parts, drive.py is what a test makes a user do, misbehave.py what the server does wrong
    client.py                   RawClient, which says what a test tells it to, to try the server itself
    host.py                     the plugin in its host program (tests/integration/plugin_host.py)

What the integration tests have of processes and waiting (tests/integration) is used here as it is."""

import pathlib
import sys

_integration = str(pathlib.Path(__file__).resolve().parent.parent / "integration")
if _integration not in sys.path:
    sys.path.append(_integration)
