# SPDX-License-Identifier: GPL-2.0-or-later
"""The scripted client at both servers, continued: contacts, authorization, privacy, icons, rooms, directory, ICQ."""

import pytest

from oscar import codec
from oscar.codec import Item, Tlvs, normal
from oscar.link import Refused
from oscar.test_client_on_servers import forgive, refused

ICON = b"GIF89a" + bytes(range(256))


# Contacts

async def test_contacts_are_kept(server, friend, name):
    me, other = await friend(server, name()), name("other")
    server.add_user(other)
    assert await me.add_contact(other, "Friends", alias="Röschen") == 0
    assert await me.add_contact(name("ghost"), "Friends") == 0
    await me.quit()
    again = await friend(server, me.name, account=False)
    item = again.contact(other)
    home = again.group("Friends")
    assert item.group == home.group and item.tlvs.text(codec.ALIAS) == "Röschen"
    assert len(home.order) == 2 and item.id in home.order
    if hasattr(server, "user"):
        server.user(me.name).check_list()
    assert again.items[0, 0].order == [home.group]


async def test_contact_is_removed(server, friend, name):
    me, one, two = await friend(server, name()), name("one"), name("two")
    await me.add_contact(one)
    await me.add_contact(two)
    assert await me.remove_contact(one) == 0
    await me.fetch_list()
    assert me.contact(one) is None and me.group("Buddies").order == [me.contact(two).id]


async def test_contact_and_group_are_renamed(server, friend, name):
    me, other = await friend(server, name()), name("other")
    await me.add_contact(other, "Old")
    assert await me.rename_contact(other, "Romeo") == [0]
    assert await me.rename_group("Old", "New") == [0]
    await me.fetch_list()
    assert me.contact(other).tlvs.text(codec.ALIAS) == "Romeo" and me.contact(other).group == me.group("New").group
    assert me.group("Old") is None


async def test_unknown_attributes_and_items_stay(server, friend, name):
    me = await friend(server, name())
    odd = Item("whatever", 0, me._free(), 0x1D, Tlvs([(0x9999, b"\x01\x02"), (0x13D, b"\0\1")]))
    assert await me.edit(0x08, odd) == [0]
    await me.fetch_list()
    assert me.items[odd.key] == odd


async def test_another_sign_on_hears_of_changes(server, friend, name):
    me, other = await friend(server, name()), name("other")
    second = await friend(server, me.name, account=False)
    await me.add_contact(other)
    await second.link.expect(0x13, 0x08, lambda snac: other.encode() in snac.body)
    await me.rename_contact(other, "Romeo")
    await second.link.expect(0x13, 0x09, lambda snac: b"Romeo" in snac.body)
    await me.remove_contact(other)
    await second.link.expect(0x13, 0x0A, lambda snac: other.encode() in snac.body)


# Authorization

async def test_number_asks_and_is_let_in(server, friend, number):
    me, other = await friend(server, number()), await friend(server, number())
    assert await me.add_contact(other.name) == 0x0E
    await me.fetch_list()
    assert me.contact(other.name) is None
    assert await me.add_contact(other.name, pending=True) == 0
    me.ask_authorization(other.name, "please. do. so")
    assert await other.expect_authorization_request(me.name) == "please. do so"
    me.link.inbox.refuse(lambda snac: snac.kind == (0x03, 0x0B), "presence before it was granted")
    other.authorize(me.name, True, "you are welcome")
    assert await me.expect_authorization_answer(other.name) == (True, "you are welcome")
    await me.link.expect(0x13, 0x09)
    assert not me.contact(other.name).pending
    await me.expect_online(other.name)
    await other.expect_added(me.name)


async def test_number_asks_and_is_refused(server, friend, number):
    me, other = await friend(server, number()), await friend(server, number())
    await me.add_contact(other.name, pending=True)
    me.ask_authorization(other.name, "please")
    await other.expect_authorization_request(me.name)
    other.authorize(me.name, False, "we have not met")
    assert await me.expect_authorization_answer(other.name) == (False, "we have not met")
    await me.fetch_list()
    assert me.contact(other.name).pending


async def test_request_waits_for_who_is_off_line(server, friend, number):
    me, other = await friend(server, number()), await friend(server, number(), connect=False)
    await me.add_contact(other.name, pending=True)
    me.ask_authorization(other.name, "please")
    await me.in_step()
    await other.connect()
    await other.fetch_stored_icq()
    assert await other.expect_authorization_request(me.name) == "please"


