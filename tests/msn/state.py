# SPDX-License-Identifier: GPL-2.0-or-later
"""What the server knows of its users, and who is told what about whom.

A session is what stands for a user who is signed in: a connection to the notification server, or a puppet's stand-in. It has
.dialect and .send(words, payload)."""

import itertools
from dataclasses import dataclass, field

from msn import wire

FL, AL, BL, RL, PL = 1, 2, 4, 8, 16
LISTS = {"FL": FL, "AL": AL, "BL": BL, "RL": RL, "PL": PL}
PHONES = ("PHH", "PHW", "PHM")

NOTICE = """<NOTIFICATION id="0" siteid="45705" siteurl="http://contacts.msn.com">\r
\t<TO pid="0x{low}:0x{high}" name="{address}">\r
\t\t<VIA agent="messenger" />\r
\t</TO>\r
\t<MSG id="0">\r
\t\t<SUBSCR url="s.htm" />\r
\t\t<ACTION url="a.htm" />\r
\t\t<BODY>\r
\t\t\t&lt;NotificationData xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"&gt;\r
\t\t\t\t&lt;Service&gt;ABCHInternal&lt;/Service&gt;\r
\t\t\t\t&lt;CID&gt;-6352115472582797430&lt;/CID&gt;\r
\t\t\t\t&lt;LastModifiedDate&gt;2026-11-22T10:07:19Z&lt;/LastModifiedDate&gt;\r
\t\t\t\t&lt;HasNewItem&gt;false&lt;/HasNewItem&gt;\r
\t\t\t&lt;/NotificationData&gt;\r
\t\t</BODY>\r
\t</MSG>\r
</NOTIFICATION>"""


@dataclass
class Contact:
    """One entry of a user's lists."""

    address: str
    name: str
    guid: str = field(default_factory=wire.new_guid)
    lists: int = 0
    groups: list = field(default_factory=list)
    #: The other has us on his reverse list. REM FL with a group takes that away although we keep him: habit 7.
    known_to_him: bool = True


@dataclass
class Group:
    name: str
    number: int
    guid: str = field(default_factory=wire.new_guid)


class Account:
    def __init__(self, server, address, password):
        self.server, self.address, self.password = server, address, password
        self.key = wire.address_key(address)
        self.guid = wire.new_guid()
        self.name, self.phones, self.mobile = address, {}, {}
        self.strangers, self.prompts, self.serial = "AL", "A", 1
        self.contacts, self.groups = {}, {}
        self.group_numbers = itertools.count(1)
        self.stored = []                # offline messages
        self.old_login = True           # may sign in with MSNP7
        self.psm = None                 # outlives the session, as long as the server runs
        self.sign_out()

    def sign_out(self):
        self.session, self.status, self.caps, self.object = None, None, 0, None

    @property
    def visible(self):
        return self.session is not None and self.status not in (None, "HDN")

    def contact(self, address):
        """The entry, made where it is missing."""
        key = wire.address_key(address)
        if key not in self.contacts:
            other = self.server.accounts.get(key)
            self.contacts[key] = Contact(address, other.name if other else address)
        return self.contacts[key]

    def lists_of(self, address):
        found = self.contacts.get(wire.address_key(address))
        return found.lists if found else 0

    def take_off(self, address, bits):
        key = wire.address_key(address)
        if key in self.contacts:
            self.contacts[key].lists &= ~bits
            if not self.contacts[key].lists:
                del self.contacts[key]

    def contact_by_guid(self, guid):
        return next((one for one in self.contacts.values() if one.guid == guid and one.lists & FL), None)

    def make_group(self, name):
        group = Group(name, next(self.group_numbers))
        self.groups[group.guid] = group
        return group

    def group(self, name):
        """By its name, its GUID or its number; None where there is none."""
        return next((one for one in self.groups.values() if name in (one.name, one.guid, str(one.number))), None)

    def admits(self, other):
        """Whether the other may see and call this user."""
        lists = self.lists_of(other.address)
        return not lists & BL and (self.strangers == "AL" or bool(lists & AL))

    def sees(self, other):
        mine = self.contacts.get(other.key)
        if not mine or not mine.lists & FL or not other.visible or not other.admits(self):
            return False
        return mine.known_to_him or bool(other.lists_of(self.address) & (FL | AL))

    # Lines about this user, as SESSION reads them

    def presence_words(self, session):
        name, more = self.server.quote(self.name), []
        if session.dialect >= 8:
            more.append(str(self.caps))
        if session.dialect >= 9:
            more.append(self.object or wire.NO_OBJECT)
        return [self.status, self.address, name, *more]

    def tell_state(self, session, number=None):
        """ILN with a number, else NLN."""
        head = ["NLN"] if number is None else ["ILN", str(number)]
        session.send([*head, *self.presence_words(session)])

    def tell_psm(self, session):
        if session.dialect >= 11:
            session.send(["UBX", self.address], self.psm or wire.EMPTY_PSM)

    def watchers(self):
        return [one for one in self.server.accounts.values() if one.session and one.status and one is not self and one.sees(self)]

    def announce(self, psm=False):
        for one in self.watchers():
            self.tell_state(one.session)
            if psm:
                self.tell_psm(one.session)

    def announce_to(self, other):
        """What a user gets who has just been let in."""
        if other.session and other.status and other.sees(self):
            self.tell_state(other.session)
            self.tell_psm(other.session)

    def depart(self, watchers):
        for one in watchers:
            if one.session:
                one.session.send(["FLN", self.address])

    # Being on other people's lists

    def was_added_by(self, other):
        self.contact(other.address).lists |= PL
        self.contacts[other.key].lists &= ~RL
        if self.session:
            name = self.server.quote(other.name)
            if self.session.dialect >= 10:
                self.session.send(["ADC", "0", "RL", f"N={other.address}", f"F={name}"])
                self._notice()
            else:
                self.serial += 1
                self.session.send(["ADD", "0", "RL", str(self.serial), other.address, name])

    def was_removed_by(self, other):
        self.take_off(other.address, RL | PL)
        if self.session:
            if self.session.dialect >= 10:
                self.session.send(["REM", "0", "RL", other.address])
                self._notice()
            else:
                self.serial += 1
                self.session.send(["REM", "0", "RL", str(self.serial), other.address])

    def _notice(self):
        text = NOTICE.format(low=self.guid[-8:], high=self.guid[:8], address=self.address)
        self.session.send(["NOT"], text.encode())
