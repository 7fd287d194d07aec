# SPDX-License-Identifier: GPL-2.0-or-later
"""The sign-on at the scripted server: MD5 (family 17), channel 1, and the cookie that opens BOS and the services."""

import os
import time
import uuid
from dataclasses import dataclass, field

from oscar import codec
from oscar.codec import Frame, Malformed, Reader, Snac, Tlvs, normal, tlv, u16, u8
from oscar.connection import Seen, signed_on_elsewhere
from oscar.state import Session

UNKNOWN, WRONG_PASSWORD, UNKNOWN_UIN, TOO_MANY_INSTANCES, TOO_OFTEN = 0x01, 0x05, 0x08, 0x18, 0x1D
COOKIE_LIFE = 60
INSTANCES = 5

#: The families of 01/03 on BOS, in the real server's order.
BOS_FAMILIES = [0x18, 0x10, 0x03, 0x13, 0x04, 0x15, 0x02, 0x01, 0x09, 0x0A, 0x06, 0x08, 0x0B]


@dataclass
class Ticket:
    """What a cookie stands for: a sign-on that is to begin, or a service of one that is there."""

    account: object
    several: int = None
    service: object = "BOS"
    session: object = None
    room: object = None
    born: float = field(default_factory=time.monotonic)


def issue(server, ticket):
    cookie = os.urandom(256)
    server.tickets[cookie] = ticket
    return cookie


def address(connection):
    """TLVs 05 and 8E: where the client is to go, which is where it has come from unless a switch says otherwise."""
    server = connection.server
    if connection.tls:
        state, port = (0, server.port) if server.tls_names_plain else (1, server.tls_port)
    else:
        state, port = server.offers_tls, server.tls_port if server.offers_tls else server.port
    where = f"{connection.host}:{port}" if server.names_port else connection.host
    return [(0x05, where.encode()), (0x8E, u8(state))]


def outcome(connection, name, client, proved, several, unknown_code=UNKNOWN):
    """The TLVs that answer a sign-on; PROVED says whether an account's password was given."""
    server, account = connection.server, connection.server.accounts.get(normal(name))
    if len(client) >= 100:
        connection.violate("a client string that has no room in the real server's cookie")
    code = server.login_error or (account.login_error if account else unknown_code)
    if code is None and not proved(account):
        code = WRONG_PASSWORD
    if code is None and several == 1 and len(account.sessions) >= INSTANCES:
        code = TOO_OFTEN
    if code is not None:
        return Tlvs([(0x01, codec.raw(name)), (0x08, u16(code)), (0x04, b"http://example.org/login")])
    cookie = issue(server, Ticket(account, several))
    if server.wrong_cookie:
        cookie = cookie[::-1]
    where, tls = address(connection)
    return Tlvs([(0x01, account.name.encode()), where, (0x06, cookie), tls])


async def sign_on(connection):
    """Everything before SNACs of a session: True when the connection is one of BOS or a service."""
    server = connection.server
    if server.hello is None:
        connection.send_frame(Frame(codec.SIGN_ON, codec.u32(1)))
    else:
        connection.send_bytes(server.hello)
    frame = await connection.read()
    if frame is None:
        return False
    if frame.channel != codec.SIGN_ON:
        connection.violate(f"a frame of channel {frame.channel} in place of the hello")
        return False
    reader = Reader(frame.data)
    try:
        reader.u32()
        tlvs = reader.tlvs()
    except Malformed as problem:
        connection.violate(f"hello does not decode: {problem}")
        return False
    server.seen.put(Seen(connection, frame))
    if tlvs.has(0x06):
        return enter(connection, tlvs)
    if not server.admits(connection.peer):
        refusal = Tlvs([(0x08, u16(TOO_OFTEN))])
        if server.refuses_by_snac:
            connection.send(Snac(0x17, 0x03, refusal.encode(), 0))
            connection.close()
        else:
            connection.sign_off(refusal.encode())
        return False
    if tlvs.has(0x01):
        by_channel_1(connection, tlvs)
    else:
        await by_md5(connection)
    return False


