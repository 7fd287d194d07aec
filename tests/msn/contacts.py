# SPDX-License-Identifier: GPL-2.0-or-later
"""What a user who is signed in says on the notification server: lists, status, calls for a switchboard.

A handler that returns False has not understood, and the real server then says nothing."""

from msn import oim, wire
from msn.state import AL, BL, FL, LISTS, PHONES, PL, RL

STAMP = "2000-01-01T00:00:00.0-00:00"
SHIELDS = b'<?xml version="1.0" encoding="utf-8" ?><config><shield><cli maj="7" min="0" minbld="0" maxbld="9999" ' \
          b'deny=" " /></shield><block></block></config>   '


# The whole list

def on_syn(connection, command):
    modern = connection.dialect >= 10
    if len(command.words) != (4 if modern else 3):
        return False
    account = connection.account
    connection.said_list = True
    if connection.dialect == 7:
        _old_list(connection, command, account)
        return None
    contacts = list(account.contacts.values())
    if modern:
        connection.reply(command, STAMP, STAMP, len(contacts), len(account.groups))
        connection.send(["GTC", account.prompts])
        connection.send(["BLP", account.strangers])
        connection.send(["PRP", "MFN", connection.server.quote(account.name)])
        for name, number in account.phones.items():
            connection.send(["PRP", name, connection.server.quote(number)])
        for group in account.groups.values():
            connection.send(["LSG", connection.server.quote(group.name), group.guid])
    else:
        connection.reply(command, account.serial, len(contacts), len(account.groups) + 1)
        connection.send(["GTC", account.prompts])
        connection.send(["BLP", account.strangers])
        connection.send(["LSG", "0", "Other%20Contacts", "0"])
        for group in account.groups.values():
            connection.send(["LSG", group.number, connection.server.quote(group.name), "0"])
    for contact in contacts:
        connection.send(_list_line(connection, account, contact))
        other = connection.server.accounts.get(wire.address_key(contact.address))
        if modern and other and contact.lists & FL and other.admits(account):
            for name, number in other.phones.items():
                connection.send(["BPR", name, connection.server.quote(number)])


def _name(connection, contact):
    """Those who are not on the contact list have their address as name, as recorded."""
    if not contact.lists & FL:
        return contact.address
    other = connection.server.accounts.get(wire.address_key(contact.address))
    return connection.server.quote(other.name if other else contact.name)


def _group_numbers(account, contact):
    return ",".join(str(account.groups[guid].number) for guid in contact.groups if guid in account.groups) or "0"


def _list_line(connection, account, contact):
    if connection.dialect < 10:
        words = ["LST", contact.address, _name(connection, contact), contact.lists]
        return [*words, _group_numbers(account, contact)] if contact.lists & FL else words
    words = ["LST", f"N={contact.address}", f"F={_name(connection, contact)}"]
    if contact.lists & FL:
        words.append(f"C={contact.guid}")
    words.append(contact.lists)
    if connection.dialect >= 12:
        words.append("1")
    return [*words, ",".join(guid for guid in contact.groups if guid in account.groups)]


def _old_list(connection, command, account):
    number, serial = command.words[1], account.serial
    connection.reply(command, serial)
    connection.send(["GTC", number, serial, account.prompts])
    connection.send(["BLP", number, serial, account.strangers])
    groups = [(0, "Other Contacts"), *((one.number, one.name) for one in account.groups.values())]
    for at, (which, name) in enumerate(groups, 1):
        connection.send(["LSG", number, serial, at, len(groups), which, connection.server.quote(name), "0"])
    for word, bit in (("FL", FL), ("AL", AL), ("BL", BL), ("RL", RL | PL)):
        found = [one for one in account.contacts.values() if one.lists & bit]
        for at, one in enumerate(found, 1):
            words = ["LST", number, word, serial, at, len(found), one.address, _name(connection, one)]
            connection.send([*words, _group_numbers(account, one)] if word == "FL" else words)
        if not found:
            connection.send(["LST", number, word, serial, "0", "0"])


