# SPDX-License-Identifier: GPL-2.0-or-later
"""The way into the notification server, and what keeps one there: VER, CVR, INF, USR, PNG, QRY, OUT."""

import hashlib
import time

from msn import wire

POLICY = "ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1"
HOME = "https://escargot.log1p.xyz"
#: Where server.hop_at may send a client elsewhere.
STEPS = ("VER", "CVR", "INF", "USR I", "USR S")


def profile(account, ticket, peer, full):
    """The message from Hotmail after the sign-in; FULL has the filler that makes it 1442 bytes long on the real server."""
    low, high = int(account.guid[-8:], 16), int(account.guid[:8], 16)
    lines = [("MIME-Version", "1.0"), ("Content-Type", "text/x-msmsgsprofile; charset=UTF-8"), ("LoginTime", int(time.time())),
             ("EmailEnabled", 0), ("MemberIdHigh", high), ("MemberIdLow", low), ("lang_preference", 1033), ("preferredEmail", ""),
             ("country", ""), ("PostalCode", ""), ("Gender", ""), ("Kid", 0), ("Age", ""), ("BDayPre", ""), ("Birthday", ""),
             ("Wallet", ""), ("Flags", 536872513), ("sid", 507), ("MSPAuth", f"{ticket}&p=" + ("A" * 1028 if full else "")),
             ("ClientIP", peer[0]), ("ClientPort", peer[1]), ("ABCHMigrated", 1), ("MPOPEnabled", 0)]
    return ("".join(f"{name}: {value}".rstrip() + "\r\n" for name, value in lines) + "\r\n").encode()


def _elsewhere(connection, command, step):
    """XFR NS in place of an answer: on the dispatch server at the first USR, elsewhere where the test wants it."""
    server, here = connection.server, f"{connection.server.host}:{connection.local_port}"
    if connection.service == "DS" and step == (server.hop_at or "USR I"):
        there = server.hop_to or f"{server.host}:{server.port}"
    elif connection.service == "NS" and server.hop_at == step and server.hops > 0:
        server.hops -= 1
        there = server.hop_to or here
    else:
        return False
    connection.send(["XFR", command.words[1], "NS", there, "0", here])
    connection.close()
    return True


def on_ver(connection, command):
    if _elsewhere(connection, command, "VER"):
        return
    wanted = {word[4:] for word in command.words[2:] if word.startswith("MSNP")}
    known = [number for number in connection.server.dialects if str(number) in wanted]
    if command.words[-1] != "CVR0":
        connection.violate(f"CVR0 is not the last dialect: {command}")
    if not known:
        connection.reply(command, "0")
        connection.close()
        return
    connection.dialect = max(known)
    connection.reply(command, f"MSNP{connection.dialect}")


def on_cvr(connection, command):
    if _elsewhere(connection, command, "CVR"):
        return None
    if len(command.words) != 10 and len(command.words) != 9:
        return False
    connection.reply(command, "7.5.0324", "7.5.0324", "7.5.0324", HOME, HOME)


def on_inf(connection, command):
    if _elsewhere(connection, command, "INF"):
        return None
    if connection.dialect > 7:
        return False
    connection.reply(command, "MD5")


def on_usr(connection, command):
    server, words = connection.server, command.words
    if connection.ready:
        connection.error(command, 205)
        return None
    if len(words) < 5 or words[2] not in ("TWN", "MD5") or words[3] not in ("I", "S"):
        return False
    if (words[2] == "MD5") != (connection.dialect == 7):
        return False
    if _elsewhere(connection, command, f"USR {words[3]}"):
        return None
    if server.sign_in_error:
        connection.error(command, server.sign_in_error)
        connection.close()
        return None
    if words[3] == "I":
        return _first(connection, command, words[4])
    if words[2] == "MD5":
        account = connection.account
        good = account and connection.salt and account.old_login and hashlib.md5(
            (connection.salt + account.password).encode()).hexdigest() == words[4]
    else:
        account = server.redeem(words[4])
        good = account is not None and connection.address == account.address
    if not good:
        connection.error(command, 911)
        connection.close()
        return None
    return _enter(connection, command, account, words[4])


def _first(connection, command, address):
    server = connection.server
    if "@" not in address:
        connection.error(command, 911)
        connection.close()
        return
    connection.address = address
    server.stamp(connection)
    if command.words[2] == "TWN":
        connection.reply(command, "TWN", "S", server.policy)
        return
    account = server.accounts.get(wire.address_key(address))
    connection.account = account if account and account.address == address else None
    connection.salt = server.token(15) if connection.account and account.old_login else f"{time.time():.7f}"
    connection.reply(command, "MD5", "S", connection.salt)


def _enter(connection, command, account, ticket):
    if account.session:
        account.session.end_elsewhere()
    connection.account, connection.ready = account, True
    connection.server.stamp(connection)
    account.sign_out()
    account.session = connection
    verified = "1" if account.verified else "0"
    if connection.dialect == 7:
        connection.reply(command, "OK", account.address, connection.server.quote(account.name), verified)
    elif connection.dialect <= 9:
        connection.reply(command, "OK", account.address, connection.server.quote(account.name), verified, "0")
    else:
        connection.reply(command, "OK", account.address, verified, "0")
    if connection.dialect >= 11:
        connection.send(["SBS", "0", "null"])
    if connection.dialect == 7:
        ticket = connection.server.issue_ticket(account)
    connection.send(["MSG", "Hotmail", "Hotmail"], profile(account, ticket, connection.peer, connection.server.long_profile))


def on_png(connection, command):
    connection.send(["QNG", "60"] if connection.dialect >= 9 else ["QNG"])


def on_qry(connection, command):
    if len(command.words) != 3 or connection.challenge is None or not connection.ready:
        connection.violate(f"not asked for: {command}")
        connection.close()
        return
    right = wire.right_answer(connection.dialect, connection.challenge, command.words[2])
    connection.challenge = None
    if right is None or command.payload != right.encode():
        connection.violate(f"the challenge is answered wrongly: {command}")
        connection.error(command, 540)
        connection.close()
        return
    connection.send(["QRY", command.words[1]])


def on_out(connection, command):
    connection.close()


HANDLERS = {"VER": on_ver, "CVR": on_cvr, "INF": on_inf, "USR": on_usr, "PNG": on_png, "QRY": on_qry, "OUT": on_out}
