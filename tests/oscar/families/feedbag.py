# SPDX-License-Identifier: GPL-2.0-or-later
"""Family 13: the list, its changes, and authorization."""

import time
from dataclasses import dataclass

from oscar import codec
from oscar.codec import Item, ItemList, Malformed, OldMessage, Snac, Tlvs, normal, read_items, str16, str8, u16, u32, u8
from oscar.state import arrived, delayed, flagged, new_cookie

DONE, AUTHORIZATION_NEEDED = 0x0000, 0x000E
CLASS_LIMITS = [61, 61, 100, 100, 1, 1, 50]
REQUEST, DENIED, GRANTED, ADDED = 0x06, 0x07, 0x08, 0x0C    # types of old messages


@dataclass
class Note:
    """An authorization event that waits for its receiver."""

    sender: object
    kind: int
    reason: str
    time: int


def rights(connection, snac):
    connection.answer(snac, 0x03, codec.tlv(0x03, u16(1)) + codec.tlv(0x04, b"".join(map(u16, CLASS_LIMITS))))


def whole_list(connection, snac):
    account, parts = connection.account, max(1, connection.server.list_parts)
    items = list(account.items.values())
    size = -(-len(items) // parts) or 1
    pieces = [items[at:at + size] for at in range(0, len(items), size)] or [[]]
    for number, piece in enumerate(pieces, 1):
        more = codec.MORE if number < len(pieces) else 0
        connection.answer(snac, 0x06, ItemList(piece, 0 if more else account.changed).encode(), more)


def list_if_changed(connection, snac):
    """The count is read as one byte, as the real server does."""
    reader = snac.reader()
    when, count = reader.u32(), reader.u8()
    account = connection.account
    if account.items and (when, count) == (account.changed, len(account.items) & 0xFF):
        connection.answer(snac, 0x0F, u32(account.changed) + u8(count))
    else:
        whole_list(connection, snac)


def use(connection, snac):
    connection.session.list_in_use = True
    if connection.session.ready:
        connection.server.show_all(connection.session)


def upsert(connection, snac):
    """Insert and update are the same here. What needs authorization is not stored without the mark that it waits."""
    server, account = connection.server, connection.account
    items = read_items(snac.reader())
    for item in items:
        if item.kind == codec.ICON_ITEM and not (item.name.isdigit() and item.tlvs.has(codec.BART)):
            raise Malformed("an item of class 14 without a decimal name and TLV D5")
        for what in _wrong(account, item, new=snac.subtype == 0x08):
            connection.violate(f"13/{snac.subtype:02X} of {item}: {what}")
    if server.item_error:
        return connection.refuse(snac, server.item_error)
    if any(item.kind == codec.DENY and normal(item.name) == account.key for item in items):
        return connection.refuse(snac, 0x08)
    results, stored = [], []
    for item in items:
        result = server.item_result(item) if callable(server.item_result) else server.item_result
        if result is None:
            result = _store(account, item)
        if result == DONE:
            stored.append(item)
        results.append(result)
    connection.answer(snac, 0x0E, b"".join(map(u16, results)))
    if stored:
        account.send(Snac(0x13, snac.subtype, b"".join(item.encode() for item in stored)), but=connection.session)
    _consequences(connection, stored)
    return None


def _wrong(account, item, new):
    """What the real server takes, and AOL's did not, or what makes a mess of the list."""
    if item.group > 0x7FFF or item.id > 0x7FFF:
        yield "an id above 7FFF"
    if item.group == 0 and item.kind != codec.GROUP and (item.id, 0) in account.items:
        yield "the id of a group"
    if new and item.key in account.items:
        yield "there is such an item"
    if not new and item.key not in account.items:
        yield "there is no such item"
    if item.group and (0, 0) not in account.items:
        yield "there is no root group yet"
    if item.kind == codec.BUDDY and (item.group, 0) not in account.items:
        yield "there is no such group"
    if new and item.kind in (codec.PRIVACY, codec.PREFERENCES) and account.of_kind(item.kind):
        yield "a second one of its class"


def _store(account, item):
    if item.kind == codec.BUDDY:
        other = account.server.accounts.get(normal(item.name))
        needed = other and other.uin and other.authorize and account.key not in other.granted and other is not account
        if needed and not item.pending:
            if account.uin:
                return AUTHORIZATION_NEEDED
            # For an AIM user the server asks in his name, and marks its own copy without telling him.
            known = account.entry(other.name)
            item = Item(item.name, item.group, item.id, item.kind, item.tlvs.with_(codec.PENDING, b""))
            account.store(item)
            if not known or not known.pending:
                ask(account, other, "")
            return DONE
    account.store(item)
    return DONE


def _consequences(connection, items):
    account, server = connection.account, connection.server
    for item in items:
        other = server.accounts.get(normal(item.name))
        if item.kind == codec.BUDDY and other and account.watches(other) and server.may_see(account, other):
            connection.session.send(arrived(other))
        elif item.kind == codec.ICON_ITEM:
            icon_changed(connection, item)
    if any(item.kind in (codec.PERMIT, codec.DENY, codec.PRIVACY) for item in items):
        reach(account)


def reach(account):
    """Privacy has changed: both sides of every pair hear how they see each other now."""
    server = account.server
    for other in server.accounts.values():
        if other is account or not other.online:
            continue
        if other.watches(account):
            server.show(other, account)
        if account.watches(other):
            server.show(account, other)


def icon_changed(connection, item):
    icon = connection.account.icon()
    if icon and item.name == "1":
        connection.send(Snac(0x01, 0x21, icon.encode()))
        connection.send(Snac(0x01, 0x0F, connection.account.info(connection.session).encode()))
        connection.server.announce(connection.account)


def delete(connection, snac):
    account = connection.account
    items = read_items(snac.reader())
    if connection.server.item_error:
        return connection.refuse(snac, connection.server.item_error)
    gone = []
    for item in items:
        if item.key not in account.items:
            connection.violate(f"13/0A for an item that is not there: {item}")
        gone.append(account.items.pop(item.key, None))
    account.touch()
    connection.answer(snac, 0x0E, u16(DONE) * len(items))
    account.send(Snac(0x13, 0x0A, b"".join(item.encode() for item in items)), but=connection.session)
    gone = [item for item in gone if item]
    if any(item.kind in (codec.PERMIT, codec.DENY, codec.PRIVACY) for item in gone):
        reach(account)
    if any(item.kind == codec.ICON_ITEM for item in gone):
        connection.server.announce(account)
    return None


def cluster(connection, snac):
    """13/11 and 13/12 only say which changes belong together."""


# Authorization. SENDER and RECEIVER are accounts throughout.

def ask(sender, receiver, reason):
    """Periods after the first are taken out, as the real server does."""
    first, dot, rest = reason.partition(".")
    reason = first + dot + rest.replace(".", "")
    if receiver.list_in_use and receiver.online:
        receiver.send(flagged(0x19, str8(sender.name) + str16(reason) + u16(0)))
    else:
        receiver.notes.append(Note(sender, REQUEST, reason, int(time.time())))


def reply(sender, receiver, granted, reason):
    """SENDER lets RECEIVER have him on the list, or does not."""
    entry = receiver.entry(sender.name)
    if granted:
        sender.granted.add(receiver.key)
    if receiver.list_in_use and receiver.online:
        receiver.send(flagged(0x1B, str8(sender.name) + u8(int(granted)) + str16(reason) + u16(0)))
    else:
        receiver.notes.append(Note(sender, GRANTED if granted else DENIED, reason, int(time.time())))
    if granted and entry and entry.pending:
        entry.tlvs = entry.tlvs.without(codec.PENDING)
        receiver.touch()
        receiver.send(Snac(0x13, 0x09, entry.encode()))
        if receiver.online and receiver.server.may_see(receiver, sender):
            receiver.send(arrived(sender))
        added(receiver, sender)


def added(sender, receiver):
    """SENDER has put RECEIVER on the list."""
    if receiver.list_in_use and receiver.online:
        receiver.send(flagged(0x1C, str8(sender.name) + u16(0)))
    else:
        receiver.notes.append(Note(sender, ADDED, "", int(time.time())))


def as_snac(note):
    """A note for a client that has its list in use."""
    if note.kind == REQUEST:
        return flagged(0x19, str8(note.sender.name) + str16(note.reason) + u16(0))
    if note.kind == ADDED:
        return flagged(0x1C, str8(note.sender.name) + u16(0))
    return flagged(0x1B, str8(note.sender.name) + u8(int(note.kind == GRANTED)) + str16(note.reason) + u16(0))


def as_old_message(note):
    """The same as it was before there were lists on the server."""
    fields = {REQUEST: ["", "", "", "", "1", note.reason], ADDED: ["", "", "", ""]}.get(note.kind, [note.reason])
    old = OldMessage(note.sender.uin or 0, note.kind, b"\xfe".join(field.encode() for field in fields))
    return delayed(new_cookie(), 4, note.sender, Tlvs([(0x05, old.encode())]), note.time)


def convert_old(sender, receiver, old):
    """An old message of channel 4 that is one of authorization: True where it was."""
    reason = codec.decode_utf8(old.text.split(b"\xfe")[-1])
    if old.kind == REQUEST:
        ask(sender, receiver, reason)
    elif old.kind in (DENIED, GRANTED):
        reply(sender, receiver, old.kind == GRANTED, reason)
    elif old.kind == ADDED:
        added(sender, receiver)
    else:
        return False
    return True


def other_of(connection, reader):
    return connection.server.accounts.get(normal(reader.name()))


def grant_ahead(connection, snac):
    reader = snac.reader()
    other, message = other_of(connection, reader), codec.decode_utf8(reader.str16())
    reader.u16()
    if other is None:
        return
    entry = other.entry(connection.account.name)
    if entry and entry.pending:
        reply(connection.account, other, True, message)
    else:
        connection.account.granted.add(other.key)
        other.send(flagged(0x15, str8(connection.account.name) + str16(message) + u16(0)))


def ask_authorization(connection, snac):
    reader = snac.reader()
    other, reason = other_of(connection, reader), codec.decode_utf8(reader.str16())
    reader.u16()        # without it the real server closes
    if other:
        ask(connection.account, other, reason)


def answer_authorization(connection, snac):
    reader = snac.reader()
    other, granted, reason = other_of(connection, reader), reader.u8(), codec.decode_utf8(reader.str16())
    if granted not in (0, 1):
        raise Malformed(f"13/1A with the answer {granted}")
    if other:
        reply(connection.account, other, bool(granted), reason)


def remove_me(connection, snac):
    connection.refuse(snac, 0x01)


HANDLERS = {(0x13, 0x02): rights, (0x13, 0x04): whole_list, (0x13, 0x05): list_if_changed, (0x13, 0x07): use,
            (0x13, 0x08): upsert, (0x13, 0x09): upsert, (0x13, 0x0A): delete, (0x13, 0x11): cluster, (0x13, 0x12): cluster,
            (0x13, 0x14): grant_ahead, (0x13, 0x16): remove_me, (0x13, 0x18): ask_authorization,
            (0x13, 0x1A): answer_authorization}