# Own state

def on_chg(connection, command):
    account, words = connection.account, command.words
    if len(words) < (4 if connection.dialect >= 8 else 3):
        return False
    status = words[2]
    if status == "FLN":
        connection.error(command, 201)
        return None
    if status not in wire.STATUSES or (len(words) > 3 and not words[3].isdecimal()):
        connection.violate(f"no such status: {command}")
        connection.close()
        return None
    if not connection.said_list:
        connection.violate(f"before the list is asked for: {command}")
    before, first, watchers = account.status, account.status is None, account.watchers()
    account.status = status
    account.caps = int(words[3]) if len(words) > 3 else 0
    account.object = words[4] if len(words) > 4 and words[4] != "0" else None
    connection.reply(command, *words[2:])
    if first:
        for contact in list(account.contacts.values()):
            other = connection.server.accounts.get(wire.address_key(contact.address))
            if other and account.sees(other):
                other.tell_state(connection, command.words[1])
                other.tell_psm(connection)
        if connection.dialect >= 11:
            oim.tell_waiting(account)
    if status == "HDN":
        if not first:
            account.depart(watchers)
    elif status != before:
        account.announce()


def on_uux(connection, command):
    payload = command.payload
    if len(command.words) != 2 or payload is None or connection.dialect < 11:
        return False
    try:
        connection.server.parse_xml(payload)
    except ValueError:
        return False
    connection.account.psm = payload
    connection.reply(command, payload=b"")
    for one in connection.account.watchers():
        connection.account.tell_psm(one.session)


def on_prp(connection, command):
    account, words = connection.account, command.words
    if len(words) not in (3, 4) or connection.dialect < 10:
        return False
    what, value = words[2], wire.unquote(words[3]) if len(words) == 4 else None
    if what == "MFN" and value:
        account.name = value
    elif what in PHONES:
        account.phones.pop(what, None)
        if value:
            account.phones[what] = value
    elif what == "MBE":
        account.mobile[what] = value
    elif what == "MOB" and "MBE" in account.mobile:
        account.mobile[what] = value
    else:
        return False
    connection.echo(command)
    account.announce()
    if what in PHONES:
        account.announce()      # twice, as recorded
        for one in account.watchers():
            if one.session.dialect >= 10:
                one.session.send(["BPR", account.address, what, *([connection.server.quote(value)] if value else [])])


def on_rea(connection, command):
    account, words = connection.account, command.words
    if len(words) != 4 or connection.dialect >= 10:
        return False
    if wire.address_key(words[2]) == account.key:
        account.name = wire.unquote(words[3])
        account.announce()
    account.serial += 1
    connection.reply(command, account.serial, *words[2:])


def _mode(attribute, values):
    def handle(connection, command):
        account = connection.account
        if len(command.words) != 3 or command.words[2] not in values:
            return False
        if getattr(account, attribute) == command.words[2]:
            connection.error(command, 218)
            return None
        setattr(account, attribute, command.words[2])
        connection.reply(command, *_serial(connection), command.words[2])
    return handle


def _serial(connection):
    """What dialects up to 9 have in an answer about a list."""
    if connection.dialect >= 10:
        return []
    connection.account.serial += 1
    return [connection.account.serial]


# Lists

def on_adc(connection, command):
    words = command.words
    if len(words) < 4 or connection.dialect < 10 or words[2] not in LISTS:
        return False
    marked = {word[:2]: word[2:] for word in words[3:] if word[1:2] == "="}
    rest = [word for word in words[3:] if word[1:2] != "="]
    if words[2] == "FL" and "C=" in marked:
        return _into_group(connection, command, marked["C="], rest)
    if "N=" not in marked or rest:
        return False
    if words[2] == "FL" and "F=" not in marked:
        return False
    return _add(connection, command, words[2], marked["N="], wire.unquote(marked.get("F=", marked["N="])), None)