def by_channel_1(connection, tlvs):
    name = tlvs.text(0x01)
    proved = lambda account: codec.roast(account.password) == tlvs.get(0x02)
    connection.user = normal(name)
    code = UNKNOWN_UIN if codec.is_uin(name) else UNKNOWN
    connection.sign_off(outcome(connection, name, tlvs.get(0x03, b""), proved, tlvs.number(0x4A), code).encode())


async def by_md5(connection):
    server, key = connection.server, None
    for _ in range(10):
        frame = await connection.read()
        if frame is None:
            return
        if frame.channel != codec.DATA:
            connection.violate(f"a frame of channel {frame.channel} during the sign-on")
            return
        snac = Snac.decode(frame.data)
        server.seen.put(Seen(connection, frame, snac))
        tlvs = snac.tlvs()
        name = tlvs.text(0x01, "")
        account = server.accounts.get(normal(name))
        connection.user = normal(name)
        if snac.kind == (0x17, 0x06):
            if server.deaf:
                continue
            if account is None and not server.login_error:
                connection.answer(snac, 0x03, tlv(0x08, u16(UNKNOWN)))
                connection.close()      # and no channel 4
                return
            key = server.keys.setdefault(normal(name), str(uuid.uuid4()).encode())
            connection.answer(snac, 0x07, codec.str16(key))
        elif snac.kind == (0x17, 0x02):
            if server.deaf:
                continue
            proved = lambda account: key and tlvs.get(0x25) in (
                codec.digest(key, account.password, True), codec.digest(key, account.password, False))
            connection.answer(snac, 0x03, outcome(connection, name, tlvs.get(0x03, b""), proved, tlvs.number(0x4A)).encode())
            connection.sign_off()
            return
        else:
            connection.violate(f"{snac} during the sign-on")
            return


def enter(connection, tlvs):
    """A cookie was shown: makes the session, or finds the one of a service. A bad cookie ends without a word."""
    server, cookie = connection.server, tlvs.get(0x06)
    ticket = server.tickets.pop(cookie, None)
    over = ticket and ticket.session and ticket.session not in ticket.account.sessions
    if ticket is None or over or time.monotonic() - ticket.born > COOKIE_LIFE:
        if not server.wrong_cookie:
            connection.violate("a cookie that is not one")
        return False
    account, connection.service, connection.room = ticket.account, ticket.service, ticket.room
    connection.user = account.key
    if ticket.session:
        connection.session = ticket.session
        ticket.session.services.append(connection)
        connection.use_rates(None if ticket.service == 0x0E else ticket.session.rates)
        families = [0x01, ticket.service]
    else:
        if ticket.several == 1 and len(account.sessions) >= INSTANCES:
            connection.sign_off(tlv(0x08, u16(TOO_MANY_INSTANCES)))
            return False
        if ticket.several != 1:
            for other in list(account.sessions):
                end_session(other, signed_on_elsewhere())
        taken = {session.number for session in account.sessions}
        number = next(number for number in range(1, 100) if number not in taken)
        connection.session = Session(account, connection, number, ticket.several)
        account.sessions.append(connection.session)
        connection.use_rates(connection.session.rates)
        families = server.families
    connection.offered = families
    for snac in server.early:
        connection.send(snac)
    connection.send(Snac(0x01, 0x03, b"".join(map(u16, families)), 0x80000000))
    return True


def end_session(session, tlvs=b""):
    """Ends a session from the server's side, with the farewell that its client understands."""
    for one in [*session.services, session.connection]:
        if one:
            one.sign_off(tlvs, short=session.several is None)
    leave(session)


def leave(session):
    """A session is over: those who watch hear of it, if it was the last."""
    account = session.account
    if session not in account.sessions:
        return
    was_visible = account.visible
    account.sessions.remove(session)
    for one in session.services:
        one.close()
    if was_visible:
        account.server.announce(account) if account.online else account.server.departed_for_all(account)