async def test_authorization_ahead(server, friend, number):
    me, other = await friend(server, number()), await friend(server, number())
    other.authorize_ahead(me.name, "come")
    await me.link.expect(0x13, 0x15)
    assert await me.add_contact(other.name) == 0
    await me.expect_online(other.name)


async def test_nobody_needs_to_ask_where_the_owner_says_so(server, friend, number):
    me, other = await friend(server, number()), await friend(server, number())
    await other.set_authorization(False)
    assert await me.add_contact(other.name) == 0
    await me.expect_online(other.name)


async def test_server_asks_in_the_name_of_an_aim_user(server, friend, name, number):
    me, other = await friend(server, name()), await friend(server, number())
    assert await me.add_contact(other.name) == 0
    await other.expect_authorization_request(me.name)
    other.authorize(me.name, True)
    assert await me.expect_authorization_answer(other.name) == (True, "")
    await me.expect_online(other.name)


# Privacy

async def test_who_is_denied_sees_and_reaches_nobody(server, friend, name):
    me, pest = await friend(server, name()), await friend(server, name())
    await pest.add_contact(me.name)
    await pest.expect_online(me.name)
    await me.deny(pest.name)
    await me.set_privacy(4)
    await pest.expect_offline(me.name)
    assert await refused(pest.say(me.name, "hello")) == 0x04
    assert await refused(me.say(pest.name, "hello")) == 0x10
    await me.allow_again(pest.name)
    await pest.expect_online(me.name)
    await pest.say(me.name, "hello again")
    await me.expect_message(pest.name, "hello again")


async def test_denied_without_the_mode_is_not_denied(server, friend, name):
    me, pest = await friend(server, name()), await friend(server, name())
    await me.deny(pest.name)
    await pest.say(me.name, "hello")
    await me.expect_message(pest.name, "hello")


async def test_only_the_permitted(server, friend, name):
    me, one, two = await friend(server, name()), await friend(server, name()), await friend(server, name())
    await me.deny(one.name, codec.PERMIT)
    await me.set_privacy(3)
    await one.say(me.name, "hello")
    await me.expect_message(one.name, "hello")
    assert await refused(two.say(me.name, "hello")) == 0x04


async def test_nobody_can_deny_himself(server, friend, name):
    me = await friend(server, name())
    assert await refused(me.deny(me.name)) == 0x08


# Icons

async def test_icon_is_uploaded_once_and_fetched(server, friend, name):
    me, other = await friend(server, name()), await friend(server, name())
    await me.add_contact(other.name)
    image = ICON + other.name.encode()
    assert await other.set_icon(image) is True
    seen = await me.expect_online(other.name, lambda user: user.icon and not user.icon.flags & 0x40)
    assert await me.fetch_icon(seen) == image
    assert await other.set_icon(image) is False


async def test_icon_goes(server, friend, name):
    me, other = await friend(server, name()), await friend(server, name())
    await me.add_contact(other.name)
    await other.set_icon(ICON + other.name.encode())
    await me.expect_online(other.name, lambda user: user.icon and not user.icon.flags & 0x40)
    await other.edit(0x0A, *other.of_kind(codec.ICON_ITEM))
    await me.expect_online(other.name, lambda user: not user.icon)


# Rooms

async def test_two_talk_in_a_room(server, friend, name):
    me, other, room = await friend(server, name()), await friend(server, name()), name("My Room")
    mine = await me.join(room)
    assert mine.room.cookie == f"4-0-{room}" and mine.about.tlvs.number(0xD1) == 1024
    theirs = await other.join(room.upper())
    assert theirs.room.cookie == mine.room.cookie and theirs.users == {normal(me.name), normal(other.name)}
    await mine.expect_in(other.name)
    mine.say("hello all")
    await mine.expect_talk(me.name, "hello all")
    await theirs.expect_talk(me.name, "hello all")
    theirs.say("Grüße", "unicode-2-0", reflect=False)
    await mine.expect_talk(other.name, "Grüße")
    theirs.link.inbox.refuse(lambda snac: snac.kind == (0x0E, 0x06), "an echo that nobody asked for")
    theirs.leave()
    await mine.expect_out(other.name)


async def test_whisper(server, friend, name):
    users = [await friend(server, name()) for _ in range(3)]
    visits = [await one.join("Whisper " + users[0].name) for one in users]
    visits[0].say("psst", only=users[1].name, reflect=False)
    await visits[1].expect_talk(users[0].name, "psst", public=False)
    visits[0].say("for all")
    await visits[2].expect_talk(users[0].name, "for all")
    visits[2].link.inbox.refuse(lambda snac: snac.kind == (0x0E, 0x06), "a whisper to another")