def on_add(connection, command):
    words = command.words
    if connection.dialect >= 10 or len(words) not in (5, 6) or words[2] not in LISTS:
        return False
    group = None
    if words[2] == "FL":
        group = words[5] if len(words) == 6 else "0"
        if group != "0" and not connection.account.group(group):
            connection.error(command, 224)
            return None
    return _add(connection, command, words[2], words[3], wire.unquote(words[4]), group)


def _add(connection, command, word, address, name, group):
    server, account, bit = connection.server, connection.account, LISTS[word]
    unknown = 208 if connection.dialect >= 10 else 205
    if "@" not in address:
        connection.error(command, 201)
        return
    other = server.accounts.get(wire.address_key(address))
    if other is None:
        connection.error(command, unknown)
        return
    if word in ("RL", "PL"):
        if word == "PL" or not account.lists_of(address) & PL:
            connection.violate(f"what closes the connection: {command}")
            connection.close()
            return
    if server.list_limit is not None and bit == FL and len(account.contacts) >= server.list_limit:
        connection.error(command, 210)
        return
    entry = account.contact(other.address)
    saw = other.sees(account)
    fresh = not entry.lists & bit
    entry.lists |= bit
    if bit == FL:
        _add_to_list(connection, command, account, other, entry, name, group, fresh)
        return
    if bit == BL and saw:
        account.depart([other])
    elif bit == AL:
        account.announce_to(other)
    if connection.dialect >= 10:
        connection.echo(command)
    else:
        connection.reply(command, word, *_serial(connection), *command.words[3:])


def _add_to_list(connection, command, account, other, entry, name, group, fresh):
    quote = connection.server.quote
    if fresh or not entry.known_to_him:
        entry.known_to_him = True
        other.was_added_by(account)
    if group and group != "0":
        guid = account.group(group).guid
        if guid not in entry.groups:
            entry.groups.append(guid)
    if connection.dialect < 10:
        connection.reply(command, "FL", *_serial(connection), *command.words[3:])
    else:
        shown = other.name if account.sees(other) else name
        connection.reply(command, "FL", f"N={other.address}", f"F={quote(shown)}", f"C={entry.guid}")
    if account.status and account.sees(other):
        if connection.dialect >= 10:
            for phone in PHONES:
                value = other.phones.get(phone)
                connection.send(["BPR", other.address, phone, *([quote(value)] if value else [])])
            connection.send(["BPR", other.address, "MOB", other.mobile.get("MOB", "N")])
        other.tell_state(connection, command.words[1])
        other.tell_psm(connection)


def _into_group(connection, command, guid, rest):
    account = connection.account
    entry = account.contact_by_guid(guid)
    if len(rest) != 1:
        return False
    if entry is None:
        connection.error(command, 208)
    elif rest[0] not in account.groups:
        connection.error(command, 224)
    else:
        if rest[0] not in entry.groups:
            entry.groups.append(rest[0])
        connection.echo(command)


def on_rem(connection, command):
    server, account, words = connection.server, connection.account, command.words
    if len(words) not in (4, 5) or words[2] not in LISTS:
        return False
    bit = LISTS[words[2]]
    if bit == RL:
        connection.violate(f"what closes the connection: {command}")
        connection.close()
        return None
    if bit == FL:
        return _remove_from_list(connection, command)
    other = server.accounts.get(wire.address_key(words[3]))
    if not account.lists_of(words[3]) & bit:
        connection.error(command, 216)
        return None
    account.take_off(words[3], bit)
    if bit == PL:
        account.contact(words[3]).lists |= RL
    if bit == BL and other:
        account.announce_to(other)
    _removed(connection, command)


def _removed(connection, command):
    if connection.dialect >= 10:
        connection.echo(command)
    else:
        connection.reply(command, command.words[2], *_serial(connection), *command.words[3:])


