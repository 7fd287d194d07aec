# SPDX-License-Identifier: GPL-2.0-or-later
"""The friend's list on the server: contacts, groups, privacy, authorization, and the icon, which is an item too."""

import hashlib

from oscar import codec
from oscar.codec import BartId, Item, ItemList, Tlvs, decode_utf8, normal, read_items, str16, str8, u16, u32, u8
from waiting import TIMEOUT

INSERT, UPDATE, DELETE = 0x08, 0x09, 0x0A


class Contacts:
    """A part of OscarFriend; .items is the list by (group, id)."""

    async def fetch_list(self):
        items, self.items = [], {}
        for snac in await self.link.ask_all(0x13, 0x04):
            part = ItemList.read(snac.reader())
            items += part.items
            self.list_time = part.time
        self.items = {item.key: item for item in items}

    def list_changed(self, snac):
        """The server, or another sign-on of this user, changed the list."""
        for item in read_items(snac.reader()):
            self.items.pop(item.key, None) if snac.subtype == DELETE else self.items.update({item.key: item})

    async def edit(self, subtype, *items):
        """One change; the results, one for each item. What was done is in .items."""
        self.link.send(0x13, 0x11)
        reader = (await self.link.ask(0x13, subtype, b"".join(item.encode() for item in items))).reader()
        self.link.send(0x13, 0x12)
        results = [reader.u16() for _ in items]
        for item, result in zip(items, results):
            if result == 0:
                self.items.pop(item.key, None) if subtype == DELETE else self.items.update({item.key: item})
        return results

    def contact(self, name):
        return next((item for item in self.of_kind(codec.BUDDY) if normal(item.name) == normal(name)), None)

    def group(self, name):
        return next((item for item in self.of_kind(codec.GROUP) if item.group and item.name == name), None)

    def of_kind(self, kind):
        return [item for item in self.items.values() if item.kind == kind]

    def _free(self, group=0):
        taken = {number for item in self.items.values() for number in (item.group, item.id)} if group == 0 else {
            item.id for item in self.items.values() if item.group == group}
        return next(number for number in range(1, 0x8000) if number not in taken)

    async def add_group(self, name):
        root = self.items.get((0, 0))
        if root is None:
            root = Item("", 0, 0, codec.GROUP)
            await self.edit(INSERT, root)
        made = Item(name, self._free(), 0, codec.GROUP)
        await self.edit(INSERT, made)
        await self._order(0, [*root.order, made.group])
        return made

    async def add_contact(self, name, group="Buddies", alias=None, pending=False):
        """The result: 0, or 000E where authorization is needed and PENDING was not said."""
        home = self.group(group) or await self.add_group(group)
        tlvs = ([(codec.ALIAS, alias.encode())] if alias else []) + ([(codec.PENDING, b"")] if pending else [])
        item = Item(name, home.group, self._free(home.group), codec.BUDDY, Tlvs(tlvs))
        result, = await self.edit(INSERT, item)
        if result == 0:
            await self._order(home.group, [*self.items[home.key].order, item.id])
        return result

    async def _order(self, group, ids):
        home = self.items[group, 0]
        await self.edit(UPDATE, Item(home.name, group, 0, codec.GROUP, home.tlvs.with_(codec.ORDER, b"".join(map(u16, ids)))))

    async def remove_contact(self, name):
        item = self.contact(name)
        results = await self.edit(DELETE, item)
        await self._order(item.group, [one for one in self.items[item.group, 0].order if one != item.id])
        return results[0]

    async def rename_contact(self, name, alias):
        item = self.contact(name)
        tlvs = item.tlvs.with_(codec.ALIAS, alias.encode())
        return await self.edit(UPDATE, Item(item.name, item.group, item.id, item.kind, tlvs))

    async def rename_group(self, name, new):
        item = self.group(name)
        return await self.edit(UPDATE, Item(new, item.group, 0, codec.GROUP, item.tlvs))

    # Privacy

    async def set_privacy(self, mode):
        """1 all, 2 nobody, 3 the permitted, 4 all but the denied, 5 the contacts."""
        found = self.of_kind(codec.PRIVACY)
        item = found[0] if found else Item("", 0, self._free(), codec.PRIVACY, Tlvs([(0xCB, u32(0xFFFFFFFF))]))
        await self.edit(UPDATE if found else INSERT, Item("", 0, item.id, codec.PRIVACY, item.tlvs.with_(codec.MODE, u8(mode))))

    async def deny(self, name, kind=codec.DENY):
        await self.edit(INSERT, Item(name, 0, self._free(), kind))

    async def allow_again(self, name, kind=codec.DENY):
        await self.edit(DELETE, next(item for item in self.of_kind(kind) if normal(item.name) == normal(name)))

    async def disclose_typing(self):
        """Without such an item the server tells nobody that this user supports typing."""
        if not self.of_kind(codec.PREFERENCES):
            tlvs = Tlvs([(0xC9, u32(0x400000)), (0xD6, u32(0x400000))])
            await self.edit(INSERT, Item("", 0, self._free(), codec.PREFERENCES, tlvs))

    # Authorization

    def ask_authorization(self, name, reason):
        self.link.send(0x13, 0x18, str8(name) + str16(reason) + u16(0))

    def authorize(self, name, granted, reason=""):
        self.link.send(0x13, 0x1A, str8(name) + u8(int(granted)) + str16(reason))

    def authorize_ahead(self, name, reason=""):
        self.link.send(0x13, 0x14, str8(name) + str16(reason) + u16(0))

    def _of(self, name):
        return lambda snac: normal(snac.reader().name()) == normal(name)

    async def expect_authorization_request(self, name, timeout=TIMEOUT):
        """The reason."""
        reader = (await self.link.expect(0x13, 0x19, self._of(name), timeout)).reader()
        reader.name()
        return decode_utf8(reader.str16())

    async def expect_authorization_answer(self, name, timeout=TIMEOUT):
        """Whether it was granted, and the reason."""
        reader = (await self.link.expect(0x13, 0x1B, self._of(name), timeout)).reader()
        reader.name()
        return bool(reader.u8()), decode_utf8(reader.str16())

    async def expect_added(self, name, timeout=TIMEOUT):
        await self.link.expect(0x13, 0x1C, self._of(name), timeout)

    # The icon

    async def set_icon(self, image):
        """Sets the icon, and uploads it if the server asks for it; whether it did."""
        digest = hashlib.md5(image).digest()
        found = [item for item in self.of_kind(codec.ICON_ITEM) if item.name == "1"]
        number = found[0].id if found else self._free()
        item = Item("1", 0, number, codec.ICON_ITEM, Tlvs([(codec.BART, u8(0) + str8(digest)), (codec.ALIAS, b"")]))
        await self.edit(UPDATE if found else INSERT, item)
        wanted = BartId.read((await self.link.expect(0x01, 0x21)).reader())
        assert wanted.hash == digest
        if not wanted.flags & 0x40:
            return False
        link = await self.bart()
        answer = (await link.ask(0x10, 0x02, u16(1) + str16(image))).reader()
        assert answer.u8() == 0
        known = BartId.read((await self.link.expect(0x01, 0x21)).reader())
        assert known.hash == digest and not known.flags & 0x40
        return True

    async def bart(self):
        """The connection that images go over: BOS where it offers the family."""
        return self.link if 0x10 in self.link.families else await self.service(0x10)

    async def fetch_icon(self, user):
        """The image that a UserInfo names."""
        link = await self.bart()
        reader = (await link.ask(0x10, 0x04, str8(user.name) + u8(1) + BartId(1, user.icon.hash).encode())).reader()
        reader.name()
        BartId.read(reader)
        return reader.str16()


