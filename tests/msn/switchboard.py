# SPDX-License-Identifier: GPL-2.0-or-later
"""Switchboards: a conversation each, of clients and puppets. A member has .account, .dialect and .send(words, payload)."""

from msn import wire
from msn.state import FL


class Switchboard:
    def __init__(self, server):
        self.server, self.id = server, server.token(31)
        self.members, self.invited = [], []
        self.was_joined = False

    def enter(self, member, number=None):
        """Tells the newcomer of the others and the others of him; NUMBER is that of his ANS."""
        quote = self.server.quote
        for at, one in enumerate(self.members, 1):
            words = ["IRO", number or "1", at, len(self.members), one.account.address, quote(one.account.name)]
            member.send([*words, one.account.caps] if member.dialect >= 12 else words)
        if number:
            member.send(["ANS", number, "OK"])
        for one in self.members:
            words = ["JOI", member.account.address, quote(member.account.name)]
            one.send([*words, member.account.caps] if one.dialect >= 12 else words)
        self.was_joined = self.was_joined or bool(self.members)
        self.members.append(member)
        member.switchboard = self
        if member.account in self.invited:
            self.invited.remove(member.account)

    def leave(self, member, idle=False):
        if member in self.members:
            self.members.remove(member)
            for one in list(self.members):
                one.send(["BYE", member.account.address, *(["1"] if idle else [])])

    def say(self, member, payload):
        others = [one for one in self.members if one is not member]
        for one in others:
            one.send(["MSG", member.account.address, self.server.quote(member.account.name)], payload)
        return others

    def call(self, caller, address):
        """None, or the code of the error."""
        if "@" not in address:
            return 208
        callee = self.server.accounts.get(wire.address_key(address))
        if callee and any(one.account is callee for one in self.members):
            return 215
        if callee is None or callee is caller or not callee.visible or not callee.admits(caller):
            return 217
        lists = caller.lists_of(address)
        if self.server.calls_need_forward_list and lists and not lists & FL:
            return 217
        self.invited.append(callee)
        words = ["RNG", self.id, self.server.switchboard_address, "CKI", self.server.issue_answer(callee, self), caller.address,
                 self.server.quote(caller.name)]
        callee.session.send(words)
        return None


def on_usr(connection, command):
    server, words = connection.server, command.words
    if connection.ready or len(words) != 4:
        return False
    account = server.redeem_call(words[3])
    if account is None or account.address != words[2]:
        connection.error(command, 911)
        connection.close()
        return None
    _begin(connection, account)
    board = Switchboard(server)
    server.switchboards.append(board)
    board.members.append(connection)
    connection.switchboard = board
    connection.reply(command, "OK", account.address, server.quote(account.name))


def on_ans(connection, command):
    server, words = connection.server, command.words
    if connection.ready or len(words) != 5:
        return False
    found = server.redeem_answer(words[3])
    if found is None or found[0].address != words[2] or found[1].id != words[4]:
        connection.error(command, 911)
        connection.close()
        return None
    _begin(connection, found[0])
    if not found[1].members and server.dead_answers:
        connection.close()
        return None
    found[1].enter(connection, words[1])


def _begin(connection, account):
    connection.account, connection.ready = account, True
    connection.server.stamp(connection)
    if account.session:
        connection.dialect = account.session.dialect


def on_cal(connection, command):
    if not connection.ready or len(command.words) != 3:
        return False
    board = connection.switchboard
    code = connection.server.call_error or board.call(connection.account, command.words[2])
    if code:
        connection.error(command, code)
    else:
        connection.reply(command, "RINGING", board.id)


def on_msg(connection, command):
    server, words, payload = connection.server, command.words, command.payload
    if not connection.ready or payload is None or len(words) != 3:
        return False
    flag, kind = words[2], wire.Message.read(payload).kind
    problem = None
    if flag not in ("U", "N", "A", "D"):
        problem = "an unknown flag"
    elif len(payload) > wire.LONGEST_MESSAGE:
        problem = f"a message of {len(payload)} bytes"
    elif kind == "application/x-msnmsgrp2p" and flag != "D":
        problem = "peer-to-peer data without flag D"
    if problem:
        connection.violate(f"{problem}: {command}")
        connection.close()
        return None
    board = connection.switchboard
    if not board.was_joined:
        connection.violate(f"before anybody has come: {command}")
    if server.dies_at_message and kind == "text/plain":
        server.dies_at_message -= 1
        for one in list(board.members):
            one.abort()
        return None
    if server.nak and flag != "U" and kind == "text/plain":
        connection.send(["NAK", words[1]])
        return None
    if not board.say(connection, payload):
        server.lost.append((connection.account.key, payload))
    if flag in "AD" and not server.mute_acks:
        connection.send(["ACK", words[1]])


def on_out(connection, command):
    connection.close()


HANDLERS = {"USR": on_usr, "ANS": on_ans, "CAL": on_cal, "MSG": on_msg, "OUT": on_out}
