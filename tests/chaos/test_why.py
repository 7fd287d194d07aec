# SPDX-License-Identifier: GPL-2.0-or-later
"""Who has to answer for what did not get in through a connection that ended."""

from types import SimpleNamespace as Thing

import pytest

from chaos import why
from chaos.ledger import ROOM_IN, Entry

KILLED, ENDED = 10.0, 10.5
ROWS = {
    "before the death": (9.9, 10.6, why.WORKER),
    "before we saw the end": (10.4, 10.6, why.WORKER),
    "before the server noticed": (11.9, 12.0, why.WORKER),
    "after the server noticed": (12.1, 12.0, None),
    "soon after, and nobody saw the server notice": (10.6, None, why.WORKER),
    "late, and nobody saw the server notice": (11.9, None, None),
}


@pytest.mark.parametrize("sent, noticed, reason", ROWS.values(), ids=ROWS)
def test_a_killed_worker(sent, noticed, reason):
    line, way = Thing(), Thing(reached=lambda: [])
    line.conns = [Thing(line=line, nick="u1x", began=1.0, ended=ENDED, inward=way, gateway_killed=None, server_killed=None, was_cut=None)]
    moves = [(5.0, "u1x", "JOIN")] + ([] if noticed is None else [(noticed, "u2x", "QUIT"), (noticed, "u1x", "QUIT")])
    world = Thing(irc_line=line, xmpp_line=Thing(conns=[]), by_name={"user1": Thing(nick="u1x", name="user1", jid="user1@c.test")},
                  witness=Thing(moves=moves), worker_kills=[KILLED])
    assert why.why(world, Entry(1, ROOM_IN, "s1x", "user1", sent, proven=sent)) == reason