def _remove_from_list(connection, command):
    server, account, words = connection.server, connection.account, command.words
    if connection.dialect >= 10:
        if "@" in words[3]:
            connection.error(command, 403)
            return
        entry = account.contact_by_guid(words[3])
    else:
        entry = account.contacts.get(wire.address_key(words[3]))
        entry = entry if entry and entry.lists & FL else None
    if entry is None:
        connection.error(command, 216)
        return
    other = server.accounts.get(wire.address_key(entry.address))
    if len(words) == 5:
        group = account.group(words[4])
        if group is None:
            connection.error(command, 224)
            return
        if group.guid not in entry.groups:
            connection.error(command, 225)
            return
        entry.groups.remove(group.guid)
        if other and entry.known_to_him:
            entry.known_to_him = False
            other.was_removed_by(account)
        _removed(connection, command)
        return
    known = entry.known_to_him
    entry.groups, entry.guid = [], wire.new_guid()
    account.take_off(entry.address, FL)
    if not known:
        connection.error(command, 216)
        return
    if other:
        other.was_removed_by(account)
    _removed(connection, command)


# Groups

def _refused_name(account, name):
    if len(name) > 61:
        return 229
    return 228 if name == "(No Group)" or any(one.name == name for one in account.groups.values()) else None


def on_adg(connection, command):
    account, words = connection.account, command.words
    if len(words) != 4:
        return False
    name = wire.unquote(words[2])
    if code := _refused_name(account, name):
        connection.error(command, code)
        return None
    group = account.make_group(name)
    if connection.dialect >= 10:
        connection.reply(command, words[2], group.guid, "0")
    else:
        connection.reply(command, *_serial(connection), words[2], group.number, "0")


def on_reg(connection, command):
    account, words = connection.account, command.words
    if len(words) != 5:
        return False
    group, name = account.group(words[2]), wire.unquote(words[3])
    if group is None:
        connection.error(command, 224)
    elif group.name != name and (code := _refused_name(account, name)):
        connection.error(command, code)
    else:
        group.name = name
        if connection.dialect >= 10:
            connection.reply(command, "1", words[3], group.guid, "0")
        else:
            connection.reply(command, *_serial(connection), words[2], words[3], "0")


def on_rmg(connection, command):
    account, words = connection.account, command.words
    if len(words) != 3:
        return False
    group = account.group(words[2])
    if group is None:
        connection.error(command, 224)
        return None
    del account.groups[group.guid]
    for one in account.contacts.values():
        one.groups = [guid for guid in one.groups if guid != group.guid]
    if connection.dialect >= 10:
        connection.reply(command, "1", group.guid)
    else:
        connection.reply(command, *_serial(connection), words[2])


# The rest

def on_sbp(connection, command):
    if len(command.words) != 5 or not connection.account.contact_by_guid(command.words[2]):
        return False
    connection.echo(command)


def on_xfr(connection, command):
    server, account, words = connection.server, connection.account, command.words
    if len(words) != 3 or words[2] != "SB":
        connection.error(command, 201)
    elif not account.visible:
        connection.error(command, 913)
    else:
        token = server.issue_call(account)
        connection.reply(command, "SB", server.switchboard_address, "CKI", token)


def on_url(connection, command):
    connection.reply(command, "/unused1", "/unused2", "1")


def on_snd(connection, command):
    connection.reply(command, "OK")


def on_gcf(connection, command):
    if command.words[2:] != ["Shields.xml"]:
        return False
    connection.reply(command, "Shields.xml", payload=SHIELDS)


_signed_in = {"SYN": on_syn, "CHG": on_chg, "UUX": on_uux, "PRP": on_prp, "REA": on_rea, "BLP": _mode("strangers", ("AL", "BL")),
              "GTC": _mode("prompts", ("A", "N")), "ADC": on_adc, "ADD": on_add, "REM": on_rem, "ADG": on_adg, "REG": on_reg,
              "RMG": on_rmg, "SBP": on_sbp, "XFR": on_xfr, "URL": on_url, "SND": on_snd, "GCF": on_gcf}


def _for_the_signed_in(handler):
    return lambda connection, command: handler(connection, command) if connection.ready else False


HANDLERS = {name: _for_the_signed_in(handler) for name, handler in _signed_in.items()}
