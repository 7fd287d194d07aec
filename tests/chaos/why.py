# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a lost message was last seen, and whether somebody else than the gateway has to answer for it.

Three kinds of loss are stated openly: HUB, WORKER and SERVER.  Two more never were the gateway's to lose: LINE, what did
not get through a line before that was cut, and NETWORK, what an IRC server that was killed had acknowledged.  Each needs
the line's own record; what has none is the gateway's."""

from .ledger import OUT, ROOM_OUT

HUB = "unread by the killed hub"
WORKER = "in the killed worker"
SERVER = "in the killed XMPP server"
LINE = "on the cut line"
NETWORK = "in the killed IRC server"
REASONS = (HUB, WORKER, SERVER, LINE, NETWORK)

WORKER_SECONDS = 2          # how soon we see that a dead worker's connections end, on a busy machine
NOTICED_SECONDS = 0.2       # how soon a server notices that, where nobody sees it


def has(passed, number, whom=None):
    return any(one[1] == number and (whom is None or one[2] == whom) for one in passed)


def why(world, entry):
    """One of REASONS; None: the gateway lost it."""
    if entry.direction in (OUT, ROOM_OUT):
        return _to_network(world, entry)
    return _from_network(world, entry)


def _noticed(world, conn):
    """When the server knew of a connection's end: until then it takes messages for nobody, and says nothing.  The witness hears it from
    the IRC server in the same order as what is said, however late we read both."""
    quits = (when for when, nick, what in world.witness.moves if nick == conn.nick and what == "QUIT" and when >= conn.ended)
    return next(quits, conn.ended + NOTICED_SECONDS)


def _not_reached(world, conns, entry):
    """It did not get in through any of these; whose end was that?"""
    for conn in conns:
        if conn.ended is None or conn.began > entry.sent or _noticed(world, conn) < entry.sent:
            continue
        if conn.gateway_killed is not None:
            return HUB
        if conn.server_killed is not None:
            return SERVER if conn.line is world.xmpp_line else NETWORK
        if conn.was_cut is not None:
            return LINE
        if conn.line is world.irc_line and _of_killed_worker(world, conn):
            return WORKER
    return None


def _of_killed_worker(world, conn):
    return any(0 <= conn.ended - time < WORKER_SECONDS for time in world.worker_kills)


def _to_network(world, entry):
    if not any(has(conn.inward.reached(), entry.number) for conn in world.xmpp_line.conns):
        return _not_reached(world, world.xmpp_line.conns, entry)
    for conn in world.irc_line.conns:
        if conn.server_killed is not None and any(
                number == entry.number and position <= conn.answered_for("") for position, number, _ in conn.outward.passed):
            return NETWORK
    return None


def _from_network(world, entry):
    client = world.by_name[entry.addressee]
    conns = [conn for conn in world.irc_line.conns if conn.nick == client.nick]
    came = [conn for conn in conns if has(conn.inward.reached(), entry.number)]
    if not came:
        return _not_reached(world, conns, entry)
    for conn in came:
        if conn.ended is not None and conn.server_killed is None and conn.was_cut is None and _of_killed_worker(world, conn):
            numbers = [number for _, number, _ in conn.inward.reached()]
            later = numbers[numbers.index(entry.number) + 1:]
            # What the worker handed over, it did in its order; what came later came from the next one, or from an archive.
            if not any(time <= conn.ended for number in later if (number, client.name) in world.ledger.entries
                       for time, _ in world.ledger.entries[number, client.name].arrivals):
                return WORKER
    tries = [(conn, position) for conn in world.xmpp_line.conns for position, number, whom in conn.outward.passed
             if number == entry.number and whom == client.jid]
    if tries:
        conn, position = tries[-1]
        if conn.server_killed is not None and position <= conn.answered_for(client.jid):
            return SERVER
    return None