async def test_dice(server, friend, name):
    me = await friend(server, name())
    visit = await me.join(name("Dice"))
    visit.say("//roll-dice3-sides10")
    assert me.name in await visit.expect_any("OnlineHost")


async def test_invitation_into_a_room(server, friend, name):
    me, other, room = await friend(server, name()), await friend(server, name()), name("Party")
    mine = await me.join(room)
    cookie = me.invite(other.name, mine.room, "Join me")
    place, text = await other.expect_invitation(me.name)
    assert text == "Join me" and (place.exchange, place.cookie, place.instance) == (4, f"4-0-{room}", 0)
    await other.enter(place)
    await mine.expect_in(other.name)
    other.decline(me.name, cookie)
    await me.link.expect(0x04, 0x0B)


async def test_public_rooms_are_made_by_the_operator_only(server, friend, name):
    me, room = await friend(server, name()), name("Town Square")
    assert await refused(me.find_room(room, 5)) == 0x14
    server.make_public_room(room)
    assert (await me.join(room, 5)).room.cookie == f"5-0-{room}"
    assert await refused(me.find_room(room, 9)) == 0x08


async def test_unknown_room_ends_the_connection(server, friend, name):
    me = await friend(server, name())
    me.link.send(0x01, 0x04, codec.u16(0x0E) + codec.tlv(0x01, codec.Room(4, "4-0-no such room").encode_id()))
    await me.expect_end()
    forgive(server)


async def test_services_that_there_are_not(server, friend, name):
    me = await friend(server, name())
    assert await refused(me.service(0x05)) == 0x05
    nav = await me.service(0x0D)
    assert await refused(nav.ask(0x01, 0x04, codec.u16(0x0D))) == 0x08
    assert await refused(me.service(0x0D, codec.tlv(0x8C), "secure")) == 0x1C


# Directory and ICQ

async def test_directory(server, friend, name):
    me, other, first = await friend(server, name()), await friend(server, name()), name("Fiordiligi")
    await other.set_directory(first=first, last="Rossi", city="Ferrara")
    assert await me.search_directory(first=first) == [normal(other.name)]
    assert await me.search_directory(first=first, last="Bianchi") == []


async def test_search_by_number(server, friend, number):
    me, other = await friend(server, number()), await friend(server, number())
    await other.set_names("Nick", "First", "Last", "n@example.org")
    found, = await me.search_number(other.uin)
    assert (found.uin, found.nick, found.first, found.last, found.email) == (other.uin, "Nick", "First", "Last", "n@example.org")
    assert found.authorize and found.status == 1
    await other.quit()
    assert await me.search_number(4999999) == []


async def test_search_by_name_and_by_address(server, friend, number, name):
    me, nick = await friend(server, number()), name("Dorabella")
    others = [await friend(server, number()) for _ in range(2)]
    for other in others:
        await other.set_names(nick, email=f"{nick}@example.org")
    assert sorted(found.uin for found in await me.search_names(nick=nick)) == sorted(other.uin for other in others)
    assert len(await me.search_email(f"{nick}@example.org")) == 2
    assert await me.search_names(nick=name("nobody")) == []


async def test_short_and_full_info(server, friend, number):
    me, other = await friend(server, number()), await friend(server, number())
    await other.set_names("Nick", "First", "Last", "n@example.org", "Oslo")
    assert await me.short_info(other.uin) == {"nick": "Nick", "first": "First", "last": "Last", "email": "n@example.org",
                                              "authorize": True}
    assert await me.short_info(4999999) is None
    basic = (await me.full_info(other.uin))[0x00C8]
    assert [basic.lestr().decode() for _ in range(5)] == ["Nick", "First", "Last", "n@example.org", "Oslo"]


async def test_full_info_of_nobody_ends_the_connection(server, friend, number):
    me = await friend(server, number())
    with pytest.raises(AssertionError, match="the connection ended"):
        await me.full_info(4999999)
    forgive(server)


async def test_list_if_changed(server, friend, name):
    me = await friend(server, name())
    await me.add_contact(name("other"))
    await me.fetch_list()
    try:
        snac = await me.link.ask(0x13, 0x05, codec.u32(me.list_time) + codec.u8(len(me.items)) + codec.u8(0))
    except Refused as problem:
        pytest.fail(f"13/05 was refused: {problem}")
    assert snac.subtype == 0x0F and snac.reader().u32() == me.list_time
